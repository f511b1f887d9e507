/* Opening, following, rebuilding. */
#include "search/follow.h"

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 60
#define RETRY_MS 5000
#define WASTE_MOST 0.66
/* A search that takes longer than this of a processor's time is cut off. */
#define BUDGET_US 1500000
/* FTS5 is quick enough with fewer documents without lists. */
#define UNLISTED_MIN 20000

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct search *all;

struct search *search_of(const struct store *store)
{
    struct search *search;

    pthread_mutex_lock(&all_lock);
    for (search = all; search != NULL && search->store != store; search = search->next) {
    }
    pthread_mutex_unlock(&all_lock);
    return search;
}

/* ---- holding ---- */

int search_hold(struct search *search, struct index **ret_index, struct index_db **ret_db, struct err *err)
{
    struct index *index = NULL;
    enum search_state state;
    double progress;

    pthread_mutex_lock(&search->lock);
    while (search->swapping) {
        pthread_cond_wait(&search->changed, &search->lock);
    }
    index = search->index;
    state = search->state;
    progress = search->progress;
    if (index != NULL) {
        index->held++;
    }
    pthread_mutex_unlock(&search->lock);
    if (index == NULL) {
        return state == SEARCH_FAILED
                   ? err_set(err, ERR_IO, "there is no search index: %s", search->trouble)
                   : err_set(err, ERR_BUSY, "the search index is being rebuilt: %d %% done", (int)(progress * 100));
    }
    if (index_take(index, search->identity, ret_db, err) != 0) {
        search_let_go(search, index, NULL);
        return -1;
    }
    *ret_index = index;
    return 0;
}

void search_let_go(struct search *search, struct index *index, struct index_db *db)
{
    bool damaged = db != NULL && index_is_damage(db);

    if (damaged) {
        index_db_close(db);
    } else if (db != NULL) {
        index_give(index, db);
    }
    pthread_mutex_lock(&search->lock);
    index->held--;
    search->wants_rebuild = search->wants_rebuild || damaged;
    pthread_cond_broadcast(&search->changed);
    pthread_mutex_unlock(&search->lock);
}

static void set_state(struct search *search, enum search_state state, const char *trouble)
{
    pthread_mutex_lock(&search->lock);
    search->state = state;
    snprintf(search->trouble, sizeof search->trouble, "%.200s", trouble);
    pthread_cond_broadcast(&search->changed);
    pthread_mutex_unlock(&search->lock);
}

/* Takes the index out of use, waiting for those who search in it. */
static struct index *take_out(struct search *search)
{
    struct index *index;

    pthread_mutex_lock(&search->lock);
    search->swapping = true;
    index = search->index;
    while (index != NULL && index->held > 0) {
        pthread_cond_wait(&search->changed, &search->lock);
    }
    search->index = NULL;
    pthread_mutex_unlock(&search->lock);
    return index;
}

static void put_in(struct search *search, struct index *index)
{
    pthread_mutex_lock(&search->lock);
    search->index = index;
    search->swapping = false;
    pthread_cond_broadcast(&search->changed);
    pthread_mutex_unlock(&search->lock);
}

/* ---- building ---- */

static void tell_progress(void *context, double share)
{
    struct search *search = context;

    pthread_mutex_lock(&search->lock);
    search->progress = share;
    pthread_mutex_unlock(&search->lock);
}

static bool is_stopping(void *context)
{
    struct search *search = context;
    bool stopping;

    pthread_mutex_lock(&search->lock);
    stopping = search->stopping;
    pthread_mutex_unlock(&search->lock);
    return stopping;
}

static void remove_beside(struct search *search, const char *suffix)
{
    unlink(arena_format(&search->arena, "%s%s", search->path.ptr, suffix).ptr);
}

static int open_index(struct search *search, struct err *err)
{
    struct index *index = NULL;

    if (index_load(search->path.ptr, &search->rules, search->identity, &index, err) != 0) {
        return -1;
    }
    if (index_writer_open(search->path.ptr, &search->rules, search->identity, index, false, &search->writer, err) !=
        0) {
        index_free(index);
        return -1;
    }
    put_in(search, index);
    return 0;
}

