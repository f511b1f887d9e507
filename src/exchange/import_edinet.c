/* EDINET (API v2): documents.json of a day lists what was filed, documents/{docID}?type=5 is a ZIP of CSV files, UTF-16 and tab
 * separated, one fact a row. A ZIP is found by its name, which begins with the document's number. */
#include "exchange/csv.h"
#include "exchange/import_internal.h"
#include "exchange/zip_read.h"

#include <string.h>

#define DOCUMENT_ID_MAX 40
#define ELEMENTS_MAX 32
#define CONTEXTS_MAX 8

struct document {
    const struct value *listed; /* of documents.json */
    struct str where;
    bool has_facts;
};

struct edinet {
    struct importing *importing;
    struct map documents; /* docID → struct document */
    /* Facts of one document. */
    struct str sales[CONTEXTS_MAX][ELEMENTS_MAX];
    struct str units[CONTEXTS_MAX][ELEMENTS_MAX];
    struct str start, end, accounting;
};

static bool lists(const struct value *list, struct str text)
{
    for (size_t i = 0; i < value_count(list); i++) {
        if (str_eq(value_text_of(value_at(list, i)), text)) {
            return true;
        }
    }
    return false;
}

static const struct value *config_of(const struct edinet *edinet, const char *name)
{
    return value_get(edinet->importing->config, str_from_cstr(name));
}

/* ---- the list ---- */

static int read_list(struct edinet *edinet, const struct import_file *file, struct str content, struct err *err)
{
    struct arena *arena = edinet->importing->arena;
    struct value *answer;
    const struct value *results;
    if (json_read(arena, content, NULL, &answer, err)) {
        return err_prefix(err, "%.*s", STR_ARG(file->shown));
    }
    results = value_get(answer, STR("results"));
    if (!results || results->kind != VALUE_LIST) {
        return err_set(err, ERR_INVALID, "%.*s: no list of documents; it needs \"results\": [...]",
                       STR_ARG(file->shown));
    }
    for (size_t i = 0; i < value_count(results); i++) {
        const struct value *listed = value_at(results, i);
        struct str id = value_get_text(listed, STR("docID"));
        if (id.len > 0 && id.len <= DOCUMENT_ID_MAX &&
            lists(config_of(edinet, "documents"), value_get_text(listed, STR("docTypeCode")))) {
            struct document *document = ARENA_NEW(arena, struct document);
            *document = (struct document){.listed = listed,
                                          .where = arena_format(arena, "%.*s:%u", STR_ARG(file->shown), listed->line)};
            map_set(&edinet->documents, id, document);
        }
    }
    return 0;
}

/* ---- the facts of a document ---- */

struct fact_columns {
    size_t element, context, unit, value;
};

static int find_columns(const struct csv_row *row, struct str where, struct fact_columns *columns, struct err *err)
{
    const struct {
        struct str name;
        size_t *at;
    } wanted[] = {{STR("要素ID"), &columns->element},
                  {STR("コンテキストID"), &columns->context},
                  {STR("ユニットID"), &columns->unit},
                  {STR("値"), &columns->value}};
    for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++) {
        *wanted[w].at = SIZE_MAX;
        for (size_t i = 0; i < row->count; i++) {
            if (str_eq(str_trim(row->cells[i]), wanted[w].name)) {
                *wanted[w].at = i;
            }
        }
        if (*wanted[w].at == SIZE_MAX) {
            return err_set(err, ERR_INVALID, "%.*s: no column %.*s; the first row names the columns", STR_ARG(where),
                           STR_ARG(wanted[w].name));
        }
    }
    return 0;
}

static struct str cell(const struct csv_row *row, size_t at)
{
    return at < row->count ? str_trim(row->cells[at]) : STR("");
}

static void keep(struct edinet *edinet, struct str *slot, struct str text)
{
    if (slot->len == 0 && text.len > 0 && !str_eq(text, STR("－"))) {
        *slot = arena_copy(edinet->importing->arena, text);
    }
}

