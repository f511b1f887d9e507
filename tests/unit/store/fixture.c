#include "fixture.h"

#include <stdlib.h>

#define TITLE "\"title\":{\"ja\":\"題\",\"en\":\"Title\"}"

const struct model_file fixture_model[] = {
    {STR("organisation.json"),
     STR("{\"name\":\"organisation\",\"role\":\"organisation\"," TITLE ",\"label\":[\"name\"],\"fields\":["
         "{\"name\":\"name\"," TITLE ",\"type\":\"string\",\"bilingual\":true,\"sortable\":true,\"reading\":\"kana\","
         "\"constraints\":{\"required\":true}},"
         "{\"name\":\"kana\"," TITLE ",\"type\":\"string\"},"
         "{\"name\":\"kind\"," TITLE ",\"type\":\"string\",\"vocabulary\":\"kind\",\"facet\":true},"
         "{\"name\":\"number\"," TITLE ",\"type\":\"string\",\"constraints\":{\"unique\":true}},"
         "{\"name\":\"parent\"," TITLE ",\"type\":\"string\",\"reference\":\"organisation\"},"
         "{\"name\":\"domains\"," TITLE ",\"type\":\"list\",\"vocabulary\":\"domain\",\"facet\":true},"
         "{\"name\":\"partners\"," TITLE ",\"type\":\"list\",\"reference\":\"organisation\",\"party\":true},"
         "{\"name\":\"founded\"," TITLE ",\"type\":\"date\",\"sortable\":true},"
         "{\"name\":\"staff\"," TITLE ",\"type\":\"number\",\"figure\":true,\"unit\":\"persons\",\"sortable\":true},"
         "{\"name\":\"place\"," TITLE ",\"type\":\"geopoint\"},"
         "{\"name\":\"listed\"," TITLE ",\"type\":\"boolean\",\"facet\":true},"
         "{\"name\":\"secret\"," TITLE ",\"type\":\"string\",\"visibility\":\"members\"},"
         "{\"name\":\"checked\"," TITLE ",\"type\":\"datetime\"}]}")},
    {STR("person.json"), STR("{\"name\":\"person\"," TITLE ",\"label\":[\"name\"],\"fields\":["
                             "{\"name\":\"name\"," TITLE ",\"type\":\"string\",\"bilingual\":true,\"personal\":true},"
                             "{\"name\":\"mail\"," TITLE ",\"type\":\"string\",\"personal\":true,\"format\":\"email\"},"
                             "{\"name\":\"note\"," TITLE ",\"type\":\"string\"}]}")},
    {STR("seat.json"),
     STR("{\"name\":\"seat\"," TITLE ",\"label\":[\"member\",\"post\"],\"sort\":\"position\","
         "\"naturalKey\":[\"member\",\"person\",\"post\"],\"oneAtATime\":[\"member\",\"post\"],\"fields\":["
         "{\"name\":\"member\"," TITLE ",\"type\":\"string\",\"reference\":\"organisation\"},"
         "{\"name\":\"person\"," TITLE ",\"type\":\"string\",\"reference\":\"person\"},"
         "{\"name\":\"post\"," TITLE ",\"type\":\"string\"},"
         "{\"name\":\"position\"," TITLE ",\"type\":\"integer\",\"sortable\":true}]}")},
    {STR("source.json"), STR("{\"name\":\"source\",\"role\":\"source\"," TITLE ",\"label\":[\"name\"],\"fields\":["
                             "{\"name\":\"name\"," TITLE ",\"type\":\"string\",\"bilingual\":true}]}")},
    {STR("vocabulary/kind.json"), STR("{\"name\":\"kind\"," TITLE ",\"terms\":["
                                      "{\"code\":\"city\",\"ja\":\"市\",\"en\":\"City\"},"
                                      "{\"code\":\"firm\",\"ja\":\"会社\",\"en\":\"Firm\"}]}")},
    {STR("vocabulary/domain.json"), STR("{\"name\":\"domain\"," TITLE ",\"terms\":["
                                        "{\"code\":\"d1\",\"ja\":\"一\",\"en\":\"One\"},"
                                        "{\"code\":\"d2\",\"ja\":\"二\",\"en\":\"Two\"}]}")},
    {STR("vocabulary/unit.json"),
     STR("{\"name\":\"unit\"," TITLE ",\"terms\":[{\"code\":\"persons\",\"ja\":\"人\",\"en\":\"persons\"}]}")},
};
const size_t fixture_model_count = sizeof fixture_model / sizeof fixture_model[0];

