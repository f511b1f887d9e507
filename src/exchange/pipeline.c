#include "exchange/pipeline.h"

#include "base/message.h"

#include <pthread.h>
#include <stdlib.h>

#define SLOTS 4
/* One row may be as large as the CSV reader allows, and its record a few times that. */
#define BATCH_ARENA_MAX ((size_t)512 << 20)
#define PIPELINE_ARENA_MAX ((size_t)64 << 20)
#define RECORD_JSON_MAX ((size_t)64 << 20)

/* Batches go round: slots[(first + n) % SLOTS], n < filled, wait to be taken; the one at `first` is in the taker's hands
 * while `taken`. The thread fills the slot after the last filled one, which nobody else touches. */
struct pipeline {
    const struct model *model;
    const struct pack *const *packs;
    size_t pack_count;
    const struct message_catalogue *messages; /* of whoever asked: the thread speaks as he does */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct batch slots[SLOTS];
    size_t first;
    size_t filled;
    bool taken;
    bool ended; /* the thread fills no more */
    bool stop;  /* nobody takes any more */

    /* The thread's own until it has ended. */
    struct arena arena;
    struct problems problems;
    struct pack_table **tables; /* one a resource, kept for the names of their columns */
    size_t table_count;
    struct buf json;
    uint64_t bytes_before; /* of the files that were read */
};

/* The slot to fill, emptied; NULL when nobody wants it any more. */
static struct batch *slot_to_fill(struct pipeline *pipeline)
{
    pthread_mutex_lock(&pipeline->lock);
    while (pipeline->filled == SLOTS && !pipeline->stop) {
        pthread_cond_wait(&pipeline->changed, &pipeline->lock);
    }
    struct batch *batch = NULL;
    if (!pipeline->stop) {
        batch = &pipeline->slots[(pipeline->first + pipeline->filled) % SLOTS];
    }
    pthread_mutex_unlock(&pipeline->lock);
    if (batch) {
        arena_reset(&batch->arena);
        batch->count = 0;
        batch->rows_read = 0;
    }
    return batch;
}

static void hand_on(struct pipeline *pipeline)
{
    pthread_mutex_lock(&pipeline->lock);
    pipeline->filled++;
    pthread_cond_broadcast(&pipeline->changed);
    pthread_mutex_unlock(&pipeline->lock);
}

static void add_row(struct pipeline *pipeline, struct batch *batch, const struct pack_row *row)
{
    if (row->record) {
        buf_clear(&pipeline->json);
        value_write_canonical_json(&pipeline->json, row->record);
        batch->rows[batch->count++] =
            (struct batch_row){.line = row->line, .record = row->record, .digest = digest_of(buf_str(&pipeline->json))};
    }
    batch->rows_read++;
}

/* False when nobody wants more. */
static bool read_table(struct pipeline *pipeline, const struct pack *pack, const struct pack_resource *resource,
                       struct pack_table *table)
{
    bool more = true;
    while (more) {
        struct batch *batch = slot_to_fill(pipeline);
        if (!batch) {
            return false;
        }
        batch->pack = pack;
        batch->resource = resource;
        batch->table = table;
        while (more && batch->rows_read < BATCH_ROWS && batch->arena.used_bytes < BATCH_BYTES) {
            struct pack_row row;
            more = pack_table_next(table, &batch->arena, &pipeline->problems, &row) == 1;
            if (more) {
                add_row(pipeline, batch, &row);
            }
        }
        batch->bytes_end = pipeline->bytes_before + pack_table_bytes_read(table);
        hand_on(pipeline);
    }
    pipeline->bytes_before += pack_table_bytes_read(table);
    return true;
}

static bool read_pack(struct pipeline *pipeline, const struct pack *pack)
{
    for (size_t i = 0; i < pack->resource_count; i++) {
        struct pack_table *table;
        if (pack_table_open(pipeline->model, &pack->resources[i], &pipeline->problems, &table)) {
            continue;
        }
        pipeline->tables[pipeline->table_count++] = table;
        if (!read_table(pipeline, pack, &pack->resources[i], table)) {
            return false;
        }
    }
    return true;
}