static void take_sales(struct edinet *edinet, const struct csv_row *row, const struct fact_columns *columns,
                       struct str element)
{
    const struct value *elements = config_of(edinet, "sales");
    const struct value *contexts = config_of(edinet, "contexts");
    for (size_t e = 0; e < value_count(elements) && e < ELEMENTS_MAX; e++) {
        if (!str_eq(value_text_of(value_at(elements, e)), element)) {
            continue;
        }
        for (size_t c = 0; c < value_count(contexts) && c < CONTEXTS_MAX; c++) {
            struct str context = value_get_text(value_at(contexts, c), STR("context"));
            if (str_eq(cell(row, columns->context), context)) {
                keep(edinet, &edinet->sales[c][e], cell(row, columns->value));
                keep(edinet, &edinet->units[c][e], cell(row, columns->unit));
            }
        }
    }
}

static void take_fact(struct edinet *edinet, const struct csv_row *row, const struct fact_columns *columns)
{
    const struct value *names = config_of(edinet, "elements");
    struct str element = cell(row, columns->element);
    struct str value = cell(row, columns->value);
    take_sales(edinet, row, columns, element);
    if (str_eq(element, value_get_text(names, STR("start")))) {
        keep(edinet, &edinet->start, value);
    } else if (str_eq(element, value_get_text(names, STR("end")))) {
        keep(edinet, &edinet->end, value);
    } else if (str_eq(element, value_get_text(names, STR("accounting")))) {
        keep(edinet, &edinet->accounting, value);
    }
}

static int read_facts(struct edinet *edinet, struct str content, struct str where, struct err *err)
{
    struct csv_options options = csv_options_default();
    struct csv_reader *reader;
    struct csv_row row;
    struct fact_columns columns;
    int got;
    options.delimiter = '\t';
    if (!str_starts_with(content, STR("\xFF\xFE")) && !str_starts_with(content, STR("\xFE\xFF"))) {
        return err_set(err, ERR_INVALID, "%.*s: not UTF-16 with a byte-order mark, as EDINET's CSV is", STR_ARG(where));
    }
    if (csv_open_memory(content, &options, &reader, err)) {
        return err_prefix(err, "%.*s", STR_ARG(where));
    }
    got = csv_next(reader, &row, err);
    if (got == 1 && find_columns(&row, where, &columns, err)) {
        csv_close(reader);
        return -1;
    }
    while (got == 1 && (got = csv_next(reader, &row, err)) == 1) {
        take_fact(edinet, &row, &columns);
    }
    csv_close(reader);
    return got < 0 ? err_prefix(err, "%.*s", STR_ARG(where)) : 0;
}

/* ---- one document ---- */

static struct date date_or(struct str text, struct str otherwise)
{
    struct date date;
    if (date_parse(text, &date) || date_parse(otherwise, &date)) {
        return date;
    }
    return (struct date){0};
}

/* The first context, and in it the first element, that has a number. */
static bool find_sales(const struct edinet *edinet, struct found_result *found)
{
    const struct value *contexts = config_of(edinet, "contexts");
    for (size_t c = 0; c < value_count(contexts) && c < CONTEXTS_MAX; c++) {
        for (size_t e = 0; e < ELEMENTS_MAX; e++) {
            if (decimal_parse(edinet->sales[c][e], &found->sales)) {
                struct str unit = edinet->units[c][e];
                found->consolidated = value_get_bool(value_at(contexts, c), STR("consolidated"));
                found->currency = unit.len == 3 ? unit : STR("JPY");
                return true;
            }
        }
    }
    return false;
}

static void stage_document(struct edinet *edinet, struct document *document, struct str id)
{
    struct importing *importing = edinet->importing;
    const struct value *listed = document->listed;
    struct str filed = value_get_text(listed, STR("submitDateTime"));
    struct found_result found = {
        .company = import_company(importing, value_get_text(listed, STR("JCN")),
                                  value_get_text(listed, STR("filerName")), document->where),
        .start = date_or(edinet->start, value_get_text(listed, STR("periodStart"))),
        .end = date_or(edinet->end, value_get_text(listed, STR("periodEnd"))),
        .accounting = edinet->accounting,
        .document = id,
        .locator = id,
        .filed = date_or(str_slice(filed, 0, 10), STR("")),
        .restated = lists(config_of(edinet, "restated"), value_get_text(listed, STR("docTypeCode"))),
        .where = document->where,
        .order = filed,
    };
    if (!found.company) {
        return;
    }
    if (!find_sales(edinet, &found) || !date_is_set(found.end)) {
        import_note(importing, IMPORT_SKIPPED, document->where, "%.*s states no sales, or no end of its year",
                    STR_ARG(id));
        return;
    }
    import_result_stage(importing, &found);
}

