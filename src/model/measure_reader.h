/* What the two files that read measures share. Not for use outside src/model. */
#ifndef MUSUBI_MODEL_MEASURE_READER_H
#define MUSUBI_MODEL_MEASURE_READER_H

#include "model/measure.h"
#include "model/reader.h"

/* A measure while it is read. */
struct measure_reading {
    const struct reader *reader;
    struct measure *measure;
};

/* "a.b.c" from a register: NULL with a problem when a step is no field, or not a single reference before the end. */
bool path_read(const struct measure_reading *reading, const struct value *at, struct str text, const struct reg *reg,
               struct field_path *ret_path);
/* Text or a list of texts, all of one type. */
bool choice_read(const struct measure_reading *reading, const struct value *value, const struct reg *reg,
                 struct field_choice *ret_choice);
/* A list of scalars that the field may have, or {"parameter": NAME}. */
bool values_read(const struct measure_reading *reading, const struct value *value, const struct field *field,
                 struct str **ret_values, size_t *ret_count, const struct measure_parameter **ret_parameter);
/* The conditions of a "where". */
void conditions_read(const struct measure_reading *reading, const struct value *list, const struct reg *reg, int depth,
                     struct condition **ret_conditions, size_t *ret_count);

#endif
