/* Random change sets against the oracle: what the store says of any seq, date and viewer is what remembering everything says.
 *
 * MUSUBI_RANDOM_SEED, MUSUBI_RANDOM_RUNS and MUSUBI_RANDOM_SETS choose other runs; a failure names its seed and set. */
#include "random_changes.h"

#include "store/list.h"

static struct reader *open_reader(const struct read_options *options)
{
    struct reader *reader;
    struct err err = {0};
    if (store_read(fixture.store, options, &reader, &err))
        fail_msg("%s", err.message);
    return reader;
}

/* ---- comparing ---- */

struct view {
    struct read_options options;
    struct reader *reader;
    const struct state *state;
    struct arena *arena;
};

static struct str json_of(const struct value *value)
{
    if (!value)
        return STR("nothing");
    BUF_AUTO json;
    buf_init(&json, 1u << 20);
    value_write_json(&json, value);
    return arena_copy(&lasting, buf_str(&json));
}

static void complain(const struct view *view, const char *what, struct str actual, struct str expected)
{
    char on[DATE_TEXT_MAX] = "";
    if (date_is_set(view->options.on))
        date_format(view->options.on, on);
    fail_msg("seed %llu, set %d, as of %lld of %lld, on %s, viewer %d %.*s: %s: %.*s instead of %.*s",
             (unsigned long long)seed, set_number, (long long)view->options.as_of, (long long)oracle.last, on,
             (int)view->options.viewer.sees, STR_ARG(view->options.viewer.owner), what, STR_ARG(actual),
             STR_ARG(expected));
}

static void compare_value(const struct view *view, const char *what, const struct value *actual,
                          const struct value *expected)
{
    if (actual && expected ? !value_equal(actual, expected) : actual != expected)
        complain(view, what, json_of(actual), json_of(expected));
}

static void compare_record(const struct view *view, const struct reg *reg, struct str id)
{
    const struct entry *entry = state_find(view->state, reg, id);
    struct value *expected = entry && entry_is_visible(entry, &view->options.viewer)
                                 ? oracle_view(&oracle, view->state, reg, entry->record, &view->options.viewer)
                                 : NULL;
    struct found found = {0};
    struct str moved = STR("");
    struct err err = {0};
    if (store_get(view->reader, reg, id, view->arena, &found, &moved, &err))
        assert_int_equal(err.code, ERR_NOT_FOUND);
    compare_value(view, id.ptr, found.record, expected);
    if (expected && found.seq != entry->seq)
        complain(view, "the seq of", id, STR("the other"));
    if (view->options.as_of || expected)
        return;
    struct str to = oracle_moved(&oracle, reg, id);
    const struct entry *there = to.len ? state_find(view->state, reg, to) : NULL;
    struct str expected_move = there && entry_is_visible(there, &view->options.viewer) ? to : STR("");
    if (!str_eq(moved, expected_move))
        complain(view, "moved to", moved, expected_move);
}

/* ---- lists ---- */

static struct str number_text(const struct value *value, struct arena *arena)
{
    char text[DECIMAL_TEXT_MAX];
    return arena_copy(arena, str_make(text, decimal_format(value->number, text)));
}

static bool entry_says(const struct value *value, struct str text, struct arena *arena)
{
    if (!value)
        return false;
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value_count(value); i++)
            if (entry_says(value_at(value, i), text, arena))
                return true;
        return false;
    }
    if (value->kind == VALUE_NUMBER)
        return str_eq(number_text(value, arena), text);
    return str_eq(value->kind == VALUE_OBJECT ? value_get_text(value, STR("id")) : value_text_of(value), text);
}

/* Of what an owner may see of a single record nothing is asked here: filters and orders are for the whole list. */
static bool passes(const struct view *view, const struct entry *entry, const struct filter *filters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct reg *target =
            filters[i].field ? filters[i].field->reference : model_register(fixture.model, STR("organisation"));
        const struct entry *there = target ? state_find(view->state, target, filters[i].value) : NULL;
        if (target && view->options.viewer.sees < VISIBILITY_SECRETARIAT &&
            (!there || !entry_is_visible(there, &view->options.viewer)))
            return false;
        if (!entry_says(value_get(entry->record, filters[i].name), filters[i].value, view->arena))
            return false;
    }
    return true;
}

