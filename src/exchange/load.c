#include "exchange/load.h"

#include "exchange/pipeline.h"
#include "exchange/references.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LOAD_ARENA_MAX ((size_t)256 << 20)
#define SCRATCH_ARENA_MAX ((size_t)512 << 20)

struct load {
    struct store *store;
    const struct load_options *options;
    struct arena arena;   /* the packs' descriptions */
    struct arena scratch; /* one batch */
    const struct pack **packs;
    size_t pack_count;
    uint64_t total_bytes;
    struct problems *problems;
    bool explain; /* a second round that only says which references point nowhere */
    struct load_result result;

    /* While the change set is being filled. */
    struct change_set *changes;
    const struct pack *current_pack;
};

static size_t problem_count(const struct load *load)
{
    return load->problems->count + load->problems->dropped;
}

static void row_problem(struct load *load, const struct batch *batch, const struct batch_row *row, struct str field,
                        const char *message)
{
    struct str column = pack_table_column(batch->table, field, &load->scratch);
    problems_add(load->problems, "%.*s:%llu:%.*s: %s", STR_ARG(batch->resource->shown), (unsigned long long)row->line,
                 STR_ARG(column), message);
}

/* Failures that speak of the row; the others speak of the store and end the load. */
static bool is_about_row(enum err_code code)
{
    return code == ERR_INVALID || code == ERR_CONFLICT || code == ERR_LIMIT || code == ERR_NOT_FOUND ||
           code == ERR_DENIED;
}

static int row_failed(struct load *load, const struct batch *batch, const struct batch_row *row,
                      const struct err *cause, struct err *err)
{
    if (!is_about_row(cause->code)) {
        *err = *cause;
        return err_prefix(err, "%.*s:%llu", STR_ARG(batch->resource->shown), (unsigned long long)row->line);
    }
    row_problem(load, batch, row, cause->field[0] ? str_from_cstr(cause->field) : STR("id"), cause->message);
    return 0;
}

/* Who changed a record last, and when, as words; empty when that cannot be said. */
static struct str last_change(struct load *load, const struct reg *reg, struct str id)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_SECRETARIAT}, .lang = LANG_EN};
    READER_AUTO *reader = NULL;
    struct revision *revisions;
    size_t count = 0;
    if (store_read(load->store, &options, &reader, NULL) ||
        store_history(reader, reg, id, 1, 0, &load->scratch, &revisions, &count, NULL) || count == 0) {
        return STR("");
    }
    char when[TIME_TEXT_MAX];
    time_format(revisions[0].at_ms, when);
    return arena_format(&load->scratch, " by %.*s on %.10s", STR_ARG(revisions[0].author), when);
}

/* A record that the pack would change and somebody else has changed, or made. */
static void conflict(struct load *load, const struct batch *batch, const struct batch_row *row, const char *what)
{
    struct str id = record_id(row->record);
    struct str who = last_change(load, batch->resource->reg, id);
    struct str message = arena_format(&load->scratch,
                                      "conflict: %.*s was %s%.*s, and the pack says otherwise; allowed: the same in "
                                      "both, or the pack's row as it was last loaded",
                                      STR_ARG(id), what, STR_ARG(who));
    row_problem(load, batch, row, STR("id"), message.ptr);
}

static int note_loaded(struct load *load, const struct batch *batch, const struct batch_row *row, struct err *err)
{
    struct err cause = {0};
    struct str id = record_id(row->record);
    if (change_set_loaded(load->changes, batch->resource->reg, id, row->digest.bytes, &cause) == 0) {
        return 0;
    }
    if (cause.code == ERR_CONFLICT) {
        struct str message =
            arena_format(&load->scratch, "\"%.*s\" stands in an earlier row too; allowed: each id once", STR_ARG(id));
        row_problem(load, batch, row, STR("id"), message.ptr);
        return 0;
    }
    return row_failed(load, batch, row, &cause, err);
}

/* Whether the record that is there says what the row says. What was redacted is gone, not different. */
static bool says_the_same(struct load *load, const struct found *there, const struct value *record)
{
    value_set(&load->scratch, there->record, STR("redacted"), NULL);
    return value_equal(there->record, record);
}

