#include "insight/translation.h"

#include "base/digest.h"
#include "base/map.h"
#include "model/record.h"

#include <string.h>

#define FEED_AT_ONCE 1000
#define REVISIONS_BYTES_MAX ((size_t)256 << 20)
#define REVISIONS_AT_ONCE 50
#define DIGEST_DIGITS 16

const struct str translation_state_codes[TRANSLATION_STATES] = {
    [TRANSLATION_OFFICIAL] = STR("official"), [TRANSLATION_CHECKED] = STR("checked"),   [TRANSLATION_OWN] = STR("own"),
    [TRANSLATION_MACHINE] = STR("machine"),   [TRANSLATION_UNSTATED] = STR("unstated"),
};

/* A row of the register `translation`. */
struct statement {
    enum translation_state state;
    struct str original; /* digest, or empty */
    int64_t seq;         /* of the revision that says so */
};

/* The revisions that last changed a text, by language; 0: none since it was put in. */
struct last_changes {
    int64_t seq[LANG_COUNT];
};

struct translations {
    const struct model *model;
    struct reader *reader;
    struct arena *arena, *scratch;
    struct map statements; /* struct statement by key_of */
    struct map changed;    /* "register/id" of records that were changed since they were put in */
    /* of the record that was asked for last, in scratch */
    const struct reg *reg;
    struct str id;
    struct last_changes *fields; /* by field->position */
};

/* ---- what is said ---- */

static struct str key_of(struct arena *arena, struct str reg, struct str id, struct str field, enum lang lang)
{
    return arena_concat(arena, 7, reg, STR("/"), id, STR("/"), field, STR("/"), lang_codes[lang]);
}

static int take_statement(void *context, const struct found *found)
{
    struct translations *translations = context;
    struct statement *statement = ARENA_NEW(translations->arena, struct statement);
    const struct value *record = found->record;
    struct str state = value_get_text(record, STR("state"));
    enum lang lang;

    if (!lang_from_code(value_get_text(record, STR("language")), &lang)) {
        return 0;
    }
    *statement = (struct statement){.state = TRANSLATION_UNSTATED, .seq = found->seq};
    for (int i = 0; i < TRANSLATION_UNSTATED; i++) {
        if (str_eq(state, translation_state_codes[i])) {
            statement->state = (enum translation_state)i;
        }
    }
    statement->original = arena_copy(translations->arena, value_get_text(record, STR("original")));
    map_set(&translations->statements,
            key_of(translations->arena, value_get_text(record, STR("of_register")),
                   value_get_text(record, STR("of_record")), value_get_text(record, STR("of_field")), lang),
            statement);
    return 0;
}

/* The closest statement about a text, and which language it says is the translation. */
static const struct statement *find_statement(struct translations *translations, const struct reg *reg, struct str id,
                                              struct str field, enum lang *ret_lang, bool *ret_about_field)
{
    const struct {
        struct str reg, id, field;
    } scopes[] = {
        {reg->name, id, field},        {reg->name, id, STR("")},  {reg->name, STR(""), field},
        {reg->name, STR(""), STR("")}, {STR(""), STR(""), field}, {STR(""), STR(""), STR("")},
    };

    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            struct str key =
                key_of(translations->scratch, scopes[i].reg, scopes[i].id, scopes[i].field, (enum lang)lang);
            const struct statement *statement = map_get(&translations->statements, key);
            if (statement != NULL) {
                *ret_lang = (enum lang)lang;
                *ret_about_field = i == 0;
                return statement;
            }
        }
    }
    return NULL;
}

/* ---- what changed ---- */

static void take_change(struct translations *translations, const struct feed_item *item)
{
    struct str key;

    if (item->kind == CHANGE_CREATE || item->kind == CHANGE_DELETE || item->reg->visibility != VISIBILITY_PUBLIC) {
        return;
    }
    key = arena_concat(translations->scratch, 3, item->reg->name, STR("/"), item->id);
    if (map_get(&translations->changed, key) == NULL) {
        key = arena_copy(translations->arena, key);
        map_set(&translations->changed, key, (void *)(uintptr_t)key.ptr);
    }
}

