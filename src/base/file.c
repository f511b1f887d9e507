#include "base/file.h"

#include "base/message.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_file(const int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}
#define FD_AUTO __attribute__((cleanup(close_file))) int

static void close_folder(DIR **folder)
{
    if (*folder) {
        closedir(*folder);
    }
}
#define FOLDER_AUTO __attribute__((cleanup(close_folder))) DIR *

/* Fails with what errno says about `path`. */
static int fail(struct err *err, const char *path, const char *doing)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return err_set(err, ERR_NOT_FOUND, "%s: %s: %m", path, message_text(doing));
    case EACCES:
    case EPERM:
    case EROFS:
        return err_set(err, ERR_DENIED, "%s: %s: %m", path, message_text(doing));
    case ENAMETOOLONG:
        return err_set(err, ERR_LIMIT, "%s: %s: %m", path, message_text(doing));
    default:
        return err_set(err, ERR_IO, "%s: %s: %m", path, message_text(doing));
    }
}

/* Reads until `max` bytes or the end of the file; the number of bytes, or -1 with errno. */
static ssize_t read_up_to(int fd, char *to, size_t max)
{
    size_t len = 0;
    while (len < max) {
        ssize_t got = read(fd, to + len, max - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        len += (size_t)got;
    }
    return (ssize_t)len;
}

int file_read(struct arena *arena, const char *path, size_t max_bytes, struct str *ret_content, struct err *err)
{
    /* Not blocking, so that a pipe of that name is refused below instead of waited for. */
    FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0) {
        return fail(err, path, "cannot be opened");
    }
    if (!S_ISREG(status.st_mode)) {
        return err_set(err, ERR_INVALID, "%s: is not a regular file", path);
    }
    size_t size = (size_t)status.st_size;
    if (size > max_bytes) {
        return err_set(err, ERR_LIMIT, "%s: has %zu bytes, at most %zu are allowed", path, size, max_bytes);
    }
    /* The byte for the NUL is offered to read as well: if it is filled, the file has grown in the meantime. */
    char *ptr = arena_alloc(arena, size + 1);
    ssize_t len = read_up_to(fd, ptr, size + 1);
    if (len < 0) {
        return fail(err, path, "cannot be read");
    }
    if ((size_t)len > size) {
        return err_set(err, ERR_BUSY, "%s: grew while it was read", path);
    }
    ptr[len] = '\0';
    *ret_content = str_make(ptr, (size_t)len);
    return 0;
}

static int write_whole(int fd, struct str content)
{
    while (content.len > 0) {
        ssize_t written = write(fd, content.ptr, content.len);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return -1;
        }
        content = str_slice(content, (size_t)written, content.len);
    }
    return 0;
}

/* Writes the new file beside the old one and makes sure it is on the disk. Nothing is left behind on failure. */
static int write_beside(const char *path, const char *beside, struct str content, struct err *err)
{
    FD_AUTO fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) {
        return fail(err, beside, "cannot be created");
    }
    struct stat old;
    bool failed = stat(path, &old) == 0 && fchmod(fd, old.st_mode & 07777) < 0;
    failed = failed || write_whole(fd, content) < 0 || fsync(fd) < 0;
    if (failed) {
        fail(err, path, "cannot be written");
        unlink(beside);
        return -1;
    }
    return 0;
}

/* A rename is on the disk only when its folder is. */
static int sync_folder_of(struct arena *scratch, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    size_t len = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
    struct str folder = len > 0 ? arena_copy(scratch, str_make(path, len)) : STR(".");
    FD_AUTO fd = open(folder.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0) {
        return fail(err, folder.ptr, "cannot be synced");
    }
    return 0;
}

int file_write_atomically(const char *path, struct str content, struct err *err)
{
    ARENA_AUTO scratch;
    arena_init(&scratch, (size_t)1024 * 1024);
    if (strlen(path) > PATH_MAX) {
        return err_set(err, ERR_LIMIT, "the path is longer than %d bytes", PATH_MAX);
    }
    struct str beside = arena_format(&scratch, "%s.tmp-%d-%d", path, (int)getpid(), (int)gettid());
    if (write_beside(path, beside.ptr, content, err) < 0) {
        return -1;
    }
    if (rename(beside.ptr, path) < 0) {
        fail(err, path, "cannot be replaced");
        unlink(beside.ptr);
        return -1;
    }
    return sync_folder_of(&scratch, path, err);
}

int file_name_new(const char *from, const char *to, struct err *err)
{
    ARENA_AUTO scratch;
    arena_init(&scratch, (size_t)64 * 1024);
    int failed = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    /* Some file systems know no such flag: there somebody else may come between these two. */
    if (failed && errno == EINVAL) {
        errno = EEXIST;
        failed = file_exists(to) ? -1 : rename(from, to);
    }
    if (failed && errno == EEXIST) {
        return err_set(err, ERR_CONFLICT, "%s exists already", to);
    }
    return failed ? fail(err, to, "cannot be made") : sync_folder_of(&scratch, to, err);
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int file_make_folders(const char *path, struct err *err)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(part)) {
        return err_set(err, ERR_INVALID, "a folder's path has 1 to %d bytes", PATH_MAX - 1);
    }
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0755) < 0 && !(errno == EEXIST && is_folder(part)) && !is_folder(part)) {
            errno = errno == EEXIST ? ENOTDIR : errno;
            return fail(err, part, "cannot be created");
        }
    }
    return 0;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

struct str file_join(struct arena *arena, struct str folder, struct str path)
{
    if (folder.len == 0 || str_starts_with(path, STR("/"))) {
        return arena_copy(arena, path);
    }
    struct str between = str_ends_with(folder, STR("/")) ? STR("") : STR("/");
    return arena_concat(arena, 3, folder, between, path);
}

static int compare_names(const void *left, const void *right)
{
    const struct str *a = left;
    const struct str *b = right;
    return str_cmp(*a, *b);
}

/* Names gathered while their number is not known. */
struct names {
    struct str *items;
    size_t count;
    size_t capacity;
};

static void add_name(struct arena *arena, struct names *names, struct str name)
{
    if (names->count == names->capacity) {
        names->capacity = names->capacity == 0 ? 16 : names->capacity * 2;
        struct str *moved = ARENA_NEW_ARRAY(arena, names->capacity, struct str);
        if (names->count > 0) {
            memcpy(moved, names->items, names->count * sizeof(*moved));
        }
        names->items = moved;
    }
    names->items[names->count++] = arena_copy(arena, name);
}

int file_list(struct arena *arena, const char *folder, struct str suffix, struct str **ret_names, size_t *ret_count,
              struct err *err)
{
    FOLDER_AUTO stream = opendir(folder);
    if (!stream) {
        return fail(err, folder, "cannot be listed");
    }
    struct names names = {0};
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(stream);
        if (!entry && errno != 0) {
            return fail(err, folder, "cannot be listed");
        }
        if (!entry) {
            break;
        }
        struct str name = str_from_cstr(entry->d_name);
        if (!str_eq(name, STR(".")) && !str_eq(name, STR("..")) && str_ends_with(name, suffix)) {
            add_name(arena, &names, name);
        }
    }
    if (names.count > 1) {
        qsort(names.items, names.count, sizeof(*names.items), compare_names);
    }
    *ret_names = names.items;
    *ret_count = names.count;
    return 0;
}
