/* Which public texts stand in both languages, by register and by body, and a worklist of those that do not. */
#include "insight/completeness.h"

#include "base/intl.h"
#include "exchange/csv.h"
#include "model/record.h"
#include "web/query.h"
#include "web/section.h"
#include "web/site_pages.h"

#include <stdio.h>

#define WORK_ITEMS 50 /* on a page */
#define POINTS_SHOWN 24
#define OWNERS_SHOWN 50 /* the CSV has them all */
#define CSV_BYTES_MAX ((size_t)64 << 20)

/* What the worklist is narrowed to. */
struct narrowing {
    struct str reg, owner; /* empty: any */
    enum lang missing;     /* LANG_COUNT: either */
    bool stale;            /* only what is out of date */
};

struct showing_texts {
    struct building building;
    struct completeness completeness;
    struct narrowing to;
    int64_t first, seen;
    struct value *items;
    struct buf *csv;
    struct value *frame;
};

static const char *const lang_msgids[LANG_COUNT] = {"completeness-ja", "completeness-en"};

static const char *const stale_msgids[LANG_COUNT] = {"completeness-stale-ja", "completeness-stale-en"};

static struct str number_text(struct showing_texts *showing, int64_t number)
{
    return intl_integer(showing->building.arena, lang_codes[showing->building.call->lang], number);
}

/* ---- what is asked for ---- */

static void read_request(struct showing_texts *showing)
{
    const struct call *call = showing->building.call;
    struct str reg = {0}, missing = {0}, cursor = {0}, stale = {0};

    showing->to = (struct narrowing){0};
    http_query(call->request, "register", &reg);
    http_query(call->request, "owner", &showing->to.owner);
    http_query(call->request, "missing", &missing);
    http_query(call->request, "cursor", &cursor);
    if (model_register(call->site->model, reg) != NULL) {
        showing->to.reg = reg;
    }
    if (!lang_from_code(missing, &showing->to.missing)) {
        showing->to.missing = LANG_COUNT;
    }
    showing->to.stale = http_query(call->request, "stale", &stale) && str_eq(stale, STR("true"));
    if (!str_to_int64(cursor, &showing->first) || showing->first < 0) {
        showing->first = 0;
    }
}

static struct str work_href(struct showing_texts *showing, struct narrowing to, int64_t first)
{
    struct arena *arena = showing->building.arena;
    struct str query = STR("");

    if (to.reg.len > 0) {
        query = arena_concat(arena, 2, STR("&register="), url_segment(arena, to.reg));
    }
    if (to.owner.len > 0) {
        query = arena_concat(arena, 3, query, STR("&owner="), url_segment(arena, to.owner));
    }
    if (to.missing != LANG_COUNT) {
        query = arena_concat(arena, 3, query, STR("&missing="), lang_codes[to.missing]);
    }
    if (to.stale) {
        query = arena_concat(arena, 2, query, STR("&stale=true"));
    }
    if (first > 0) {
        query = arena_format(arena, "%.*s&cursor=%lld", STR_ARG(query), (long long)first);
    }
    return arena_concat(arena, 4, page_href(showing->building.call, STR("about/completeness")),
                        query.len == 0 ? STR("") : STR("?"), str_slice(query, 1, query.len), STR("#worklist"));
}

/* ---- the worklist ---- */

static bool is_asked_for(const struct showing_texts *showing, const struct wanted_text *wanted)
{
    const struct narrowing *to = &showing->to;

    return (to->reg.len == 0 || str_eq(to->reg, wanted->reg->name)) &&
           (to->owner.len == 0 || str_eq(to->owner, wanted->owner)) &&
           (to->missing == LANG_COUNT || to->missing == wanted->missing) &&
           (!to->stale || wanted->missing == LANG_COUNT);
}

static int add_item(void *context, const struct wanted_text *wanted)
{
    struct showing_texts *showing = context;
    struct arena *arena = showing->building.arena;
    struct call *call = showing->building.call;
    struct found found = {.reg = wanted->reg, .record = (struct value *)wanted->record};
    struct value *item;

    if (!is_asked_for(showing, wanted) || showing->seen++ < showing->first ||
        value_count(showing->items) == WORK_ITEMS) {
        return 0;
    }
    found.record = value_copy(arena, wanted->record);
    item = section_link(&showing->building, &found);
    value_set_text(arena, item, STR("register"), bilingual_best(wanted->reg->singular, call->lang));
    value_set_text(arena, item, STR("field"), bilingual_best(wanted->field->title, call->lang));
    value_set_text(arena, item, STR("missing"),
                   SAY(call, wanted->missing == LANG_COUNT ? stale_msgids[wanted->translation.lang]
                                                           : lang_msgids[wanted->missing]));
    value_set(arena, item, STR("history_href"),
              wanted->missing != LANG_COUNT || call->site->is_published
                  ? value_bool(arena, false)
                  : value_text(arena, page_href(call, arena_concat(arena, 4, wanted->reg->name, STR("/"),
                                                                   record_id(found.record), STR("/history")))));
    value_set(arena, item, STR("there"),
              display_summary(arena, call->lang, value_bilingual(value_get(found.record, wanted->field->name))));
    value_append(arena, showing->items, item);
    return 0;
}

