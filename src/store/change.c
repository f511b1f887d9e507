/* Change sets: filling, checking and ending them. */
#include "store/internal.h"
#include "store/row.h"

#include "base/digest.h"
#include "model/record.h"

#include <assert.h>
#include <string.h>

/* What a change set needed up to here is kept for the next one. */
#define SPARE_MEMORY_MAX ((size_t)1 << 18)
#define KNOWN_MEMORY_MAX ((size_t)64 << 20)
/* Each touches some ten pages of 8 KiB, which a savepoint keeps twice. */
#define SAVEPOINT_REVISIONS 1000
/* State of a change set's row; proposals use the others (enum proposal_state). */
#define STATE_ACCEPTED 1

int change_set_begin(struct store *store, const struct write_request *request, int64_t next_seq,
                     struct change_set *ret_changes, struct err *err)
{
    (void)err;
    *ret_changes = (struct change_set){.store = store,
                                       .db = store->db,
                                       .request = request,
                                       .pack = request->pack,
                                       .at_ms = time_now_ms(),
                                       .first_seq = next_seq,
                                       .next_seq = next_seq};
    ret_changes->arena = store->spare;
    arena_init(&store->spare, CHANGE_SET_MEMORY_MAX);
    arena_init(&ret_changes->known_arena, KNOWN_MEMORY_MAX);
    map_init(&ret_changes->counters, &ret_changes->arena);
    map_init(&ret_changes->pending, &ret_changes->arena);
    map_init(&ret_changes->known_ids, &ret_changes->known_arena);
    size_t registers = store->model->register_count;
    ret_changes->bulk = ARENA_NEW_ARRAY(&ret_changes->arena, registers, struct bulk_table);
    ret_changes->made_hidden = ARENA_NEW_ARRAY(&ret_changes->arena, registers, bool);
    return 0;
}

void change_set_free(struct change_set *changes)
{
    edition_free(changes->made_edition);
    arena_free(&changes->known_arena);
    arena_free(&changes->store->spare);
    if (changes->arena.used_bytes > SPARE_MEMORY_MAX)
        arena_free(&changes->arena);
    else
        arena_reset(&changes->arena);
    changes->store->spare = changes->arena;
}

static int write_hidden_marks(struct change_set *changes, struct err *err)
{
    for (size_t i = 0; i < changes->store->model->register_count; i++) {
        if (!changes->made_hidden[i] || atomic_load(&changes->store->has_hidden[i]))
            continue;
        struct str key =
            arena_format(&changes->arena, "hidden:%.*s", STR_ARG(changes->store->model->registers[i].name));
        if (meta_set(changes->db, key, STR("1"), err))
            return -1;
    }
    return 0;
}

int change_mark_sample(struct change_set *changes, struct err *err)
{
    changes->made_sample = true;
    return atomic_load(&changes->store->is_sample) ? 0 : meta_set(changes->db, META_SAMPLE, STR("1"), err);
}

int change_set_end(struct change_set *changes, struct err *err)
{
    if (bulk_finish(changes, err) || references_check(changes, err) || counters_write(changes, err) ||
        write_hidden_marks(changes, err))
        return -1;
    if (changes->next_seq > changes->first_seq) {
        changes->outcome.change_set = changes->no;
        changes->outcome.first_seq = changes->first_seq;
        changes->outcome.last_seq = changes->next_seq - 1;
    }
    return 0;
}

int change_set_open(struct change_set *changes, struct err *err)
{
    if (changes->no)
        return 0;
    int64_t last = changes->store->last_change_set;
    const struct write_request *request = changes->request;
    BUF_AUTO sources;
    buf_init(&sources, (size_t)1 << 20);
    if (request->sources)
        value_write_json(&sources, request->sources);
    struct stmt *stmt;
    if (db_kept_statement(
            changes->db,
            STR("INSERT INTO \"change_set\" (\"no\",\"author\",\"reason\",\"kind\",\"pack\",\"sources\",\"state\","
                "\"created_ms\",\"decided_ms\",\"decided_by\") VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)"),
            &stmt, err))
        return -1;
    stmt_bind_int(stmt, 1, last + 1);
    stmt_bind_text_or_empty(stmt, 2, request->author);
    stmt_bind_text_or_empty(stmt, 3, request->reason);
    stmt_bind_text_or_empty(stmt, 4, request->kind);
    stmt_bind_text(stmt, 5, request->pack);
    stmt_bind_text(stmt, 6, buf_str(&sources));
    stmt_bind_int(stmt, 7, STATE_ACCEPTED);
    stmt_bind_int(stmt, 8, changes->at_ms);
    stmt_bind_int(stmt, 9, changes->at_ms);
    stmt_bind_text_or_empty(stmt, 10, request->author);
    if (stmt_run(stmt, err))
        return -1;
    changes->no = last + 1;
    return 0;
}

