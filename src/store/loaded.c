/* What a pack brought last time: the ground on which it may be loaded again. */
#include "store/internal.h"

#include <assert.h>
#include <string.h>

/* What a pack that brought nothing before has brought in this change set, as a Bloom filter: a large first load asks for each
 * row whether the pack brought it already, and is nearly always told no without a look at the table. */
#define SEEN_BITS ((uint64_t)1 << 24)

struct seen_ids {
    struct str pack;
    bool pack_is_new; /* nothing of it was in the table when this began */
    unsigned char bits[SEEN_BITS / 8];
};

static void seen_places(const struct reg *reg, struct str id, uint64_t places[2])
{
    uint64_t hash = (str_hash(id) ^ (uint64_t)reg->position) * UINT64_C(0x9e3779b97f4a7c15);
    places[0] = hash >> 40;
    places[1] = hash >> 16 & (SEEN_BITS - 1);
}

/* Begins to watch the pack that is spoken of now. */
static int watch_pack(struct change_set *changes, struct err *err)
{
    if (!changes->seen)
        changes->seen = ARENA_NEW(&changes->arena, struct seen_ids);
    struct seen_ids *seen = changes->seen;
    struct stmt *stmt;
    if (db_kept_statement(changes->db, STR("SELECT 1 FROM \"loaded\" WHERE \"pack\"=$1 LIMIT 1"), &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, changes->pack);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    stmt_reset(stmt);
    memset(seen->bits, 0, sizeof seen->bits);
    seen->pack = changes->pack;
    seen->pack_is_new = step == 0;
    return 0;
}

static bool watches_pack(const struct change_set *changes)
{
    return changes->seen && str_eq(changes->seen->pack, changes->pack);
}

static bool surely_not_loaded(const struct change_set *changes, const struct reg *reg, struct str id)
{
    if (!watches_pack(changes) || !changes->seen->pack_is_new)
        return false;
    uint64_t places[2];
    seen_places(reg, id, places);
    const unsigned char *bits = changes->seen->bits;
    return !(bits[places[0] / 8] >> places[0] % 8 & 1) || !(bits[places[1] / 8] >> places[1] % 8 & 1);
}

static void note_seen(struct change_set *changes, const struct reg *reg, struct str id)
{
    if (!watches_pack(changes))
        return;
    uint64_t places[2];
    seen_places(reg, id, places);
    for (int i = 0; i < 2; i++)
        changes->seen->bits[places[i] / 8] |= (unsigned char)(1 << places[i] % 8);
}

int change_loaded(struct change_set *changes, const struct reg *reg, struct str id, bool *ret_known,
                  struct loaded_row *ret_row, struct err *err)
{
    *ret_known = false;
    if (changes->request->bulk && !watches_pack(changes) && watch_pack(changes, err))
        return -1;
    if (surely_not_loaded(changes, reg, id))
        return 0;
    struct stmt *stmt;
    if (db_kept_statement(
            changes->db,
            STR("SELECT \"seq\",\"digest\" FROM \"loaded\" WHERE \"pack\"=$1 AND \"register\"=$2 AND \"id\"=$3"), &stmt,
            err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, changes->pack);
    stmt_bind_text_or_empty(stmt, 2, reg->name);
    stmt_bind_text_or_empty(stmt, 3, id);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    *ret_known = step == 1;
    if (step) {
        ret_row->seq = stmt_int(stmt, 0);
        struct str digest = stmt_blob(stmt, 1);
        memset(ret_row->digest, 0, sizeof ret_row->digest);
        memcpy(ret_row->digest, digest.ptr, digest.len < sizeof ret_row->digest ? digest.len : sizeof ret_row->digest);
        stmt_reset(stmt);
    }
    return 0;
}

/* The seq the record has now: what this change set gave it, or what it was found with. */
static int present_seq(struct change_set *changes, const struct reg *reg, struct str id, int64_t *ret_seq,
                       struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(changes->db, layout_table(changes->store->layout, reg)->sql.seq, &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, id);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    *ret_seq = step ? stmt_int(stmt, 0) : 0;
    stmt_reset(stmt);
    return 0;
}

/* `loaded`.round tells which rows this very load has seen: one more than any load before it. It is the same for all packs
 * of a change set, so that one may speak of a pack again after another. */
static int find_round(struct change_set *changes, struct err *err)
{
    if (changes->load_round)
        return 0;
    struct stmt *stmt;
    if (db_kept_statement(changes->db, STR("SELECT max(\"round\") FROM \"loaded\""), &stmt, err))
        return -1;
    if (stmt_step(stmt, err) < 0)
        return -1;
    changes->load_round = stmt_int(stmt, 0) + 1;
    stmt_reset(stmt);
    return 0;
}

int change_set_loaded(struct change_set *changes, const struct reg *reg, struct str id, const unsigned char digest[16],
                      struct err *err)
{
    assert(changes->pack.len && "only a load says what a pack brought");
    int64_t seq = changes->last_put_seq;
    bool just_put = changes->last_put_reg == reg && str_eq(str_from_cstr(changes->last_put_id), id);
    if (find_round(changes, err) || (!just_put && present_seq(changes, reg, id, &seq, err)))
        return -1;
    note_seen(changes, reg, id);
    struct stmt *stmt;
    if (db_kept_statement(
            changes->db,
            STR("INSERT INTO \"loaded\" (\"pack\",\"register\",\"id\",\"seq\",\"round\",\"digest\") VALUES "
                "($1,$2,$3,$4,$5,$6) ON CONFLICT (\"pack\",\"register\",\"id\") DO UPDATE SET "
                "\"seq\"=CASE WHEN \"loaded\".\"digest\"=excluded.\"digest\" THEN \"loaded\".\"seq\" "
                "ELSE excluded.\"seq\" END,\"round\"=excluded.\"round\",\"digest\"=excluded.\"digest\" "
                "WHERE \"loaded\".\"round\"<>excluded.\"round\""),
            &stmt, err))
        return -1;
    stmt_bind_text(stmt, 1, changes->pack);
    stmt_bind_text(stmt, 2, reg->name);
    stmt_bind_text(stmt, 3, id);
    stmt_bind_int(stmt, 4, seq);
    stmt_bind_int(stmt, 5, changes->load_round);
    stmt_bind_blob(stmt, 6, digest, 16);
    if (stmt_run(stmt, err))
        return -1;
    if (db_changed_rows(changes->db) == 0)
        return err_set_field(err, ERR_CONFLICT, STR("id"), "the pack brings %.*s \"%.*s\" twice", STR_ARG(reg->name),
                             STR_ARG(id));
    return 0;
}

int change_use_pack(struct change_set *changes, struct str pack, struct err *err)
{
    if (pack.len == 0)
        return err_set(err, ERR_INVALID, "a pack needs a name");
    changes->pack = arena_copy(&changes->arena, pack);
    return 0;
}

#define GONE_AT_ONCE 500

struct gone {
    struct str register_name;
    struct str id;
};

/* The next rows after (register, id) that this load did not see. */
static int read_gone(struct change_set *changes, struct str after_register, struct str after_id, struct arena *arena,
                     struct gone *gone, size_t *ret_count, struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(changes->db,
                          STR("SELECT \"register\",\"id\" FROM \"loaded\" WHERE \"pack\"=$1 AND \"round\"<>$2 AND "
                              "(\"register\",\"id\")>($3,$4) ORDER BY \"register\",\"id\" LIMIT $5"),
                          &stmt, err))
        return -1;
    stmt_bind_text(stmt, 1, changes->pack);
    stmt_bind_int(stmt, 2, changes->load_round);
    stmt_bind_text_or_empty(stmt, 3, after_register);
    stmt_bind_text_or_empty(stmt, 4, after_id);
    stmt_bind_int(stmt, 5, GONE_AT_ONCE);
    int step;
    *ret_count = 0;
    while ((step = stmt_step(stmt, err)) == 1)
        gone[(*ret_count)++] =
            (struct gone){arena_copy(arena, stmt_text(stmt, 0)), arena_copy(arena, stmt_text(stmt, 1))};
    return step;
}

static int forget_one(struct change_set *changes, const struct gone *gone, struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(
            changes->db, STR("DELETE FROM \"loaded\" WHERE \"pack\"=$1 AND \"register\"=$2 AND \"id\"=$3"), &stmt, err))
        return -1;
    stmt_bind_text(stmt, 1, changes->pack);
    stmt_bind_text(stmt, 2, gone->register_name);
    stmt_bind_text(stmt, 3, gone->id);
    return stmt_run(stmt, err);
}

int change_each_gone(struct change_set *changes, int (*each)(void *context, const struct reg *reg, struct str id),
                     void *context, bool forget, struct err *err)
{
    if (find_round(changes, err))
        return -1;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)256 << 20);
    struct gone gone[GONE_AT_ONCE];
    struct str after_register = STR(""), after_id = STR("");
    size_t count;
    do {
        if (read_gone(changes, after_register, after_id, &arena, gone, &count, err))
            return -1;
        for (size_t i = 0; i < count; i++) {
            after_register = gone[i].register_name;
            after_id = gone[i].id;
            const struct reg *reg = model_register(changes->store->model, gone[i].register_name);
            if (!reg)
                continue; /* the register has left the model; its records are hidden, not lost */
            int result = each(context, reg, gone[i].id);
            if (result)
                return result;
            if (forget && forget_one(changes, &gone[i], err))
                return -1;
        }
    } while (count == GONE_AT_ONCE);
    return 0;
}
