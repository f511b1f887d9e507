#include "base/value.h"

#include "base/message.h"

#include <assert.h>
#include <string.h>

#define FIRST_CAPACITY 4

static struct value *make(struct arena *arena, enum value_kind kind)
{
    struct value *value = ARENA_NEW(arena, struct value);
    value->kind = kind;
    return value;
}

struct value *value_null(struct arena *arena)
{
    return make(arena, VALUE_NULL);
}

struct value *value_bool(struct arena *arena, bool boolean)
{
    struct value *value = make(arena, VALUE_BOOL);
    value->boolean = boolean;
    return value;
}

struct value *value_int(struct arena *arena, int64_t number)
{
    return value_number(arena, decimal_from_int64(number));
}

struct value *value_number(struct arena *arena, struct decimal number)
{
    struct value *value = make(arena, VALUE_NUMBER);
    value->number = number;
    return value;
}

struct value *value_text(struct arena *arena, struct str text)
{
    struct value *value = make(arena, VALUE_TEXT);
    value->text = text;
    return value;
}

struct value *value_list(struct arena *arena)
{
    return make(arena, VALUE_LIST);
}

struct value *value_object(struct arena *arena)
{
    return make(arena, VALUE_OBJECT);
}

/* Keys are mostly the model's own texts, so the same key is mostly the same bytes in the same place. */
static struct value_member *find_member(const struct value *object, struct str key)
{
    struct value_member *end = object->object.members + object->object.count;
    for (struct value_member *member = object->object.members; member < end; member++) {
        if (member->key.len == key.len &&
            (member->key.ptr == key.ptr || key.len == 0 ||
             (member->key.ptr[0] == key.ptr[0] && memcmp(member->key.ptr, key.ptr, key.len) == 0))) {
            return member;
        }
    }
    return NULL;
}

/* `items` with room for at least one more element of `size` bytes. What was there before stays behind in the arena. */
static void *with_room(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return items;
    }
    size_t larger = *capacity == 0 ? FIRST_CAPACITY : *capacity * 2;
    void *moved = arena_alloc_array(arena, larger, size);
    if (count > 0) {
        memcpy(moved, items, count * size);
    }
    *capacity = larger;
    return moved;
}

static void remove_member(struct value *object, struct value_member *member)
{
    struct value_member *end = object->object.members + object->object.count;
    memmove(member, member + 1, (size_t)(end - member - 1) * sizeof(*member));
    object->object.count--;
}

struct value_member *value_add_member(struct arena *arena, struct value *object, struct str key, struct value *value)
{
    assert(object->kind == VALUE_OBJECT && value);
    object->object.members = with_room(arena, object->object.members, object->object.count, &object->object.capacity,
                                       sizeof(struct value_member));
    struct value_member *member = &object->object.members[object->object.count++];
    *member = (struct value_member){.key = key, .value = value};
    object->object.marks |= value_key_mark(key);
    return member;
}

void value_set(struct arena *arena, struct value *object, struct str key, struct value *value)
{
    assert(object->kind == VALUE_OBJECT);
    bool may_be_there = (object->object.marks & value_key_mark(key)) != 0;
    struct value_member *member = may_be_there ? find_member(object, key) : NULL;
    if (member && value) {
        member->value = value;
    } else if (member) {
        remove_member(object, member);
    } else if (value) {
        value_add_member(arena, object, key, value);
    }
}

void value_append(struct arena *arena, struct value *list, struct value *value)
{
    assert(list->kind == VALUE_LIST && value);
    list->list.items =
        with_room(arena, list->list.items, list->list.count, &list->list.capacity, sizeof(struct value *));
    list->list.items[list->list.count++] = value;
}

const struct value *value_find(const struct value *object, struct str key)
{
    const struct value_member *member = find_member(object, key);
    return member ? member->value : NULL;
}

struct str value_text_of(const struct value *value)
{
    return value && value->kind == VALUE_TEXT ? value->text : STR("");
}

