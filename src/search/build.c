/* From records to documents: one record, a stretch of the feed, the whole store. */
#include "search/follow.h"

#include "base/map.h"
#include "model/record.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define RECORD_BYTES_MAX ((size_t)256 << 20)
#define FEED_BATCH 500
#define BUILD_BATCH 20000

/* ---- readers ---- */

static int open_reader(struct store *store, enum visibility level, struct reader **ret_reader, struct err *err)
{
    struct read_options options = {.viewer = {.sees = level}, .lang = LANG_JA};

    return store_read(store, &options, ret_reader, err);
}

int open_readers(struct store *store, struct reader *readers[VISIBILITY_COUNT], struct err *err)
{
    memset(readers, 0, VISIBILITY_COUNT * sizeof *readers);
    for (int level = 0; level < VISIBILITY_COUNT; level++) {
        if (open_reader(store, (enum visibility)level, &readers[level], err) != 0) {
            release_readers(readers);
            return -1;
        }
    }
    return 0;
}

void release_readers(struct reader *readers[VISIBILITY_COUNT])
{
    for (int level = 0; level < VISIBILITY_COUNT; level++) {
        reader_release(readers[level]);
        readers[level] = NULL;
    }
}

/* Each of them has a state of its own. */
static int64_t oldest_seq(struct reader *readers[VISIBILITY_COUNT])
{
    int64_t oldest = INT64_MAX;

    for (int level = 0; level < VISIBILITY_COUNT; level++) {
        int64_t seq = reader_seq(readers[level]);
        oldest = seq < oldest ? seq : oldest;
    }
    return oldest;
}

/* ---- one record ---- */

struct versions {
    struct found found[VISIBILITY_COUNT];
    enum visibility level[VISIBILITY_COUNT];
    size_t count;
};

/* The record at each level at which it reads differently than below. */
static int read_versions(struct reader *readers[VISIBILITY_COUNT], const struct reg *reg, struct str id,
                         struct arena *arena, struct versions *versions, struct err *err)
{
    versions->count = 0;
    for (int level = 0; level < VISIBILITY_COUNT; level++) {
        struct found found = {0};
        if (store_get(readers[level], reg, id, arena, &found, NULL, err) != 0) {
            if (err->code != ERR_NOT_FOUND) {
                return -1;
            }
            *err = (struct err){0};
            continue;
        }
        if (versions->count == 0 || !value_equal(versions->found[versions->count - 1].record, found.record)) {
            versions->level[versions->count] = (enum visibility)level;
            versions->found[versions->count++] = found;
        }
    }
    return 0;
}

