/* Reading a whole model: which files there are, then the vocabularies, then the registers, then the measures. Each is known by
 * its file's name before any content is read, so that references need no order. */
#include "base/buf.h"
#include "base/file.h"
#include "model/measure.h"
#include "model/names.h"
#include "model/reader.h"

#include <stdlib.h>
#include <string.h>

#define MODEL_BYTES_MAX ((size_t)512 << 20)
#define FILES_IN_MODEL_MAX (REGISTERS_MAX + VOCABULARIES_MAX + MEASURES_MAX)
#define MODEL_FILE_BYTES_MAX ((size_t)4 << 20)

enum part { PART_REGISTER, PART_VOCABULARY, PART_MEASURE, PART_COUNT };

struct source_file {
    struct str path;  /* relative to the model's folder: says what the file is */
    struct str shown; /* as messages name it */
    struct str name;  /* of the register, vocabulary or measure; empty when the file is none */
    enum part part;
    struct str content;
    struct value *tree; /* NULL: not readable */
};

struct reading {
    struct reader reader;
    struct source_file *files; /* sorted by path */
    size_t count;
};

static int file_cmp(const void *a, const void *b)
{
    return str_cmp(((const struct source_file *)a)->path, ((const struct source_file *)b)->path);
}

/* Says by its path what a file is; a problem when it is nothing the model knows. */
static void classify(struct reading *reading, struct source_file *file)
{
    const struct reader *reader = &reading->reader;
    struct str name = file->path;
    if (str_take(&name, STR("vocabulary/"))) {
        file->part = PART_VOCABULARY;
    } else if (str_take(&name, STR("measure/"))) {
        file->part = PART_MEASURE;
    }
    struct str suffix = STR(".json");
    if (!str_ends_with(name, suffix)) {
        reader_problem(
            reader, NULL,
            "this file is no part of a model, allowed are NAME.json, vocabulary/NAME.json and measure/NAME.json");
        return;
    }
    name = str_slice(name, 0, name.len - suffix.len);
    if (!name_is_register_name(name)) {
        reader_problem(reader, NULL, "the file's name %.*s is not allowed, names are " REGISTER_NAME_SHAPE,
                       STR_ARG(quoted(reader->arena, name)));
        return;
    }
    if (file->part == PART_REGISTER && name_is_reserved_register(name)) {
        reader_problem(reader, NULL, "the name \"%.*s\" is reserved, a register may not be called any of:%.*s",
                       STR_ARG(name), (int)reserved_registers_text.len - 1, reserved_registers_text.ptr);
        return;
    }
    file->name = name;
}

static void parse(struct reading *reading, struct source_file *file)
{
    struct json_limits limits = {.max_bytes = MODEL_FILE_BYTES_MAX, .max_depth = 32};
    struct err err;
    if (json_read(reading->reader.arena, file->content, &limits, &file->tree, &err) < 0) {
        file->tree = NULL;
        problems_add(reading->reader.problems, "%.*s:%s", STR_ARG(file->shown), err.message);
    }
}

static void files_take(struct reading *reading, const struct model_file *files, size_t count, struct str prefix)
{
    struct arena *arena = reading->reader.arena;
    reading->files = ARENA_NEW_ARRAY(arena, count, struct source_file);
    reading->count = count;
    for (size_t i = 0; i < count; i++) {
        struct source_file *file = &reading->files[i];
        file->path = arena_copy(arena, files[i].path);
        file->shown = prefix.len > 0 ? file_join(arena, prefix, file->path) : file->path;
        file->content = files[i].content;
    }
    if (count > 0) {
        qsort(reading->files, count, sizeof(reading->files[0]), file_cmp);
    }
    for (size_t i = 0; i < count; i++) {
        struct source_file *file = &reading->files[i];
        reading->reader.file = file->shown;
        if (i > 0 && str_eq(file->path, reading->files[i - 1].path)) {
            reader_problem(&reading->reader, NULL, "the file is given twice, once is allowed");
            continue;
        }
        classify(reading, file);
        if (file->name.len > 0) {
            parse(reading, file);
        }
    }
}

static void name_enter(struct model *model, const struct source_file *file)
{
    if (file->part == PART_VOCABULARY) {
        struct vocabulary *vocabulary = &model->vocabularies[model->vocabulary_count++];
        vocabulary->name = file->name;
        map_init(&vocabulary->by_code, &model->arena);
        map_init(&vocabulary->by_spelling, &model->arena);
        map_set(&model->vocabulary_by_name, file->name, vocabulary);
    } else if (file->part == PART_MEASURE) {
        struct measure *measure = &model->measures[model->measure_count];
        measure->name = file->name;
        measure->position = model->measure_count++;
        map_set(&model->measure_by_name, file->name, measure);
    } else {
        struct reg *reg = &model->registers[model->register_count];
        reg->name = file->name;
        reg->file = file->shown;
        reg->role = ROLE_COUNT;
        reg->position = model->register_count++;
        map_init(&reg->field_by_name, &model->arena);
        map_set(&model->register_by_name, file->name, reg);
    }
}

