/* The ledger of investments: rounds with their sources, how ventures left, and how many rounds there are by hub and by domain. Sums are
 * shown one by one, in their own currency and in the community's second; they are counted, never added up: they are examples and differ
 * in nature. Which register and fields these are is "ledger" in site/site.json:
 *   "register", "sort", "columns" (fields of a row), "counts" ([field]: how many rounds by each of its values), "sum" (the field of money) */
#include "base/intl.h"
#include "model/record.h"
#include "web/page.h"
#include "web/plan_view.h"
#include "web/route.h"
#include "web/site_pages.h"

#define ROUNDS_MAX 1000

struct ledger {
    struct building building;
    const struct value *layout;
    const struct reg *reg;
    struct page page;
    struct value *frame;
};

static struct value *number_words(struct ledger *ledger, size_t number)
{
    struct building *building = &ledger->building;
    return value_text(building->arena,
                      intl_integer(building->arena, lang_codes[building->call->lang], (int64_t)number));
}

/* ---- rounds ---- */

static int add_row(struct ledger *ledger, const struct found *found, struct value *rows, struct err *err)
{
    struct building *building = &ledger->building;
    const struct value *names = value_get(ledger->layout, STR("columns"));
    struct value *row = section_link(building, found);
    struct value *cells = value_list(building->arena);
    struct value *whole = NULL;
    if (view_record(&building->viewing, found->reg, found->record, &whole, err) != 0) {
        return -1;
    }
    display_set_record(&building->display, found->reg, found->record);
    for (size_t i = 0; i < value_count(names); i++) {
        const struct field *field = reg_field(ledger->reg, value_text_of(value_at(names, i)));
        const struct value *value = field ? value_get(whole, field->name) : NULL;
        struct value *cell = value ? display_field(&building->display, field, value) : value_object(building->arena);
        if (!value) {
            value_set(building->arena, cell, STR("values"), value_list(building->arena));
        }
        value_append(building->arena, cells, cell);
    }
    display_set_record(&building->display, NULL, NULL);
    value_set(building->arena, row, STR("cells"), cells);
    value_set(building->arena, row, STR("sources"),
              number_words(ledger, value_count(value_get(found->record, STR("sources")))));
    value_append(building->arena, rows, row);
    return 0;
}

static struct value *heads_of(struct ledger *ledger)
{
    struct building *building = &ledger->building;
    const struct value *names = value_get(ledger->layout, STR("columns"));
    struct value *heads = value_list(building->arena);
    for (size_t i = 0; i < value_count(names); i++) {
        const struct field *field = reg_field(ledger->reg, value_text_of(value_at(names, i)));
        struct value *head = value_object(building->arena);
        value_set_text(building->arena, head, STR("title"),
                       field ? bilingual_best(field->title, building->call->lang) : STR(""));
        value_append(building->arena, heads, head);
    }
    return heads;
}

/* ---- counts ---- */

struct tally {
    struct str value; /* code or id */
    size_t rounds, disclosed;
};

struct tallies {
    struct tally items[ROUNDS_MAX];
    size_t count;
};

static void count_value(struct tallies *tallies, struct str value, bool disclosed)
{
    size_t at = 0;
    while (at < tallies->count && !str_eq(tallies->items[at].value, value)) {
        at++;
    }
    if (at == ROUNDS_MAX || value.len == 0) {
        return;
    }
    if (at == tallies->count) {
        tallies->items[tallies->count++] = (struct tally){.value = value};
    }
    tallies->items[at].rounds++;
    tallies->items[at].disclosed += disclosed;
}

static void count_all(struct ledger *ledger, const struct field *field, struct tallies *tallies)
{
    struct str sum = value_get_text(ledger->layout, STR("sum"));
    for (size_t i = 0; i < ledger->page.count; i++) {
        const struct value *record = ledger->page.items[i].record;
        const struct value *value = value_get(record, field->name);
        bool disclosed = value_get(record, sum) != NULL;
        if (value && value->kind == VALUE_LIST) {
            for (size_t k = 0; k < value_count(value); k++) {
                count_value(tallies, value_text_of(value_at(value, k)), disclosed);
            }
        } else {
            count_value(tallies, value_text_of(value), disclosed);
        }
    }
}

