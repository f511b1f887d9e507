/* Records as trees of values: what is given, and the canonical form in which the store keeps it.
 *
 * A record is an object with its register's fields and the members every record has. In canonical form
 *   - members come in the order id, owner, visibility, from, to, attested_on, fields in the model's order, sources;
 *   - what is empty is absent (an empty text, list, object, null), but visibility is always there (else the register's);
 *   - text is NFC without white space at its ends, code and reference are plain text, a party is {"id"} or {"name": {…}};
 *   - a figure has "value", or "low" and "high"; "qualifier" only when not exact; "estimated" only when true; "unit" or
 *     "currency" always, "period" and "precision" where known;
 *   - a geopoint is {"lat", "lon", "approximate" when true};
 *   - sources is a list of {"fields" (list, absent for all), "source", "locator", "basis", "confidence"}.
 * Two records are the same exactly when their canonical JSON is the same. */
#ifndef MUSUBI_MODEL_RECORD_H
#define MUSUBI_MODEL_RECORD_H

#include "model/model.h"

/* ---- what is wrong with a record ---- */

struct record_problem {
    struct str field;   /* "name.ja", "sources[0].source", "amount.unit": where in the record */
    struct str message; /* what is wrong, and what is allowed */
};

struct record_problems {
    struct arena *arena;
    struct record_problem *items; /* grows */
    size_t count;
    size_t capacity;
};
void record_problems_init(struct record_problems *problems, struct arena *arena);
void record_problems_add(struct record_problems *problems, struct str field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- from JSON-like values ---- */

/* Checks `given` (as in docs/model.md's "in the API" column; {"id","label"} is taken for a reference, the label ignored) against the
 * register and returns its canonical form. Unknown members are problems. The id may be missing: then it is made from the
 * natural key, else from the label, else it is left out (the store completes or refuses it). Whether references point at
 * something is the store's to know. Returns 0, or -1 with at least one problem. */
int record_from_value(const struct model *model, const struct reg *reg, const struct value *given, struct arena *arena,
                      struct record_problems *problems, struct value **ret_record);
/* The same for a record that a program makes: the first problem is the error, ERR_INVALID "FIELD: what is wrong". */
int record_make(const struct model *model, const struct reg *reg, const struct value *given, struct arena *arena,
                struct value **ret_record, struct err *err);

/* The id a record without one gets: natural key, else the label's slug (English first); empty when neither gives one. What a
 * slug of the key does not show (text beyond ASCII, or too long) is told apart by ten hexadecimal digits of its digest. */
struct str record_make_id(const struct reg *reg, const struct value *record, struct arena *arena);

/* ---- from the cells of a table ---- */

/* Which part of which field a column fills. */
enum column_part {
    COLUMN_WHOLE,
    COLUMN_LANG_JA,
    COLUMN_LANG_EN,
    COLUMN_LAT,
    COLUMN_LON,
    COLUMN_APPROXIMATE,
    COLUMN_LOW,
    COLUMN_HIGH,
    COLUMN_QUALIFIER,
    COLUMN_ESTIMATED,
    COLUMN_UNIT,
    COLUMN_CURRENCY,
    COLUMN_PERIOD,
    COLUMN_PRECISION,
    COLUMN_ID,
    COLUMN_OWNER,
    COLUMN_VISIBILITY,
    COLUMN_FROM,
    COLUMN_TO,
    COLUMN_ATTESTED_ON,
    COLUMN_SOURCES,
    COLUMN_IGNORED,
};

struct column {
    struct str name;
    const struct field *field; /* NULL for what every record has and for ignored columns */
    enum column_part part;
};

/* False when the register has no such column. */
bool column_from_name(const struct reg *reg, struct str name, struct column *ret_column);
/* Every column a register can have, in the order of export. */
size_t columns_of(const struct reg *reg, struct arena *arena, struct column **ret_columns);

/* Reads one row: cells[i] belongs to columns[i]. Makes the value tree record_from_value takes; what a cell says that
 * cannot be read is a problem whose `field` is the column's name. Texts are copied: the cells need not live longer. */
int record_from_cells(const struct model *model, const struct reg *reg, const struct column *columns,
                      const struct str *cells, size_t count, struct arena *arena, struct record_problems *problems,
                      struct value **ret_given);
/* The column that a problem of record_from_value is about ("name.en" → the column name_en); false when no column given fills it. */
bool column_of_problem(const struct column *columns, size_t count, struct str problem_field, size_t *ret_index);
/* The text of one column of a canonical record, as record_from_cells reads it back; empty when there is nothing. */
struct str record_cell(const struct reg *reg, const struct value *record, const struct column *column,
                       struct arena *arena);

/* A figure as people write it: "1,700億円", "20～30億円", "約3980万人", "35.6%", "△5百万円", "103兆円", "5 billion yen". Unit words
 * come from the vocabulary `unit` (also spellings); fills value or low/high, qualifier, unit or currency, precision. On
 * failure err->message says what is wrong and what is allowed. */
int figure_from_text(const struct model *model, const struct field *field, struct str text, struct arena *arena,
                     struct value **ret_figure, struct err *err);

/* ---- reading canonical records ---- */

struct bilingual value_bilingual(const struct value *value); /* {"ja","en"} or plain text (both) */
/* What a record is called: the first label field that is not empty (codes by their words, dates and numbers as text, a reference
 * by its id, a party by its id or name); the record's id when all are. */
struct bilingual record_label(const struct model *model, const struct reg *reg, const struct value *record,
                              struct arena *arena);
struct str record_id(const struct value *record);

/* ---- descriptions for the outside ---- */

/* The Table Schema of a register's CSV (fields, primaryKey, foreignKeys where the reference is no party). */
struct value *reg_table_schema(const struct model *model, const struct reg *reg, struct arena *arena);

#endif
