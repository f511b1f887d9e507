/* Around the readers: whom we know, what is staged, and how it goes into the store. */
#include "exchange/import.h"

#include "base/digest.h"
#include "base/embed.h"
#include "base/file.h"
#include "base/message.h"
#include "exchange/import_internal.h"
#include "model/record.h"

#include <stdarg.h>
#include <string.h>

#define SCRATCH_MAX ((size_t)64 << 20)

bool import_kind_is_known(struct str kind)
{
    return str_eq(kind, STR("edinet")) || str_eq(kind, STR("gbizinfo")) || str_eq(kind, STR("corporate-number")) ||
           str_eq(kind, STR("sheet"));
}

/* ---- notes ---- */

void import_note(struct importing *importing, enum import_note_kind kind, struct str where, const char *format, ...)
{
    struct import_result *result = &importing->result;
    int64_t *counts[] = {&result->unmatched, &result->skipped, &result->differs};
    va_list args;
    ++*counts[kind];
    if (result->note_count == IMPORT_NOTES_MAX) {
        return;
    }
    va_start(args, format);
    result->notes[result->note_count++] = (struct import_note){
        .kind = kind, .where = where, .text = arena_vformat(importing->arena, message_text(format), args)};
    va_end(args);
}

const struct company *import_company_quietly(const struct importing *importing, struct str number)
{
    return map_get(&importing->by_number, number);
}

const struct company *import_company(struct importing *importing, struct str number, struct str name, struct str where)
{
    const struct company *company = import_company_quietly(importing, number);
    importing->result.read++;
    if (!company) {
        import_note(importing, IMPORT_UNMATCHED, where, "no organisation has the corporate number %.*s (%.*s)",
                    STR_ARG(number.len ? number : STR("none given")), STR_ARG(name));
    }
    return company;
}

/* ---- staging ---- */

void import_stage(struct importing *importing, const struct reg *reg, struct value *given, struct str where,
                  struct str order)
{
    struct staged *staged = ARENA_NEW(importing->arena, struct staged);
    *staged = (struct staged){.reg = reg, .given = given, .where = where, .order = order};
    *importing->last = staged;
    importing->last = &staged->next;
}

void import_set(struct importing *importing, struct value *given, const char *what, struct value *value)
{
    struct str name = value_get_text(value_get(importing->config, STR("fields")), str_from_cstr(what));
    if (name.len > 0 && value) {
        value_set(importing->arena, given, name, value);
    }
}

void import_set_text(struct importing *importing, struct value *given, const char *what, struct str text)
{
    if (text.len > 0) {
        import_set(importing, given, what, value_text(importing->arena, text));
    }
}

struct value *import_sources(struct importing *importing, struct str locator)
{
    struct arena *arena = importing->arena;
    struct value *list = value_list(arena);
    struct value *one = value_object(arena);
    struct str id = value_get_text(value_get(importing->config, STR("source")), STR("id"));
    if (id.len > 0) {
        value_set_text(arena, one, STR("source"), id);
        importing->want_source = true;
    }
    if (locator.len > 0) {
        value_set_text(arena, one, STR("locator"), locator);
    }
    value_set_text(arena, one, STR("basis"), STR("read"));
    value_append(arena, list, one);
    return list;
}

/* `%(company)` and `%(end)` of a pattern filled. */
static struct str fill_pattern(struct arena *arena, struct str pattern, struct str company, struct str end)
{
    struct str out = STR("");
    while (pattern.len > 0) {
        if (str_take(&pattern, STR("%(company)"))) {
            out = arena_concat(arena, 2, out, company);
        } else if (str_take(&pattern, STR("%(end)"))) {
            out = arena_concat(arena, 2, out, end);
        } else {
            size_t next = 1 + str_find_byte(str_slice(pattern, 1, pattern.len), '%');
            out = arena_concat(arena, 2, out, str_slice(pattern, 0, next));
            pattern = str_slice(pattern, next, pattern.len);
        }
    }
    return out;
}

static struct str date_words(struct arena *arena, struct date date)
{
    char text[DATE_TEXT_MAX];
    size_t len = date_format(date, text);
    return arena_copy(arena, str_make(text, len));
}

struct value *import_title(struct importing *importing, const struct company *whose, struct str end)
{
    struct value *title = value_object(importing->arena);
    const struct value *pattern = value_get(importing->config, STR("title"));
    for (size_t l = 0; l < LANG_COUNT; l++) {
        struct str company = bilingual_best(whose->label, (enum lang)l);
        value_set_text(importing->arena, title, lang_codes[l],
                       fill_pattern(importing->arena, value_get_text(pattern, lang_codes[l]), company, end));
    }
    return title;
}

