/* The folder that is published into: files that appear whole, are left alone when they are the same, and go when they are not
 * wanted any more. Only what an earlier publish wrote is ever removed: it is listed in OUTPUT_OWN/files. While it runs the list
 * is OUTPUT_OWN/writing, so that after a crash the next time knows of everything that was written. */
#include "web/publish_internal.h"

#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK OUTPUT_OWN "/lock"
#define LISTED OUTPUT_OWN "/files"
#define LISTING OUTPUT_OWN "/writing"
#define LISTED_NEXT OUTPUT_OWN "/files.next"
#define PATH_MAX_BYTES 1024
#define CHUNK 65536

/* ---- sets ---- */

static bool put(uint64_t *slots, size_t capacity, uint64_t hash)
{
    size_t at = (size_t)(hash * 0x9E3779B97F4A7C15u) & (capacity - 1);

    while (slots[at] != 0 && slots[at] != hash) {
        at = (at + 1) & (capacity - 1);
    }
    if (slots[at] == hash) {
        return false;
    }
    slots[at] = hash;
    return true;
}

static uint64_t hash_of(struct str text)
{
    uint64_t hash = str_hash(text);

    return hash == 0 ? 1 : hash;
}

static void grow(struct text_set *set)
{
    size_t capacity = set->capacity == 0 ? 1024 : set->capacity * 2;
    uint64_t *slots = memory_alloc_array(capacity, sizeof *slots);

    memset(slots, 0, capacity * sizeof *slots);
    for (size_t i = 0; i < set->capacity; i++) {
        if (set->slots[i] != 0) {
            put(slots, capacity, set->slots[i]);
        }
    }
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
}

bool text_set_add(struct text_set *set, struct str text)
{
    bool added;

    if (set->count * 2 >= set->capacity) {
        grow(set);
    }
    added = put(set->slots, set->capacity, hash_of(text));
    set->count += added;
    return added;
}

bool text_set_has(const struct text_set *set, struct str text)
{
    uint64_t hash = hash_of(text);
    size_t at = set->capacity == 0 ? 0 : (size_t)(hash * 0x9E3779B97F4A7C15u) & (set->capacity - 1);

    while (set->capacity > 0 && set->slots[at] != 0) {
        if (set->slots[at] == hash) {
            return true;
        }
        at = (at + 1) & (set->capacity - 1);
    }
    return false;
}

void text_set_free(struct text_set *set)
{
    free(set->slots);
    *set = (struct text_set){0};
}

/* ---- opening ---- */

static int fail(struct err *err, const char *what)
{
    return err_set(err, ERR_IO, "%s: %s", what, strerror(errno));
}

