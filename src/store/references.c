/* References: nothing may point nowhere, and nothing that is pointed at may go. Both are judged when a change set
 * ends, so that records may come in any order. */
#include "store/internal.h"

#include "model/record.h"

#include <stdio.h>

/* The cache of ids known to exist is begun anew past this size. */
#define KNOWN_IDS_MAX 20000
#define REFERRERS_NAMED 5

struct pending_reference {
    const struct reg *target;
    struct str id;
    struct str from; /* "register \"id\"" that refers */
    struct str field;
};

struct pending_delete {
    const struct reg *reg;
    struct str id;
    struct pending_delete *next;
};

/* ---- walking ---- */

struct walk {
    reference_visitor *each;
    void *context;
};

static int visit(const struct walk *walk, const struct reg *target, struct value *value, const struct field *field,
                 const char *where)
{
    if (!target || !value)
        return 0;
    if (value->kind == VALUE_OBJECT)
        value = (struct value *)value_get(value, STR("id"));
    if (!value || value->kind != VALUE_TEXT || value->text.len == 0)
        return 0;
    return walk->each(walk->context, target, value, field, where);
}

static int visit_field(const struct walk *walk, const struct field *field, struct value *value)
{
    if (!value || !field->reference)
        return 0;
    if (value->kind != VALUE_LIST)
        return visit(walk, field->reference, value, field, field->name.ptr);
    for (size_t i = 0; i < value->list.count; i++) {
        int result = visit(walk, field->reference, value->list.items[i], field, field->name.ptr);
        if (result)
            return result;
    }
    return 0;
}

int references_each(const struct model *model, const struct reg *reg, struct value *record, reference_visitor *each,
                    void *context)
{
    struct walk walk = {each, context};
    struct value *owner = (struct value *)value_get(record, STR("owner"));
    int result = visit(&walk, model_role(model, ROLE_ORGANISATION), owner, NULL, "owner");
    for (size_t i = 0; result == 0 && i < reg->field_count; i++)
        if (reg->fields[i].reference)
            result = visit_field(&walk, &reg->fields[i], (struct value *)value_get(record, reg->fields[i].name));
    const struct value *sources = value_get(record, STR("sources"));
    const struct reg *source_register = model_role(model, ROLE_SOURCE);
    for (size_t i = 0; result == 0 && i < value_count(sources); i++)
        result = visit(&walk, source_register, (struct value *)value_get(value_at(sources, i), STR("source")), NULL,
                       "sources");
    return result;
}

/* ---- what must exist ---- */

static int exists(struct db *db, const struct layout *layout, const struct reg *reg, struct str id, bool *ret_exists,
                  struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(db, layout_table(layout, reg)->sql.seq, &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, id);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    stmt_reset(stmt);
    *ret_exists = step == 1;
    return 0;
}

int redirect_of(struct db *db, const struct reg *reg, struct str id, struct arena *arena, struct str *ret_to,
                struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(db, STR("SELECT \"to_id\" FROM \"redirect\" WHERE \"register\"=$1 AND \"id\"=$2"), &stmt,
                          err))
        return -1;
    stmt_bind_text(stmt, 1, reg->name);
    stmt_bind_text_or_empty(stmt, 2, id);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    *ret_to = step ? arena_copy(arena, stmt_text(stmt, 0)) : STR("");
    stmt_reset(stmt);
    return 0;
}

static struct str reference_key(struct arena *arena, const struct reg *reg, struct str id)
{
    return arena_concat(arena, 3, reg->name, STR("/"), id);
}

static void remember_known(struct change_set *changes, const struct reg *reg, struct str id)
{
    if (changes->known_ids.count >= KNOWN_IDS_MAX) {
        arena_reset(&changes->known_arena);
        map_init(&changes->known_ids, &changes->known_arena);
    }
    map_set(&changes->known_ids, reference_key(&changes->known_arena, reg, id), changes);
}

struct note {
    struct change_set *changes;
    const struct reg *reg;
    const struct value *record;
    struct err *err;
};

static void remember_pending(struct note *note, const struct reg *target, struct str id, const char *where)
{
    struct arena *arena = &note->changes->arena;
    struct str key = reference_key(arena, target, id);
    if (map_get(&note->changes->pending, key))
        return;
    struct pending_reference *pending = ARENA_NEW(arena, struct pending_reference);
    *pending = (struct pending_reference){
        .target = target,
        .id = arena_copy(arena, id),
        .from = arena_format(arena, "%.*s \"%.*s\"", STR_ARG(note->reg->name),
                             STR_ARG(value_get_text(note->record, STR("id")))),
        .field = str_from_cstr(where),
    };
    map_set(&note->changes->pending, key, pending);
}

static int note_reference(void *context, const struct reg *target, struct value *id_value, const struct field *field,
                          const char *where)
{
    (void)field;
    struct note *note = context;
    struct change_set *changes = note->changes;
    char key_text[2 * ID_MAX + 2];
    int length = snprintf(key_text, sizeof key_text, "%.*s/%.*s", STR_ARG(target->name), STR_ARG(id_value->text));
    if (length > 0 && (size_t)length < sizeof key_text &&
        map_get(&changes->known_ids, str_make(key_text, (size_t)length)))
        return 0;
    bool there;
    if (exists(changes->db, changes->store->layout, target, id_value->text, &there, note->err))
        return -1;
    struct str moved_to = STR("");
    if (!there && redirect_of(changes->db, target, id_value->text, &changes->arena, &moved_to, note->err))
        return -1;
    if (moved_to.len) {
        id_value->text = moved_to; /* where it was moved to may be gone since */
        if (exists(changes->db, changes->store->layout, target, moved_to, &there, note->err))
            return -1;
    }
    if (there)
        remember_known(changes, target, id_value->text);
    else
        remember_pending(note, target, id_value->text, where);
    return 0;
}