static struct value *money(struct importing *importing, const struct found_result *found)
{
    struct arena *arena = importing->arena;
    struct value *figure = value_object(arena);
    value_set(arena, figure, STR("value"), value_number(arena, found->sales));
    value_set_text(arena, figure, STR("currency"), found->currency);
    if (date_is_set(found->start)) {
        value_set_text(
            arena, figure, STR("period"),
            arena_concat(arena, 3, date_words(arena, found->start), STR("/"), date_words(arena, found->end)));
    }
    return figure;
}

/* Months from the day a period begins to the day it ends, both within it. */
static int months_between(struct date start, struct date end)
{
    int months = 12 * (end.year - start.year) + end.month - start.month;
    return end.day >= start.day ? months + 1 : months;
}

/* What the source leaves open is marked as inferred. */
static void mark_inferred(struct importing *importing, struct value *sources, const char *what)
{
    struct arena *arena = importing->arena;
    struct value *one = value_object(arena);
    struct value *fields = value_list(arena);
    struct str name = value_get_text(value_get(importing->config, STR("fields")), str_from_cstr(what));
    value_append(arena, fields, value_text(arena, name));
    value_set(arena, one, STR("fields"), fields);
    value_set_text(arena, one, STR("basis"), STR("inferred"));
    value_append(arena, sources, one);
}

void import_result_stage(struct importing *importing, const struct found_result *found)
{
    struct arena *arena = importing->arena;
    struct value *given = value_object(arena);
    struct value *sources = import_sources(importing, found->locator);
    const struct value *accounting = value_get(importing->config, STR("accounting"));
    bool known_start = date_is_set(found->start);
    import_set(importing, given, "title", import_title(importing, found->company, date_words(arena, found->end)));
    import_set_text(importing, given, "company", found->company->id);
    import_set_text(importing, given, "end", date_words(arena, found->end));
    import_set(importing, given, "year", known_start ? value_int(arena, found->start.year) : NULL);
    import_set(importing, given, "months",
               known_start ? value_int(arena, months_between(found->start, found->end)) : NULL);
    import_set(importing, given, "consolidated", value_bool(arena, found->consolidated));
    import_set_text(importing, given, "accounting", value_get_text(accounting, found->accounting));
    import_set(importing, given, "sales", money(importing, found));
    import_set_text(importing, given, "document", found->document);
    import_set_text(importing, given, "filed", date_words(arena, found->filed));
    import_set(importing, given, "restated", found->restated ? value_bool(arena, true) : NULL);
    if (found->consolidated_inferred) {
        mark_inferred(importing, sources, "consolidated");
    }
    value_set(arena, given, STR("sources"), sources);
    import_stage(importing, importing->reg, given, found->where, found->order);
}

/* ---- whom we know ---- */

struct knowing {
    struct importing *importing;
    const struct field *number;
};

static int know(void *context, const struct found *found)
{
    struct knowing *knowing = context;
    struct importing *importing = knowing->importing;
    struct str number = value_get_text(found->record, knowing->number->name);
    if (number.len > 0) {
        struct company *company = ARENA_NEW(importing->arena, struct company);
        struct bilingual label = record_label(importing->model, found->reg, found->record, importing->arena);
        company->id = arena_copy(importing->arena, record_id(found->record));
        for (size_t l = 0; l < LANG_COUNT; l++) {
            company->label.in[l] = arena_copy(importing->arena, label.in[l]);
        }
        map_set(&importing->by_number, arena_copy(importing->arena, number), company);
    }
    return 0;
}

static int know_companies(struct importing *importing, const struct value *all, struct err *err)
{
    const struct value *part = value_get(all, STR("company"));
    struct read_options options = {.viewer = {.sees = VISIBILITY_SECRETARIAT}, .lang = LANG_EN};
    READER_AUTO *reader = NULL;
    struct knowing knowing = {.importing = importing};
    importing->companies = model_register(importing->model, value_get_text(part, STR("register")));
    knowing.number = importing->companies ? reg_field(importing->companies, value_get_text(part, STR("number"))) : NULL;
    if (!knowing.number) {
        return err_set(err, ERR_INVALID, "this model has no register of companies with a corporate number");
    }
    if (store_read(importing->store, &options, &reader, err)) {
        return -1;
    }
    return store_each(reader, importing->companies, know, &knowing, err);
}

/* ---- into the store ---- */

