/* One field's value, by its type. */
#include "base/date.h"
#include "base/message.h"
#include "model/names.h"
#include "model/record_check.h"

#include <unicode/uregex.h>
#include <unicode/ustring.h>

/* Steps ICU may take for one pattern, in its own unit of about a thousand: hostile text must not hold a thread. */
#define PATTERN_TIME_MAX 200

/* ---- plain text ---- */

/* Whole value against the pattern. A compiled pattern is shared, so each use clones it. */
static bool pattern_matches(const struct check *check, const struct field *field, struct str text)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t size = (int32_t)text.len + 1;
    UChar *wide = ARENA_NEW_ARRAY(check->arena, (size_t)size, UChar);
    int32_t length = 0;
    u_strFromUTF8(wide, size, &length, text.ptr, (int32_t)text.len, &status);
    URegularExpression *pattern = uregex_clone(field->pattern_compiled, &status);
    if (U_FAILURE(status)) {
        return false;
    }
    uregex_setTimeLimit(pattern, PATTERN_TIME_MAX, &status);
    uregex_setText(pattern, wide, length, &status);
    bool matches = uregex_matches(pattern, 0, &status) && U_SUCCESS(status);
    uregex_close(pattern);
    return matches;
}

/* http or https, a host, no white space, none of the characters RFC 3986 excludes; beyond ASCII as RFC 3987 allows. */
static bool uri_is_good(struct str s)
{
    static const struct str never = STR("\"<>\\^`{|}");
    static const struct str no_host = STR("/?#:@");
    struct str scheme = str_starts_with(s, STR("https://")) ? STR("https://") : STR("http://");
    struct str rest = str_slice(s, scheme.len, s.len);
    if (!str_starts_with(s, scheme) || rest.len == 0 || str_find_byte(no_host, rest.ptr[0]) < no_host.len) {
        return false;
    }
    for (size_t i = 0; i < rest.len; i++) {
        if ((unsigned char)rest.ptr[i] <= ' ' || str_find_byte(never, rest.ptr[i]) < never.len) {
            return false;
        }
    }
    return str_find(rest, STR("\xE3\x80\x80")) == SIZE_MAX; /* U+3000 */
}

/* One @, something before it, a host with a dot after it, no white space. */
static bool email_is_good(struct str s)
{
    size_t at = str_find_byte(s, '@');
    struct str host = str_slice(s, at + 1, s.len);
    if (at == 0 || at >= s.len || at > 64 || str_find_byte(host, '@') < host.len) {
        return false;
    }
    size_t dot = str_find_byte(host, '.');
    if (dot == 0 || dot >= host.len || host.ptr[host.len - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == '"' || s.ptr[i] == '<' || s.ptr[i] == '>' ||
            s.ptr[i] == ',' || s.ptr[i] == ';') {
            return false;
        }
    }
    return true;
}

static const char *const check_allowed[] = {
    [CHECK_NONE] = "",
    [CHECK_CORPORATE_NUMBER] = "a corporate number (13 digits, the first a check digit)",
    [CHECK_LOCAL_GOVERNMENT_CODE] = "a local government code (6 digits, the last a check digit)",
    [CHECK_ORCID] = "an ORCID as 0000-0002-1825-0097, the last a check character",
    [CHECK_ROR] = "a ROR id as 057zh3y96, the last two check digits",
};

static struct str enumeration_at(const void *items, size_t i)
{
    return ((const struct str *)items)[i];
}

static bool enumeration_has(const struct field *field, struct str text)
{
    for (size_t i = 0; i < field->enumeration_count; i++) {
        if (str_eq(field->enumeration[i], text)) {
            return true;
        }
    }
    return false;
}