struct str value_get_text(const struct value *object, struct str key)
{
    return value_text_of(value_get(object, key));
}

bool value_get_bool(const struct value *object, struct str key)
{
    const struct value *value = value_get(object, key);
    return value && value->kind == VALUE_BOOL && value->boolean;
}

size_t value_count(const struct value *list_or_object)
{
    if (!list_or_object) {
        return 0;
    }
    switch (list_or_object->kind) {
    case VALUE_LIST:
        return list_or_object->list.count;
    case VALUE_OBJECT:
        return list_or_object->object.count;
    default:
        return 0;
    }
}

const struct value *value_at(const struct value *list, size_t index)
{
    return list && list->kind == VALUE_LIST && index < list->list.count ? list->list.items[index] : NULL;
}

static bool lists_equal(const struct value *a, const struct value *b)
{
    if (a->list.count != b->list.count) {
        return false;
    }
    for (size_t i = 0; i < a->list.count; i++) {
        if (!value_equal(a->list.items[i], b->list.items[i])) {
            return false;
        }
    }
    return true;
}

static bool objects_equal(const struct value *a, const struct value *b)
{
    if (a->object.count != b->object.count) {
        return false;
    }
    for (size_t i = 0; i < a->object.count; i++) {
        const struct value_member *member = &a->object.members[i];
        /* Mostly both have the same order; only when they differ is the key looked for. */
        const struct value_member *other = &b->object.members[i];
        const struct value *twin = str_eq(member->key, other->key) ? other->value : value_get(b, member->key);
        if (!twin || !value_equal(member->value, twin)) {
            return false;
        }
    }
    return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a == b) {
        return true;
    }
    if (!a || !b || a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_NUMBER:
        return decimal_cmp(a->number, b->number) == 0;
    case VALUE_TEXT:
        return str_eq(a->text, b->text);
    case VALUE_LIST:
        return lists_equal(a, b);
    case VALUE_OBJECT:
        return objects_equal(a, b);
    }
    return false;
}

static void copy_items(struct arena *arena, struct value *to, const struct value *from)
{
    size_t count = from->list.count;
    to->list.items = count > 0 ? ARENA_NEW_ARRAY(arena, count, struct value *) : NULL;
    to->list.count = count;
    to->list.capacity = count;
    for (size_t i = 0; i < count; i++) {
        to->list.items[i] = value_copy(arena, from->list.items[i]);
    }
}

static void copy_members(struct arena *arena, struct value *to, const struct value *from)
{
    size_t count = from->object.count;
    to->object.members = count > 0 ? ARENA_NEW_ARRAY(arena, count, struct value_member) : NULL;
    to->object.count = count;
    to->object.capacity = count;
    for (size_t i = 0; i < count; i++) {
        struct value_member *member = &to->object.members[i];
        *member = from->object.members[i];
        member->key = arena_copy(arena, member->key);
        member->value = value_copy(arena, member->value);
    }
}

struct value *value_copy(struct arena *arena, const struct value *value)
{
    if (!value) {
        return NULL;
    }
    struct value *copy = ARENA_NEW(arena, struct value);
    *copy = *value;
    if (value->kind == VALUE_TEXT) {
        copy->text = arena_copy(arena, value->text);
    } else if (value->kind == VALUE_LIST) {
        copy_items(arena, copy, value);
    } else if (value->kind == VALUE_OBJECT) {
        copy_members(arena, copy, value);
    }
    return copy;
}

const char *value_kind_words(enum value_kind kind)
{
    switch (kind) {
    case VALUE_NULL:
        return message_text("null");
    case VALUE_BOOL:
        return message_text("a boolean");
    case VALUE_NUMBER:
        return message_text("a number");
    case VALUE_TEXT:
        return message_text("text");
    case VALUE_LIST:
        return message_text("a list");
    case VALUE_OBJECT:
        return message_text("an object");
    }
    return message_text("unknown");
}
