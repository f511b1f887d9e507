/*
 * Files that travel inside the binary: the model, the words of the interface, templates, static assets.
 *
 * tools/embed.py turns the folders named in src/meson.build into one C file with this table. Paths are as in the
 * repository ("model/organisation.json"), sorted by byte, each once. Dot files and Markdown pages stay out.
 */
#ifndef MUSUBI_BASE_EMBED_H
#define MUSUBI_BASE_EMBED_H

#include <stddef.h>

struct embedded_file {
    const char *path;          /* NUL-terminated, relative to the repository, '/' between parts */
    const unsigned char *data; /* size bytes, followed by a NUL that is not counted */
    size_t size;
};

/* The generated table: embedded_file_count entries in order of path. Lives as long as the process. */
extern const struct embedded_file embedded_files[];
extern const size_t embedded_file_count;

/* The file of exactly this path, or NULL. Borrowed, never freed. */
const struct embedded_file *embed_find(const char *path);

/*
 * Walks the files whose path begins with `folder` and a '/', in order of path. Pass NULL as `previous` to begin and
 * then what was returned; NULL says there are no more. An empty folder ("") walks all files.
 */
const struct embedded_file *embed_next(const char *folder, const struct embedded_file *previous);

#endif
