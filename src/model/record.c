/* A record as it is given becomes a record as it is stored, or a list of what is wrong with it. */
#include "model/record.h"

#include "base/date.h"
#include "base/message.h"
#include "model/names.h"
#include "model/record_check.h"

#include <assert.h>

enum common {
    COMMON_ID,
    COMMON_OWNER,
    COMMON_VISIBILITY,
    COMMON_FROM,
    COMMON_TO,
    COMMON_ATTESTED_ON,
    COMMON_SOURCES,
    COMMON_COUNT
};

static const struct str common_names[COMMON_COUNT] = {
    [COMMON_ID] = STR("id"),           [COMMON_OWNER] = STR("owner"), [COMMON_VISIBILITY] = STR("visibility"),
    [COMMON_FROM] = STR("from"),       [COMMON_TO] = STR("to"),       [COMMON_ATTESTED_ON] = STR("attested_on"),
    [COMMON_SOURCES] = STR("sources"),
};

/* ---- helpers for the other files of the check ---- */

static struct str place_text(const struct place *place, struct arena *arena)
{
    struct str before = place->in ? place_text(place->in, arena) : STR("");
    if (!place->name.ptr) {
        return arena_format(arena, "%.*s[%zu]", STR_ARG(before), place->index);
    }
    return arena_concat(arena, 3, before, before.len > 0 ? STR(".") : STR(""), place->name);
}

void check_problem(const struct check *check, const struct place *place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str message = arena_vformat(check->arena, message_text(format), args);
    va_end(args);
    record_problems_add(check->problems, place ? place_text(place, check->arena) : STR(""), "%.*s", STR_ARG(message));
}

bool value_is_empty(const struct value *value)
{
    if (!value) {
        return true;
    }
    switch (value->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_TEXT:
        return value->text.len == 0;
    case VALUE_LIST:
        return value->list.count == 0;
    case VALUE_OBJECT:
        return value->object.count == 0;
    default:
        return false;
    }
}

struct value *object_with_room(struct arena *arena, size_t capacity)
{
    struct value *object = value_object(arena);
    object->object.members = ARENA_NEW_ARRAY(arena, capacity, struct value_member);
    object->object.capacity = capacity;
    return object;
}

void object_add(struct value *object, struct str key, struct value *value)
{
    assert(object->object.count < object->object.capacity);
    struct value_member *member = &object->object.members[object->object.count++];
    member->key = key;
    member->value = value;
    object->object.marks |= value_key_mark(key);
}

static struct str name_at(const void *items, size_t i)
{
    return ((const struct str *)items)[i];
}

bool check_members(const struct check *check, const struct place *place, const struct value *object,
                   const struct str *names, size_t count)
{
    bool good = true;
    for (size_t i = 0; i < object->object.count; i++) {
        struct str key = object->object.members[i].key;
        size_t k = 0;
        while (k < count && !str_eq(names[k], key)) {
            k++;
        }
        if (k == count) {
            check_problem(check, place, "has the unknown member %.*s, allowed: %.*s",
                          STR_ARG(quoted(check->arena, key)), STR_ARG(listed(check->arena, count, name_at, names)));
            good = false;
        }
    }
    return good;
}

/* ---- what every record has ---- */

static struct value *check_visibility(const struct check *check, const struct place *place, const struct value *given)
{
    enum visibility visibility;
    if (!visibility_from_name(value_text_of(given), &visibility)) {
        check_problem(check, place, "must be public, members or secretariat");
        return NULL;
    }
    return value_text(check->arena, visibility_names[visibility]);
}

static struct value *check_common(const struct check *check, enum common common, const struct value *given,
                                  struct date *ret_date)
{
    struct place place = {.name = common_names[common]};
    struct str id;
    switch (common) {
    case COMMON_ID:
    case COMMON_OWNER:
        return check_reference(check, &place, given, &id) ? value_text(check->arena, id) : NULL;
    case COMMON_VISIBILITY:
        return check_visibility(check, &place, given);
    case COMMON_SOURCES:
        return check_sources(check, &place, given);
    default:
        return check_date(check, &place, given, ret_date);
    }
}

/* A record holds from `from` to `to`, and was attested within. */
static void check_times(const struct check *check, const struct date *dates)
{
    struct date from = dates[COMMON_FROM];
    struct date to = dates[COMMON_TO];
    struct date attested = dates[COMMON_ATTESTED_ON];
    struct place place = {.name = STR("to")};
    if (date_is_set(from) && date_is_set(to) && date_cmp(date_first_day(from), date_last_day(to)) > 0) {
        check_problem(check, &place, "is before \"from\", must not be earlier");
        return;
    }
    place.name = STR("attested_on");
    if (!date_is_set(attested)) {
        return;
    }
    if (date_is_set(from) && date_cmp(date_last_day(attested), date_first_day(from)) < 0) {
        check_problem(check, &place, "is before \"from\", must lie in the time in which the record holds");
    } else if (date_is_set(to) && date_cmp(date_first_day(attested), date_last_day(to)) > 0) {
        check_problem(check, &place, "is after \"to\", must lie in the time in which the record holds");
    }
}

