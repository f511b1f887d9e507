/* The one place where memory is asked of the system: these never return NULL. When there is none left the process ends
 * with a message on stderr, as arena.h says. */
#ifndef MUSUBI_BASE_MEMORY_H
#define MUSUBI_BASE_MEMORY_H

#include <stddef.h>

/* malloc; size 0 gives a valid pointer. */
void *memory_alloc(size_t size) __attribute__((malloc, alloc_size(1), returns_nonnull));
/* count * size, checked for overflow. */
void *memory_alloc_array(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/* The same, all zero. The pages of a large one that nobody writes to cost nothing. */
void *memory_alloc_zeroed(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/* realloc; ptr may be NULL. */
void *memory_resize(void *ptr, size_t size) __attribute__((alloc_size(2), returns_nonnull));
/* Ends the process: `what` is one short sentence. */
_Noreturn void memory_die(const char *what);

#endif
