/* datapackage.json: read, checked, and turned into what pack_table needs. */
#include "exchange/pack.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>

#define DESCRIPTOR_MAX_BYTES ((size_t)8 << 20)
#define DESCRIPTOR_NAME STR("datapackage.json")
#define RESOURCES_MAX 500

struct reading {
    const struct model *model;
    struct arena *arena;
    struct problems *problems;
    struct pack *pack;
    struct str folder;
    struct str shown_folder;
};

static void problem(struct reading *reading, const struct value *at, struct str message)
{
    problems_add(reading->problems, "%.*s:%u:%u: %.*s", STR_ARG(reading->pack->shown), at->line, at->column,
                 STR_ARG(message));
}

#define PROBLEM(reading, at, ...) problem((reading), (at), arena_format((reading)->arena, __VA_ARGS__))

static bool is_kind(struct reading *reading, const struct value *value, enum value_kind kind, const char *what)
{
    if (value->kind == kind) {
        return true;
    }
    PROBLEM(reading, value, "%s is %s; allowed: %s", what, value_kind_words(value->kind), value_kind_words(kind));
    return false;
}

/* The text of a member; empty when it is absent or, with a problem, when it is no text. */
static struct str text_member(struct reading *reading, const struct value *object, struct str key)
{
    const struct value *value = value_get(object, key);
    if (!value) {
        return STR("");
    }
    char what[80];
    snprintf(what, sizeof(what), "\"%.*s\"", STR_ARG(key));
    return is_kind(reading, value, VALUE_TEXT, what) ? value->text : STR("");
}

static bool bool_member(struct reading *reading, const struct value *object, struct str key, bool otherwise)
{
    const struct value *value = value_get(object, key);
    if (!value) {
        return otherwise;
    }
    char what[80];
    snprintf(what, sizeof(what), "\"%.*s\"", STR_ARG(key));
    return is_kind(reading, value, VALUE_BOOL, what) ? value->boolean : otherwise;
}

static struct str words_of_registers(struct reading *reading)
{
    struct str words = STR("");
    for (size_t i = 0; i < reading->model->register_count; i++) {
        words = arena_concat(reading->arena, 3, words, i ? STR(", ") : STR(""), reading->model->registers[i].name);
    }
    return words;
}

static void read_register(struct reading *reading, const struct value *given, struct pack_resource *resource)
{
    const struct value *named = value_get(given, STR("musubi:register"));
    struct str name = named ? text_member(reading, given, STR("musubi:register")) : resource->name;
    resource->reg = model_register(reading->model, name);
    if (!resource->reg && (named || name.len > 0)) {
        PROBLEM(reading, named ? named : given, "there is no register \"%.*s\"; allowed: %.*s", STR_ARG(name),
                STR_ARG(words_of_registers(reading)));
    }
}

/* Relative, below the package's folder, no parts that lead elsewhere. */
static bool path_is_safe(struct str path)
{
    if (path.len == 0 || path.ptr[0] == '/' || str_find_byte(path, '\\') != path.len ||
        str_find(path, STR("://")) != SIZE_MAX || str_find_byte(path, '\0') != path.len) {
        return false;
    }
    bool done = false;
    struct str part;
    while (str_next_part(&path, '/', &done, &part)) {
        if (part.len == 0 || part.ptr[0] == '.') {
            return false;
        }
    }
    return true;
}

static void read_path(struct reading *reading, const struct value *given, struct pack_resource *resource)
{
    const struct value *path = value_get(given, STR("path"));
    if (path && path->kind == VALUE_LIST && path->list.count == 1) {
        path = path->list.items[0];
    }
    if (!path || path->kind != VALUE_TEXT) {
        PROBLEM(reading, path ? path : given,
                "\"path\" must name one CSV file; allowed: a path below the package's folder");
        return;
    }
    if (!path_is_safe(path->text)) {
        PROBLEM(
            reading, path,
            "\"%.*s\" is no safe path; allowed: a path below the package's folder, with '/' between its parts, none "
            "of which begins with '.'",
            STR_ARG(path->text));
        return;
    }
    resource->path = file_join(reading->arena, reading->folder, path->text);
    resource->shown = file_join(reading->arena, reading->shown_folder, path->text);
}

