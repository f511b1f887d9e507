#include "search/document.h"

#include "base/buf.h"
#include "base/date.h"
#include "model/record.h"

#define COLUMN_BYTES_MAX ((size_t)1 << 20)
#define KEY_WEIGHT 5
#define FRESH_YEARS 10

struct making {
    const struct rules *rules;
    struct reader *reader;
    struct arena *arena;
    const struct reg *reg;
    const struct value *record;
    struct document *document;
    struct buf columns[COLUMN_COUNT];
    bool in_language[LANG_COUNT];
    size_t filled, fields;
    struct err *err;
};

static void add_text(struct making *making, enum document_column column, struct str text)
{
    struct buf *buf = &making->columns[column];

    if (text.len > 0) {
        if (buf->len > 0) {
            buf_add_byte(buf, '\n');
        }
        buf_add(buf, text);
    }
}

static void add_bilingual(struct making *making, enum document_column column, struct bilingual text)
{
    for (size_t l = 0; l < LANG_COUNT; l++) {
        if (l == 0 || !str_eq(text.in[l], text.in[0])) {
            add_text(making, column, text.in[l]);
        }
    }
}

/* ---- facets ---- */

static void add_facet(struct making *making, int facet, struct str value)
{
    struct document *document = making->document;

    for (size_t i = 0; i < document->facet_count; i++) {
        if (document->facets[i].facet == facet && str_eq(document->facets[i].value, value)) {
            return;
        }
    }
    if (document->facet_count < DOCUMENT_FACETS_MAX && value.len > 0) {
        document->facets[document->facet_count].facet = facet;
        document->facets[document->facet_count++].value = value;
    }
}

static void add_facets_of(struct making *making, const struct field *field, struct str value)
{
    for (size_t i = 0; i < making->rules->facet_count; i++) {
        if (rules_field_gives(&making->rules->facets[i], field)) {
            add_facet(making, (int)i, value);
        }
    }
}

/* The year of a number, a date or a point in time. */
static struct str year_of(struct making *making, const struct value *value)
{
    int64_t year = 0;

    if (value == NULL) {
        return STR("");
    }
    if (value->kind == VALUE_NUMBER && decimal_to_int64(value->number, &year)) {
        return arena_format(making->arena, "%lld", (long long)year);
    }
    return value->kind == VALUE_TEXT && value->text.len >= 4 ? str_slice(value->text, 0, 4) : STR("");
}

static struct str first_year(struct making *making, const struct value *names)
{
    for (size_t i = 0; i < value_count(names); i++) {
        struct str year = year_of(making, value_get(making->record, value_text_of(value_at(names, i))));
        int64_t number;
        if (str_to_int64(year, &number) && number > 0) {
            return year;
        }
    }
    return STR("");
}

static void add_other_facets(struct making *making)
{
    for (size_t i = 0; i < making->rules->facet_count; i++) {
        const struct facet_rule *facet = &making->rules->facets[i];
        if (str_eq(facet->reference, making->reg->name)) {
            add_facet(making, (int)i, record_id(making->record));
        }
        if (facet->years != NULL) {
            add_facet(making, (int)i, first_year(making, facet->years));
        }
        for (size_t l = 0; facet->languages && l < LANG_COUNT; l++) {
            if (making->in_language[l]) {
                add_facet(making, (int)i, lang_codes[l]);
            }
        }
    }
    add_facet(making, -1, making->reg->name);
}

/* ---- fields ---- */

static enum document_column column_of(const struct making *making, const struct field *field)
{
    for (size_t i = 0; i < making->reg->label_count; i++) {
        if (making->reg->label[i] == field) {
            return COLUMN_TITLE;
        }
    }
    return field->search_weight >= KEY_WEIGHT ? COLUMN_KEY : COLUMN_BODY;
}

static int add_reference(struct making *making, const struct field *field, struct str id)
{
    struct document *document = making->document;
    struct bilingual label = {0};

    if (store_label(making->reader, field->reference, id, making->arena, &label, making->err) != 0) {
        return -1;
    }
    add_bilingual(making, COLUMN_ALSO, label);
    add_facets_of(making, field, id);
    if (document->refer_count < DOCUMENT_REFERS_MAX) {
        document->refers[document->refer_count].reg = field->reference->name;
        document->refers[document->refer_count++].id = id;
    }
    return 0;
}

