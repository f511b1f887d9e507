/* Random records and change sets, given to the store and to the oracle alike. */
#include "random_changes.h"

#define TITLE "\"title\":{\"ja\":\"題\",\"en\":\"Title\"}"
#define NAME                                                                                                       \
    "{\"name\":\"name\"," TITLE ",\"type\":\"string\",\"bilingual\":true,\"sortable\":true,\"reading\":\"kana\"}," \
    "{\"name\":\"kana\"," TITLE ",\"type\":\"string\"}"

static const struct model_file random_model[] = {
    {STR("organisation.json"),
     STR("{\"name\":\"organisation\",\"role\":\"organisation\"," TITLE ",\"label\":[\"name\"],\"fields\":[" NAME ","
         "{\"name\":\"kind\"," TITLE ",\"type\":\"string\",\"vocabulary\":\"kind\",\"facet\":true},"
         "{\"name\":\"rank\"," TITLE ",\"type\":\"integer\",\"facet\":true,\"sortable\":true},"
         "{\"name\":\"parent\"," TITLE ",\"type\":\"string\",\"reference\":\"organisation\",\"facet\":true},"
         "{\"name\":\"domains\"," TITLE ",\"type\":\"list\",\"vocabulary\":\"domain\",\"facet\":true},"
         "{\"name\":\"partners\"," TITLE ",\"type\":\"list\",\"reference\":\"organisation\",\"party\":true},"
         "{\"name\":\"friends\"," TITLE ",\"type\":\"list\",\"reference\":\"organisation\",\"facet\":true},"
         "{\"name\":\"head\"," TITLE ",\"type\":\"string\",\"reference\":\"person\",\"facet\":true,"
         "\"visibility\":\"members\"},"
         "{\"name\":\"secret\"," TITLE ",\"type\":\"string\",\"visibility\":\"members\"}]}")},
    {STR("person.json"), STR("{\"name\":\"person\"," TITLE ",\"label\":[\"name\"],\"fields\":[" NAME ","
                             "{\"name\":\"mail\"," TITLE ",\"type\":\"string\",\"personal\":true},"
                             "{\"name\":\"likes\"," TITLE ",\"type\":\"list\",\"vocabulary\":\"domain\",\"facet\":true,"
                             "\"personal\":true}]}")},
    {STR("seat.json"),
     STR("{\"name\":\"seat\"," TITLE ",\"label\":[\"name\"],\"oneAtATime\":[\"member\",\"kind\"],\"fields\":[" NAME ","
         "{\"name\":\"member\"," TITLE ",\"type\":\"string\",\"reference\":\"organisation\",\"facet\":true},"
         "{\"name\":\"person\"," TITLE ",\"type\":\"string\",\"reference\":\"person\"},"
         "{\"name\":\"kind\"," TITLE ",\"type\":\"string\",\"vocabulary\":\"kind\",\"facet\":true}]}")},
    {STR("source.json"),
     STR("{\"name\":\"source\",\"role\":\"source\"," TITLE ",\"label\":[\"name\"],\"fields\":[" NAME "]}")},
    {STR("vocabulary/kind.json"), STR("{\"name\":\"kind\"," TITLE ",\"terms\":["
                                      "{\"code\":\"city\",\"ja\":\"市\",\"en\":\"City\"},"
                                      "{\"code\":\"firm\",\"ja\":\"会社\",\"en\":\"Firm\"}]}")},
    {STR("vocabulary/domain.json"), STR("{\"name\":\"domain\"," TITLE ",\"terms\":["
                                        "{\"code\":\"d1\",\"ja\":\"一\",\"en\":\"One\"},"
                                        "{\"code\":\"d2\",\"ja\":\"二\",\"en\":\"Two\"},"
                                        "{\"code\":\"d3\",\"ja\":\"三\",\"en\":\"Three\"}]}")},
};

struct fixture fixture;
struct oracle oracle;
struct arena lasting;
static uint64_t chance_state;
uint64_t seed;
int set_number;

/* xorshift64*: the same run for the same seed everywhere. */
size_t chance(size_t below)
{
    chance_state ^= chance_state >> 12;
    chance_state ^= chance_state << 25;
    chance_state ^= chance_state >> 27;
    return (size_t)((chance_state * 0x2545f4914f6cdd1d) >> 33) % below;
}