/* Keys of a dialect (Table Dialect 2.0) that change how the file is read, and the one value each may have. */
static void check_dialect_key(struct reading *reading, const struct value_member *member)
{
    static const struct {
        const char *key;
        const char *only;
    } fixed[] = {
        {"quoteChar", "\"\\\"\""}, {"doubleQuote", "true"}, {"skipInitialSpace", "false"},
        {"headerRows", "[1]"},     {"headerJoin", NULL},    {"caseSensitiveHeader", NULL},
        {"lineTerminator", NULL},  {"csvddfVersion", NULL}, {"$schema", NULL},
        {"delimiter", NULL},       {"header", NULL},        {"type", "\"delimited\""},
    };
    BUF_AUTO json;
    buf_init(&json, 4096);
    value_write_json(&json, member->value);
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (!str_eq(member->key, str_from_cstr(fixed[i].key))) {
            continue;
        }
        if (fixed[i].only && !str_eq(buf_str(&json), str_from_cstr(fixed[i].only))) {
            PROBLEM(reading, member->value, "this file cannot be read with \"%s\" other than %s", fixed[i].key,
                    fixed[i].only);
        }
        return;
    }
    PROBLEM(reading, member->value, "the dialect's \"%.*s\" is not known here; allowed: delimiter, header",
            STR_ARG(member->key));
}

static void read_dialect(struct reading *reading, const struct value *given, struct pack_resource *resource)
{
    const struct value *dialect = value_get(given, STR("dialect"));
    if (!dialect || !is_kind(reading, dialect, VALUE_OBJECT, "\"dialect\"")) {
        return;
    }
    for (size_t i = 0; i < dialect->object.count; i++) {
        check_dialect_key(reading, &dialect->object.members[i]);
    }
    resource->header = bool_member(reading, dialect, STR("header"), true);
    const struct value *delimiter = value_get(dialect, STR("delimiter"));
    if (delimiter) {
        struct str text = value_text_of(delimiter);
        bool fine =
            text.len == 1 && (text.ptr[0] == '\t' || (text.ptr[0] >= ' ' && text.ptr[0] < 127)) && text.ptr[0] != '"';
        if (!fine) {
            PROBLEM(reading, delimiter, "\"delimiter\" must be one ASCII character: comma, tab, semicolon or the like");
            return;
        }
        resource->csv.delimiter = text.ptr[0];
    }
}

static void read_format(struct reading *reading, const struct value *given, struct pack_resource *resource)
{
    resource->csv = csv_options_default();
    resource->header = true;
    struct str format = text_member(reading, given, STR("format"));
    bool tabs = str_eq(format, STR("tsv")) || (format.len == 0 && str_ends_with(resource->path, STR(".tsv")));
    resource->csv.delimiter = tabs ? '\t' : ',';
    if (format.len > 0 && !tabs && !str_eq(format, STR("csv"))) {
        PROBLEM(reading, value_get(given, STR("format")), "\"%.*s\" cannot be loaded; allowed: csv, tsv",
                STR_ARG(format));
    }
    struct str encoding = text_member(reading, given, STR("encoding"));
    if (encoding.len > 0 && !csv_encoding_from_name(encoding, &resource->csv.encoding)) {
        PROBLEM(reading, value_get(given, STR("encoding")), "\"%.*s\" is no encoding known here; allowed: utf-8, cp932",
                STR_ARG(encoding));
    }
    read_dialect(reading, given, resource);
}

static void add_target(struct reading *reading, const struct value *target, struct pack_field *field)
{
    if (target->kind != VALUE_TEXT) {
        PROBLEM(reading, target,
                "\"musubi:field\" is %s; allowed: the name of a column of the register, a list of them, "
                "or \"\" to leave the column out",
                value_kind_words(target->kind));
    } else if (target->text.len > 0) {
        field->targets[field->target_count++] = target->text;
    }
}

static void read_mapping(struct reading *reading, const struct value *given, struct pack_field *field)
{
    const struct value *target = value_get(given, STR("musubi:field"));
    field->mapped = target != NULL;
    if (target && target->kind == VALUE_LIST) {
        field->targets = ARENA_NEW_ARRAY(reading->arena, target->list.count, struct str);
        for (size_t i = 0; i < target->list.count; i++) {
            add_target(reading, target->list.items[i], field);
        }
    } else if (target) {
        field->targets = ARENA_NEW(reading->arena, struct str);
        add_target(reading, target, field);
    }
    const struct value *values = value_get(given, STR("musubi:values"));
    if (!values || !is_kind(reading, values, VALUE_OBJECT, "\"musubi:values\"")) {
        return;
    }
    for (size_t i = 0; i < values->object.count; i++) {
        is_kind(reading, values->object.members[i].value, VALUE_TEXT, "a cell in \"musubi:values\"");
    }
    field->values = values;
}

