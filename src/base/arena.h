/* Memory that is freed all at once: one arena a request, a file, a row.
 *
 * Allocation never returns NULL: when the system has no memory left the process ends with a message (the store is safe
 * against that at any moment). What hostile input could make large is limited where it is read, not here; the arena's
 * own maximum is the last fence, and crossing it ends the process as well, so it is set far above any honest use. */
#ifndef MUSUBI_BASE_ARENA_H
#define MUSUBI_BASE_ARENA_H

#include "base/str.h"

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *block; /* newest first */
    size_t used_bytes;         /* given out since the last reset */
    size_t max_bytes;
};

/* Allocates nothing yet. */
void arena_init(struct arena *arena, size_t max_bytes);
/* Frees everything; the arena may be used again. */
void arena_free(struct arena *arena);
/* Forgets everything but keeps its largest block for the next round. */
void arena_reset(struct arena *arena);

/* Zeroed memory, aligned for any type. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2), returns_nonnull));
/* count * size, checked for overflow. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_NEW_ARRAY(arena, count, type) ((type *)arena_alloc_array((arena), (count), sizeof(type)))

/* Copies; the result is followed by a NUL byte that its length does not count, so .ptr serves as a C string when the
 * text has no NUL inside. */
struct str arena_copy(struct arena *arena, struct str s);
struct str arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct str arena_vformat(struct arena *arena, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* One string of several: arena_concat(arena, 3, a, b, c), each a struct str. */
struct str arena_concat(struct arena *arena, size_t count, ...);

/* __attribute__((cleanup(arena_free))) for locals. */
#define ARENA_AUTO __attribute__((cleanup(arena_free))) struct arena

#endif
