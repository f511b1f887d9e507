#include "exchange/export.h"

#include "base/file.h"
#include "exchange/csv.h"
#include "exchange/dcat.h"
#include "model/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXPORT_ARENA_MAX ((size_t)256 << 20)
#define ROW_ARENA_MAX ((size_t)64 << 20)
#define PENDING_MAX ((size_t)64 << 20)
#define PENDING_FLUSH ((size_t)1 << 18)
#define DESCRIPTOR_MAX ((size_t)64 << 20)
#define SOURCES_MAX 1000

/* What the package says of itself comes from these registers when the model has them (docs/model.md). */

struct export
{
    const struct model *model;
    struct reader *reader;
    struct str folder;
    const struct edition *edition; /* NULL: none */
    struct arena arena;
    struct arena row; /* one record */
    struct export_result result;
    bool *written; /* by position of the register */
};

/* ---- one register's file ---- */

struct table_file {
    struct export *export;
    const struct column *columns;
    size_t count;
    struct str *cells;
    struct str path;
    struct str partial;
    int fd;
    struct buf pending;
    uint64_t records;
    struct err *err;
};

static int flush_table(struct table_file *file)
{
    struct str rest = buf_str(&file->pending);
    while (rest.len > 0) {
        ssize_t wrote = write(file->fd, rest.ptr, rest.len);
        if (wrote < 0 && errno != EINTR) {
            return err_set(file->err, ERR_IO, "%.*s: %s", STR_ARG(file->path), strerror(errno));
        }
        rest = str_slice(rest, wrote > 0 ? (size_t)wrote : 0, rest.len);
    }
    buf_clear(&file->pending);
    return 0;
}

static int add_record(void *context, const struct found *found)
{
    struct table_file *file = context;
    struct arena *row = &file->export->row;
    arena_reset(row);
    for (size_t i = 0; i < file->count; i++) {
        file->cells[i] = record_cell(found->reg, found->record, &file->columns[i], row);
    }
    csv_write_row(&file->pending, file->cells, file->count, ',');
    file->records++;
    if (file->pending.overflow) {
        return err_set(file->err, ERR_LIMIT, "the record %.*s is too large to be exported",
                       STR_ARG(record_id(found->record)));
    }
    return file->pending.len > PENDING_FLUSH ? flush_table(file) : 0;
}

static int write_records(struct table_file *file, const struct reg *reg)
{
    for (size_t i = 0; i < file->count; i++) {
        file->cells[i] = file->columns[i].name;
    }
    csv_write_row(&file->pending, file->cells, file->count, ',');
    if (store_each(file->export->reader, reg, add_record, file, file->err) || flush_table(file)) {
        return -1;
    }
    if (file->records == 0) {
        (void)unlink(file->path.ptr);
        return unlink(file->partial.ptr);
    }
    if (fsync(file->fd) || rename(file->partial.ptr, file->path.ptr)) {
        return err_set(file->err, ERR_IO, "%.*s: %s", STR_ARG(file->path), strerror(errno));
    }
    return 0;
}

static int write_register(struct export *export, const struct reg *reg, struct err *err)
{
    struct column *columns;
    struct table_file file = {.export = export, .err = err};
    file.count = columns_of(reg, &export->arena, &columns);
    file.columns = columns;
    file.cells = ARENA_NEW_ARRAY(&export->arena, file.count, struct str);
    file.path = arena_concat(&export->arena, 4, export->folder, STR("/"), reg->name, STR(".csv"));
    file.partial = arena_format(&export->arena, "%.*s.tmp-%d", STR_ARG(file.path), (int)getpid());
    file.fd = open(file.partial.ptr, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file.fd < 0) {
        return err_set(err, ERR_IO, "%.*s: %s", STR_ARG(file.partial), strerror(errno));
    }
    buf_init(&file.pending, PENDING_MAX);
    int failed = write_records(&file, reg);
    if (failed) {
        (void)unlink(file.partial.ptr);
    }
    buf_free(&file.pending);
    close(file.fd);
    export->written[reg->position] = file.records > 0;
    export->result.records += file.records;
    export->result.registers += file.records > 0;
    return failed;
}

/* ---- datapackage.json ---- */