/* A log beside the old file must not meet the new one: it is emptied and gone before the name changes hands. */
static int replace(struct search *search, struct err *err)
{
    index_free(take_out(search));
    index_writer_close(search->writer);
    search->writer = NULL;
    remove_beside(search, "-wal");
    remove_beside(search, "-shm");
    if (rename(search->building_path.ptr, search->path.ptr) != 0) {
        err_set(err, ERR_IO, "%s: %s", search->path.ptr, strerror(errno));
        put_in(search, NULL);
        return -1;
    }
    if (open_index(search, err) != 0) {
        put_in(search, NULL);
        return -1;
    }
    return 0;
}

/* Under search->work. */
static int rebuild(struct search *search, struct err *err)
{
    struct build_progress progress = {.tell = tell_progress, .stops = is_stopping, .context = search};

    tell_progress(search, 0);
    set_state(search, SEARCH_BUILDING, "");
    if (build_index(search->store, &search->rules, search->identity, search->building_path.ptr, &progress, err) != 0 ||
        replace(search, err) != 0) {
        set_state(search, SEARCH_FAILED, err->message);
        return -1;
    }
    malloc_trim(0); /* building takes many times what searching does */
    tell_progress(search, 1);
    set_state(search, SEARCH_READY, "");
    return 0;
}

static bool take_wish(struct search *search)
{
    bool wants;

    pthread_mutex_lock(&search->lock);
    wants = search->wants_rebuild;
    search->wants_rebuild = false;
    pthread_mutex_unlock(&search->lock);
    return wants;
}

/* Damage that no search has met yet, such as a disk does, is looked for once, while everything answers. */
static bool is_broken(struct search *search)
{
    bool first = !search->looked_through;

    search->looked_through = true;
    return first && index_is_broken(search->path.ptr, search->identity);
}

/* Under search->work: up to the store's newest revision, by the feed or anew. */
static int catch_up(struct search *search, struct err *err)
{
    bool whole = true;

    if (take_wish(search) || is_broken(search) || search->writer == NULL ||
        index_writer_seq(search->writer) > store_last_seq(search->store)) {
        return rebuild(search, err);
    }
    if (follow_feed(search->writer, search->store, &search->rules, &whole, err) != 0) {
        /* A damaged file is of no use; whatever else it was, a new one will tell again. */
        *err = (struct err){0};
        return rebuild(search, err);
    }
    return whole && index_writer_waste(search->writer) < WASTE_MOST &&
                   !index_writer_outgrew_lists(search->writer, search->unlisted_min)
               ? 0
               : rebuild(search, err);
}

int search_catch_up(struct search *search, struct err *err)
{
    int result;

    pthread_mutex_lock(&search->work);
    result = catch_up(search, err);
    pthread_mutex_unlock(&search->work);
    return result;
}

int search_rebuild(struct search *search, struct err *err)
{
    pthread_mutex_lock(&search->lock);
    search->wants_rebuild = true;
    pthread_cond_broadcast(&search->changed);
    pthread_mutex_unlock(&search->lock);
    return search->follows ? 0 : search_catch_up(search, err);
}

/* ---- the thread ---- */

/* Waits a moment; false when it is to end. */
static bool rest(struct search *search, long ms)
{
    struct timespec until;
    bool goes_on;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&search->lock);
    if (!search->stopping) {
        pthread_cond_timedwait(&search->changed, &search->lock, &until);
    }
    goes_on = !search->stopping;
    pthread_mutex_unlock(&search->lock);
    return goes_on;
}

static bool has_work(struct search *search)
{
    bool wants;

    pthread_mutex_lock(&search->lock);
    wants = search->wants_rebuild;
    pthread_mutex_unlock(&search->lock);
    return wants || !search->looked_through || search->writer == NULL ||
           index_writer_seq(search->writer) != store_last_seq(search->store);
}

