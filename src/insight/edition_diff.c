#include "insight/edition_diff.h"

#include "base/map.h"
#include "model/record.h"

#include <stdlib.h>
#include <string.h>

#define FEED_AT_ONCE 1000
#define SCRATCH_MAX ((size_t)64 << 20)

const struct str difference_kind_names[] = {STR("added"), STR("left"), STR("changed")};

/* A record that some revision in between touched. */
struct touched {
    const struct reg *reg;
    struct str id;        /* now */
    struct str was;       /* its id at the beginning, when that was another one */
    bool moved_on;        /* it goes on under another id, which is told of instead */
    struct touched *next; /* in the order in which they were first touched */
};

struct comparison {
    const struct model *model;
    struct reader *before, *after;
    struct arena *arena;
    struct arena scratch; /* of one record at a time: most of what is read is the same on both sides */
    size_t records_max;
    struct map by_key; /* struct touched by "register/id" */
    struct touched *first, **last;
    size_t count;
    struct edition_diff *diff;
    struct register_differences *registers; /* by reg->position */
};

/* ---- what was touched ---- */

static struct touched *touch(struct comparison *comparison, const struct reg *reg, struct str id)
{
    struct str key = arena_concat(comparison->arena, 3, reg->name, STR("/"), id);
    struct touched *touched = map_get(&comparison->by_key, key);

    if (touched == NULL) {
        touched = ARENA_NEW(comparison->arena, struct touched);
        *touched = (struct touched){.reg = reg, .id = str_slice(key, reg->name.len + 1, key.len)};
        map_set(&comparison->by_key, key, touched);
        *comparison->last = touched;
        comparison->last = &touched->next;
        comparison->count++;
    }
    return touched;
}

/* What a record was called before this revision gave it the id it has. Empty when the viewer could not see it then. */
static int former_id(struct comparison *comparison, const struct feed_item *item, struct str *ret_id, struct err *err)
{
    struct revision *revisions = NULL;
    size_t count = 0;

    if (store_history(comparison->after, item->reg, item->id, 1, item->seq + 1, comparison->arena, &revisions, &count,
                      err) != 0) {
        return -1;
    }
    *ret_id = count > 0 && revisions[0].before != NULL ? record_id(revisions[0].before) : STR("");
    return 0;
}

static int take_item(struct comparison *comparison, const struct feed_item *item, struct err *err)
{
    struct touched *touched = touch(comparison, item->reg, item->id);
    struct touched *former;
    struct str was = STR("");

    if (item->kind != CHANGE_RENAME) {
        return 0;
    }
    if (former_id(comparison, item, &was, err) != 0) {
        return -1;
    }
    if (was.len > 0) {
        former = touch(comparison, item->reg, was);
        former->moved_on = true;
        touched->was = former->was.len > 0 ? former->was : former->id;
    }
    return 0;
}

