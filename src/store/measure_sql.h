/* How a measure is said in SQL. Not for use outside src/store. */
#ifndef MUSUBI_STORE_MEASURE_SQL_H
#define MUSUBI_STORE_MEASURE_SQL_H

#include "store/measure.h"
#include "store/read.h"

/* One statement while it is written. Its relations, each with the columns before it and
 *
 *   src      one row a record that fulfils the conditions: id, e (contributor), y (year), v w (number: low, high), s (1 when
 *            the viewer sees it all), x (1 when estimated), d (split) or di ds (where its list is), p0 … (preferences), g (1
 *            when it is a whole group's)
 *   pick     with rn: 1 for the record that is taken of several in a year
 *   counted  those taken
 *   above    id, top: which contributor stands below which
 *   within   e, y: contributors that another counts in, in that year
 *   kept     what is left: what the measure adds up
 */
struct measure_sql {
    struct reader *reader;
    const struct measure_query *query;
    const struct measure *measure;
    const struct table *table;
    struct arena *arena;
    struct sql sql;
    struct shared_args args;
    enum year_axis axis;
    int stock_year; /* of a stock: the year asked for, 0 for none */
    bool limited;   /* the viewer does not see everything */
    bool closed;    /* a field that is needed is not the viewer's to see: nothing is open */
    int alias_count;
};

/* A register within a statement: its alias, what was joined to it on the way along references. */
#define SCOPE_JOINS_MAX 24
struct scope {
    struct measure_sql *writer;
    const struct table *table;
    struct str alias;
    struct str date; /* the day that `on_time` speaks of, an expression; empty: none */
    struct buf joins;
    struct str join_keys[SCOPE_JOINS_MAX];
    struct str join_aliases[SCOPE_JOINS_MAX];
    size_t join_count;
    struct buf seen; /* " AND …": when the viewer sees everything that was looked at */
};

int measure_sql_begin(struct measure_sql *writer, struct reader *reader, const struct measure_query *query,
                      struct arena *arena, struct err *err);
void measure_sql_free(struct measure_sql *writer);
#define MEASURE_SQL_AUTO __attribute__((cleanup(measure_sql_free))) struct measure_sql

/* Adds the parameters that say who looks, when they are first needed. */
void measure_viewer_args(struct measure_sql *writer);
/* Whether something of that register may be hidden from the viewer. */
bool measure_may_hide(const struct measure_sql *writer, const struct reg *reg);

/* The name of a table in the reader's state, as "FROM" takes it, without an alias. Notes the register. */
struct str measure_source(struct measure_sql *writer, const struct table *table);

void scope_begin(struct scope *scope, struct measure_sql *writer, const struct table *table, struct str date);
void scope_free(struct scope *scope);
#define SCOPE_AUTO __attribute__((cleanup(scope_free))) struct scope

/* The field as an expression; joins what it takes to reach it. Of a figure its low end. */
struct str scope_field(struct scope *scope, const struct field_choice *choice);
/* The alias on which the path's last field is a column. */
struct str scope_reach(struct scope *scope, const struct field_path *path, const struct table **ret_table);
/* " AND …" for each condition; what has to be visible goes to scope->seen. */
int scope_conditions(struct scope *scope, const struct condition *conditions, size_t count, struct buf *out,
                     struct err *err);
/* "$1,$2,…" of the values or of the parameter's. */
int measure_values(struct measure_sql *writer, const struct field *field, const struct str *values, size_t count,
                   const struct measure_parameter *parameter, struct str *ret_list, struct err *err);
/* The number of a text argument, the same for the same text. */
int measure_text_arg(struct measure_sql *writer, struct str text);

/* Writes "WITH …" up to `kept`; without `group` what another counts in stays. */
int measure_sql_kept(struct measure_sql *writer, struct err *err);
/* Behind that, the relation `part`: y, s, d when divided, and for each contributor (or record) v, w, x, n (numbers), r (records). */
void measure_write_parts(struct measure_sql *writer);
/* Of `part`, what measure_read_cells reads after the key. */
#define MEASURE_PART_COLUMNS                                                                                     \
    "sum(CASE WHEN \"n\">0 THEN 1 ELSE 0 END),sum(\"r\"),sum(\"v\"),sum(\"w\"),sum(abs(\"w\")),max(abs(\"w\"))," \
    "max(\"x\"),sum(\"r\"-\"n\")"
/* Each contributor is one, whatever its record says. */
bool measure_counts(const struct measure *measure);
/* ERR_INVALID when a parameter is not given. */
int measure_is_defined(const struct measure_query *query, struct err *err);
/* The year in which a record of the measure's register lies. */
struct str measure_year_of(const struct measure_sql *writer, const struct scope *scope);
/* The last day of the year that an expression names, on the writer's axis. */
struct str measure_year_end(struct measure_sql *writer, struct str year);

#endif