/* Entries of the given sources that the record does not have yet are added to its own. */
static void merge_sources(struct arena *arena, struct value *record, const struct value *given)
{
    const struct value *own = value_get(record, STR("sources"));
    struct value *list = own ? value_copy(arena, own) : value_list(arena);
    for (size_t i = 0; i < value_count(given); i++) {
        bool there = false;
        for (size_t k = 0; k < value_count(list) && !there; k++) {
            there = value_equal(value_at(list, k), value_at(given, i));
        }
        if (!there) {
            value_append(arena, list, value_copy(arena, value_at(given, i)));
        }
    }
    value_set(arena, record, STR("sources"), list);
}

/* Whether ours says what was given: equal, or with more languages. */
static bool says(const struct value *own, const struct value *given)
{
    if (!own || own->kind != VALUE_OBJECT || given->kind != VALUE_OBJECT) {
        return own && value_equal(own, given);
    }
    for (size_t i = 0; i < given->object.count; i++) {
        const struct value *part = value_get(own, given->object.members[i].key);
        if (!part || !value_equal(part, given->object.members[i].value)) {
            return false;
        }
    }
    return true;
}

static bool is_given(struct str key)
{
    return !str_eq(key, STR("id")) && !str_eq(key, STR("visibility")) && !str_eq(key, STR("sources"));
}

/* The record with what the file says; *ret_differs names the fields that say otherwise, which `replace` overwrites. */
static struct value *merged(struct arena *arena, const struct value *there, const struct value *given, bool replace,
                            struct str *ret_differs)
{
    struct value *record = value_copy(arena, there);
    bool changed = false;
    *ret_differs = STR("");
    value_set(arena, record, STR("redacted"), NULL);
    for (size_t i = 0; i < given->object.count; i++) {
        const struct value_member *member = &given->object.members[i];
        const struct value *own = value_get(there, member->key);
        if (!is_given(member->key) || says(own, member->value)) {
            continue;
        }
        if (own && !replace) {
            *ret_differs = arena_concat(arena, 3, *ret_differs, ret_differs->len ? STR(", ") : STR(""), member->key);
            continue;
        }
        value_set(arena, record, member->key, member->value);
        changed = true;
    }
    if (changed && replace) {
        value_set(arena, record, STR("sources"), (struct value *)(uintptr_t)value_get(given, STR("sources")));
    } else if (changed) {
        merge_sources(arena, record, value_get(given, STR("sources")));
    }
    return record;
}

/* The canonical form of what was given; problems are the file's. */
static int canonical(struct importing *importing, const struct staged *staged, const struct value *given,
                     struct arena *arena, struct value **ret_record, struct err *err)
{
    struct record_problems problems;
    record_problems_init(&problems, arena);
    if (record_from_value(importing->model, staged->reg, given, arena, &problems, ret_record) == 0) {
        return 0;
    }
    return err_set(err, ERR_INVALID, "%.*s: %.*s: %.*s", STR_ARG(staged->where), STR_ARG(problems.items[0].field),
                   STR_ARG(problems.items[0].message));
}

static struct digest digest_of_record(const struct value *record)
{
    BUF_AUTO json;
    buf_init(&json, SCRATCH_MAX);
    value_write_canonical_json(&json, record);
    return digest_of(buf_str(&json));
}

struct applying {
    struct arena *arena; /* of this record */
    struct value *record;
    struct str id;
    struct digest digest;
    bool known;
    struct loaded_row last;
};

/* What differs stays unknown to later imports, so that they neither overwrite it nor keep silent about it. */
static int put(struct importing *importing, const struct staged *staged, struct applying *applying,
               struct value *record, int64_t seq, bool whole, struct err *err)
{
    if (change_put(importing->changes, staged->reg, record, seq, applying->arena, err)) {
        return err_prefix(err, "%.*s", STR_ARG(staged->where));
    }
    if (!whole) {
        return 0;
    }
    return change_set_loaded(importing->changes, staged->reg, applying->id, applying->digest.bytes, err);
}

/* Whether what is there was filed after what the file brings. */
static bool is_older(const struct importing *importing, const struct value *there, const struct value *given)
{
    struct str filed = value_get_text(value_get(importing->config, STR("fields")), STR("filed"));
    struct date ours, theirs;
    return filed.len > 0 && date_parse(value_get_text(there, filed), &ours) &&
           date_parse(value_get_text(given, filed), &theirs) && date_cmp(theirs, ours) < 0;
}

