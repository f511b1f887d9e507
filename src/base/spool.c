#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Of all files of this process together. */
#define ALL_BYTES_MAX ((uint64_t)8 << 30)
/* Left free for whoever else writes there, the store perhaps. */
#define DISK_BYTES_MIN ((uint64_t)256 << 20)

static atomic_uint_fast64_t all_bytes;

void spool_init(struct spool *spool, uint64_t max_bytes)
{
    *spool = (struct spool){.max_bytes = max_bytes, .fd = -1};
    buf_init(&spool->buf, max_bytes < SPOOL_PIECE_MAX ? (size_t)max_bytes : SPOOL_PIECE_MAX);
}

static int open_in(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd;
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/musubi-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return -1;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

const char *spool_folder(void)
{
    const char *folders[] = {getenv("TMPDIR"), "/var/tmp"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (folders[i] && *folders[i] && access(folders[i], W_OK | X_OK) == 0)
            return folders[i];
    return "/tmp";
}

static int write_out(struct spool *spool, struct err *err)
{
    struct str rest = buf_str(&spool->buf);
    while (rest.len > 0) {
        ssize_t written = write(spool->fd, rest.ptr, rest.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return err_set(err, ERR_IO, "a temporary file could not be written: %s", strerror(errno));
        spool->in_file += (uint64_t)written;
        atomic_fetch_add(&all_bytes, (uint64_t)written);
        rest = str_slice(rest, (size_t)written, rest.len);
    }
    buf_clear(&spool->buf);
    return 0;
}

static int too_long(struct err *err)
{
    return err_set(err, ERR_LIMIT, "the list is too long for this form; allowed: a filter, or fewer with limit");
}

static int check_bytes(const struct spool *spool, uint64_t bytes, struct err *err)
{
    if (spool->in_file + bytes > spool->max_bytes)
        return too_long(err);
    if (atomic_load(&all_bytes) + bytes > ALL_BYTES_MAX)
        return err_set(err, ERR_BUSY, "too much is being exported at the moment; try again later");
    return 0;
}

int spool_check_room(const struct spool *spool, int fd, uint64_t bytes, struct err *err)
{
    struct statvfs disk;
    if (check_bytes(spool, bytes, err))
        return -1;
    if (fstatvfs(fd, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize < DISK_BYTES_MIN)
        return err_set(err, ERR_BUSY, "the disk has too little room for an export at the moment; try again later");
    return 0;
}

int spool_make_file(struct err *err)
{
    int fd = open_in(spool_folder());
    return fd >= 0 ? fd : err_set(err, ERR_IO, "no temporary file can be made: %s", strerror(errno));
}

static int move_to_file(struct spool *spool, struct err *err)
{
    if (check_bytes(spool, spool->buf.len, err))
        return -1;
    if (spool->fd < 0) {
        int fd = spool_make_file(err);
        if (fd < 0)
            return -1;
        spool->fd = fd;
    }
    return spool_check_room(spool, spool->fd, spool->buf.len, err) || write_out(spool, err) ? -1 : 0;
}

int spool_take_file(struct spool *spool, int fd, struct err *err)
{
    struct stat file;
    if (fstat(fd, &file) || check_bytes(spool, (uint64_t)file.st_size, err)) {
        if (err->code == ERR_NONE)
            err_set(err, ERR_IO, "a temporary file could not be read back: %s", strerror(errno));
        close(fd);
        return -1;
    }
    spool->fd = fd;
    spool->in_file = (uint64_t)file.st_size;
    atomic_fetch_add(&all_bytes, spool->in_file);
    return 0;
}

int spool_drain(struct spool *spool, struct err *err)
{
    if (spool->buf.overflow || spool->in_file + spool->buf.len > spool->max_bytes)
        return too_long(err);
    return spool->buf.len < SPOOL_MEMORY ? 0 : move_to_file(spool, err);
}

bool spool_in_memory(const struct spool *spool)
{
    return spool->fd < 0;
}

int spool_end(struct spool *spool, struct str *ret_bytes, struct err *err)
{
    if (spool_drain(spool, err))
        return -1;
    if (spool_in_memory(spool)) {
        *ret_bytes = buf_str(&spool->buf);
        return 0;
    }
    if (write_out(spool, err))
        return -1;
    buf_free(&spool->buf);
    void *mapped = mmap(NULL, spool->in_file, PROT_READ, MAP_SHARED, spool->fd, 0);
    if (mapped == MAP_FAILED)
        return err_set(err, ERR_IO, "a temporary file could not be read back: %s", strerror(errno));
    spool->mapped = mapped;
    *ret_bytes = str_make(mapped, spool->in_file);
    return 0;
}

void spool_free(struct spool *spool)
{
    buf_free(&spool->buf);
    if (spool->mapped)
        munmap(spool->mapped, spool->in_file);
    if (spool->fd >= 0) {
        close(spool->fd);
        atomic_fetch_sub(&all_bytes, spool->in_file);
    }
    spool_init(spool, spool->max_bytes);
}