struct sortable {
    struct str key, id; /* empty key: last */
};

static int compare_sortable(const void *a, const void *b)
{
    const struct sortable *first = a, *second = b;
    if ((first->key.len == 0) != (second->key.len == 0))
        return first->key.len == 0 ? 1 : -1;
    int order = str_cmp(first->key, second->key);
    return order ? order : str_cmp(first->id, second->id);
}

static struct str key_of(const struct view *view, const struct list_query *query, const struct entry *entry)
{
    const struct field *field = query->by_id ? NULL : query->sort ? query->sort : query->reg->sort;
    if (!field)
        return STR("");
    const struct value *value = value_get(entry->record, field->name);
    if (field->type == FIELD_INTEGER)
        return value ? number_text(value, view->arena) : STR("");
    struct str kana = value_get_text(entry->record, STR("kana"));
    if (view->options.lang == LANG_JA && kana.len)
        return kana;
    return bilingual_best(value_bilingual(value), view->options.lang);
}

/* Ids in order, each followed by a space. */
static struct str expected_list(const struct view *view, const struct list_query *query, int64_t *ret_total)
{
    struct sortable sorted[ORACLE_ENTRIES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < view->state->count; i++) {
        const struct entry *entry = &view->state->entries[i];
        if (entry->reg == query->reg && entry_is_visible(entry, &view->options.viewer) &&
            oracle_holds(view->state, entry, &view->options.viewer, view->options.on) &&
            passes(view, entry, query->filters, query->filter_count))
            sorted[count++] = (struct sortable){key_of(view, query, entry), record_id(entry->record)};
    }
    qsort(sorted, count, sizeof *sorted, compare_sortable);
    size_t keyed = query->by_id ? count : 0;
    while (keyed < count && sorted[keyed].key.len)
        keyed++;
    BUF_AUTO out;
    buf_init(&out, 1u << 16);
    for (size_t i = 0; i < count; i++) {
        size_t place = query->descending && i < keyed ? keyed - 1 - i : i;
        buf_add_format(&out, "%.*s ", STR_ARG(sorted[place].id));
    }
    *ret_total = (int64_t)count;
    return arena_copy(view->arena, buf_str(&out));
}

static struct str actual_list(const struct view *view, const struct list_query *asked, int64_t *ret_total)
{
    struct list_query query = *asked;
    BUF_AUTO out;
    buf_init(&out, 1u << 16);
    do {
        struct page page;
        struct err err = {0};
        if (store_list(view->reader, &query, view->arena, &page, &err))
            fail_msg("seed %llu: %s", (unsigned long long)seed, err.message);
        for (size_t i = 0; i < page.count; i++) {
            struct str id = record_id(page.items[i].record);
            buf_add_format(&out, "%.*s ", STR_ARG(id));
            const struct entry *entry = state_find(view->state, query.reg, id);
            if (entry)
                compare_value(view, id.ptr, page.items[i].record,
                              oracle_view(&oracle, view->state, query.reg, entry->record, &view->options.viewer));
        }
        assert_true(page.total_exact);
        *ret_total = page.total;
        query.cursor = page.next;
    } while (query.cursor.len);
    return arena_copy(view->arena, buf_str(&out));
}

static struct filter any_filter(const struct view *view, const struct reg *reg)
{
    if (one_in(8))
        return (struct filter){.name = STR("owner"), .value = existing_in("organisation")};
    for (;;) {
        const struct field *field = &reg->fields[chance(reg->field_count)];
        struct filter filter = {.field = field, .name = field->name};
        if (field->visibility > view->options.viewer.sees || str_eq(field->name, STR("name")))
            continue;
        if (field->reference)
            filter.value = any_existing(field->reference);
        else if (field->vocabulary)
            filter.value = field->vocabulary->terms[chance(field->vocabulary->term_count)].code;
        else if (field->type == FIELD_INTEGER)
            filter.value = arena_format(view->arena, "%zu", chance(4));
        else
            filter.value = STR("elm");
        return filter;
    }
}