int references_note(struct change_set *changes, const struct reg *reg, struct value *record, struct err *err)
{
    struct note note = {changes, reg, record, err};
    return references_each(changes->store->model, reg, record, note_reference, &note);
}

void references_forget(struct change_set *changes, const struct reg *reg, struct str id)
{
    (void)reg;
    (void)id;
    arena_reset(&changes->known_arena);
    map_init(&changes->known_ids, &changes->known_arena);
}

void references_note_delete(struct change_set *changes, const struct reg *reg, struct str id)
{
    struct pending_delete *pending = ARENA_NEW(&changes->arena, struct pending_delete);
    *pending = (struct pending_delete){reg, arena_copy(&changes->arena, id), changes->deletes};
    changes->deletes = pending;
    references_forget(changes, reg, id);
}

/* ---- who refers ---- */

struct referrer_search {
    struct db *db;
    const struct layout *layout;
    const struct reg *target;
    struct str id;
    size_t limit;
    struct arena *arena;
    struct referrer *found;
    size_t count;
};

static int search_column(struct referrer_search *search, const struct reg *reg, struct str table, const char *column,
                         struct err *err)
{
    if (search->count >= search->limit)
        return 0;
    SQL_AUTO sql;
    sql_init(&sql);
    int id = sql_text_arg(&sql, search->id);
    int limit = sql_int_arg(&sql, (int64_t)(search->limit - search->count));
    sql_add(&sql, "SELECT \"id\" FROM \"%.*s\" WHERE \"%s\"=$%d LIMIT $%d", STR_ARG(table), column, id, limit);
    struct stmt *stmt;
    if (sql_statement(&sql, search->db, &stmt, err))
        return -1;
    int step;
    while ((step = stmt_step(stmt, err)) == 1)
        search->found[search->count++] = (struct referrer){reg, arena_copy(search->arena, stmt_text(stmt, 0))};
    return step;
}

static int search_table(struct referrer_search *search, const struct table *table, struct err *err)
{
    const struct model *model = search->layout->model;
    if (search->target == model_role(model, ROLE_ORGANISATION) &&
        search_column(search, table->reg, table->name, "owner", err))
        return -1;
    for (size_t i = 0; i < table->reg->field_count; i++) {
        const struct field *field = &table->reg->fields[i];
        if (field->reference == search->target && field->type != FIELD_LIST &&
            search_column(search, table->reg, table->name, field->name.ptr, err))
            return -1;
    }
    for (size_t i = 0; i < table->link_count; i++) {
        const struct link *link = &table->links[i];
        const struct reg *target = link->field ? link->field->reference : model_role(model, ROLE_SOURCE);
        if (target == search->target && search_column(search, table->reg, link->table, "value", err))
            return -1;
    }
    return 0;
}

int referrers_of(struct db *db, const struct layout *layout, const struct reg *target, struct str id, size_t limit,
                 struct arena *arena, struct referrer **ret_referrers, size_t *ret_count, struct err *err)
{
    struct referrer_search search = {
        .db = db, .layout = layout, .target = target, .id = id, .limit = limit, .arena = arena};
    search.found = ARENA_NEW_ARRAY(arena, limit, struct referrer);
    for (size_t i = 0; i < layout->model->register_count; i++)
        if (search_table(&search, &layout->tables[i], err))
            return -1;
    *ret_referrers = search.found;
    *ret_count = search.count;
    return 0;
}

/* ---- the end of a change set ---- */

static int check_pending(struct change_set *changes, const struct pending_reference *pending, struct err *err)
{
    bool there;
    if (exists(changes->db, changes->store->layout, pending->target, pending->id, &there, err))
        return -1;
    if (there)
        return 0;
    return err_set_field(err, ERR_INVALID, pending->field,
                         "%.*s: %.*s refers to %.*s \"%.*s\", which does not exist; allowed are ids of that register",
                         STR_ARG(pending->from), STR_ARG(pending->field), STR_ARG(pending->target->name),
                         STR_ARG(pending->id));
}

static int check_delete(struct change_set *changes, const struct pending_delete *pending, struct err *err)
{
    bool there;
    if (exists(changes->db, changes->store->layout, pending->reg, pending->id, &there, err))
        return -1;
    if (there)
        return 0; /* it came back in the same change set */
    struct referrer *referrers;
    size_t count;
    if (referrers_of(changes->db, changes->store->layout, pending->reg, pending->id, REFERRERS_NAMED, &changes->arena,
                     &referrers, &count, err))
        return -1;
    if (count == 0)
        return 0;
    BUF_AUTO names;
    buf_init(&names, 1000);
    for (size_t i = 0; i < count; i++)
        buf_add_format(&names, "%s%.*s \"%.*s\"", i ? ", " : "", STR_ARG(referrers[i].reg->name),
                       STR_ARG(referrers[i].id));
    return err_set(err, ERR_CONFLICT, "%.*s \"%.*s\" cannot go, others refer to it: %.*s", STR_ARG(pending->reg->name),
                   STR_ARG(pending->id), STR_ARG(buf_str(&names)));
}

int references_check(struct change_set *changes, struct err *err)
{
    for (size_t i = 0; i < changes->pending.capacity; i++) {
        const struct pending_reference *pending = changes->pending.slots[i].value;
        if (pending && check_pending(changes, pending, err))
            return -1;
    }
    for (const struct pending_delete *pending = changes->deletes; pending; pending = pending->next)
        if (check_delete(changes, pending, err))
            return -1;
    return 0;
}
