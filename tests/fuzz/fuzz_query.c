/* Query strings: what is read can be asked of the store and says only what the register knows; what is refused names the
 * parameter and what is allowed. The first byte chooses the register and the rules. */
#include "fuzz.h"

#include "base/embed.h"
#include "base/memory.h"
#include "web/query.h"

#include <string.h>

#define FILES_MAX 256

/* The product's own model, read once. */
static const struct model *the_model(void)
{
    static struct model *model;
    static struct model_file files[FILES_MAX];
    size_t count = 0;
    struct problems problems;
    struct err err;
    ARENA_AUTO arena = {0};

    if (model != NULL) {
        return model;
    }
    arena_init(&arena, 64 << 20);
    problems_init(&problems, &arena);
    for (const struct embedded_file *file = embed_next("model", NULL); file != NULL; file = embed_next("model", file)) {
        assert(count < FILES_MAX);
        files[count++] = (struct model_file){
            .path = str_from_cstr(file->path + strlen("model/")),
            .content = str_make((const char *)file->data, file->size),
        };
    }
    if (model_read(files, count, &problems, &model, &err) != 0) {
        memory_die(err.message);
    }
    return model;
}

static void check_read(const struct query *query, const struct query_rules *rules, const struct reg *reg)
{
    assert(query->list.filter_count <= QUERY_FILTERS_MAX);
    assert(query->list.filters == query->filters);
    assert(query->list.limit >= 1 && query->list.limit <= rules->max_limit);
    assert(query->options.as_of >= 0 && query->options.as_of <= rules->last_seq);
    assert(query->list.sort == NULL || query_can_sort(query->list.sort, rules->sees));
    assert(!date_is_set(query->options.on) || date_is_valid(query->options.on));
    for (size_t i = 0; i < query->list.filter_count; i++) {
        const struct filter *filter = &query->filters[i];
        assert(filter->value.len <= QUERY_TEXT_MAX);
        assert(filter->field == NULL ? str_eq(filter->name, STR("owner"))
                                     : reg_field(reg, filter->name) == filter->field);
        assert(filter->field == NULL || query_can_filter(filter->field, rules->sees));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct model *model = the_model();
    struct http_pair *pairs = NULL;
    struct problem problem = {0};
    struct query query;
    struct err err;
    size_t count = 0;
    ARENA_AUTO arena = {0};

    if (size == 0) {
        return 0;
    }
    arena_init(&arena, 16 << 20);
    const struct reg *reg = &model->registers[data[0] % model->register_count];
    struct query_rules rules = {
        .parts = data[0] & 1 ? QUERY_LIST : QUERY_RECORD,
        .empty_is_absent = (data[0] & 2) != 0,
        .unknown_is_ignored = (data[0] & 4) != 0,
        .lang = LANG_JA,
        .sees = VISIBILITY_PUBLIC,
        .default_limit = 20,
        .max_limit = 1000,
        .last_seq = 812,
    };
    struct str text = str_make((const char *)data + 1, size - 1);
    if (http_form_read(&arena, text, 64, &pairs, &count, &err) == 0) {
        if (query_read(reg, pairs, count, &rules, &arena, &query, &problem) == 0) {
            check_read(&query, &rules, reg);
        } else {
            assert(problem.kind < PROBLEM_KINDS && problem_status(problem.kind) == 400);
        }
    }
    return 0;
}
