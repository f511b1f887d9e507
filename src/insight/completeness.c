#include "insight/completeness.h"

#include "base/map.h"
#include "insight/edition_gaps.h"
#include "model/record.h"

#include <stdlib.h>

#define SCRATCH_MAX ((size_t)64 << 20)

struct counting {
    struct completeness *completeness;
    struct arena *arena;
    struct translations *translations;
    struct err *err;
    const struct reg *reg;
    struct map by_owner; /* struct owner_texts */
    struct owner_texts *nobody;
    size_t capacity;
    wanted_each *each;
    void *context;
};

static struct owner_texts *add_owner(struct counting *counting, struct str owner)
{
    struct completeness *completeness = counting->completeness;
    struct owner_texts *texts = ARENA_NEW_ARRAY(counting->arena, 1, struct owner_texts);

    if (completeness->owner_count == counting->capacity) {
        size_t capacity = counting->capacity == 0 ? 64 : 2 * counting->capacity;
        struct owner_texts **owners = ARENA_NEW_ARRAY(counting->arena, capacity, struct owner_texts *);
        for (size_t i = 0; i < completeness->owner_count; i++) {
            owners[i] = completeness->owners[i];
        }
        completeness->owners = owners;
        counting->capacity = capacity;
    }
    *texts = (struct owner_texts){.owner = arena_copy(counting->arena, owner)};
    completeness->owners[completeness->owner_count++] = texts;
    return texts;
}

static struct owner_texts *owner_of(struct counting *counting, struct str owner)
{
    struct owner_texts *texts = owner.len == 0 ? counting->nobody : map_get(&counting->by_owner, owner);

    if (texts != NULL) {
        return texts;
    }
    texts = add_owner(counting, owner);
    if (owner.len == 0) {
        counting->nobody = texts;
    } else {
        map_set(&counting->by_owner, texts->owner, texts);
    }
    return texts;
}

/* The language that a text misses; LANG_COUNT: none. */
static enum lang missing_lang(const struct value *text)
{
    enum lang lang = LANG_JA;

    while (lang < LANG_COUNT && !text_lacks(text, lang)) {
        lang++;
    }
    return lang;
}

static void count_text(struct text_count *count, const struct wanted_text *text)
{
    count->texts++;
    if (text->missing != LANG_COUNT) {
        count->missing[text->missing]++;
        return;
    }
    count->both++;
    count->states[text->translation.state]++;
    count->stale += text->translation.stale;
}

/* Counts the field's text, and hands it on when it is wanted. */
static int take_text(struct counting *counting, struct wanted_text *wanted, const struct value *text)
{
    struct completeness *completeness = counting->completeness;

    wanted->missing = missing_lang(text);
    wanted->translation = (struct translation){.lang = LANG_COUNT};
    if (wanted->missing == LANG_COUNT && translation_of(counting->translations, wanted->reg, wanted->record,
                                                        wanted->field, &wanted->translation, counting->err) != 0) {
        return -1;
    }
    count_text(&completeness->all, wanted);
    count_text(&completeness->registers[counting->reg->position], wanted);
    count_text(&owner_of(counting, wanted->owner)->count, wanted);
    if (counting->each == NULL || (wanted->missing == LANG_COUNT && !wanted->translation.stale)) {
        return 0;
    }
    return counting->each(counting->context, wanted);
}

static int count_record(void *context, const struct found *found)
{
    struct counting *counting = context;
    struct wanted_text wanted = {.reg = counting->reg, .record = found->record};
    int result = 0;

    wanted.owner = value_get_text(found->record, STR("owner"));
    for (size_t i = 0; i < counting->reg->field_count && result == 0; i++) {
        const struct value *text;
        wanted.field = &counting->reg->fields[i];
        text = value_get(found->record, wanted.field->name);
        if (text == NULL || text->kind != VALUE_OBJECT || !wanted.field->bilingual ||
            wanted.field->translation == NEED_NONE || wanted.field->visibility != VISIBILITY_PUBLIC) {
            continue;
        }
        result = take_text(counting, &wanted, text);
    }
    return result;
}

static int compare_owners(const void *left, const void *right)
{
    const struct owner_texts *a = *(const struct owner_texts *const *)left;
    const struct owner_texts *b = *(const struct owner_texts *const *)right;
    int64_t a_misses = a->count.texts - a->count.both, b_misses = b->count.texts - b->count.both;

    if (a_misses != b_misses) {
        return a_misses > b_misses ? -1 : 1;
    }
    return str_cmp(a->owner, b->owner);
}

int completeness_read(const struct model *model, struct reader *reader, struct arena *arena, wanted_each *each,
                      void *context, struct completeness *ret_completeness, struct err *err)
{
    struct completeness completeness = {
        .registers = ARENA_NEW_ARRAY(arena, model->register_count, struct text_count),
    };
    struct counting counting = {
        .completeness = &completeness, .arena = arena, .err = err, .each = each, .context = context};
    ARENA_AUTO scratch;

    arena_init(&scratch, SCRATCH_MAX);
    if (translations_read(model, reader, arena, &scratch, &counting.translations, err) != 0) {
        return -1;
    }
    map_init(&counting.by_owner, arena);
    for (size_t i = 0; i < model->register_count; i++) {
        int result = 0;
        counting.reg = &model->registers[i];
        if (counting.reg->visibility == VISIBILITY_PUBLIC) {
            result = store_each(reader, counting.reg, count_record, &counting, err);
        }
        if (result != 0) {
            return result;
        }
    }
    if (completeness.owner_count > 1) {
        qsort(completeness.owners, completeness.owner_count, sizeof *completeness.owners, compare_owners);
    }
    *ret_completeness = completeness;
    return 0;
}

int text_count_percent(const struct text_count *count)
{
    return count->texts == 0 ? 100 : (int)(count->both * 100 / count->texts);
}
