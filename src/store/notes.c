#include "store/notes.h"

#include "store/internal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- marks ---- */

static uint16_t mark_of(char kind, struct str register_name, struct str id)
{
    uint64_t hash = str_hash(id) * 0x9E3779B97F4A7C15u ^ str_hash(register_name) ^ (uint64_t)(unsigned char)kind << 56;
    hash *= 0x9E3779B97F4A7C15u;
    return (uint16_t)(hash >> 48);
}

static void add_mark(struct reader *reader, uint16_t mark)
{
    struct notes *notes = reader->notes;
    if (!notes || notes->everything)
        return;
    if (notes->count && notes->marks[notes->count - 1] == mark)
        return;
    if (notes->count == NOTES_MAX)
        notes_compact(notes);
    if (notes->count == NOTES_MAX)
        notes->everything = true;
    else
        notes->marks[notes->count++] = mark;
}

void note_record(struct reader *reader, const struct reg *reg, struct str id)
{
    if (reader->notes)
        add_mark(reader, mark_of('r', reg->name, id));
}

void note_register(struct reader *reader, const struct reg *reg)
{
    if (reader->notes)
        add_mark(reader, mark_of('l', reg->name, STR("")));
}

void note_referrers(struct reader *reader, const struct reg *reg, struct str id)
{
    if (reader->notes)
        add_mark(reader, mark_of('i', reg->name, id));
}

void note_everything(struct reader *reader)
{
    if (reader->notes)
        reader->notes->everything = true;
}

void notes_add(struct reader *reader, const uint16_t *marks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_mark(reader, marks[i]);
}

void reader_note(struct reader *reader, struct notes *notes)
{
    reader->notes = notes;
    if (!notes)
        return;
    notes->seq = reader->snapshot_seq;
    notes->day = (struct date){0};
    notes->zone = STR("");
    notes->everything = false;
    notes->count = 0;
}

struct date reader_today(struct reader *reader, struct str zone)
{
    struct date today = date_in_zone(time_now_ms(), zone);
    if (reader->notes) {
        reader->notes->day = today;
        reader->notes->zone = zone;
    }
    return today;
}

static int compare_marks(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

size_t notes_compact(struct notes *notes)
{
    qsort(notes->marks, notes->count, sizeof notes->marks[0], compare_marks);
    uint16_t kept = 0;
    for (uint16_t i = 0; i < notes->count; i++)
        if (kept == 0 || notes->marks[kept - 1] != notes->marks[i])
            notes->marks[kept++] = notes->marks[i];
    notes->count = kept;
    return offsetof(struct notes, marks) + kept * sizeof notes->marks[0];
}

/* ---- what commits touch ---- */

static void touch(struct change_set *changes, uint16_t mark)
{
    if (!changes->touched)
        changes->touched = ARENA_NEW_ARRAY(&changes->arena, TOUCHED_WORDS, uint64_t);
    unsigned word = mark / 64;
    changes->touched[word] |= UINT64_C(1) << mark % 64;
    changes->touched_words[word / 64] |= UINT64_C(1) << word % 64;
}

static int touch_reference(void *context, const struct reg *target, struct value *id_value, const struct field *field,
                           const char *where)
{
    (void)field;
    (void)where;
    touch(context, mark_of('i', target->name, id_value->text));
    return 0;
}

void touch_record(struct change_set *changes, const struct reg *reg, const struct value *record)
{
    touch(changes, mark_of('r', reg->name, value_get_text(record, STR("id"))));
    touch(changes, mark_of('l', reg->name, STR("")));
    references_each(changes->store->model, reg, (struct value *)record, touch_reference, changes);
}

void touched_publish(struct store *store, const uint64_t *touched, int64_t seq)
{
    for (unsigned word = 0; word < TOUCHED_WORDS; word++)
        for (uint64_t bits = touched[word]; bits; bits &= bits - 1)
            atomic_store_explicit(&store->touched[word * 64 + (unsigned)__builtin_ctzll(bits)], seq,
                                  memory_order_release);
}

bool notes_hold(const struct store *store, const struct notes *notes, _Atomic int64_t *checked_seq)
{
    if (date_is_set(notes->day) && date_cmp(notes->day, date_in_zone(time_now_ms(), notes->zone)) != 0)
        return false;
    int64_t newest = store_last_seq(store);
    if (atomic_load(checked_seq) >= newest)
        return true;
    if (notes->everything)
        return false;
    for (uint16_t i = 0; i < notes->count; i++)
        if (atomic_load_explicit(&((struct store *)store)->touched[notes->marks[i]], memory_order_acquire) > notes->seq)
            return false;
    atomic_store(checked_seq, newest);
    return true;
}
