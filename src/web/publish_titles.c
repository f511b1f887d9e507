/* Search over titles without a server. Under "search/":
 *
 *   titles.json    {"count", "chunk", "bits", "registers": {name: {"ja", "en"}}}
 *   t/0.json       titles 0 … chunk-1: [[register, id, "ja", "en"]…], an absent one as ""
 *   g/3.json       {"HASH": [number, difference to the next…]}: which titles hold a pair of letters
 *
 * A pair is two code points that follow each other in a title after NFKC and lower case, white space taken for one blank; a
 * single letter beyond ASCII counts as well, for 菌 is a word. Its hash is FNV-1a (32 bits) over the code points; the
 * highest `bits` of it are the number of its file. The browser reads the files of the pairs of what is looked for, takes the
 * titles that are in all of them, and then looks at the titles themselves, so that two pairs of one hash do no harm. */
#include "web/publish_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "model/record.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 500
#define PAIRS_A_FILE 6000
#define BITS_MAX 12
#define OUT_MAX ((size_t)256 << 20)
#define SCRATCH_MAX ((size_t)64 << 20)

struct titles {
    struct publishing *publishing;
    struct reader *reader;
    struct err *err;
    struct output_writer writer;
    struct arena scratch; /* one record */
    uint64_t *pairs;      /* hash << 32 | number of the title */
    size_t count, capacity;
    uint32_t number;
    struct buf chunk;
};

/* ---- pairs ---- */

static uint32_t decode(struct str *text)
{
    unsigned char c = (unsigned char)text->ptr[0];
    size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    uint32_t point = length == 1 ? c : c & (0xFFu >> (length + 1));

    for (size_t i = 1; i < length && i < text->len; i++) {
        point = point << 6 | ((unsigned char)text->ptr[i] & 0x3Fu);
    }
    *text = str_slice(*text, length, text->len);
    return point;
}

static uint32_t hash_pair(uint32_t first, uint32_t second)
{
    uint32_t hash = 2166136261u;

    hash = (hash ^ first) * 16777619u;
    return second == 0 ? hash : (hash ^ second) * 16777619u;
}

static void add_pair(struct titles *titles, uint32_t hash)
{
    if (titles->count == titles->capacity) {
        titles->capacity = titles->capacity == 0 ? 65536 : titles->capacity * 2;
        titles->pairs = memory_resize(titles->pairs, titles->capacity * sizeof *titles->pairs);
    }
    titles->pairs[titles->count++] = (uint64_t)hash << 32 | titles->number;
}

static uint32_t small_letter(uint32_t point)
{
    return point >= 'A' && point <= 'Z' ? point + 32 : point;
}

static void add_pairs(struct titles *titles, struct str title)
{
    struct str text = text_nfkc(&titles->scratch, title);
    uint32_t before = 0;

    while (text.len > 0) {
        uint32_t point = small_letter(decode(&text));
        point = point <= ' ' ? ' ' : point;
        if (point == ' ' && before == ' ') {
            continue;
        }
        if (before != 0) {
            add_pair(titles, hash_pair(before, point));
        }
        if (point >= 0x80) {
            add_pair(titles, hash_pair(point, 0));
        }
        before = point;
    }
}

static int compare_pairs(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

    return one < other ? -1 : one > other;
}

/* ---- files ---- */

static int write_json(struct titles *titles, struct str file, struct buf *json)
{
    if (json->overflow) {
        return err_set(titles->err, ERR_LIMIT, "%.*s would be too large", STR_ARG(file));
    }
    return output_write(&titles->publishing->output, &titles->writer, file, buf_str(json), titles->err);
}

static int end_chunk(struct titles *titles)
{
    char file[64];
    int length = snprintf(file, sizeof file, "search/t/%u.json", (unsigned)((titles->number - 1) / CHUNK));
    int failed;

    buf_add_byte(&titles->chunk, ']');
    failed = write_json(titles, str_make(file, (size_t)length), &titles->chunk);
    buf_clear(&titles->chunk);
    return failed;
}

static int add_title(void *context, const struct found *found)
{
    struct titles *titles = context;
    const struct model *model = titles->publishing->site->model;
    struct bilingual label;

    arena_reset(&titles->scratch);
    label = record_label(model, found->reg, found->record, &titles->scratch);
    buf_add_byte(&titles->chunk, titles->chunk.len == 0 ? '[' : ',');
    buf_add_byte(&titles->chunk, '[');
    json_write_text(&titles->chunk, found->reg->name);
    buf_add_byte(&titles->chunk, ',');
    json_write_text(&titles->chunk, record_id(found->record));
    for (size_t l = 0; l < LANG_COUNT; l++) {
        buf_add_byte(&titles->chunk, ',');
        json_write_text(&titles->chunk, label.in[l]);
        if (l == 0 || !str_eq(label.in[l], label.in[0])) {
            add_pairs(titles, label.in[l]);
        }
    }
    buf_add_byte(&titles->chunk, ']');
    titles->number++;
    return titles->number % CHUNK == 0 ? end_chunk(titles) : 0;
}