static int add_versions(struct index_writer *writer, const struct rules *rules,
                        struct reader *readers[VISIBILITY_COUNT], const struct versions *versions, struct arena *arena,
                        struct err *err)
{
    for (size_t i = 0; i < versions->count; i++) {
        struct document *document = ARENA_NEW(arena, struct document);
        enum visibility level = versions->level[i];
        if (document_make(rules, readers[level], &versions->found[i], arena, document, err) != 0) {
            return -1;
        }
        document->level = level;
        document->next = i + 1 < versions->count ? versions->level[i + 1] : VISIBILITY_COUNT;
        if (index_writer_add(writer, document, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int write_record(struct index_writer *writer, const struct rules *rules, struct reader *readers[VISIBILITY_COUNT],
                 const struct reg *reg, struct str id, struct arena *arena, struct err *err)
{
    struct versions versions;

    if (index_writer_remove(writer, reg->name, id, err) != 0 ||
        read_versions(readers, reg, id, arena, &versions, err) != 0) {
        return -1;
    }
    return add_versions(writer, rules, readers, &versions, arena, err);
}

/* ---- the feed ---- */

struct touched {
    const struct rules *rules;
    struct map seen;
    struct arena *arena;
    struct {
        const struct reg *reg;
        struct str id;
    } * items;
    size_t count, capacity;
    bool full;
};

static void touch(struct touched *touched, const struct reg *reg, struct str id)
{
    struct str key = arena_concat(touched->arena, 3, reg->name, STR("/"), id);

    if (!rules_search_register(touched->rules, reg) || map_get(&touched->seen, key) != NULL) {
        return;
    }
    if (touched->count == touched->capacity) {
        touched->full = true;
        return;
    }
    map_set(&touched->seen, key, touched);
    touched->items[touched->count].reg = reg;
    touched->items[touched->count++].id = arena_copy(touched->arena, id);
}

static int touch_referrer(void *context, struct str reg, struct str id)
{
    struct touched *touched = context;

    touch(touched, model_register(touched->rules->model, reg), id);
    return 0;
}

#define TOUCHED_MAX 50000

/* What the revisions touched, all of it, and after that the records in whose words these stand. */
static int gather(struct index_writer *writer, const struct feed_item *items, size_t count, struct touched *touched,
                  struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        touch(touched, items[i].reg, items[i].id);
        if (items[i].other.len > 0) {
            touch(touched, items[i].reg, items[i].other);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (index_writer_referrers(writer, items[i].reg->name, items[i].id, touch_referrer, touched, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int write_touched(struct index_writer *writer, const struct rules *rules,
                         struct reader *readers[VISIBILITY_COUNT], const struct touched *touched, struct err *err)
{
    ARENA_AUTO arena;

    arena_init(&arena, RECORD_BYTES_MAX);
    for (size_t i = 0; i < touched->count; i++) {
        if (write_record(writer, rules, readers, touched->items[i].reg, touched->items[i].id, &arena, err) != 0) {
            return -1;
        }
        arena_reset(&arena);
    }
    return 0;
}

/* One stretch of the feed; *ret_more says whether there may be another. */
static int follow_stretch(struct index_writer *writer, struct store *store, const struct rules *rules, bool *ret_more,
                          bool *ret_whole, struct err *err)
{
    struct reader *readers[VISIBILITY_COUNT];
    struct feed_item *items = NULL;
    size_t count = 0;
    int64_t last_seq;
    ARENA_AUTO arena;
    struct touched touched = {.rules = rules, .arena = &arena, .capacity = TOUCHED_MAX};
    int result;

    arena_init(&arena, RECORD_BYTES_MAX);
    map_init(&touched.seen, &arena);
    touched.items = arena_alloc_array(&arena, TOUCHED_MAX, sizeof *touched.items);
    if (open_readers(store, readers, err) != 0) {
        return -1;
    }
    result =
        store_feed(readers[VISIBILITY_SECRETARIAT], index_writer_seq(writer), FEED_BATCH, &arena, &items, &count, err);
    /* What a reader of less does not see yet comes with the next stretch: else what it hides would be written as it was. */
    last_seq = oldest_seq(readers);
    while (result == 0 && count > 0 && items[count - 1].seq > last_seq) {
        count--;
    }
    if (result == 0 && count > 0) {
        result = index_writer_begin(writer, err);
        if (result == 0) {
            result = gather(writer, items, count, &touched, err) != 0 ||
                             write_touched(writer, rules, readers, &touched, err) != 0 ||
                             index_writer_commit(writer, items[count - 1].seq, err) != 0
                         ? -1
                         : 0;
            if (result != 0) {
                index_writer_rollback(writer);
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        *ret_whole = *ret_whole && items[i].kind != CHANGE_REDACT;
    }
    *ret_whole = *ret_whole && !touched.full;
    *ret_more = count == FEED_BATCH;
    release_readers(readers);
    return result;
}

int follow_feed(struct index_writer *writer, struct store *store, const struct rules *rules, bool *ret_whole,
                struct err *err)
{
    bool more = index_writer_seq(writer) < store_last_seq(store);

    *ret_whole = true;
    while (more) {
        if (follow_stretch(writer, store, rules, &more, ret_whole, err) != 0) {
            return -1;
        }
    }
    index_writer_rest(writer);
    return 0;
}

/* ---- the whole ---- */

struct building_all {
    struct index_writer *writer;
    const struct rules *rules;
    struct store *store;
    struct reader *readers[VISIBILITY_COUNT]; /* beside the one that walks; those that see more when first needed */
    const struct build_progress *progress;
    struct arena arena;
    int64_t done, all, in_batch, seq;
    struct err *err;
};

/* References are asked for at the lowest level. */
static bool is_open_record(struct building_all *building, const struct reg *reg, struct str id)
{
    struct bilingual label = {0};
    struct err err = {0};

    return id.len == 0 || reg == NULL ||
           (store_label(building->readers[VISIBILITY_PUBLIC], reg, id, &building->arena, &label, &err) == 0 &&
            bilingual_best(label, LANG_JA).len > 0);
}

/* Whether everybody sees the record as the secretariat does, told without reading it again. */
static bool is_open_field(struct building_all *building, const struct field *field, const struct value *value)
{
    struct str id;

    if (field->visibility != VISIBILITY_PUBLIC) {
        return false;
    }
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value_count(value); i++) {
            if (!is_open_field(building, field, value_at(value, i))) {
                return false;
            }
        }
        return true;
    }
    id = field->party && value->kind == VALUE_OBJECT ? value_get_text(value, STR("id")) : value_text_of(value);
    return is_open_record(building, field->reference, id);
}

/* Of a source everybody sees the record and each field that it speaks of. */
static bool is_open_source(struct building_all *building, const struct reg *reg, const struct value *source)
{
    const struct value *fields = value_get(source, STR("fields"));

    for (size_t i = 0; i < value_count(fields); i++) {
        const struct field *field = reg_field(reg, value_text_of(value_at(fields, i)));
        if (field != NULL && field->visibility != VISIBILITY_PUBLIC) {
            return false;
        }
    }
    return is_open_record(building, model_role(building->rules->model, ROLE_SOURCE),
                          value_get_text(source, STR("source")));
}

static bool is_open(struct building_all *building, const struct found *found)
{
    const struct value *sources = value_get(found->record, STR("sources"));

    if (!str_eq(value_get_text(found->record, STR("visibility")), visibility_names[VISIBILITY_PUBLIC]) ||
        !is_open_record(building, model_role(building->rules->model, ROLE_ORGANISATION),
                        value_get_text(found->record, STR("owner")))) {
        return false;
    }
    for (size_t i = 0; i < value_count(sources); i++) {
        if (!is_open_source(building, found->reg, value_at(sources, i))) {
            return false;
        }
    }
    for (size_t i = 0; i < found->reg->field_count; i++) {
        const struct value *value = value_get(found->record, found->reg->fields[i].name);
        if (value != NULL && !is_open_field(building, &found->reg->fields[i], value)) {
            return false;
        }
    }
    return true;
}

/* What is newer than the oldest state that was read comes from the feed again. */
static void see_from(struct building_all *building, const struct reader *reader)
{
    int64_t seq = reader_seq(reader);

    building->seq = seq < building->seq ? seq : building->seq;
}

/* A reader has a cache and statements of its own, so those that few records need are not opened before. */
static int open_level(struct building_all *building, int level)
{
    if (open_reader(building->store, (enum visibility)level, &building->readers[level], building->err) != 0) {
        return -1;
    }
    see_from(building, building->readers[level]);
    return 0;
}

static int open_others(struct building_all *building)
{
    for (int level = VISIBILITY_PUBLIC + 1; level < VISIBILITY_COUNT; level++) {
        if (building->readers[level] == NULL && open_level(building, level) != 0) {
            return -1;
        }
    }
    return 0;
}

static int each_record(void *context, const struct found *found)
{
    struct building_all *building = context;
    struct versions versions = {.count = 1, .found = {*found}, .level = {VISIBILITY_PUBLIC}};
    int result = 0;

    arena_reset(&building->arena);
    if (!is_open(building, found)) {
        result = open_others(building) != 0 ? -1
                                            : read_versions(building->readers, found->reg, record_id(found->record),
                                                            &building->arena, &versions, building->err);
    }
    if (result == 0) {
        result = add_versions(building->writer, building->rules, building->readers, &versions, &building->arena,
                              building->err);
    }
    building->done++;
    if (result == 0 && ++building->in_batch == BUILD_BATCH) {
        building->in_batch = 0;
        result = index_writer_commit(building->writer, 0, building->err) != 0 ||
                         index_writer_begin(building->writer, building->err) != 0
                     ? -1
                     : 0;
    }
    if (result == 0 && building->progress != NULL && building->done % 256 == 0) {
        building->progress->tell(building->progress->context, (double)building->done / (double)(building->all + 1));
        if (building->progress->stops(building->progress->context)) {
            result = err_set(building->err, ERR_BUSY, "the building of the search index was stopped");
        }
    }
    return result;
}

static int count_all(struct building_all *building, struct reader *reader, struct err *err)
{
    for (size_t i = 0; i < building->rules->model->register_count; i++) {
        const struct reg *reg = &building->rules->model->registers[i];
        int64_t count = 0;
        if (store_count(reader, reg, &count, err) != 0) {
            return -1;
        }
        building->all += rules_search_register(building->rules, reg) ? count : 0;
    }
    return 0;
}

/* What was read of one register is not kept for the next. */
static int each_register(struct building_all *building, struct reader *reader)
{
    int result = 0;

    for (size_t i = 0; i < building->rules->model->register_count && result == 0; i++) {
        const struct reg *reg = &building->rules->model->registers[i];
        if (rules_search_register(building->rules, reg)) {
            result = store_each(reader, reg, each_record, building, building->err);
        }
        for (int level = 0; level < VISIBILITY_COUNT; level++) {
            reader_shrink(building->readers[level]);
        }
        reader_shrink(reader);
    }
    return result;
}

/* The readers are closed, not given back: they have read everything, and few others ever will. */
static int walk(struct building_all *building, struct store *store, struct err *err)
{
    struct reader *reader = NULL;
    int result = 0;

    if (open_reader(store, VISIBILITY_SECRETARIAT, &reader, err) != 0) {
        return -1;
    }
    see_from(building, reader);
    result = count_all(building, reader, err) != 0 || index_writer_expect(building->writer, building->all, err) != 0 ||
                     open_level(building, VISIBILITY_PUBLIC) != 0 || each_register(building, reader) != 0
                 ? -1
                 : 0;
    for (int level = 0; level < VISIBILITY_COUNT; level++) {
        reader_close(building->readers[level]);
    }
    reader_close(reader);
    return result;
}

/* Everything is on the disk before the file gets its name. */
static int sync_file(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 ? -1 : fsync(fd);

    if (fd >= 0) {
        close(fd);
    }
    return result == 0 ? 0 : err_set(err, ERR_IO, "%s cannot be written to the disk", path);
}

int build_index(struct store *store, const struct rules *rules, struct str identity, const char *path,
                const struct build_progress *progress, struct err *err)
{
    struct building_all building = {.store = store, .rules = rules, .progress = progress, .seq = INT64_MAX, .err = err};
    bool whole;
    int result;

    unlink(path);
    if (index_writer_open(path, rules, identity, NULL, true, &building.writer, err) != 0) {
        return -1;
    }
    arena_init(&building.arena, RECORD_BYTES_MAX);
    result = index_writer_begin(building.writer, err) != 0 || walk(&building, store, err) != 0 ||
                     index_writer_settle(building.writer, err) != 0 ||
                     index_writer_commit(building.writer, building.seq, err) != 0 ||
                     follow_feed(building.writer, store, rules, &whole, err) != 0 ||
                     index_writer_finish(building.writer, err) != 0
                 ? -1
                 : 0;
    arena_free(&building.arena);
    index_writer_close(building.writer);
    if (result == 0) {
        result = sync_file(path, err);
    }
    if (result != 0) {
        unlink(path);
    }
    return result;
}
