#include "store/read.h"

#include "model/record.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- conditions ---- */

struct shared_args viewer_args_add(struct sql *sql, const struct reader *reader)
{
    const struct read_options *options = &reader->options;
    struct shared_args args = {.sees = sql_int_arg(sql, options->viewer.sees)};
    if (options->viewer.owner.len)
        args.owner = sql_text_arg(sql, options->viewer.owner);
    return args;
}

struct shared_args shared_args_add(struct sql *sql, const struct reader *reader, bool with_on)
{
    const struct read_options *options = &reader->options;
    struct shared_args args = viewer_args_add(sql, reader);
    if (options->as_of)
        args.as_of = sql_int_arg(sql, options->as_of);
    if (with_on && date_is_set(options->on)) {
        static _Thread_local char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
        args.on_first = sql_text_arg(sql, str_make(first, date_format(date_first_day(options->on), first)));
        args.on_last = sql_text_arg(sql, str_make(last, date_format(date_last_day(options->on), last)));
    }
    return args;
}

void sql_visible(struct sql *sql, const char *alias, const struct shared_args *args)
{
    if (args->owner)
        sql_add(sql, " AND (%s.\"visibility\"<=$%d OR %s.\"owner\"=$%d)", alias, args->sees, alias, args->owner);
    else
        sql_add(sql, " AND %s.\"visibility\"<=$%d", alias, args->sees);
}

void sql_known(struct sql *sql, const char *alias, const struct shared_args *args, enum tense tense)
{
    if (args->as_of)
        sql_add(sql, " AND %s.\"seq_from\"<=$%d", alias, args->as_of);
    if (tense == TENSE_PAST)
        sql_add(sql, " AND %s.\"seq_to\">$%d", alias, args->as_of);
}

/* Dates are compared as text. A less precise date is the beginning of a more precise one, so it sorts before it: right for
 * a beginning; an end gets a "~", which sorts after every digit and hyphen. A later record ends an earlier one only when it
 * began by the first day asked for: asked for a month, both hold on some day of the month in which one followed the other. One that the viewer may not see
 * ends nothing: its being there would show. */
static void sql_later(struct sql *sql, const char *alias, const struct table *table, const struct shared_args *args,
                      enum tense tense)
{
    sql_add(sql,
            " AND (%s.\"to\" IS NOT NULL OR NOT EXISTS (SELECT 1 FROM \"%.*s\" AS later WHERE later.\"id\"<>%s.\"id\"",
            alias, STR_ARG(tense_table(table, tense)), alias);
    for (size_t i = 0; i < table->reg->one_at_a_time_count; i++) {
        const struct field *field = table->reg->one_at_a_time[i];
        struct str column = table->slots[table->places[field->position].first_slot].column;
        sql_add(sql, " AND later.\"%.*s\"=%s.\"%.*s\"", STR_ARG(column), alias, STR_ARG(column));
    }
    sql_visible(sql, "later", args);
    sql_known(sql, "later", args, tense);
    sql_add(sql,
            " AND coalesce(later.\"from\",later.\"attested_on\")>coalesce(%s.\"from\",%s.\"attested_on\")"
            " AND coalesce(later.\"from\",later.\"attested_on\")<=$%d))",
            alias, alias, args->on_first);
}

void sql_holds(struct sql *sql, const char *alias, const struct table *table, const struct shared_args *args)
{
    if (!args->on_first)
        return;
    sql_add(sql,
            " AND (%s.\"from\"<=$%d OR (%s.\"from\" IS NULL AND (%s.\"attested_on\" IS NULL OR "
            "%s.\"attested_on\"<=$%d))) AND (%s.\"to\" IS NULL OR %s.\"to\"||'~'>=$%d)",
            alias, args->on_last, alias, alias, alias, args->on_last, alias, alias, args->on_first);
    if (table->reg->one_at_a_time_count == 0)
        return;
    sql_later(sql, alias, table, args, TENSE_PRESENT);
    if (args->as_of)
        sql_later(sql, alias, table, args, TENSE_PAST);
}

void sql_linked(struct sql *sql, const struct link *link, int value_arg, enum tense tense)
{
    if (tense == TENSE_PRESENT)
        sql_add(sql, "t.\"id\" IN (SELECT l.\"id\" FROM \"%.*s\" AS l WHERE l.\"value\"=$%d)", STR_ARG(link->table),
                value_arg);
    else
        sql_add(sql,
                "(t.\"id\",t.\"seq_from\") IN (SELECT l.\"id\",l.\"seq_from\" FROM \"%.*s\" AS l WHERE "
                "l.\"value\"=$%d)",
                STR_ARG(link->past_table), value_arg);
}

