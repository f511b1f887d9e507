/* Editions: points in the order of revisions that were given a name. A row says all there is to say of one and is never
 * changed; what was so at that point stands in the past tables like any other past. Only what counters said is kept beside
 * it, because a count of the past would have to look at every row.
 *
 * The process keeps the editions in memory: they are few, every address may name one, and none ever goes. */
#include "store/read.h"

#include <stdlib.h>
#include <string.h>

#define EDITIONS_MAX 10000 /* a daily one for 27 years */

bool edition_name_is_valid(struct str name)
{
    if (name.len == 0 || name.len > EDITION_NAME_MAX || str_eq(name, STR("present")))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool first = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!first && (i == 0 || (c != '.' && c != '-')))
            return false;
    }
    return true;
}

/* ---- in memory ---- */

static struct str keep_text(struct str text)
{
    char *kept = malloc(text.len + 1);
    if (!kept)
        abort();
    memcpy(kept, text.ptr, text.len);
    kept[text.len] = '\0';
    return str_make(kept, text.len);
}

struct edition *edition_copy(const struct edition *edition)
{
    struct edition *copy = calloc(1, sizeof *copy);
    if (!copy)
        abort();
    *copy = *edition;
    copy->name = keep_text(edition->name);
    copy->frozen_by = keep_text(edition->frozen_by);
    copy->note = keep_text(edition->note);
    copy->gaps = keep_text(edition->gaps);
    copy->older = NULL;
    return copy;
}

void edition_free(struct edition *edition)
{
    if (!edition)
        return;
    free((char *)edition->name.ptr);
    free((char *)edition->frozen_by.ptr);
    free((char *)edition->note.ptr);
    free((char *)edition->gaps.ptr);
    free(edition);
}

void editions_publish(struct store *store, struct edition *made)
{
    while (made) {
        struct edition *next = (struct edition *)made->older;
        made->older = atomic_load(&store->editions);
        made->number = made->older ? made->older->number + 1 : 1;
        atomic_store(&store->editions, made);
        made = next;
    }
}

void editions_free(struct store *store)
{
    struct edition *edition = (struct edition *)atomic_load(&store->editions);
    while (edition) {
        struct edition *older = (struct edition *)edition->older;
        edition_free(edition);
        edition = older;
    }
    atomic_store(&store->editions, NULL);
}

int editions_load(struct store *store, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(
            store->db,
            STR("SELECT \"name\",\"seq\",\"frozen_ms\",\"frozen_by\",\"note\",\"gaps\" FROM \"edition\" ORDER BY "
                "\"seq\",\"frozen_ms\",\"name\""),
            &stmt, err))
        return -1;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        struct edition edition = {.name = stmt_text(stmt, 0),
                                  .seq = stmt_int(stmt, 1),
                                  .frozen_ms = stmt_int(stmt, 2),
                                  .frozen_by = stmt_text(stmt, 3),
                                  .note = stmt_text(stmt, 4),
                                  .gaps = stmt_text(stmt, 5)};
        editions_publish(store, edition_copy(&edition));
    }
    return step;
}

const struct edition *store_editions(const struct store *store)
{
    return atomic_load(&((struct store *)store)->editions);
}

const struct edition *store_edition(const struct store *store, struct str name)
{
    const struct edition *edition = store_editions(store);
    while (edition && !str_eq(edition->name, name))
        edition = edition->older;
    return edition;
}

const struct edition *edition_at(const struct store *store, int64_t seq)
{
    const struct edition *edition = store_editions(store);
    while (edition && edition->seq != seq)
        edition = edition->older;
    return edition;
}

/* ---- freezing ---- */

struct freezing {
    const struct freeze_request *request;
    struct edition *made;
};

