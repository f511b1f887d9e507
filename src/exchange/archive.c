#include "exchange/archive.h"

#include "exchange/export.h"

#include <string.h>
#include <zip.h>

#define FILE_BYTES_MAX ((size_t)256 << 20)
#define ALL_BYTES_MAX (2 * FILE_BYTES_MAX)
#define NAME_MAX_BYTES 128

struct archive {
    const struct represent_config *config;
    zip_t *zip;
    struct arena arena;
    size_t bytes;   /* of all files so far */
    bool *included; /* by position of the register */
    struct err *err;
};

static int zip_failed(const struct archive *archive, struct err *err)
{
    return err_set(err, ERR_IO, "the archive could not be written: %s",
                   archive->zip == NULL ? "it cannot be begun" : zip_strerror(archive->zip));
}

static int too_large(struct err *err)
{
    return err_set(err, ERR_LIMIT, "everything together is too large for an archive; allowed: register by register");
}

/* Adds a file. libzip reads it when the archive is closed, which is before the arena is freed. */
static int add_file(struct archive *archive, struct str name, struct str content)
{
    struct str bytes;
    zip_source_t *source;
    zip_int64_t index;

    if (content.len > ALL_BYTES_MAX - archive->bytes) {
        return too_large(archive->err);
    }
    archive->bytes += content.len;
    bytes = arena_copy(&archive->arena, content);
    source = zip_source_buffer(archive->zip, bytes.ptr, bytes.len, 0);
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
    struct buf out;
    size_t count;
};

static int add_found(void *context, const struct found *found)
{
    struct listing *listing = context;

    if (listing->represent != NULL) {
        return represent_add(listing->represent, found, listing->archive->err);
    }
    buf_add_literal(&listing->out, "\n");
    if (listing->count++ > 0) {
        listing->out.ptr[listing->out.len - 1] = ',';
        buf_add_literal(&listing->out, "\n");
    }
    value_write_json(&listing->out, found->record);
    return listing->out.overflow ? err_set(listing->archive->err, ERR_LIMIT, "a register is too long for an archive")
                                 : 0;
}

static int add_json(struct archive *archive, const struct reg *reg)
{
    struct listing listing = {.archive = archive};
    int failed;

    buf_init(&listing.out, FILE_BYTES_MAX);
    buf_add_literal(&listing.out, "[");
    failed = store_each(archive->config->reader, reg, add_found, &listing, archive->err);
    buf_add_literal(&listing.out, "\n]\n");
    if (failed == 0) {
        failed = add_file(archive, arena_concat(&archive->arena, 3, STR("json/"), reg->name, STR(".json")),
                          buf_str(&listing.out));
    }
    buf_free(&listing.out);
    return failed;
}

static int write_form(struct listing *listing, const struct reg *reg, enum representation form)
{
    struct archive *archive = listing->archive;
    struct represent_config config = *archive->config;

    config.reg = reg;
    config.representation = form;
    config.self_url = STR("");
    if (represent_open(&config, &listing->out, &listing->represent, archive->err) != 0) {
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
    struct listing listing = {.archive = archive};
    struct str extension = representation_extension(form);
    struct str folder = form == REPRESENT_CSV ? STR("") : arena_concat(&archive->arena, 2, extension, STR("/"));
    int failed;

    buf_init(&listing.out, FILE_BYTES_MAX);
    failed = write_form(&listing, reg, form) != 0 ||
             add_file(archive, arena_concat(&archive->arena, 4, folder, reg->name, STR("."), extension),
                      buf_str(&listing.out)) != 0;
    buf_free(&listing.out);
    return failed ? -1 : 0;
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
    struct buf description;
    size_t registers = 0;
    int failed;

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
    buf_init(&description, FILE_BYTES_MAX);
    failed = package_description(model, archive->config->reader, archive->included, &description, archive->err) != 0 ||
             add_file(archive, STR("datapackage.json"), buf_str(&description)) != 0;
    buf_free(&description);
    return failed ? -1 : 0;
}

/* Reads back what libzip wrote. */
static int take_bytes(zip_source_t *source, struct buf *out, struct err *err)
{
    char part[65536];
    zip_int64_t got = 0;

    if (zip_source_open(source) != 0) {
        return err_set(err, ERR_IO, "the archive could not be read back");
    }
    while (!out->overflow && (got = zip_source_read(source, part, sizeof part)) > 0) {
        buf_add(out, str_make(part, (size_t)got));
    }
    zip_source_close(source);
    if (out->overflow) {
        return too_large(err);
    }
    return got < 0 ? err_set(err, ERR_IO, "the archive could not be read back") : 0;
}

int archive_write(const struct represent_config *config, struct buf *out, struct err *err)
{
    struct archive archive = {.config = config, .err = err};
    zip_error_t error;
    zip_source_t *bytes;
    int failed;

    zip_error_init(&error);
    bytes = zip_source_buffer_create(NULL, 0, 0, &error);
    archive.zip = bytes == NULL ? NULL : zip_open_from_source(bytes, ZIP_TRUNCATE, &error);
    if (archive.zip == NULL) {
        zip_source_free(bytes);
        return zip_failed(&archive, err);
    }
    zip_source_keep(bytes); /* closing the archive lets go of it */
    arena_init(&archive.arena, ALL_BYTES_MAX + ((size_t)64 << 20));
    archive.included = ARENA_NEW_ARRAY(&archive.arena, config->model->register_count, bool);
    failed = add_everything(&archive);
    if (failed != 0) {
        zip_discard(archive.zip);
    } else if (zip_close(archive.zip) != 0) {
        failed = zip_failed(&archive, err);
        zip_discard(archive.zip);
    } else {
        failed = take_bytes(bytes, out, err);
    }
    zip_source_free(bytes);
    arena_free(&archive.arena);
    return failed != 0 ? -1 : 0;
}