/* Makes room for what the files hold and enters the names. Returns false when there are too many. */
static bool names_enter(struct reading *reading)
{
    struct model *model = reading->reader.model;
    struct arena *arena = reading->reader.arena;
    size_t count[PART_COUNT] = {0};
    for (size_t i = 0; i < reading->count; i++) {
        if (reading->files[i].name.len > 0) {
            count[reading->files[i].part]++;
        }
    }
    if (count[PART_REGISTER] > REGISTERS_MAX || count[PART_VOCABULARY] > VOCABULARIES_MAX ||
        count[PART_MEASURE] > MEASURES_MAX) {
        problems_add(reading->reader.problems,
                     "model:1:1: %zu registers, %zu vocabularies and %zu measures, at most %d, %d and %d are allowed",
                     count[PART_REGISTER], count[PART_VOCABULARY], count[PART_MEASURE], REGISTERS_MAX, VOCABULARIES_MAX,
                     MEASURES_MAX);
        return false;
    }
    model->registers = ARENA_NEW_ARRAY(arena, count[PART_REGISTER], struct reg);
    model->vocabularies = ARENA_NEW_ARRAY(arena, count[PART_VOCABULARY], struct vocabulary);
    model->measures = ARENA_NEW_ARRAY(arena, count[PART_MEASURE], struct measure);
    for (size_t i = 0; i < reading->count; i++) {
        if (reading->files[i].name.len > 0) {
            name_enter(model, &reading->files[i]);
        }
    }
    return true;
}

static void contents_read(struct reading *reading, enum part part)
{
    struct model *model = reading->reader.model;
    for (size_t i = 0; i < reading->count; i++) {
        struct source_file *file = &reading->files[i];
        if (file->name.len == 0 || !file->tree || file->part != part) {
            continue;
        }
        reading->reader.file = file->shown;
        if (part == PART_VOCABULARY) {
            vocabulary_read(&reading->reader, file->tree, map_get(&model->vocabulary_by_name, file->name));
        } else if (part == PART_MEASURE) {
            measure_read(&reading->reader, file->tree, map_get(&model->measure_by_name, file->name));
        } else {
            reg_read(&reading->reader, file->tree, map_get(&model->register_by_name, file->name));
        }
    }
}

static void measures_relate(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        struct source_file *file = &reading->files[i];
        if (file->name.len > 0 && file->tree && file->part == PART_MEASURE) {
            reading->reader.file = file->shown;
            measure_relate(&reading->reader, file->tree, map_get(&reading->reader.model->measure_by_name, file->name));
        }
    }
}

/* All are known before any is checked: the fields of one role refer to the register of another. */
static void roles_find(struct reading *reading, void (*look)(const struct reader *, const struct value *, struct reg *))
{
    for (size_t i = 0; i < reading->count; i++) {
        struct source_file *file = &reading->files[i];
        if (file->name.len > 0 && file->tree && file->part == PART_REGISTER) {
            reading->reader.file = file->shown;
            look(&reading->reader, file->tree, map_get(&reading->reader.model->register_by_name, file->name));
        }
    }
}

/* A register's former name must be nobody's present one and nobody else's former one. */
static void former_names_check(struct reading *reading)
{
    const struct model *model = reading->reader.model;
    struct map former;
    map_init(&former, reading->reader.arena);
    for (size_t i = 0; i < reading->count; i++) {
        struct source_file *file = &reading->files[i];
        struct reg *reg =
            file->name.len > 0 && file->part == PART_REGISTER ? map_get(&model->register_by_name, file->name) : NULL;
        if (!reg || !file->tree || reg->was.len == 0) {
            continue;
        }
        reading->reader.file = file->shown;
        const struct value *place = key_place(file->tree, "was");
        if (model_register(model, reg->was)) {
            reader_problem(&reading->reader, place,
                           "\"was\" is \"%.*s\", which is a register now; it must be a name no register has",
                           STR_ARG(reg->was));
        } else if (map_get(&former, reg->was)) {
            reader_problem(&reading->reader, place,
                           "\"was\" is \"%.*s\", which another register says as well; one register may be its heir",
                           STR_ARG(reg->was));
        } else {
            map_set(&former, reg->was, reg);
        }
    }
}

