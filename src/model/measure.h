/* Measures: declared aggregates over a register, one file each, model/measure/NAME.json (docs/measures.md). KPIs, hub
 * indicators and tables on pages are made of them; src/store/measure.h computes them. A measure knows no community: what
 * differs between communities, or between versions of a definition (which associations, which prefectures, what counts as
 * large), is a parameter, given by whoever asks.
 *
 * Everything here is read and checked with the model, never changes afterwards, and points into the model's arena. */
#ifndef MUSUBI_MODEL_MEASURE_H
#define MUSUBI_MODEL_MEASURE_H

#include "model/model.h"

enum measure_kind {
    MEASURE_SUM,            /* of a number, an integer or a figure */
    MEASURE_COUNT,          /* of records */
    MEASURE_COUNT_DISTINCT, /* of the values of a field: codes, references, text */
    MEASURE_LAST,           /* the value of the newest record of each year */
    MEASURE_RATIO,          /* of two other measures, times a factor */
};

/* To which year a record belongs, by its date (first_month: the month in which a fiscal year begins, 4 when not said). */
enum year_axis {
    AXIS_DECLARED,      /* in a query: as the measure says */
    AXIS_CALENDAR_YEAR, /* the date's own year */
    AXIS_FISCAL_YEAR, /* from first_month on; named after the year in which it begins. A date that is known to the year
                         * alone lies in no fiscal year: such records are counted apart, as undated */
    AXIS_OWN_YEAR, /* a company's own fiscal year, by the year in which it ends: the date's own year, where the date is
                         * an end of period */
    AXIS_STOCK,    /* no date: what holds on the last day of each year asked for */
};
extern const struct str year_axis_names[]; /* "", "calendar-year", "fiscal-year", "own-fiscal-year", "stock" */
#define YEAR_AXIS_COUNT 5

#define PATH_STEPS_MAX 4
#define PATH_CHOICES_MAX 3
/* A field reached from the measured record through single references: company.parent.prefecture. */
struct field_path {
    const struct field *steps[PATH_STEPS_MAX]; /* all but the last are references */
    size_t count;
};
/* The first of several fields that has something: ["head_office", "company.prefecture"]. */
struct field_choice {
    struct field_path paths[PATH_CHOICES_MAX];
    size_t count;
    const struct field *field; /* the last step of the first: all are of one type */
};

struct measure_parameter {
    struct str name;
    struct bilingual title;
    const struct vocabulary *vocabulary; /* its values are codes */
    const struct reg *reference;         /* … or ids */
    bool number;                         /* … or one number */
};

enum condition_kind {
    CONDITION_IN,     /* one of the values; on a list: contains one of them */
    CONDITION_NOT_IN, /* none of the values; also when there is nothing */
    CONDITION_AT_LEAST,
    CONDITION_AT_MOST,
    CONDITION_PRESENT,
    CONDITION_ABSENT,
    CONDITION_ANY, /* at least one of the conditions in it */
    CONDITION_EXISTS, /* there is a record of `reg` whose field `by` names the record at `of`, for which the conditions in it
                       * hold; with on_time, valid on the measured record's date */
};

struct condition {
    enum condition_kind kind;
    struct field_choice field;
    struct str *values; /* codes, ids, numbers, "true"/"false" as text */
    size_t value_count;
    const struct measure_parameter *parameter; /* instead of the values; NULL: none */
    struct condition *inner;                   /* ANY, EXISTS */
    size_t inner_count;
    const struct reg *reg; /* EXISTS */
    const struct field *by;
    struct field_path of; /* count 0: the measured record itself */
    bool on_time;
};

/* A way to divide a measure. */
struct measure_split {
    struct str name;
    struct bilingual title;
    struct field_choice field;
    bool grouped; /* two parts: "inside" when the value is one of these, "outside" when it is another */
    struct str *values;
    size_t value_count;
    const struct measure_parameter *parameter;
    struct bilingual inside, outside;
};

/* Of several records of one contributor in one year, the one to take: the first by these orders. */
enum preference_kind { PREFER_HIGHEST, PREFER_LOWEST, PREFER_NEAREST };
struct preference {
    const struct field *field;
    enum preference_kind kind;
    int64_t nearest_to; /* also what a missing number is taken for */
};

#define MEASURE_PREFERENCES_MAX 6
#define MEASURE_CONDITIONS_MAX 24
#define MEASURE_SPLITS_MAX 12
#define MEASURE_PARAMETERS_MAX 8
#define MEASURE_VALUES_MAX 40

struct measure {
    struct str name;
    struct bilingual title;
    struct bilingual description; /* the formula in words */
    enum measure_kind kind;
    const struct reg *reg;     /* NULL for a ratio */
    const struct field *field; /* SUM, LAST, COUNT_DISTINCT */
    struct str unit;           /* code, or empty */
    struct str currency;       /* money is converted into it by a dated rate; empty: no money */
    enum year_axis axis;
    const struct field *time; /* date or integer; NULL for a stock and for a ratio */
    int first_month;
    struct field_path
        contributor; /* whose figure a record is, for coverage and for confidentiality; count 0: its own */
    struct preference preferences[MEASURE_PREFERENCES_MAX];
    size_t preference_count; /* 0: every record counts */
    /* One group once: a contributor is left out in a year in which another that stands above it (by `group_parent`, however
     * far) counts with a record whose `group_whole` is true. NULL: no groups. */
    const struct field *group_parent;
    const struct field *group_whole;
    const struct measure *population; /* a stock that counts distinct contributors expected to report; NULL: none */
    struct measure_parameter parameters[MEASURE_PARAMETERS_MAX];
    size_t parameter_count;
    struct condition *conditions; /* all must hold */
    size_t condition_count;
    struct measure_split splits[MEASURE_SPLITS_MAX];
    size_t split_count;
    const struct measure *over, *under; /* a ratio's two */
    int64_t factor;                     /* a ratio is multiplied by it: 100 for per cent */
    size_t position;                    /* in model->measures */
};

const struct measure *model_measure(const struct model *model, struct str name); /* NULL: no such one */
const struct measure_split *measure_split(const struct measure *measure, struct str name);
const struct measure_parameter *measure_parameter(const struct measure *measure, struct str name);

#endif