static int gather(struct comparison *comparison, int64_t from, struct err *err)
{
    size_t count;

    do {
        ARENA_AUTO scratch;
        struct feed_item *items;
        arena_init(&scratch, SCRATCH_MAX);
        if (store_feed(comparison->after, from, FEED_AT_ONCE, &scratch, &items, &count, err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count; i++) {
            if (take_item(comparison, &items[i], err) != 0) {
                return -1;
            }
            from = items[i].seq;
        }
        if (comparison->count > comparison->records_max) {
            return err_set(err, ERR_LIMIT,
                           "more than %zu records were touched in between; compare two states that are "
                           "closer to each other",
                           comparison->records_max);
        }
    } while (count == FEED_AT_ONCE);
    return 0;
}

/* ---- one record ---- */

static bool number_of(const struct value *value, const char *part, struct decimal *ret_number)
{
    const struct value *number =
        value != NULL && value->kind == VALUE_OBJECT ? value_get(value, str_from_cstr(part)) : value;

    if (number == NULL || number->kind != VALUE_NUMBER) {
        return false;
    }
    *ret_number = number->number;
    return true;
}

static bool same_text(const struct value *before, const struct value *after, const char *part)
{
    return str_eq(value_get_text(before, str_from_cstr(part)), value_get_text(after, str_from_cstr(part)));
}

/* after - before; of two ranges between their middles. */
static bool subtract(const struct value *before, const struct value *after, struct decimal *ret_number)
{
    struct decimal low[2], high[2], lows, highs, both;

    if (number_of(before, "value", &low[0]) && number_of(after, "value", &low[1])) {
        return decimal_subtract(low[1], low[0], ret_number);
    }
    if (!number_of(before, "low", &low[0]) || !number_of(after, "low", &low[1]) ||
        !number_of(before, "high", &high[0]) || !number_of(after, "high", &high[1]) ||
        !decimal_subtract(low[0], low[1], &lows) || !decimal_subtract(high[1], high[0], &highs) ||
        !decimal_subtract(highs, lows, &both)) {
        return false;
    }
    return decimal_multiply_int(both, 5, &both) && decimal_shift(both, -1, ret_number);
}

static void compare_numbers(struct field_difference *difference)
{
    const struct field *field = difference->field;
    bool numeric =
        field != NULL && (field->type == FIELD_FIGURE || field->type == FIELD_NUMBER || field->type == FIELD_INTEGER);

    if (!numeric || difference->before == NULL || difference->after == NULL) {
        return;
    }
    difference->has_number = same_text(difference->before, difference->after, "unit") &&
                             same_text(difference->before, difference->after, "currency") &&
                             subtract(difference->before, difference->after, &difference->number);
}

static void add_field(struct difference *difference, const struct reg *reg, struct str name, const struct value *before,
                      const struct value *after)
{
    struct field_difference *field = &difference->fields[difference->field_count];

    if (before == after || (before != NULL && after != NULL && value_equal(before, after))) {
        return;
    }
    *field = (struct field_difference){.name = name, .field = reg_field(reg, name), .before = before, .after = after};
    compare_numbers(field);
    difference->field_count++;
}

/* Canonical records have their members in one order, so the later record's order with what left in between is the model's. */
static void compare_fields(struct difference *difference, const struct value *before, const struct value *after,
                           struct arena *arena)
{
    size_t most = before->object.count + after->object.count;

    difference->fields = ARENA_NEW_ARRAY(arena, most, struct field_difference);
    for (size_t i = 0; i < after->object.count; i++) {
        const struct value_member *member = &after->object.members[i];
        if (!str_eq(member->key, STR("id"))) {
            add_field(difference, difference->reg, member->key, value_get(before, member->key), member->value);
        }
    }
    for (size_t i = 0; i < before->object.count; i++) {
        const struct value_member *member = &before->object.members[i];
        if (value_get(after, member->key) == NULL) {
            add_field(difference, difference->reg, member->key, member->value, NULL);
        }
    }
}

static int state_of(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
                    struct value **ret_record, struct err *err)
{
    struct found found;
    struct err own = {0};

    *ret_record = NULL;
    if (store_get(reader, reg, id, arena, &found, NULL, &own) == 0) {
        *ret_record = found.record;
        return 0;
    }
    if (own.code == ERR_NOT_FOUND) {
        return 0;
    }
    *err = own;
    return -1;
}

/* What stays of a difference when the scratch memory goes. */
static void keep_difference(struct difference *difference, struct arena *arena)
{
    struct field_difference *fields = ARENA_NEW_ARRAY(arena, difference->field_count, struct field_difference);

    for (size_t i = 0; i < LANG_COUNT; i++) {
        difference->label.in[i] = arena_copy(arena, difference->label.in[i]);
    }
    for (size_t i = 0; i < difference->field_count; i++) {
        fields[i] = difference->fields[i];
        fields[i].name = arena_copy(arena, fields[i].name);
        fields[i].before = value_copy(arena, fields[i].before);
        fields[i].after = value_copy(arena, fields[i].after);
    }
    difference->fields = fields;
}

static int compare(struct comparison *comparison, const struct touched *touched, struct err *err)
{
    struct arena *arena = &comparison->scratch;
    struct difference *difference = &comparison->diff->items[comparison->diff->count];
    struct value *before, *after;
    bool renamed = touched->was.len > 0 && !str_eq(touched->was, touched->id);

    if (state_of(comparison->before, touched->reg, renamed ? touched->was : touched->id, arena, &before, err) != 0 ||
        state_of(comparison->after, touched->reg, touched->id, arena, &after, err) != 0) {
        return -1;
    }
    if (before == NULL && after == NULL) {
        return 0;
    }
    *difference = (struct difference){.reg = touched->reg, .id = touched->id};
    difference->kind = before == NULL ? DIFFERENCE_ADDED : after == NULL ? DIFFERENCE_LEFT : DIFFERENCE_CHANGED;
    if (renamed && before != NULL) {
        difference->was = touched->was;
    }
    difference->label = record_label(comparison->model, touched->reg, after != NULL ? after : before, arena);
    if (difference->kind == DIFFERENCE_CHANGED) {
        compare_fields(difference, before, after, arena);
        if (difference->field_count == 0 && difference->was.len == 0) {
            return 0; /* it is as it was again */
        }
    }
    keep_difference(difference, comparison->arena);
    comparison->diff->count++;
    comparison->registers[touched->reg->position].count[difference->kind]++;
    return 0;
}

/* ---- the whole ---- */

static int compare_differences(const void *a, const void *b)
{
    const struct difference *one = a, *other = b;

    if (one->reg != other->reg) {
        return one->reg->position < other->reg->position ? -1 : 1;
    }
    if (one->kind != other->kind) {
        return one->kind < other->kind ? -1 : 1;
    }
    return str_cmp(one->id, other->id);
}

static int compare_all(struct comparison *comparison, struct err *err)
{
    const struct model *model = comparison->model;
    struct edition_diff *diff = comparison->diff;

    diff->items = ARENA_NEW_ARRAY(comparison->arena, comparison->count, struct difference);
    diff->registers = ARENA_NEW_ARRAY(comparison->arena, model->register_count, struct register_differences);
    comparison->registers = ARENA_NEW_ARRAY(comparison->arena, model->register_count, struct register_differences);
    for (const struct touched *touched = comparison->first; touched != NULL; touched = touched->next) {
        if (!touched->moved_on && compare(comparison, touched, err) != 0) {
            return -1;
        }
        arena_reset(&comparison->scratch);
    }
    qsort(diff->items, diff->count, sizeof diff->items[0], compare_differences);
    for (size_t i = 0; i < model->register_count; i++) {
        struct register_differences *counts = &comparison->registers[i];
        counts->reg = &model->registers[i];
        if (counts->count[0] + counts->count[1] + counts->count[2] > 0) {
            diff->registers[diff->register_count++] = *counts;
        }
    }
    return 0;
}

int edition_diff(struct store *store, const struct read_options *options, int64_t from, int64_t to, size_t records_max,
                 struct arena *arena, struct edition_diff *ret_diff, struct err *err)
{
    READER_AUTO *before = NULL, *after = NULL;
    struct read_options earlier = *options, later = *options;
    struct edition_diff diff = {0};
    struct comparison comparison = {
        .model = store_model(store), .arena = arena, .records_max = records_max, .diff = &diff};
    int result;

    comparison.last = &comparison.first;
    map_init(&comparison.by_key, arena);
    earlier.as_of = from;
    later.as_of = to;
    if (store_read(store, &earlier, &before, err) != 0 || store_read(store, &later, &after, err) != 0) {
        return -1;
    }
    comparison.before = before;
    comparison.after = after;
    arena_init(&comparison.scratch, SCRATCH_MAX);
    result = gather(&comparison, from, err) != 0 || compare_all(&comparison, err) != 0 ? -1 : 0;
    arena_free(&comparison.scratch);
    *ret_diff = diff;
    return result;
}

/* ---- for programs ---- */

static struct value *field_value(const struct field_difference *field, struct arena *arena)
{
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("name"), field->name);
    value_set(arena, view, STR("before"), field->before != NULL ? value_copy(arena, field->before) : value_null(arena));
    value_set(arena, view, STR("after"), field->after != NULL ? value_copy(arena, field->after) : value_null(arena));
    if (field->has_number) {
        value_set(arena, view, STR("difference"), value_number(arena, field->number));
    }
    return view;
}

struct value *difference_value(const struct difference *difference, struct arena *arena)
{
    struct value *view = value_object(arena), *label = value_object(arena), *fields = value_list(arena);

    value_set_text(arena, view, STR("kind"), difference_kind_names[difference->kind]);
    value_set_text(arena, view, STR("register"), difference->reg->name);
    value_set_text(arena, view, STR("id"), difference->id);
    if (difference->was.len > 0) {
        value_set_text(arena, view, STR("was"), difference->was);
    }
    for (size_t lang = 0; lang < LANG_COUNT; lang++) {
        if (difference->label.in[lang].len > 0) {
            value_set_text(arena, label, lang_codes[lang], difference->label.in[lang]);
        }
    }
    value_set(arena, view, STR("label"), label);
    for (size_t i = 0; i < difference->field_count; i++) {
        value_append(arena, fields, field_value(&difference->fields[i], arena));
    }
    if (difference->kind == DIFFERENCE_CHANGED) {
        value_set(arena, view, STR("fields"), fields);
    }
    return view;
}
