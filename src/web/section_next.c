/* Records by their day: what is to come first, the nearest day in front, then what has been, the latest in front. */
#include "model/record.h"
#include "store/notes.h"
#include "web/section.h"

#define NEXT_PAGE 100
#define NEXT_PAGES_MAX 10 /* of records that are to come */

static bool is_to_come(const struct found *found, const struct field *field, struct date today)
{
    struct date date;

    return date_parse(value_get_text(found->record, field->name), &date) && date_cmp(date_last_day(date), today) >= 0;
}

struct choosing {
    struct found *items; /* the nearest at the end, while they are gathered */
    size_t count, limit;
};

/* Those to come stand in the list from the farthest to the nearest: of more than are wanted the first ones are let go. */
static void push(struct choosing *choosing, const struct found *found)
{
    if (choosing->count == choosing->limit) {
        memmove(choosing->items, choosing->items + 1, (choosing->limit - 1) * sizeof *choosing->items);
        choosing->count--;
    }
    choosing->items[choosing->count++] = *found;
}

static void turn_round(struct choosing *choosing)
{
    for (size_t i = 0; i < choosing->count / 2; i++) {
        struct found kept = choosing->items[i];
        choosing->items[i] = choosing->items[choosing->count - 1 - i];
        choosing->items[choosing->count - 1 - i] = kept;
    }
}

/* Goes on through the pages of the list, latest day first, until there are enough of the past. */
static int gather(struct building *building, struct list_query *query, struct choosing *choosing, struct page *page,
                  struct err *err)
{
    struct date today = reader_today(building->reader, building->community.zone);
    bool past = false;

    for (int pages = 0; pages < NEXT_PAGES_MAX; pages++) {
        if (store_list(building->reader, query, building->arena, page, err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < page->count; i++) {
            const struct found *found = &page->items[i];
            if (!past && is_to_come(found, query->sort, today)) {
                push(choosing, found);
                continue;
            }
            if (!past) {
                past = true;
                turn_round(choosing);
            }
            if (choosing->count == choosing->limit) {
                return 0;
            }
            choosing->items[choosing->count++] = *found;
        }
        if (page->next.len == 0) {
            break;
        }
        query->cursor = page->next;
    }
    if (!past) {
        turn_round(choosing);
    }
    return 0;
}

int section_next(struct building *building, const struct value *part, size_t limit, struct page *ret_page,
                 struct err *err)
{
    struct list_query query = {
        .reg = layout_register(part, building->call->site->model), .limit = NEXT_PAGE, .descending = true};
    struct choosing choosing = {.limit = limit};

    *ret_page = (struct page){0};
    if (query.reg == NULL || limit == 0 || !section_filters(building, part, query.reg, &query)) {
        return 0;
    }
    query.sort = layout_field(part, STR("next"), query.reg);
    if (query.sort == NULL || query.sort->type != FIELD_DATE || !query.sort->sortable) {
        return 0;
    }
    choosing.items = ARENA_NEW_ARRAY(building->arena, limit, struct found);
    if (gather(building, &query, &choosing, ret_page, err) != 0) {
        return -1;
    }
    ret_page->items = choosing.items;
    ret_page->count = choosing.count;
    return 0;
}

bool section_is_to_come(struct building *building, const struct value *part, const struct found *found)
{
    const struct field *field = layout_field(part, STR("next"), found->reg);

    return field != NULL && is_to_come(found, field, reader_today(building->reader, building->community.zone));
}
