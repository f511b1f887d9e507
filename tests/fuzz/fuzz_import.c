/* Outside sources: whatever the bytes are, a reader refuses them with a message that names the file, or stages records of companies
 * that are known, each with a source. The first byte chooses the reader; for EDINET the rest is a list, a zero byte, and an archive. */
#include "fuzz.h"

#include "base/embed.h"
#include "exchange/import_internal.h"

#define MODEL_FILES_MAX 400
#define ARENA_BYTES ((size_t)1 << 30)

static const char *const kinds[] = {"edinet", "gbizinfo", "corporate-number", "sheet"};
static const char mapping[] =
    "{\"register\": \"company-result\", \"number\": \"n\", \"fields\": {\"company\": \"company\"},"
    "\"columns\": {\"e\": \"fiscal_year_end\", \"s\": {\"column\": \"sales\", \"times\": 1000}},"
    "\"defaults\": {\"consolidated\": \"true\"}, \"source\": {\"id\": \"x\"}}";

static const struct model *the_model(void)
{
    static struct model *model;
    static struct model_file files[MODEL_FILES_MAX];
    size_t count = 0;
    for (const struct embedded_file *file = embed_next("model", NULL); !model && file;
         file = embed_next("model", file)) {
        assert(count < MODEL_FILES_MAX);
        files[count++] = (struct model_file){.path = str_from_cstr(file->path + sizeof("model")),
                                             .content = str_make((const char *)file->data, file->size)};
    }
    if (!model) {
        static struct arena arena;
        struct problems problems;
        arena_init(&arena, ARENA_BYTES);
        problems_init(&problems, &arena);
        int failed = model_read(files, count, &problems, &model, NULL);
        assert(failed == 0);
    }
    return model;
}

static void set_up(struct importing *importing, const struct import_options *options, struct str kind)
{
    static struct company one = {.id = {"one", 3}};
    const struct embedded_file *file = embed_find("site/import.json");
    bool sheet = str_eq(kind, STR("sheet"));
    struct str text = sheet ? str_from_cstr(mapping) : str_make((const char *)file->data, file->size);
    struct value *all = NULL;
    int failed = json_read(importing->arena, text, NULL, &all, NULL);
    assert(failed == 0);
    importing->options = options;
    importing->kind = kind;
    importing->model = the_model();
    importing->config = sheet ? all : value_get(all, kind);
    importing->reg = model_register(importing->model, value_get_text(importing->config, STR("register")));
    importing->companies = model_register(importing->model, STR("organisation"));
    importing->last = &importing->first;
    importing->result.notes = ARENA_NEW_ARRAY(importing->arena, IMPORT_NOTES_MAX, struct import_note);
    map_init(&importing->by_number, importing->arena);
    map_set(&importing->by_number, STR("9000000000009"), &one);
}

static int read_it(struct importing *importing, struct str content, struct err *err)
{
    struct import_file files[2] = {{STR("list"), STR("list")}, {STR("S1.zip"), STR("S1.zip")}};
    size_t zero = str_find_byte(content, '\0');
    struct str both[2] = {str_slice(content, 0, zero), str_slice(content, zero + 1, content.len)};
    if (str_eq(importing->kind, STR("edinet"))) {
        return import_edinet(importing, files, both, both[1].len > 0 ? 2 : 1, err);
    }
    if (str_eq(importing->kind, STR("gbizinfo"))) {
        return import_gbizinfo(importing, files, content, err);
    }
    if (str_eq(importing->kind, STR("sheet"))) {
        return import_sheet(importing, files, content, err);
    }
    return content.len == 0 ? 0 : import_corporate_numbers(importing, files, content, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_AUTO arena;
    struct import_options options = {.map_shown = STR("map")};
    struct importing importing = {.arena = &arena};
    struct err err = {0};
    arena_init(&arena, ARENA_BYTES);
    if (size == 0) {
        return 0;
    }
    set_up(&importing, &options, str_from_cstr(kinds[data[0] & 3]));
    if (read_it(&importing, str_make((const char *)data + 1, size - 1), &err) != 0) {
        assert(err.message[0]);
        return 0;
    }
    for (const struct staged *staged = importing.first; staged; staged = staged->next) {
        assert(staged->reg && staged->where.len > 0);
        assert(value_count(value_get(staged->given, STR("sources"))) > 0);
    }
    assert(importing.result.unmatched + importing.result.skipped >= 0 && importing.result.read >= 0);
    return 0;
}
