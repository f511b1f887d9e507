#include "base/value.h"

#include "base/memory.h"
#include "base/words.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define DEFAULT_MAX_DEPTH ((size_t)64)
#define DEFAULT_MAX_NODES ((size_t)1000000)
/* With fewer members than this, comparing each key with each is quicker than sorting. */
#define FEW_MEMBERS 12

struct place {
    uint32_t line;
    uint32_t column;
};

struct reader {
    struct arena *arena;
    struct str text;
    size_t at;
    struct json_limits limits;
    size_t depth;
    size_t nodes;
    /* The last place asked for: lines and columns are counted on from here, so that the whole text is counted once. */
    size_t counted_at;
    struct place counted;
    struct err *err;
};

/* Line and column of the byte at `at`, which must not lie before the last one asked for. Columns count code points. */
static struct place place_of(struct reader *reader, size_t at)
{
    while (reader->counted_at < at) {
        struct str rest = str_slice(reader->text, reader->counted_at, at);
        size_t line_length = str_find_byte(rest, '\n');
        if (line_length < rest.len) {
            reader->counted.line++;
            reader->counted.column = 1;
            reader->counted_at += line_length + 1;
        } else {
            reader->counted.column += (uint32_t)str_count_codepoints(rest);
            reader->counted_at = at;
        }
    }
    return reader->counted;
}

__attribute__((format(printf, 4, 5))) static int fail(struct reader *reader, enum err_code code, size_t at,
                                                      const char *format, ...)
{
    if (!reader->err) {
        return -1;
    }
    struct place place = place_of(reader, at);
    ARENA_AUTO scratch;
    arena_init(&scratch, (size_t)1024 * 1024);
    va_list args;
    va_start(args, format);
    struct str what = arena_vformat(&scratch, format, args);
    va_end(args);
    return err_set(reader->err, code, "%u:%u: %s", place.line, place.column, what.ptr);
}

/* Fails with what was expected and what stands there instead. */
static int fail_unexpected(struct reader *reader, const char *expected)
{
    if (reader->at >= reader->text.len) {
        return fail(reader, ERR_INVALID, reader->text.len, "expected %s, found the end of the text", expected);
    }
    unsigned char byte = (unsigned char)reader->text.ptr[reader->at];
    if (byte < 0x20 || byte == 0x7f) {
        return fail(reader, ERR_INVALID, reader->at, "expected %s, found the control character U+%04X", expected,
                    (unsigned)byte);
    }
    size_t len = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    struct str found = str_slice(reader->text, reader->at, reader->at + len);
    return fail(reader, ERR_INVALID, reader->at, "expected %s, found '%.*s'", expected, STR_ARG(found));
}

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->text.len) {
        char byte = reader->text.ptr[reader->at];
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r') {
            break;
        }
        reader->at++;
    }
}

/* The next byte, or -1 at the end. */
static int peek(const struct reader *reader)
{
    return reader->at < reader->text.len ? (unsigned char)reader->text.ptr[reader->at] : -1;
}

static bool take_byte(struct reader *reader, char byte)
{
    if (peek(reader) != (unsigned char)byte) {
        return false;
    }
    reader->at++;
    return true;
}

/* Room that is left over for rounding up and for gaps between pieces. */
#define ROOM_TO_SPARE 4096

/* Fails when the arena could not give `bytes` more: an arena that is used up ends the process, which what comes from outside
 * must not be able to do. */
static int check_room(struct reader *reader, size_t bytes)
{
    size_t left = reader->arena->max_bytes - reader->arena->used_bytes;
    if (left < ROOM_TO_SPARE || bytes > left - ROOM_TO_SPARE) {
        return fail(reader, ERR_LIMIT, reader->at, "the document takes more memory than is allowed");
    }
    return 0;
}

/* ---- text ---- */

static int read_four_digits(struct reader *reader, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int byte = peek(reader);
        int digit = byte >= '0' && byte <= '9'   ? byte - '0'
                    : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
                    : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                                 : -1;
        if (digit < 0) {
            return fail_unexpected(reader, "four hexadecimal digits after \\u");
        }
        unit = unit * 16 + (uint32_t)digit;
        reader->at++;
    }
    *ret_unit = unit;
    return 0;
}

