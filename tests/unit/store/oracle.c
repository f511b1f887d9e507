#include "oracle.h"

#include "model/record.h"

#include <assert.h>
#include <string.h>

void oracle_init(struct oracle *oracle, const struct model *model, struct arena *arena)
{
    memset(oracle, 0, sizeof *oracle);
    oracle->model = model;
    oracle->arena = arena;
    oracle->states[0] = ARENA_NEW(arena, struct state);
}

int64_t oracle_end(const struct oracle *oracle, int64_t as_of)
{
    return as_of && as_of < oracle->last ? oracle->ends[as_of] : oracle->last;
}

const struct state *oracle_state(const struct oracle *oracle, int64_t as_of)
{
    return oracle->states[oracle_end(oracle, as_of)];
}

const struct entry *state_find(const struct state *state, const struct reg *reg, struct str id)
{
    for (size_t i = 0; i < state->count; i++)
        if (state->entries[i].reg == reg && str_eq(record_id(state->entries[i].record), id))
            return &state->entries[i];
    return NULL;
}

/* ---- ids ---- */

int oracle_line(const struct oracle *oracle, const struct reg *reg, struct str id)
{
    for (size_t i = 0; i < oracle->line_count; i++)
        if (oracle->lines[i].reg == reg && str_eq(oracle->lines[i].from, id))
            return oracle->lines[i].to.len ? oracle_line(oracle, reg, oracle->lines[i].to) : (int)i;
    return -1;
}

static int begin_line(struct oracle *oracle, const struct reg *reg, struct str id)
{
    int line = oracle_line(oracle, reg, id);
    if (line >= 0)
        return line;
    assert(oracle->line_count < ORACLE_MOVES_MAX);
    oracle->lines[oracle->line_count] = (struct move){.reg = reg, .from = id};
    return (int)oracle->line_count++;
}

struct str oracle_moved(const struct oracle *oracle, const struct reg *reg, struct str id)
{
    for (size_t i = 0; i < oracle->move_count; i++)
        if (oracle->moves[i].reg == reg && str_eq(oracle->moves[i].from, id))
            return oracle->moves[i].to;
    return STR("");
}

static void add_move(struct oracle *oracle, const struct reg *reg, struct str from, struct str to)
{
    for (size_t i = 0; i < oracle->move_count; i++)
        if (oracle->moves[i].reg == reg && str_eq(oracle->moves[i].to, from))
            oracle->moves[i].to = to;
    assert(oracle->move_count < ORACLE_MOVES_MAX);
    oracle->moves[oracle->move_count++] = (struct move){reg, from, to};
}

/* ---- references ---- */

/* The id a reference holds, whichever way it is written; NULL when it is a name. */
static const struct value *id_of(const struct value *reference)
{
    return reference && reference->kind == VALUE_OBJECT ? value_get(reference, STR("id")) : reference;
}

static const struct reg *target_of(const struct oracle *oracle, const struct reg *reg, struct str member)
{
    if (str_eq(member, STR("owner")))
        return model_register(oracle->model, STR("organisation"));
    const struct field *field = reg_field(reg, member);
    return field ? field->reference : NULL;
}

static bool holds_id(const struct value *value, struct str id)
{
    if (!value)
        return false;
    if (value->kind != VALUE_LIST)
        return str_eq(value_text_of(id_of(value)), id);
    for (size_t i = 0; i < value_count(value); i++)
        if (str_eq(value_text_of(id_of(value_at(value, i))), id))
            return true;
    return false;
}

bool record_refers(const struct value *record, const struct field *field, struct str id)
{
    if (field)
        return field->reference && holds_id(value_get(record, field->name), id);
    const struct value *sources = value_get(record, STR("sources"));
    for (size_t i = 0; i < value_count(sources); i++)
        if (str_eq(value_get_text(value_at(sources, i), STR("source")), id))
            return true;
    return false;
}