static int apply_to_present(struct importing *importing, const struct staged *staged, struct applying *applying,
                            const struct found *there, struct err *err)
{
    if (is_older(importing, there->record, applying->record)) {
        import_note(importing, IMPORT_SKIPPED, staged->where, "filed before what %.*s %.*s says",
                    STR_ARG(staged->reg->name), STR_ARG(applying->id));
        return 0;
    }
    bool ours = applying->known && there->seq == applying->last.seq;
    struct str differs;
    struct value *record = merged(applying->arena, there->record, applying->record, ours, &differs);
    if (differs.len > 0) {
        import_note(importing, IMPORT_DIFFERS, staged->where, "%.*s %.*s says otherwise in %.*s; ours stays",
                    STR_ARG(staged->reg->name), STR_ARG(applying->id), STR_ARG(differs));
    }
    return put(importing, staged, applying, record, there->seq, differs.len == 0, err);
}

/* What was given of a record that is there, without the fields it needs besides: made canonical within it. */
static int canonical_part(struct importing *importing, const struct staged *staged, const struct value *present,
                          struct arena *arena, struct value **ret_record, struct err *err)
{
    struct value *whole = value_copy(arena, present);
    struct value *part = value_object(arena);
    value_set(arena, whole, STR("redacted"), NULL);
    for (size_t i = 0; i < staged->given->object.count; i++) {
        value_set(arena, whole, staged->given->object.members[i].key, staged->given->object.members[i].value);
    }
    if (canonical(importing, staged, whole, arena, &whole, err)) {
        return -1;
    }
    for (size_t i = 0; i < staged->given->object.count; i++) {
        struct str key = staged->given->object.members[i].key;
        value_set(arena, part, key, (struct value *)(uintptr_t)value_get(whole, key));
    }
    *ret_record = part;
    return 0;
}

static int apply(struct importing *importing, const struct staged *staged, struct arena *arena, struct err *err)
{
    struct applying applying = {.arena = arena};
    struct found there;
    struct str id = value_get_text(staged->given, STR("id"));
    if (id.len > 0 && change_current(importing->changes, staged->reg, id, arena, &there, NULL) == 0) {
        if (canonical_part(importing, staged, there.record, arena, &applying.record, err)) {
            return -1;
        }
    } else if (canonical(importing, staged, staged->given, arena, &applying.record, err)) {
        return -1;
    }
    applying.id = record_id(applying.record);
    applying.digest = digest_of_record(applying.record);
    if (change_loaded(importing->changes, staged->reg, applying.id, &applying.known, &applying.last, err)) {
        return -1;
    }
    if (applying.known && memcmp(applying.last.digest, applying.digest.bytes, sizeof(applying.last.digest)) == 0) {
        importing->result.unchanged++;
        return 0;
    }
    if (change_current(importing->changes, staged->reg, applying.id, arena, &there, NULL) == 0) {
        return apply_to_present(importing, staged, &applying, &there, err);
    }
    if (applying.known) {
        import_note(importing, IMPORT_DIFFERS, staged->where, "%.*s %.*s was deleted or given another id; it stays so",
                    STR_ARG(staged->reg->name), STR_ARG(applying.id));
        return 0;
    }
    return put(importing, staged, &applying, applying.record, SEQ_NONE, true, err);
}

/* Of several that are one record the one filed last stands; the others are said to be superseded. */
static int drop_superseded(struct importing *importing, struct err *err)
{
    struct map by_id;
    map_init(&by_id, importing->arena);
    for (struct staged *staged = importing->first; staged; staged = staged->next) {
        struct value *record = staged->given;
        if (record_id(record).len == 0 && canonical(importing, staged, record, importing->arena, &record, err)) {
            return -1;
        }
        struct str key = arena_concat(importing->arena, 3, staged->reg->name, STR("/"), record_id(record));
        struct staged *other = map_get(&by_id, key);
        struct staged *loser = other && str_cmp(other->order, staged->order) > 0 ? staged : other;
        if (loser) {
            import_note(importing, IMPORT_SKIPPED, loser->where, "superseded by %.*s",
                        STR_ARG((loser == other ? staged : other)->where));
            loser->given = NULL;
        }
        if (loser != staged) {
            map_set(&by_id, key, staged);
        }
    }
    return 0;
}

static int put_source(struct importing *importing, struct arena *arena, struct err *err)
{
    const struct reg *reg = model_role(importing->model, ROLE_SOURCE);
    const struct value *source = value_get(importing->config, STR("source"));
    struct staged staged = {.reg = reg, .where = importing->kind};
    struct found there;
    struct value *record;
    if (!importing->want_source || !reg ||
        change_current(importing->changes, reg, value_get_text(source, STR("id")), arena, &there, NULL) == 0) {
        return 0;
    }
    if (canonical(importing, &staged, source, arena, &record, err)) {
        return -1;
    }
    return change_put(importing->changes, reg, record, SEQ_NONE, arena, err);
}