/* The pack never brought this record. */
static int apply_new(struct load *load, const struct batch *batch, const struct batch_row *row, struct err *err)
{
    const struct reg *reg = batch->resource->reg;
    struct str id = record_id(row->record);
    struct err cause = {0};
    if (change_put(load->changes, reg, row->record, SEQ_NONE, &load->scratch, &cause) == 0) {
        return note_loaded(load, batch, row, err);
    }
    struct found there;
    if (cause.code != ERR_CONFLICT || change_current(load->changes, reg, id, &load->scratch, &there, NULL)) {
        return row_failed(load, batch, row, &cause, err);
    }
    bool known;
    struct loaded_row last;
    if (change_loaded(load->changes, reg, id, &known, &last, err)) {
        return -1;
    }
    if (known || says_the_same(load, &there, row->record)) {
        load->result.unchanged++;
        return note_loaded(load, batch, row, err); /* known by now: an earlier row brought it, which is told there */
    }
    conflict(load, batch, row, "made");
    return 0;
}

/* The row is another than the pack's last one. */
static int apply_changed(struct load *load, const struct batch *batch, const struct batch_row *row,
                         const struct loaded_row *last, struct err *err)
{
    const struct reg *reg = batch->resource->reg;
    struct err cause = {0};
    struct found there;
    if (change_current(load->changes, reg, record_id(row->record), &load->scratch, &there, &cause)) {
        if (cause.code != ERR_NOT_FOUND) {
            return row_failed(load, batch, row, &cause, err);
        }
        conflict(load, batch, row, "deleted or given another id");
        return 0;
    }
    if (says_the_same(load, &there, row->record)) {
        load->result.unchanged++;
        return note_loaded(load, batch, row, err);
    }
    if (there.seq != last->seq) {
        conflict(load, batch, row, "changed");
        return 0;
    }
    if (change_put(load->changes, reg, row->record, last->seq, &load->scratch, &cause)) {
        return row_failed(load, batch, row, &cause, err);
    }
    return note_loaded(load, batch, row, err);
}

static int apply_row(struct load *load, const struct batch *batch, const struct batch_row *row, struct err *err)
{
    bool known;
    struct loaded_row last;
    if (change_loaded(load->changes, batch->resource->reg, record_id(row->record), &known, &last, err)) {
        return -1;
    }
    if (!known) {
        return apply_new(load, batch, row, err);
    }
    if (memcmp(last.digest, row->digest.bytes, sizeof(last.digest)) == 0) {
        load->result.unchanged++;
        return note_loaded(load, batch, row, err);
    }
    return apply_changed(load, batch, row, &last, err);
}

static int use_pack(struct load *load, const struct pack *pack, struct err *err)
{
    if (pack == load->current_pack) {
        return 0;
    }
    load->current_pack = pack;
    return load->pack_count > 1 ? change_use_pack(load->changes, pack->name, err) : 0;
}

static int tell(struct load *load, const struct batch *batch, struct err *err)
{
    const struct load_options *options = load->options;
    if (options->cancelled && options->cancelled(options->context)) {
        return err_set(err, ERR_CONFLICT, "the load was stopped; nothing was changed");
    }
    if (options->progress) {
        struct load_progress progress = {
            .rows = load->result.rows, .bytes = batch->bytes_end, .total_bytes = load->total_bytes};
        options->progress(options->context, &progress);
    }
    return 0;
}

/* What is done with each row: 0, or -1 to end. */
typedef int each_row(struct load *load, const struct batch *batch, const struct batch_row *row, struct err *err);

static int each_batch(struct load *load, each_row *each, struct err *err)
{
    struct pipeline *pipeline;
    if (pipeline_open(store_model(load->store), load->packs, load->pack_count, &pipeline, err)) {
        return -1;
    }
    int failed = 0;
    const struct batch *batch;
    load->result.rows = 0;
    while (!failed && (batch = pipeline_next(pipeline))) {
        arena_reset(&load->scratch);
        failed = use_pack(load, batch->pack, err);
        for (size_t i = 0; !failed && i < batch->count; i++) {
            failed = each(load, batch, &batch->rows[i], err);
        }
        load->result.rows += batch->rows_read;
        failed = failed || tell(load, batch, err);
    }
    pipeline_close(pipeline, load->problems);
    return failed;
}

/* ---- rows that are gone ---- */

struct gone {
    const struct reg *reg;
    struct str id;
    struct gone *next;
};

struct gone_list {
    struct arena arena;
    struct gone *first;
    struct gone **last;
    int64_t count;
    bool keep; /* the list, not only the number */
};

