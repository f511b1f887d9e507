/* A row of a table becomes the value tree that record_from_value takes. Cells are read generously here (widths, eras, words);
 * whether the content is allowed is the record's check. */
#include "base/date.h"
#include "base/message.h"
#include "base/text.h"
#include "model/columns.h"
#include "model/names.h"
#include "model/number_words.h"
#include "model/record_check.h"

struct row {
    const struct model *model;
    const struct reg *reg;
    struct arena *arena;
    struct record_problems *problems;
    struct value **fields; /* by the field's position */
    struct value *common;  /* an object of what every record has, by the column's name */
};

static void cell_problem(const struct row *row, const struct column *column, struct str cell, const char *must)
{
    record_problems_add(row->problems, column->name, "is %.*s, must be %s", STR_ARG(quoted(row->arena, cell)),
                        message_text(must));
}

/* NFKC and trimmed, for everything that is not text: digits and letters of full width count as plain ones. */
static struct str plain(const struct row *row, struct str cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        if ((unsigned char)cell.ptr[i] >= 0x80) {
            return str_trim(text_nfkc(row->arena, cell));
        }
    }
    return cell;
}

static struct value *own_text(const struct row *row, struct str text)
{
    return value_text(row->arena, arena_copy(row->arena, text));
}

/* ---- single values ---- */

static struct value *number_cell(const struct row *row, const struct column *column, struct str cell)
{
    struct decimal number;
    if (!decimal_parse(cell, &number) && !number_from_text(plain(row, cell), &number)) {
        cell_problem(row, column, cell, "a number as 1234, 1,234, -5.6, △12 or 3千万");
        return NULL;
    }
    return value_number(row->arena, number);
}

static struct value *boolean_cell(const struct row *row, const struct column *column, struct str cell)
{
    static const struct str yes[] = {STR("true"), STR("1"), STR("yes"), STR("y"),
                                     STR("はい"), STR("○"), STR("〇"),  STR("◯")};
    static const struct str no[] = {STR("false"), STR("0"), STR("no"), STR("n"), STR("いいえ"), STR("×"), STR("✕")};
    struct str text = plain(row, cell);
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (str_eq_ignoring_case(text, yes[i])) {
            return value_bool(row->arena, true);
        }
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        if (str_eq_ignoring_case(text, no[i])) {
            return value_bool(row->arena, false);
        }
    }
    cell_problem(row, column, cell, "true, 1, yes, y, はい, ○ or false, 0, no, n, いいえ, ×");
    return NULL;
}

static struct value *date_value(const struct row *row, struct date date)
{
    char text[DATE_TEXT_MAX];
    size_t length = date_format(date, text);
    return own_text(row, str_make(text, length));
}

static struct value *date_cell(const struct row *row, const struct column *column, struct str cell)
{
    struct date date;
    if (!date_parse(cell, &date) && !date_parse_loosely(cell, &date)) {
        cell_problem(row, column, cell,
                     "a date as 2022-02-21, 2022-02, 2022, 2022年2月21日, 令和4年2月21日, R4.2.21, 2022/2/21");
        return NULL;
    }
    return date_value(row, date);
}

static struct str term_code_at(const void *items, size_t i)
{
    return ((const struct term *)items)[i].code;
}

static struct value *code_cell(const struct row *row, const struct column *column, const struct vocabulary *vocabulary,
                               struct str cell)
{
    const struct term *term = vocabulary_find(vocabulary, cell);
    if (!term) {
        record_problems_add(row->problems, column->name,
                            "is %.*s, which is no code, word or other spelling of the vocabulary %.*s, allowed: %.*s",
                            STR_ARG(quoted(row->arena, cell)), STR_ARG(vocabulary->name),
                            STR_ARG(listed(row->arena, vocabulary->term_count, term_code_at, vocabulary->terms)));
        return NULL;
    }
    return value_text(row->arena, term->code);
}

/* Copies the text and takes the backslash off each `\x` where x is the mark or a backslash. Ends at the first bare mark; *ret_end
 * is its place, or the length. */
static struct str unescaped_until(const struct row *row, struct str text, char mark, size_t *ret_end)
{
    char *out = arena_alloc(row->arena, text.len + 1);
    size_t len = 0;
    size_t i = 0;
    while (i < text.len && text.ptr[i] != mark) {
        if (text.ptr[i] == '\\' && i + 1 < text.len && (text.ptr[i + 1] == mark || text.ptr[i + 1] == '\\')) {
            i++;
        }
        out[len++] = text.ptr[i++];
    }
    *ret_end = i;
    return str_make(out, len);
}

