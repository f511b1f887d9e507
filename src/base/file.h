/* Files: reading whole, writing so that a crash leaves the old or the new, never a half. */
#ifndef MUSUBI_BASE_FILE_H
#define MUSUBI_BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Reads a regular file of at most max_bytes; followed by a NUL that the length does not count. */
int file_read(struct arena *arena, const char *path, size_t max_bytes, struct str *ret_content, struct err *err);
/* Writes PATH.tmp-PID-THREAD, syncs it, renames it over path, syncs the folder. A file that is replaced keeps its mode. */
int file_write_atomically(const char *path, struct str content, struct err *err);
/* Gives a file that is whole and synced its name, and syncs the folder. Never takes the place of another: ERR_CONFLICT, and `from`
 * stays. */
int file_name_new(const char *from, const char *to, struct err *err);
/* Creates a folder and those above it (mode 0755 less umask); fine when it is there. */
int file_make_folders(const char *path, struct err *err);
bool file_exists(const char *path);
/* `path` itself when absolute or when folder is empty, else folder + "/" + path. Followed by a NUL, as arena_copy. */
struct str file_join(struct arena *arena, struct str folder, struct str path);
/* Names in a folder that end with `suffix`, sorted by bytes; "." and ".." left out. */
int file_list(struct arena *arena, const char *folder, struct str suffix, struct str **ret_names, size_t *ret_count,
              struct err *err);

#endif