bool one_in(size_t number)
{
    return chance(number) == 0;
}

const struct reg *any_register(void)
{
    static const char weights[] = "oooppsssc";
    switch (weights[chance(sizeof weights - 1)]) {
    case 'o':
        return model_register(fixture.model, STR("organisation"));
    case 'p':
        return model_register(fixture.model, STR("person"));
    case 's':
        return model_register(fixture.model, STR("seat"));
    default:
        return model_register(fixture.model, STR("source"));
    }
}

/* "organisation-3": few enough that ids meet again. */
struct str any_id(const struct reg *reg)
{
    return arena_format(&lasting, "%.*s-%zu", STR_ARG(reg->name), chance(8));
}

struct str any_existing(const struct reg *reg)
{
    const struct state *state = oracle_state(&oracle, 0);
    for (int tries = 0; tries < 30 && state->count; tries++) {
        const struct entry *entry = &state->entries[chance(state->count)];
        if (entry->reg == reg)
            return record_id(entry->record);
    }
    return any_id(reg);
}

const char *const dates[DATE_COUNT] = {"2019", "2020",       "2020-04",    "2020-04-01", "2020-06-30",
                                       "2021", "2021-03-31", "2021-12-31", "2022-02",    "2023-01-01"};

/* ---- records ---- */

static void add_member(struct buf *json, const char *name, struct str text)
{
    buf_add_format(json, ",\"%s\":\"%.*s\"", name, STR_ARG(text));
}

struct str existing_in(const char *register_name)
{
    return any_existing(model_register(fixture.model, str_from_cstr(register_name)));
}

static struct str any_entry(const char *name, const char *register_name, size_t place)
{
    if (!register_name)
        return arena_format(&lasting, "\"d%zu\"", place + 1);
    if (strcmp(name, "partners") == 0 && one_in(4))
        return arena_format(&lasting, "{\"name\":{\"en\":\"Stranger %zu\"}}", chance(3));
    return arena_format(&lasting, "{\"id\":\"%.*s\"}", STR_ARG(existing_in(register_name)));
}

/* A list says nothing twice. */
static void add_list(struct buf *json, const char *name, const char *register_name)
{
    struct str entries[3];
    size_t count = 1 + chance(3);
    buf_add_format(json, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        entries[i] = any_entry(name, register_name, i);
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= str_eq(entries[k], entries[i]);
        if (!again)
            buf_add_format(json, "%s%.*s", i ? "," : "", STR_ARG(entries[i]));
    }
    buf_add_byte(json, ']');
}

static void add_times(struct buf *json)
{
    size_t first = chance(DATE_COUNT), last = first + chance(DATE_COUNT - first);
    if (one_in(2))
        add_member(json, "from", str_from_cstr(dates[first]));
    if (last > first + 2 && one_in(3))
        add_member(json, "to", str_from_cstr(dates[last]));
    else if (one_in(3))
        add_member(json, "attested_on", str_from_cstr(dates[last]));
}

static void add_sources(struct buf *json, const struct reg *reg)
{
    static const char *const fields[] = {"", "\"fields\":[\"name\"],", "\"fields\":[\"secret\"],",
                                         "\"fields\":[\"name\",\"secret\",\"owner\"],"};
    buf_add_format(json, ",\"sources\":[{%s\"source\":\"%.*s\"}",
                   fields[str_eq(reg->name, STR("organisation")) ? chance(4) : chance(2)],
                   STR_ARG(existing_in("source")));
    if (one_in(2))
        buf_add_format(json, ",{\"source\":\"%.*s\",\"locator\":\"p. %zu\"}", STR_ARG(existing_in("source")),
                       chance(9));
    buf_add_format(json, "]");
}

static void add_organisation(struct buf *json)
{
    if (one_in(2))
        buf_add_format(json, ",\"rank\":%zu", chance(4));
    if (one_in(2))
        add_member(json, "parent", existing_in("organisation"));
    if (one_in(2))
        add_list(json, "domains", NULL);
    if (one_in(3))
        add_list(json, "partners", "organisation");
    if (one_in(3))
        add_list(json, "friends", "organisation");
    if (one_in(3))
        add_member(json, "head", existing_in("person"));
    if (one_in(3))
        add_member(json, "secret", STR("hush"));
}

