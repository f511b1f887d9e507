/* How common terms are. */
#include "search/index_file.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES_MAX ((size_t)16 << 20)

/* As it is in the file: numbers in pairs, the first one saying how many documents there are. */
struct saved {
    uint32_t slot, documents;
};

struct common *common_new(void)
{
    struct common *common = memory_alloc_zeroed(1, sizeof *common);

    arena_init(&common->arena, ARENA_BYTES_MAX);
    return common;
}

void common_free(struct common *common)
{
    if (common != NULL) {
        arena_free(&common->arena);
        free(common);
    }
}

uint32_t common_slot(struct str term)
{
    uint64_t hash = str_hash(term);

    return (uint32_t)(hash ^ hash >> 32) % COMMON_SLOTS;
}

static struct common_group *group_of(const struct common *common, uint32_t slot)
{
    return atomic_load_explicit(&((struct common *)common)->groups[slot / COMMON_GROUP], memory_order_acquire);
}

uint32_t common_add(struct common *common, uint32_t slot, uint32_t documents)
{
    struct common_group *group = group_of(common, slot);

    if (group == NULL) {
        group = ARENA_NEW(&common->arena, struct common_group);
        memset(group, 0, sizeof *group);
        atomic_store_explicit(&common->groups[slot / COMMON_GROUP], group, memory_order_release);
    }
    return atomic_fetch_add_explicit(&group->in[slot % COMMON_GROUP], documents, memory_order_relaxed) + documents;
}

static uint32_t in_slot(const struct common *common, uint32_t slot)
{
    struct common_group *group = group_of(common, slot);

    return group == NULL ? 0 : atomic_load_explicit(&group->in[slot % COMMON_GROUP], memory_order_relaxed);
}

uint32_t common_in(const struct common *common, struct str term)
{
    return in_slot(common, common_slot(term));
}

int common_save(const struct common *common, struct index_db *db, struct err *err)
{
    sqlite3_stmt *stmt = NULL;
    struct saved *saved;
    size_t count = 1;
    int code;

    for (uint32_t slot = 0; slot < COMMON_SLOTS; slot++) {
        count += in_slot(common, slot) > 0;
    }
    saved = memory_alloc_zeroed(count, sizeof *saved);
    saved[0].documents = atomic_load(&((struct common *)common)->documents);
    count = 1;
    for (uint32_t slot = 0; slot < COMMON_SLOTS; slot++) {
        if (in_slot(common, slot) > 0) {
            saved[count++] = (struct saved){slot, in_slot(common, slot)};
        }
    }
    if (sqlite3_prepare_v2(db->db, "INSERT OR REPLACE INTO common VALUES(1, ?1)", -1, &stmt, NULL) != SQLITE_OK) {
        free(saved);
        return index_fail(db, err);
    }
    sqlite3_bind_blob64(stmt, 1, saved, count * sizeof *saved, SQLITE_STATIC);
    code = sqlite3_step(stmt);
    sqlite3_finalize(stmt);
    free(saved);
    return code == SQLITE_DONE ? 0 : index_fail(db, err);
}

int common_load(struct common *common, struct index_db *db, struct err *err)
{
    sqlite3_stmt *stmt = NULL;
    const char *saved;
    size_t count;

    if (sqlite3_prepare_v2(db->db, "SELECT counts FROM common", -1, &stmt, NULL) != SQLITE_OK) {
        return index_fail(db, err);
    }
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        saved = sqlite3_column_blob(stmt, 0);
        count = (size_t)sqlite3_column_bytes(stmt, 0) / sizeof(struct saved);
        for (size_t i = 0; i < count; i++) {
            struct saved one;
            memcpy(&one, saved + i * sizeof one, sizeof one);
            if (i == 0) {
                atomic_store(&common->documents, one.documents);
            } else if (one.slot < COMMON_SLOTS) {
                common_add(common, one.slot, one.documents);
            }
        }
    }
    return sqlite3_finalize(stmt) == SQLITE_OK ? 0 : index_fail(db, err);
}
