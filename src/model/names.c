#include "model/names.h"

#include "base/buf.h"
#include "model/model.h"

#include <unicode/ucurr.h>

/* One space before and after each word, so that a word is found with its spaces. */
const struct str reserved_registers_text =
    STR(" plan roadmap map search suggest data about contact edition api static healthz metrics openapi.json ");
const struct str reserved_fields_text = STR(
    " id owner visibility from to attested_on sources seq register on as_of sort limit cursor lang total items next "
    "facets q history ");

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* `first` and `rest` say which kinds of characters may stand there. */
static bool shape_is(struct str name, size_t max, bool (*first)(char), bool (*rest)(char))
{
    if (name.len == 0 || name.len > max || !first(name.ptr[0])) {
        return false;
    }
    for (size_t i = 1; i < name.len; i++) {
        if (!rest(name.ptr[i])) {
            return false;
        }
    }
    return true;
}

static bool in_register_name(char c)
{
    return is_lower(c) || is_digit(c) || c == '-';
}

static bool in_field_name(char c)
{
    return is_lower(c) || is_digit(c) || c == '_';
}

static bool begins_code(char c)
{
    return is_lower(c) || is_digit(c) || is_upper(c);
}

static bool in_code(char c)
{
    return begins_code(c) || c == '.' || c == '%' || c == '-';
}

static bool begins_id(char c)
{
    return is_lower(c) || is_digit(c);
}

static bool in_id(char c)
{
    return begins_id(c) || c == '.' || c == '-';
}

bool name_is_register_name(struct str name)
{
    return shape_is(name, 40, is_lower, in_register_name);
}

bool name_is_field_name(struct str name)
{
    return shape_is(name, 40, is_lower, in_field_name) && str_find(name, STR("__")) == SIZE_MAX;
}

bool name_is_code(struct str code)
{
    return shape_is(code, 40, begins_code, in_code);
}

bool id_is_valid(struct str id)
{
    return shape_is(id, ID_MAX, begins_id, in_id);
}

static bool word_is_in(struct str word, struct str words)
{
    if (word.len == 0 || str_find_byte(word, ' ') < word.len) {
        return false;
    }
    struct str rest = words;
    struct str part;
    bool done = false;
    while (str_next_part(&rest, ' ', &done, &part)) {
        if (str_eq(part, word)) {
            return true;
        }
    }
    return false;
}

bool name_is_reserved_register(struct str name)
{
    return word_is_in(name, reserved_registers_text);
}

bool name_is_reserved_field(struct str name)
{
    return word_is_in(name, reserved_fields_text);
}

bool currency_is_known(struct str code)
{
    if (code.len != 3) {
        return false;
    }
    UChar wide[4] = {0};
    for (size_t i = 0; i < 3; i++) {
        if (!is_upper(code.ptr[i])) {
            return false;
        }
        wide[i] = (UChar)code.ptr[i];
    }
    /* The currency nearly all figures have needs no look-up in ICU's tables. */
    return str_eq(code, STR("JPY")) || ucurr_getNumericCode(wide) != 0;
}

struct str quoted(struct arena *arena, struct str text)
{
    const size_t max = 60;
    size_t end = text.len <= max ? text.len : max;
    while (end > 0 && end < text.len && ((unsigned char)text.ptr[end] & 0xC0) == 0x80) {
        end--;
    }
    struct str cut =
        arena_concat(arena, 3, STR("\""), str_slice(text, 0, end), end < text.len ? STR("…\"") : STR("\""));
    char *bytes = (char *)cut.ptr;
    for (size_t i = 0; i < cut.len; i++) {
        if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7F) {
            bytes[i] = '?';
        }
    }
    return cut;
}

struct str listed(struct arena *arena, size_t count, struct str (*get)(const void *items, size_t i), const void *items)
{
    const size_t max = 15;
    BUF_AUTO buf;
    buf_init(&buf, 4096);
    for (size_t i = 0; i < count && i < max; i++) {
        buf_add(&buf, i > 0 ? STR(", ") : STR(""));
        buf_add(&buf, get(items, i));
    }
    if (count > max) {
        buf_add_format(&buf, " … (%zu in all)", count);
    }
    return arena_copy(arena, buf_str(&buf));
}