static void describe_query(const struct list_query *query)
{
    print_message("list of %.*s, sort %.*s, by id %d, descending %d, limit %zu\n", STR_ARG(query->reg->name),
                  STR_ARG(query->sort ? query->sort->name : STR("-")), query->by_id, query->descending, query->limit);
    for (size_t i = 0; i < query->filter_count; i++)
        print_message("  %.*s=%.*s\n", STR_ARG(query->filters[i].name), STR_ARG(query->filters[i].value));
}

static void compare_list(const struct view *view)
{
    struct filter filters[2];
    struct list_query query = {
        .reg = any_register(), .filters = filters, .limit = 1 + chance(5), .by_id = one_in(4), .descending = one_in(2)};
    if (reg_field(query.reg, STR("rank")) && one_in(2) && !query.by_id)
        query.sort = reg_field(query.reg, STR("rank"));
    query.filter_count = chance(3);
    for (size_t i = 0; i < query.filter_count; i++)
        filters[i] = any_filter(view, query.reg);
    int64_t total, expected_total;
    struct str expected = expected_list(view, &query, &expected_total);
    struct str actual = actual_list(view, &query, &total);
    if (str_eq(actual, expected) && total == expected_total)
        return;
    describe_query(&query);
    if (total != expected_total)
        print_message("total %lld instead of %lld\n", (long long)total, (long long)expected_total);
    complain(view, "list", actual, expected);
}

/* ---- counts, facets ---- */

static void compare_facet(const struct view *view, const struct reg *reg, const struct field *field)
{
    struct facet_count *counts;
    size_t count;
    struct err err = {0};
    assert_int_equal(store_facet(view->reader, reg, field, view->arena, &counts, &count, &err), 0);
    int64_t sum = 0, expected_sum = 0;
    for (size_t i = 0; i < count; i++) {
        struct filter filter = {.field = field, .name = field->name, .value = counts[i].value};
        struct list_query query = {.reg = reg, .filters = &filter, .filter_count = 1};
        int64_t expected;
        expected_list(view, &query, &expected);
        if (expected != counts[i].count)
            complain(view, "facet", counts[i].value, field->name);
        sum += counts[i].count;
    }
    for (size_t i = 0; i < view->state->count; i++) {
        const struct entry *entry = &view->state->entries[i];
        if (entry->reg != reg || !entry_is_visible(entry, &view->options.viewer))
            continue;
        const struct value *value =
            value_get(oracle_view(&oracle, view->state, reg, entry->record, &view->options.viewer), field->name);
        for (size_t k = 0; value && value->kind == VALUE_LIST && k < value_count(value); k++) {
            bool again = false;
            for (size_t j = 0; j < k; j++)
                again |= value_equal(value_at(value, j), value_at(value, k));
            expected_sum += !again;
        }
        expected_sum += value && value->kind != VALUE_LIST;
    }
    if (sum != expected_sum)
        complain(view, "facet", field->name, STR("another sum"));
}

static void compare_counts(const struct view *view)
{
    for (size_t r = 0; r < fixture.model->register_count; r++) {
        const struct reg *reg = &fixture.model->registers[r];
        int64_t count, expected;
        struct err err = {0};
        assert_int_equal(store_count(view->reader, reg, &count, &err), 0);
        struct list_query query = {.reg = reg};
        expected_list(view, &query, &expected);
        if (count != expected)
            complain(view, "count", reg->name, STR("another"));
        for (size_t i = 0; i < reg->field_count; i++)
            if (reg->fields[i].facet && reg->fields[i].visibility <= view->options.viewer.sees)
                compare_facet(view, reg, &reg->fields[i]);
    }
}

/* ---- inbound references ---- */

/* Whether the viewer sees the entry, and sees it hold the id in that field (NULL: among its sources). */
static bool is_seen_referring(const struct view *view, const struct entry *entry, const struct field *field,
                              struct str id)
{
    const struct viewer *viewer = &view->options.viewer;
    if (!entry_is_visible(entry, viewer) || (field && field->visibility > viewer->sees) ||
        !oracle_holds(view->state, entry, viewer, view->options.on))
        return false;
    return record_refers(oracle_view(&oracle, view->state, entry->reg, entry->record, viewer), field, id);
}