static int fill(void *context, struct change_set *changes, struct err *err)
{
    struct importing *importing = context;
    ARENA_AUTO arena;
    arena_init(&arena, SCRATCH_MAX);
    importing->changes = changes;
    if (put_source(importing, &arena, err) ||
        (importing->options->sender.len > 0 && import_remember(importing, &arena, err))) {
        return -1;
    }
    for (const struct staged *staged = importing->first; staged; staged = staged->next) {
        arena_reset(&arena);
        if (staged->given && apply(importing, staged, &arena, err)) {
            return -1;
        }
    }
    return 0;
}

static int write_all(struct importing *importing, struct err *err)
{
    const struct import_options *options = importing->options;
    struct write_outcome outcome = {0};
    struct write_request request = {
        .author = options->author.len ? options->author : importing->kind,
        .reason = options->reason.len ? options->reason
                                      : arena_concat(importing->arena, 2, STR("import of "), importing->kind),
        .kind = STR("import"),
        .pack = arena_concat(importing->arena, 2, STR("import-"), importing->kind),
        .dry_run = options->dry_run,
        .alone = true,
        .fill = fill,
        .context = importing,
    };
    if (drop_superseded(importing, err)) {
        return -1;
    }
    if (!importing->first) {
        return 0;
    }
    if (store_write(importing->store, &request, &outcome, err)) {
        return -1;
    }
    importing->result.created = outcome.created;
    importing->result.updated = outcome.updated;
    importing->result.unchanged += outcome.unchanged;
    importing->result.change_set = options->dry_run ? 0 : outcome.change_set;
    return 0;
}

/* ---- the whole ---- */

static int read_config(struct importing *importing, struct import_options *options, struct value **ret_all,
                       struct err *err)
{
    const struct embedded_file *file = embed_find("site/import.json");
    struct str text = file ? str_make((const char *)file->data, file->size) : STR("{}");
    struct value *all;
    if (json_read(importing->arena, text, NULL, &all, err)) {
        return err_prefix(err, "site/import.json");
    }
    importing->config = value_get(all, importing->kind);
    if (str_eq(importing->kind, STR("sheet"))) {
        struct value *map;
        if (options->sender.len > 0 && import_recall(importing, all, options, err)) {
            return -1;
        }
        if (json_read(importing->arena, importing->options->map, NULL, &map, err)) {
            return err_prefix(err, "%.*s", STR_ARG(importing->options->map_shown));
        }
        importing->config = map;
    }
    importing->reg = model_register(importing->model, value_get_text(importing->config, STR("register")));
    if (!importing->reg) {
        return err_set(err, ERR_INVALID, "\"register\" of the mapping names no register of this model");
    }
    *ret_all = all;
    return 0;
}

static int read_each(struct importing *importing, const struct import_file *files, const struct str *contents,
                     size_t count, struct err *err)
{
    int (*reader)(struct importing *, const struct import_file *, struct str, struct err *) =
        str_eq(importing->kind, STR("gbizinfo"))           ? import_gbizinfo
        : str_eq(importing->kind, STR("corporate-number")) ? import_corporate_numbers
                                                           : import_sheet;
    if (str_eq(importing->kind, STR("edinet"))) {
        return import_edinet(importing, files, contents, count, err);
    }
    for (size_t i = 0; i < count; i++) {
        if (reader(importing, &files[i], contents[i], err)) {
            return -1;
        }
    }
    return 0;
}

int import_run(struct store *store, struct str kind, const struct import_file *files, size_t count,
               const struct import_options *options, struct arena *arena, struct import_result *ret_result,
               struct err *err)
{
    struct import_options own = *options;
    struct importing importing = {
        .store = store, .model = store_model(store), .options = &own, .kind = kind, .arena = arena};
    struct str *contents = ARENA_NEW_ARRAY(arena, count, struct str);
    struct value *all = NULL;
    importing.last = &importing.first;
    importing.result.notes = ARENA_NEW_ARRAY(arena, IMPORT_NOTES_MAX, struct import_note);
    map_init(&importing.by_number, arena);
    if (read_config(&importing, &own, &all, err) || know_companies(&importing, all, err)) {
        return -1;
    }
    /* The file of all corporations is read piece by piece. */
    for (size_t i = 0; i < count && !str_eq(kind, STR("corporate-number")); i++) {
        if (file_read(arena, files[i].path.ptr, IMPORT_FILE_BYTES, &contents[i], err)) {
            return -1;
        }
    }
    if (read_each(&importing, files, contents, count, err) || write_all(&importing, err)) {
        return -1;
    }
    *ret_result = importing.result;
    return 0;
}