static struct model *read_model(struct fixture *fixture, const struct model_file *files, size_t count)
{
    struct problems problems;
    problems_init(&problems, &fixture->arena);
    struct model *model = NULL;
    struct err err = {0};
    if (model_read(files, count, &problems, &model, &err))
        fail_msg("%s: %s", err.message, problems.count ? problems.lines[0].ptr : "");
    return model;
}

static int open_store(struct fixture *fixture, struct err *err)
{
    struct store_config config = {.url = "sqlite:", .folder = fixture->folder, .model = fixture->model};
    return store_open(&config, &fixture->store, err);
}

void fixture_open(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/musubi-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    arena_init(&fixture->arena, (size_t)256 << 20);
    fixture->model = read_model(fixture, fixture_model, fixture_model_count);
    struct err err = {0};
    if (open_store(fixture, &err))
        fail_msg("%s", err.message);
}

void fixture_reopen(struct fixture *fixture, const struct model_file *files, size_t count)
{
    store_close(fixture->store);
    fixture->store = NULL;
    if (files) {
        model_free(fixture->model);
        fixture->model = read_model(fixture, files, count);
    }
    struct err err = {0};
    if (open_store(fixture, &err))
        fail_msg("%s", err.message);
}

struct str fixture_reopen_fails(struct fixture *fixture, const struct model_file *files, size_t count)
{
    store_close(fixture->store);
    fixture->store = NULL;
    struct model *former = fixture->model;
    fixture->model = read_model(fixture, files, count);
    struct err err = {0};
    assert_int_equal(open_store(fixture, &err), -1);
    model_free(fixture->model);
    fixture->model = former;
    return arena_copy(&fixture->arena, str_from_cstr(err.message));
}

void fixture_close(struct fixture *fixture)
{
    store_close(fixture->store);
    model_free(fixture->model);
    arena_free(&fixture->arena);
    static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm", "lock"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", fixture->folder, names[i]);
        unlink(path);
    }
    rmdir(fixture->folder);
}

/* ---- writing ---- */

struct put_context {
    struct fixture *fixture;
    const struct reg *reg;
    const char *json;
    int64_t expected_seq;
};

static int fill_put(void *context, struct change_set *changes, struct err *err)
{
    struct put_context *put_context = context;
    struct arena *arena = &put_context->fixture->arena;
    struct value *given, *record;
    struct record_problems problems;
    record_problems_init(&problems, arena);
    if (json_read(arena, str_from_cstr(put_context->json), NULL, &given, err))
        return -1;
    if (record_from_value(put_context->fixture->model, put_context->reg, given, arena, &problems, &record))
        return err_set_field(err, ERR_INVALID, problems.items[0].field, "%.*s: %.*s", STR_ARG(problems.items[0].field),
                             STR_ARG(problems.items[0].message));
    return change_put(changes, put_context->reg, record, put_context->expected_seq, arena, err);
}

int fill_set(struct fixture *fixture, int (*fill)(void *, struct change_set *, struct err *), void *context,
             struct write_outcome *outcome, struct err *err)
{
    struct write_request request = {.author = STR("tester"),
                                    .reason = STR("a test"),
                                    .kind = STR("edit"),
                                    .pack = STR("pack"),
                                    .fill = fill,
                                    .context = context};
    return store_write(fixture->store, &request, outcome, err);
}

int put_json(struct fixture *fixture, const char *register_name, const char *json, int64_t expected_seq,
             struct write_outcome *outcome, struct err *err)
{
    struct put_context context = {fixture, model_register(fixture->model, str_from_cstr(register_name)), json,
                                  expected_seq};
    assert_non_null(context.reg);
    return fill_set(fixture, fill_put, &context, outcome, err);
}

