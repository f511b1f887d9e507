/* The model: registers, their fields, vocabularies; read from JSON files (docs/model.md), checked as a whole, never changed
 * afterwards, shared by all threads. Everything points into the model's own arena. */
#ifndef MUSUBI_MODEL_MODEL_H
#define MUSUBI_MODEL_MODEL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "base/value.h"

/* The languages in which people read. Each text has at most one form in each. */
enum lang { LANG_JA, LANG_EN, LANG_COUNT };
extern const struct str lang_codes[LANG_COUNT]; /* "ja", "en" */
bool lang_from_code(struct str code, enum lang *ret_lang);

struct bilingual {
    struct str in[LANG_COUNT]; /* empty where there is none */
};
/* The text in that language, else in the other one. */
struct str bilingual_best(struct bilingual text, enum lang lang);

enum visibility { VISIBILITY_PUBLIC, VISIBILITY_MEMBERS, VISIBILITY_SECRETARIAT, VISIBILITY_COUNT };
extern const struct str visibility_names[VISIBILITY_COUNT];
bool visibility_from_name(struct str name, enum visibility *ret_visibility);

enum field_type {
    FIELD_TEXT, /* string; bilingual or not; vocabulary code, reference or party when those are set */
    FIELD_INTEGER,
    FIELD_NUMBER,
    FIELD_FIGURE, /* "type": "number", "figure": true */
    FIELD_BOOLEAN,
    FIELD_DATE,     /* day, month or year precision */
    FIELD_DATETIME, /* a point in time, kept in UTC */
    FIELD_GEOPOINT,
    FIELD_LIST, /* of codes, references, parties or plain text */
};

/* How much it matters that there is one: of a text in the other language, of a source. */
enum need { NEED_REQUIRED, NEED_WANTED, NEED_NONE };

enum text_format { TEXT_PLAIN, TEXT_MARKDOWN, TEXT_URI, TEXT_EMAIL };
enum field_check { CHECK_NONE, CHECK_CORPORATE_NUMBER, CHECK_LOCAL_GOVERNMENT_CODE, CHECK_ORCID, CHECK_ROR };

struct term {
    struct str code;
    struct bilingual label;
    struct str *also;
    size_t also_count;
    struct str broader; /* code, or empty */
    bool retired;
    size_t position; /* in the vocabulary */
};

struct vocabulary {
    struct str name;
    struct bilingual title;
    struct bilingual description;
    struct term *terms;
    size_t term_count;
    struct map by_code;     /* struct term */
    struct map by_spelling; /* struct term: code, also, labels; NFKC and ASCII lower case */
};

struct reg;
struct measure; /* model/measure.h */

struct field {
    struct str name;
    struct bilingual title;
    struct bilingual description;
    struct bilingual notice; /* booleans: what people are told wherever a record is shown of which it is true */
    struct str group; /* code of the vocabulary `field-group`: where a record's page shows it; empty: nowhere special */
    enum field_type type;
    enum text_format format;
    enum field_check check;
    bool bilingual;
    bool party;
    bool facet;
    bool sortable;
    bool required;
    bool unique;
    bool personal;
    enum need translation; /* bilingual ones: else NEED_NONE */
    enum need sourced;
    const struct vocabulary *vocabulary; /* NULL: none */
    const struct reg *reference;         /* NULL: none */
    struct str unit;                     /* figures; empty: each names its own */
    struct str currency;                 /* figures: money in this currency when none is named; empty: no money */
    const struct field *reading;         /* NULL: none */
    enum visibility visibility;
    int search_weight;
    size_t min_length;
    size_t max_length; /* code points */
    size_t max_items;
    bool has_minimum, has_maximum;
    struct decimal minimum, maximum;
    struct str pattern;     /* empty: none; ICU regular expression, whole value */
    void *pattern_compiled; /* URegularExpression, cloned by each use */
    struct str *enumeration;
    size_t enumeration_count;
    struct str schema_property;
    struct str was;
    size_t position; /* in reg->fields */
    uint32_t line, column;
};

/* What the program itself does with a register: sources stand behind records, errata beside an edition. Which register plays a
 * role is data, its file says so; none may. What a role asks of its register's fields stands in role.c and docs/model.md. */