static void *read_packs(void *context)
{
    struct pipeline *pipeline = context;
    message_use(pipeline->messages);
    for (size_t i = 0; i < pipeline->pack_count; i++) {
        if (!read_pack(pipeline, pipeline->packs[i])) {
            break;
        }
    }
    pthread_mutex_lock(&pipeline->lock);
    pipeline->ended = true;
    pthread_cond_broadcast(&pipeline->changed);
    pthread_mutex_unlock(&pipeline->lock);
    return NULL;
}

static void free_pipeline(struct pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->table_count; i++) {
        pack_table_close(pipeline->tables[i]);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        arena_free(&pipeline->slots[i].arena);
    }
    buf_free(&pipeline->json);
    arena_free(&pipeline->arena);
    pthread_mutex_destroy(&pipeline->lock);
    pthread_cond_destroy(&pipeline->changed);
    free(pipeline);
}

int pipeline_open(const struct model *model, const struct pack *const *packs, size_t count,
                  struct pipeline **ret_pipeline, struct err *err)
{
    struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
    if (!pipeline) {
        return err_set(err, ERR_INTERNAL, "no memory is left");
    }
    pipeline->model = model;
    pipeline->packs = packs;
    pipeline->pack_count = count;
    pthread_mutex_init(&pipeline->lock, NULL);
    pthread_cond_init(&pipeline->changed, NULL);
    for (size_t i = 0; i < SLOTS; i++) {
        arena_init(&pipeline->slots[i].arena, BATCH_ARENA_MAX);
    }
    arena_init(&pipeline->arena, PIPELINE_ARENA_MAX);
    problems_init(&pipeline->problems, &pipeline->arena);
    buf_init(&pipeline->json, RECORD_JSON_MAX);
    pipeline->messages = message_used();
    size_t tables = 0;
    for (size_t i = 0; i < count; i++) {
        tables += packs[i]->resource_count;
    }
    pipeline->tables = ARENA_NEW_ARRAY(&pipeline->arena, tables, struct pack_table *);
    if (pthread_create(&pipeline->thread, NULL, read_packs, pipeline)) {
        free_pipeline(pipeline);
        return err_set(err, ERR_INTERNAL, "no thread can be started");
    }
    *ret_pipeline = pipeline;
    return 0;
}

const struct batch *pipeline_next(struct pipeline *pipeline)
{
    pthread_mutex_lock(&pipeline->lock);
    if (pipeline->taken) {
        pipeline->taken = false;
        pipeline->first = (pipeline->first + 1) % SLOTS;
        pipeline->filled--;
        pthread_cond_broadcast(&pipeline->changed);
    }
    while (pipeline->filled == 0 && !pipeline->ended) {
        pthread_cond_wait(&pipeline->changed, &pipeline->lock);
    }
    const struct batch *batch = NULL;
    if (pipeline->filled > 0) {
        pipeline->taken = true;
        batch = &pipeline->slots[pipeline->first];
    }
    pthread_mutex_unlock(&pipeline->lock);
    return batch;
}

void pipeline_close(struct pipeline *pipeline, struct problems *problems)
{
    if (!pipeline) {
        return;
    }
    pthread_mutex_lock(&pipeline->lock);
    pipeline->stop = true;
    pthread_cond_broadcast(&pipeline->changed);
    pthread_mutex_unlock(&pipeline->lock);
    pthread_join(pipeline->thread, NULL);
    for (size_t i = 0; i < pipeline->problems.count; i++) {
        problems_add(problems, "%.*s", STR_ARG(pipeline->problems.lines[i]));
    }
    problems->dropped += pipeline->problems.dropped;
    free_pipeline(pipeline);
}