/* {"registers": {NAME: file}, "vocabularies": {NAME: file}} in canonical JSON. */
static int canonical_write(struct reading *reading, struct err *err)
{
    struct arena *arena = reading->reader.arena;
    struct value *parts[] = {[PART_REGISTER] = value_object(arena), [PART_VOCABULARY] = value_object(arena)};
    for (size_t i = 0; i < reading->count; i++) {
        if (reading->files[i].part != PART_MEASURE) {
            value_set(arena, parts[reading->files[i].part], reading->files[i].name, reading->files[i].tree);
        }
    }
    struct value *whole = value_object(arena);
    value_set(arena, whole, STR("registers"), parts[PART_REGISTER]);
    value_set(arena, whole, STR("vocabularies"), parts[PART_VOCABULARY]);
    BUF_AUTO buf;
    buf_init(&buf, MODEL_BYTES_MAX / 4);
    value_write_canonical_json(&buf, whole);
    if (buf.overflow) {
        return err_set(err, ERR_LIMIT, "the model is larger than %zu MiB", MODEL_BYTES_MAX / 4 >> 20);
    }
    reading->reader.model->canonical_json = arena_copy(arena, buf_str(&buf));
    return 0;
}

static struct model *model_new(void)
{
    struct arena arena;
    arena_init(&arena, MODEL_BYTES_MAX);
    struct model *model = ARENA_NEW(&arena, struct model);
    model->arena = arena; /* from here on only this copy of the arena is used */
    map_init(&model->register_by_name, &model->arena);
    map_init(&model->vocabulary_by_name, &model->arena);
    map_init(&model->measure_by_name, &model->arena);
    return model;
}

/* `prefix`: the folder that messages put before the files' paths, or empty. */
static int read_files(const struct model_file *files, size_t count, struct str prefix, struct problems *problems,
                      struct model **ret_model, struct err *err)
{
    size_t before = problems->count + problems->dropped;
    struct model *model = model_new();
    struct reading reading = {.reader = {.model = model, .arena = &model->arena, .problems = problems}};
    files_take(&reading, files, count, prefix);
    if (names_enter(&reading)) {
        contents_read(&reading, PART_VOCABULARY);
        contents_read(&reading, PART_REGISTER);
        roles_find(&reading, role_enter);
        roles_find(&reading, role_check);
        former_names_check(&reading);
        if (problems->count + problems->dropped ==
            before) { /* else measures would only repeat what is wrong below them */
            contents_read(&reading, PART_MEASURE);
            measures_relate(&reading);
        }
        if (model->register_count == 0) {
            problems_add(problems, "model:1:1: there is no register, at least one file NAME.json is needed");
        }
    }
    size_t found = problems->count + problems->dropped - before;
    if (found > 0) {
        err_set(err, ERR_INVALID, "the model has %zu mistake%s", found, found == 1 ? "" : "s");
    }
    if (found > 0 || canonical_write(&reading, err) < 0) {
        model_free(model);
        return -1;
    }
    *ret_model = model;
    return 0;
}

int model_read(const struct model_file *files, size_t count, struct problems *problems, struct model **ret_model,
               struct err *err)
{
    return read_files(files, count, STR(""), problems, ret_model, err);
}

/* Adds the *.json files of folder/sub to the list; a missing sub-folder has none. */
static int folder_add(struct arena *arena, struct str folder, struct str sub, struct model_file *files, size_t *count,
                      struct err *err)
{
    struct str path = sub.len > 0 ? file_join(arena, folder, sub) : folder;
    if (sub.len > 0 && !file_exists(path.ptr)) {
        return 0;
    }
    struct str *names;
    size_t name_count;
    if (file_list(arena, path.ptr, STR(".json"), &names, &name_count, err) < 0) {
        return -1;
    }
    if (*count + name_count > FILES_IN_MODEL_MAX) {
        return err_set(err, ERR_LIMIT,
                       "%.*s holds %zu files, a model has at most %d registers, %d vocabularies and %d measures",
                       STR_ARG(path), name_count, REGISTERS_MAX, VOCABULARIES_MAX, MEASURES_MAX);
    }
    for (size_t i = 0; i < name_count; i++) {
        struct model_file *file = &files[(*count)++];
        file->path = sub.len > 0 ? file_join(arena, sub, names[i]) : names[i];
        if (file_read(arena, file_join(arena, folder, file->path).ptr, MODEL_FILE_BYTES_MAX, &file->content, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int model_read_folder(const char *folder, struct problems *problems, struct model **ret_model, struct err *err)
{
    ARENA_AUTO arena;
    arena_init(&arena, MODEL_BYTES_MAX * 4);
    struct str root = arena_copy(&arena, str_from_cstr(folder));
    struct model_file *files = ARENA_NEW_ARRAY(&arena, FILES_IN_MODEL_MAX, struct model_file);
    size_t count = 0;
    if (folder_add(&arena, root, STR(""), files, &count, err) < 0 ||
        folder_add(&arena, root, STR("vocabulary"), files, &count, err) < 0 ||
        folder_add(&arena, root, STR("measure"), files, &count, err) < 0) {
        return -1;
    }
    return read_files(files, count, root, problems, ret_model, err);
}
