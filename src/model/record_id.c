/* What a record is called, and the id it gets when it has none. */
#include "base/digest.h"
#include "base/text.h"
#include "model/record.h"

#define DIGEST_CHARACTERS 10

struct str record_id(const struct value *record)
{
    return value_get_text(record, STR("id"));
}

struct bilingual value_bilingual(const struct value *value)
{
    struct bilingual result = {0};
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        bool plain = value && value->kind == VALUE_TEXT;
        result.in[lang] = plain ? value->text : value_get_text(value, lang_codes[lang]);
    }
    return result;
}

static struct bilingual same_in_all(struct str text)
{
    struct bilingual result;
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        result.in[lang] = text;
    }
    return result;
}

/* A number, a boolean or text as plain text; a party by its id. */
static struct str plain_text_of(const struct value *value, struct arena *arena)
{
    char number[DECIMAL_TEXT_MAX];
    switch (value->kind) {
    case VALUE_NUMBER:
        return arena_copy(arena, str_make(number, decimal_format(value->number, number)));
    case VALUE_BOOL:
        return value->boolean ? STR("true") : STR("false");
    case VALUE_TEXT:
        return value->text;
    default:
        return value_get_text(value, STR("id"));
    }
}

static struct bilingual words_of(const struct field *field, const struct value *value, struct arena *arena)
{
    const struct term *term = field->vocabulary ? vocabulary_term(field->vocabulary, value_text_of(value)) : NULL;
    if (term) {
        return term->label;
    }
    if (field->bilingual) {
        return value_bilingual(value);
    }
    const struct value *party_name = field->party ? value_get(value, STR("name")) : NULL;
    return party_name ? value_bilingual(party_name) : same_in_all(plain_text_of(value, arena));
}

struct bilingual record_label(const struct model *model, const struct reg *reg, const struct value *record,
                              struct arena *arena)
{
    (void)model;
    for (size_t i = 0; i < reg->label_count; i++) {
        const struct value *value = value_get(record, reg->label[i]->name);
        struct bilingual words = value ? words_of(reg->label[i], value, arena) : (struct bilingual){0};
        if (bilingual_best(words, LANG_EN).len > 0) {
            return words;
        }
    }
    return same_in_all(record_id(record));
}

/* ---- ids ---- */

static struct str digest_text(struct str content, struct arena *arena)
{
    char hex[DIGEST_HEX_MAX];
    digest_hex(digest_of(content), hex);
    return arena_copy(arena, str_make(hex, DIGEST_CHARACTERS));
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static bool has_ideograph(struct str s)
{
    for (size_t i = 0; i + 2 < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c >= 0xE4 && c <= 0xE9) || (c == 0xE3 && (unsigned char)s.ptr[i + 1] >= 0x90) || c >= 0xF0) {
            return true;
        }
    }
    return false;
}

/* The slug of a part of a natural key. What a slug does not show must still tell keys apart, so text beyond ASCII, or too
 * long for a slug, is followed by the beginning of its digest. */
static struct str key_part(struct str text, struct arena *arena)
{
    struct str slug = text_slug(arena, text);
    if (slug.len > 0 && text.len <= ID_MAX && is_ascii(text)) {
        return slug;
    }
    return arena_concat(arena, 3, slug, slug.len > 0 ? STR("-") : STR(""), digest_text(text, arena));
}

/* At most ID_MAX bytes; what is longer ends with its digest. */
static struct str id_fitted(struct str id, struct arena *arena)
{
    if (id.len <= ID_MAX) {
        return id;
    }
    struct str head = str_slice(id, 0, ID_MAX - DIGEST_CHARACTERS - 1);
    return arena_concat(arena, 3, head, STR("-"), digest_text(id, arena));
}

/* Parts of the natural key with hyphens between; an empty part shows as nothing, so that a key keeps its shape. */
static struct str natural_id(const struct reg *reg, const struct value *record, struct arena *arena)
{
    struct str id = STR("");
    for (size_t i = 0; i < reg->natural_key_count; i++) {
        const struct field *field = reg->natural_key[i];
        const struct value *value = value_get(record, field->name);
        if (!value) {
            continue;
        }
        const struct value *name = field->party ? value_get(value, STR("name")) : NULL;
        struct bilingual words = field->bilingual ? value_bilingual(value) : value_bilingual(name);
        struct str text = field->bilingual || name ? bilingual_best(words, LANG_EN) : plain_text_of(value, arena);
        id = arena_concat(arena, 3, id, id.len > 0 ? STR("-") : STR(""), key_part(text, arena));
    }
    return id;
}

/* English first, then the reading, then the label where it has no ideographs (their sound is not known). */
static struct str label_id(const struct reg *reg, const struct value *record, struct arena *arena)
{
    for (size_t i = 0; i < reg->label_count; i++) {
        const struct field *field = reg->label[i];
        const struct value *value = value_get(record, field->name);
        if (!value) {
            continue;
        }
        struct bilingual words = words_of(field, value, arena);
        const struct str candidates[] = {
            words.in[LANG_EN],
            field->reading ? value_get_text(record, field->reading->name) : STR(""),
            words.in[LANG_JA],
        };
        for (size_t k = 0; k < sizeof(candidates) / sizeof(candidates[0]); k++) {
            struct str slug = has_ideograph(candidates[k]) ? STR("") : text_slug(arena, candidates[k]);
            if (slug.len > 0) {
                return slug;
            }
        }
    }
    return STR("");
}

struct str record_make_id(const struct reg *reg, const struct value *record, struct arena *arena)
{
    struct str id = natural_id(reg, record, arena);
    if (id.len == 0) {
        id = label_id(reg, record, arena);
    }
    id = id_fitted(id, arena);
    return id_is_valid(id) ? id : STR("");
}