static size_t put_codepoint(char *to, uint32_t codepoint)
{
    if (codepoint < 0x80) {
        to[0] = (char)codepoint;
        return 1;
    }
    if (codepoint < 0x800) {
        to[0] = (char)(0xc0 | codepoint >> 6);
        to[1] = (char)(0x80 | (codepoint & 0x3f));
        return 2;
    }
    if (codepoint < 0x10000) {
        to[0] = (char)(0xe0 | codepoint >> 12);
        to[1] = (char)(0x80 | (codepoint >> 6 & 0x3f));
        to[2] = (char)(0x80 | (codepoint & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | codepoint >> 18);
    to[1] = (char)(0x80 | (codepoint >> 12 & 0x3f));
    to[2] = (char)(0x80 | (codepoint >> 6 & 0x3f));
    to[3] = (char)(0x80 | (codepoint & 0x3f));
    return 4;
}

/* After "\u". What is written in six or twelve bytes takes at most four, so it fits where the escape stood. */
static int read_unicode_escape(struct reader *reader, size_t begin, char *to, size_t *ret_len)
{
    uint32_t unit;
    if (read_four_digits(reader, &unit) < 0) {
        return -1;
    }
    if (unit >= 0xdc00 && unit <= 0xdfff) {
        return fail(reader, ERR_INVALID, begin, "a low surrogate without a high one before it");
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
        uint32_t low;
        if (!str_starts_with(str_slice(reader->text, reader->at, reader->text.len), STR("\\u"))) {
            return fail(reader, ERR_INVALID, begin, "a high surrogate without a low one after it");
        }
        reader->at += 2;
        if (read_four_digits(reader, &low) < 0) {
            return -1;
        }
        if (low < 0xdc00 || low > 0xdfff) {
            return fail(reader, ERR_INVALID, begin, "a high surrogate without a low one after it");
        }
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    *ret_len = put_codepoint(to, unit);
    return 0;
}

/* At a backslash. */
static int read_escape(struct reader *reader, char *to, size_t *ret_len)
{
    size_t begin = reader->at++;
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    int byte = peek(reader);
    if (byte == 'u') {
        reader->at++;
        return read_unicode_escape(reader, begin, to, ret_len);
    }
    const char *letter = byte > 0 ? strchr(letters, byte) : NULL;
    if (!letter) {
        return fail_unexpected(reader, "one of \" \\ / b f n r t u after a backslash");
    }
    reader->at++;
    *to = meanings[letter - letters];
    *ret_len = 1;
    return 0;
}

static bool ends_run(unsigned char byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

static uint64_t may_end_run(uint64_t word)
{
    return word_may_have_below(word, 0x20) | word_may_have(word, '"') | word_may_have(word, '\\');
}

/* Position of the first byte from `at` on that is not simply part of a text. */
static size_t run_end(const struct reader *reader, size_t at)
{
    struct str text = reader->text;
    while (at + WORD_BYTES <= text.len && !may_end_run(word_at(text.ptr + at))) {
        at += WORD_BYTES;
    }
    while (at < text.len && !ends_run((unsigned char)text.ptr[at])) {
        at++;
    }
    return at;
}

/* From a backslash on, with `begin` the first byte after the opening quote. */
static int read_escaped_text(struct reader *reader, size_t begin, struct str *ret_text)
{
    /* Where the text ends if it is well-formed: no longer than that is what it stands for. */
    size_t end = reader->at;
    while (end < reader->text.len && reader->text.ptr[end] != '"') {
        end = run_end(reader, end + (reader->text.ptr[end] == '\\' ? 2 : 1));
    }
    end = end < reader->text.len ? end : reader->text.len;
    if (check_room(reader, end - begin + 1) < 0) {
        return -1;
    }
    char *ptr = arena_alloc(reader->arena, end - begin + 1);
    size_t len = 0;
    size_t from = begin;
    for (;;) {
        memcpy(ptr + len, reader->text.ptr + from, reader->at - from);
        len += reader->at - from;
        if (peek(reader) != '\\') {
            break;
        }
        size_t put = 0;
        if (read_escape(reader, ptr + len, &put) < 0) {
            return -1;
        }
        len += put;
        from = reader->at;
        reader->at = run_end(reader, from);
    }
    if (!take_byte(reader, '"')) {
        return fail_unexpected(reader, "a character of the text or its closing quote");
    }
    *ret_text = str_make(ptr, len);
    return 0;
}

static int read_text(struct reader *reader, struct str *ret_text)
{
    size_t begin = ++reader->at;
    reader->at = run_end(reader, begin);
    if (peek(reader) == '\\') {
        return read_escaped_text(reader, begin, ret_text);
    }
    struct str raw = str_slice(reader->text, begin, reader->at);
    if (!take_byte(reader, '"')) {
        return fail_unexpected(reader, "a character of the text or its closing quote");
    }
    if (check_room(reader, raw.len + 1) < 0) {
        return -1;
    }
    *ret_text = arena_copy(reader->arena, raw);
    return 0;
}

/* ---- numbers and words ---- */

static bool is_number_byte(int byte)
{
    return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == '.' || byte == 'e' || byte == 'E';
}

static int read_number(struct reader *reader, struct decimal *ret_number)
{
    size_t begin = reader->at;
    while (is_number_byte(peek(reader))) {
        reader->at++;
    }
    struct str text = str_slice(reader->text, begin, reader->at);
    if (!decimal_parse(text, ret_number)) {
        struct str shown = str_slice(text, 0, 40);
        return fail(reader, ERR_INVALID, begin, "'%.*s%s' is no number of at most 18 digits", STR_ARG(shown),
                    shown.len < text.len ? "…" : "");
    }
    return 0;
}

static bool take_word(struct reader *reader, struct str word)
{
    if (!str_starts_with(str_slice(reader->text, reader->at, reader->text.len), word)) {
        return false;
    }
    reader->at += word.len;
    return true;
}

/* ---- trees ---- */

static int read_value(struct reader *reader, struct value **ret_value);

/* Before one more element of `size` bytes is added to `count` others, which may double the room they have. */
static int check_growth(struct reader *reader, size_t count, size_t size)
{
    return check_room(reader, (2 * count + 1) * size);
}

static int compare_keys(const void *left, const void *right)
{
    const struct value_member *const *a = left;
    const struct value_member *const *b = right;
    int order = str_cmp((*a)->key, (*b)->key);
    /* Equal keys in the order in which they stand, so that the later one is the duplicate. */
    return order != 0 ? order : (*a > *b) - (*a < *b);
}

static const struct value_member *find_duplicate_among_few(const struct value *object)
{
    for (size_t i = 1; i < object->object.count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (str_eq(object->object.members[i].key, object->object.members[j].key)) {
                return &object->object.members[i];
            }
        }
    }
    return NULL;
}

/* Sorts rather than hashes: no choice of keys makes it slow. */
static const struct value_member *find_duplicate(const struct value *object)
{
    size_t count = object->object.count;
    if (count < FEW_MEMBERS) {
        return find_duplicate_among_few(object);
    }
    const struct value_member **sorted = memory_alloc_array(count, sizeof(*sorted));
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &object->object.members[i];
    }
    qsort(sorted, count, sizeof(*sorted), compare_keys);
    const struct value_member *duplicate = NULL;
    for (size_t i = 1; i < count && !duplicate; i++) {
        duplicate = str_eq(sorted[i - 1]->key, sorted[i]->key) ? sorted[i] : NULL;
    }
    free(sorted);
    return duplicate;
}

static int read_member(struct reader *reader, struct value *object)
{
    if (peek(reader) != '"') {
        return fail_unexpected(reader, "a key in double quotes");
    }
    struct place place = place_of(reader, reader->at);
    struct str key;
    struct value *value;
    if (read_text(reader, &key) < 0) {
        return -1;
    }
    skip_space(reader);
    if (!take_byte(reader, ':')) {
        return fail_unexpected(reader, "':' after a key");
    }
    skip_space(reader);
    if (read_value(reader, &value) < 0 || check_growth(reader, object->object.count, sizeof(struct value_member)) < 0) {
        return -1;
    }
    struct value_member *member = value_add_member(reader->arena, object, key, value);
    member->line = place.line;
    member->column = place.column;
    return 0;
}

static int fail_duplicate(struct reader *reader, const struct value_member *member)
{
    struct str shown = str_slice(member->key, 0, 80);
    shown = str_slice(shown, 0, str_utf8_length(shown));
    return err_set(reader->err, ERR_INVALID, "%u:%u: the key \"%.*s\" stands here twice", member->line, member->column,
                   STR_ARG(shown));
}

static int read_object(struct reader *reader, struct value *object)
{
    reader->at++;
    skip_space(reader);
    if (take_byte(reader, '}')) {
        return 0;
    }
    do {
        skip_space(reader);
        if (read_member(reader, object) < 0) {
            return -1;
        }
        skip_space(reader);
    } while (take_byte(reader, ','));
    if (!take_byte(reader, '}')) {
        return fail_unexpected(reader, "',' or '}' after a member");
    }
    const struct value_member *duplicate = find_duplicate(object);
    return duplicate ? fail_duplicate(reader, duplicate) : 0;
}

static int read_list(struct reader *reader, struct value *list)
{
    reader->at++;
    skip_space(reader);
    if (take_byte(reader, ']')) {
        return 0;
    }
    do {
        struct value *item;
        skip_space(reader);
        if (read_value(reader, &item) < 0 || check_growth(reader, list->list.count, sizeof(item)) < 0) {
            return -1;
        }
        value_append(reader->arena, list, item);
        skip_space(reader);
    } while (take_byte(reader, ','));
    if (!take_byte(reader, ']')) {
        return fail_unexpected(reader, "',' or ']' after an item");
    }
    return 0;
}

static int read_nested(struct reader *reader, struct value *value)
{
    if (reader->depth == reader->limits.max_depth) {
        return fail(reader, ERR_LIMIT, reader->at, "nested more than %zu levels deep", reader->limits.max_depth);
    }
    reader->depth++;
    int result = value->kind == VALUE_OBJECT ? read_object(reader, value) : read_list(reader, value);
    reader->depth--;
    return result;
}

static int read_word(struct reader *reader, struct value *value)
{
    if (take_word(reader, STR("null"))) {
        value->kind = VALUE_NULL;
        return 0;
    }
    value->kind = VALUE_BOOL;
    value->boolean = take_word(reader, STR("true"));
    if (value->boolean || take_word(reader, STR("false"))) {
        return 0;
    }
    return fail_unexpected(reader, "a value");
}

static int read_value(struct reader *reader, struct value **ret_value)
{
    if (reader->nodes == reader->limits.max_nodes) {
        return fail(reader, ERR_LIMIT, reader->at, "more than %zu values", reader->limits.max_nodes);
    }
    if (check_room(reader, sizeof(struct value)) < 0) {
        return -1;
    }
    reader->nodes++;
    struct place place = place_of(reader, reader->at);
    struct value *value = value_null(reader->arena);
    value->line = place.line;
    value->column = place.column;
    int byte = peek(reader);
    int result;
    if (byte == '"') {
        value->kind = VALUE_TEXT;
        result = read_text(reader, &value->text);
    } else if (byte == '{' || byte == '[') {
        value->kind = byte == '{' ? VALUE_OBJECT : VALUE_LIST;
        result = read_nested(reader, value);
    } else if (byte == '-' || (byte >= '0' && byte <= '9')) {
        value->kind = VALUE_NUMBER;
        result = read_number(reader, &value->number);
    } else {
        result = read_word(reader, value);
    }
    if (result == 0) {
        *ret_value = value;
    }
    return result;
}

static int read_document(struct reader *reader, struct value **ret_value)
{
    if (reader->text.len > reader->limits.max_bytes) {
        return fail(reader, ERR_LIMIT, 0, "the document has %zu bytes, at most %zu are allowed", reader->text.len,
                    reader->limits.max_bytes);
    }
    size_t valid = str_utf8_length(reader->text);
    if (valid < reader->text.len) {
        return fail(reader, ERR_INVALID, valid, "this is not UTF-8");
    }
    struct value *value;
    skip_space(reader);
    if (read_value(reader, &value) < 0) {
        return -1;
    }
    skip_space(reader);
    if (reader->at < reader->text.len) {
        return fail_unexpected(reader, "nothing more after the document");
    }
    *ret_value = value;
    return 0;
}

int json_read(struct arena *arena, struct str text, const struct json_limits *limits, struct value **ret_value,
              struct err *err)
{
    struct reader reader = {
        .arena = arena,
        .text = text,
        .counted = {1, 1},
        .err = err,
    };
    if (limits) {
        reader.limits = *limits;
    }
    reader.limits.max_bytes = reader.limits.max_bytes ? reader.limits.max_bytes : DEFAULT_MAX_BYTES;
    reader.limits.max_depth = reader.limits.max_depth ? reader.limits.max_depth : DEFAULT_MAX_DEPTH;
    reader.limits.max_nodes = reader.limits.max_nodes ? reader.limits.max_nodes : DEFAULT_MAX_NODES;
    if (str_starts_with(text, STR("\xef\xbb\xbf"))) {
        reader.text = str_slice(text, 3, text.len);
    }
    return read_document(&reader, ret_value);
}
