/* Who takes part: bodies named, and bodies that belong to a group which is named. */
#include "model/record.h"
#include "plan/tree_internal.h"

#define MEMBER_UNITS_MAX 100

/* Whether a record has what a filter {field: value} says; a list has it when it contains it. */
static bool fits(const struct value *record, const struct value *filter)
{
    for (size_t i = 0; i < value_count(filter); i++) {
        const struct value_member *wanted = &filter->object.members[i];
        const struct value *own = value_get(record, wanted->key);
        bool found = str_eq(value_text_of(own), value_text_of(wanted->value));
        for (size_t k = 0; own && own->kind == VALUE_LIST && k < value_count(own); k++) {
            found = found || str_eq(value_text_of(value_at(own, k)), value_text_of(wanted->value));
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

/* Whether a body is a member of one of the units that are meant. */
static int is_member(struct reader *reader, const struct model *model, const struct value *body_part, struct str id,
                     struct arena *arena, bool *ret_member, struct err *err)
{
    const struct value *members = plan_part(body_part, "members");
    const struct reg *reg = model_register(model, value_get_text(members, STR("register")));
    const struct reg *units = model_register(model, value_get_text(body_part, STR("register")));
    const struct field *member = reg ? reg_field(reg, value_get_text(members, STR("member"))) : NULL;
    struct page page = {0};
    *ret_member = false;
    if (!member || !units) {
        return 0;
    }
    struct filter filter = {.field = member, .name = member->name, .value = id};
    struct list_query query = {.reg = reg, .filters = &filter, .filter_count = 1, .limit = MEMBER_UNITS_MAX};
    if (store_list(reader, &query, arena, &page, err)) {
        return -1;
    }
    for (size_t i = 0; i < page.count && !*ret_member; i++) {
        struct found unit;
        struct err none = {0};
        struct str in = value_text_of(plan_member(page.items[i].record, members, "in"));
        *ret_member =
            store_get(reader, units, in, arena, &unit, NULL, &none) == 0 && fits(unit.record, plan_part(members, "of"));
    }
    return 0;
}

int plan_body_read(struct reader *reader, const struct model *model, const struct value *layout,
                   const struct found *body, struct arena *arena, struct plan_body *ret_body, struct err *err)
{
    const struct value *part = plan_part(layout, "body");
    const struct value *groups = plan_part(part, "groups");
    struct plan_body made = {.id = record_id(body->record)};
    bool member = false;
    if (is_member(reader, model, part, made.id, arena, &member, err)) {
        return -1;
    }
    made.groups = ARENA_NEW_ARRAY(arena, value_count(groups), struct str);
    for (size_t i = 0; i < value_count(groups); i++) {
        const struct value_member *group = &groups->object.members[i];
        bool all = value_get_bool(group->value, STR("members"));
        if (all ? member : fits(body->record, group->value)) {
            made.groups[made.group_count++] = group->key;
        }
    }
    *ret_body = made;
    return 0;
}

static bool lists(const struct value *list, struct str id)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *one = value_at(list, i);
        /* A party is {"id"} or {"name"}. */
        struct str is = one->kind == VALUE_OBJECT ? value_get_text(one, STR("id")) : value_text_of(one);
        if (str_eq(is, id)) {
            return true;
        }
    }
    return false;
}

enum plan_share plan_body_share(const struct plan_body *body, const struct value *layout, const struct value *item)
{
    const struct value *part = plan_part(layout, "item");
    if (lists(plan_member(item, part, "bodies"), body->id)) {
        return PLAN_SHARE_NAMED;
    }
    for (size_t i = 0; i < body->group_count; i++) {
        if (lists(plan_member(item, part, "groups"), body->groups[i])) {
            return PLAN_SHARE_GROUP;
        }
    }
    return PLAN_SHARE_NONE;
}