/* Foreign keys may only name resources that are in the package. */
static void keep_known_foreign_keys(struct export *export, struct value *schema)
{
    const struct value *keys = value_get(schema, STR("foreignKeys"));
    if (!keys) {
        return;
    }
    struct value *kept = value_list(&export->arena);
    for (size_t i = 0; i < value_count(keys); i++) {
        struct str resource = value_get_text(value_get(value_at(keys, i), STR("reference")), STR("resource"));
        const struct reg *reg = model_register(export->model, resource);
        if (resource.len == 0 || (reg && export->written[reg->position])) {
            value_append(&export->arena, kept, value_copy(&export->arena, value_at(keys, i)));
        }
    }
    value_set(&export->arena, schema, STR("foreignKeys"), value_count(kept) > 0 ? kept : NULL);
}

static struct value *resource_of(struct export *export, const struct reg *reg)
{
    struct arena *arena = &export->arena;
    struct value *resource = value_object(arena);
    value_set_text(arena, resource, STR("name"), reg->name);
    value_set_text(arena, resource, STR("type"), STR("table"));
    value_set_text(arena, resource, STR("path"), arena_concat(arena, 2, reg->name, STR(".csv")));
    value_set_text(arena, resource, STR("title"), bilingual_best(reg->title, LANG_EN));
    struct str description = bilingual_best(reg->description, LANG_EN);
    if (description.len > 0) {
        value_set_text(arena, resource, STR("description"), description);
    }
    value_set_text(arena, resource, STR("format"), STR("csv"));
    value_set_text(arena, resource, STR("mediatype"), STR("text/csv"));
    value_set_text(arena, resource, STR("encoding"), STR("utf-8"));
    struct value *schema = reg_table_schema(export->model, reg, arena);
    keep_known_foreign_keys(export, schema);
    value_set(arena, resource, STR("schema"), schema);
    return resource;
}

struct sources {
    struct arena *arena;
    struct value *list;
};

static int add_source(void *context, const struct found *found)
{
    struct sources *sources = context;
    struct str title = bilingual_best(value_bilingual(value_get(found->record, STR("title"))), LANG_EN);
    struct str url = value_get_text(found->record, STR("url"));
    if (title.len == 0) {
        return 0;
    }
    struct value *source = value_object(sources->arena);
    value_set_text(sources->arena, source, STR("title"), arena_copy(sources->arena, title));
    if (url.len > 0) {
        value_set_text(sources->arena, source, STR("path"), arena_copy(sources->arena, url));
    }
    value_append(sources->arena, sources->list, source);
    return value_count(sources->list) >= SOURCES_MAX;
}

static int set_sources(struct export *export, struct value *package, struct err *err)
{
    struct sources sources = {.arena = &export->arena, .list = value_list(&export->arena)};
    const struct reg *reg = model_role(export->model, ROLE_SOURCE);
    if (reg && store_each(export->reader, reg, add_source, &sources, err) < 0) {
        return -1;
    }
    if (value_count(sources.list) > 0) {
        value_set(&export->arena, package, STR("sources"), sources.list);
    }
    return 0;
}

/* The community's record, or NULL. */
static int read_community(struct export *export, const struct value **ret_community, struct err *err)
{
    const struct reg *reg = model_role(export->model, ROLE_COMMUNITY);
    const struct found *found = NULL;
    if (reg && store_eldest(export->reader, reg, &export->arena, &found, err)) {
        return -1;
    }
    *ret_community = found ? found->record : NULL;
    return 0;
}

static void set_licence(struct export *export, struct value *package, const struct value *community)
{
    struct arena *arena = &export->arena;
    struct str name = value_get_text(community, STR("licence"));
    struct str url = value_get_text(community, STR("licence_url"));
    if (name.len == 0 && url.len == 0) {
        return;
    }
    struct value *licence = value_object(arena);
    if (name.len > 0) {
        value_set_text(arena, licence, STR("name"), name);
    }
    if (url.len > 0) {
        value_set_text(arena, licence, STR("path"), url);
    }
    struct value *list = value_list(arena);
    value_append(arena, list, licence);
    value_set(arena, package, STR("licenses"), list);
}