static void add_code(struct making *making, const struct field *field, struct str code)
{
    const struct term *term = vocabulary_term(field->vocabulary, code);

    if (term != NULL && (field->facet || field->search_weight > 0)) {
        add_bilingual(making, COLUMN_ALSO, term->label);
    }
    add_facets_of(making, field, code);
}

static void add_plain(struct making *making, const struct field *field, struct bilingual text)
{
    if (field->search_weight > 0) {
        add_bilingual(making, column_of(making, field), text);
        for (size_t l = 0; l < LANG_COUNT && field->bilingual; l++) {
            making->in_language[l] = making->in_language[l] || text.in[l].len > 0;
        }
    }
}

/* One value of a field: what a list holds, or the field's own. */
static int add_value(struct making *making, const struct field *field, const struct value *value)
{
    if (field->party && value->kind == VALUE_OBJECT) {
        struct str id = value_get_text(value, STR("id"));
        const struct value *name = value_get(value, STR("name"));
        if (name != NULL) {
            add_bilingual(making, COLUMN_ALSO, value_bilingual(name));
        }
        return id.len == 0 || field->reference == NULL ? 0 : add_reference(making, field, id);
    }
    if (value->kind == VALUE_TEXT && field->reference != NULL) {
        return add_reference(making, field, value->text);
    }
    if (value->kind == VALUE_TEXT && field->vocabulary != NULL) {
        add_code(making, field, value->text);
        return 0;
    }
    if (value->kind == VALUE_TEXT || (value->kind == VALUE_OBJECT && field->bilingual)) {
        add_plain(making, field, value_bilingual(value));
    }
    return 0;
}

static void add_place(struct making *making, const struct value *point)
{
    const struct value *lat = value_get(point, STR("lat")), *lon = value_get(point, STR("lon"));

    if (!making->document->has_place && lat != NULL && lon != NULL && lat->kind == VALUE_NUMBER &&
        lon->kind == VALUE_NUMBER) {
        making->document->has_place = true;
        making->document->lat = (float)decimal_to_double(lat->number);
        making->document->lon = (float)decimal_to_double(lon->number);
    }
}

static int add_field(struct making *making, const struct field *field)
{
    const struct value *value = value_get(making->record, field->name);

    making->fields++;
    if (value == NULL) {
        return 0;
    }
    making->filled++;
    if (field->type == FIELD_GEOPOINT) {
        add_place(making, value);
        return 0;
    }
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value_count(value); i++) {
            if (add_value(making, field, value_at(value, i)) != 0) {
                return -1;
            }
        }
        return 0;
    }
    return add_value(making, field, value);
}

/* ---- what it teaches and what completes to it ---- */

static void add_lesson(struct making *making, struct str ja, struct str en, int weight)
{
    struct document *document = making->document;

    ja = str_trim(ja);
    en = str_trim(en);
    if (ja.len == 0 || en.len == 0 || ja.len > 200 || en.len > 200 || str_eq(ja, en) ||
        document->lesson_count == DOCUMENT_LESSONS_MAX) {
        return;
    }
    document->lessons[document->lesson_count].ja = ja;
    document->lessons[document->lesson_count].en = en;
    document->lessons[document->lesson_count++].weight = weight;
}

/* "抗体、創薬" beside "antibody, drug discovery": as many of one as of the other are pairs. */
static size_t split_list(struct str text, struct str parts[DOCUMENT_LESSONS_MAX])
{
    static const char *const marks[] = {"、", "，", ",", "；", ";", "・", "／"};
    size_t count = 0, from = 0;

    for (size_t at = 0; at < text.len && count < DOCUMENT_LESSONS_MAX - 1;) {
        size_t step = 0;
        for (size_t i = 0; i < sizeof marks / sizeof marks[0] && step == 0; i++) {
            struct str mark = str_from_cstr(marks[i]);
            step = str_starts_with(str_slice(text, at, text.len), mark) ? mark.len : 0;
        }
        if (step > 0) {
            parts[count++] = str_slice(text, from, at);
            from = at + step;
        }
        at += step > 0 ? step : 1;
    }
    parts[count++] = str_slice(text, from, text.len);
    return count;
}

