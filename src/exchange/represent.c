#include "exchange/represent_internal.h"

#include <stdlib.h>

#define REPRESENT_ARENA_MAX ((size_t)64 << 20)
#define RECORD_ARENA_MAX ((size_t)64 << 20)
#define LABELS_BYTES ((size_t)8 << 20)

static const struct represent_form *const forms[REPRESENT_COUNT] = {
    [REPRESENT_CSV] = &represent_csv, [REPRESENT_XLSX] = &represent_xlsx, [REPRESENT_GEOJSON] = &represent_geojson,
    [REPRESENT_ICS] = &represent_ics, [REPRESENT_ATOM] = &represent_atom, [REPRESENT_JSONLD] = &represent_jsonld,
};

bool representation_from_extension(struct str extension, enum representation *ret_representation)
{
    for (size_t i = 0; i < REPRESENT_COUNT; i++) {
        if (str_eq(forms[i]->extension, extension)) {
            *ret_representation = (enum representation)i;
            return true;
        }
    }
    return false;
}

struct str representation_extension(enum representation representation)
{
    return forms[representation]->extension;
}

struct str representation_media_type(enum representation representation)
{
    return forms[representation]->media_type;
}

bool representation_fits(const struct reg *reg, enum representation representation)
{
    return !forms[representation]->fits || forms[representation]->fits(reg);
}

static int check_full(const struct represent *r, struct err *err)
{
    return r->out->overflow ? err_set(err, ERR_LIMIT,
                                      "the list is too long for this form; allowed: a filter, or fewer "
                                      "with limit")
                            : 0;
}

int represent_drain(struct represent *r, struct err *err)
{
    return r->config.spool ? spool_drain(r->config.spool, err) : check_full(r, err);
}

int represent_open(const struct represent_config *config, struct buf *out, struct represent **ret_represent,
                   struct err *err)
{
    if (!representation_fits(config->reg, config->representation)) {
        return err_set(err, ERR_INVALID, "%.*s cannot be given as %.*s", STR_ARG(config->reg->name),
                       STR_ARG(representation_extension(config->representation)));
    }
    struct represent *r = calloc(1, sizeof(*r));
    if (!r) {
        return err_set(err, ERR_INTERNAL, "no memory is left");
    }
    r->config = *config;
    r->out = out;
    arena_init(&r->arena, REPRESENT_ARENA_MAX);
    arena_init(&r->record, RECORD_ARENA_MAX);
    arena_init(&r->labels_arena, 4 * LABELS_BYTES);
    map_init(&r->labels, &r->labels_arena);
    if (r->config.self_url.len == 0) {
        r->config.self_url = arena_concat(&r->arena, 5, config->site_url, STR("/api/v1/"), config->reg->name, STR("."),
                                          representation_extension(config->representation));
    }
    if (forms[config->representation]->open(r, err) || check_full(r, err)) {
        represent_abandon(r);
        return -1;
    }
    *ret_represent = r;
    return 0;
}

int represent_expect(const struct represent *r, int64_t records, struct err *err)
{
    const struct represent_form *form = forms[r->config.representation];
    if (form->records_max == 0 || records <= form->records_max) {
        return 0;
    }
    return err_set(
        err, ERR_LIMIT,
        "%.*s holds %lld records of a list at most; allowed: a filter, fewer with limit, or CSV, which holds "
        "all",
        STR_ARG(form->extension), (long long)form->records_max);
}

int represent_add(struct represent *r, const struct found *found, struct err *err)
{
    arena_reset(&r->record);
    if (forms[r->config.representation]->add(r, found, err)) {
        return -1;
    }
    r->count++;
    return represent_drain(r, err);
}

int represent_close(struct represent *r, struct err *err)
{
    int failed = forms[r->config.representation]->close(r, err) || check_full(r, err);
    represent_abandon(r);
    return failed ? -1 : 0;
}

void represent_abandon(struct represent *r)
{
    if (!r) {
        return;
    }
    if (forms[r->config.representation]->abandon) {
        forms[r->config.representation]->abandon(r);
    }
    arena_free(&r->arena);
    arena_free(&r->record);
    arena_free(&r->labels_arena);
    free(r);
}

/* ---- words ---- */

