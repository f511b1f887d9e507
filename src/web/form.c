/* Lists in other forms: the whole of what was asked for, not a page of it. */
#include "web/api.h"

#include "exchange/represent.h"
#include "web/problem.h"
#include "web/query.h"
#include "web/route.h"

#define FORM_BYTES_MAX ((uint64_t)4 << 30)
#define FORM_PAGE 500     /* records read at a time */
#define ATOM_LIMIT 100    /* changes in a feed when nothing is asked */
#define FORM_LIMIT 100000 /* most that may be asked for */

struct form {
    struct call *call;
    struct query query;
    struct represent_config config;
    struct spool out;
};

/* Record by record, a page of the list at a time, so that one page is in memory. */
static int write_pages(struct form *form, struct represent *represent, struct err *err)
{
    struct list_query list = form->query.list;
    size_t left = form->query.has_limit ? form->query.list.limit : SIZE_MAX;
    struct str cursor = form->query.list.cursor;
    ARENA_AUTO arena;

    arena_init(&arena, 256u << 20);
    do {
        struct page page = {0};
        struct buf kept;
        list.limit = left < FORM_PAGE ? left : FORM_PAGE;
        list.cursor = cursor;
        if (store_list(form->config.reader, &list, &arena, &page, err) != 0 ||
            (!form->query.has_limit && represent_expect(represent, page.total, err) != 0)) {
            return -1;
        }
        for (size_t i = 0; i < page.count; i++) {
            if (represent_add(represent, &page.items[i], err) != 0) {
                return -1;
            }
        }
        left -= page.count;
        buf_init(&kept, 4096);
        buf_add(&kept, page.next);
        arena_reset(&arena);
        cursor = arena_copy(form->call->arena, buf_str(&kept));
        buf_free(&kept);
    } while (cursor.len > 0 && left > 0);
    return 0;
}

static int write_form(struct form *form, struct err *err)
{
    struct represent *represent = NULL;

    if (form->config.representation == REPRESENT_ATOM) {
        return represent_changes(&form->config, form->query.has_limit ? form->query.list.limit : ATOM_LIMIT,
                                 &form->out.buf, err);
    }
    if (represent_open(&form->config, &form->out.buf, &represent, err) != 0) {
        return -1;
    }
    if (write_pages(form, represent, err) != 0) {
        represent_abandon(represent);
        return -1;
    }
    return represent_close(represent, err);
}

static void name_download(struct form *form)
{
    struct call *call = form->call;
    enum representation representation = form->config.representation;

    if (representation == REPRESENT_CSV || representation == REPRESENT_XLSX) {
        http_response_header(call->response, "Content-Disposition",
                             arena_format(call->arena, "attachment; filename=\"%.*s.%.*s\"",
                                          STR_ARG(form->config.reg->name),
                                          STR_ARG(representation_extension(representation))));
    }
}

static int read_query(struct form *form, const struct reg *reg)
{
    struct call *call = form->call;
    struct problem problem;
    struct query_rules rules = {
        .parts = QUERY_LIST,
        .lang = LANG_JA,
        .sees = VISIBILITY_PUBLIC,
        .default_limit = FORM_PAGE,
        .max_limit = FORM_LIMIT,
        .last_seq = store_last_seq(call->site->store),
        .editions = store_editions(call->site->store),
        .as_of = call->edition == NULL ? 0 : call->edition->seq,
    };

    if (query_read(reg, call->request->query, call->request->query_count, &rules, call->arena, &form->query,
                   &problem) != 0) {
        problem_send(call, &problem);
        return -1;
    }
    return 0;
}

/* Where the list itself is: links in it lead back here. */
static struct str self_url(struct call *call)
{
    return arena_concat(call->arena, 2, call_site_url(call), call->request->raw_target);
}

static void send_form(struct form *form)
{
    struct call *call = form->call;
    struct str bytes = STR("");
    struct err err = {0};
    struct problem problem;

    spool_init(&form->out, FORM_BYTES_MAX);
    form->config.spool = &form->out;
    if (write_form(form, &err) != 0 || spool_end(&form->out, &bytes, &err) != 0) {
        spool_free(&form->out);
        problem = problem_from_err(&err);
        problem_send(call, &problem);
        return;
    }
    name_download(form);
    http_response_header(call->response, "Cache-Control", STR("no-cache"));
    call_send_spool(call, representation_media_type(form->config.representation), &form->out, bytes);
}

void api_form(struct call *call)
{
    READER_AUTO *reader = NULL;
    const struct reg *reg = model_register(call->site->model, call->params.reg);
    enum representation representation = REPRESENT_CSV;
    struct form form = {.call = call};

    if (reg == NULL || !representation_from_extension(call->params.form, &representation) ||
        !representation_fits(reg, representation)) {
        struct problem problem = problem_of(reg == NULL ? PROBLEM_NO_REGISTER : PROBLEM_NO_FORM);
        problem.value = reg == NULL ? call->params.reg : call->params.form;
        problem_send(call, &problem);
        return;
    }
    if (read_query(&form, reg) != 0 || call_read(call, &form.query.options, &reader) != 0) {
        return;
    }
    form.config = (struct represent_config){
        .representation = representation,
        .model = call->site->model,
        .reg = reg,
        .lang = form.query.options.lang,
        .reader = reader,
        .site_url = representation == REPRESENT_XLSX ? call_lasting_url(call) : call_site_url(call),
        .self_url = self_url(call),
        .now_ms = call->request->received_ms,
    };
    send_form(&form);
}