/* ---- what the viewer may not see ---- */

/* What of a row is wanted. */
static struct str wanted_columns(const struct table *table, enum quick wanted)
{
    return wanted == QUICK_GET ? table->read_columns : wanted == QUICK_LABEL ? table->label_columns : STR("1");
}

/* The usual case: the present, for a viewer without records of its own. The statement is kept by its number. */
static int present_row(struct reader *reader, const struct table *table, enum quick wanted, struct str id,
                       struct stmt **ret_stmt, struct err *err)
{
    size_t number = table->reg->position * QUICK_COUNT + wanted;
    SQL_AUTO sql;
    sql_init(&sql);
    if (!reader_has_quick(reader, number))
        sql_add(&sql, "SELECT %.*s FROM \"%.*s\" AS t WHERE t.\"id\"=$1 AND t.\"visibility\"<=$2",
                STR_ARG(wanted_columns(table, wanted)), STR_ARG(table->name));
    if (reader_quick(reader, number, buf_str(&sql.text), ret_stmt, err))
        return -1;
    stmt_bind_text_or_empty(*ret_stmt, 1, id);
    stmt_bind_int(*ret_stmt, 2, reader->options.viewer.sees);
    return 0;
}

/* The row of one record in the reader's state, in one of the two tables. */
static int one_row(struct reader *reader, const struct table *table, enum quick wanted, struct str id, enum tense tense,
                   struct stmt **ret_stmt, struct err *err)
{
    if (!reader->options.as_of && !reader->options.viewer.owner.len)
        return present_row(reader, table, wanted, id, ret_stmt, err);
    SQL_AUTO sql;
    sql_init(&sql);
    int id_arg = sql_text_arg(&sql, id);
    struct shared_args args = shared_args_add(&sql, reader, false);
    sql_add(&sql, "SELECT %.*s FROM \"%.*s\" AS t WHERE t.\"id\"=$%d", STR_ARG(wanted_columns(table, wanted)),
            STR_ARG(tense_table(table, tense)), id_arg);
    sql_visible(&sql, "t", &args);
    sql_known(&sql, "t", &args, tense);
    return sql_statement(&sql, reader->db, ret_stmt, err);
}

/* Steps to the record's row in the reader's state: 1 found (reset the statement afterwards), 0 none, -1 failed. */
static int find_row(struct reader *reader, const struct table *table, enum quick wanted, struct str id,
                    struct stmt **ret_stmt, struct err *err)
{
    int last = reader->options.as_of ? TENSE_PAST : TENSE_PRESENT;
    for (int tense = TENSE_PRESENT; tense <= last; tense++) {
        if (one_row(reader, table, wanted, id, (enum tense)tense, ret_stmt, err))
            return -1;
        int step = stmt_step(*ret_stmt, err);
        if (step)
            return step;
    }
    return 0;
}

int record_is_visible(struct reader *reader, const struct reg *reg, struct str id, bool *ret_visible, struct err *err)
{
    note_record(reader, reg, id);
    struct stmt *stmt;
    int step = find_row(reader, layout_table(reader->store->layout, reg), QUICK_EXISTS, id, &stmt, err);
    if (step < 0)
        return -1;
    if (step)
        stmt_reset(stmt);
    *ret_visible = step == 1;
    return 0;
}

bool record_may_be_hidden(const struct reader *reader, const struct reg *reg)
{
    return reader->options.viewer.sees < VISIBILITY_SECRETARIAT &&
           atomic_load(&reader->store->has_hidden[reg->position]);
}

struct hiding {
    struct reader *reader;
    struct err *err;
};

/* Empties the id of a reference that may not be seen; sweep_record then takes it out. */
static int blank_hidden(void *context, const struct reg *target, struct value *id_value, const struct field *field,
                        const char *where)
{
    (void)field;
    (void)where;
    struct hiding *hiding = context;
    if (!record_may_be_hidden(hiding->reader, target))
        return 0;
    bool visible;
    if (record_is_visible(hiding->reader, target, id_value->text, &visible, hiding->err))
        return -1;
    if (!visible)
        id_value->text = STR("");
    return 0;
}

