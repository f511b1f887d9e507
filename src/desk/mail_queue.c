#include "desk/mail_queue.h"

#include "model/record.h"

#define SCRATCH_MAX ((size_t)16 << 20)

const struct str mail_kind_names[MAIL_KINDS] = {STR("notice"), STR("receipt"), STR("answer")};
static const struct str state_names[] = {
    [MAIL_WAITS] = STR("waiting"), [MAIL_SENT] = STR("sent"), [MAIL_GIVEN_UP] = STR("given-up")};

static struct value *time_value(struct arena *arena, int64_t time_ms)
{
    char text[TIME_TEXT_MAX];

    return value_text(arena, arena_copy(arena, str_make(text, time_format(time_ms, text))));
}

static int put(struct change_set *changes, const struct model *model, const struct reg *reg, const struct value *given,
               int64_t expected_seq, struct arena *arena, struct err *err)
{
    struct value *record = NULL;

    if (record_make(model, reg, given, arena, &record, err) != 0) {
        return -1;
    }
    return change_put(changes, reg, record, expected_seq, arena, err);
}

int mail_queue(struct change_set *changes, const struct model *model, enum mail_kind kind, struct str enquiry,
               int64_t now_ms, struct arena *arena, struct err *err)
{
    const struct reg *reg = model_role(model, ROLE_MAIL);
    struct value *given = value_object(arena);
    struct found found;
    struct str id;
    int number = 1;

    if (reg == NULL) {
        return 0;
    }
    do {
        id = arena_format(arena, "%.*s.%.*s.%d", STR_ARG(enquiry), STR_ARG(mail_kind_names[kind]), number++);
    } while (change_current(changes, reg, id, arena, &found, err) == 0);
    if (err->code != ERR_NOT_FOUND) {
        return -1;
    }
    *err = (struct err){0};
    value_set_text(arena, given, STR("id"), id);
    value_set_text(arena, given, STR("kind"), mail_kind_names[kind]);
    value_set_text(arena, given, STR("enquiry"), enquiry);
    value_set_text(arena, given, STR("state"), state_names[MAIL_WAITS]);
    value_set(arena, given, STR("created"), time_value(arena, now_ms));
    value_set(arena, given, STR("next_try"), time_value(arena, now_ms));
    return put(changes, model, reg, given, SEQ_NONE, arena, err);
}

/* ---- what waits ---- */

static int64_t time_of(const struct value *record, struct str name)
{
    int64_t time_ms;

    return time_parse(value_get_text(record, name), &time_ms) ? time_ms : 0;
}

static bool take_mail(const struct value *record, struct waiting_mail *mail)
{
    struct str kind = value_get_text(record, STR("kind"));

    for (size_t i = 0; i < MAIL_KINDS; i++) {
        if (str_eq(kind, mail_kind_names[i])) {
            *mail = (struct waiting_mail){
                .id = record_id(record),
                .enquiry = value_get_text(record, STR("enquiry")),
                .kind = (enum mail_kind)i,
                .created_ms = time_of(record, STR("created")),
                .next_try_ms = time_of(record, STR("next_try")),
                .tries = desk_number(record, STR("tries"), 0),
            };
            return true;
        }
    }
    return false;
}

int mail_waiting(struct store *store, struct arena *arena, struct waiting_mail **ret_mails, size_t *ret_count,
                 struct err *err)
{
    READER_AUTO *reader = NULL;
    const struct reg *reg = model_role(store_model(store), ROLE_MAIL);
    struct filter filter = {.name = STR("state"), .value = state_names[MAIL_WAITS]};
    struct list_query query = {.reg = reg, .filters = &filter, .filter_count = 1, .limit = MAIL_AT_ONCE};
    struct page page = {0};
    size_t count = 0;

    *ret_count = 0;
    if (reg == NULL) {
        return 0;
    }
    filter.field = reg_field(reg, STR("state"));
    query.sort = reg_field(reg, STR("next_try"));
    if (desk_read(store, &reader, err) != 0 || store_list(reader, &query, arena, &page, err) != 0) {
        return -1;
    }
    *ret_mails = ARENA_NEW_ARRAY(arena, page.count, struct waiting_mail);
    for (size_t i = 0; i < page.count; i++) {
        count += take_mail(page.items[i].record, &(*ret_mails)[count]) ? 1 : 0;
    }
    *ret_count = count;
    return 0;
}

/* ---- what became of it ---- */

struct noting {
    const struct model *model;
    const struct reg *reg;
    struct str id;
    const struct mail_result *result;
    struct arena *arena;
};

static int fill_note(void *context, struct change_set *changes, struct err *err)
{
    const struct noting *noting = context;
    const struct mail_result *result = noting->result;
    struct arena *arena = noting->arena;
    struct value *given;
    struct found found;

    if (change_current(changes, noting->reg, noting->id, arena, &found, err) != 0) {
        return -1;
    }
    given = value_copy(arena, found.record);
    value_set_text(arena, given, STR("state"), state_names[result->outcome]);
    value_set(arena, given, STR("tries"), value_int(arena, result->tries));
    value_set(arena, given, STR("next_try"),
              result->outcome == MAIL_WAITS ? time_value(arena, result->next_try_ms) : NULL);
    value_set(arena, given, STR("sent"), result->outcome == MAIL_SENT ? time_value(arena, result->now_ms) : NULL);
    value_set(arena, given, STR("trouble"), result->trouble.len > 0 ? value_text(arena, result->trouble) : NULL);
    return put(changes, noting->model, noting->reg, given, found.seq, arena, err);
}

int mail_note(struct store *store, struct str id, const struct mail_result *result, struct err *err)
{
    ARENA_AUTO arena;
    const struct model *model = store_model(store);
    struct noting noting = {
        .model = model, .reg = model_role(model, ROLE_MAIL), .id = id, .result = result, .arena = &arena};
    struct write_request request = {.author = STR("mail"),
                                    .reason = STR("what became of a mail"),
                                    .kind = STR("edit"),
                                    .fill = fill_note,
                                    .context = &noting};
    struct write_outcome outcome;

    arena_init(&arena, SCRATCH_MAX);
    return store_write(store, &request, &outcome, err);
}
