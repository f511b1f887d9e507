#include "model/reader.h"

#include "base/buf.h"
#include "model/names.h"

static void problem_vat(const struct reader *reader, uint32_t line, uint32_t column, const char *format, va_list args)
{
    struct str message = arena_vformat(reader->arena, format, args);
    problems_add(reader->problems, "%.*s:%u:%u: %.*s", STR_ARG(reader->file), line > 0 ? line : 1,
                 column > 0 ? column : 1, STR_ARG(message));
}

void reader_problem(const struct reader *reader, const struct value *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    problem_vat(reader, at ? at->line : 1, at ? at->column : 1, format, args);
    va_end(args);
}

void reader_problem_at(const struct reader *reader, uint32_t line, uint32_t column, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    problem_vat(reader, line, column, format, args);
    va_end(args);
}

const struct value *key_place(const struct value *object, const char *key)
{
    const struct value *value = value_get(object, str_from_cstr(key));
    return value ? value : object;
}

static struct str key_name_at(const void *keys, size_t i)
{
    return ((const struct key *)keys)[i].name;
}

static struct str str_at(const void *items, size_t i)
{
    return ((const struct str *)items)[i];
}

/* All names, however many: a table of keys is short. */
static struct str all_listed(struct arena *arena, size_t count, struct str (*get)(const void *items, size_t i),
                             const void *items)
{
    struct str list = STR("");
    for (size_t i = 0; i < count; i++) {
        list = arena_concat(arena, 3, list, i > 0 ? STR(", ") : STR(""), get(items, i));
    }
    return list;
}

/* True when it is text with something in it. */
static bool text_is_there(const struct reader *reader, const struct value *value, struct str name)
{
    if (value->kind != VALUE_TEXT) {
        reader_problem(reader, value, "\"%.*s\" is %s, must be text", STR_ARG(name), value_kind_words(value->kind));
        return false;
    }
    if (str_trim(value->text).len == 0) {
        reader_problem(reader, value, "\"%.*s\" is empty, must be text that says something", STR_ARG(name));
        return false;
    }
    return true;
}

static void read_words(const struct reader *reader, const struct value *value, struct str name,
                       struct bilingual *ret_words)
{
    if (value->kind != VALUE_OBJECT) {
        reader_problem(reader, value, "\"%.*s\" is %s, must be {\"ja\": …, \"en\": …}", STR_ARG(name),
                       value_kind_words(value->kind));
        return;
    }
    for (size_t i = 0; i < value->object.count; i++) {
        const struct value_member *member = &value->object.members[i];
        enum lang lang;
        if (!lang_from_code(member->key, &lang)) {
            reader_problem_at(reader, member->line, member->column,
                              "\"%.*s\" has the unknown language %.*s, allowed are ja and en", STR_ARG(name),
                              STR_ARG(quoted(reader->arena, member->key)));
        } else if (text_is_there(reader, member->value, member->key)) {
            ret_words->in[lang] = member->value->text;
        }
    }
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        if (!value_get(value, lang_codes[lang])) {
            reader_problem(reader, value, "\"%.*s\" has no \"%.*s\", must have every language of ja and en",
                           STR_ARG(name), STR_ARG(lang_codes[lang]));
        }
    }
}

static bool texts_are_good(const struct reader *reader, const struct value *list, struct str name)
{
    bool good = true;
    for (size_t i = 0; i < list->list.count; i++) {
        const struct value *item = list->list.items[i];
        if (!text_is_there(reader, item, name)) {
            good = false;
            continue;
        }
        for (size_t j = 0; j < i && good; j++) {
            if (list->list.items[j]->kind == VALUE_TEXT && str_eq(list->list.items[j]->text, item->text)) {
                reader_problem(reader, item, "\"%.*s\" has %.*s twice, once is allowed", STR_ARG(name),
                               STR_ARG(quoted(reader->arena, item->text)));
                good = false;
            }
        }
    }
    return good;
}