int64_t put(struct fixture *fixture, const char *register_name, const char *json)
{
    struct write_outcome outcome = {0};
    struct err err = {0};
    if (put_json(fixture, register_name, json, SEQ_ANY, &outcome, &err))
        fail_msg("%s", err.message);
    return outcome.last_seq;
}

/* ---- reading ---- */

struct str get_json(struct fixture *fixture, const char *register_name, const char *id, enum visibility sees,
                    int64_t as_of)
{
    struct read_options options = {.viewer = {.sees = sees}, .lang = LANG_EN, .as_of = as_of};
    struct reader *reader;
    struct err err = {0};
    if (store_read(fixture->store, &options, &reader, &err))
        fail_msg("%s", err.message);
    struct found found;
    struct str moved_to = STR("");
    struct str result = STR("-");
    if (store_get(reader, model_register(fixture->model, str_from_cstr(register_name)), str_from_cstr(id),
                  &fixture->arena, &found, &moved_to, &err) == 0) {
        BUF_AUTO json;
        buf_init(&json, 1u << 20);
        value_write_json(&json, found.record);
        result = arena_copy(&fixture->arena, buf_str(&json));
    } else if (moved_to.len) {
        result = arena_concat(&fixture->arena, 2, STR("-> "), moved_to);
    } else {
        assert_int_equal(err.code, ERR_NOT_FOUND);
    }
    reader_release(reader);
    return result;
}

static size_t parse_filters(struct fixture *fixture, const struct reg *reg, const char *text, struct filter *filters)
{
    (void)fixture;
    size_t count = 0;
    struct str rest = str_from_cstr(text), part;
    bool done = text == NULL || *text == '\0';
    while (str_next_part(&rest, '&', &done, &part)) {
        size_t equals = str_find_byte(part, '=');
        struct str name = str_slice(part, 0, equals);
        filters[count++] = (struct filter){
            .field = reg_field(reg, name), .name = name, .value = str_slice(part, equals + 1, part.len)};
    }
    return count;
}

static void read_list(struct fixture *fixture, const struct list_case *list, struct str cursor, struct page *page)
{
    const struct reg *reg = model_register(fixture->model, str_from_cstr(list->register_name));
    struct filter filters[16];
    struct list_query query = {.reg = reg,
                               .filters = filters,
                               .filter_count = parse_filters(fixture, reg, list->filters, filters),
                               .sort = list->sort ? reg_field(reg, str_from_cstr(list->sort)) : NULL,
                               .limit = list->limit ? list->limit : 100,
                               .descending = list->descending,
                               .cursor = cursor};
    struct read_options options = {.viewer = {.sees = list->sees}, .lang = list->lang, .as_of = list->as_of};
    if (list->on)
        assert_true(date_parse(str_from_cstr(list->on), &options.on));
    struct reader *reader;
    struct err err = {0};
    if (store_read(fixture->store, &options, &reader, &err) || store_list(reader, &query, &fixture->arena, page, &err))
        fail_msg("%s", err.message);
    reader_release(reader);
}

static void add_ids(const struct page *page, struct buf *out)
{
    for (size_t i = 0; i < page->count; i++) {
        if (out->len)
            buf_add_byte(out, ' ');
        buf_add(out, record_id(page->items[i].record));
    }
}

struct str list_ids(struct fixture *fixture, const struct list_case *list)
{
    struct page page;
    read_list(fixture, list, STR(""), &page);
    BUF_AUTO out;
    buf_init(&out, 1u << 20);
    add_ids(&page, &out);
    buf_add_format(&out, "%s %s%lld", page.next.len ? " …" : "", page.total_exact ? "=" : ">=", (long long)page.total);
    return arena_copy(&fixture->arena, buf_str(&out));
}

struct str walk_ids(struct fixture *fixture, const struct list_case *list)
{
    BUF_AUTO out;
    buf_init(&out, 1u << 20);
    struct str cursor = STR("");
    do {
        struct page page;
        read_list(fixture, list, cursor, &page);
        add_ids(&page, &out);
        cursor = page.next;
    } while (cursor.len);
    return arena_copy(&fixture->arena, buf_str(&out));
}