static int read_feed(struct translations *translations, struct err *err)
{
    int64_t after = 0, last = reader_seq(translations->reader);
    size_t count = FEED_AT_ONCE;

    while (count == FEED_AT_ONCE && after < last) {
        struct feed_item *items;
        arena_reset(translations->scratch);
        if (store_feed(translations->reader, after, FEED_AT_ONCE, translations->scratch, &items, &count, err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count; i++) {
            after = items[i].seq;
            if (after <= last) {
                take_change(translations, &items[i]);
            }
        }
    }
    return 0;
}

int translations_read(const struct model *model, struct reader *reader, struct arena *arena, struct arena *scratch,
                      struct translations **ret_translations, struct err *err)
{
    struct translations *translations = ARENA_NEW(arena, struct translations);
    const struct reg *reg = model_role(model, ROLE_TRANSLATION);

    *translations = (struct translations){.model = model, .reader = reader, .arena = arena, .scratch = scratch};
    map_init(&translations->statements, arena);
    map_init(&translations->changed, arena);
    if (reg != NULL && store_each(reader, reg, take_statement, translations, err) != 0) {
        return -1;
    }
    if (translations->statements.count > 0 && read_feed(translations, err) != 0) {
        return -1;
    }
    *ret_translations = translations;
    return 0;
}

/* ---- one record's past ---- */

static struct str side_text(const struct value *record, struct str field, enum lang lang)
{
    return record == NULL ? STR("") : value_get_text(value_get(record, field), lang_codes[lang]);
}

/* Notes for each text the newest revision that made it another one. */
static void note_revision(struct translations *translations, const struct reg *reg, const struct revision *revision)
{
    for (size_t i = 0; i < reg->field_count; i++) {
        for (int lang = 0; reg->fields[i].bilingual && lang < LANG_COUNT; lang++) {
            int64_t *seq = &translations->fields[i].seq[lang];
            if (*seq == 0 && !str_eq(side_text(revision->before, reg->fields[i].name, (enum lang)lang),
                                     side_text(revision->after, reg->fields[i].name, (enum lang)lang))) {
                *seq = revision->seq;
            }
        }
    }
}

/* The revision that put it in (nothing before) changed nothing that was there. */
static int read_past(struct translations *translations, const struct reg *reg, struct str id, struct err *err)
{
    int64_t before = 0;
    size_t count = REVISIONS_AT_ONCE;
    ARENA_AUTO some; /* a long history is not held at once */

    arena_init(&some, REVISIONS_BYTES_MAX);
    while (count == REVISIONS_AT_ONCE) {
        struct revision *revisions;
        arena_reset(&some);
        if (store_history(translations->reader, reg, id, REVISIONS_AT_ONCE, before, &some, &revisions, &count, err) !=
            0) {
            return -1;
        }
        for (size_t i = 0; i < count; i++) {
            before = revisions[i].seq;
            if (revisions[i].before != NULL && revisions[i].after != NULL) {
                note_revision(translations, reg, &revisions[i]);
            }
        }
    }
    return 0;
}

static int begin_record(struct translations *translations, const struct reg *reg, const struct value *record,
                        struct err *err)
{
    struct str key;

    arena_reset(translations->scratch);
    translations->reg = reg;
    translations->id = arena_copy(translations->scratch, record_id(record));
    translations->fields = ARENA_NEW_ARRAY(translations->scratch, reg->field_count, struct last_changes);
    key = arena_concat(translations->scratch, 3, reg->name, STR("/"), record_id(record));
    return map_get(&translations->changed, key) != NULL ? read_past(translations, reg, translations->id, err) : 0;
}

/* ---- a translation ---- */

struct str translation_digest(struct str original, struct arena *arena)
{
    char hex[DIGEST_HEX_MAX];

    digest_hex(digest_of(original), hex);
    return arena_copy(arena, str_make(hex, DIGEST_DIGITS));
}

int translation_of(struct translations *translations, const struct reg *reg, const struct value *record,
                   const struct field *field, struct translation *ret_translation, struct err *err)
{
    struct translation translation = {.state = TRANSLATION_UNSTATED, .lang = LANG_COUNT};
    const struct statement *statement;
    struct str original;
    int64_t made;
    bool about_field;

    if (translations->statements.count == 0) {
        *ret_translation = translation;
        return 0;
    }
    if ((translations->reg != reg || !str_eq(translations->id, record_id(record))) &&
        begin_record(translations, reg, record, err) != 0) {
        return -1;
    }
    statement = find_statement(translations, reg, record_id(record), field->name, &translation.lang, &about_field);
    if (statement == NULL) {
        *ret_translation = translation;
        return 0;
    }
    original = value_get_text(value_get(record, field->name), lang_codes[LANG_COUNT - 1 - translation.lang]);
    made = translations->fields[field->position].seq[translation.lang];
    translation.state = statement->state;
    translation.original_since = translations->fields[field->position].seq[LANG_COUNT - 1 - translation.lang];
    translation.stale = translation.original_since > made;
    translation.made_from = made;
    if (about_field && statement->original.len > 0) {
        if (str_eq(statement->original, translation_digest(original, translations->scratch))) {
            translation.stale = false;
            translation.made_from = made > translation.original_since ? made : translation.original_since;
        } else {
            translation.stale = translation.stale || made <= statement->seq;
        }
    }
    *ret_translation = translation;
    return 0;
}
