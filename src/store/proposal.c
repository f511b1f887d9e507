/* Change sets that wait for a decision. A proposal is kept as it was written; only what is accepted becomes revisions, so readers
 * never see a draft.
 *
 *   open → accepted | accepted in part | sent back        (enum proposal_state, in this order in the table) */
#include "store/read.h"

#include <string.h>

/* ---- proposing ---- */

struct proposing {
    const struct write_request *request;
    const struct proposed_change *changes;
    size_t count;
    int64_t no;
};

static int insert_proposed(struct change_set *changes, int64_t position, const struct proposed_change *proposed,
                           struct err *err)
{
    BUF_AUTO json;
    buf_init(&json, (size_t)16 << 20);
    if (proposed->record)
        value_write_json(&json, proposed->record);
    struct stmt *stmt;
    if (db_statement(
            changes->db,
            STR("INSERT INTO \"change\" (\"change_set\",\"position\",\"register\",\"id\",\"kind\",\"base_seq\","
                "\"record\",\"accepted\") VALUES ($1,$2,$3,$4,$5,$6,$7,0)"),
            &stmt, err))
        return -1;
    stmt_bind_int(stmt, 1, changes->no);
    stmt_bind_int(stmt, 2, position);
    stmt_bind_text_or_empty(stmt, 3, proposed->reg->name);
    stmt_bind_text_or_empty(stmt, 4, proposed->id);
    stmt_bind_int(stmt, 5, proposed->kind);
    stmt_bind_int(stmt, 6, proposed->base_seq);
    stmt_bind_text(stmt, 7, buf_str(&json));
    return stmt_run(stmt, err);
}

static int set_state(struct change_set *changes, int64_t no, enum proposal_state state, struct str decided_by,
                     struct str note, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(changes->db,
                     STR("UPDATE \"change_set\" SET \"state\"=$1,\"decided_ms\"=$2,\"decided_by\"=$3,\"note\"=$4 WHERE "
                         "\"no\"=$5"),
                     &stmt, err))
        return -1;
    stmt_bind_int(stmt, 1, state);
    if (state == PROPOSAL_OPEN)
        stmt_bind_null(stmt, 2);
    else
        stmt_bind_int(stmt, 2, changes->at_ms);
    stmt_bind_text(stmt, 3, decided_by);
    stmt_bind_text(stmt, 4, note);
    stmt_bind_int(stmt, 5, no);
    return stmt_run(stmt, err);
}

static int fill_proposal(void *context, struct change_set *changes, struct err *err)
{
    struct proposing *proposing = context;
    if (change_set_open(changes, err))
        return -1;
    for (size_t i = 0; i < proposing->count; i++)
        if (insert_proposed(changes, (int64_t)i, &proposing->changes[i], err))
            return -1;
    proposing->no = changes->no;
    return set_state(changes, changes->no, PROPOSAL_OPEN, STR(""), STR(""), err);
}

static int check_proposed(const struct proposed_change *changes, size_t count, struct err *err)
{
    if (count == 0)
        return err_set(err, ERR_INVALID, "a change set without changes proposes nothing");
    for (size_t i = 0; i < count; i++) {
        if (changes[i].kind != CHANGE_CREATE && changes[i].kind != CHANGE_UPDATE && changes[i].kind != CHANGE_DELETE)
            return err_set(err, ERR_INVALID, "a proposal creates, updates or deletes");
        if (!id_is_valid(changes[i].id))
            return err_set_field(err, ERR_INVALID, STR("id"), "\"%.*s\" is no id",
                                 STR_ARG(str_slice(changes[i].id, 0, 100)));
    }
    return 0;
}

int store_propose(struct store *store, const struct write_request *request, const struct proposed_change *changes,
                  size_t count, int64_t *ret_change_set, struct err *err)
{
    struct proposing proposing = {request, changes, count, 0};
    if (check_proposed(changes, count, err))
        return -1;
    struct write_request own = *request;
    own.fill = fill_proposal;
    own.context = &proposing;
    if (store_write(store, &own, NULL, err))
        return -1;
    *ret_change_set = proposing.no;
    return 0;
}

/* ---- reading proposals ---- */

static const char proposal_columns[] =
    "\"no\",\"author\",\"reason\",\"sources\",\"state\",\"created_ms\",\"decided_ms\",\"decided_by\",\"note\"";

