#include "base/value.h"

#include "base/memory.h"
#include "base/words.h"

#include <stdlib.h>
#include <string.h>

/* How a tree is written. */
struct style {
    bool sorted; /* members by key */
    bool pretty; /* one member or item a line */
};

/* Not zero when some byte may need care: a control character, a quote, a backslash, or '<' (for "</"). */
static uint64_t needs_care(uint64_t word)
{
    return word_may_have_below(word, 0x20) | word_may_have(word, '"') | word_may_have(word, '\\') |
           word_may_have(word, '<');
}

static bool is_special(unsigned char byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\' || byte == '<';
}

/* Number of bytes from `at` on that are written as they are. */
static size_t plain_run(struct str text, size_t at)
{
    size_t from = at;
    while (text.len - at >= WORD_BYTES && !needs_care(word_at(text.ptr + at))) {
        at += WORD_BYTES;
    }
    while (at < text.len && !is_special((unsigned char)text.ptr[at])) {
        at++;
    }
    return at - from;
}

static void write_special(struct buf *buf, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    static const char short_forms[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
    };
    if (byte == '"' || byte == '\\') {
        buf_add(buf, str_make((const char[]){'\\', (char)byte}, 2));
    } else if (short_forms[byte]) {
        buf_add(buf, str_make((const char[]){'\\', short_forms[byte]}, 2));
    } else {
        buf_add(buf, str_make((const char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6));
    }
}

/* The rest of a text from the first byte that needs care on. */
static void write_with_care(struct buf *buf, struct str text, size_t at)
{
    while (at < text.len) {
        unsigned char byte = (unsigned char)text.ptr[at];
        at++;
        if (byte != '<') {
            write_special(buf, byte);
        } else if (at < text.len && text.ptr[at] == '/') {
            buf_add_literal(buf, "<\\/");
            at++;
        } else {
            buf_add_byte(buf, '<');
        }
        size_t run = plain_run(text, at);
        buf_add(buf, str_slice(text, at, at + run));
        at += run;
    }
}

void json_write_text(struct buf *buf, struct str text)
{
    size_t run = plain_run(text, 0);
    if (!buf_reserve(buf, run + 2)) {
        return;
    }
    char *to = buf->ptr + buf->len;
    *to = '"';
    if (run > 0) {
        memcpy(to + 1, text.ptr, run);
    }
    buf->len += run + 1;
    if (run < text.len) {
        write_with_care(buf, text, run);
    }
    buf_add_byte(buf, '"');
}

static void write_value(struct buf *buf, const struct value *value, struct style style, size_t depth);

/* What stands between the brackets and around commas when lines are broken. */
static void break_line(struct buf *buf, struct style style, size_t depth)
{
    if (!style.pretty) {
        return;
    }
    buf_add_byte(buf, '\n');
    for (size_t i = 0; i < depth; i++) {
        buf_add_literal(buf, "  ");
    }
}

static void write_list(struct buf *buf, const struct value *list, struct style style, size_t depth)
{
    buf_add_byte(buf, '[');
    for (size_t i = 0; i < list->list.count; i++) {
        if (i > 0) {
            buf_add_byte(buf, ',');
        }
        break_line(buf, style, depth + 1);
        write_value(buf, list->list.items[i], style, depth + 1);
    }
    if (list->list.count > 0) {
        break_line(buf, style, depth);
    }
    buf_add_byte(buf, ']');
}

static void write_members(struct buf *buf, const struct value_member *members, size_t count, struct style style,
                          size_t depth)
{
    buf_add_byte(buf, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buf_add_byte(buf, ',');
        }
        break_line(buf, style, depth + 1);
        json_write_text(buf, members[i].key);
        buf_add_byte(buf, ':');
        if (style.pretty) {
            buf_add_byte(buf, ' ');
        }
        write_value(buf, members[i].value, style, depth + 1);
    }
    if (count > 0) {
        break_line(buf, style, depth);
    }
    buf_add_byte(buf, '}');
}

static int compare_members(const void *left, const void *right)
{
    const struct value_member *a = left;
    const struct value_member *b = right;
    return str_cmp(a->key, b->key);
}

static void write_object(struct buf *buf, const struct value *object, struct style style, size_t depth)
{
    size_t count = object->object.count;
    if (!style.sorted || count < 2) {
        write_members(buf, object->object.members, count, style, depth);
        return;
    }
    struct value_member *sorted = memory_alloc_array(count, sizeof(*sorted));
    memcpy(sorted, object->object.members, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_members);
    write_members(buf, sorted, count, style, depth);
    free(sorted);
}

static void write_value(struct buf *buf, const struct value *value, struct style style, size_t depth)
{
    if (value_is_null(value)) {
        buf_add_literal(buf, "null");
        return;
    }
    switch (value->kind) {
    case VALUE_NULL:
        break;
    case VALUE_BOOL:
        buf_add(buf, value->boolean ? STR("true") : STR("false"));
        break;
    case VALUE_NUMBER:
        if (value->number.scale == 0) {
            buf_add_int64(buf, value->number.mantissa);
        } else {
            char text[DECIMAL_TEXT_MAX];
            size_t len = decimal_format(value->number, text);
            buf_add(buf, str_make(text, len));
        }
        break;
    case VALUE_TEXT:
        json_write_text(buf, value->text);
        break;
    case VALUE_LIST:
        write_list(buf, value, style, depth);
        break;
    case VALUE_OBJECT:
        write_object(buf, value, style, depth);
        break;
    }
}

void value_write_json(struct buf *buf, const struct value *value)
{
    write_value(buf, value, (struct style){0}, 0);
}

void value_write_canonical_json(struct buf *buf, const struct value *value)
{
    write_value(buf, value, (struct style){.sorted = true}, 0);
}

void value_write_pretty_json(struct buf *buf, const struct value *value)
{
    write_value(buf, value, (struct style){.pretty = true}, 0);
    buf_add_byte(buf, '\n');
}
