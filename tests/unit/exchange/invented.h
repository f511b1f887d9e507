/* An invented community for the tests of this floor: the model of tests/cli/files, a store in a folder of its own, and packs
 * made of texts. */
#ifndef MUSUBI_TESTS_UNIT_EXCHANGE_INVENTED_H
#define MUSUBI_TESTS_UNIT_EXCHANGE_INVENTED_H

#include "unit.h"

#include "base/file.h"
#include "exchange/load.h"
#include "store/store.h"

#include <unistd.h>

struct invented {
    char folder[64];
    struct arena arena;
    struct problems problems;
    struct model *model;
    struct store *store;
};

static inline struct str invented_path(struct invented *invented, const char *name)
{
    return arena_format(&invented->arena, "%s/%s", invented->folder, name);
}

static inline void invented_write(struct invented *invented, const char *name, struct str content)
{
    struct err err = {0};
    if (file_write_atomically(invented_path(invented, name).ptr, content, &err)) {
        fail_msg("%s", err.message);
    }
}

static inline void invented_open(struct invented *invented)
{
    struct err err = {0};
    *invented = (struct invented){.folder = "/tmp/musubi-unit-XXXXXX"};
    assert_non_null(mkdtemp(invented->folder));
    arena_init(&invented->arena, (size_t)64 << 20);
    problems_init(&invented->problems, &invented->arena);
    struct str model = arena_format(&invented->arena, "%s/tests/cli/files/model", getenv("MUSUBI_SOURCE_ROOT"));
    if (model_read_folder(model.ptr, &invented->problems, &invented->model, &err)) {
        fail_msg("%s", err.message);
    }
    struct store_config config = {
        .url = "sqlite:", .folder = invented_path(invented, "var").ptr, .model = invented->model};
    if (store_open(&config, &invented->store, &err)) {
        fail_msg("%s", err.message);
    }
}

/* Loads a pack of one CSV file into the register of that name. */
static inline int invented_load(struct invented *invented, const char *reg, struct str csv,
                                const struct load_options *options, struct load_result *ret_result, struct err *err)
{
    struct str descriptor = arena_format(
        &invented->arena, "{\"name\":\"%s\",\"resources\":[{\"name\":\"%s\",\"path\":\"%s.csv\"}]}", reg, reg, reg);
    struct str file = arena_format(&invented->arena, "%s.csv", reg);
    invented_write(invented, "datapackage.json", descriptor);
    invented_write(invented, file.ptr, csv);
    struct load_source source = {.folder = str_from_cstr(invented->folder), .shown = STR("pack")};
    return pack_load(invented->store, &source, 1, options, &invented->problems, ret_result, err);
}

static inline void invented_close(struct invented *invented)
{
    static const char *const names[] = {
        "var/store.db",     "var/store.db-wal", "var/store.db-shm", "var/lock",        "var",
        "organisation.csv", "meeting.csv",      "source.csv",       "datapackage.json"};
    store_close(invented->store);
    model_free(invented->model);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)remove(invented_path(invented, names[i]).ptr);
    }
    (void)rmdir(invented->folder);
    arena_free(&invented->arena);
}

#endif