static void add_own_fields(struct buf *json, const struct reg *reg)
{
    static const char *const kinds[] = {"city", "firm"};
    if (reg_field(reg, STR("kind")) && !one_in(4))
        add_member(json, "kind", str_from_cstr(kinds[chance(2)]));
    if (str_eq(reg->name, STR("organisation")))
        add_organisation(json);
    if (reg_field(reg, STR("member")) && !one_in(5))
        add_member(json, "member", existing_in("organisation"));
    if (reg_field(reg, STR("person")) && one_in(2))
        add_member(json, "person", existing_in("person"));
    if (reg_field(reg, STR("mail")) && !one_in(4))
        add_member(json, "mail", STR("me@example.org"));
    if (reg_field(reg, STR("likes")) && one_in(2))
        add_list(json, "likes", NULL);
}

static const struct value *any_record(const struct reg *reg, struct str id)
{
    static const char *const words[] = {"alder", "birch", "cedar", "elm", "fir"};
    BUF_AUTO json;
    buf_init(&json, 1u << 16);
    buf_add_format(&json, "{\"id\":\"%.*s\"", STR_ARG(id));
    if (!one_in(5))
        buf_add_format(&json, ",\"name\":{\"%s\":\"%s\"}", one_in(3) ? "ja" : "en", words[chance(5)]);
    if (one_in(4))
        add_member(&json, "kana", str_from_cstr(words[chance(5)]));
    if (one_in(3))
        add_member(&json, "owner", existing_in("organisation"));
    if (one_in(3))
        add_member(&json, "visibility", visibility_names[chance(VISIBILITY_COUNT)]);
    add_times(&json);
    if (one_in(3))
        add_sources(&json, reg);
    add_own_fields(&json, reg);
    buf_add_byte(&json, '}');
    struct value *given, *record;
    struct record_problems problems;
    record_problems_init(&problems, &lasting);
    struct err err = {0};
    if (json_read(&lasting, buf_str(&json), NULL, &given, &err))
        fail_msg("%s in %.*s", err.message, STR_ARG(buf_str(&json)));
    if (record_from_value(fixture.model, reg, given, &lasting, &problems, &record))
        fail_msg("%.*s in %.*s", STR_ARG(problems.items[0].message), STR_ARG(buf_str(&json)));
    return record;
}

/* ---- change sets ---- */

#define OPERATIONS_MAX 4

struct change_plan {
    struct operation operations[OPERATIONS_MAX];
    size_t count;
};

/* Not what makes a sort key: a past row's key is emptied then, though something may be left that it could be made of. */
static const struct field *any_redactable(const struct reg *reg)
{
    static const char *const names[] = {"kind", "domains", "mail", "likes", "parent", "member"};
    for (;;) {
        const struct field *field = reg_field(reg, str_from_cstr(names[chance(6)]));
        if (field)
            return field;
    }
}

static struct operation any_operation(void)
{
    const struct reg *reg = any_register();
    struct operation operation = {.kind = CHANGE_UPDATE, .reg = reg, .id = any_id(reg)};
    size_t dice = chance(20);
    if (dice < 12) {
        operation.record = any_record(reg, operation.id);
        return operation;
    }
    if (dice == 19) /* of records that are gone, too */
        reg = model_register(fixture.model, one_in(2) ? STR("person") : STR("organisation"));
    operation.id = dice == 19 && one_in(2) ? any_id(reg) : any_existing(reg);
    operation.kind = dice < 15 ? CHANGE_DELETE : dice < 17 ? CHANGE_RENAME : dice < 19 ? CHANGE_MERGE : CHANGE_REDACT;
    if (operation.kind == CHANGE_RENAME)
        operation.other = one_in(4) ? any_id(reg) : arena_format(&lasting, "%.*s-x%d", STR_ARG(reg->name), set_number);
    if (operation.kind == CHANGE_MERGE)
        operation.other = any_existing(reg);
    if (operation.kind == CHANGE_REDACT)
        operation.field = any_redactable(reg);
    return operation;
}