enum model_role {
    ROLE_ORGANISATION, /* owners of records */
    ROLE_SOURCE,
    ROLE_COMMUNITY, /* one record: whose site this is */
    ROLE_EXCHANGE_RATE,
    ROLE_KPI,
    ROLE_KPI_DEFINITION,
    ROLE_KPI_VALUE,
    ROLE_ERRATUM,
    ROLE_TRANSLATION,
    ROLE_TRANSLATION_COUNT,
    ROLE_ENQUIRY,
    ROLE_MAIL,
    ROLE_CLOSED_DAY,
    ROLE_COUNT,
};
extern const struct str role_names[ROLE_COUNT];

struct reg {
    struct str name;
    enum model_role role; /* ROLE_COUNT: none */
    struct bilingual title;
    struct bilingual singular;
    struct bilingual description;
    struct str group;
    struct str schema_type;
    struct str was;
    enum visibility visibility;
    struct field *fields;
    size_t field_count;
    const struct field **label;
    size_t label_count;
    const struct field *sort;
    const struct field **natural_key;
    size_t natural_key_count;
    const struct field **one_at_a_time;
    size_t one_at_a_time_count;
    struct map field_by_name;
    size_t position; /* in model->registers */
    struct str file; /* for messages */
};

struct model {
    struct arena arena;
    struct reg *registers; /* sorted by name */
    size_t register_count;
    struct vocabulary *vocabularies; /* sorted by name */
    size_t vocabulary_count;
    struct measure *measures; /* sorted by name */
    size_t measure_count;
    struct map register_by_name;
    const struct reg *roles[ROLE_COUNT]; /* NULL: no register plays it */
    struct map vocabulary_by_name;
    struct map measure_by_name;
    struct str
        canonical_json; /* registers and vocabularies in one canonical text, {"registers": {NAME: its file}, "vocabularies":
                                * {…}}: stored with its seq, compared for migration. Measures shape no table and are not in it */
};

/* One file of a model: path relative to the model's folder ("organisation.json", "vocabulary/sector.json",
 * "measure/company-sales.json"). */
struct model_file {
    struct str path;
    struct str content;
};

#define MODEL_PROBLEMS_MAX 100
/* Problems, each one line "FILE:LINE:COLUMN: what is wrong, what is allowed". */
struct problems {
    struct arena *arena;
    struct str *lines;
    size_t count;   /* kept, at most the maximum */
    size_t dropped; /* beyond it */
};
void problems_init(struct problems *problems, struct arena *arena);
void problems_add(struct problems *problems, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads and checks a whole model. On failure -1, with every problem found listed (up to the maximum) and *err saying how
 * many there are. The caller frees the result with model_free. */
int model_read(const struct model_file *files, size_t count, struct problems *problems, struct model **ret_model,
               struct err *err);
/* Reads *.json of a folder and of its vocabulary/ and measure/ folders. */
int model_read_folder(const char *folder, struct problems *problems, struct model **ret_model, struct err *err);
void model_free(struct model *model); /* NULL is fine */

const struct reg *model_register(const struct model *model, struct str name);          /* NULL: no such register */
const struct reg *model_role(const struct model *model, enum model_role role);         /* NULL: none plays it */
const struct vocabulary *model_vocabulary(const struct model *model, struct str name); /* NULL: no such one */
const struct field *reg_field(const struct reg *reg, struct str name);                 /* NULL: no such field */
const struct term *vocabulary_term(const struct vocabulary *vocabulary, struct str code);
/* By code, other spelling or label; full-width and ASCII case do not matter. NULL: none. */
const struct term *vocabulary_find(const struct vocabulary *vocabulary, struct str spelling);

/* True when the text is an id: [a-z0-9][a-z0-9.-]{0,79}. */
#define ID_MAX 80
bool id_is_valid(struct str id);

/* The check digits of formats.md's identifiers. */
bool check_corporate_number(struct str s);
bool check_local_government_code(struct str s);
bool check_orcid(struct str s); /* 0000-0002-1825-0097, without the https://orcid.org/ */
bool check_ror(
    struct str s); /* 0 and 8 characters of Crockford's base 32, the last two a checksum (ISO 7064 mod 97-10) */
bool field_check_passes(enum field_check check, struct str s);

#endif