/* The writer runs it again, alone: see writer.c. */
static int check_size(struct change_set *changes, struct err *err)
{
    if (!changes->in_savepoint || changes->next_seq - changes->first_seq < SAVEPOINT_REVISIONS)
        return 0;
    changes->outgrew = true;
    return err_set(err, ERR_LIMIT, "the change set is too large to be made beside others");
}

int change_set_revision(struct change_set *changes, const struct reg *reg, struct str id, enum change_kind kind,
                        struct str other_id, int64_t *ret_seq, struct err *err)
{
    if (check_size(changes, err) || change_set_open(changes, err))
        return -1;
    struct stmt *stmt;
    if (db_kept_statement(
            changes->db,
            STR("INSERT INTO \"revision\" (\"seq\",\"change_set\",\"register\",\"id\",\"kind\",\"other_id\") "
                "VALUES ($1,$2,$3,$4,$5,$6)"),
            &stmt, err))
        return -1;
    stmt_bind_int(stmt, 1, changes->next_seq);
    stmt_bind_int(stmt, 2, changes->no);
    stmt_bind_text_or_empty(stmt, 3, reg->name);
    stmt_bind_text_or_empty(stmt, 4, id);
    stmt_bind_int(stmt, 5, kind);
    stmt_bind_text(stmt, 6, other_id);
    if (stmt_run(stmt, err))
        return -1;
    *ret_seq = changes->next_seq++;
    return 0;
}

/* ---- ids ---- */

static int id_is_used(struct change_set *changes, const struct table *table, struct str id, struct arena *scratch,
                      bool *ret_used, struct err *err)
{
    struct found ignored;
    struct str moved_to;
    if (row_current(changes->db, table, id, scratch, ret_used, &ignored, err) ||
        redirect_of(changes->db, table->reg, id, scratch, &moved_to, err))
        return -1;
    *ret_used |= moved_to.len > 0;
    return 0;
}

/* An id for a record that has none and whose content gives none: the register's name and a digest of the content. */
static int give_id(struct change_set *changes, const struct table *table, struct value *record, struct arena *scratch,
                   struct err *err)
{
    struct str made = record_make_id(table->reg, record, scratch);
    BUF_AUTO json;
    buf_init(&json, (size_t)16 << 20);
    value_write_canonical_json(&json, record);
    char hex[DIGEST_HEX_MAX];
    digest_hex(digest_of(buf_str(&json)), hex);
    struct str with_digest =
        made.len ? arena_format(scratch, "%.*s-%.8s", (int)(made.len < 70 ? made.len : 70), made.ptr, hex)
                 : arena_format(scratch, "%.*s-%.16s", STR_ARG(table->reg->name), hex);
    bool used = made.len == 0;
    if (made.len && id_is_used(changes, table, made, scratch, &used, err))
        return -1;
    value_set_text(scratch, record, STR("id"), used ? with_digest : made);
    return 0;
}

/* ---- putting ---- */

/* What was redacted stays away, whatever a file or a form still says. */
static void keep_redaction(struct value *record, const struct found *current, struct arena *scratch)
{
    const struct value *redacted = value_get(current->record, STR("redacted"));
    if (!redacted)
        return;
    for (size_t i = 0; i < value_count(redacted); i++)
        value_set(scratch, record, value_text_of(value_at(redacted, i)), NULL);
    value_set(scratch, record, STR("redacted"), (struct value *)redacted);
}

static int check_expectation(const struct reg *reg, struct str id, bool exists, const struct found *current,
                             int64_t expected_seq, const struct change_set *changes, struct err *err)
{
    if (exists && current->seq >= changes->first_seq)
        return err_set_field(err, ERR_CONFLICT, STR("id"), "%.*s \"%.*s\" comes twice", STR_ARG(reg->name),
                             STR_ARG(id));
    if (expected_seq == SEQ_ANY)
        return 0;
    if (exists && expected_seq == SEQ_NONE)
        return err_set_field(err, ERR_CONFLICT, STR("id"), "%.*s \"%.*s\" exists already", STR_ARG(reg->name),
                             STR_ARG(id));
    if (exists ? current->seq != expected_seq : expected_seq != SEQ_NONE)
        return err_set(err, ERR_CONFLICT,
                       "%.*s \"%.*s\" was changed by somebody else in the meantime: look at it again, then repeat the "
                       "change",
                       STR_ARG(reg->name), STR_ARG(id));
    return 0;
}