static int label_of(struct ledger *ledger, const struct field *field, struct str value, struct value **ret_label,
                    struct err *err)
{
    struct building *building = &ledger->building;
    const struct term *term = field->vocabulary ? vocabulary_term(field->vocabulary, value) : NULL;
    struct bilingual label = {0};
    if (field->reference && viewing_label(&building->viewing, field->reference, value, &label, err) != 0) {
        return -1;
    }
    label = term ? term->label : label;
    *ret_label = bilingual_best(label, building->call->lang).len
                     ? display_text(building->arena, building->call->lang, label)
                     : display_plain_text(building->arena, value);
    value_set_text(building->arena, *ret_label, STR("href"),
                   arena_concat(building->arena, 5, page_href(building->call, ledger->reg->name), STR("?"), field->name,
                                STR("="), url_segment(building->arena, value)));
    return 0;
}

/* Most rounds first; of equal ones in the order they were met. */
static void sort_tallies(struct tallies *tallies)
{
    for (size_t i = 1; i < tallies->count; i++) {
        struct tally one = tallies->items[i];
        size_t at = i;
        for (; at > 0 && tallies->items[at - 1].rounds < one.rounds; at--) {
            tallies->items[at] = tallies->items[at - 1];
        }
        tallies->items[at] = one;
    }
}

static int add_count(struct ledger *ledger, struct str name, struct value *counts, struct err *err)
{
    struct building *building = &ledger->building;
    const struct field *field = reg_field(ledger->reg, name);
    struct tallies *tallies = ARENA_NEW(building->arena, struct tallies);
    struct value *view = value_object(building->arena);
    struct value *rows = value_list(building->arena);
    if (!field) {
        return 0;
    }
    count_all(ledger, field, tallies);
    sort_tallies(tallies);
    for (size_t i = 0; i < tallies->count; i++) {
        struct value *row = NULL;
        if (label_of(ledger, field, tallies->items[i].value, &row, err) != 0) {
            return -1;
        }
        value_set(building->arena, row, STR("rounds"), number_words(ledger, tallies->items[i].rounds));
        value_set(building->arena, row, STR("disclosed"), number_words(ledger, tallies->items[i].disclosed));
        value_append(building->arena, rows, row);
    }
    value_set_text(building->arena, view, STR("title"), bilingual_best(field->title, building->call->lang));
    value_set(building->arena, view, STR("rows"), rows);
    if (tallies->count > 0) {
        value_append(building->arena, counts, view);
    }
    return 0;
}

/* ---- the page ---- */

static int build(struct ledger *ledger, struct err *err)
{
    struct building *building = &ledger->building;
    const struct value *names = value_get(ledger->layout, STR("counts"));
    struct value *rows = value_list(building->arena);
    struct value *counts = value_list(building->arena);
    if (section_list(building, ledger->layout, ROUNDS_MAX, &ledger->page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < value_count(names); i++) {
        if (add_count(ledger, value_text_of(value_at(names, i)), counts, err) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < ledger->page.count; i++) {
        if (add_row(ledger, &ledger->page.items[i], rows, err) != 0) {
            return -1;
        }
    }
    value_set(building->arena, ledger->frame, STR("pages"), planning_pages(building->call));
    value_set(building->arena, ledger->frame, STR("notices"),
              notices_of(building->call, ledger->reg, NULL, value_list(building->arena)));
    value_set(building->arena, ledger->frame, STR("counts"), counts);
    value_set(building->arena, ledger->frame, STR("heads"), heads_of(ledger));
    value_set(building->arena, ledger->frame, STR("rows"), rows);
    value_set(building->arena, ledger->frame, STR("is_empty"), value_bool(building->arena, ledger->page.count == 0));
    value_set(building->arena, ledger->frame, STR("rounds"), number_words(ledger, ledger->page.count));
    value_set_text(building->arena, ledger->frame, STR("list_href"), page_href(building->call, ledger->reg->name));
    return 0;
}

void page_ledger(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct ledger ledger = {.layout = call->site->layout.ledger};
    struct query query;
    struct err err = {0};
    ledger.reg = layout_register(ledger.layout, call->site->model);
    if (ledger.reg == NULL) {
        page_send_missing(call, STR("ledger"));
        return;
    }
    if (page_query(call, NULL, QUERY_AS_OF, &query) != 0 ||
        building_begin(&ledger.building, call, &query, &reader) != 0) {
        return;
    }
    ledger.frame = page_frame(call, &ledger.building.community, display_plain_text(call->arena, SAY(call, "ledger")));
    struct planning planning = {.building = ledger.building, .frame = ledger.frame};
    planning_crumb(&planning, "plan", "plan");
    if (query.options.as_of > 0) {
        page_set_past(call, ledger.frame, query.options.as_of);
    }
    if (build(&ledger, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_use_charts(call, ledger.frame);
    page_send(call, "ledger", ledger.frame);
}