static struct str document_of(struct str shown)
{
    struct str name = shown;
    for (size_t i = 0; i < shown.len; i++) {
        name = shown.ptr[i] == '/' ? str_slice(shown, i + 1, shown.len) : name;
    }
    return str_slice(name, 0, str_find_byte(name, '.'));
}

static int read_document(struct edinet *edinet, const struct import_file *file, struct zip_reader *zip, struct err *err)
{
    struct importing *importing = edinet->importing;
    struct str id = document_of(file->shown);
    struct document *document = map_get(&edinet->documents, id);
    size_t tables = 0;
    if (!document) {
        import_note(importing, IMPORT_SKIPPED, file->shown, "no list given names the document %.*s", STR_ARG(id));
        return 0;
    }
    memset(edinet->sales, 0, sizeof(edinet->sales));
    memset(edinet->units, 0, sizeof(edinet->units));
    edinet->start = edinet->end = edinet->accounting = STR("");
    for (size_t i = 0; i < zip_reader_count(zip); i++) {
        struct str name = zip_reader_name(zip, i);
        struct str content;
        if (!str_ends_with(name, STR(".csv"))) {
            continue;
        }
        struct str where = arena_concat(importing->arena, 3, file->shown, STR("/"), name);
        if (zip_reader_read(zip, i, importing->arena, &content, err)) {
            return err_prefix(err, "%.*s", STR_ARG(where));
        }
        if (read_facts(edinet, content, arena_copy(importing->arena, where), err)) {
            return -1;
        }
        tables++;
    }
    if (tables == 0) {
        return err_set(err, ERR_INVALID, "%.*s: holds no CSV; it has to be the archive of type 5",
                       STR_ARG(file->shown));
    }
    document->has_facts = true;
    stage_document(edinet, document, id);
    return 0;
}

static int read_archive(struct edinet *edinet, const struct import_file *file, struct str content, struct err *err)
{
    struct zip_limits limits = {
        .max_entries = 1000, .max_entry_bytes = (uint64_t)32 << 20, .max_total_bytes = (uint64_t)64 << 20};
    struct zip_reader *zip;
    int failed;
    if (zip_reader_open(content, &limits, &zip, err)) {
        return err_prefix(err, "%.*s", STR_ARG(file->shown));
    }
    failed = read_document(edinet, file, zip, err);
    zip_reader_close(zip);
    return failed;
}

/* Documents of companies we know whose archive was not given are told; nothing is known of them yet. */
static void tell_missing(struct edinet *edinet)
{
    for (size_t i = 0; i < edinet->documents.capacity; i++) {
        const struct document *document = edinet->documents.slots[i].value;
        if (!document || document->has_facts) {
            continue;
        }
        struct str number = value_get_text(document->listed, STR("JCN"));
        if (import_company_quietly(edinet->importing, number)) {
            import_note(edinet->importing, IMPORT_SKIPPED, document->where, "the archive of %.*s (%.*s) was not given",
                        STR_ARG(edinet->documents.slots[i].key),
                        STR_ARG(value_get_text(document->listed, STR("filerName"))));
        } else {
            import_company(edinet->importing, number, value_get_text(document->listed, STR("filerName")),
                           document->where);
        }
    }
}

int import_edinet(struct importing *importing, const struct import_file *files, const struct str *contents,
                  size_t count, struct err *err)
{
    struct edinet *edinet = ARENA_NEW(importing->arena, struct edinet);
    edinet->importing = importing;
    map_init(&edinet->documents, importing->arena);
    for (size_t i = 0; i < count; i++) {
        if (!str_starts_with(contents[i], STR("PK")) && read_list(edinet, &files[i], contents[i], err)) {
            return -1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (str_starts_with(contents[i], STR("PK")) && read_archive(edinet, &files[i], contents[i], err)) {
            return -1;
        }
    }
    tell_missing(edinet);
    return 0;
}
