/* Inside of model/: checking one record's values and putting them in canonical form. */
#ifndef MUSUBI_MODEL_RECORD_CHECK_H
#define MUSUBI_MODEL_RECORD_CHECK_H

#include "base/date.h"
#include "model/record.h"

struct check {
    const struct model *model;
    const struct reg *reg;
    struct arena *arena;
    struct record_problems *problems;
};

/* Where in a record something stands; written out as "sources[0].source" only when there is a problem to report. */
struct place {
    const struct place *in; /* NULL: the record itself */
    struct str name;        /* member; no pointer: an entry of a list */
    size_t index;
};

void check_problem(const struct check *check, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* null, empty text, list or object: the same as not given. */
bool value_is_empty(const struct value *value);

/* Objects whose members are known to be few and different: nothing is searched while they grow. */
struct value *object_with_room(struct arena *arena, size_t capacity);
void object_add(struct value *object, struct str key, struct value *value);

/* Each returns the canonical value, or NULL when there is nothing or (a problem is added then) when it is wrong. */
struct value *check_field(const struct check *check, const struct place *place, const struct field *field,
                          const struct value *given);
/* Without white space at its ends, U+3000 included. The text must be UTF-8. */
struct str text_trimmed(struct str s);
/* Text that is NFC, trimmed, without control characters, with \n for line ends, of at most max_length code points. NULL
 * when wrong or empty. ret_length may be NULL. */
bool check_plain_text(const struct check *check, const struct place *place, const struct value *given,
                      size_t max_length, struct str *ret_text, size_t *ret_length);
struct value *check_figure(const struct check *check, const struct place *place, const struct field *field,
                           const struct value *given);
/* Within the field's minimum and maximum. */
bool check_within(const struct check *check, const struct place *place, const struct field *field,
                  struct decimal number);
struct value *check_date(const struct check *check, const struct place *place, const struct value *given,
                         struct date *ret_date);
struct value *check_boolean(const struct check *check, const struct place *place, const struct value *given);
/* An id, given as text or as {"id", "label"}. */
bool check_reference(const struct check *check, const struct place *place, const struct value *given,
                     struct str *ret_id);
/* {"ja", "en"}; field NULL: plain text of at most max_length. */
struct value *check_bilingual(const struct check *check, const struct place *place, const struct field *field,
                              size_t max_length, const struct value *given);
struct value *check_sources(const struct check *check, const struct place *place, const struct value *given);
/* False, with a problem for each, when an object has members that are not in `names`. */
bool check_members(const struct check *check, const struct place *place, const struct value *object,
                   const struct str *names, size_t count);

#define SOURCES_MAX 50
#define LOCATOR_LENGTH_MAX 500
#define BASIS_LENGTH_MAX 1000

#endif
