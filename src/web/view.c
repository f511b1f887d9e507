#include "web/view.h"

#include "model/record.h"

#include <string.h>

void viewing_init(struct viewing *viewing, const struct model *model, struct reader *reader, struct arena *arena)
{
    *viewing = (struct viewing){.model = model, .reader = reader, .arena = arena};
    viewing->owner_reg = model_role(model, ROLE_ORGANISATION);
    map_init(&viewing->labels, arena);
}

int viewing_label(struct viewing *viewing, const struct reg *reg, struct str id, struct bilingual *ret_label,
                  struct err *err)
{
    struct str key = arena_concat(viewing->arena, 3, reg->name, STR("/"), id);
    struct bilingual *label = map_get(&viewing->labels, key);

    if (label == NULL) {
        label = ARENA_NEW(viewing->arena, struct bilingual);
        if (store_label(viewing->reader, reg, id, viewing->arena, label, err) != 0) {
            return -1;
        }
        map_set(&viewing->labels, key, label);
    }
    *ret_label = *label;
    return 0;
}

struct value *view_bilingual(struct arena *arena, struct bilingual text)
{
    struct value *view = value_object(arena);

    for (size_t l = 0; l < LANG_COUNT; l++) {
        if (text.in[l].len > 0) {
            value_set_text(arena, view, lang_codes[l], text.in[l]);
        }
    }
    return view;
}

int view_reference(struct viewing *viewing, const struct reg *reg, struct str id, struct value **ret_view,
                   struct err *err)
{
    struct bilingual label = {0};
    struct value *view;

    if (viewing_label(viewing, reg, id, &label, err) != 0) {
        return -1;
    }
    view = value_object(viewing->arena);
    value_set_text(viewing->arena, view, STR("id"), id);
    value_set(viewing->arena, view, STR("label"), view_bilingual(viewing->arena, label));
    *ret_view = view;
    return 0;
}

/* A reference is text, a party {"id"} or {"name"}; what is not a reference stays as it is. */
static int view_one(struct viewing *viewing, const struct field *field, const struct value *value,
                    struct value **ret_view, struct err *err)
{
    struct str id = value->kind == VALUE_TEXT ? value->text : value_get_text(value, STR("id"));

    if (field->reference == NULL || id.len == 0) {
        *ret_view = (struct value *)value;
        return 0;
    }
    return view_reference(viewing, field->reference, id, ret_view, err);
}

static int view_field(struct viewing *viewing, const struct field *field, const struct value *value,
                      struct value **ret_view, struct err *err)
{
    struct value *list;

    if (field->type != FIELD_LIST || field->reference == NULL) {
        return view_one(viewing, field, value, ret_view, err);
    }
    list = value_list(viewing->arena);
    for (size_t i = 0; i < value_count(value); i++) {
        struct value *item = NULL;
        if (view_one(viewing, field, value_at(value, i), &item, err) != 0) {
            return -1;
        }
        value_append(viewing->arena, list, item);
    }
    *ret_view = list;
    return 0;
}

int view_record(struct viewing *viewing, const struct reg *reg, const struct value *record, struct value **ret_view,
                struct err *err)
{
    struct value *view = value_object(viewing->arena);

    for (size_t i = 0; i < record->object.count; i++) {
        const struct value_member *member = &record->object.members[i];
        const struct field *field = reg_field(reg, member->key);
        struct value *shown = member->value;
        int failed = 0;
        if (field != NULL) {
            failed = view_field(viewing, field, member->value, &shown, err);
        } else if (str_eq(member->key, STR("owner")) && viewing->owner_reg != NULL) {
            failed = view_reference(viewing, viewing->owner_reg, value_text_of(member->value), &shown, err);
        }
        if (failed != 0) {
            return -1;
        }
        value_set(viewing->arena, view, member->key, shown);
    }
    *ret_view = view;
    return 0;
}

/* ---- revisions ---- */

static void note_changes(struct arena *arena, struct value *changed, const struct value *one, const struct value *other)
{
    for (size_t i = 0; one != NULL && i < one->object.count; i++) {
        const struct value_member *member = &one->object.members[i];
        const struct value *there = value_get(other, member->key);
        bool noted = false;
        for (size_t n = 0; n < value_count(changed); n++) {
            noted = noted || str_eq(value_text_of(value_at(changed, n)), member->key);
        }
        if (!noted && (there == NULL || !value_equal(there, member->value))) {
            value_append(arena, changed, value_text(arena, member->key));
        }
    }
}

struct value *view_changed(struct arena *arena, const struct revision *revision)
{
    struct value *changed = value_list(arena);

    note_changes(arena, changed, revision->before, revision->after);
    note_changes(arena, changed, revision->after, revision->before);
    return changed;
}

static int view_side(struct viewing *viewing, const struct reg *reg, const struct value *record, struct value *view,
                     struct str name, struct err *err)
{
    struct value *side = value_null(viewing->arena);

    if (record != NULL && view_record(viewing, reg, record, &side, err) != 0) {
        return -1;
    }
    value_set(viewing->arena, view, name, side);
    return 0;
}

int view_revision(struct viewing *viewing, const struct reg *reg, const struct revision *revision,
                  struct value **ret_view, struct err *err)
{
    struct arena *arena = viewing->arena;
    struct value *view = value_object(arena);
    char at[TIME_TEXT_MAX];
    size_t at_length = time_format(revision->at_ms, at);

    value_set(arena, view, STR("seq"), value_int(arena, revision->seq));
    value_set_text(arena, view, STR("kind"), change_kind_names[revision->kind]);
    value_set_text(arena, view, STR("at"), arena_copy(arena, str_make(at, at_length)));
    value_set_text(arena, view, STR("author"), revision->author);
    value_set_text(arena, view, STR("reason"), revision->reason);
    value_set(arena, view, STR("change_set"), value_int(arena, revision->change_set));
    if (revision->sources != NULL) {
        value_set(arena, view, STR("sources"), revision->sources);
    }
    value_set(arena, view, STR("changed"), view_changed(arena, revision));
    if (view_side(viewing, reg, revision->before, view, STR("before"), err) != 0 ||
        view_side(viewing, reg, revision->after, view, STR("after"), err) != 0) {
        return -1;
    }
    *ret_view = view;
    return 0;
}

int view_deletion(struct viewing *viewing, const struct reg *reg, struct str id, bool *ret_deleted,
                  struct revision *ret_last, struct err *err)
{
    struct revision *revisions = NULL;
    size_t count = 0;

    if (store_history(viewing->reader, reg, id, 1, 0, viewing->arena, &revisions, &count, err) != 0) {
        return -1;
    }
    *ret_deleted = count > 0 && revisions[0].kind == CHANGE_DELETE && revisions[0].before != NULL;
    if (*ret_deleted) {
        *ret_last = revisions[0];
    }
    return 0;
}