static int add_gone(void *context, const struct reg *reg, struct str id)
{
    struct gone_list *list = context;
    list->count++;
    if (list->keep) {
        struct gone *gone = ARENA_NEW(&list->arena, struct gone);
        *gone = (struct gone){.reg = reg, .id = arena_copy(&list->arena, id)};
        *list->last = gone;
        list->last = &gone->next;
    }
    return 0;
}

/* Takes one out of the list: 1 deleted or not ours to delete, 0 others still refer to it (*cause), -1 failed. */
static int delete_gone(struct load *load, const struct gone *gone, struct err *cause, struct err *err)
{
    bool known;
    struct loaded_row last;
    struct found there;
    if (change_loaded(load->changes, gone->reg, gone->id, &known, &last, err)) {
        return -1;
    }
    arena_reset(&load->scratch);
    if (!known || change_current(load->changes, gone->reg, gone->id, &load->scratch, &there, NULL) ||
        there.seq != last.seq) {
        return 1;
    }
    if (change_delete(load->changes, gone->reg, gone->id, last.seq, cause) == 0) {
        return 1;
    }
    if (is_about_row(cause->code)) {
        return 0;
    }
    *err = *cause;
    return -1;
}

/* Those that refer to each other can only go one after the other, so rounds are made while one of them helps. */
static int delete_all_gone(struct load *load, struct gone_list *list, struct err *err)
{
    bool progress = true;
    while (list->first && progress) {
        progress = false;
        for (struct gone **at = &list->first; *at;) {
            struct err cause = {0};
            int done = delete_gone(load, *at, &cause, err);
            if (done < 0) {
                return -1;
            }
            if (done) {
                *at = (*at)->next;
                progress = true;
            } else {
                at = &(*at)->next;
            }
        }
    }
    for (struct gone *gone = list->first; gone; gone = gone->next) {
        struct err cause = {0};
        if (delete_gone(load, gone, &cause, err) < 0) {
            return -1;
        }
        problems_add(load->problems, "%.*s: %.*s %.*s is gone from the pack and cannot be deleted: %s",
                     STR_ARG(load->current_pack->shown), STR_ARG(gone->reg->name), STR_ARG(gone->id), cause.message);
    }
    return 0;
}

static int forget(void *context, const struct reg *reg, struct str id)
{
    (void)context;
    (void)reg;
    (void)id;
    return 0;
}

static int handle_gone(struct load *load, struct err *err)
{
    struct gone_list list = {.keep = load->options->prune};
    arena_init(&list.arena, LOAD_ARENA_MAX);
    list.last = &list.first;
    int failed = change_each_gone(load->changes, add_gone, &list, false, err);
    if (!failed && list.keep) {
        failed = delete_all_gone(load, &list, err) || change_each_gone(load->changes, forget, NULL, true, err);
    } else {
        load->result.gone += list.count;
    }
    arena_free(&list.arena);
    return failed ? -1 : 0;
}

/* ---- the change set ---- */

static int explain_row(struct load *load, const struct batch *batch, const struct batch_row *row, struct err *err)
{
    (void)err;
    struct missing_reference missing[REFERENCES_MISSING_MAX];
    size_t count = references_missing(load->changes, store_model(load->store), batch->resource->reg, row->record,
                                      &load->scratch, missing);
    for (size_t i = 0; i < count; i++) {
        struct str message =
            arena_format(&load->scratch, "there is no %.*s \"%.*s\"; allowed: the id of a record in that register",
                         STR_ARG(missing[i].reg->name), STR_ARG(missing[i].id));
        row_problem(load, batch, row, missing[i].field, message.ptr);
    }
    return 0;
}

static int fill(void *context, struct change_set *changes, struct err *err)
{
    struct load *load = context;
    load->changes = changes;
    load->current_pack = NULL;
    load->result = (struct load_result){.has_sample = load->result.has_sample};
    if ((load->result.has_sample && change_mark_sample(changes, err)) || each_batch(load, apply_row, err)) {
        return -1;
    }
    for (size_t i = 0; i < load->pack_count; i++) {
        if (use_pack(load, load->packs[i], err) || handle_gone(load, err)) {
            return -1;
        }
    }
    if (problem_count(load) == 0 && load->explain && each_batch(load, explain_row, err)) {
        return -1;
    }
    if (problem_count(load) > 0) {
        return err_set(err, ERR_INVALID, "refused: %zu problem%s; nothing was changed", problem_count(load),
                       problem_count(load) == 1 ? "" : "s");
    }
    return 0;
}

