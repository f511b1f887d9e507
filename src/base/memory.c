#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

_Noreturn void memory_die(const char *what)
{
    /* No stdio here: it may want memory itself. What writev returns changes nothing any more. */
    struct iovec parts[] = {{(void *)what, strlen(what)}, {(void *)"\n", 1}};
    ssize_t written = writev(STDERR_FILENO, parts, 2);
    (void)written;
    abort();
}

void *memory_alloc(size_t size)
{
    void *ptr = malloc(size ? size : 1);
    if (!ptr) {
        memory_die("out of memory");
    }
    return ptr;
}

void *memory_alloc_array(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        memory_die("out of memory: an array larger than the address space was asked for");
    }
    return memory_alloc(bytes);
}

void *memory_alloc_zeroed(size_t count, size_t size)
{
    void *ptr = calloc(count ? count : 1, size ? size : 1);
    if (!ptr) {
        memory_die("out of memory");
    }
    return ptr;
}

void *memory_resize(void *ptr, size_t size)
{
    void *resized = realloc(ptr, size ? size : 1);
    if (!resized) {
        memory_die("out of memory");
    }
    return resized;
}
