/* What is different between two editions, or an edition and the present: a page and a call of the API. Under an edition's own address
 * it is what changed since the edition before it. */
#include "base/intl.h"
#include "insight/edition_diff.h"
#include "model/record.h"
#include "web/api.h"
#include "web/edition.h"
#include "web/problem.h"
#include "web/query.h"
#include "web/section.h"
#include "web/showing.h"

#define ITEMS_SHOWN 50
/* Whoever asks may be anybody, and each asking reads them all; `musubi edition diff` takes more. */
#define TOUCHED_MAX 20000
#define ITEMS_MAX 1000 /* of one answer to a program */
#define ITEMS_DEFAULT 100

/* Two states to compare; an edition that is NULL is the present. */
struct sides {
    const struct edition *from, *to;
    bool comparable; /* there is an edition to compare with */
};

struct changes {
    struct building building; /* reads the later state */
    struct viewing was;
    struct display before; /* of the earlier one */
    struct sides sides;
    struct edition_diff diff;
    struct str reg; /* empty: all registers */
    int64_t first, seen;
    struct value *frame, *items;
};

/* ---- which two ---- */

/* The edition of that name; false when there is none. "present" and an empty name are none and true. */
static bool edition_named(struct call *call, struct str name, const struct edition **ret_edition)
{
    *ret_edition = name.len == 0 ? NULL : store_edition(call->site->store, name);
    return name.len == 0 || str_eq(name, STR("present")) || *ret_edition != NULL;
}

/* The newest edition that is older than this one, or than the present. */
static const struct edition *edition_before(struct call *call, const struct edition *edition)
{
    return edition == NULL ? store_editions(call->site->store) : edition->older;
}

/* -1 when the request names an edition that there is not: then it has been answered. */
static int sides_read(struct call *call, struct sides *ret_sides)
{
    struct sides sides = {.to = call->edition};
    struct str from = {0}, to = {0};
    struct problem problem = problem_of(PROBLEM_NO_EDITION);

    if (call->edition == NULL) {
        http_query(call->request, "from", &from);
        http_query(call->request, "to", &to);
        problem.value = edition_named(call, from, &sides.from) ? to : from;
        if (!edition_named(call, from, &sides.from) || !edition_named(call, to, &sides.to)) {
            problem_send(call, &problem);
            return -1;
        }
    }
    if (from.len == 0) {
        sides.from = edition_before(call, sides.to);
    } else if (sides.from == NULL || (sides.to != NULL && sides.to->seq < sides.from->seq)) { /* the older one first */
        const struct edition *later = sides.from;
        sides.from = sides.to;
        sides.to = later;
    }
    sides.comparable = sides.from != NULL;
    *ret_sides = sides;
    return 0;
}

static struct str side_name(const struct edition *edition)
{
    return edition == NULL ? STR("present") : edition->name;
}

static int64_t seq_of_side(struct call *call, const struct edition *edition)
{
    return edition == NULL ? store_last_seq(call->site->store) : edition->seq;
}

static int compare_sides(struct call *call, const struct sides *sides, struct edition_diff *ret_diff, struct err *err)
{
    struct read_options options = {.lang = call->lang};

    return edition_diff(call->site->store, &options, sides->from->seq, seq_of_side(call, sides->to), TOUCHED_MAX,
                        call->arena, ret_diff, err);
}

/* ---- addresses ---- */

static struct str changes_href(struct changes *changes, struct str reg, int64_t first)
{
    struct call *call = changes->building.call;
    struct arena *arena = call->arena;
    struct str query = STR("");

    if (call->edition == NULL) {
        query =
            arena_concat(arena, 4, STR("&from="), changes->sides.from->name, STR("&to="), side_name(changes->sides.to));
    }
    if (reg.len > 0) {
        query = arena_concat(arena, 3, query, STR("&register="), reg);
    }
    if (first > 0) {
        query = arena_format(arena, "%.*s&cursor=%lld", STR_ARG(query), (long long)first);
    }
    return arena_concat(arena, 4, page_href(call, STR("changes")), query.len > 0 ? STR("?") : STR(""),
                        str_slice(query, 1, query.len), reg.len > 0 || first > 0 ? STR("#changes") : STR(""));
}

/* ---- one record ---- */