/* The id, or `日本語名|English name`. */
static struct value *party_cell(const struct row *row, const struct column *column, struct str cell)
{
    size_t bar;
    struct str first = unescaped_until(row, cell, '|', &bar);
    if (bar == cell.len) {
        return value_text(row->arena, first);
    }
    size_t end;
    struct str rest = str_slice(cell, bar + 1, cell.len);
    struct str second = unescaped_until(row, rest, '|', &end);
    if (end < rest.len) {
        cell_problem(row, column, cell, "an id or 日本語名|English name, with one bar");
        return NULL;
    }
    struct value *name = object_with_room(row->arena, LANG_COUNT);
    object_add(name, lang_codes[LANG_JA], value_text(row->arena, text_trimmed(first)));
    object_add(name, lang_codes[LANG_EN], value_text(row->arena, text_trimmed(second)));
    struct value *party = object_with_room(row->arena, 1);
    object_add(party, STR("name"), name);
    return party;
}

static struct value *single_cell(const struct row *row, const struct column *column, struct str cell)
{
    if (column->field->vocabulary) {
        return code_cell(row, column, column->field->vocabulary, cell);
    }
    return column->field->party ? party_cell(row, column, cell) : own_text(row, cell);
}

static struct value *list_cell(const struct row *row, const struct column *column, struct str cell)
{
    struct value *list = value_list(row->arena);
    struct str rest = cell;
    bool more = true;
    while (more) {
        size_t end;
        struct str entry = text_trimmed(unescaped_until(row, rest, ';', &end));
        more = end < rest.len;
        rest = str_slice(rest, end + 1, rest.len);
        struct value *item = entry.len > 0 ? single_cell(row, column, entry) : NULL;
        if (item) {
            value_append(row->arena, list, item);
        }
    }
    return list;
}

static struct value *json_cell(const struct row *row, const struct column *column, struct str cell)
{
    static const struct json_limits limits = {.max_bytes = 1 << 20, .max_depth = 8, .max_nodes = 10000};
    struct value *value;
    struct err err;
    if (json_read(row->arena, cell, &limits, &value, &err) < 0) {
        record_problems_add(row->problems, column->name, "is no JSON (%s), must be a list as in the API", err.message);
        return NULL;
    }
    return value;
}

/* ---- the parts of figures, places and bilingual texts ---- */

/* FY2020, 2020年度 and 令和2年度 are fiscal years; a slash between two ISO dates makes a span; else it is a date. */
static struct value *period_cell(const struct row *row, const struct column *column, struct str cell)
{
    struct str text = plain(row, cell);
    struct str fiscal = STR("年度");
    struct date date;
    struct date to;
    size_t slash = str_find_byte(text, '/');
    if (str_eq_ignoring_case(str_slice(text, 0, 2), STR("FY")) && text.len == 6) {
        return value_text(row->arena, arena_concat(row->arena, 2, STR("FY"), str_slice(text, 2, 6)));
    }
    if (str_ends_with(text, fiscal)) {
        struct str year = arena_concat(row->arena, 2, str_slice(text, 0, text.len - fiscal.len), STR("年"));
        if (date_parse_loosely(year, &date) && date.month == 0) {
            return value_text(row->arena, arena_format(row->arena, "FY%04d", date.year));
        }
    }
    if (slash < text.len && date_parse(str_slice(text, 0, slash), &date) &&
        date_parse(str_slice(text, slash + 1, text.len), &to)) {
        return own_text(row, text);
    }
    if (!date_parse(text, &date) && !date_parse_loosely(text, &date)) {
        cell_problem(row, column, cell, "a date, a fiscal year (FY2020, 2020年度) or two dates as 2020-04/2021-03");
        return NULL;
    }
    return date_value(row, date);
}

static struct value *currency_cell(const struct row *row, struct str cell)
{
    struct str text = plain(row, cell);
    struct str code;
    return currency_at_start(text, &code) == text.len ? own_text(row, code) : own_text(row, text);
}

static struct value *unit_cell(const struct row *row, struct str cell)
{
    const struct vocabulary *units = model_vocabulary(row->model, STR("unit"));
    const struct term *term = units ? vocabulary_find(units, cell) : NULL;
    return term ? value_text(row->arena, term->code) : own_text(row, cell);
}

static struct value *qualifier_cell(const struct row *row, struct str cell)
{
    static const struct str words[][2] = {
        {STR("約"), STR("about")},     {STR("およそ"), STR("about")},      {STR("以上"), STR("at-least")},
        {STR("以下"), STR("at-most")}, {STR("以内"), STR("at-most")},      {STR("≥"), STR("at-least")},
        {STR("≤"), STR("at-most")},    {STR("at least"), STR("at-least")}, {STR("at most"), STR("at-most")},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_eq_ignoring_case(cell, words[i][0])) {
            return value_text(row->arena, words[i][1]);
        }
    }
    return own_text(row, cell);
}

