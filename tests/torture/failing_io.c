/* Loaded before the C library: the Nth call that writes to a file of the store fails, once or from then on, as on a full disk
 * or a dying one.
 *
 *   FAILING_PATH   only files whose path contains this
 *   FAILING_NTH    which call fails, from 1
 *   FAILING_ERRNO  with what: 28 is ENOSPC, 5 is EIO
 *   FAILING_LATER  "1": every later one fails too
 *   FAILING_COUNT  a file that gets the number of calls seen, at exit */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static long number_from(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

static bool is_watched(int fd)
{
    const char *part = getenv("FAILING_PATH");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0 || !part)
        return false;
    path[length] = '\0';
    return strstr(path, part) != NULL;
}

/* Whether this call is one that fails; errno is set then. */
static bool fails(int fd)
{
    if (!is_watched(fd))
        return false;
    long nth = number_from("FAILING_NTH"), now = atomic_fetch_add(&calls, 1) + 1;
    if (now != nth && !(nth && now > nth && number_from("FAILING_LATER")))
        return false;
    errno = (int)number_from("FAILING_ERRNO");
    return true;
}

__attribute__((destructor)) static void tell_count(void)
{
    const char *path = getenv("FAILING_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file)
        return;
    fprintf(file, "%ld\n", atomic_load(&calls));
    fclose(file);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t count)
{
    return fails(fd) ? -1 : NEXT(write)(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    return fails(fd) ? -1 : NEXT(pwrite)(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset)
{
    return fails(fd) ? -1 : NEXT(pwrite64)(fd, bytes, count, offset);
}

int fsync(int fd)
{
    return fails(fd) ? -1 : NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
    return fails(fd) ? -1 : NEXT(fdatasync)(fd);
}

int ftruncate(int fd, off_t length)
{
    return fails(fd) ? -1 : NEXT(ftruncate)(fd, length);
}

int ftruncate64(int fd, off64_t length)
{
    return fails(fd) ? -1 : NEXT(ftruncate64)(fd, length);
}