/* What the field says of its text beyond its length. */
static bool text_is_allowed(const struct check *check, const struct place *place, const struct field *field,
                            struct str text)
{
    struct str shown = STR("");
    const char *must = NULL;
    if (field->format == TEXT_URI && !uri_is_good(text)) {
        must = "an address that begins with https:// or http:// and has no spaces";
    } else if (field->format == TEXT_EMAIL && !email_is_good(text)) {
        must = "an e-mail address as name@example.org";
    } else if (field->check != CHECK_NONE && !field_check_passes(field->check, text)) {
        must = check_allowed[field->check];
    } else if (field->enumeration_count > 0 && !enumeration_has(field, text)) {
        shown = listed(check->arena, field->enumeration_count, enumeration_at, field->enumeration);
        must = "one of: ";
    } else if (field->pattern_compiled && !pattern_matches(check, field, text)) {
        shown = field->pattern;
        must = "text that matches ";
    }
    if (must) {
        check_problem(check, place, "is %.*s, must be %s%.*s", STR_ARG(quoted(check->arena, text)), message_text(must),
                      STR_ARG(shown));
    }
    return !must;
}

static bool field_text(const struct check *check, const struct place *place, const struct field *field,
                       const struct value *given, struct str *ret_text)
{
    size_t length;
    if (!check_plain_text(check, place, given, field->max_length, ret_text, &length)) {
        return false;
    }
    if (length < field->min_length) {
        check_problem(check, place, "has %zu characters, at least %zu are needed", length, field->min_length);
        return false;
    }
    return text_is_allowed(check, place, field, *ret_text);
}

struct value *check_bilingual(const struct check *check, const struct place *place, const struct field *field,
                              size_t max_length, const struct value *given)
{
    if (given->kind != VALUE_OBJECT) {
        check_problem(check, place, "is %s, must be text in two languages: {\"ja\": …, \"en\": …}",
                      value_kind_words(given->kind));
        return NULL;
    }
    if (!check_members(check, place, given, lang_codes, LANG_COUNT)) {
        return NULL;
    }
    struct value *result = object_with_room(check->arena, LANG_COUNT);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        const struct value *part = value_get(given, lang_codes[lang]);
        if (value_is_empty(part)) {
            continue;
        }
        struct place inside = {.in = place, .name = lang_codes[lang]};
        struct str text;
        if (field ? field_text(check, &inside, field, part, &text)
                  : check_plain_text(check, &inside, part, max_length, &text, NULL)) {
            object_add(result, lang_codes[lang], value_text(check->arena, text));
        }
    }
    return result->object.count > 0 ? result : NULL;
}

/* ---- codes, references, parties ---- */

static struct str term_code_at(const void *items, size_t i)
{
    return ((const struct term *)items)[i].code;
}

static struct value *check_code(const struct check *check, const struct place *place,
                                const struct vocabulary *vocabulary, const struct value *given)
{
    struct str code;
    if (!check_plain_text(check, place, given, 200, &code, NULL)) {
        return NULL;
    }
    if (!vocabulary_term(vocabulary, code)) {
        check_problem(check, place, "is %.*s, which is no code of the vocabulary %.*s, allowed: %.*s",
                      STR_ARG(quoted(check->arena, code)), STR_ARG(vocabulary->name),
                      STR_ARG(listed(check->arena, vocabulary->term_count, term_code_at, vocabulary->terms)));
        return NULL;
    }
    return value_text(check->arena, code);
}

bool check_reference(const struct check *check, const struct place *place, const struct value *given,
                     struct str *ret_id)
{
    static const struct str members[] = {STR("id"), STR("label")};
    const struct value *id = given;
    if (given->kind == VALUE_OBJECT) {
        if (!check_members(check, place, given, members, 2)) {
            return false;
        }
        id = value_get(given, STR("id"));
        if (value_is_empty(id)) {
            check_problem(check, place, "has no \"id\", must be an id or {\"id\": …}");
            return false;
        }
    }
    if (!check_plain_text(check, place, id, 1000, ret_id, NULL)) {
        return false;
    }
    if (!id_is_valid(*ret_id)) {
        check_problem(check, place, "is %.*s, must be an id: %s", STR_ARG(quoted(check->arena, *ret_id)), ID_SHAPE);
        return false;
    }
    return true;
}