/* "People, Keio University, English is missing"; empty: all is shown. */
static int narrowed_words(struct showing_texts *showing, struct str *ret_words, struct err *err)
{
    struct building *building = &showing->building;
    enum lang lang = building->call->lang;
    struct str parts[4], words = STR("");
    struct bilingual label = {0};
    size_t count = 0;

    if (showing->to.reg.len > 0) {
        parts[count++] = bilingual_best(model_register(building->call->site->model, showing->to.reg)->title, lang);
    }
    if (showing->to.owner.len > 0) {
        if (building->viewing.owner_reg != NULL &&
            viewing_label(&building->viewing, building->viewing.owner_reg, showing->to.owner, &label, err) != 0) {
            return -1;
        }
        parts[count++] = bilingual_best(label, lang).len > 0 ? bilingual_best(label, lang) : showing->to.owner;
    }
    if (showing->to.missing != LANG_COUNT) {
        parts[count++] = SAY(building->call, lang_msgids[showing->to.missing]);
    }
    if (showing->to.stale) {
        parts[count++] = SAY(building->call, "completeness-stale");
    }
    for (size_t i = 0; i < count; i++) {
        words = arena_concat(building->arena, 3, words, i == 0 ? STR("") : STR(" · "), parts[i]);
    }
    *ret_words = words;
    return 0;
}

static int add_worklist(struct showing_texts *showing, struct err *err)
{
    struct arena *arena = showing->building.arena;
    struct call *call = showing->building.call;
    struct value *frame = showing->frame;
    struct value *none = value_bool(arena, false);
    int64_t next = showing->first + WORK_ITEMS;
    struct narrowing all = {.missing = LANG_COUNT};
    struct http_pair pairs[] = {{STR("count"), number_text(showing, showing->seen)}};
    struct str narrowed;

    if (narrowed_words(showing, &narrowed, err) != 0) {
        return -1;
    }
    value_set(arena, frame, STR("items"), showing->items);
    value_set(arena, frame, STR("has_items"), value_bool(arena, value_count(showing->items) > 0));
    value_set_text(arena, frame, STR("work_count"),
                   say(call, showing->seen == 0 ? "completeness-nothing" : "completeness-work", pairs, 1));
    value_set(arena, frame, STR("narrowed"), narrowed.len > 0 ? value_text(arena, narrowed) : none);
    value_set_text(arena, frame, STR("all_href"), work_href(showing, all, 0));
    value_set(arena, frame, STR("first_href"),
              showing->first > 0 ? value_text(arena, work_href(showing, showing->to, 0)) : none);
    /* As files it is one page beside the whole as CSV: each further one would count everything anew. */
    value_set(arena, frame, STR("next_href"),
              next < showing->seen && !call->site->is_published
                  ? value_text(arena, work_href(showing, showing->to, next))
                  : none);
    return 0;
}

/* ---- the counts ---- */

/* A number, with a link to those texts where there are any and the row is of a register or a body. */
static struct value *count_cell(struct showing_texts *showing, int64_t count, struct narrowing to)
{
    struct arena *arena = showing->building.arena;
    struct value *cell = value_object(arena);
    bool links = count > 0 && (to.reg.len > 0 || to.owner.len > 0);

    value_set_text(arena, cell, STR("count"), number_text(showing, count));
    value_set(arena, cell, STR("work_href"),
              links ? value_text(arena, work_href(showing, to, 0)) : value_bool(arena, false));
    return cell;
}

/* Adds to a row what was counted, each number of what is missing or stale with a link to those texts. */
static void set_count(struct showing_texts *showing, struct value *row, const struct text_count *count,
                      struct narrowing to)
{
    struct arena *arena = showing->building.arena;
    struct value *missing = value_list(arena), *states = value_list(arena);