static bool refers_at_all(const struct oracle *oracle, const struct entry *entry, const struct reg *target,
                          struct str id)
{
    if (target_of(oracle, entry->reg, STR("owner")) == target &&
        str_eq(value_get_text(entry->record, STR("owner")), id))
        return true;
    if (target == model_register(oracle->model, STR("source")) && record_refers(entry->record, NULL, id))
        return true;
    for (size_t i = 0; i < entry->reg->field_count; i++)
        if (entry->reg->fields[i].reference == target && record_refers(entry->record, &entry->reg->fields[i], id))
            return true;
    return false;
}

static void replace_in(struct value *value, struct str from, struct str to)
{
    struct value *id = (struct value *)id_of(value);
    if (id && id->kind == VALUE_TEXT && str_eq(id->text, from))
        id->text = to;
}

static void take_out_repeated(struct value *list)
{
    for (size_t i = 1; i < list->list.count; i++)
        for (size_t k = 0; k < i; k++)
            if (value_equal(list->list.items[k], list->list.items[i])) {
                memmove(&list->list.items[i], &list->list.items[i + 1],
                        (--list->list.count - i) * sizeof list->list.items[0]);
                i--;
                break;
            }
}

/* A copy in which what referred to `from` refers to `to`. */
static struct value *with_replaced(const struct oracle *oracle, const struct reg *reg, const struct value *record,
                                   const struct reg *target, struct str from, struct str to)
{
    struct value *copy = value_copy(oracle->arena, record);
    for (size_t i = 0; i < copy->object.count; i++) {
        struct value *value = copy->object.members[i].value;
        if (target_of(oracle, reg, copy->object.members[i].key) != target)
            continue;
        for (size_t k = 0; value->kind == VALUE_LIST && k < value->list.count; k++)
            replace_in(value->list.items[k], from, to);
        if (value->kind == VALUE_LIST)
            take_out_repeated(value);
        if (value->kind != VALUE_LIST)
            replace_in(value, from, to);
    }
    const struct value *sources = value_get(copy, STR("sources"));
    for (size_t i = 0; target == model_register(oracle->model, STR("source")) && i < value_count(sources); i++)
        replace_in((struct value *)value_get(value_at(sources, i), STR("source")), from, to);
    return copy;
}

static bool all_references_exist(const struct oracle *oracle, const struct state *state)
{
    for (size_t i = 0; i < state->count; i++) {
        const struct entry *entry = &state->entries[i];
        for (size_t m = 0; m < entry->record->object.count; m++) {
            const struct value *value = entry->record->object.members[m].value;
            const struct reg *target = target_of(oracle, entry->reg, entry->record->object.members[m].key);
            for (size_t k = 0; target && value->kind == VALUE_LIST && k < value_count(value); k++)
                if (id_of(value_at(value, k)) && !state_find(state, target, value_text_of(id_of(value_at(value, k)))))
                    return false;
            if (target && value->kind != VALUE_LIST && id_of(value) &&
                !state_find(state, target, value_text_of(id_of(value))))
                return false;
        }
        const struct value *sources = value_get(entry->record, STR("sources"));
        for (size_t k = 0; k < value_count(sources); k++) {
            struct str id = value_get_text(value_at(sources, k), STR("source"));
            if (id.len && !state_find(state, model_register(oracle->model, STR("source")), id))
                return false;
        }
    }
    return true;
}

/* ---- writing ---- */

struct application {
    struct oracle *oracle;
    const struct state *before; /* the change set */
    struct state state;
    const struct feed_item *feed; /* NULL: only to see whether it is accepted */
    size_t feed_count, feed_next;
    bool failed;
};

static struct entry *find(struct application *application, const struct reg *reg, struct str id)
{
    return (struct entry *)state_find(&application->state, reg, id);
}

static bool expect(struct application *application, enum change_kind kind, const struct reg *reg, struct str id)
{
    if (!application->feed)
        return true;
    if (application->feed_next >= application->feed_count)
        return false;
    const struct feed_item *item = &application->feed[application->feed_next];
    return item->kind == kind && item->reg == reg && str_eq(item->id, id);
}