static bool is_plain_member(struct str name)
{
    return str_eq(name, STR("from")) || str_eq(name, STR("to")) || str_eq(name, STR("attested_on"));
}

/* A text that is the same in the page's language on both sides is told in the other one, in which it changed. */
static struct value *side_of(struct changes *changes, const struct field_difference *field, const struct value *value)
{
    struct arena *arena = changes->building.arena;
    struct value *side = value_copy(arena, value);
    struct str lang = lang_codes[changes->building.call->lang];

    if (field->field->bilingual && field->before != NULL && field->after != NULL &&
        str_eq(value_get_text(field->before, lang), value_get_text(field->after, lang))) {
        value_set(arena, side, lang, NULL);
    }
    return side;
}

/* What a field held on one side, as {{>value}} shows it; empty where there was nothing, or what is not told in one line. */
static int values_of(struct changes *changes, const struct display *display, const struct reg *reg,
                     const struct field_difference *field, const struct value *value, struct value **ret_values,
                     struct err *err)
{
    struct arena *arena = changes->building.arena;
    struct value *record = value_object(arena), *view, *row;

    *ret_values = value_list(arena);
    if (value == NULL) {
        return 0;
    }
    if (field->field == NULL) {
        if (value->kind == VALUE_TEXT) {
            struct str text = is_plain_member(field->name) ? display_date(display, value->text) : value->text;
            row = display_row(display, "changes", field->name, display_plain_text(arena, text));
            *ret_values = (struct value *)value_get(row, STR("values"));
        }
        return 0;
    }
    value_set(arena, record, field->name, side_of(changes, field, value));
    if (view_record(display->viewing, reg, record, &view, err) != 0) {
        return -1;
    }
    value = value_get(view, field->name);
    if (value != NULL) {
        *ret_values = (struct value *)value_get(display_field(display, field->field, value), STR("values"));
    }
    return 0;
}

/* "+3億円", "−2": figures with their unit. */
static struct value *difference_words(struct changes *changes, const struct field_difference *field)
{
    struct arena *arena = changes->building.arena;
    struct decimal zero = decimal_from_int64(0), size = field->number;
    struct value *figure = value_object(arena);
    struct str words;
    bool less = field->has_number && decimal_cmp(field->number, zero) < 0;

    if (!field->has_number || decimal_cmp(field->number, zero) == 0) {
        return value_bool(arena, false);
    }
    if (less) {
        (void)decimal_subtract(zero, field->number, &size);
    }
    if (field->field->type == FIELD_FIGURE) {
        value_set(arena, figure, STR("value"), value_number(arena, size));
        value_set_text(arena, figure, STR("unit"), value_get_text(field->after, STR("unit")));
        value_set_text(arena, figure, STR("currency"), value_get_text(field->after, STR("currency")));
        words = display_figure(&changes->building.display, field->field, figure);
    } else {
        words = intl_number(arena, lang_codes[changes->building.call->lang], size, 0);
    }
    return value_text(arena, arena_concat(arena, 2, less ? STR("−") : STR("+"), words));
}

static int field_view(struct changes *changes, const struct reg *reg, const struct field_difference *field,
                      struct value *rows, struct err *err)
{
    struct arena *arena = changes->building.arena;
    struct value *row = value_object(arena), *before, *after;

    if (values_of(changes, &changes->before, reg, field, field->before, &before, err) != 0 ||
        values_of(changes, &changes->building.display, reg, field, field->after, &after, err) != 0) {
        return -1;
    }
    value_set_text(arena, row, STR("title"), member_title(changes->building.call, reg, field->name));
    value_set(arena, row, STR("before"), before);
    value_set(arena, row, STR("had"), value_bool(arena, value_count(before) > 0));
    value_set(arena, row, STR("after"), after);
    value_set(arena, row, STR("has"), value_bool(arena, value_count(after) > 0));
    value_set(arena, row, STR("by"), difference_words(changes, field));
    value_append(arena, rows, row);
    return 0;
}

static int item_view(struct changes *changes, const struct difference *difference, struct value **ret_view,
                     struct err *err)
{
    static const char *const kinds[] = {"changes-added", "changes-left", "changes-changed"};
    struct call *call = changes->building.call;
    struct arena *arena = changes->building.arena;
    struct bilingual label = difference->label;
    struct value *view, *rows = value_list(arena);
    bool left = difference->kind == DIFFERENCE_LEFT;