    value_set_text(arena, row, STR("texts"), number_text(showing, count->texts));
    value_set_text(arena, row, STR("both"), number_text(showing, count->both));
    value_set_text(arena, row, STR("percent"), number_text(showing, text_count_percent(count)));
    to.missing = LANG_COUNT;
    for (int state = 0; state < TRANSLATION_STATES; state++) {
        struct value *cell = value_object(arena);
        value_set_text(arena, cell, STR("count"), number_text(showing, count->states[state]));
        value_append(arena, states, cell);
    }
    value_set(arena, row, STR("states"), states);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        to.missing = (enum lang)lang;
        value_append(arena, missing, count_cell(showing, count->missing[lang], to));
    }
    to.missing = LANG_COUNT;
    to.stale = true;
    value_append(arena, missing, count_cell(showing, count->stale, to));
    value_set(arena, row, STR("missing"), missing);
}

static void add_registers(struct showing_texts *showing)
{
    const struct model *model = showing->building.call->site->model;
    struct arena *arena = showing->building.arena;
    struct value *rows = value_list(arena);

    for (size_t i = 0; i < model->register_count; i++) {
        const struct reg *reg = &model->registers[i];
        if (showing->completeness.registers[i].texts > 0) {
            struct value *row = display_text(arena, showing->building.call->lang, reg->title);
            value_set_text(arena, row, STR("href"), page_href(showing->building.call, reg->name));
            set_count(showing, row, &showing->completeness.registers[i], (struct narrowing){.reg = reg->name});
            value_append(arena, rows, row);
        }
    }
    value_set(arena, showing->frame, STR("registers"), rows);
}

static int owner_row(struct showing_texts *showing, const struct owner_texts *texts, struct value **ret_row,
                     struct err *err)
{
    struct building *building = &showing->building;
    struct bilingual label = {0};

    if (texts->owner.len > 0 && building->viewing.owner_reg != NULL &&
        viewing_label(&building->viewing, building->viewing.owner_reg, texts->owner, &label, err) != 0) {
        return -1;
    }
    if (bilingual_best(label, building->call->lang).len > 0) {
        *ret_row = display_text(building->arena, building->call->lang, label);
        value_set_text(building->arena, *ret_row, STR("href"),
                       display_record_href(&building->display, building->viewing.owner_reg, texts->owner));
    } else {
        *ret_row = display_plain_text(
            building->arena, texts->owner.len == 0 ? SAY(building->call, "completeness-nobody") : texts->owner);
        value_set(building->arena, *ret_row, STR("href"), value_bool(building->arena, false));
    }
    set_count(showing, *ret_row, &texts->count, (struct narrowing){.owner = texts->owner});
    return 0;
}

static int add_owners(struct showing_texts *showing, struct err *err)
{
    struct arena *arena = showing->building.arena;
    struct value *rows = value_list(arena);

    for (size_t i = 0; i < showing->completeness.owner_count && i < OWNERS_SHOWN; i++) {
        struct value *row;
        if (owner_row(showing, showing->completeness.owners[i], &row, err) != 0) {
            return -1;
        }
        value_append(arena, rows, row);
    }
    value_set(arena, showing->frame, STR("owners"), rows);
    value_set(arena, showing->frame, STR("has_owners"), value_bool(arena, value_count(rows) > 0));
    value_set(arena, showing->frame, STR("more_owners"),
              value_bool(arena, showing->completeness.owner_count > OWNERS_SHOWN));
    return 0;
}

/* ---- over time ---- */

/* Counts of everything on a day, as `musubi completeness --record` keeps them. */
struct point {
    struct str day;
    struct text_count count;
};

struct trend {
    struct arena *arena;
    struct point points[POINTS_SHOWN]; /* the last ones, in turn */
    size_t count;
};

static int64_t number_at(const struct value *record, const char *name)
{
    const struct value *value = value_get(record, str_from_cstr(name));
    int64_t number = 0;

    if (value != NULL && value->kind == VALUE_NUMBER) {
        (void)decimal_to_int64(value->number, &number);
    }
    return number;
}

static int take_point(void *context, const struct found *found)
{
    struct trend *trend = context;
    struct point *point = &trend->points[trend->count % POINTS_SHOWN];

    if (value_get_text(found->record, STR("of_register")).len == 0) {
        *point = (struct point){.day = arena_copy(trend->arena, value_get_text(found->record, STR("day"))),
                                .count = {.texts = number_at(found->record, "texts"),
                                          .both = number_at(found->record, "both"),
                                          .stale = number_at(found->record, "stale")}};
        trend->count++;
    }
    return 0;
}