static int run_operation(struct change_set *changes, const struct operation *operation, struct err *err)
{
    const struct field *field = operation->field;
    switch (operation->kind) {
    case CHANGE_DELETE:
        return change_delete(changes, operation->reg, operation->id, SEQ_ANY, err);
    case CHANGE_RENAME:
        return change_rename(changes, operation->reg, operation->id, operation->other, err);
    case CHANGE_MERGE:
        return change_merge(changes, operation->reg, operation->id, operation->other, err);
    case CHANGE_REDACT:
        return change_redact(changes, operation->reg, operation->id, &field, 1, err);
    default:
        return change_put(changes, operation->reg, value_copy(&lasting, operation->record), SEQ_ANY, &lasting, err);
    }
}

static int fill_plan(void *context, struct change_set *changes, struct err *err)
{
    const struct change_plan *plan = context;
    for (size_t i = 0; i < plan->count; i++)
        if (run_operation(changes, &plan->operations[i], err))
            return -1;
    return 0;
}

/* MUSUBI_RANDOM_TELL prints what is done. */
static void describe(const struct change_plan *plan, bool always)
{
    if (!always && !getenv("MUSUBI_RANDOM_TELL"))
        return;
    print_message("set %d, after %lld:\n", set_number, (long long)oracle.last);
    for (size_t i = 0; i < plan->count; i++) {
        const struct operation *operation = &plan->operations[i];
        print_message("  %.*s %.*s %.*s %.*s\n", STR_ARG(change_kind_names[operation->kind]),
                      STR_ARG(operation->reg->name), STR_ARG(operation->id), STR_ARG(operation->other));
    }
}

void change_something(void)
{
    struct change_plan plan = {.count = 1 + chance(OPERATIONS_MAX)};
    for (size_t i = 0; i < plan.count; i++)
        plan.operations[i] = any_operation();
    bool accepted = oracle_accepts(&oracle, plan.operations, plan.count);
    struct write_outcome outcome = {0};
    struct err err = {0};
    int64_t before = oracle.last;
    if (accepted)
        describe(&plan, false);
    int result = fill_set(&fixture, fill_plan, &plan, &outcome, &err);
    if ((result == 0) != accepted) {
        describe(&plan, true);
        fail_msg("seed %llu, set %d: the store says %s, the oracle %s", (unsigned long long)seed, set_number,
                 result ? err.message : "yes", accepted ? "yes" : "no");
    }
    if (result)
        return;
    struct read_options everything = {.viewer = {.sees = VISIBILITY_SECRETARIAT}};
    struct reader *reader;
    assert_int_equal(store_read(fixture.store, &everything, &reader, &err), 0);
    struct feed_item *feed;
    size_t count;
    assert_int_equal(store_feed(reader, before, 1000, &lasting, &feed, &count, &err), 0);
    bool same = oracle_apply(&oracle, plan.operations, plan.count, feed, count);
    reader_release(reader);
    if (!same) {
        describe(&plan, true);
        fail_msg("seed %llu, set %d: other revisions than expected", (unsigned long long)seed, set_number);
    }
}

/* Something hidden in every register first, so that each is one that may have hidden records. */
static void hide_one_of_each(void)
{
    for (size_t r = 0; r < fixture.model->register_count; r++) {
        const struct reg *reg = &fixture.model->registers[r];
        struct str id = arena_format(&lasting, "%.*s-hidden", STR_ARG(reg->name));
        struct value *record = value_object(&lasting);
        value_set_text(&lasting, record, STR("id"), id);
        value_set_text(&lasting, record, STR("visibility"), STR("secretariat"));
        struct change_plan plan = {.operations = {{.kind = CHANGE_UPDATE, .reg = reg, .id = id, .record = record}},
                                   .count = 1};
        struct write_outcome outcome;
        struct err err = {0};
        if (fill_set(&fixture, fill_plan, &plan, &outcome, &err))
            fail_msg("%s", err.message);
        struct feed_item item = {oracle.last + 1, reg, id, CHANGE_CREATE, STR("")};
        assert_true(oracle_apply(&oracle, plan.operations, 1, &item, 1));
    }
}

void random_begin(uint64_t run_seed)
{
    seed = run_seed;
    chance_state = seed * 0x9e3779b97f4a7c15 + 1;
    fixture_open(&fixture);
    fixture_reopen(&fixture, random_model, sizeof random_model / sizeof random_model[0]);
    arena_init(&lasting, (size_t)4 << 30);
    oracle_init(&oracle, fixture.model, &lasting);
    hide_one_of_each();
}

void random_end(void)
{
    fixture_close(&fixture);
    arena_free(&lasting);
}