static void read_schema(struct reading *reading, const struct value *given, struct pack_resource *resource)
{
    const struct value *schema = value_get(given, STR("schema"));
    if (!schema) {
        if (!resource->header) {
            PROBLEM(reading, given,
                    "a file without a header needs a \"schema\" with \"fields\", which name its columns");
        }
        return;
    }
    if (!is_kind(reading, schema, VALUE_OBJECT, "\"schema\"")) {
        return;
    }
    const struct value *fields = value_get(schema, STR("fields"));
    if (!fields || fields->kind != VALUE_LIST || fields->list.count == 0) {
        PROBLEM(reading, fields ? fields : schema, "\"fields\" must be a list with at least one field");
        return;
    }
    struct str match = text_member(reading, schema, STR("fieldsMatch"));
    resource->file_may_have_more = str_eq(match, STR("subset")) || str_eq(match, STR("partial"));
    resource->file_may_have_less = str_eq(match, STR("superset")) || str_eq(match, STR("partial"));
    resource->fields = ARENA_NEW_ARRAY(reading->arena, fields->list.count, struct pack_field);
    for (size_t i = 0; i < fields->list.count; i++) {
        const struct value *item = fields->list.items[i];
        if (!is_kind(reading, item, VALUE_OBJECT, "a field")) {
            continue;
        }
        struct pack_field *field = &resource->fields[resource->field_count++];
        field->name = text_member(reading, item, STR("name"));
        field->line = item->line;
        field->column = item->column;
        if (field->name.len == 0) {
            PROBLEM(reading, item, "a field needs a \"name\"");
        }
        read_mapping(reading, item, field);
    }
}

static void read_defaults(struct reading *reading, const struct value *given, struct pack_resource *resource)
{
    const struct value *defaults = value_get(given, STR("musubi:defaults"));
    if (!defaults || !is_kind(reading, defaults, VALUE_OBJECT, "\"musubi:defaults\"")) {
        return;
    }
    resource->defaults = ARENA_NEW_ARRAY(reading->arena, defaults->object.count, struct pack_default);
    for (size_t i = 0; i < defaults->object.count; i++) {
        const struct value_member *member = &defaults->object.members[i];
        if (is_kind(reading, member->value, VALUE_TEXT, "a cell in \"musubi:defaults\"")) {
            resource->defaults[resource->default_count++] = (struct pack_default){
                .column = member->key, .cell = member->value->text, .line = member->line, .column_at = member->column};
        }
    }
}

static bool ends_alike(struct str text, struct str end)
{
    return text.len >= end.len && str_eq_ignoring_case(str_slice(text, text.len - end.len, text.len), end);
}

/* Files that are not tables (pictures, outlines of a map) may travel in a package; they fill no register. What is called as a
 * register is, and what a system in capitals calls .CSV, is never passed over in silence. */
static bool is_table(const struct reading *reading, const struct value *given)
{
    if (value_get(given, STR("musubi:register")) ||
        model_register(reading->model, value_get_text(given, STR("name"))) ||
        str_eq(value_get_text(given, STR("type")), STR("table"))) {
        return true;
    }
    struct str format = value_get_text(given, STR("format"));
    struct str path = value_get_text(given, STR("path"));
    return format.len > 0 ? str_eq(format, STR("csv")) || str_eq(format, STR("tsv"))
                          : ends_alike(path, STR(".csv")) || ends_alike(path, STR(".tsv")) || path.len == 0;
}

static void read_resource(struct reading *reading, const struct value *given)
{
    if (!is_kind(reading, given, VALUE_OBJECT, "a resource") || !is_table(reading, given)) {
        return;
    }
    struct pack *pack = reading->pack;
    struct pack_resource *resource = &pack->resources[pack->resource_count++];
    resource->name = text_member(reading, given, STR("name"));
    if (resource->name.len == 0) {
        PROBLEM(reading, given, "a resource needs a \"name\"");
    }
    if (value_get(given, STR("data"))) {
        PROBLEM(reading, given,
                "rows inside datapackage.json (\"data\") are not read; allowed: \"path\" to a CSV file");
        return;
    }
    read_register(reading, given, resource);
    read_path(reading, given, resource);
    read_format(reading, given, resource);
    read_schema(reading, given, resource);
    read_defaults(reading, given, resource);
}

