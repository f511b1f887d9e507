/* Mappings of spreadsheets that the store remembers by sender: a record for each sender, in the register that site/import.json names
 * under "sheet": {"mappings": {"register", "sender": FIELD, "mapping": FIELD}}. What is remembered is written in the change set of the
 * rows that it read, so that a mapping which was refused, or only tried, is not kept. */
#include "exchange/import_internal.h"
#include "model/record.h"

#define MAPPING_BYTES_MAX ((size_t)1 << 20)
#define KNOWN_MAX 20 /* senders that a message names */

struct recalling {
    struct importing *importing;
    struct str known; /* senders, with commas between */
    size_t count;
};

static int recall(void *context, const struct found *found)
{
    struct recalling *recalling = context;
    struct importing *importing = recalling->importing;
    struct arena *arena = importing->arena;
    struct str sender = value_get_text(found->record, importing->mappings.sender);
    if (str_eq(sender, importing->options->sender)) {
        importing->mappings.record = value_copy(arena, found->record);
    }
    if (recalling->count++ < KNOWN_MAX) {
        recalling->known = arena_concat(arena, 3, recalling->known, recalling->known.len ? STR(", ") : STR(""), sender);
    }
    return 0;
}

int import_recall(struct importing *importing, const struct value *all, struct import_options *options, struct err *err)
{
    const struct value *part = value_get(value_get(all, STR("sheet")), STR("mappings"));
    struct read_options reading = {.viewer = {.sees = VISIBILITY_SECRETARIAT}, .lang = LANG_EN};
    READER_AUTO *reader = NULL;
    struct recalling recalling = {.importing = importing, .known = STR("")};
    importing->mappings.reg = model_register(importing->model, value_get_text(part, STR("register")));
    importing->mappings.sender = value_get_text(part, STR("sender"));
    importing->mappings.mapping = value_get_text(part, STR("mapping"));
    if (!importing->mappings.reg) {
        return err_set(err, ERR_INVALID, "this model has no register of mappings; give one with --map FILE");
    }
    if (store_read(importing->store, &reading, &reader, err) ||
        store_each(reader, importing->mappings.reg, recall, &recalling, err)) {
        return -1;
    }
    if (options->map_shown.len > 0) {
        return 0;
    }
    if (!importing->mappings.record) {
        return err_set(err, ERR_NOT_FOUND,
                       "no mapping of \"%.*s\" is remembered; give it once with --map FILE; remembered: %.*s%s",
                       STR_ARG(options->sender), STR_ARG(recalling.count ? recalling.known : STR("none")),
                       recalling.count > KNOWN_MAX ? ", …" : "");
    }
    options->map = value_get_text(importing->mappings.record, importing->mappings.mapping);
    options->map_shown = arena_format(importing->arena, "mapping of %.*s", STR_ARG(options->sender));
    return 0;
}

int import_remember(struct importing *importing, struct arena *arena, struct err *err)
{
    const struct value *there = importing->mappings.record;
    struct str field = importing->mappings.mapping;
    struct value *record = there ? value_copy(arena, there) : value_object(arena);
    struct record_problems problems;
    BUF_AUTO json;
    buf_init(&json, MAPPING_BYTES_MAX);
    value_write_canonical_json(&json, importing->config);
    value_set_text(arena, record, importing->mappings.sender, importing->options->sender);
    value_set_text(arena, record, field, buf_str(&json));
    value_set(arena, record, STR("redacted"), NULL);
    record_problems_init(&problems, arena);
    if (record_from_value(importing->model, importing->mappings.reg, record, arena, &problems, &record)) {
        return err_set(err, ERR_INVALID, "%.*s: %.*s: %.*s", STR_ARG(importing->options->map_shown),
                       STR_ARG(problems.items[0].field), STR_ARG(problems.items[0].message));
    }
    if (there && str_eq(value_get_text(there, field), value_get_text(record, field))) {
        return 0;
    }
    importing->result.remembered = true;
    return change_put(importing->changes, importing->mappings.reg, record, there ? SEQ_ANY : SEQ_NONE, arena, err);
}
