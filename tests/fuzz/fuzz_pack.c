/* Packs: whatever datapackage.json and its one file say, reading them ends, every problem is one line that begins with the
 * file's name, and every record that comes out is canonical and has an id. The input is the descriptor, a NUL, and the
 * content of x.csv. */
#include "fuzz.h"

#include "base/embed.h"
#include "base/memory.h"
#include "exchange/pack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 256
#define ROWS_MAX 200

/* The product's own model, read once. */
static const struct model *the_model(void)
{
    static struct model *model;
    static struct model_file files[FILES_MAX];
    size_t count = 0;
    struct problems problems;
    struct err err;
    if (model) {
        return model;
    }
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)64 << 20);
    problems_init(&problems, &arena);
    for (const struct embedded_file *f = embed_next("model", NULL); f; f = embed_next("model", f)) {
        assert(count < FILES_MAX);
        files[count++] = (struct model_file){.path = str_from_cstr(f->path + strlen("model/")),
                                             .content = str_make((const char *)f->data, f->size)};
    }
    if (model_read(files, count, &problems, &model, &err)) {
        memory_die(err.message);
    }
    return model;
}

static char folder[64];

static void remove_folder(void)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/datapackage.json", folder);
    (void)unlink(path);
    snprintf(path, sizeof(path), "%s/x.csv", folder);
    (void)unlink(path);
    (void)rmdir(folder);
}

/* In memory, where the system has that. */
static void make_folder(void)
{
    if (folder[0]) {
        return;
    }
    snprintf(folder, sizeof(folder), "%s", access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz-XXXXXX" : "/tmp/fuzz-XXXXXX");
    if (!mkdtemp(folder)) {
        memory_die("no folder can be made");
    }
    atexit(remove_folder);
}

static void write_file(const char *name, struct str content)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, content.ptr, content.len) != (ssize_t)content.len || close(fd)) {
        memory_die("the file cannot be written");
    }
}

static void check_row(const struct model *model, const struct pack_resource *resource, const struct pack_row *row,
                      struct arena *arena)
{
    struct record_problems problems;
    struct value *again;
    assert(row->line > 0);
    if (!row->record) {
        return;
    }
    assert(id_is_valid(record_id(row->record)));
    record_problems_init(&problems, arena);
    int failed = record_from_value(model, resource->reg, row->record, arena, &problems, &again);
    assert(!failed && value_equal(again, row->record));
}

static void read_resource(const struct model *model, const struct pack_resource *resource, struct problems *problems)
{
    struct pack_table *table;
    struct pack_row row;
    if (pack_table_open(model, resource, problems, &table)) {
        assert(problems->count > 0);
        return;
    }
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)512 << 20);
    for (size_t i = 0; i < ROWS_MAX && pack_table_next(table, &arena, problems, &row) == 1; i++) {
        check_row(model, resource, &row, &arena);
        arena_reset(&arena);
    }
    pack_table_close(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct model *model = the_model();
    struct str input = str_make((const char *)data, size);
    size_t end = str_find_byte(input, '\0');
    make_folder();
    write_file("datapackage.json", str_slice(input, 0, end));
    write_file("x.csv", str_slice(input, end + 1, size));
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)512 << 20);
    struct problems problems;
    problems_init(&problems, &arena);
    struct pack *pack;
    struct err err;
    if (pack_read(model, str_from_cstr(folder), STR("pack"), &arena, &problems, &pack, &err)) {
        assert(problems.count > 0);
    } else {
        for (size_t i = 0; i < pack->resource_count && i < 4; i++) {
            read_resource(model, &pack->resources[i], &problems);
        }
    }
    for (size_t i = 0; i < problems.count; i++) {
        assert(str_starts_with(problems.lines[i], STR("pack/")));
    }
    return 0;
}