static int insert_edition(struct change_set *changes, const struct edition *edition, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(
            changes->db,
            STR("INSERT INTO \"edition\" (\"name\",\"seq\",\"frozen_ms\",\"frozen_by\",\"note\",\"gaps\") VALUES "
                "($1,$2,$3,$4,$5,$6)"),
            &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, edition->name);
    stmt_bind_int(stmt, 2, edition->seq);
    stmt_bind_int(stmt, 3, edition->frozen_ms);
    stmt_bind_text_or_empty(stmt, 4, edition->frozen_by);
    stmt_bind_text(stmt, 5, edition->note);
    stmt_bind_text(stmt, 6, edition->gaps);
    return stmt_run(stmt, err);
}

static int copy_counters(struct change_set *changes, struct str name, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(
            changes->db,
            STR("INSERT INTO \"edition_counter\" (\"edition\",\"register\",\"field\",\"value\",\"visibility\",\"records\") "
                "SELECT CAST($1 AS TEXT),\"register\",\"field\",\"value\",\"visibility\",\"records\" FROM \"counter\" WHERE "
                "\"records\"<>0"),
            &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, name);
    return stmt_run(stmt, err);
}

static int name_is_taken(struct change_set *changes, struct str name, bool *ret_taken, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(changes->db, STR("SELECT 1 FROM \"edition\" WHERE \"name\"=$1"), &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, name);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    stmt_reset(stmt);
    *ret_taken = step == 1;
    return 0;
}

static int fill_freeze(void *context, struct change_set *changes, struct err *err)
{
    struct freezing *freezing = context;
    const struct freeze_request *request = freezing->request;
    int64_t editions, newest = changes->first_seq - 1;
    bool taken;
    if (db_query_int(changes->db, STR("SELECT count(*) FROM \"edition\""), &editions, err) ||
        name_is_taken(changes, request->name, &taken, err))
        return -1;
    if (editions >= EDITIONS_MAX)
        return err_set(err, ERR_LIMIT, "there are %d editions already; no more are kept", EDITIONS_MAX);
    if (taken)
        return err_set_field(err, ERR_CONFLICT, STR("name"),
                             "there is an edition \"%.*s\" already, and editions stay as they are; choose another name",
                             STR_ARG(request->name));
    if (newest != request->seq)
        return err_set(err, ERR_CONFLICT, "somebody changed records meanwhile (revision %lld, not %lld)",
                       (long long)newest, (long long)request->seq);
    struct edition edition = {.name = request->name,
                              .seq = request->seq,
                              .frozen_ms = changes->at_ms,
                              .frozen_by = request->frozen_by,
                              .note = request->note,
                              .gaps = request->gaps};
    if (insert_edition(changes, &edition, err) || copy_counters(changes, edition.name, err))
        return -1;
    freezing->made = changes->made_edition = edition_copy(&edition);
    return 0;
}

int store_freeze(struct store *store, const struct freeze_request *freeze, const struct edition **ret_edition,
                 struct err *err)
{
    if (!edition_name_is_valid(freeze->name))
        return err_set_field(
            err, ERR_INVALID, STR("name"),
            "\"%.*s\" is no name of an edition; allowed: small letters, digits, \".\" and \"-\", beginning "
            "with a letter or digit, at most %d, not \"present\"",
            STR_ARG(str_slice(freeze->name, 0, 100)), EDITION_NAME_MAX);
    if (freeze->seq < 1)
        return err_set(err, ERR_NOT_FOUND, "there is nothing to freeze: the store has no records yet");
    struct freezing freezing = {.request = freeze};
    struct write_request request = {.author = freeze->frozen_by,
                                    .reason = STR("edition"),
                                    .kind = STR("edition"),
                                    .fill = fill_freeze,
                                    .context = &freezing};
    if (store_write(store, &request, NULL, err))
        return -1;
    *ret_edition = freezing.made;
    return 0;
}

/* ---- after a redaction ---- */

int editions_forget_counts(struct change_set *changes, const struct reg *reg, const struct field *field,
                           struct err *err)
{
    struct stmt *stmt;
    if (db_statement(changes->db, STR("DELETE FROM \"edition_counter\" WHERE \"register\"=$1 AND \"field\"=$2"), &stmt,
                     err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, reg->name);
    stmt_bind_text_or_empty(stmt, 2, field->name);
    return stmt_run(stmt, err);
}