static int read_proposal(struct stmt *stmt, struct arena *arena, struct proposal *proposal, struct err *err)
{
    *proposal = (struct proposal){.change_set = stmt_int(stmt, 0),
                                  .author = arena_copy(arena, stmt_text(stmt, 1)),
                                  .reason = arena_copy(arena, stmt_text(stmt, 2)),
                                  .state = (enum proposal_state)stmt_int(stmt, 4),
                                  .created_ms = stmt_int(stmt, 5),
                                  .decided_ms = stmt_int(stmt, 6),
                                  .decided_by = arena_copy(arena, stmt_text(stmt, 7)),
                                  .decision_note = arena_copy(arena, stmt_text(stmt, 8))};
    struct str sources = stmt_text(stmt, 3);
    return sources.len ? json_read(arena, sources, NULL, &proposal->sources, err) : 0;
}

static int count_changes(struct db *db, int64_t no, int64_t *ret_count, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "SELECT count(*) FROM \"change\" WHERE \"change_set\"=$1");
    sql_int_arg(&sql, no);
    struct stmt *stmt;
    if (sql_statement(&sql, db, &stmt, err) || stmt_step(stmt, err) < 0)
        return -1;
    *ret_count = stmt_int(stmt, 0);
    stmt_reset(stmt);
    return 0;
}

static int read_change(struct stmt *stmt, const struct model *model, struct arena *arena,
                       struct proposed_change *change, struct err *err)
{
    struct str name = stmt_text(stmt, 0);
    *change = (struct proposed_change){.reg = model_register(model, name),
                                       .id = arena_copy(arena, stmt_text(stmt, 1)),
                                       .kind = (enum change_kind)stmt_int(stmt, 2),
                                       .base_seq = stmt_int(stmt, 3),
                                       .accepted = stmt_int(stmt, 5) != 0};
    if (!change->reg)
        return err_set(err, ERR_CONFLICT, "the register %.*s is no longer in the model", STR_ARG(name));
    struct str record = stmt_text(stmt, 4);
    return record.len ? json_read(arena, record, NULL, &change->record, err) : 0;
}

static int read_changes(struct db *db, const struct model *model, struct arena *arena, struct proposal *proposal,
                        struct err *err)
{
    int64_t count;
    if (count_changes(db, proposal->change_set, &count, err))
        return -1;
    proposal->changes = ARENA_NEW_ARRAY(arena, (size_t)count, struct proposed_change);
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "SELECT \"register\",\"id\",\"kind\",\"base_seq\",\"record\",\"accepted\" FROM \"change\" WHERE "
                  "\"change_set\"=$1 ORDER BY \"position\"");
    sql_int_arg(&sql, proposal->change_set);
    struct stmt *stmt;
    if (sql_statement(&sql, db, &stmt, err))
        return -1;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        if (read_change(stmt, model, arena, &proposal->changes[proposal->change_count], err)) {
            stmt_reset(stmt);
            return -1;
        }
        proposal->change_count++;
    }
    return step;
}

static int load_proposal(struct db *db, const struct model *model, int64_t no, struct arena *arena,
                         struct proposal *ret_proposal, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "SELECT %s FROM \"change_set\" WHERE \"no\"=$1", proposal_columns);
    sql_int_arg(&sql, no);
    struct stmt *stmt;
    if (sql_statement(&sql, db, &stmt, err))
        return -1;
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    if (step == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no change set %lld", (long long)no);
    struct proposal proposal;
    int result = read_proposal(stmt, arena, &proposal, err);
    stmt_reset(stmt);
    if (result || read_changes(db, model, arena, &proposal, err))
        return -1;
    *ret_proposal = proposal;
    return 0;
}

/* Proposals are the secretariat's business until there are accounts. */
static int check_viewer(const struct reader *reader, struct err *err)
{
    note_everything((struct reader *)reader);
    if (reader->options.viewer.sees < VISIBILITY_SECRETARIAT)
        return err_set(err, ERR_DENIED, "proposed changes are for the secretariat");
    return 0;
}

int store_proposal(struct reader *reader, int64_t change_set, struct arena *arena, struct proposal *ret_proposal,
                   struct err *err)
{
    if (check_viewer(reader, err))
        return -1;
    return load_proposal(reader->db, reader->store->model, change_set, arena, ret_proposal, err);
}