static int put_existing(struct change_set *changes, const struct table *table, struct value *record,
                        const struct found *current, struct arena *scratch, struct err *err)
{
    keep_redaction(record, current, scratch);
    if (value_equal(record, current->record)) {
        changes->outcome.unchanged++;
        return 0;
    }
    int64_t seq;
    struct str id = value_get_text(record, STR("id"));
    if (change_set_revision(changes, table->reg, id, CHANGE_UPDATE, STR(""), &seq, err) ||
        row_replace(changes, table, current, record, seq, scratch, err))
        return -1;
    changes->outcome.updated++;
    return 0;
}

/* Where the id of a new record leads already. A store without any redirect, which is what large loads find, is asked once. */
static int redirect_of_new(struct change_set *changes, const struct reg *reg, struct str id, struct arena *scratch,
                           struct str *ret_to, struct err *err)
{
    if (!changes->redirects_known) {
        int64_t any;
        if (db_query_int(changes->db, STR("SELECT 1 FROM \"redirect\" LIMIT 1"), &any, err))
            return -1;
        changes->redirects_known = true;
        changes->no_redirects = any == 0;
    }
    *ret_to = STR("");
    return changes->no_redirects ? 0 : redirect_of(changes->db, reg, id, scratch, ret_to, err);
}

static int put_new(struct change_set *changes, const struct table *table, struct value *record, struct arena *scratch,
                   struct err *err)
{
    struct str id = value_get_text(record, STR("id"));
    struct str moved_to;
    if (redirect_of_new(changes, table->reg, id, scratch, &moved_to, err))
        return -1;
    if (moved_to.len)
        return err_set_field(err, ERR_CONFLICT, STR("id"),
                             "the id \"%.*s\" is that of a record that is now %.*s \"%.*s\"; ids are never used again",
                             STR_ARG(id), STR_ARG(table->reg->name), STR_ARG(moved_to));
    int64_t seq;
    if (bulk_note_insert(changes, table, err) ||
        change_set_revision(changes, table->reg, id, CHANGE_CREATE, STR(""), &seq, err) ||
        row_insert(changes, table, record, seq, scratch, err))
        return -1;
    changes->outcome.created++;
    return 0;
}

int change_put(struct change_set *changes, const struct reg *reg, struct value *record, int64_t expected_seq,
               struct arena *scratch, struct err *err)
{
    const struct table *table = layout_table(changes->store->layout, reg);
    if (value_get_text(record, STR("id")).len == 0 && give_id(changes, table, record, scratch, err))
        return -1;
    struct str id = value_get_text(record, STR("id"));
    if (!id_is_valid(id))
        return err_set_field(err, ERR_INVALID, STR("id"),
                             "\"%.*s\" is no id; allowed are 1 to 80 of a-z 0-9 . - beginning with a letter or digit",
                             STR_ARG(str_slice(id, 0, 100)));
    if (!value_get(record, STR("visibility")))
        value_set_text(scratch, record, STR("visibility"), visibility_names[reg->visibility]);
    if (references_note(changes, reg, record, err))
        return -1;
    bool exists = false;
    struct found current;
    /* In a register that was empty, the unique id says by itself when one comes twice. */
    bool look = !changes->bulk[reg->position].indexes_dropped;
    if (look && row_current(changes->db, table, id, scratch, &exists, &current, err))
        return -1;
    if (check_expectation(reg, id, exists, &current, expected_seq, changes, err))
        return -1;
    int64_t revisions_before = changes->next_seq;
    if (exists ? put_existing(changes, table, record, &current, scratch, err)
               : put_new(changes, table, record, scratch, err))
        return -1;
    changes->last_put_reg = reg;
    memcpy(changes->last_put_id, id.ptr, id.len);
    changes->last_put_id[id.len] = '\0';
    changes->last_put_seq = changes->next_seq > revisions_before ? changes->next_seq - 1 : current.seq;
    return 0;
}

/* ---- deleting, renaming, merging ---- */

static int current_or_missing(struct change_set *changes, const struct reg *reg, struct str id, struct arena *arena,
                              struct found *ret_found, struct err *err)
{
    bool exists;
    if (row_current(changes->db, layout_table(changes->store->layout, reg), id, arena, &exists, ret_found, err))
        return -1;
    if (!exists)
        return err_set(err, ERR_NOT_FOUND, "there is no %.*s \"%.*s\"", STR_ARG(reg->name),
                       STR_ARG(str_slice(id, 0, 100)));
    return 0;
}

