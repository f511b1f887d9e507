/* What is done with an enquiry after it came. */
#include "desk/enquiry.h"
#include "desk/mail.h"

#include "model/record.h"

#define SCRATCH_MAX ((size_t)64 << 20)
#define ERASED_AT_ONCE 500

struct stepping {
    const struct enquiry_step *step;
    const struct model *model;
    const struct reg *reg;
    struct arena *arena;
};

static bool is_over(struct str state)
{
    return str_eq(state, STR("closed")) || str_eq(state, STR("spam"));
}

static int check_step(const struct enquiry_step *step, const struct value *record, struct err *err)
{
    struct str state = value_get_text(record, STR("state"));

    if (is_over(state) && (step->answer.len > 0 || is_over(step->state)) && !str_eq(state, step->state)) {
        return err_set(err, ERR_CONFLICT, "enquiry %.*s is over (%.*s); allowed: forward it to open it again",
                       STR_ARG(step->number), STR_ARG(state));
    }
    return 0;
}

static void apply(const struct stepping *stepping, struct value *record)
{
    const struct enquiry_step *step = stepping->step;
    struct arena *arena = stepping->arena;
    char at[TIME_TEXT_MAX];

    value_set(arena, record, STR("redacted"), NULL);
    value_set_text(arena, record, STR("state"), step->state);
    if (step->answer.len > 0) {
        value_set_text(arena, record, STR("answer"), step->answer);
        value_set_text(arena, record, STR("answered"), arena_copy(arena, str_make(at, time_format(step->now_ms, at))));
    }
    if (step->assigned_to.len > 0) {
        struct value *party = value_object(arena);
        value_set_text(arena, party, STR("id"), step->assigned_to);
        value_set(arena, record, STR("assigned_to"), party);
        value_set_text(arena, record, STR("owner"), step->assigned_to);
    }
}

/* The mails that a step calls for. */
static int tell(const struct stepping *stepping, struct change_set *changes, const struct value *record,
                struct err *err)
{
    const struct enquiry_step *step = stepping->step;

    if (step->answer.len > 0 && value_get_text(record, STR("sender_email")).len > 0 &&
        mail_queue(changes, stepping->model, MAIL_ANSWER, step->number, step->now_ms, stepping->arena, err) != 0) {
        return -1;
    }
    return step->assigned_to.len == 0
               ? 0
               : mail_queue(changes, stepping->model, MAIL_NOTICE, step->number, step->now_ms, stepping->arena, err);
}

static int fill(void *context, struct change_set *changes, struct err *err)
{
    const struct stepping *stepping = context;
    const struct enquiry_step *step = stepping->step;
    struct value *changed, *record = NULL;
    struct found found;

    if (change_current(changes, stepping->reg, step->number, stepping->arena, &found, err) != 0) {
        return err_prefix(err, "enquiry");
    }
    if (check_step(step, found.record, err) != 0) {
        return -1;
    }
    changed = value_copy(stepping->arena, found.record);
    apply(stepping, changed);
    if (record_make(stepping->model, stepping->reg, changed, stepping->arena, &record, err) != 0 ||
        change_put(changes, stepping->reg, record, found.seq, stepping->arena, err) != 0) {
        return -1;
    }
    return tell(stepping, changes, record, err);
}

int enquiry_take_step(struct store *store, const struct enquiry_step *step, struct write_outcome *ret_outcome,
                      struct err *err)
{
    ARENA_AUTO arena;
    struct stepping stepping = {
        .step = step, .model = store_model(store), .reg = enquiry_register(store_model(store)), .arena = &arena};
    struct write_request request = {
        .author = step->author, .reason = step->reason, .kind = STR("edit"), .fill = fill, .context = &stepping};

    arena_init(&arena, SCRATCH_MAX);
    if (stepping.reg == NULL) {
        return err_set(err, ERR_NOT_FOUND, "this model has no register for enquiries");
    }
    return store_write(store, &request, ret_outcome, err);
}

/* ---- erasing ---- */

struct erasing {
    const struct reg *reg;
    const struct field **fields;
    size_t field_count;
    struct date today;
    struct arena *arena;
    struct str *ids;
    size_t count;
};

static bool is_erased_already(const struct value *record, const struct erasing *erasing)
{
    for (size_t i = 0; i < erasing->field_count; i++) {
        if (value_get(record, erasing->fields[i]->name) != NULL) {
            return false;
        }
    }
    return true;
}

static int collect(void *context, const struct found *found)
{
    struct erasing *erasing = context;
    struct date on;

    if (erasing->count < ERASED_AT_ONCE && date_parse(value_get_text(found->record, STR("erase_on")), &on) &&
        date_cmp(on, erasing->today) <= 0 && !is_erased_already(found->record, erasing)) {
        erasing->ids[erasing->count++] = arena_copy(erasing->arena, record_id(found->record));
    }
    return 0;
}

static int fill_erasures(void *context, struct change_set *changes, struct err *err)
{
    const struct erasing *erasing = context;

    for (size_t i = 0; i < erasing->count; i++) {
        if (change_redact(changes, erasing->reg, erasing->ids[i], erasing->fields, erasing->field_count, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static void find_personal_fields(struct erasing *erasing)
{
    erasing->fields =
        (const struct field **)arena_alloc_array(erasing->arena, erasing->reg->field_count, sizeof *erasing->fields);
    for (size_t i = 0; i < erasing->reg->field_count; i++) {
        if (erasing->reg->fields[i].personal) {
            erasing->fields[erasing->field_count++] = &erasing->reg->fields[i];
        }
    }
}

int enquiry_erase_due(struct store *store, struct date today, struct str author, struct write_outcome *ret_outcome,
                      struct err *err)
{
    ARENA_AUTO arena;
    READER_AUTO *reader = NULL;
    struct erasing erasing = {.reg = enquiry_register(store_model(store)), .today = today, .arena = &arena};
    struct write_request request = {.author = author,
                                    .reason = STR("the time for which a sender's details are kept is up"),
                                    .kind = STR("edit"),
                                    .fill = fill_erasures,
                                    .context = &erasing};

    arena_init(&arena, SCRATCH_MAX);
    *ret_outcome = (struct write_outcome){0};
    if (erasing.reg == NULL) {
        return 0;
    }
    find_personal_fields(&erasing);
    erasing.ids = ARENA_NEW_ARRAY(&arena, ERASED_AT_ONCE, struct str);
    if (desk_read(store, &reader, err) != 0 || store_each(reader, erasing.reg, collect, &erasing, err) != 0) {
        return -1;
    }
    return erasing.count == 0 ? 0 : store_write(store, &request, ret_outcome, err);
}
