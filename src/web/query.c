#include "web/query.h"

#include <string.h>

struct query_job {
    const struct reg *reg;
    const struct query_rules *rules;
    struct arena *arena;
    struct query *query;
    struct problem *problem;
    bool seen_lang, seen_sort, seen_limit, seen_cursor, seen_on, seen_as_of;
};

static int refuse(struct query_job *job, enum problem_kind kind, const struct http_pair *pair, const char *rule)
{
    *job->problem = problem_of(kind);
    job->problem->field = pair->name;
    job->problem->value = pair->value;
    job->problem->rule = rule;
    return -1;
}

/* ---- what is allowed ---- */

bool query_can_filter(const struct field *field, enum visibility sees)
{
    if (field->visibility > sees || field->type == FIELD_GEOPOINT || field->type == FIELD_DATETIME) {
        return false;
    }
    if (field->type == FIELD_LIST) {
        return field->vocabulary != NULL || field->reference != NULL;
    }
    return field->format != TEXT_MARKDOWN;
}

bool query_can_sort(const struct field *field, enum visibility sees)
{
    return field->visibility <= sees && field->sortable;
}

static void allow(struct query_job *job, struct value *list, const char *name)
{
    value_append(job->arena, list, value_text(job->arena, str_from_cstr(name)));
}

/* Every parameter this address understands. */
static struct value *allowed_parameters(struct query_job *job)
{
    struct value *list = value_list(job->arena);
    unsigned parts = job->rules->parts;

    for (size_t i = 0; job->reg != NULL && (parts & QUERY_FILTERS) != 0 && i < job->reg->field_count; i++) {
        if (query_can_filter(&job->reg->fields[i], job->rules->sees)) {
            value_append(job->arena, list, value_text(job->arena, job->reg->fields[i].name));
        }
    }
    if ((parts & QUERY_FILTERS) != 0) {
        allow(job, list, "owner");
    }
    if ((parts & QUERY_SORT) != 0) {
        allow(job, list, "sort");
    }
    if ((parts & QUERY_PAGE) != 0) {
        allow(job, list, "limit");
        allow(job, list, "cursor");
    }
    if ((parts & QUERY_ON) != 0) {
        allow(job, list, "on");
    }
    if ((parts & QUERY_AS_OF) != 0) {
        allow(job, list, "as_of");
    }
    if ((parts & QUERY_LANG) != 0) {
        allow(job, list, "lang");
    }
    return list;
}

static struct value *allowed_sorts(struct query_job *job)
{
    struct value *list = value_list(job->arena);

    allow(job, list, "id");
    for (size_t i = 0; i < job->reg->field_count; i++) {
        if (query_can_sort(&job->reg->fields[i], job->rules->sees)) {
            value_append(job->arena, list, value_text(job->arena, job->reg->fields[i].name));
        }
    }
    return list;
}

static struct value *allowed_terms(struct query_job *job, const struct vocabulary *vocabulary)
{
    struct value *list = value_list(job->arena);

    for (size_t i = 0; i < vocabulary->term_count; i++) {
        value_append(job->arena, list, value_text(job->arena, vocabulary->terms[i].code));
    }
    return list;
}

/* ---- filters ---- */

static int check_text(struct query_job *job, const struct field *field, const struct http_pair *pair)
{
    if (field->vocabulary != NULL && vocabulary_term(field->vocabulary, pair->value) == NULL) {
        refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-term");
        job->problem->values = allowed_terms(job, field->vocabulary);
        return -1;
    }
    if (field->reference != NULL && !id_is_valid(pair->value)) {
        return refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-id");
    }
    return 0;
}

static int check_filter(struct query_job *job, const struct field *field, const struct http_pair *pair)
{
    struct date date;
    struct decimal number;
    int64_t integer;

    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_LIST:
        return check_text(job, field, pair);
    case FIELD_INTEGER:
        return str_to_int64(pair->value, &integer) ? 0 : refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-integer");
    case FIELD_NUMBER:
    case FIELD_FIGURE:
        return decimal_parse(pair->value, &number) ? 0 : refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-number");
    case FIELD_BOOLEAN:
        if (str_eq(pair->value, STR("true")) || str_eq(pair->value, STR("false"))) {
            return 0;
        }
        return refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-boolean");
    case FIELD_DATE:
    case FIELD_DATETIME:
    case FIELD_GEOPOINT:
        break;
    }
    return date_parse(pair->value, &date) ? 0 : refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-date");
}

static int read_filter(struct query_job *job, const struct http_pair *pair)
{
    const struct field *field = NULL;
    struct list_query *list = &job->query->list;
    bool owner = str_eq(pair->name, STR("owner"));

    if (job->reg != NULL && (job->rules->parts & QUERY_FILTERS) != 0 && !owner) {
        field = reg_field(job->reg, pair->name);
        if (field != NULL && !query_can_filter(field, job->rules->sees)) {
            field = NULL;
        }
    }
    if ((job->rules->parts & QUERY_FILTERS) == 0 || (field == NULL && !owner)) {
        if (job->rules->unknown_is_ignored) {
            return 0;
        }
        refuse(job, PROBLEM_UNKNOWN_PARAMETER, pair, NULL);
        job->problem->values = allowed_parameters(job);
        return -1;
    }
    if (list->filter_count == QUERY_FILTERS_MAX) {
        return refuse(job, PROBLEM_TOO_MANY_FILTERS, pair, NULL);
    }
    if (owner && !id_is_valid(pair->value)) {
        return refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-id");
    }
    if (field != NULL && check_filter(job, field, pair) != 0) {
        return -1;
    }
    job->query->filters[list->filter_count++] =
        (struct filter){.field = field, .name = pair->name, .value = pair->value};
    return 0;
}