int change_current(struct change_set *changes, const struct reg *reg, struct str id, struct arena *arena,
                   struct found *ret_found, struct err *err)
{
    return current_or_missing(changes, reg, id, arena, ret_found, err);
}

int change_delete(struct change_set *changes, const struct reg *reg, struct str id, int64_t expected_seq,
                  struct err *err)
{
    struct found current;
    int64_t seq;
    if (current_or_missing(changes, reg, id, &changes->arena, &current, err) ||
        check_expectation(reg, id, true, &current, expected_seq, changes, err) ||
        change_set_revision(changes, reg, id, CHANGE_DELETE, STR(""), &seq, err) ||
        row_end(changes, layout_table(changes->store->layout, reg), &current, seq, err))
        return -1;
    references_note_delete(changes, reg, id);
    changes->outcome.deleted++;
    return 0;
}

static int redirect_set(struct change_set *changes, const struct reg *reg, struct str id, struct str to, bool renamed,
                        int64_t seq, struct err *err)
{
    changes->no_redirects = false;
    struct stmt *stmt;
    /* Chains are kept one step long: what led to the old id leads to the new one. What was renamed to a record that is now
     * merged away is no earlier name of the one that stays. */
    if (db_kept_statement(changes->db,
                          STR("UPDATE \"redirect\" SET \"to_id\"=$1,\"renamed\"=\"renamed\"*$4 WHERE "
                              "\"register\"=$2 AND \"to_id\"=$3"),
                          &stmt, err))
        return -1;
    stmt_bind_text(stmt, 1, to);
    stmt_bind_text(stmt, 2, reg->name);
    stmt_bind_text(stmt, 3, id);
    stmt_bind_int(stmt, 4, renamed);
    if (stmt_run(stmt, err))
        return -1;
    if (db_kept_statement(changes->db,
                          STR("INSERT INTO \"redirect\" (\"register\",\"id\",\"to_id\",\"renamed\",\"seq\") VALUES "
                              "($1,$2,$3,$4,$5)"),
                          &stmt, err))
        return -1;
    stmt_bind_text(stmt, 1, reg->name);
    stmt_bind_text(stmt, 2, id);
    stmt_bind_text(stmt, 3, to);
    stmt_bind_int(stmt, 4, renamed);
    stmt_bind_int(stmt, 5, seq);
    return stmt_run(stmt, err);
}

struct replacement {
    const struct reg *target;
    struct str from;
    struct str to;
};

static int replace_reference(void *context, const struct reg *target, struct value *id_value, const struct field *field,
                             const char *where)
{
    (void)field;
    (void)where;
    const struct replacement *replacement = context;
    if (target == replacement->target && str_eq(id_value->text, replacement->from))
        id_value->text = replacement->to;
    return 0;
}

static bool same_id(const struct value *a, const struct value *b)
{
    if (a->kind == VALUE_OBJECT && b->kind == VALUE_OBJECT) {
        a = value_get(a, STR("id"));
        b = value_get(b, STR("id"));
    }
    return a && b && a->kind == VALUE_TEXT && value_equal(a, b);
}

/* A list says nothing twice: after a merge it may have named both records. The first stays. */
static void drop_repeated(const struct reg *reg, const struct reg *target, struct value *record)
{
    for (size_t f = 0; f < reg->field_count; f++) {
        struct value *list = (struct value *)value_get(record, reg->fields[f].name);
        if (reg->fields[f].reference != target || !list || list->kind != VALUE_LIST)
            continue;
        size_t kept = 0;
        for (size_t i = 0; i < list->list.count; i++) {
            bool again = false;
            for (size_t k = 0; k < kept && !again; k++)
                again = same_id(list->list.items[k], list->list.items[i]);
            if (!again)
                list->list.items[kept++] = list->list.items[i];
        }
        list->list.count = kept;
    }
}

#define REFERRERS_AT_ONCE 500

/* One record that refers to the old id, as an update of its own. A record that this change set made itself is rewritten as
 * it stands, without another revision. */