static struct value *point_row(struct showing_texts *showing, const struct point *point)
{
    struct arena *arena = showing->building.arena;
    struct value *row = value_object(arena);

    value_set_text(arena, row, STR("day"), display_date(&showing->building.display, point->day));
    value_set_text(arena, row, STR("texts"), number_text(showing, point->count.texts));
    value_set_text(arena, row, STR("percent"), number_text(showing, text_count_percent(&point->count)));
    value_set_text(arena, row, STR("stale"), number_text(showing, point->count.stale));
    return row;
}

/* Their ids begin with the day, so they come in its order. */
static int add_trend(struct showing_texts *showing, struct err *err)
{
    struct arena *arena = showing->building.arena;
    const struct reg *reg = model_role(showing->building.call->site->model, ROLE_TRANSLATION_COUNT);
    struct trend *trend = ARENA_NEW(arena, struct trend);
    struct value *rows = value_list(arena);

    trend->arena = arena;
    if (reg != NULL && store_each(showing->building.reader, reg, take_point, trend, err) != 0) {
        return -1;
    }
    for (size_t i = trend->count > POINTS_SHOWN ? trend->count - POINTS_SHOWN : 0; i < trend->count; i++) {
        value_append(arena, rows, point_row(showing, &trend->points[i % POINTS_SHOWN]));
    }
    value_set(arena, showing->frame, STR("points"), rows);
    value_set(arena, showing->frame, STR("has_points"), value_bool(arena, trend->count > 0));
    if (trend->count > 1) {
        page_use_charts(showing->building.call, showing->frame);
    }
    return 0;
}

static void add_whole(struct showing_texts *showing)
{
    struct arena *arena = showing->building.arena;
    struct call *call = showing->building.call;
    const struct text_count *all = &showing->completeness.all;
    struct http_pair pairs[] = {{STR("both"), number_text(showing, all->both)},
                                {STR("texts"), number_text(showing, all->texts)},
                                {STR("percent"), number_text(showing, text_count_percent(all))}};
    const char *msgid = all->texts == 0           ? "completeness-none"
                        : all->both == all->texts ? "completeness-whole"
                                                  : "completeness-share";

    value_set_text(arena, showing->frame, STR("whole"), say(call, msgid, pairs, 3));
    value_set_text(arena, showing->frame, STR("whole_percent"), number_text(showing, text_count_percent(all)));
    value_set(arena, showing->frame, STR("has_texts"), value_bool(arena, all->texts > 0));
    value_set_text(arena, showing->frame, STR("counts_href"), page_href(call, STR("about/completeness.csv")));
    value_set_text(arena, showing->frame, STR("worklist_href"),
                   page_href(call, STR("about/completeness-worklist.csv")));
}

/* Opens the building; 0, or -1 when it has been answered. */
static int begin(struct call *call, struct showing_texts *showing, struct reader **ret_reader, struct query *ret_query)
{
    if (page_query(call, NULL, QUERY_ON | QUERY_AS_OF, ret_query) != 0 ||
        building_begin(&showing->building, call, ret_query, ret_reader) != 0) {
        return -1;
    }
    read_request(showing);
    return 0;
}