static void learn_list(struct making *making, struct bilingual text)
{
    struct str ja[DOCUMENT_LESSONS_MAX], en[DOCUMENT_LESSONS_MAX];
    size_t count = split_list(text.in[LANG_JA], ja);

    if (count >= 2 && count == split_list(text.in[LANG_EN], en)) {
        for (size_t i = 0; i < count; i++) {
            add_lesson(making, ja[i], en[i], 80);
        }
    }
}

static void learn(struct making *making)
{
    bool glossary = making->rules->glossary == making->reg;
    struct bilingual title = making->document->title;

    add_lesson(making, title.in[LANG_JA], title.in[LANG_EN], glossary ? 100 : 70);
    for (size_t i = 0; i < making->reg->field_count; i++) {
        const struct field *field = &making->reg->fields[i];
        const struct value *value = value_get(making->record, field->name);
        if (value != NULL && field->bilingual && field->search_weight >= KEY_WEIGHT && value->kind == VALUE_OBJECT) {
            learn_list(making, value_bilingual(value));
        }
    }
}

static void add_name(struct making *making, struct str name)
{
    if (name.len > 0 && making->document->name_count < DOCUMENT_NAMES_MAX) {
        making->document->names[making->document->name_count++] = name;
    }
}

static void add_names(struct making *making)
{
    struct bilingual title = making->document->title;

    add_name(making, title.in[LANG_JA]);
    if (!str_eq(title.in[LANG_EN], title.in[LANG_JA])) {
        add_name(making, title.in[LANG_EN]);
    }
    for (size_t i = 0; i < making->reg->label_count; i++) {
        const struct field *reading = making->reg->label[i]->reading;
        if (reading != NULL) {
            add_name(making, value_get_text(making->record, reading->name));
        }
    }
}

/* How much of what could be said is said, and how long ago it was: a hint where nothing else decides. */
static int boost_of(const struct making *making)
{
    int complete = making->fields == 0 ? 0 : (int)(70 * making->filled / making->fields);
    int64_t newest = 0, now = 0;

    for (size_t i = 0; i < making->document->facet_count; i++) {
        int facet = making->document->facets[i].facet;
        int64_t year;
        if (facet >= 0 && making->rules->facets[facet].years != NULL &&
            str_to_int64(making->document->facets[i].value, &year)) {
            newest = year > newest ? year : newest;
        }
    }
    now = date_in_zone(time_now_ms(), STR("UTC")).year;
    if (newest == 0 || now - newest >= FRESH_YEARS) {
        return complete;
    }
    return complete + (int)(30 * (FRESH_YEARS - (newest > now ? 0 : now - newest)) / FRESH_YEARS);
}

int document_make(const struct rules *rules, struct reader *reader, const struct found *found, struct arena *arena,
                  struct document *ret_document, struct err *err)
{
    struct making making = {.rules = rules,
                            .reader = reader,
                            .arena = arena,
                            .reg = found->reg,
                            .record = found->record,
                            .document = ret_document,
                            .err = err};
    int result = 0;

    *ret_document = (struct document){.reg = found->reg->name, .id = record_id(found->record), .seq = found->seq};
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        buf_init(&making.columns[c], COLUMN_BYTES_MAX);
    }
    ret_document->title = record_label(rules->model, found->reg, found->record, arena);
    add_bilingual(&making, COLUMN_ALSO, (struct bilingual){{ret_document->id, ret_document->id}});
    for (size_t i = 0; i < found->reg->field_count && result == 0; i++) {
        result = add_field(&making, &found->reg->fields[i]);
    }
    if (making.columns[COLUMN_TITLE].len == 0) {
        add_bilingual(&making, COLUMN_TITLE, ret_document->title);
    }
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        ret_document->columns[c] = arena_copy(arena, buf_str(&making.columns[c]));
        buf_free(&making.columns[c]);
    }
    add_other_facets(&making);
    ret_document->boost = boost_of(&making);
    learn(&making);
    add_names(&making);
    return result;
}