struct str represent_label(struct represent *r, const struct reg *reg, struct str id)
{
    if (!r->config.reader || !reg) {
        return id;
    }
    if (r->labels_arena.used_bytes > LABELS_BYTES) {
        arena_reset(&r->labels_arena);
        map_init(&r->labels, &r->labels_arena);
    }
    struct str key = arena_concat(&r->record, 3, reg->name, STR("/"), id);
    struct bilingual *label = map_get(&r->labels, key);
    if (!label) {
        label = ARENA_NEW(&r->labels_arena, struct bilingual);
        if (store_label(r->config.reader, reg, id, &r->labels_arena, label, NULL)) {
            *label = (struct bilingual){0};
        }
        map_set(&r->labels, arena_copy(&r->labels_arena, key), label);
    }
    struct str best = bilingual_best(*label, r->config.lang);
    return best.len > 0 ? arena_copy(&r->record, best) : id;
}

struct str represent_link(struct represent *r, const struct reg *reg, struct str id)
{
    return arena_concat(&r->record, 7, r->config.site_url, STR("/"), lang_codes[r->config.lang], STR("/"), reg->name,
                        STR("/"), id);
}

static struct str number_words(struct represent *r, const struct value *number)
{
    char text[DECIMAL_TEXT_MAX];
    size_t len = decimal_format(number->number, text);
    return arena_copy(&r->record, str_make(text, len));
}

static struct str geopoint_words(struct represent *r, const struct value *value)
{
    const struct value *lat = value_get(value, STR("lat"));
    const struct value *lon = value_get(value, STR("lon"));
    return lat && lon ? arena_concat(&r->record, 3, number_words(r, lat), STR(", "), number_words(r, lon)) : STR("");
}

static struct str text_words(struct represent *r, const struct field *field, struct str text)
{
    if (field->vocabulary) {
        const struct term *term = vocabulary_term(field->vocabulary, text);
        struct str word = term ? bilingual_best(term->label, r->config.lang) : STR("");
        return word.len > 0 ? word : text;
    }
    return field->reference ? represent_label(r, field->reference, text) : text;
}

/* A figure's number, without its unit. */
static struct str figure_words(struct represent *r, const struct value *value)
{
    const struct value *exact = value_get(value, STR("value"));
    const struct value *low = value_get(value, STR("low"));
    const struct value *high = value_get(value, STR("high"));
    if (exact) {
        return number_words(r, exact);
    }
    return arena_concat(&r->record, 3, low ? number_words(r, low) : STR(""), STR("\xE2\x80\x93"),
                        high ? number_words(r, high) : STR(""));
}

static struct str object_words(struct represent *r, const struct field *field, const struct value *value)
{
    if (field->type == FIELD_GEOPOINT) {
        return geopoint_words(r, value);
    }
    if (field->type == FIELD_FIGURE) {
        return figure_words(r, value);
    }
    struct str id = value_get_text(value, STR("id"));
    if (id.len > 0) {
        return text_words(r, field, id);
    }
    const struct value *name = value_get(value, STR("name"));
    return bilingual_best(value_bilingual(name ? name : value), r->config.lang);
}

static struct str list_words(struct represent *r, const struct field *field, const struct value *value)
{
    BUF_AUTO words;
    buf_init(&words, (size_t)1 << 20);
    for (size_t i = 0; i < value_count(value); i++) {
        buf_add(&words, i ? STR("; ") : STR(""));
        buf_add(&words, represent_words(r, field, value_at(value, i)));
    }
    return arena_copy(&r->record, buf_str(&words));
}

struct str represent_words(struct represent *r, const struct field *field, const struct value *value)
{
    if (!value) {
        return STR("");
    }
    switch (value->kind) {
    case VALUE_NULL:
        return STR("");
    case VALUE_BOOL:
        return value->boolean ? STR("true") : STR("false");
    case VALUE_NUMBER:
        return number_words(r, value);
    case VALUE_TEXT:
        return text_words(r, field, value->text);
    case VALUE_LIST:
        return list_words(r, field, value);
    case VALUE_OBJECT:
        return object_words(r, field, value);
    }
    return STR("");
}

const struct field *represent_field_for(const struct reg *reg, const char *schema_property)
{
    for (size_t i = 0; i < reg->field_count; i++) {
        if (str_eq(reg->fields[i].schema_property, str_from_cstr(schema_property))) {
            return &reg->fields[i];
        }
    }
    return NULL;
}

void represent_add_xml(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '&') {
            buf_add_literal(out, "&amp;");
        } else if (c == '<') {
            buf_add_literal(out, "&lt;");
        } else if (c == '>') {
            buf_add_literal(out, "&gt;");
        } else if (c == '"') {
            buf_add_literal(out, "&quot;");
        } else if (c >= 0x20 || c == '\t' || c == '\n') {
            buf_add_byte(out, (char)c);
        }
    }
}
