#include "base/arena.h"

#include "base/memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A gap is left behind every piece, so that reading or writing past one is reported although the system gave the block as a
 * whole. */
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#define GAP_BYTES ((size_t)16)
#define POISON(ptr, size) __asan_poison_memory_region((ptr), (size))
#define UNPOISON(ptr, size) __asan_unpoison_memory_region((ptr), (size))
#else
#define GAP_BYTES ((size_t)0)
#define POISON(ptr, size) ((void)(ptr), (void)(size))
#define UNPOISON(ptr, size) ((void)(ptr), (void)(size))
#endif

#define ALIGNMENT (_Alignof(max_align_t))
/* Small enough for a short request, then doubled so that the number of blocks stays small. */
#define FIRST_BLOCK_BYTES ((size_t)8 * 1024)
#define SMALL_BLOCK_BYTES ((size_t)256)
#define LARGEST_BLOCK_BYTES ((size_t)1024 * 1024)

void arena_init(struct arena *arena, size_t max_bytes)
{
    *arena = (struct arena){.max_bytes = max_bytes, .first_bytes = FIRST_BLOCK_BYTES};
}

void arena_init_small(struct arena *arena, size_t max_bytes)
{
    *arena = (struct arena){.max_bytes = max_bytes, .first_bytes = SMALL_BLOCK_BYTES};
}

size_t arena_block_bytes(const struct arena *arena)
{
    size_t bytes = 0;
    for (const struct arena_block *block = arena->block; block; block = block->next) {
        bytes += sizeof(*block) + block->capacity;
    }
    return bytes;
}

static void free_block(struct arena_block *block)
{
    UNPOISON(block->data, block->capacity);
    free(block);
}

void arena_free(struct arena *arena)
{
    if (!arena) {
        return;
    }
    struct arena_block *block = arena->block;
    while (block) {
        struct arena_block *next = block->next;
        free_block(block);
        block = next;
    }
    arena->block = NULL;
    arena->used_bytes = 0;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *largest = arena->block;
    for (struct arena_block *block = arena->block; block; block = block->next) {
        if (block->capacity > largest->capacity) {
            largest = block;
        }
    }
    struct arena_block *block = arena->block;
    while (block) {
        struct arena_block *next = block->next;
        if (block != largest) {
            free_block(block);
        }
        block = next;
    }
    if (largest) {
        largest->next = NULL;
        largest->used = 0;
        POISON(largest->data, largest->capacity);
    }
    arena->block = largest;
    arena->used_bytes = 0;
}

/* A block with room for at least `size` bytes. It becomes the first one unless the present first one has more room left:
 * a single large piece must not waste what remains there. Returns the new block. */
static struct arena_block *add_block(struct arena *arena, size_t size)
{
    size_t capacity = arena->first_bytes;
    if (arena->block) {
        capacity = arena->block->capacity * 2;
        capacity = capacity > LARGEST_BLOCK_BYTES ? LARGEST_BLOCK_BYTES : capacity;
    }
    capacity = capacity < size ? size : capacity;
    struct arena_block *block = memory_alloc(sizeof(*block) + capacity);
    block->used = 0;
    block->capacity = capacity;
    POISON(block->data, capacity);
    struct arena_block *first = arena->block;
    if (first && first->capacity - first->used > capacity - size) {
        block->next = first->next;
        first->next = block;
    } else {
        block->next = first;
        arena->block = block;
    }
    return block;
}

/* Memory that is not zeroed. alignment is a power of two, at most ALIGNMENT. */
static void *take(struct arena *arena, size_t size, size_t alignment)
{
    if (size > arena->max_bytes - arena->used_bytes || size > PTRDIFF_MAX / 2) {
        memory_die("an arena went over its maximum");
    }
    arena->used_bytes += size;
    size_t wanted = size + GAP_BYTES;
    struct arena_block *block = arena->block;
    size_t start = block ? (block->used + alignment - 1) & ~(alignment - 1) : 0;
    if (!block || start > block->capacity || wanted > block->capacity - start) {
        block = add_block(arena, wanted);
        start = 0;
    }
    block->used = start + wanted;
    UNPOISON(block->data + start, size);
    return block->data + start;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    /* At least one byte, so that no two results are the same address. */
    void *ptr = take(arena, size ? size : 1, ALIGNMENT);
    return memset(ptr, 0, size);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        memory_die("an arena was asked for an array larger than the address space");
    }
    return arena_alloc(arena, bytes);
}

struct str arena_copy(struct arena *arena, struct str s)
{
    char *copy = take(arena, s.len + 1, 1);
    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    copy[s.len] = '\0';
    return str_make(copy, s.len);
}

struct str arena_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str text = arena_vformat(arena, format, args);
    va_end(args);
    return text;
}

struct str arena_vformat(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    char small[256];
    int len = vsnprintf(small, sizeof(small), format, args);
    assert(len >= 0); /* only a wrong format fails */
    struct str text;
    if ((size_t)len < sizeof(small)) {
        text = arena_copy(arena, str_make(small, (size_t)len));
    } else {
        char *ptr = take(arena, (size_t)len + 1, 1);
        vsnprintf(ptr, (size_t)len + 1, format, again);
        text = str_make(ptr, (size_t)len);
    }
    va_end(again);
    return text;
}

struct str arena_concat(struct arena *arena, size_t count, ...)
{
    size_t len = 0;
    va_list args;
    va_start(args, count);
    for (size_t i = 0; i < count; i++) {
        if (__builtin_add_overflow(len, va_arg(args, struct str).len, &len)) {
            memory_die("an arena was asked for a string larger than the address space");
        }
    }
    va_end(args);
    char *ptr = take(arena, len + 1, 1);
    char *end = ptr;
    va_start(args, count);
    for (size_t i = 0; i < count; i++) {
        struct str part = va_arg(args, struct str);
        if (part.len > 0) {
            memcpy(end, part.ptr, part.len);
            end += part.len;
        }
    }
    va_end(args);
    *end = '\0';
    return str_make(ptr, len);
}