static struct str join_names(struct load *load, bool with_versions)
{
    struct str names = STR("");
    for (size_t i = 0; i < load->pack_count; i++) {
        const struct pack *pack = load->packs[i];
        bool version = with_versions && pack->version.len > 0;
        names = arena_concat(&load->arena, 4, names, i ? STR(", ") : STR(""), pack->name,
                             version ? arena_concat(&load->arena, 2, STR(" "), pack->version) : STR(""));
    }
    return names;
}

static int write_load(struct load *load, bool explain, struct write_outcome *ret_outcome, struct err *err)
{
    const struct load_options *options = load->options;
    load->explain = explain;
    struct write_request request = {
        .author = options->author.len > 0 ? options->author : join_names(load, false),
        .reason = options->reason,
        .kind = STR("load"),
        .pack = load->packs[0]->name,
        .dry_run = options->dry_run || explain,
        .bulk = true,
        .fill = fill,
        .context = load,
    };
    if (request.reason.len == 0) {
        request.reason = arena_concat(&load->arena, 2, STR("load of "), join_names(load, true));
    }
    return store_write(load->store, &request, ret_outcome, err);
}

static uint64_t bytes_of(const struct pack *pack)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < pack->resource_count; i++) {
        struct stat status;
        bytes += stat(pack->resources[i].path.ptr, &status) == 0 ? (uint64_t)status.st_size : 0;
    }
    return bytes;
}

static void check_pack(struct load *load, const struct pack *pack)
{
    for (size_t i = 0; i < load->pack_count; i++) {
        if (str_eq(load->packs[i]->name, pack->name)) {
            problems_add(load->problems, "%.*s: a pack named \"%.*s\" comes before it; allowed: each name once",
                         STR_ARG(pack->shown), STR_ARG(pack->name));
        }
    }
    if (pack->sample && !load->options->sample) {
        problems_add(load->problems,
                     "%.*s: holds invented records (musubi:sample); allowed: only when asked for, with "
                     "--sample",
                     STR_ARG(pack->shown));
    }
    load->result.has_sample |= pack->sample;
}

static int read_packs(struct load *load, const struct load_source *sources, size_t count, struct err *err)
{
    load->packs = (const struct pack **)arena_alloc_array(&load->arena, count, sizeof(*load->packs));
    for (size_t i = 0; i < count; i++) {
        struct pack *pack;
        if (pack_read(store_model(load->store), sources[i].folder, sources[i].shown, &load->arena, load->problems,
                      &pack, err) == 0) {
            check_pack(load, pack);
            load->total_bytes += bytes_of(pack);
            load->packs[load->pack_count++] = pack;
        }
    }
    if (problem_count(load) > 0) {
        return err_set(err, ERR_INVALID, "refused: %zu problem%s; nothing was changed", problem_count(load),
                       problem_count(load) == 1 ? "" : "s");
    }
    return 0;
}

static int load_packs(struct load *load, const struct load_source *sources, size_t count,
                      struct load_result *ret_result, struct err *err)
{
    struct write_outcome outcome = {0};
    if (read_packs(load, sources, count, err)) {
        return -1;
    }
    if (write_load(load, false, &outcome, err)) {
        struct err cause = {0};
        if (problem_count(load) == 0 && err->code == ERR_INVALID && write_load(load, true, &outcome, &cause) &&
            problem_count(load) > 0) {
            *err = cause;
        }
        return -1;
    }
    *ret_result = load->result;
    ret_result->created = outcome.created;
    ret_result->updated = outcome.updated;
    ret_result->deleted = outcome.deleted;
    ret_result->unchanged += outcome.unchanged;
    ret_result->change_set = load->options->dry_run ? 0 : outcome.change_set;
    ret_result->last_seq = ret_result->change_set ? outcome.last_seq : store_last_seq(load->store);
    return 0;
}

int pack_load(struct store *store, const struct load_source *sources, size_t count, const struct load_options *options,
              struct problems *problems, struct load_result *ret_result, struct err *err)
{
    struct load load = {.store = store, .options = options, .problems = problems};
    arena_init(&load.arena, LOAD_ARENA_MAX);
    arena_init(&load.scratch, SCRATCH_ARENA_MAX);
    int failed = load_packs(&load, sources, count, ret_result, err);
    arena_free(&load.scratch);
    arena_free(&load.arena);
    return failed;
}
