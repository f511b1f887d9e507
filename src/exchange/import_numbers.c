/* The National Tax Agency's CSV of corporate numbers: 30 columns (31 in newer files, more are left), no header, UTF-8 or CP932.
 * It fills what our records lack of the corporations we know; the file has all of Japan's, so those we do not know are only
 * counted. A row that is not the latest of its number is passed over. */
#include "exchange/csv.h"
#include "exchange/import_internal.h"

#define COLUMNS_LEAST 30

/* 0-based columns. */
enum {
    COLUMN_NUMBER = 1,
    COLUMN_NAME = 6,
    COLUMN_PREFECTURE_NAME = 9,
    COLUMN_CITY_NAME = 10,
    COLUMN_STREET = 11,
    COLUMN_PREFECTURE_CODE = 13,
    COLUMN_CLOSE_DATE = 18,
    COLUMN_SUCCESSOR = 20,
    COLUMN_LATEST = 23,
    COLUMN_FURIGANA = 28,
};

static struct value *in_japanese(struct importing *importing, struct str text)
{
    struct value *both;
    if (text.len == 0) {
        return NULL;
    }
    both = value_object(importing->arena);
    value_set_text(importing->arena, both, STR("ja"), arena_copy(importing->arena, text));
    return both;
}

/* One field as its type wants it: text in two languages, or plain. */
static void set_words(struct importing *importing, struct value *given, const char *what, struct str text)
{
    struct str name = value_get_text(value_get(importing->config, STR("fields")), str_from_cstr(what));
    const struct field *field = reg_field(importing->reg, name);
    if (field && text.len > 0) {
        import_set(importing, given, what,
                   field->bilingual ? in_japanese(importing, text)
                                    : value_text(importing->arena, arena_copy(importing->arena, text)));
    }
}

static void set_prefecture(struct importing *importing, struct value *given, const struct csv_row *row)
{
    struct str name = value_get_text(value_get(importing->config, STR("fields")), STR("prefecture"));
    const struct field *field = reg_field(importing->reg, name);
    const struct term *term = NULL;
    if (field && field->vocabulary) {
        term = vocabulary_term(field->vocabulary, row->cells[COLUMN_PREFECTURE_CODE]);
        term = term ? term : vocabulary_find(field->vocabulary, row->cells[COLUMN_PREFECTURE_NAME]);
    }
    if (term) {
        import_set_text(importing, given, "prefecture", term->code);
    }
}

static void set_successor(struct importing *importing, struct value *given, struct str number)
{
    const struct company *successor = import_company_quietly(importing, number);
    if (successor) {
        struct value *list = value_list(importing->arena);
        value_append(importing->arena, list, value_text(importing->arena, successor->id));
        import_set(importing, given, "successor", list);
    }
}

/* Katakana as hiragana, as readings are kept: U+30A1 to U+30F6 are 96 above theirs. */
static struct str hiragana(struct arena *arena, struct str text)
{
    struct str copy = arena_copy(arena, text);
    char *bytes = (char *)(uintptr_t)copy.ptr;
    for (size_t i = 0; i + 2 < copy.len; i++) {
        const unsigned char *at = (const unsigned char *)bytes + i;
        unsigned code = (unsigned)(at[0] & 0x0F) << 12 | (unsigned)(at[1] & 0x3F) << 6 | (at[2] & 0x3F);
        if (at[0] == 0xE3 && code >= 0x30A1 && code <= 0x30F6) {
            code -= 96;
            bytes[i + 1] = (char)(0x80 | ((code >> 6) & 0x3F));
            bytes[i + 2] = (char)(0x80 | (code & 0x3F));
        }
    }
    return copy;
}

static void stage_row(struct importing *importing, const struct csv_row *row, const struct company *company,
                      struct str where)
{
    struct arena *arena = importing->arena;
    struct value *given = value_object(arena);
    struct date closed;
    value_set_text(arena, given, STR("id"), company->id);
    set_words(importing, given, "kana", hiragana(arena, row->cells[COLUMN_FURIGANA]));
    set_words(importing, given, "municipality", row->cells[COLUMN_CITY_NAME]);
    set_words(importing, given, "address", row->cells[COLUMN_STREET]);
    set_prefecture(importing, given, row);
    set_successor(importing, given, row->cells[COLUMN_SUCCESSOR]);
    if (date_parse(row->cells[COLUMN_CLOSE_DATE], &closed)) {
        import_set_text(importing, given, "to", arena_copy(arena, row->cells[COLUMN_CLOSE_DATE]));
    }
    value_set(arena, given, STR("sources"), import_sources(importing, arena_copy(arena, row->cells[COLUMN_NUMBER])));
    import_stage(importing, importing->reg, given, where, STR(""));
}

static int take_row(struct importing *importing, const struct import_file *file, const struct csv_row *row,
                    struct err *err)
{
    struct str number = row->count > COLUMN_NUMBER ? row->cells[COLUMN_NUMBER] : STR("");
    const struct company *company = import_company_quietly(importing, number);
    unsigned long long line = row->line;
    if (row->count < COLUMNS_LEAST) {
        return err_set(err, ERR_INVALID, "%.*s:%llu: %zu columns; the file of corporate numbers has at least %d",
                       STR_ARG(file->shown), line, row->count, COLUMNS_LEAST);
    }
    if (!check_corporate_number(number)) {
        return err_set(err, ERR_INVALID, "%.*s:%llu: \"%.*s\" is no corporate number; the second column holds it",
                       STR_ARG(file->shown), line, STR_ARG(str_slice(number, 0, 40)));
    }
    importing->result.read++;
    importing->result.unmatched += company == NULL;
    if (company && !str_eq(row->cells[COLUMN_LATEST], STR("0"))) {
        stage_row(importing, row, company, arena_format(importing->arena, "%.*s:%llu", STR_ARG(file->shown), line));
    }
    return 0;
}

int import_corporate_numbers(struct importing *importing, const struct import_file *file, struct str content,
                             struct err *err)
{
    struct csv_options options = csv_options_default();
    struct csv_reader *reader;
    struct csv_row row;
    int got;
    bool ours = true; /* whether the reader failed, whose message has no name of the file */
    if (content.len > 0 ? csv_open_memory(content, &options, &reader, err)
                        : csv_open_file(file->path.ptr, &options, &reader, err)) {
        return err_prefix(err, "%.*s", STR_ARG(file->shown));
    }
    while ((got = csv_next(reader, &row, err)) == 1) {
        if (take_row(importing, file, &row, err)) {
            got = -1;
            ours = false;
            break;
        }
    }
    csv_close(reader);
    return got < 0 && ours ? err_prefix(err, "%.*s", STR_ARG(file->shown)) : got;
}