static void *run(void *context)
{
    struct search *search = context;
    long pause_ms = 0;

    while (pause_ms == 0 || rest(search, pause_ms)) {
        struct err err = {0};
        pause_ms = POLL_MS;
        if (!has_work(search)) {
            continue;
        }
        if (search_catch_up(search, &err) != 0 && !is_stopping(search)) {
            log_write(LOG_ERROR, "search-index-failed", 1, "message", str_from_cstr(err.message));
            pthread_mutex_lock(&search->lock);
            search->wants_rebuild = true;
            pthread_mutex_unlock(&search->lock);
            pause_ms = RETRY_MS;
        }
    }
    return NULL;
}

/* ---- opening ---- */

static void search_free(struct search *search)
{
    index_writer_close(search->writer);
    index_free(search->index);
    pthread_mutex_destroy(&search->lock);
    pthread_mutex_destroy(&search->work);
    pthread_cond_destroy(&search->changed);
    arena_free(&search->arena);
    free(search);
}

static void enlist(struct search *search)
{
    pthread_mutex_lock(&all_lock);
    search->next = all;
    all = search;
    pthread_mutex_unlock(&all_lock);
}

static void strike_off(struct search *search)
{
    pthread_mutex_lock(&all_lock);
    for (struct search **at = &all; *at != NULL; at = &(*at)->next) {
        if (*at == search) {
            *at = search->next;
            break;
        }
    }
    pthread_mutex_unlock(&all_lock);
}

int search_open(const struct search_config *config, struct search **ret_search, struct err *err)
{
    struct search *search = memory_alloc(sizeof *search);
    struct str folder = str_from_cstr(store_folder(config->store));
    struct err cause = {0};

    memset(search, 0, sizeof *search);
    arena_init(&search->arena, (size_t)16 << 20);
    search->store = config->store;
    search->follows = config->follow;
    search->budget_us = config->budget_us > 0 ? config->budget_us : BUDGET_US;
    search->unlisted_min = config->unlisted_min > 0 ? config->unlisted_min : UNLISTED_MIN;
    search->state = SEARCH_BUILDING;
    search->path = file_join(&search->arena, folder, STR("search.db"));
    search->building_path = file_join(&search->arena, folder, STR("search.db.new"));
    rules_read(config->rules, store_model(config->store), &search->arena, &search->rules);
    search->identity = index_identity(&search->rules, &search->arena);
    search->lexicon = lexicon_builtin();
    pthread_mutex_init(&search->lock, NULL);
    pthread_mutex_init(&search->work, NULL);
    pthread_cond_init(&search->changed, NULL);
    if (open_index(search, &cause) == 0) {
        search->state = SEARCH_READY;
        search->progress = 1;
    }
    if (search->follows && pthread_create(&search->thread, NULL, run, search) != 0) {
        search_free(search);
        return err_set(err, ERR_INTERNAL, "no thread can be made for the search index");
    }
    enlist(search);
    *ret_search = search;
    return 0;
}

void search_close(struct search *search)
{
    if (search == NULL) {
        return;
    }
    strike_off(search);
    pthread_mutex_lock(&search->lock);
    search->stopping = true;
    pthread_cond_broadcast(&search->changed);
    pthread_mutex_unlock(&search->lock);
    if (search->follows) {
        pthread_join(search->thread, NULL);
    }
    search_free(search);
}

struct search_status search_status(struct search *search)
{
    struct search_status status = {.store_seq = store_last_seq(search->store)};
    struct stat file;

    pthread_mutex_lock(&search->lock);
    status.state = search->state;
    status.progress = search->progress;
    memcpy(status.trouble, search->trouble, sizeof status.trouble);
    if (search->index != NULL) {
        status.seq = atomic_load(&search->index->seq);
        status.records = atomic_load(&search->index->records);
    }
    pthread_mutex_unlock(&search->lock);
    status.bytes = stat(search->path.ptr, &file) == 0 ? (uint64_t)file.st_size : 0;
    return status;
}

bool search_has_facet(const struct search *search, struct str name)
{
    return rules_facet(&search->rules, name) >= 0;
}

struct bilingual search_facet_title(const struct search *search, struct str name)
{
    int facet = rules_facet(&search->rules, name);

    return facet < 0 ? (struct bilingual){0} : search->rules.facets[facet].title;
}

bool search_takes_register(const struct search *search, const struct reg *reg)
{
    return rules_search_register(&search->rules, reg);
}