/* One revision has been made: the state after it is kept. */
static void commit(struct application *application, const struct reg *reg, int line, enum change_kind kind,
                   struct entry *entry)
{
    struct oracle *oracle = application->oracle;
    int64_t seq = oracle->last + 1;
    if (application->feed) {
        application->failed |= application->feed[application->feed_next].seq != seq;
        application->feed_next++;
    }
    if (entry)
        entry->seq = application->feed ? seq : INT64_MAX;
    if (!application->feed)
        return;
    assert(seq < ORACLE_SEQS_MAX);
    oracle->states[seq] =
        memcpy(ARENA_NEW(oracle->arena, struct state), &application->state, sizeof application->state);
    oracle->events[seq] = (struct event){reg, line, kind};
    oracle->last = seq;
}

static bool touched_before(const struct application *application, const struct entry *entry)
{
    const struct entry *former = state_find(application->before, entry->reg, record_id(entry->record));
    return !former || former->seq != entry->seq || former->line != entry->line;
}

static void end_entry(struct application *application, struct entry *entry)
{
    size_t place = (size_t)(entry - application->state.entries);
    memmove(entry, entry + 1, (application->state.count - place - 1) * sizeof *entry);
    application->state.count--;
}

static struct value *redirected(struct application *application, const struct reg *reg, const struct value *record)
{
    struct oracle *oracle = application->oracle;
    struct value *copy = value_copy(oracle->arena, record);
    for (size_t i = 0; i < oracle->move_count; i++) {
        const struct move *move = &oracle->moves[i];
        copy = with_replaced(oracle, reg, copy, move->reg, move->from, move->to);
    }
    return copy;
}

static bool apply_put(struct application *application, const struct operation *operation)
{
    struct oracle *oracle = application->oracle;
    struct value *record = redirected(application, operation->reg, operation->record);
    struct entry *entry = find(application, operation->reg, operation->id);
    if (entry) {
        if (touched_before(application, entry))
            return false;
        const struct value *redacted = value_get(entry->record, STR("redacted"));
        for (size_t i = 0; i < value_count(redacted); i++)
            value_set(oracle->arena, record, value_text_of(value_at(redacted, i)), NULL);
        if (redacted)
            value_set(oracle->arena, record, STR("redacted"), (struct value *)redacted);
        if (value_equal(record, entry->record))
            return true;
    } else if (oracle_moved(oracle, operation->reg, operation->id).len) {
        return false;
    }
    enum change_kind kind = entry ? CHANGE_UPDATE : CHANGE_CREATE;
    if (!expect(application, kind, operation->reg, operation->id))
        return false;
    if (!entry) {
        assert(application->state.count < ORACLE_ENTRIES_MAX);
        entry = &application->state.entries[application->state.count++];
        *entry = (struct entry){.reg = operation->reg, .line = begin_line(oracle, operation->reg, operation->id)};
    }
    entry->record = record;
    commit(application, operation->reg, entry->line, kind, entry);
    return true;
}

static bool apply_delete(struct application *application, const struct operation *operation)
{
    struct entry *entry = find(application, operation->reg, operation->id);
    if (!entry || touched_before(application, entry) ||
        !expect(application, CHANGE_DELETE, operation->reg, operation->id))
        return false;
    int line = entry->line;
    end_entry(application, entry);
    commit(application, operation->reg, line, CHANGE_DELETE, NULL);
    return true;
}

/* Everything that refers to the old id takes the new one, in the feed's order. */
static bool follow(struct application *application, const struct reg *target, struct str from, struct str to)
{
    struct oracle *oracle = application->oracle;
    for (;;) {
        struct entry *entry = NULL;
        for (size_t i = 0; i < application->state.count; i++) {
            struct entry *candidate = &application->state.entries[i];
            if (!refers_at_all(oracle, candidate, target, from))
                continue;
            entry = candidate;
            if (application->feed && expect(application, CHANGE_UPDATE, candidate->reg, record_id(candidate->record)))
                break;
        }
        if (!entry)
            return true;
        if (!expect(application, CHANGE_UPDATE, entry->reg, record_id(entry->record)))
            return false;
        entry->record = with_replaced(oracle, entry->reg, entry->record, target, from, to);
        commit(application, entry->reg, entry->line, CHANGE_UPDATE, entry);
    }
}