static struct value *check_party(const struct check *check, const struct place *place, const struct field *field,
                                 const struct value *given)
{
    static const struct str members[] = {STR("name"), STR("id")};
    struct value *party = object_with_room(check->arena, 1);
    const struct value *name = value_get(given, STR("name"));
    if (!name) {
        struct str id;
        if (!check_reference(check, place, given, &id)) {
            return NULL;
        }
        object_add(party, STR("id"), value_text(check->arena, id));
        return party;
    }
    if (!check_members(check, place, given, members, 2)) {
        return NULL;
    }
    if (!value_is_empty(value_get(given, STR("id")))) {
        check_problem(check, place,
                      "has \"id\" and \"name\", must have the id of a record or a name that is in no register");
        return NULL;
    }
    struct place inside = {.in = place, .name = STR("name")};
    struct value *names = value_is_empty(name) ? NULL : check_bilingual(check, &inside, NULL, field->max_length, name);
    if (!names) {
        return NULL;
    }
    object_add(party, STR("name"), names);
    return party;
}

/* What a text field holds, and each entry of a list. */
static struct value *check_single(const struct check *check, const struct place *place, const struct field *field,
                                  const struct value *given)
{
    struct str text;
    if (field->vocabulary) {
        return check_code(check, place, field->vocabulary, given);
    }
    if (field->party) {
        return check_party(check, place, field, given);
    }
    if (field->reference) {
        return check_reference(check, place, given, &text) ? value_text(check->arena, text) : NULL;
    }
    if (field->bilingual) {
        return check_bilingual(check, place, field, 0, given);
    }
    return field_text(check, place, field, given, &text) ? value_text(check->arena, text) : NULL;
}

static struct value *check_list(const struct check *check, const struct place *place, const struct field *field,
                                const struct value *given)
{
    if (given->kind != VALUE_LIST) {
        check_problem(check, place, "is %s, must be a list", value_kind_words(given->kind));
        return NULL;
    }
    if (given->list.count > field->max_items) {
        check_problem(check, place, "has %zu entries, at most %zu are allowed", given->list.count, field->max_items);
        return NULL;
    }
    struct value *list = value_list(check->arena);
    for (size_t i = 0; i < given->list.count; i++) {
        struct place inside = {.in = place, .index = i};
        const struct value *entry = given->list.items[i];
        struct value *item = value_is_empty(entry) ? NULL : check_single(check, &inside, field, entry);
        for (size_t j = 0; item && j < list->list.count; j++) {
            if (value_equal(list->list.items[j], item)) {
                check_problem(check, &inside, "is there twice, once is allowed");
                item = NULL;
            }
        }
        if (item) {
            value_append(check->arena, list, item);
        }
    }
    return list->list.count > 0 ? list : NULL;
}

/* ---- numbers, times, places ---- */

struct value *check_boolean(const struct check *check, const struct place *place, const struct value *given)
{
    if (given->kind != VALUE_BOOL) {
        check_problem(check, place, "is %s, must be true or false", value_kind_words(given->kind));
        return NULL;
    }
    return value_bool(check->arena, given->boolean);
}

static struct value *check_number(const struct check *check, const struct place *place, const struct field *field,
                                  const struct value *given)
{
    int64_t whole;
    if (given->kind != VALUE_NUMBER) {
        check_problem(check, place, "is %s, must be a number", value_kind_words(given->kind));
        return NULL;
    }
    if (field->type == FIELD_INTEGER && !decimal_to_int64(given->number, &whole)) {
        check_problem(check, place, "has a fraction, must be a whole number");
        return NULL;
    }
    return check_within(check, place, field, given->number) ? value_number(check->arena, given->number) : NULL;
}

bool check_within(const struct check *check, const struct place *place, const struct field *field,
                  struct decimal number)
{
    bool low = field->has_minimum && decimal_cmp(number, field->minimum) < 0;
    bool high = field->has_maximum && decimal_cmp(number, field->maximum) > 0;
    if (!low && !high) {
        return true;
    }
    char shown[DECIMAL_TEXT_MAX];
    char bound[DECIMAL_TEXT_MAX];
    decimal_format(number, shown);
    decimal_format(low ? field->minimum : field->maximum, bound);
    check_problem(check, place, low ? "is %s, must be at least %s" : "is %s, must be at most %s", shown, bound);
    return false;
}