/* The pairs from `at` on whose file is `number`; where they end. */
static size_t add_file(struct titles *titles, size_t at, uint32_t number, unsigned bits, struct buf *json)
{
    uint64_t last = UINT64_MAX;
    uint32_t hash = 0, title = 0;
    bool open = false;

    buf_add_byte(json, '{');
    for (; at < titles->count; at++) {
        uint64_t pair = titles->pairs[at];
        if (bits > 0 && (uint32_t)(pair >> 32) >> (32 - bits) != number) {
            break;
        }
        if (pair == last) {
            continue;
        }
        if (!open || (uint32_t)(pair >> 32) != hash) {
            hash = (uint32_t)(pair >> 32);
            title = 0;
            buf_add_format(json, "%s\"%x\":[", open ? "]," : "", (unsigned)hash);
        } else {
            buf_add_byte(json, ',');
        }
        buf_add_int64(json, (uint32_t)pair - title);
        title = (uint32_t)pair;
        last = pair;
        open = true;
    }
    buf_add_literal(json, "]}");
    if (!open) {
        buf_clear(json);
        buf_add_literal(json, "{}");
    }
    return at;
}

static int write_pairs(struct titles *titles, unsigned bits)
{
    size_t at = 0;

    qsort(titles->pairs, titles->count, sizeof titles->pairs[0], compare_pairs);
    for (uint32_t number = 0; number < 1u << bits; number++) {
        BUF_AUTO json;
        char file[64];
        int length = snprintf(file, sizeof file, "search/g/%u.json", (unsigned)number);
        buf_init(&json, OUT_MAX);
        at = add_file(titles, at, number, bits, &json);
        if (write_json(titles, str_make(file, (size_t)length), &json) != 0) {
            return -1;
        }
    }
    return 0;
}

static int write_head(struct titles *titles, unsigned bits)
{
    const struct model *model = titles->publishing->site->model;
    struct arena *arena = &titles->scratch;
    struct value *head = value_object(arena), *registers = value_object(arena);
    BUF_AUTO json;

    for (size_t i = 0; i < model->register_count; i++) {
        struct value *words = value_object(arena);
        for (size_t l = 0; l < LANG_COUNT; l++) {
            value_set_text(arena, words, lang_codes[l], model->registers[i].singular.in[l]);
        }
        value_set(arena, registers, model->registers[i].name, words);
    }
    value_set(arena, head, STR("count"), value_int(arena, titles->number));
    value_set(arena, head, STR("chunk"), value_int(arena, CHUNK));
    value_set(arena, head, STR("bits"), value_int(arena, bits));
    value_set(arena, head, STR("registers"), registers);
    buf_init(&json, OUT_MAX);
    value_write_json(&json, head);
    return write_json(titles, STR("search/titles.json"), &json);
}

static int gather(struct titles *titles)
{
    const struct model *model = titles->publishing->site->model;

    for (size_t i = 0; i < model->register_count; i++) {
        if (store_each(titles->reader, &model->registers[i], add_title, titles, titles->err) != 0) {
            return -1;
        }
    }
    return titles->chunk.len > 0 ? end_chunk(titles) : 0;
}

int publish_titles(struct publishing *publishing, struct err *err)
{
    const struct edition *edition = publishing->config->edition;
    struct read_options options = {.lang = LANG_EN, .as_of = edition == NULL ? 0 : edition->seq};
    struct titles titles = {.publishing = publishing, .err = err};
    unsigned bits = 0;
    int failed;

    if (store_read(publishing->site->store, &options, &titles.reader, err) != 0) {
        return -1;
    }
    output_writer_init(&titles.writer, 0);
    arena_init(&titles.scratch, SCRATCH_MAX);
    buf_init(&titles.chunk, OUT_MAX);
    failed = gather(&titles);
    while (bits < BITS_MAX && titles.count >> bits > PAIRS_A_FILE) {
        bits++;
    }
    if (failed == 0) {
        failed = write_pairs(&titles, bits) != 0 || write_head(&titles, bits) != 0 ? -1 : 0;
    }
    publishing->result.titles = titles.number;
    free(titles.pairs);
    buf_free(&titles.chunk);
    arena_free(&titles.scratch);
    reader_release(titles.reader);
    return failed;
}
