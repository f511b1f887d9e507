/* Inside of model/: reading model files, and saying where they are wrong. */
#ifndef MUSUBI_MODEL_READER_H
#define MUSUBI_MODEL_READER_H

#include "model/model.h"

struct reader {
    struct model *model;
    struct arena *arena; /* the model's own */
    struct problems *problems;
    struct str file; /* as messages name it */
};

/* Adds "FILE:LINE:COLUMN: …", placed at a value of the file (NULL: its beginning). */
void reader_problem(const struct reader *reader, const struct value *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void reader_problem_at(const struct reader *reader, uint32_t line, uint32_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- the keys an object of a model file may have ---- */

enum key_kind {
    KEY_TEXT,    /* struct str: text that is not empty */
    KEY_WORDS,   /* struct bilingual: an object with text in every language */
    KEY_BOOLEAN, /* bool */
    KEY_INTEGER, /* int64_t, least … most */
    KEY_CHOICE,  /* int: which of `choices` */
    KEY_NUMBER,  /* const struct value * */
    KEY_TEXTS,   /* const struct value *: a list, not empty, of different texts that are not empty */
    KEY_LIST,    /* const struct value *: a list that is not empty */
    KEY_OBJECT,  /* const struct value * */
    KEY_ANY,     /* const struct value *: whatever it is; its reader looks */
};

struct key {
    struct str name;
    size_t offset; /* where in the target the value goes */
    enum key_kind kind;
    bool required;
    int64_t least, most;
    const struct str *choices;
    size_t choice_count;
};

/* Reads an object by its table of keys into *target. Unknown and missing keys and wrong types become problems; what is
 * wrong or absent leaves the target as it was. `what` names the object in messages ("a field"). False when the value is no
 * object at all. */
bool keys_read(const struct reader *reader, const struct value *object, const char *what, const struct key *keys,
               size_t count, void *target);
/* For messages about the key: its value, or the object when it is not there. */
const struct value *key_place(const struct value *object, const char *key);

/* ---- the parts ---- */

/* Finds which register plays the role that a register says it does, and checks that it has the fields the role asks for; every
 * register has been read. */
void role_enter(const struct reader *reader, const struct value *tree, struct reg *reg);
void role_check(const struct reader *reader, const struct value *tree, struct reg *reg);

/* Fill what is already named after its file and can be found in the model by that name. */
void vocabulary_read(const struct reader *reader, const struct value *tree, struct vocabulary *vocabulary);
void reg_read(const struct reader *reader, const struct value *tree, struct reg *reg);
/* Reads one field of a register. False when it is so wrong that it has no name or no type. */
bool field_read(const struct reader *reader, const struct value *tree, struct field *field);
/* Checks which of its options a field may have, together. */
void field_check_options(const struct reader *reader, const struct value *tree, const struct field *field, bool figure);
/* Checks what speaks of other fields: label, sort, keys, readings, columns. */
void reg_check(const struct reader *reader, const struct value *tree, struct reg *reg);

/* Fills what is already named after its file; every register has been read. The two passes let measures speak of each other:
 * the second one sets and checks that. */
void measure_read(const struct reader *reader, const struct value *tree, struct measure *measure);
void measure_relate(const struct reader *reader, const struct value *tree, struct measure *measure);

#define NEED_UNSAID ((enum need) - 1) /* until the register is known whole: see needs_settle */

#define REGISTERS_MAX 200
#define MEASURES_MAX 500
#define VOCABULARIES_MAX 500
#define FIELDS_MAX 120
#define TERMS_MAX 5000
#define TEXT_LENGTH_MAX 100000
#define LIST_ITEMS_MAX 1000

#endif
