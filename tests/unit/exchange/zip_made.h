/* ZIP archives for tests, made by libzip in memory. */
#ifndef TESTS_UNIT_EXCHANGE_ZIP_MADE_H
#define TESTS_UNIT_EXCHANGE_ZIP_MADE_H

#include "base/arena.h"

#include <string.h>
#include <zip.h>

struct zip_entry {
    const char *name;
    const char *content;
    size_t size; /* 0: strlen */
};

/* The archive's bytes, in the arena. */
static inline struct str zip_made(struct arena *arena, const struct zip_entry *entries, size_t count)
{
    zip_error_t error;
    zip_stat_t about;
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_source_keep(target);
    zip_t *archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
    for (size_t i = 0; i < count; i++) {
        size_t size = entries[i].size ? entries[i].size : strlen(entries[i].content);
        zip_source_t *source = zip_source_buffer(archive, entries[i].content, size, 0);
        zip_file_add(archive, entries[i].name, source, ZIP_FL_ENC_UTF_8);
    }
    zip_close(archive);
    zip_source_open(target);
    zip_source_stat(target, &about);
    char *bytes = arena_alloc(arena, about.size);
    zip_source_read(target, bytes, about.size);
    zip_source_close(target);
    zip_source_free(target);
    return str_make(bytes, about.size);
}

#endif