static struct str expected_inbound(const struct view *view, const struct entry *target)
{
    BUF_AUTO out;
    buf_init(&out, 1u << 20);
    for (size_t r = 0; r < fixture.model->register_count; r++) {
        const struct reg *reg = &fixture.model->registers[r];
        for (size_t f = 0; f <= reg->field_count; f++) {
            const struct field *field = f < reg->field_count ? &reg->fields[f] : NULL;
            const struct reg *points_at = field ? field->reference : model_register(fixture.model, STR("source"));
            struct sortable sorted[ORACLE_ENTRIES_MAX];
            size_t count = 0;
            for (size_t i = 0; points_at == target->reg && i < view->state->count; i++) {
                const struct entry *entry = &view->state->entries[i];
                struct list_query query = {.reg = reg};
                if (entry->reg == reg && is_seen_referring(view, entry, field, record_id(target->record)))
                    sorted[count++] = (struct sortable){key_of(view, &query, entry), record_id(entry->record)};
            }
            qsort(sorted, count, sizeof *sorted, compare_sortable);
            if (count)
                buf_add_format(&out, "%.*s.%.*s %zu:", STR_ARG(reg->name),
                               STR_ARG(field ? field->name : STR("sources")), count);
            for (size_t i = 0; i < count && i < 3; i++)
                buf_add_format(&out, " %.*s", STR_ARG(sorted[i].id));
            if (count)
                buf_add_byte(&out, '\n');
        }
    }
    return arena_copy(view->arena, buf_str(&out));
}

static void compare_inbound(const struct view *view, const struct entry *target)
{
    struct inbound_group *groups;
    size_t count;
    struct err err = {0};
    struct str id = record_id(target->record);
    assert_int_equal(store_inbound(view->reader, target->reg, id, 3, view->arena, &groups, &count, &err), 0);
    struct str expected = entry_is_visible(target, &view->options.viewer) ? expected_inbound(view, target) : STR("");
    BUF_AUTO out;
    buf_init(&out, 1u << 20);
    for (size_t g = 0; g < count; g++) {
        buf_add_format(&out, "%.*s.%.*s %lld:", STR_ARG(groups[g].reg->name),
                       STR_ARG(groups[g].field ? groups[g].field->name : STR("sources")), (long long)groups[g].total);
        for (size_t i = 0; i < groups[g].count; i++)
            buf_add_format(&out, " %.*s", STR_ARG(groups[g].items[i].id));
        buf_add_byte(&out, '\n');
    }
    if (!str_eq(buf_str(&out), expected)) {
        print_message("inbound of %.*s\n", STR_ARG(id));
        complain(view, "inbound", buf_str(&out), expected);
    }
}

/* ---- history ---- */

static const struct entry *on_line(const struct state *state, const struct reg *reg, int line)
{
    for (size_t i = 0; i < state->count; i++)
        if (state->entries[i].reg == reg && state->entries[i].line == line)
            return &state->entries[i];
    return NULL;
}

static struct value *side(const struct view *view, int64_t seq, const struct reg *reg, int line)
{
    const struct entry *entry = on_line(oracle.states[seq], reg, line);
    if (!entry || !entry_is_visible(entry, &view->options.viewer))
        return NULL;
    return oracle_view(&oracle, view->state, reg, entry->record, &view->options.viewer);
}

static void compare_history(const struct view *view, const struct entry *entry)
{
    struct revision *revisions;
    size_t count, next = 0;
    struct err err = {0};
    struct str id = record_id(entry->record);
    assert_int_equal(store_history(view->reader, entry->reg, id, 1000, 0, view->arena, &revisions, &count, &err), 0);
    int64_t newest = oracle_end(&oracle, view->options.as_of);
    for (int64_t seq = newest; seq > 0; seq--) {
        if (oracle.events[seq].reg != entry->reg || oracle.events[seq].line != entry->line)
            continue;
        struct value *before = side(view, seq - 1, entry->reg, entry->line);
        struct value *after = side(view, seq, entry->reg, entry->line);
        if (!before && !after)
            continue;
        if (next >= count || revisions[next].seq != seq || revisions[next].kind != oracle.events[seq].kind)
            complain(view, "history", id, arena_format(view->arena, "one with revision %lld", (long long)seq));
        compare_value(view, "before", revisions[next].before, before);
        compare_value(view, "after", revisions[next].after, after);
        next++;
    }
    if (next != count)
        complain(view, "history",
                 arena_format(view->arena, "%.*s with %lld", STR_ARG(id), (long long)revisions[next].seq),
                 STR("fewer revisions"));
}