/* ---- the others ---- */

static int read_sort(struct query_job *job, const struct http_pair *pair)
{
    struct str name = pair->value;
    struct list_query *list = &job->query->list;

    if (str_starts_with(name, STR("-"))) {
        list->descending = true;
        name = str_slice(name, 1, name.len);
    }
    list->by_id = str_eq(name, STR("id"));
    if (!list->by_id) {
        list->sort = reg_field(job->reg, name);
        if (list->sort == NULL || !query_can_sort(list->sort, job->rules->sees)) {
            refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-sort");
            job->problem->values = allowed_sorts(job);
            return -1;
        }
    }
    job->query->sort = pair->value;
    return 0;
}

static int read_limit(struct query_job *job, const struct http_pair *pair)
{
    int64_t limit = 0;

    if (!str_to_int64(pair->value, &limit) || limit < 1 || limit > (int64_t)job->rules->max_limit) {
        refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-range");
        job->problem->low = 1;
        job->problem->high = (int64_t)job->rules->max_limit;
        return -1;
    }
    job->query->list.limit = (size_t)limit;
    job->query->has_limit = true;
    job->query->limit = pair->value;
    return 0;
}

static int read_cursor(struct query_job *job, const struct http_pair *pair)
{
    job->query->list.cursor = pair->value;
    return 0;
}

static int read_on(struct query_job *job, const struct http_pair *pair)
{
    if (!date_parse(pair->value, &job->query->options.on)) {
        return refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-date");
    }
    job->query->on = pair->value;
    return 0;
}

/* The seq of "seq:812", of an edition's name or of "edition:" and its name; 0: none of them. */
static int64_t seq_of(const struct query_rules *rules, struct str text)
{
    int64_t seq = 0;

    if (str_take(&text, STR("seq:"))) {
        return str_to_int64(text, &seq) && seq >= 1 && seq <= rules->last_seq ? seq : 0;
    }
    (void)str_take(&text, STR("edition:"));
    for (const struct edition *edition = rules->editions; edition != NULL; edition = edition->older) {
        if (str_eq(edition->name, text)) {
            return edition->seq;
        }
    }
    return 0;
}

static int read_as_of(struct query_job *job, const struct http_pair *pair)
{
    int64_t seq = seq_of(job->rules, pair->value);

    if (seq == 0) {
        refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-as-of");
        job->problem->low = 1;
        job->problem->high = job->rules->last_seq;
        return -1;
    }
    job->query->options.as_of = seq;
    job->query->as_of = pair->value;
    return 0;
}

static int read_lang(struct query_job *job, const struct http_pair *pair)
{
    if (!lang_from_code(pair->value, &job->query->options.lang)) {
        refuse(job, PROBLEM_INVALID_VALUE, pair, "rule-term");
        job->problem->values = value_list(job->arena);
        for (size_t l = 0; l < LANG_COUNT; l++) {
            value_append(job->arena, (struct value *)job->problem->values, value_text(job->arena, lang_codes[l]));
        }
        return -1;
    }
    return 0;
}

/* Parameters that may stand once. */
struct parameter {
    const char *name;
    unsigned part;
    int (*read)(struct query_job *job, const struct http_pair *pair);
    size_t seen_offset;
};

static const struct parameter parameters[] = {
    {"sort", QUERY_SORT, read_sort, offsetof(struct query_job, seen_sort)},
    {"limit", QUERY_PAGE, read_limit, offsetof(struct query_job, seen_limit)},
    {"cursor", QUERY_PAGE, read_cursor, offsetof(struct query_job, seen_cursor)},
    {"on", QUERY_ON, read_on, offsetof(struct query_job, seen_on)},
    {"as_of", QUERY_AS_OF, read_as_of, offsetof(struct query_job, seen_as_of)},
    {"lang", QUERY_LANG, read_lang, offsetof(struct query_job, seen_lang)},
};

static int read_pair(struct query_job *job, const struct http_pair *pair)
{
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        const struct parameter *parameter = &parameters[i];
        bool *seen = (bool *)((char *)job + parameter->seen_offset);
        if ((parameter->part & job->rules->parts) == 0 || !str_eq(pair->name, str_from_cstr(parameter->name))) {
            continue;
        }
        if (*seen) {
            return refuse(job, PROBLEM_REPEATED_PARAMETER, pair, NULL);
        }
        *seen = true;
        return parameter->read(job, pair);
    }
    return read_filter(job, pair);
}

int query_read(const struct reg *reg, const struct http_pair *pairs, size_t count, const struct query_rules *rules,
               struct arena *arena, struct query *ret_query, struct problem *ret_problem)
{
    struct query *query = ARENA_NEW(arena, struct query);
    struct query_job job = {.reg = reg, .rules = rules, .arena = arena, .query = query, .problem = ret_problem};

    query->options.viewer.sees = rules->sees;
    query->options.lang = rules->lang;
    query->options.as_of = rules->as_of;
    query->list.reg = reg;
    query->list.limit = rules->default_limit;
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].value.len == 0 && rules->empty_is_absent) {
            continue;
        }
        if (pairs[i].value.len > QUERY_TEXT_MAX) {
            refuse(&job, PROBLEM_INVALID_VALUE, &pairs[i], "rule-length");
            ret_problem->high = QUERY_TEXT_MAX;
            return -1;
        }
        if (read_pair(&job, &pairs[i]) != 0) {
            return -1;
        }
    }
    *ret_query = *query;
    ret_query->list.filters = ret_query->filters;
    return 0;
}