struct value *check_date(const struct check *check, const struct place *place, const struct value *given,
                         struct date *ret_date)
{
    struct str text;
    struct date date;
    if (!check_plain_text(check, place, given, 1000, &text, NULL)) {
        return NULL;
    }
    if (!date_parse(text, &date)) {
        check_problem(check, place, "is %.*s, must be a date as 2022-02-21, 2022-02 or 2022",
                      STR_ARG(quoted(check->arena, text)));
        return NULL;
    }
    *ret_date = date;
    return value_text(check->arena, text);
}

static struct value *check_datetime(const struct check *check, const struct place *place, const struct value *given)
{
    struct str text;
    int64_t time_ms;
    if (!check_plain_text(check, place, given, 1000, &text, NULL)) {
        return NULL;
    }
    if (!time_parse(text, &time_ms)) {
        check_problem(check, place, "is %.*s, must be a point in time as 2022-02-21T13:30:00+09:00",
                      STR_ARG(quoted(check->arena, text)));
        return NULL;
    }
    char formatted[TIME_TEXT_MAX];
    size_t length = time_format(time_ms, formatted);
    return value_text(check->arena, arena_copy(check->arena, str_make(formatted, length)));
}

static struct value *check_coordinate(const struct check *check, const struct place *place, const struct value *given,
                                      struct str name, int most)
{
    struct place inside = {.in = place, .name = name};
    if (value_is_empty(given)) {
        check_problem(check, &inside, "is missing, a place has \"lat\" and \"lon\"");
        return NULL;
    }
    if (given->kind != VALUE_NUMBER || decimal_cmp(given->number, decimal_from_int64(most)) > 0 ||
        decimal_cmp(given->number, decimal_from_int64(-most)) < 0) {
        check_problem(check, &inside, "must be a number of degrees from -%d to %d", most, most);
        return NULL;
    }
    return value_number(check->arena, given->number);
}

static struct value *check_geopoint(const struct check *check, const struct place *place, const struct value *given)
{
    static const struct str members[] = {STR("lat"), STR("lon"), STR("approximate")};
    if (given->kind != VALUE_OBJECT) {
        check_problem(check, place, "is %s, must be {\"lat\": …, \"lon\": …}", value_kind_words(given->kind));
        return NULL;
    }
    if (!check_members(check, place, given, members, 3)) {
        return NULL;
    }
    struct value *lat = check_coordinate(check, place, value_get(given, members[0]), members[0], 90);
    struct value *lon = check_coordinate(check, place, value_get(given, members[1]), members[1], 180);
    const struct value *approximate = value_get(given, members[2]);
    struct place inside = {.in = place, .name = members[2]};
    struct value *flag = value_is_empty(approximate) ? NULL : check_boolean(check, &inside, approximate);
    if (!lat || !lon) {
        return NULL;
    }
    struct value *point = object_with_room(check->arena, 3);
    object_add(point, members[0], lat);
    object_add(point, members[1], lon);
    if (flag && flag->boolean) {
        object_add(point, members[2], flag);
    }
    return point;
}

struct value *check_field(const struct check *check, const struct place *place, const struct field *field,
                          const struct value *given)
{
    struct date date;
    switch (field->type) {
    case FIELD_TEXT:
        return check_single(check, place, field, given);
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        return check_number(check, place, field, given);
    case FIELD_FIGURE:
        return check_figure(check, place, field, given);
    case FIELD_BOOLEAN:
        return check_boolean(check, place, given);
    case FIELD_DATE:
        return check_date(check, place, given, &date);
    case FIELD_DATETIME:
        return check_datetime(check, place, given);
    case FIELD_GEOPOINT:
        return check_geopoint(check, place, given);
    case FIELD_LIST:
        return check_list(check, place, field, given);
    }
    return NULL;
}