static bool is_blank(const struct value *value)
{
    if (value->kind == VALUE_OBJECT) {
        const struct value *id = value_get(value, STR("id"));
        return id && value_text_of(id).len == 0;
    }
    return value->kind == VALUE_TEXT && value->text.len == 0;
}

static void sweep_list(struct value *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->list.count; i++)
        if (!is_blank(list->list.items[i]))
            list->list.items[kept++] = list->list.items[i];
    list->list.count = kept;
}

static void sweep_record(struct value *record, const struct reg *reg, struct arena *arena)
{
    const struct value *owner = value_get(record, STR("owner"));
    if (owner && is_blank(owner))
        value_set(arena, record, STR("owner"), NULL);
    for (size_t i = 0; i < reg->field_count; i++) {
        struct value *value = (struct value *)value_get(record, reg->fields[i].name);
        if (!reg->fields[i].reference || !value)
            continue;
        if (value->kind == VALUE_LIST)
            sweep_list(value);
        if (value->kind == VALUE_LIST ? value->list.count == 0 : is_blank(value))
            value_set(arena, record, reg->fields[i].name, NULL);
    }
}

bool reg_has_hidden_fields(const struct reg *reg, const struct viewer *viewer)
{
    for (size_t i = 0; i < reg->field_count; i++)
        if (!viewer_sees_field(viewer, &reg->fields[i], STR("")))
            return true;
    return false;
}

/* A source that speaks only of hidden fields goes, a hidden field's name in its list too, and one that is itself hidden. */
static bool source_stays(const struct reader *reader, const struct reg *reg, struct str owner, struct value *source)
{
    const struct value *id = value_get(source, STR("source"));
    struct value *fields = (struct value *)value_get(source, STR("fields"));
    if (id && value_text_of(id).len == 0)
        return false;
    if (!fields)
        return true;
    size_t kept = 0;
    for (size_t i = 0; i < fields->list.count; i++) {
        const struct field *field = reg_field(reg, value_text_of(fields->list.items[i]));
        if (!field || viewer_sees_field(&reader->options.viewer, field, owner))
            fields->list.items[kept++] = fields->list.items[i];
    }
    fields->list.count = kept;
    return kept > 0;
}

static void sweep_sources(const struct reader *reader, struct found *found, struct str owner, struct arena *arena)
{
    struct value *sources = (struct value *)value_get(found->record, STR("sources"));
    if (!sources)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < sources->list.count; i++)
        if (source_stays(reader, found->reg, owner, sources->list.items[i]))
            sources->list.items[kept++] = sources->list.items[i];
    sources->list.count = kept;
    if (kept == 0)
        value_set(arena, found->record, STR("sources"), NULL);
}

int hide_references(struct reader *reader, struct found *found, struct arena *arena, struct err *err)
{
    if (reader->options.viewer.sees == VISIBILITY_SECRETARIAT)
        return 0;
    struct hiding hiding = {reader, err};
    /* Before it may be hidden itself: whose record it is decides which fields are seen. */
    struct str owner = value_get_text(found->record, STR("owner"));
    if (references_each(reader->store->model, found->reg, found->record, blank_hidden, &hiding))
        return -1;
    sweep_sources(reader, found, owner, arena);
    sweep_record(found->record, found->reg, arena);
    return 0;
}

int read_found(struct reader *reader, const struct table *table, struct stmt *stmt, int first, struct arena *arena,
               struct found *ret_found, struct err *err)
{
    struct found found;
    if (row_read(table, stmt, first, &reader->options.viewer, arena, &found, err) ||
        hide_references(reader, &found, arena, err))
        return -1;
    *ret_found = found;
    return 0;
}

/* ---- one record ---- */

/* A failure that says where the record is instead, when that may be seen. */
static int not_found(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
                     struct str *ret_moved_to, struct err *err)
{
    struct str moved_to = STR("");
    if (redirect_of(reader->db, reg, id, arena, &moved_to, err))
        return -1;
    bool visible = false;
    if (moved_to.len && record_is_visible(reader, reg, moved_to, &visible, err))
        return -1;
    if (ret_moved_to)
        *ret_moved_to = visible ? moved_to : STR("");
    return err_set(err, ERR_NOT_FOUND, "there is no %.*s \"%.*s\"", STR_ARG(reg->name), STR_ARG(str_slice(id, 0, 100)));
}