    if (bilingual_best(label, call->lang).len == 0) {
        label.in[call->lang] = difference->id;
    }
    view = display_text(arena, call->lang, label);
    value_set_text(arena, view, STR("href"),
                   edition_href(call, left ? changes->sides.from : changes->sides.to,
                                arena_concat(arena, 3, difference->reg->name, STR("/"), difference->id)));
    value_set_text(arena, view, STR("kind"), SAY(call, kinds[difference->kind]));
    value_set_text(arena, view, STR("register"), bilingual_best(difference->reg->singular, call->lang));
    value_set(arena, view, STR("was"), showing_text_or_false(arena, difference->was));
    for (size_t i = 0; i < difference->field_count; i++) {
        if (field_view(changes, difference->reg, &difference->fields[i], rows, err) != 0) {
            return -1;
        }
    }
    value_set(arena, view, STR("fields"), rows);
    value_set(arena, view, STR("has_fields"), value_bool(arena, value_count(rows) > 0));
    *ret_view = view;
    return 0;
}

/* ---- the lists ---- */

static int add_items(struct changes *changes, struct err *err)
{
    for (size_t i = 0; i < changes->diff.count; i++) {
        const struct difference *difference = &changes->diff.items[i];
        struct value *view;
        if ((changes->reg.len > 0 && !str_eq(changes->reg, difference->reg->name)) ||
            changes->seen++ < changes->first || value_count(changes->items) == ITEMS_SHOWN) {
            continue;
        }
        if (item_view(changes, difference, &view, err) != 0) {
            return -1;
        }
        value_append(changes->building.arena, changes->items, view);
    }
    return 0;
}

static void add_registers(struct changes *changes)
{
    static const char *const names[] = {"added", "left", "changed"};
    struct call *call = changes->building.call;
    struct arena *arena = call->arena;
    struct value *rows = value_list(arena);

    for (size_t i = 0; i < changes->diff.register_count; i++) {
        const struct register_differences *counts = &changes->diff.registers[i];
        struct value *row = display_text(arena, call->lang, counts->reg->title);
        value_set_text(arena, row, STR("href"), changes_href(changes, counts->reg->name, 0));
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
            value_set_text(arena, row, str_from_cstr(names[k]),
                           intl_integer(arena, lang_codes[call->lang], counts->count[k]));
        }
        value_append(arena, rows, row);
    }
    value_set(arena, changes->frame, STR("registers"), rows);
}

static void add_paging(struct changes *changes)
{
    struct call *call = changes->building.call;
    struct arena *arena = call->arena;
    struct value *none = value_bool(arena, false);
    const struct reg *reg = model_register(call->site->model, changes->reg);
    int64_t next = changes->first + ITEMS_SHOWN;

    value_set(arena, changes->frame, STR("narrowed"),
              reg == NULL ? none : value_text(arena, bilingual_best(reg->title, call->lang)));
    value_set_text(arena, changes->frame, STR("all_href"), changes_href(changes, STR(""), 0));
    value_set(arena, changes->frame, STR("first_href"),
              changes->first > 0 ? value_text(arena, changes_href(changes, changes->reg, 0)) : none);
    value_set(arena, changes->frame, STR("next_href"),
              next < changes->seen ? value_text(arena, changes_href(changes, changes->reg, next)) : none);
}

/* The editions and the present, to choose from. */
static struct value *options_of(struct changes *changes, const struct edition *chosen, bool with_present)
{
    struct call *call = changes->building.call;
    struct arena *arena = call->arena;
    struct value *list = value_list(arena);
    const struct edition *edition = store_editions(call->site->store);

    for (bool present = with_present; present || edition != NULL; present = false) {
        const struct edition *one = present ? NULL : edition;
        struct http_pair pair = {STR("name"), side_name(one)};
        struct value *option = value_object(arena);
        value_set_text(arena, option, STR("name"), pair.value);
        value_set_text(arena, option, STR("title"), say(call, present ? "changes-present" : "edition-title", &pair, 1));
        value_set(arena, option, STR("chosen"), value_bool(arena, one == chosen));
        value_append(arena, list, option);
        edition = present ? edition : edition->older;
    }
    return list;
}