/* ---- everything, from one point of view ---- */

static void compare_from(struct view *view)
{
    struct arena arena;
    arena_init(&arena, (size_t)256 << 20);
    view->arena = &arena;
    struct arena *remembering = oracle.arena;
    oracle.arena = &arena; /* views are not worth remembering */
    view->reader = open_reader(&view->options);
    view->state = oracle_state(&oracle, view->options.as_of);
    for (int i = 0; i < 6; i++) {
        const struct reg *reg = any_register();
        compare_record(view, reg, one_in(2) ? any_existing(reg) : any_id(reg));
        compare_list(view);
    }
    if (!view->options.as_of && !date_is_set(view->options.on) && !view->options.viewer.owner.len)
        compare_counts(view);
    for (int i = 0; i < 3 && view->state->count; i++) {
        const struct entry *entry = &view->state->entries[chance(view->state->count)];
        compare_inbound(view, entry);
        if (oracle_moved(&oracle, entry->reg, record_id(entry->record)).len == 0)
            compare_history(view, entry);
    }
    reader_release(view->reader);
    oracle.arena = remembering;
    arena_free(&arena);
}

static void compare_everything(void)
{
    for (int i = 0; i < 6; i++) {
        struct view view = {.options = {.viewer = {.sees = (enum visibility)chance(VISIBILITY_COUNT)},
                                        .lang = (enum lang)chance(LANG_COUNT)}};
        if (one_in(4)) {
            view.options.viewer.sees = VISIBILITY_PUBLIC;
            view.options.viewer.owner = existing_in("organisation");
        }
        if (one_in(2))
            view.options.as_of = (int64_t)chance((size_t)oracle.last + 3);
        if (one_in(2))
            assert_true(date_parse(str_from_cstr(dates[chance(DATE_COUNT)]), &view.options.on));
        compare_from(&view);
    }
}

static void print_finding(void *context, struct str line)
{
    (void)context;
    print_message("%.*s\n", STR_ARG(line));
}

static void check_is_clean(void)
{
    int64_t findings = 0;
    struct err err = {0};
    assert_int_equal(store_check(fixture.store, print_finding, NULL, &findings, &err), 0);
    if (findings)
        fail_msg("seed %llu, set %d: %lld findings", (unsigned long long)seed, set_number, (long long)findings);
}

static int64_t number_from_environment(const char *name, int64_t otherwise)
{
    int64_t number;
    const char *text = getenv(name);
    return text && str_to_int64(str_from_cstr(text), &number) ? number : otherwise;
}

static void run_once(uint64_t run_seed, int sets)
{
    /* So that the little that is here is enough to be jumped over and remembered; in turns with the usual. */
    past_run_max = run_seed % 3 == 0 ? 8 : 1;
    past_stretch_min = run_seed % 3 == 0 ? 200 : run_seed % 3;
    random_begin(run_seed);
    for (set_number = 1; set_number <= sets && oracle.last < ORACLE_SEQS_MAX - 200; set_number++) {
        change_something();
        compare_everything();
    }
    check_is_clean();
    random_end();
}

static void agrees_with_remembering_everything(void **state)
{
    (void)state;
    int64_t first = number_from_environment("MUSUBI_RANDOM_SEED", 1);
    int64_t runs = number_from_environment("MUSUBI_RANDOM_RUNS", 3);
    for (int64_t i = 0; i < runs; i++)
        run_once((uint64_t)(first + i), (int)number_from_environment("MUSUBI_RANDOM_SETS", 120));
}

UNIT_TESTS(TEST(agrees_with_remembering_everything))
