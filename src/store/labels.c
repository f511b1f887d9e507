#include "store/labels.h"

#include "base/memory.h"
#include "store/read.h"

#include <stdlib.h>
#include <string.h>

#define JSON_MAX ((size_t)1 << 20)

void labels_free(struct labels *labels)
{
    for (size_t i = 0; labels && i < LABEL_PLACES; i++) {
        free(labels->places[i][0]);
        free(labels->places[i][1]);
    }
    free(labels);
}

/* Labels of the present alone are kept, and only while all commits that this reader sees have said what they touched. */
static bool may_keep(const struct reader *reader)
{
    return !reader->options.as_of && !reader->options.viewer.owner.len &&
           reader->snapshot_seq <= store_last_seq(reader->store);
}

static bool holds(const struct reader *reader, struct kept_label *label)
{
    if (label->seq == reader->snapshot_seq)
        return true;
    for (size_t i = 0; i < label->mark_count; i++)
        if (atomic_load_explicit(&reader->store->touched[label->marks[i]], memory_order_acquire) > label->seq)
            return false;
    label->seq = reader->snapshot_seq;
    return true;
}

static bool is_label_of(const struct kept_label *label, const struct reader *reader, const struct reg *reg,
                        struct str id)
{
    return label && label->reg == reg && label->sees == reader->options.viewer.sees && str_eq(label->id, id);
}

static struct kept_label **place_of(struct reader *reader, const struct reg *reg, struct str id)
{
    if (!reader->labels) {
        reader->labels = memory_alloc(sizeof *reader->labels);
        memset(reader->labels, 0, sizeof *reader->labels);
    }
    uint64_t hash = str_hash(id) + reg->position * UINT64_C(0x9E3779B97F4A7C15);
    return reader->labels->places[(hash ^ hash >> 29) % LABEL_PLACES];
}

static struct kept_label *find(struct reader *reader, struct kept_label **place, const struct reg *reg, struct str id)
{
    for (int i = 0; i < 2; i++) {
        struct kept_label *label = place[i];
        if (!is_label_of(label, reader, reg, id))
            continue;
        if (!holds(reader, label)) {
            free(label);
            place[i] = NULL;
            return NULL;
        }
        place[i] = place[0];
        place[0] = label;
        return label;
    }
    return NULL;
}

static void write_json(struct buf *json, struct str id, struct bilingual label)
{
    buf_add_literal(json, "{\"id\":");
    json_write_text(json, id);
    buf_add_literal(json, ",\"label\":{");
    bool begun = false;
    for (size_t l = 0; l < LANG_COUNT; l++) {
        if (label.in[l].len == 0)
            continue;
        if (begun)
            buf_add_byte(json, ',');
        json_write_text(json, lang_codes[l]);
        buf_add_byte(json, ':');
        json_write_text(json, label.in[l]);
        begun = true;
    }
    buf_add_literal(json, "}}");
}

static struct str pack(char **at, struct str text)
{
    struct str copy = str_make(*at, text.len);
    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copy;
}

/* One block of memory, from malloc when it is to be kept, else from the arena. */
static struct kept_label *make(struct reader *reader, const struct reg *reg, struct str id, struct bilingual label,
                               struct arena *arena)
{
    BUF_AUTO json;
    buf_init(&json, JSON_MAX);
    write_json(&json, id, label);
    size_t bytes = sizeof(struct kept_label) + id.len + json.len;
    for (size_t l = 0; l < LANG_COUNT; l++)
        bytes += label.in[l].len;
    struct kept_label *made = arena ? arena_alloc(arena, bytes) : memory_alloc(bytes);
    char *at = (char *)(made + 1);
    *made = (struct kept_label){.reg = reg, .sees = reader->options.viewer.sees, .seq = reader->snapshot_seq};
    made->id = pack(&at, id);
    made->json = pack(&at, buf_str(&json));
    for (size_t l = 0; l < LANG_COUNT; l++)
        made->label.in[l] = pack(&at, label.in[l]);
    return made;
}

/* Reads it, and what it was made of. */
static int read_label(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
                      struct bilingual *ret_label, struct notes *made_of, struct err *err)
{
    struct notes *notes = reader->notes;
    made_of->everything = false;
    made_of->count = 0;
    reader->notes = made_of;
    int result = label_read(reader, reg, id, arena, ret_label, err);
    reader->notes = notes;
    notes_add(reader, made_of->marks, made_of->count);
    if (made_of->everything)
        note_everything(reader);
    return result;
}

int label_kept(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
               const struct kept_label **ret_label, struct err *err)
{
    struct kept_label **place = may_keep(reader) ? place_of(reader, reg, id) : NULL;
    struct kept_label *label = place ? find(reader, place, reg, id) : NULL;
    struct bilingual text;
    struct notes made_of;
    if (label) {
        notes_add(reader, label->marks, label->mark_count);
        *ret_label = label;
        return 0;
    }
    if (read_label(reader, reg, id, arena, &text, &made_of, err))
        return -1;
    bool keep = place && !made_of.everything && made_of.count <= LABEL_MARKS_MAX;
    label = make(reader, reg, id, text, keep ? NULL : arena);
    if (keep) {
        label->mark_count = made_of.count;
        memcpy(label->marks, made_of.marks, made_of.count * sizeof made_of.marks[0]);
        free(place[1]);
        place[1] = place[0];
        place[0] = label;
    }
    *ret_label = label;
    return 0;
}

int store_label(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
                struct bilingual *ret_label, struct err *err)
{
    const struct kept_label *kept;
    if (label_kept(reader, reg, id, arena, &kept, err))
        return -1;
    for (size_t l = 0; l < LANG_COUNT; l++)
        ret_label->in[l] = arena_copy(arena, kept->label.in[l]);
    return 0;
}
