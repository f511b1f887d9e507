/* Rows of packs, read and checked by a thread of their own ahead of whoever takes them: reading a row costs about as
 * much as storing it, so both go on at the same time. Memory is bounded by the batches, which are used again. */
#ifndef MUSUBI_EXCHANGE_PIPELINE_H
#define MUSUBI_EXCHANGE_PIPELINE_H

#include "base/digest.h"
#include "exchange/pack.h"

#define BATCH_ROWS 64
/* A batch is handed on before it is full when its rows take this much. */
#define BATCH_BYTES ((size_t)4 << 20)

struct batch_row {
    uint64_t line;
    struct value *record; /* canonical, with id */
    struct digest digest; /* of its canonical JSON */
};

struct batch {
    struct arena arena;
    const struct pack *pack;
    const struct pack_resource *resource;
    const struct pack_table *table; /* for names of columns */
    struct batch_row rows[BATCH_ROWS];
    size_t count;       /* rows without problems */
    size_t rows_read;   /* with those that have some */
    uint64_t bytes_end; /* of all files together, read up to here */
};

struct pipeline;

/* Starts reading. Packs and model must outlive it. */
int pipeline_open(const struct model *model, const struct pack *const *packs, size_t count,
                  struct pipeline **ret_pipeline, struct err *err);
/* The next batch, valid until the call after; NULL when everything was read. */
const struct batch *pipeline_next(struct pipeline *pipeline);
/* Ends the thread, also in the middle, and adds what it found wrong to *problems. NULL is fine. */
void pipeline_close(struct pipeline *pipeline, struct problems *problems);

#endif