static void read_integer(const struct reader *reader, const struct key *key, const struct value *value,
                         int64_t *ret_number)
{
    int64_t number;
    if (value->kind != VALUE_NUMBER || !decimal_to_int64(value->number, &number) || number < key->least ||
        number > key->most) {
        reader_problem(reader, value, "\"%.*s\" must be a whole number from %lld to %lld", STR_ARG(key->name),
                       (long long)key->least, (long long)key->most);
        return;
    }
    *ret_number = number;
}

static void read_choice(const struct reader *reader, const struct key *key, const struct value *value, int *ret_choice)
{
    if (!text_is_there(reader, value, key->name)) {
        return;
    }
    for (size_t i = 0; i < key->choice_count; i++) {
        if (str_eq(value->text, key->choices[i])) {
            *ret_choice = (int)i;
            return;
        }
    }
    reader_problem(reader, value, "\"%.*s\" is %.*s, allowed: %.*s", STR_ARG(key->name),
                   STR_ARG(quoted(reader->arena, value->text)),
                   STR_ARG(all_listed(reader->arena, key->choice_count, str_at, key->choices)));
}

static bool kind_is(const struct reader *reader, const struct key *key, const struct value *value, enum value_kind kind)
{
    if (value->kind != kind) {
        reader_problem(reader, value, "\"%.*s\" is %s, must be %s", STR_ARG(key->name), value_kind_words(value->kind),
                       value_kind_words(kind));
        return false;
    }
    if (kind == VALUE_LIST && value->list.count == 0) {
        reader_problem(reader, value, "\"%.*s\" is empty, must have at least one entry", STR_ARG(key->name));
        return false;
    }
    return true;
}

/* The value itself, of the kind it must have. */
static void read_whole(const struct reader *reader, const struct key *key, const struct value *value, void *place)
{
    static const enum value_kind kinds[] = {
        [KEY_NUMBER] = VALUE_NUMBER, [KEY_LIST] = VALUE_LIST, [KEY_OBJECT] = VALUE_OBJECT};
    if (key->kind == KEY_ANY || kind_is(reader, key, value, kinds[key->kind])) {
        *(const struct value **)place = value;
    }
}

static void read_key(const struct reader *reader, const struct key *key, const struct value *value, void *target)
{
    void *place = (char *)target + key->offset;
    switch (key->kind) {
    case KEY_TEXT:
        if (text_is_there(reader, value, key->name)) {
            *(struct str *)place = value->text;
        }
        return;
    case KEY_WORDS:
        read_words(reader, value, key->name, place);
        return;
    case KEY_BOOLEAN:
        if (kind_is(reader, key, value, VALUE_BOOL)) {
            *(bool *)place = value->boolean;
        }
        return;
    case KEY_INTEGER:
        read_integer(reader, key, value, place);
        return;
    case KEY_CHOICE:
        read_choice(reader, key, value, place);
        return;
    case KEY_TEXTS:
        if (kind_is(reader, key, value, VALUE_LIST) && texts_are_good(reader, value, key->name)) {
            *(const struct value **)place = value;
        }
        return;
    case KEY_ANY:
    case KEY_NUMBER:
    case KEY_LIST:
    case KEY_OBJECT:
        read_whole(reader, key, value, place);
        return;
    }
}

bool keys_read(const struct reader *reader, const struct value *object, const char *what, const struct key *keys,
               size_t count, void *target)
{
    if (object->kind != VALUE_OBJECT) {
        reader_problem(reader, object, "%s is %s, must be an object", what, value_kind_words(object->kind));
        return false;
    }
    for (size_t i = 0; i < object->object.count; i++) {
        const struct value_member *member = &object->object.members[i];
        size_t k = 0;
        while (k < count && !str_eq(keys[k].name, member->key)) {
            k++;
        }
        if (k == count) {
            reader_problem_at(reader, member->line, member->column, "unknown key %.*s, %s may have: %.*s",
                              STR_ARG(quoted(reader->arena, member->key)), what,
                              STR_ARG(all_listed(reader->arena, count, key_name_at, keys)));
            continue;
        }
        read_key(reader, &keys[k], member->value, target);
    }
    for (size_t k = 0; k < count; k++) {
        if (keys[k].required && !value_get(object, keys[k].name)) {
            reader_problem(reader, object, "%s has no \"%.*s\", it is required", what, STR_ARG(keys[k].name));
        }
    }
    return true;
}