/* ---- the whole ---- */

struct members {
    const struct value **fields; /* as given, by the field's position; NULL: not given */
    const struct value *common[COMMON_COUNT];
};

/* Puts each given member where it belongs. Members mostly come in the model's order, so the next field is tried first. */
static void members_sort(const struct check *check, const struct value *given, struct members *members)
{
    const struct reg *reg = check->reg;
    size_t next = 0;
    for (size_t i = 0; i < given->object.count; i++) {
        const struct value_member *member = &given->object.members[i];
        const struct field *field = NULL;
        if (next < reg->field_count && str_eq(reg->fields[next].name, member->key)) {
            field = &reg->fields[next];
        } else {
            field = reg_field(reg, member->key);
        }
        if (field) {
            members->fields[field->position] = member->value;
            next = field->position + 1;
            continue;
        }
        size_t common = 0;
        while (common < COMMON_COUNT && !str_eq(common_names[common], member->key)) {
            common++;
        }
        if (common < COMMON_COUNT) {
            members->common[common] = member->value;
            continue;
        }
        struct place place = {.name = member->key};
        check_problem(check, &place,
                      "is no field of the register %.*s, allowed are its fields and id, owner, "
                      "visibility, from, to, attested_on, sources",
                      STR_ARG(reg->name));
    }
}

static void fields_fill(const struct check *check, const struct members *members, struct value *record)
{
    for (size_t i = 0; i < check->reg->field_count; i++) {
        const struct field *field = &check->reg->fields[i];
        const struct value *given = members->fields[i];
        struct place place = {.name = field->name};
        size_t before = check->problems->count;
        struct value *value = value_is_empty(given) ? NULL : check_field(check, &place, field, given);
        if (value) {
            object_add(record, field->name, value);
        } else if (field->required && check->problems->count == before) {
            check_problem(check, &place, "is missing, it is required");
        }
    }
}

int record_from_value(const struct model *model, const struct reg *reg, const struct value *given, struct arena *arena,
                      struct record_problems *problems, struct value **ret_record)
{
    struct check check = {.model = model, .reg = reg, .arena = arena, .problems = problems};
    size_t before = problems->count;
    if (!given || given->kind != VALUE_OBJECT) {
        check_problem(&check, NULL, "a record is %s, must be an object",
                      value_kind_words(given ? given->kind : VALUE_NULL));
        return -1;
    }
    struct members members = {.fields = ARENA_NEW_ARRAY(arena, reg->field_count, const struct value *)};
    members_sort(&check, given, &members);
    struct value *record = object_with_room(arena, reg->field_count + COMMON_COUNT);
    struct value_member *first = record->object.members;
    struct date dates[COMMON_COUNT] = {0};
    object_add(record, common_names[COMMON_ID], NULL); /* filled in below */
    for (enum common common = COMMON_ID; common < COMMON_SOURCES; common++) {
        const struct value *member = members.common[common];
        struct value *value = value_is_empty(member) ? NULL : check_common(&check, common, member, &dates[common]);
        if (!value && common == COMMON_VISIBILITY) {
            value = value_text(arena, visibility_names[reg->visibility]);
        }
        if (common == COMMON_ID) {
            first->value = value;
        } else if (value) {
            object_add(record, common_names[common], value);
        }
    }
    check_times(&check, dates);
    fields_fill(&check, &members, record);
    if (!value_is_empty(members.common[COMMON_SOURCES])) {
        struct value *sources = check_common(&check, COMMON_SOURCES, members.common[COMMON_SOURCES], NULL);
        if (sources) {
            object_add(record, common_names[COMMON_SOURCES], sources);
        }
    }
    if (problems->count > before) {
        return -1;
    }
    if (!first->value) {
        /* Without its place for the id while one is made, and for good when none can be. */
        record->object.members++;
        record->object.count--;
        record->object.capacity--;
        struct str id = record_make_id(reg, record, arena);
        if (id.len > 0) {
            first->value = value_text(arena, id);
            record->object.members--;
            record->object.count++;
            record->object.capacity++;
        }
    }
    *ret_record = record;
    return 0;
}

int record_make(const struct model *model, const struct reg *reg, const struct value *given, struct arena *arena,
                struct value **ret_record, struct err *err)
{
    struct record_problems problems;
    record_problems_init(&problems, arena);
    if (record_from_value(model, reg, given, arena, &problems, ret_record) == 0) {
        return 0;
    }
    return err_set_field(err, ERR_INVALID, problems.items[0].field, "%.*s: %.*s", STR_ARG(problems.items[0].field),
                         STR_ARG(problems.items[0].message));
}
