#include "exchange/archive.h"

#include "exchange/export.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#define FILE_BYTES_MAX ((uint64_t)4 << 30)
#define ARENA_BYTES_MAX ((size_t)64 << 20)

struct file {
    struct file *older;
    struct spool spool;
};

struct archive {
    const struct represent_config *config;
    zip_t *zip;
    struct arena arena;
    struct file *files;
    bool *included; /* by position of the register */
    struct err *err;
};

static int zip_failed(const struct archive *archive, struct err *err)
{
    return err_set(err, ERR_IO, "the archive could not be written: %s",
                   archive->zip == NULL ? "it cannot be begun" : zip_strerror(archive->zip));
}

/* A file's content. libzip reads it when the archive is closed, so it is kept until then. */
static struct spool *new_file(struct archive *archive)
{
    struct file *file = ARENA_NEW(&archive->arena, struct file);

    spool_init(&file->spool, FILE_BYTES_MAX);
    file->older = archive->files;
    archive->files = file;
    return &file->spool;
}

static void free_files(struct archive *archive)
{
    for (struct file *file = archive->files; file != NULL; file = file->older) {
        spool_free(&file->spool);
    }
}

static int add_file(struct archive *archive, struct str name, struct spool *spool)
{
    struct str content;
    zip_source_t *source;
    zip_int64_t index;

    if (spool_end(spool, &content, archive->err) != 0) {
        return -1;
    }
    source = zip_source_buffer(archive->zip, content.ptr, content.len, 0);
    if (source == NULL) {
        return zip_failed(archive, archive->err);
    }
    index = zip_file_add(archive->zip, arena_copy(&archive->arena, name).ptr, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return zip_failed(archive, archive->err);
    }
    zip_file_set_mtime(archive->zip, (zip_uint64_t)index, (time_t)(archive->config->now_ms / 1000), 0);
    return 0;
}

/* ---- one register ---- */

struct listing {
    struct archive *archive;
    struct represent *represent; /* NULL: plain JSON into `out` */
    struct spool *out;
    size_t count;
};

static int add_found(void *context, const struct found *found)
{
    struct listing *listing = context;
    struct buf *out = &listing->out->buf;

    if (listing->represent != NULL) {
        return represent_add(listing->represent, found, listing->archive->err);
    }
    buf_add(out, listing->count++ > 0 ? STR(",\n") : STR("\n"));
    value_write_json(out, found->record);
    return spool_drain(listing->out, listing->archive->err);
}

static int add_json(struct archive *archive, const struct reg *reg)
{
    struct listing listing = {.archive = archive, .out = new_file(archive)};

    buf_add_literal(&listing.out->buf, "[");
    if (store_each(archive->config->reader, reg, add_found, &listing, archive->err) != 0) {
        return -1;
    }
    buf_add_literal(&listing.out->buf, "\n]\n");
    return add_file(archive, arena_concat(&archive->arena, 3, STR("json/"), reg->name, STR(".json")), listing.out);
}

static int write_form(struct listing *listing, const struct reg *reg, enum representation form)
{
    struct archive *archive = listing->archive;
    struct represent_config config = *archive->config;

    config.reg = reg;
    config.representation = form;
    config.self_url = STR("");
    config.spool = listing->out;
    if (represent_open(&config, &listing->out->buf, &listing->represent, archive->err) != 0) {
        return -1;
    }
    if (store_each(config.reader, reg, add_found, listing, archive->err) != 0) {
        represent_abandon(listing->represent);
        return -1;
    }
    return represent_close(listing->represent, archive->err);
}

static int add_form(struct archive *archive, const struct reg *reg, enum representation form)
{
    struct listing listing = {.archive = archive, .out = new_file(archive)};
    struct str extension = representation_extension(form);
    struct str folder = form == REPRESENT_CSV ? STR("") : arena_concat(&archive->arena, 2, extension, STR("/"));

    return write_form(&listing, reg, form) != 0 ||
                   add_file(archive, arena_concat(&archive->arena, 4, folder, reg->name, STR("."), extension),
                            listing.out) != 0
               ? -1
               : 0;
}

static int add_register(struct archive *archive, const struct reg *reg)
{
    static const enum representation forms[] = {REPRESENT_CSV, REPRESENT_JSONLD, REPRESENT_GEOJSON, REPRESENT_ICS};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (representation_fits(reg, forms[i]) && add_form(archive, reg, forms[i]) != 0) {
            return -1;
        }
    }
    return add_json(archive, reg);
}

/* ---- the whole ---- */

static int add_everything(struct archive *archive)
{
    const struct model *model = archive->config->model;
    struct spool *description;
    size_t registers = 0;

    for (size_t i = 0; i < model->register_count; i++) {
        int64_t count = 0;
        if (store_count(archive->config->reader, &model->registers[i], &count, archive->err) != 0) {
            return -1;
        }
        if (count > 0 && add_register(archive, &model->registers[i]) != 0) {
            return -1;
        }
        archive->included[i] = count > 0;
        registers += count > 0;
    }
    if (registers == 0) {
        return err_set(archive->err, ERR_NOT_FOUND, "no register has a record that may be shown");
    }
    description = new_file(archive);
    return package_description(model, archive->config->reader, archive->included, &description->buf, archive->err) !=
                       0 ||
                   add_file(archive, STR("datapackage.json"), description) != 0
               ? -1
               : 0;
}

static int write_to(struct archive *archive, const char *path)
{
    int code = 0;
    int fd;

    archive->zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (archive->zip == NULL) {
        return zip_failed(archive, archive->err);
    }
    if (add_everything(archive) != 0) {
        zip_discard(archive->zip);
        return -1;
    }
    if (zip_close(archive->zip) != 0) {
        (void)zip_failed(archive, archive->err);
        zip_discard(archive->zip);
        return -1;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_set(archive->err, ERR_IO, "the archive could not be read back: %s", strerror(errno));
    }
    return spool_take_file(archive->config->spool, fd, archive->err);
}

int archive_write(const struct represent_config *config, struct err *err)
{
    struct archive archive = {.config = config, .err = err};
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/musubi-zip-XXXXXX", spool_folder());
    int fd = length > 0 && (size_t)length < sizeof path ? mkostemp(path, O_CLOEXEC) : -1;
    int failed;

    if (fd < 0) {
        return err_set(err, ERR_IO, "no temporary file can be made: %s", strerror(errno));
    }
    close(fd);
    arena_init(&archive.arena, ARENA_BYTES_MAX);
    archive.included = ARENA_NEW_ARRAY(&archive.arena, config->model->register_count, bool);
    failed = write_to(&archive, path);
    free_files(&archive);
    arena_free(&archive.arena);
    unlink(path);
    return failed != 0 ? -1 : 0;
}