/* As the standard says: lower case letters, digits, '.', '_' and '-'. */
static bool name_is_valid(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-')) {
            return false;
        }
    }
    return name.len > 0 && name.len <= ID_MAX;
}

static void read_package(struct reading *reading, const struct value *root)
{
    struct pack *pack = reading->pack;
    if (!is_kind(reading, root, VALUE_OBJECT, "a package")) {
        return;
    }
    pack->name = text_member(reading, root, STR("name"));
    pack->title = text_member(reading, root, STR("title"));
    pack->version = text_member(reading, root, STR("version"));
    pack->sample = bool_member(reading, root, STR("musubi:sample"), false);
    const struct value *name = value_get(root, STR("name"));
    if (!name_is_valid(pack->name)) {
        PROBLEM(reading, name ? name : root,
                "a pack needs a \"name\": at most 80 of a-z, 0-9, '.', '_', '-'; loading again goes by it");
    }
    const struct value *resources = value_get(root, STR("resources"));
    if (!resources || resources->kind != VALUE_LIST || resources->list.count == 0 ||
        resources->list.count > RESOURCES_MAX) {
        PROBLEM(reading, resources ? resources : root, "\"resources\" must be a list of 1 to %d resources",
                RESOURCES_MAX);
        return;
    }
    pack->resources = ARENA_NEW_ARRAY(reading->arena, resources->list.count, struct pack_resource);
    for (size_t i = 0; i < resources->list.count; i++) {
        read_resource(reading, resources->list.items[i]);
    }
}

/* The folder of a path that may name datapackage.json itself. */
static struct str folder_of(struct str path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    if (str_eq(path, DESCRIPTOR_NAME)) {
        return STR(".");
    }
    if (str_ends_with(path, STR("/datapackage.json"))) {
        return str_slice(path, 0, path.len - DESCRIPTOR_NAME.len - (path.len > DESCRIPTOR_NAME.len + 1));
    }
    return path;
}

/* "FILE:LINE:COLUMN: what", of a message "LINE:COLUMN: what". */
static int refuse_json(struct reading *reading, const struct err *cause, struct err *err)
{
    problems_add(reading->problems, "%.*s:%s", STR_ARG(reading->pack->shown), cause->message);
    return err_set(err, ERR_INVALID, "%.*s is no JSON", STR_ARG(reading->pack->shown));
}

int pack_read(const struct model *model, struct str folder, struct str shown, struct arena *arena,
              struct problems *problems, struct pack **ret_pack, struct err *err)
{
    struct reading reading = {.model = model, .arena = arena, .problems = problems};
    reading.folder = folder_of(folder);
    reading.shown_folder = folder_of(shown);
    reading.pack = ARENA_NEW(arena, struct pack);
    reading.pack->shown = file_join(arena, reading.shown_folder, DESCRIPTOR_NAME);
    struct str path = file_join(arena, reading.folder, DESCRIPTOR_NAME);
    struct str content;
    struct value *root;
    struct err cause = {0};
    size_t before = problems->count + problems->dropped;
    if (file_read(arena, path.ptr, DESCRIPTOR_MAX_BYTES, &content, &cause)) {
        /* Named as the caller did, not with the path that was opened. */
        struct str why = str_from_cstr(cause.message);
        struct str prefix = arena_concat(arena, 2, path, STR(": "));
        why = str_starts_with(why, prefix) ? str_slice(why, prefix.len, why.len) : why;
        problems_add(problems, "%.*s: %.*s; a pack is a folder with a datapackage.json", STR_ARG(reading.pack->shown),
                     STR_ARG(why));
        return err_set(err, cause.code, "%.*s cannot be read", STR_ARG(reading.pack->shown));
    }
    if (json_read(arena, content, NULL, &root, &cause)) {
        return refuse_json(&reading, &cause, err);
    }
    read_package(&reading, root);
    if (problems->count + problems->dropped > before) {
        return err_set(err, ERR_INVALID, "%.*s is not what a pack needs", STR_ARG(reading.pack->shown));
    }
    *ret_pack = reading.pack;
    return 0;
}
