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
#include <string.h>

/* Under the address sanitizer what has not been given out is poisoned, so that nothing may be taken without arena.c. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#endif

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t capacity;
    _Alignas(max_align_t) char data[];
};

struct arena {
    struct arena_block *block; /* newest first */
    size_t used_bytes;         /* given out since the last reset */
    size_t max_bytes;
    size_t first_bytes; /* how large the first block is; each later one is twice the one before */
};

/* Allocates nothing yet. */
void arena_init(struct arena *arena, size_t max_bytes);
/* The same for what stays for long and is mostly small: begins with a quarter of a kilobyte. */
void arena_init_small(struct arena *arena, size_t max_bytes);
/* What its blocks take up, used or not. */
size_t arena_block_bytes(const struct arena *arena);
/* Frees everything; the arena may be used again. */
void arena_free(struct arena *arena);
/* Forgets everything but keeps its largest block for the next round. */
void arena_reset(struct arena *arena);

/* Zeroed memory, aligned for any type. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2), returns_nonnull));

/* The same for sizes that are known when compiling and small: taken in place when the newest block has the room. */
static inline void *arena_alloc_small(struct arena *arena, size_t size)
{
#ifndef ARENA_POISONS
    struct arena_block *block = arena->block;
    if (block && size > 0 && size <= arena->max_bytes - arena->used_bytes) {
        size_t start = (block->used + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
        if (start <= block->capacity && size <= block->capacity - start) {
            arena->used_bytes += size;
            block->used = start + size;
            return memset(block->data + start, 0, size);
        }
    }
#endif
    return arena_alloc(arena, size);
}
/* count * size, checked for overflow. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));
#define ARENA_NEW(arena, type) ((type *)arena_alloc_small((arena), sizeof(type)))
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