static int describe(struct export *export, struct value **ret_package, struct err *err)
{
    struct arena *arena = &export->arena;
    struct value *package = value_object(arena);
    const struct value *community = NULL;
    if (read_community(export, &community, err)) {
        return -1;
    }
    struct str id = community ? record_id(community) : STR("");
    struct str title = bilingual_best(value_bilingual(value_get(community, STR("name"))), LANG_EN);
    value_set_text(arena, package, STR("$schema"), STR("https://datapackage.org/profiles/2.0/datapackage.json"));
    /* Not the name of a pack that others load: what is public may be less than what such a pack brought, and loading it
     * again under that name would take the rest away. */
    value_set_text(arena, package, STR("name"),
                   id.len > 0 ? arena_concat(arena, 2, id, STR("-public")) : STR("public"));
    if (title.len > 0) {
        value_set_text(arena, package, STR("title"), title);
    }
    /* Where it goes from here, nobody is to take it for real: loading it again asks for --sample. */
    if (reader_is_sample(export->reader)) {
        value_set(arena, package, STR("musubi:sample"), value_bool(arena, true));
    }
    struct str homepage = value_get_text(community, STR("website"));
    if (homepage.len > 0) {
        value_set_text(arena, package, STR("homepage"), homepage);
    }
    set_licence(export, package, community);
    if (set_sources(export, package, err)) {
        return -1;
    }
    struct value *resources = value_list(arena);
    for (size_t i = 0; i < export->model->register_count; i++) {
        if (export->written[i]) {
            value_append(arena, resources, resource_of(export, &export->model->registers[i]));
        }
    }
    value_set(arena, package, STR("resources"), resources);
    *ret_package = package;
    return 0;
}

static int write_descriptor(struct export *export, struct str path, struct err *err)
{
    struct value *package;
    if (describe(export, &package, err)) {
        return -1;
    }
    BUF_AUTO json;
    buf_init(&json, DESCRIPTOR_MAX);
    value_write_pretty_json(&json, package);
    return file_write_atomically(path.ptr, buf_str(&json), err);
}

static int write_catalogue(struct export *export, struct err *err)
{
    struct str path = arena_concat(&export->arena, 2, export->folder, STR("/catalog.jsonld"));
    const struct value *community = NULL;
    BUF_AUTO json;
    buf_init(&json, DESCRIPTOR_MAX);
    if (read_community(export, &community, err)) {
        return -1;
    }
    value_write_pretty_json(
        &json, dcat_of_package(export->model, export->written, community, export->edition, &export->arena));
    return file_write_atomically(path.ptr, buf_str(&json), err);
}

static int prepare_folder(struct export *export, struct str descriptor, struct err *err)
{
    struct str *names;
    size_t count;
    if (file_make_folders(export->folder.ptr, err) ||
        file_list(&export->arena, export->folder.ptr, STR(""), &names, &count, err)) {
        return -1;
    }
    if (count > 0 && !file_exists(descriptor.ptr)) {
        return err_set(err, ERR_CONFLICT,
                       "%.*s holds something else than a package; allowed: a new or empty folder, or "
                       "an earlier export",
                       STR_ARG(export->folder));
    }
    return 0;
}

static int run_export(struct export *export, struct err *err)
{
    struct str descriptor = arena_concat(&export->arena, 2, export->folder, STR("/datapackage.json"));
    if (prepare_folder(export, descriptor, err)) {
        return -1;
    }
    for (size_t i = 0; i < export->model->register_count; i++) {
        const struct reg *reg = &export->model->registers[i];
        if (reg->visibility <= reader_options(export->reader)->viewer.sees && write_register(export, reg, err)) {
            return -1;
        }
    }
    if (export->result.registers == 0) {
        return err_set(err, ERR_NOT_FOUND, "there is nothing to export: no register has a record that may be shown");
    }
    if (export->edition && write_catalogue(export, err)) {
        return -1;
    }
    return write_descriptor(export, descriptor, err);
}

int package_export(const struct model *model, struct reader *reader, const char *folder, const struct edition *edition,
                   struct export_result *ret_result, struct err *err)
{
    struct export export = {.model = model, .reader = reader, .folder = str_from_cstr(folder), .edition = edition};
    arena_init(&export.arena, EXPORT_ARENA_MAX);
    arena_init(&export.row, ROW_ARENA_MAX);
    export.written = ARENA_NEW_ARRAY(&export.arena, model->register_count, bool);
    export.result.seq = reader_seq(reader);
    int failed = run_export(&export, err);
    if (!failed) {
        *ret_result = export.result;
    }
    arena_free(&export.row);
    arena_free(&export.arena);
    return failed ? -1 : 0;
}

int package_description(const struct model *model, struct reader *reader, const bool *included, struct buf *out,
                        struct err *err)
{
    struct export export = {.model = model, .reader = reader};
    struct value *package = NULL;
    int failed;

    arena_init(&export.arena, EXPORT_ARENA_MAX);
    export.written = ARENA_NEW_ARRAY(&export.arena, model->register_count, bool);
    memcpy(export.written, included, model->register_count * sizeof *included);
    failed = describe(&export, &package, err);
    if (!failed) {
        value_write_pretty_json(out, package);
    }
    arena_free(&export.arena);
    return failed ? -1 : 0;
}