static int take_lock(struct output *output, const char *folder, struct err *err)
{
    if (mkdirat(output->folder, OUTPUT_OWN, 0777) != 0 && errno != EEXIST) {
        return fail(err, folder);
    }
    output->lock = openat(output->folder, LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (output->lock < 0) {
        return fail(err, folder);
    }
    if (flock(output->lock, LOCK_EX | LOCK_NB) != 0) {
        return err_set(err, ERR_BUSY, "somebody else publishes into %s", folder);
    }
    return 0;
}

/* A folder with other things in it is not ours to write into. */
static int check_folder(const char *folder, struct err *err)
{
    ARENA_AUTO arena;
    struct str *names;
    size_t count = 0;

    arena_init(&arena, (size_t)64 << 20);
    if (file_make_folders(folder, err) != 0 || file_list(&arena, folder, STR(""), &names, &count, err) != 0) {
        return -1;
    }
    if (count > 0 && !file_exists(arena_format(&arena, "%s/" OUTPUT_OWN, folder).ptr)) {
        return err_set(
            err, ERR_CONFLICT,
            "%s holds something else than a published site; allowed: a new or empty folder, or an earlier one", folder);
    }
    return 0;
}

int output_open(struct output *output, const char *folder, struct err *err)
{
    int listed;

    output->folder = output->lock = -1;
    pthread_mutex_init(&output->mutex, NULL);
    if (check_folder(folder, err) != 0) {
        return -1;
    }
    output->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (output->folder < 0) {
        return fail(err, folder);
    }
    if (take_lock(output, folder, err) != 0) {
        return -1;
    }
    listed = openat(output->folder, LISTING, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    output->listed = listed < 0 ? NULL : fdopen(listed, "a");
    if (output->listed == NULL) {
        return fail(err, folder);
    }
    return 0;
}

void output_close(struct output *output)
{
    if (output->listed != NULL) {
        fclose(output->listed);
    }
    if (output->lock >= 0) {
        close(output->lock);
    }
    if (output->folder >= 0) {
        close(output->folder);
    }
    text_set_free(&output->files);
    pthread_mutex_destroy(&output->mutex);
}

/* ---- one file ---- */

/* Every folder of the path; what was made or seen last is not asked for again. */
static int make_folders(const struct output *output, struct output_writer *writer, const char *path)
{
    char folder[PATH_MAX_BYTES];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);

    if (length == 0 || (strlen(writer->made) == length && memcmp(writer->made, path, length) == 0)) {
        return 0;
    }
    memcpy(folder, path, length);
    folder[length] = '\0';
    if (mkdirat(output->folder, folder, 0777) != 0 && errno != EEXIST) {
        if (errno != ENOENT || make_folders(output, writer, folder) != 0 ||
            (mkdirat(output->folder, folder, 0777) != 0 && errno != EEXIST)) {
            return -1;
        }
    }
    if (length < sizeof writer->made) {
        memcpy(writer->made, folder, length + 1);
    }
    return 0;
}

static bool same_bytes(int file, struct str content)
{
    char chunk[CHUNK];

    while (content.len > 0) {
        ssize_t got = read(file, chunk, content.len < sizeof chunk ? content.len : sizeof chunk);
        if (got <= 0 || memcmp(chunk, content.ptr, (size_t)got) != 0) {
            return false;
        }
        content = str_slice(content, (size_t)got, content.len);
    }
    return true;
}

static bool is_there(const struct output *output, const char *path, struct str content)
{
    struct stat status;
    int file = openat(output->folder, path, O_RDONLY | O_CLOEXEC);
    bool same =
        file >= 0 && fstat(file, &status) == 0 && (uint64_t)status.st_size == content.len && same_bytes(file, content);

    if (file >= 0) {
        close(file);
    }
    return same;
}

static int write_whole(int file, struct str content)
{
    while (content.len > 0) {
        ssize_t wrote = write(file, content.ptr, content.len);
        if (wrote < 0 && errno != EINTR) {
            return -1;
        }
        content = str_slice(content, wrote > 0 ? (size_t)wrote : 0, content.len);
    }
    return 0;
}

static bool is_on_list(const struct output *output, const char *list, const char *path)
{
    int file = openat(output->folder, list, O_RDONLY | O_CLOEXEC);
    FILE *lines = file < 0 ? NULL : fdopen(file, "r");
    char line[PATH_MAX_BYTES];
    bool found = false;

    while (lines != NULL && !found && fgets(line, sizeof line, lines) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = strcmp(line, path) == 0;
    }
    if (lines != NULL) {
        fclose(lines);
    }
    return found;
}

/* A page's folder at whose address a file stands from now on: what an earlier publish wrote into it goes. False when something
 * else is in it. */
static bool remove_page_folder(const struct output *output, const char *path)
{
    char page[PATH_MAX_BYTES + sizeof "/index.html"];

    (void)snprintf(page, sizeof page, "%s/index.html", path);
    if (is_on_list(output, LISTED, page) || is_on_list(output, LISTING, page)) {
        (void)unlinkat(output->folder, page, 0);
    }
    return unlinkat(output->folder, path, AT_REMOVEDIR) == 0;
}

static bool put_in_place(const struct output *output, const struct output_writer *writer, const char *path)
{
    return renameat(output->folder, writer->part, output->folder, path) == 0 ||
           (errno == EISDIR && remove_page_folder(output, path) &&
            renameat(output->folder, writer->part, output->folder, path) == 0);
}

static int replace(const struct output *output, const struct output_writer *writer, const char *path,
                   struct str content)
{
    int file = openat(output->folder, writer->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int failed = file < 0 ? -1 : write_whole(file, content);
    int saved = errno;

    if (file >= 0 && close(file) != 0 && failed == 0) {
        failed = -1;
        saved = errno;
    }
    if (failed == 0 && put_in_place(output, writer, path)) {
        return 0;
    }
    saved = failed == 0 ? errno : saved;
    (void)unlinkat(output->folder, writer->part, 0);
    errno = saved;
    return -1;
}

/* On the list before it is there: what is listed and is not there does no harm. 1: it is this time's already. */
static int list_file(struct output *output, struct str file, size_t bytes)
{
    int result = 1;

    pthread_mutex_lock(&output->mutex);
    if (text_set_add(&output->files, file)) {
        result = fprintf(output->listed, "%.*s\n", STR_ARG(file)) < 0 ? -1 : 0;
        output->bytes += bytes;
    }
    pthread_mutex_unlock(&output->mutex);
    return result;
}

/* The list is on its way to the disk before the file. */
static int count_file(struct output *output, bool there)
{
    int failed;

    pthread_mutex_lock(&output->mutex);
    output->unchanged += there;
    output->written += !there;
    failed = there ? 0 : fflush(output->listed);
    pthread_mutex_unlock(&output->mutex);
    return failed;
}

void output_writer_init(struct output_writer *writer, unsigned number)
{
    *writer = (struct output_writer){0};
    if (number == 0) {
        (void)snprintf(writer->part, sizeof writer->part, OUTPUT_OWN "/part");
    } else {
        (void)snprintf(writer->part, sizeof writer->part, OUTPUT_OWN "/part%u", number);
    }
}

int output_write(struct output *output, struct output_writer *writer, struct str file, struct str content,
                 struct err *err)
{
    char path[PATH_MAX_BYTES];
    bool there;
    int listed;

    if (file.len == 0 || file.len >= sizeof path) {
        return err_set(err, ERR_LIMIT, "the name of a file would be longer than %d bytes", PATH_MAX_BYTES);
    }
    memcpy(path, file.ptr, file.len);
    path[file.len] = '\0';
    listed = list_file(output, file, content.len);
    if (listed != 0) {
        return listed > 0 ? 0 : fail(err, path);
    }
    there = is_there(output, path, content);
    if (count_file(output, there) != 0 ||
        (!there && (make_folders(output, writer, path) != 0 || replace(output, writer, path, content) != 0))) {
        return fail(err, path);
    }
    return 0;
}

/* ---- the end ---- */

/* A line of a list that could not have been written here is passed over. */
static bool is_ours(struct str line)
{
    struct str rest = line, part;
    bool done = false;

    while (!done && str_next_part(&rest, '/', &done, &part)) {
        if (part.len == 0 || str_eq(part, STR(".")) || str_eq(part, STR("..")) || str_eq(part, STR(OUTPUT_OWN))) {
            return false;
        }
    }
    return line.len > 0 && line.len < PATH_MAX_BYTES;
}

static void remove_file(struct output *output, char *path)
{
    char *slash;

    if (unlinkat(output->folder, path, 0) != 0) {
        return;
    }
    output->removed++;
    while ((slash = strrchr(path, '/')) != NULL) {
        *slash = '\0';
        if (unlinkat(output->folder, path, AT_REMOVEDIR) != 0) {
            return; /* something else is in it */
        }
    }
}

/* What is listed and wanted goes to the next list, once; what is not wanted goes. */
static int follow_list(struct output *output, const char *list, FILE *next, struct text_set *kept)
{
    int file = openat(output->folder, list, O_RDONLY | O_CLOEXEC);
    FILE *lines = file < 0 ? NULL : fdopen(file, "r");
    char line[PATH_MAX_BYTES];

    while (lines != NULL && fgets(line, sizeof line, lines) != NULL) {
        struct str path = str_make(line, strcspn(line, "\n"));
        line[path.len] = '\0';
        if (!is_ours(path)) {
            continue;
        }
        if (!text_set_has(&output->files, path)) {
            remove_file(output, line);
        } else if (text_set_add(kept, path)) {
            fprintf(next, "%s\n", line);
        }
    }
    if (lines != NULL) {
        fclose(lines);
    }
    return ferror(next) ? -1 : 0;
}

int output_finish(struct output *output, struct err *err)
{
    int file = openat(output->folder, LISTED_NEXT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    FILE *next = file < 0 ? NULL : fdopen(file, "w");
    struct text_set kept = {0};
    int failed = next == NULL || fflush(output->listed) != 0 || follow_list(output, LISTED, next, &kept) != 0 ||
                 follow_list(output, LISTING, next, &kept) != 0;

    text_set_free(&kept);
    if (next != NULL && fclose(next) != 0) {
        failed = 1;
    }
    /* Everything is on the disk before the list says so. */
    if (failed || syncfs(output->folder) != 0 || renameat(output->folder, LISTED_NEXT, output->folder, LISTED) != 0 ||
        unlinkat(output->folder, LISTING, 0) != 0) {
        return fail(err, OUTPUT_OWN);
    }
    return 0;
}