int store_proposals(struct reader *reader, size_t limit, struct arena *arena, struct proposal **ret_proposals,
                    size_t *ret_count, struct err *err)
{
    if (check_viewer(reader, err))
        return -1;
    SQL_AUTO sql;
    sql_init(&sql);
    int limit_arg = sql_int_arg(&sql, (int64_t)limit);
    /* What came in at once has no rows in `change`: it was never proposed. */
    sql_add(&sql,
            "SELECT %s FROM \"change_set\" WHERE EXISTS (SELECT 1 FROM \"change\" AS c WHERE c.\"change_set\"=\"no\") "
            "ORDER BY CASE WHEN \"state\"=0 THEN 0 ELSE 1 END,\"no\" DESC LIMIT $%d",
            proposal_columns, limit_arg);
    struct stmt *stmt;
    if (sql_statement(&sql, reader->db, &stmt, err))
        return -1;
    struct proposal *proposals = ARENA_NEW_ARRAY(arena, limit, struct proposal);
    size_t count = 0;
    int step;
    while ((step = stmt_step(stmt, err)) == 1)
        if (read_proposal(stmt, arena, &proposals[count++], err)) {
            stmt_reset(stmt);
            return -1;
        }
    if (step < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        int64_t changes;
        if (count_changes(reader->db, proposals[i].change_set, &changes, err))
            return -1;
        proposals[i].change_count = (size_t)changes;
    }
    *ret_proposals = proposals;
    *ret_count = count;
    return 0;
}

/* ---- deciding ---- */

struct deciding {
    int64_t no;
    const bool *accept;
    size_t count;
    struct str decided_by;
    struct str note;
};

static int apply_change(struct change_set *changes, struct proposed_change *change, struct err *err)
{
    if (change->kind == CHANGE_DELETE)
        return change_delete(changes, change->reg, change->id, change->base_seq, err);
    if (!change->record)
        return err_set(err, ERR_CONFLICT, "the content of the change to %.*s \"%.*s\" was redacted",
                       STR_ARG(change->reg->name), STR_ARG(change->id));
    return change_put(changes, change->reg, change->record, change->base_seq, &changes->arena, err);
}

static int mark_accepted(struct change_set *changes, int64_t no, size_t position, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "UPDATE \"change\" SET \"accepted\"=1 WHERE \"change_set\"=$1 AND \"position\"=$2");
    sql_int_arg(&sql, no);
    sql_int_arg(&sql, (int64_t)position);
    struct stmt *stmt;
    return sql_statement(&sql, changes->db, &stmt, err) || stmt_run(stmt, err) ? -1 : 0;
}

static int fill_decision(void *context, struct change_set *changes, struct err *err)
{
    const struct deciding *deciding = context;
    struct proposal proposal;
    if (load_proposal(changes->db, changes->store->model, deciding->no, &changes->arena, &proposal, err))
        return -1;
    if (proposal.state != PROPOSAL_OPEN)
        return err_set(err, ERR_CONFLICT, "change set %lld was decided already", (long long)deciding->no);
    if (deciding->count != proposal.change_count)
        return err_set(err, ERR_INVALID, "change set %lld has %zu changes, the decision speaks of %zu",
                       (long long)deciding->no, proposal.change_count, deciding->count);
    changes->no = deciding->no; /* its revisions belong to the proposal and its author */
    size_t accepted = 0;
    for (size_t i = 0; i < proposal.change_count; i++) {
        if (!deciding->accept[i])
            continue;
        accepted++;
        if (apply_change(changes, &proposal.changes[i], err) || mark_accepted(changes, deciding->no, i, err))
            return -1;
    }
    enum proposal_state state = accepted == 0                       ? PROPOSAL_SENT_BACK
                                : accepted == proposal.change_count ? PROPOSAL_ACCEPTED
                                                                    : PROPOSAL_ACCEPTED_IN_PART;
    return set_state(changes, deciding->no, state, deciding->decided_by, deciding->note, err);
}

int store_decide(struct store *store, int64_t change_set, const bool *accept, size_t count, struct str decided_by,
                 struct str note, struct write_outcome *ret_outcome, struct err *err)
{
    struct deciding deciding = {change_set, accept, count, decided_by, note};
    struct write_request request = {.author = decided_by,
                                    .reason = note.len ? note : STR("decision"),
                                    .kind = STR("edit"),
                                    .fill = fill_decision,
                                    .context = &deciding};
    return store_write(store, &request, ret_outcome, err);
}
