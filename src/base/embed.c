#include "base/embed.h"

#include <stdbool.h>
#include <string.h>

/* The first entry whose path is not below `path`; embedded_file_count when there is none. */
static size_t lower_bound(const char *path)
{
    size_t low = 0;
    size_t high = embedded_file_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(embedded_files[middle].path, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_in_folder(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return length == 0 || (strncmp(path, folder, length) == 0 && path[length] == '/');
}

const struct embedded_file *embed_find(const char *path)
{
    size_t at = lower_bound(path);
    if (at == embedded_file_count || strcmp(embedded_files[at].path, path) != 0) {
        return NULL;
    }
    return &embedded_files[at];
}

const struct embedded_file *embed_next(const char *folder, const struct embedded_file *previous)
{
    /* Paths such as "model.txt" sort between "model" and "model/a", so what is not in the folder is stepped over. */
    size_t at = previous ? (size_t)(previous - embedded_files) + 1 : lower_bound(folder);
    size_t length = strlen(folder);
    for (; at < embedded_file_count; at++) {
        const char *path = embedded_files[at].path;
        if (is_in_folder(path, folder)) {
            return &embedded_files[at];
        }
        if (strncmp(path, folder, length) != 0) {
            return NULL;
        }
    }
    return NULL;
}