/* The present's or the past's row of a record, opened; -1 with ERR_NOT_FOUND when there is none that may be seen. */
static int open_record(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
                       struct stmt **ret_stmt, struct str *ret_moved_to, struct err *err)
{
    note_record(reader, reg, id);
    int step = find_row(reader, layout_table(reader->store->layout, reg), QUICK_GET, id, ret_stmt, err);
    if (step < 0)
        return -1;
    return step == 0 ? not_found(reader, reg, id, arena, ret_moved_to, err) : 0;
}

int store_get(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena, struct found *ret_found,
              struct str *ret_moved_to, struct err *err)
{
    struct stmt *stmt;
    if (open_record(reader, reg, id, arena, &stmt, ret_moved_to, err))
        return -1;
    int result = read_found(reader, layout_table(reader->store->layout, reg), stmt, 0, arena, ret_found, err);
    stmt_reset(stmt);
    return result;
}

int store_get_json(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena, struct buf *out,
                   int64_t *ret_seq, struct str *ret_moved_to, struct err *err)
{
    struct stmt *stmt;
    if (open_record(reader, reg, id, arena, &stmt, ret_moved_to, err))
        return -1;
    *ret_seq = stmt_int(stmt, FIXED_SEQ_FROM);
    int result = row_write_json(reader, layout_table(reader->store->layout, reg), stmt, 0, arena, out, err);
    stmt_reset(stmt);
    return result;
}

/* ---- labels ---- */

#define LABEL_DEPTH_MAX 3

static struct bilingual term_label(const struct field *field, struct str code)
{
    const struct term *term = field->vocabulary ? vocabulary_term(field->vocabulary, code) : NULL;
    return term ? term->label : (struct bilingual){{code, code}};
}

/* One label field's words; `column` is its first column in the statement. Of a reference only the id is taken: its own label
 * is read once this statement is done with. */
static struct bilingual label_part(const struct field *field, struct stmt *stmt, int column, struct arena *arena,
                                   struct str *ret_reference)
{
    struct str text = arena_copy(arena, stmt_text(stmt, column));
    if (field->bilingual)
        return (struct bilingual){{text, arena_copy(arena, stmt_text(stmt, column + 1))}};
    if (field->reference && text.len) {
        *ret_reference = text;
        return (struct bilingual){0};
    }
    if (field->party)
        return (struct bilingual){
            {arena_copy(arena, stmt_text(stmt, column + 1)), arena_copy(arena, stmt_text(stmt, column + 2))}};
    return term_label(field, text);
}

/* The first label field that says something: words, or a record to take them from. */
static void label_from_row(const struct reader *reader, const struct table *table, struct stmt *stmt,
                           struct arena *arena, struct bilingual *label, struct str *ret_reference,
                           const struct reg **ret_target)
{
    struct str owner = arena_copy(arena, stmt_text(stmt, 0));
    int column = 1;
    for (size_t i = 0; i < table->reg->label_count; i++) {
        const struct field *field = table->reg->label[i];
        if (viewer_sees_field(&reader->options.viewer, field, owner)) {
            *label = label_part(field, stmt, column, arena, ret_reference);
            *ret_target = field->reference;
            if (ret_reference->len || bilingual_best(*label, LANG_JA).len)
                return;
        }
        column += (int)table->places[field->position].slot_count;
    }
}

static int label_of(struct reader *reader, const struct reg *reg, struct str id, int depth, struct arena *arena,
                    struct bilingual *ret_label, struct err *err)
{
    *ret_label = (struct bilingual){0};
    const struct table *table = layout_table(reader->store->layout, reg);
    note_record(reader, reg, id);
    struct stmt *stmt;
    int step = find_row(reader, table, QUICK_LABEL, id, &stmt, err);
    if (step <= 0)
        return step;
    struct bilingual label = {0};
    struct str reference = STR("");
    const struct reg *target = NULL;
    label_from_row(reader, table, stmt, arena, &label, &reference, &target);
    stmt_reset(stmt);
    if (reference.len && depth + 1 < LABEL_DEPTH_MAX &&
        label_of(reader, target, reference, depth + 1, arena, &label, err))
        return -1;
    if (bilingual_best(label, LANG_JA).len == 0)
        label = (struct bilingual){{id, id}};
    *ret_label = label;
    return 0;
}

int label_read(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
               struct bilingual *ret_label, struct err *err)
{
    return label_of(reader, reg, id, 0, arena, ret_label, err);
}
