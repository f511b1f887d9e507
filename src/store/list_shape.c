#include "store/list_shape.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define SHAPES_KEPT 16

struct list_statements {
    unsigned generation; /* of the connection */
    size_t next;         /* whose place is given away next */
    struct list_shape shapes[SHAPES_KEPT];
    struct stmt *stmts[SHAPES_KEPT];
};

static bool same_shape(const struct list_shape *a, const struct list_shape *b)
{
    for (size_t i = 0; i < a->filter_count && a->filter_count == b->filter_count; i++)
        if (a->filters[i] != b->filters[i])
            return false;
    return a->table == b->table && a->filter_count == b->filter_count && a->link == b->link &&
           a->link_filter == b->link_filter && a->sort_key == b->sort_key && a->phase == b->phase &&
           a->descending == b->descending && a->has_cursor == b->has_cursor && a->from_kept == b->from_kept;
}

static struct list_statements *statements_of(struct reader *reader)
{
    if (!reader->lists)
        reader->lists = memory_alloc(sizeof *reader->lists);
    else if (reader->lists->generation == db_generation(reader->db))
        return reader->lists;
    memset(reader->lists, 0, sizeof *reader->lists);
    reader->lists->generation = db_generation(reader->db);
    return reader->lists;
}

struct stmt **list_statement(struct reader *reader, const struct list_shape *shape)
{
    struct list_statements *lists = statements_of(reader);
    for (size_t i = 0; i < SHAPES_KEPT; i++)
        if (lists->stmts[i] && same_shape(&lists->shapes[i], shape))
            return &lists->stmts[i];
    size_t place = lists->next;
    lists->next = (place + 1) % SHAPES_KEPT;
    lists->shapes[place] = *shape;
    lists->stmts[place] = NULL;
    return &lists->stmts[place];
}