static bool apply_rename(struct application *application, const struct operation *operation)
{
    struct oracle *oracle = application->oracle;
    struct entry *entry = find(application, operation->reg, operation->id);
    if (!entry || touched_before(application, entry) || oracle_line(oracle, operation->reg, operation->other) >= 0 ||
        !expect(application, CHANGE_RENAME, operation->reg, operation->other))
        return false;
    struct value *record = value_copy(oracle->arena, entry->record);
    value_set_text(oracle->arena, record, STR("id"), operation->other);
    entry->record = record;
    begin_line(oracle, operation->reg, operation->other);
    oracle->lines[oracle->line_count - 1].to = operation->id;
    add_move(oracle, operation->reg, operation->id, operation->other);
    commit(application, operation->reg, entry->line, CHANGE_RENAME, entry);
    return follow(application, operation->reg, operation->id, operation->other);
}

static bool apply_merge(struct application *application, const struct operation *operation)
{
    struct oracle *oracle = application->oracle;
    struct entry *entry = find(application, operation->reg, operation->id);
    if (!entry || str_eq(operation->id, operation->other) || !find(application, operation->reg, operation->other) ||
        touched_before(application, entry) || !expect(application, CHANGE_MERGE, operation->reg, operation->id))
        return false;
    int line = entry->line;
    end_entry(application, entry);
    add_move(oracle, operation->reg, operation->id, operation->other);
    commit(application, operation->reg, line, CHANGE_MERGE, NULL);
    return follow(application, operation->reg, operation->id, operation->other);
}

static struct value *without_field(struct oracle *oracle, const struct value *record, const struct field *field,
                                   const struct value *marks)
{
    struct value *copy = value_copy(oracle->arena, record);
    value_set(oracle->arena, copy, field->name, NULL);
    value_set(oracle->arena, copy, STR("redacted"), (struct value *)marks);
    return copy;
}

static struct value *marks_with(struct oracle *oracle, const struct value *record, const struct field *field)
{
    const struct value *former = value_get(record, STR("redacted"));
    struct value *marks = former ? value_copy(oracle->arena, former) : value_list(oracle->arena);
    bool there = false;
    for (size_t i = 0; i < value_count(marks); i++)
        there |= str_eq(value_text_of(value_at(marks, i)), field->name);
    if (!there)
        value_append(oracle->arena, marks, value_text(oracle->arena, field->name));
    return marks;
}

static const struct entry *on_line(const struct state *state, const struct reg *reg, int line)
{
    for (size_t i = 0; i < state->count; i++)
        if (state->entries[i].reg == reg && state->entries[i].line == line)
            return &state->entries[i];
    return NULL;
}

/* Out of every state there was, whatever the record was called then. */
static void redact_past(struct oracle *oracle, const struct operation *operation, int line, const struct value *marks)
{
    for (int64_t seq = 1; seq <= oracle->last; seq++)
        for (size_t i = 0; i < oracle->states[seq]->count; i++) {
            struct entry *past = &oracle->states[seq]->entries[i];
            if (past->reg == operation->reg && past->line == line)
                past->record = without_field(oracle, past->record, operation->field, marks);
        }
}

static bool apply_redact(struct application *application, const struct operation *operation)
{
    struct oracle *oracle = application->oracle;
    int line = oracle_line(oracle, operation->reg, operation->id);
    if (line < 0)
        return false;
    struct entry *entry = (struct entry *)on_line(&application->state, operation->reg, line);
    const struct entry *last = entry;
    for (int64_t seq = oracle->last; !last && seq > 0; seq--)
        last = on_line(oracle->states[seq], operation->reg, line);
    /* A record that came and went in this change set is known to nobody yet. */
    if (!last || (entry && touched_before(application, entry)) ||
        (application->feed && !expect(application, CHANGE_REDACT, operation->reg, record_id(last->record))))
        return false;
    const struct value *marks = marks_with(oracle, last->record, operation->field);
    if (entry)
        entry->record = without_field(oracle, entry->record, operation->field, marks);
    commit(application, operation->reg, line, CHANGE_REDACT, entry);
    if (application->feed)
        redact_past(oracle, operation, line, marks);
    return true;
}