static struct value *side_view(struct changes *changes, const struct edition *edition)
{
    struct call *call = changes->building.call;
    struct arena *arena = call->arena;
    struct http_pair pair = {STR("name"), side_name(edition)};
    struct value *view = value_object(arena);
    struct date day = {0};

    if (edition != NULL) {
        day = date_in_zone(edition->frozen_ms, changes->building.community.zone);
    }
    value_set_text(arena, view, STR("text"),
                   say(call, edition == NULL ? "changes-present" : "edition-title", &pair, 1));
    value_set_text(arena, view, STR("href"), edition_href(call, edition, STR("")));
    value_set(arena, view, STR("day"), showing_text_or_false(arena, intl_date(arena, lang_codes[call->lang], day)));
    return view;
}

/* ---- the page ---- */

static int fill_comparison(struct changes *changes, struct err *err)
{
    struct call *call = changes->building.call;
    struct arena *arena = call->arena;
    struct value *frame = changes->frame;
    struct str cursor = {0};

    http_query(call->request, "register", &changes->reg);
    http_query(call->request, "cursor", &cursor);
    if (!str_to_int64(cursor, &changes->first) || changes->first < 0 || changes->first > INT32_MAX) {
        changes->first = 0;
    }
    if (model_register(call->site->model, changes->reg) == NULL) {
        changes->reg = STR("");
    }
    if (compare_sides(call, &changes->sides, &changes->diff, err) != 0 || add_items(changes, err) != 0) {
        return -1;
    }
    add_registers(changes);
    add_paging(changes);
    value_set(arena, frame, STR("from"), side_view(changes, changes->sides.from));
    value_set(arena, frame, STR("to"), side_view(changes, changes->sides.to));
    value_set(arena, frame, STR("items"), changes->items);
    value_set(arena, frame, STR("has_items"), value_bool(arena, value_count(changes->items) > 0));
    value_set(arena, frame, STR("nothing"), value_bool(arena, changes->diff.count == 0));
    return 0;
}

/* Reads both states. The comparison opens readers of its own, so that nobody notes all that it is made of. */
static int begin(struct changes *changes, struct call *call, struct reader **ret_after, struct reader **ret_before)
{
    struct query query, earlier;

    if (page_query(call, NULL, 0, &query) != 0 || sides_read(call, &changes->sides) != 0) {
        return -1;
    }
    earlier = query;
    query.options.as_of = changes->sides.to == NULL ? 0 : changes->sides.to->seq;
    earlier.options.as_of = changes->sides.from == NULL ? 0 : changes->sides.from->seq;
    if (building_begin(&changes->building, call, &query, ret_after) != 0 ||
        call_read(call, &earlier.options, ret_before) != 0) {
        return -1;
    }
    call_keep_until_commit(call, *ret_after, changes->building.community.zone);
    viewing_init(&changes->was, call->site->model, *ret_before, call->arena);
    display_init(&changes->before, call, &changes->was, &changes->building.community, &earlier);
    changes->items = value_list(call->arena);
    return 0;
}