static struct value *part_cell(const struct row *row, const struct column *column, struct str cell)
{
    switch (column->part) {
    case COLUMN_LAT:
    case COLUMN_LON:
    case COLUMN_LOW:
    case COLUMN_HIGH:
    case COLUMN_PRECISION:
        return number_cell(row, column, cell);
    case COLUMN_APPROXIMATE:
    case COLUMN_ESTIMATED:
        return boolean_cell(row, column, cell);
    case COLUMN_QUALIFIER:
        return qualifier_cell(row, cell);
    case COLUMN_UNIT:
        return unit_cell(row, cell);
    case COLUMN_CURRENCY:
        return currency_cell(row, cell);
    case COLUMN_PERIOD:
        return period_cell(row, column, cell);
    default:
        return own_text(row, cell);
    }
}

/* Sets one member of the field's object; what two columns say of it must agree. */
static void member_set(struct row *row, const struct column *column, struct str member, struct value *value)
{
    struct value **slot = &row->fields[column->field->position];
    if (!*slot) {
        *slot = value_object(row->arena);
    }
    const struct value *before = value_get(*slot, member);
    if (before && !value_equal(before, value)) {
        record_problems_add(row->problems, column->name,
                            "says another \"%.*s\" of the same figure than another column does, must agree",
                            STR_ARG(member));
        return;
    }
    value_set(row->arena, *slot, member, value);
}

static void figure_cell(struct row *row, const struct column *column, struct str cell)
{
    struct err err;
    struct value *figure;
    if (figure_from_text(row->model, column->field, cell, row->arena, &figure, &err) < 0) {
        record_problems_add(row->problems, column->name, "%s", err.message);
        return;
    }
    for (size_t i = 0; i < figure->object.count; i++) {
        struct value_member *member = &figure->object.members[i];
        member_set(row, column, member->key, member->value);
    }
}

/* ---- rows ---- */

static struct value *whole_cell(const struct row *row, const struct column *column, struct str cell)
{
    switch (column->field->type) {
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        return number_cell(row, column, cell);
    case FIELD_BOOLEAN:
        return boolean_cell(row, column, cell);
    case FIELD_DATE:
        return date_cell(row, column, cell);
    case FIELD_DATETIME:
        return own_text(row, plain(row, cell));
    case FIELD_LIST:
        return list_cell(row, column, cell);
    default:
        return single_cell(row, column, cell);
    }
}

static void common_cell(struct row *row, const struct column *column, struct str cell)
{
    struct value *value;
    switch (column->part) {
    case COLUMN_FROM:
    case COLUMN_TO:
    case COLUMN_ATTESTED_ON:
        value = date_cell(row, column, cell);
        break;
    case COLUMN_SOURCES:
        value = json_cell(row, column, cell);
        break;
    default:
        value = own_text(row, cell);
    }
    if (value) {
        value_set(row->arena, row->common, column_member(column->part), value);
    }
}

static void cell_read(struct row *row, const struct column *column, struct str cell)
{
    if (!str_is_utf8(cell)) {
        record_problems_add(row->problems, column->name, "is not UTF-8, the file's character set must be right");
        return;
    }
    cell = text_trimmed(cell);
    if (cell.len == 0) {
        return;
    }
    if (!column->field) {
        common_cell(row, column, cell);
    } else if (column->part != COLUMN_WHOLE) {
        struct value *value = part_cell(row, column, cell);
        if (value) {
            member_set(row, column, column_member(column->part), value);
        }
    } else if (column->field->type == FIELD_FIGURE) {
        figure_cell(row, column, cell);
    } else {
        row->fields[column->field->position] = whole_cell(row, column, cell);
    }
}

int record_from_cells(const struct model *model, const struct reg *reg, const struct column *columns,
                      const struct str *cells, size_t count, struct arena *arena, struct record_problems *problems,
                      struct value **ret_given)
{
    struct row row = {.model = model, .reg = reg, .arena = arena, .problems = problems};
    size_t before = problems->count;
    row.fields = ARENA_NEW_ARRAY(arena, reg->field_count, struct value *);
    row.common = object_with_room(arena, reg->field_count + 7);
    for (size_t i = 0; i < count; i++) {
        if (columns[i].part != COLUMN_IGNORED && cells[i].len > 0) {
            cell_read(&row, &columns[i], cells[i]);
        }
    }
    if (problems->count > before) {
        return -1;
    }
    for (size_t i = 0; i < reg->field_count; i++) {
        if (row.fields[i]) {
            object_add(row.common, reg->fields[i].name, row.fields[i]);
        }
    }
    *ret_given = row.common;
    return 0;
}