static bool apply(struct application *application, const struct operation *operation)
{
    switch (operation->kind) {
    case CHANGE_CREATE:
    case CHANGE_UPDATE:
        return apply_put(application, operation);
    case CHANGE_DELETE:
        return apply_delete(application, operation);
    case CHANGE_RENAME:
        return apply_rename(application, operation);
    case CHANGE_MERGE:
        return apply_merge(application, operation);
    default:
        return apply_redact(application, operation);
    }
}

bool oracle_accepts(struct oracle *oracle, const struct operation *operations, size_t count)
{
    struct application application = {.oracle = oracle, .before = oracle->states[oracle->last]};
    application.state = *application.before;
    size_t line_count = oracle->line_count, move_count = oracle->move_count;
    struct move moves[ORACLE_MOVES_MAX];
    memcpy(moves, oracle->moves, sizeof moves);
    bool accepted = true;
    for (size_t i = 0; i < count && accepted; i++)
        accepted = apply(&application, &operations[i]);
    memcpy(oracle->moves, moves, sizeof moves);
    oracle->line_count = line_count;
    oracle->move_count = move_count;
    return accepted && all_references_exist(oracle, &application.state);
}

bool oracle_apply(struct oracle *oracle, const struct operation *operations, size_t count, const struct feed_item *feed,
                  size_t feed_count)
{
    struct application application = {
        .oracle = oracle, .before = oracle->states[oracle->last], .feed = feed, .feed_count = feed_count};
    application.state = *application.before;
    for (size_t i = 0; i < count; i++)
        if (!apply(&application, &operations[i]))
            return false;
    for (int64_t seq = oracle->last; seq > 0 && oracle->ends[seq] == 0; seq--)
        oracle->ends[seq] = oracle->last;
    return !application.failed && application.feed_next == feed_count;
}

/* ---- reading ---- */

bool entry_is_visible(const struct entry *entry, const struct viewer *viewer)
{
    enum visibility visibility = VISIBILITY_PUBLIC;
    visibility_from_name(value_get_text(entry->record, STR("visibility")), &visibility);
    return visibility <= viewer->sees ||
           (viewer->owner.len && str_eq(viewer->owner, value_get_text(entry->record, STR("owner"))));
}

static bool may_know(const struct state *state, const struct reg *target, const struct value *id,
                     const struct viewer *viewer)
{
    if (!id || viewer->sees == VISIBILITY_SECRETARIAT)
        return true;
    const struct entry *entry = state_find(state, target, value_text_of(id));
    return entry && entry_is_visible(entry, viewer);
}

static struct value *view_list(const struct oracle *oracle, const struct state *state, const struct reg *target,
                               const struct value *list, const struct viewer *viewer)
{
    struct value *kept = value_list(oracle->arena);
    for (size_t i = 0; i < value_count(list); i++)
        if (may_know(state, target, id_of(value_at(list, i)), viewer))
            value_append(oracle->arena, kept, (struct value *)value_at(list, i));
    return value_count(kept) ? kept : NULL;
}

static bool sees_field(const struct field *field, bool owns, const struct viewer *viewer)
{
    return !field || owns || field->visibility <= viewer->sees;
}