static int follow_in(struct change_set *changes, const struct referrer *referrer, struct replacement *replacement,
                     struct arena *scratch, struct err *err)
{
    const struct table *table = layout_table(changes->store->layout, referrer->reg);
    struct found current;
    if (current_or_missing(changes, referrer->reg, referrer->id, scratch, &current, err))
        return -1;
    struct value *record = value_copy(scratch, current.record);
    references_each(changes->store->model, referrer->reg, record, replace_reference, replacement);
    drop_repeated(referrer->reg, replacement->target, record);
    int64_t seq;
    if (change_set_revision(changes, referrer->reg, referrer->id, CHANGE_UPDATE, STR(""), &seq, err) ||
        row_replace(changes, table, &current, record, seq, scratch, err))
        return -1;
    changes->outcome.updated++;
    return 0;
}

static int references_follow(struct change_set *changes, const struct reg *reg, struct str from, struct str to,
                             struct err *err)
{
    struct replacement replacement = {reg, from, to};
    ARENA_AUTO scratch;
    arena_init(&scratch, (size_t)256 << 20);
    size_t count;
    do {
        arena_reset(&scratch);
        struct referrer *referrers;
        if (referrers_of(changes->db, changes->store->layout, reg, from, REFERRERS_AT_ONCE, &scratch, &referrers,
                         &count, err))
            return -1;
        for (size_t i = 0; i < count; i++) {
            bool again = false; /* a record may refer by several fields */
            for (size_t k = 0; k < i; k++)
                again |= referrers[k].reg == referrers[i].reg && str_eq(referrers[k].id, referrers[i].id);
            if (!again && follow_in(changes, &referrers[i], &replacement, &scratch, err))
                return -1;
        }
    } while (count);
    return 0;
}

/* Whether a record that is gone had this id: another one's history must not go on under it. */
static int id_was_used(struct change_set *changes, const struct table *table, struct str id, bool *ret_used,
                       struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "SELECT 1 FROM \"%.*s\" WHERE \"id\"=$1 LIMIT 1", STR_ARG(table->past_name));
    sql_text_arg(&sql, id);
    struct stmt *stmt;
    if (sql_statement(&sql, changes->db, &stmt, err))
        return -1;
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    stmt_reset(stmt);
    *ret_used = step == 1;
    return 0;
}

int change_rename(struct change_set *changes, const struct reg *reg, struct str id, struct str new_id, struct err *err)
{
    const struct table *table = layout_table(changes->store->layout, reg);
    if (!id_is_valid(new_id))
        return err_set_field(err, ERR_INVALID, STR("id"), "\"%.*s\" is no id; allowed are 1 to 80 of a-z 0-9 . -",
                             STR_ARG(str_slice(new_id, 0, 100)));
    struct found current;
    bool used;
    if (current_or_missing(changes, reg, id, &changes->arena, &current, err) ||
        check_expectation(reg, id, true, &current, SEQ_ANY, changes, err) ||
        id_is_used(changes, table, new_id, &changes->arena, &used, err) ||
        (!used && id_was_used(changes, table, new_id, &used, err)))
        return -1;
    if (used)
        return err_set_field(err, ERR_CONFLICT, STR("id"), "the id \"%.*s\" is taken", STR_ARG(new_id));
    struct value *record = value_copy(&changes->arena, current.record);
    value_set_text(&changes->arena, record, STR("id"), new_id);
    int64_t seq;
    if (change_set_revision(changes, reg, new_id, CHANGE_RENAME, id, &seq, err) ||
        row_end(changes, table, &current, seq, err) || row_insert(changes, table, record, seq, &changes->arena, err) ||
        redirect_set(changes, reg, id, new_id, true, seq, err))
        return -1;
    references_forget(changes, reg, id);
    changes->outcome.updated++;
    return references_follow(changes, reg, id, new_id, err);
}

int change_merge(struct change_set *changes, const struct reg *reg, struct str id, struct str into, struct err *err)
{
    struct found current, other;
    int64_t seq;
    if (str_eq(id, into))
        return err_set_field(err, ERR_INVALID, STR("id"), "a record cannot be merged into itself");
    if (current_or_missing(changes, reg, id, &changes->arena, &current, err) ||
        current_or_missing(changes, reg, into, &changes->arena, &other, err) ||
        check_expectation(reg, id, true, &current, SEQ_ANY, changes, err) ||
        change_set_revision(changes, reg, id, CHANGE_MERGE, into, &seq, err) ||
        row_end(changes, layout_table(changes->store->layout, reg), &current, seq, err) ||
        redirect_set(changes, reg, id, into, false, seq, err))
        return -1;
    references_forget(changes, reg, id);
    changes->outcome.deleted++;
    return references_follow(changes, reg, id, into, err);
}