void page_completeness(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct showing_texts showing = {.items = value_list(call->arena)};
    struct query query;
    struct err err = {0};

    if (begin(call, &showing, &reader, &query) != 0) {
        return;
    }
    showing.frame =
        page_frame(call, &showing.building.community, display_plain_text(call->arena, SAY(call, "completeness")));
    if (query.options.as_of > 0) {
        page_set_past(call, showing.frame, query.options.as_of);
    }
    if (completeness_read(call->site->model, reader, call->arena, add_item, &showing, &showing.completeness, &err) !=
            0 ||
        add_owners(&showing, &err) != 0 || add_trend(&showing, &err) != 0 || add_worklist(&showing, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    add_whole(&showing);
    add_registers(&showing);
    page_send(call, "completeness", showing.frame);
}

/* ---- the same as CSV ---- */

static void add_count_row(struct showing_texts *showing, struct str kind, struct str id, const struct text_count *count)
{
    struct arena *arena = showing->building.arena;
    const struct str cells[] = {
        kind,
        id,
        arena_format(arena, "%lld", (long long)count->texts),
        arena_format(arena, "%lld", (long long)count->both),
        arena_format(arena, "%d", text_count_percent(count)),
        arena_format(arena, "%lld", (long long)count->missing[LANG_JA]),
        arena_format(arena, "%lld", (long long)count->missing[LANG_EN]),
        arena_format(arena, "%lld", (long long)count->states[TRANSLATION_OFFICIAL]),
        arena_format(arena, "%lld", (long long)count->states[TRANSLATION_CHECKED]),
        arena_format(arena, "%lld", (long long)count->states[TRANSLATION_OWN]),
        arena_format(arena, "%lld", (long long)count->states[TRANSLATION_MACHINE]),
        arena_format(arena, "%lld", (long long)count->states[TRANSLATION_UNSTATED]),
        arena_format(arena, "%lld", (long long)count->stale),
    };

    csv_write_sheet_row(showing->csv, cells, sizeof cells / sizeof cells[0], ',');
}

static void send_csv(struct call *call, struct buf *out, const char *disposition)
{
    if (out->overflow) {
        struct problem problem = problem_of(PROBLEM_TOO_LARGE);
        buf_free(out);
        problem_send(call, &problem);
        return;
    }
    http_response_header(call->response, "Content-Disposition", str_from_cstr(disposition));
    call_send_buf(call, STR("text/csv; charset=utf-8"), out, 0);
}

void completeness_counts(struct call *call)
{
    READER_AUTO *reader = NULL;
    const struct model *model = call->site->model;
    struct showing_texts showing = {0};
    struct buf out;
    struct query query;
    struct err err = {0};

    if (begin(call, &showing, &reader, &query) != 0) {
        return;
    }
    if (completeness_read(model, reader, call->arena, NULL, NULL, &showing.completeness, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    buf_init(&out, CSV_BYTES_MAX);
    showing.csv = &out;
    buf_add_literal(&out, "\xEF\xBB\xBFof,id,texts,both,percent,missing_ja,missing_en,official,checked,own,machine,"
                          "unstated,stale\r\n");
    add_count_row(&showing, STR("all"), STR(""), &showing.completeness.all);
    for (size_t i = 0; i < model->register_count; i++) {
        if (showing.completeness.registers[i].texts > 0) {
            add_count_row(&showing, STR("register"), model->registers[i].name, &showing.completeness.registers[i]);
        }
    }
    for (size_t i = 0; i < showing.completeness.owner_count; i++) {
        add_count_row(&showing, STR("owner"), showing.completeness.owners[i]->owner,
                      &showing.completeness.owners[i]->count);
    }
    send_csv(call, &out, "attachment; filename=\"completeness.csv\"");
}

/* Nothing for what is below 0. */
static size_t seq_text(int64_t seq, char text[24])
{
    return seq < 0 ? 0 : (size_t)snprintf(text, 24, "%lld", (long long)seq);
}

/* The columns text_ja and text_en are where a translator writes; the arena is not used, for there may be very many. */
static int add_work_row(void *context, const struct wanted_text *wanted)
{
    struct showing_texts *showing = context;
    const struct value *text = value_get(wanted->record, wanted->field->name);
    const struct translation *translation = &wanted->translation;
    bool stale = wanted->missing == LANG_COUNT;
    char made_from[24] = "", since[24] = "";
    const struct str cells[] = {
        wanted->reg->name,
        record_id(wanted->record),
        wanted->field->name,
        stale ? STR("") : lang_codes[wanted->missing],
        wanted->owner,
        value_get_text(text, lang_codes[LANG_JA]),
        value_get_text(text, lang_codes[LANG_EN]),
        stale ? lang_codes[translation->lang] : STR(""),
        stale ? translation_state_codes[translation->state] : STR(""),
        str_make(made_from, seq_text(stale ? translation->made_from : -1, made_from)),
        str_make(since, seq_text(stale ? translation->original_since : -1, since)),
    };

    if (is_asked_for(showing, wanted)) {
        csv_write_sheet_row(showing->csv, cells, sizeof cells / sizeof cells[0], ',');
    }
    return 0;
}

void completeness_worklist(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct showing_texts showing = {0};
    struct buf out;
    struct query query;
    struct err err = {0};

    if (begin(call, &showing, &reader, &query) != 0) {
        return;
    }
    buf_init(&out, CSV_BYTES_MAX);
    showing.csv = &out;
    buf_add_literal(&out, "\xEF\xBB\xBFregister,id,field,missing,owner,text_ja,text_en,stale,state,made_from,"
                          "original_since\r\n");
    if (completeness_read(call->site->model, reader, call->arena, add_work_row, &showing, &showing.completeness,
                          &err) != 0) {
        buf_free(&out);
        page_send_err(call, &err);
        return;
    }
    send_csv(call, &out, "attachment; filename=\"completeness-worklist.csv\"");
}