void page_changes(struct call *call)
{
    READER_AUTO *after = NULL;
    READER_AUTO *before = NULL;
    struct changes changes = {0};
    struct arena *arena = call->arena;
    bool chooses = call->edition == NULL && !call->site->is_published && store_editions(call->site->store) != NULL;
    struct err err = {0};

    if (begin(&changes, call, &after, &before) != 0) {
        return;
    }
    changes.frame = page_frame(call, &changes.building.community, display_plain_text(arena, SAY(call, "changes")));
    value_set(arena, changes.frame, STR("comparable"), value_bool(arena, changes.sides.comparable));
    value_set(arena, changes.frame, STR("chooses"), value_bool(arena, chooses));
    value_set_text(arena, changes.frame, STR("action"), page_href(call, STR("changes")));
    value_set(arena, changes.frame, STR("from_options"), options_of(&changes, changes.sides.from, false));
    value_set(arena, changes.frame, STR("to_options"), options_of(&changes, changes.sides.to, true));
    value_set_text(arena, changes.frame, STR("editions_href"), page_href(call, STR("edition")));
    if (changes.sides.comparable && fill_comparison(&changes, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "changes", changes.frame);
}

/* ---- for programs ---- */

/* A whole number from 0 (or 1) to `most`; -1 when it is none: then it has been answered. */
static int number_asked(struct call *call, const char *name, int64_t least, int64_t most, int64_t *number)
{
    struct problem problem = problem_of(PROBLEM_INVALID_VALUE);

    problem.field = str_from_cstr(name);
    problem.rule = "rule-range";
    problem.low = least;
    problem.high = most;
    if (!http_query(call->request, name, &problem.value) ||
        (str_to_int64(problem.value, number) && *number >= least && *number <= most)) {
        return 0;
    }
    problem_send(call, &problem);
    return -1;
}

static bool knows_parameters(struct call *call)
{
    static const struct str known[] = {STR("from"),  STR("to"),     STR("register"),
                                       STR("limit"), STR("cursor"), STR("lang")};
    struct problem problem = problem_of(PROBLEM_UNKNOWN_PARAMETER);
    struct value *allowed = value_list(call->arena);

    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
        value_append(call->arena, allowed, value_text(call->arena, known[k]));
    }
    for (size_t i = 0; i < call->request->query_count; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
            found = found || str_eq(known[k], call->request->query[i].name);
        }
        if (!found) {
            problem.field = call->request->query[i].name;
            problem.values = allowed;
            problem_send(call, &problem);
            return false;
        }
    }
    return true;
}

static struct value *counts_value(struct arena *arena, const struct edition_diff *diff)
{
    struct value *list = value_list(arena);

    for (size_t i = 0; i < diff->register_count; i++) {
        struct value *row = value_object(arena);
        value_set_text(arena, row, STR("register"), diff->registers[i].reg->name);
        for (int kind = DIFFERENCE_ADDED; kind <= DIFFERENCE_CHANGED; kind++) {
            value_set(arena, row, difference_kind_names[kind], value_int(arena, diff->registers[i].count[kind]));
        }
        value_append(arena, list, row);
    }
    return list;
}

static struct value *changes_value(struct call *call, const struct sides *sides, const struct edition_diff *diff,
                                   struct str reg, int64_t first, int64_t limit)
{
    struct arena *arena = call->arena;
    struct value *answer = value_object(arena), *items = value_list(arena);
    int64_t seen = 0, next = first + limit;

    for (size_t i = 0; i < diff->count; i++) {
        bool asked = reg.len == 0 || str_eq(reg, diff->items[i].reg->name);
        if (asked && seen++ >= first && (int64_t)value_count(items) < limit) {
            value_append(arena, items, difference_value(&diff->items[i], arena));
        }
    }
    value_set(arena, answer, STR("from"),
              sides->comparable ? value_text(arena, side_name(sides->from)) : value_null(arena));
    value_set_text(arena, answer, STR("to"), side_name(sides->to));
    value_set(arena, answer, STR("registers"), counts_value(arena, diff));
    value_set(arena, answer, STR("total"), value_int(arena, seen));
    value_set(arena, answer, STR("items"), items);
    value_set(arena, answer, STR("next"),
              next < seen ? value_text(arena, arena_format(arena, "%lld", (long long)next)) : value_null(arena));
    return answer;
}

void api_changes(struct call *call)
{
    struct sides sides;
    struct edition_diff diff = {0};
    struct problem problem = problem_of(PROBLEM_NO_REGISTER);
    int64_t first = 0, limit = ITEMS_DEFAULT;
    struct str reg = {0};
    struct err err = {0};

    if (!knows_parameters(call) || number_asked(call, "limit", 1, ITEMS_MAX, &limit) != 0 ||
        number_asked(call, "cursor", 0, INT32_MAX, &first) != 0 || sides_read(call, &sides) != 0) {
        return;
    }
    if (http_query(call->request, "register", &reg) && model_register(call->site->model, reg) == NULL) {
        problem.value = reg;
        problem_send(call, &problem);
        return;
    }
    if (sides.comparable && compare_sides(call, &sides, &diff, &err) != 0) {
        problem = problem_from_err(&err);
        problem_send(call, &problem);
        return;
    }
    call->readings = 2; /* never kept: no reader noted what it is made of */
    call_send_json(call, changes_value(call, &sides, &diff, reg, first, limit), "application/json", 0);
}