static struct value *view_sources(const struct oracle *oracle, const struct state *state, const struct reg *reg,
                                  const struct value *sources, bool owns, const struct viewer *viewer)
{
    struct value *kept = value_list(oracle->arena);
    const struct reg *source_register = model_register(oracle->model, STR("source"));
    for (size_t i = 0; i < value_count(sources); i++) {
        struct value *source = value_copy(oracle->arena, value_at(sources, i));
        const struct value *fields = value_get(source, STR("fields"));
        struct value *shown = value_list(oracle->arena);
        for (size_t k = 0; k < value_count(fields); k++)
            if (sees_field(reg_field(reg, value_text_of(value_at(fields, k))), owns, viewer))
                value_append(oracle->arena, shown, (struct value *)value_at(fields, k));
        if (!may_know(state, source_register, value_get(source, STR("source")), viewer) ||
            (fields && value_count(shown) == 0))
            continue;
        if (fields)
            value_set(oracle->arena, source, STR("fields"), shown);
        value_append(oracle->arena, kept, source);
    }
    return value_count(kept) ? kept : NULL;
}

struct value *oracle_view(const struct oracle *oracle, const struct state *state, const struct reg *reg,
                          const struct value *record, const struct viewer *viewer)
{
    struct value *view = value_object(oracle->arena);
    bool owns = viewer->owner.len && str_eq(viewer->owner, value_get_text(record, STR("owner")));
    for (size_t i = 0; i < record->object.count; i++) {
        struct str name = record->object.members[i].key;
        struct value *value = record->object.members[i].value;
        const struct field *field = reg_field(reg, name);
        const struct reg *target = target_of(oracle, reg, name);
        if (str_eq(name, STR("sources")))
            value = view_sources(oracle, state, reg, value, owns, viewer);
        else if (!sees_field(field, owns, viewer))
            value = NULL;
        else if (target && value->kind == VALUE_LIST)
            value = view_list(oracle, state, target, value, viewer);
        else if (target && !may_know(state, target, id_of(value), viewer))
            value = NULL;
        if (value)
            value_set(oracle->arena, view, name, value);
    }
    return view;
}

/* ---- time ---- */

static bool member_date(const struct value *record, struct str name, struct date *ret_date)
{
    return date_parse(value_get_text(record, name), ret_date);
}

static struct str begins(const struct value *record)
{
    struct str from = value_get_text(record, STR("from"));
    return from.len ? from : value_get_text(record, STR("attested_on"));
}

/* Another record of the same seat, of which the viewer may know, had begun by that day and later than this one. */
static bool is_followed(const struct state *state, const struct entry *entry, const struct viewer *viewer,
                        struct date day)
{
    char text[DATE_TEXT_MAX];
    struct str limit = str_make(text, date_format(day, text));
    for (size_t i = 0; i < state->count; i++) {
        const struct entry *other = &state->entries[i];
        bool same = other->reg == entry->reg && other != entry && entry_is_visible(other, viewer);
        for (size_t k = 0; same && k < entry->reg->one_at_a_time_count; k++) {
            struct str name = entry->reg->one_at_a_time[k]->name;
            struct str here = value_text_of(id_of(value_get(entry->record, name)));
            same = here.len && str_eq(here, value_text_of(id_of(value_get(other->record, name))));
        }
        struct str start = begins(other->record);
        if (same && begins(entry->record).len && start.len && str_cmp(start, begins(entry->record)) > 0 &&
            str_cmp(start, limit) <= 0)
            return true;
    }
    return false;
}

bool oracle_holds(const struct state *state, const struct entry *entry, const struct viewer *viewer, struct date on)
{
    if (!date_is_set(on))
        return true;
    struct date from, to, attested;
    bool has_from = member_date(entry->record, STR("from"), &from);
    bool has_to = member_date(entry->record, STR("to"), &to);
    bool has_attested = member_date(entry->record, STR("attested_on"), &attested);
    if (!has_from && has_attested) {
        from = attested;
        has_from = true;
    }
    if (has_from && date_cmp(date_first_day(from), date_last_day(on)) > 0)
        return false;
    if (has_to)
        return date_cmp(date_last_day(to), date_first_day(on)) >= 0;
    return entry->reg->one_at_a_time_count == 0 || !is_followed(state, entry, viewer, date_first_day(on));
}
