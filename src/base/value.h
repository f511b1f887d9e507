/* A tree of plain values in an arena: what comes out of a file or a request, what the store gives, what a page or an API
 * answer is made of. Objects keep the order in which members were set; a key appears once.
 * Values that were read from JSON know their line and column (1-based), others have 0. */
#ifndef MUSUBI_BASE_VALUE_H
#define MUSUBI_BASE_VALUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/str.h"

enum value_kind { VALUE_NULL, VALUE_BOOL, VALUE_NUMBER, VALUE_TEXT, VALUE_LIST, VALUE_OBJECT };

struct value;

struct value_member {
    struct str key;
    struct value *value;
    uint32_t line; /* of the key */
    uint32_t column;
};

struct value {
    enum value_kind kind;
    uint32_t line;
    uint32_t column;
    union {
        bool boolean;
        struct decimal number;
        struct str text; /* UTF-8 */
        struct {
            struct value **items;
            size_t count;
            size_t capacity;
        } list;
        struct {
            struct value_member *members;
            size_t count;
            size_t capacity;
            uint64_t marks; /* value_key_mark of every key that is there, perhaps of some that were */
        } object;
    };
};

struct value *value_null(struct arena *arena);
struct value *value_bool(struct arena *arena, bool boolean);
struct value *value_int(struct arena *arena, int64_t number);
struct value *value_number(struct arena *arena, struct decimal number);
/* Borrows the text: it must live as long as the arena. */
struct value *value_text(struct arena *arena, struct str text);
struct value *value_list(struct arena *arena);
struct value *value_object(struct arena *arena);

/* Sets or replaces a member. The key is borrowed. A NULL value removes the member. */
void value_set(struct arena *arena, struct value *object, struct str key, struct value *value);
#define value_set_text(arena, object, key, s) value_set((arena), (object), (key), value_text((arena), (s)))
/* Adds a member whose key is known not to be there yet: value_set without the search, for readers that check keys
 * themselves. The member is borrowed until the next change. */
struct value_member *value_add_member(struct arena *arena, struct value *object, struct str key, struct value *value);
void value_append(struct arena *arena, struct value *list, struct value *value);

/* One bit of 64 for a key; whoever knows the key when compiling has it for nothing. Most keys that an object does not have are
 * known by it without a search. */
static inline uint64_t value_key_mark(struct str key)
{
    if (key.len == 0) {
        return 1;
    }
    unsigned first = (unsigned char)key.ptr[0], last = (unsigned char)key.ptr[key.len - 1];
    unsigned middle = (unsigned char)key.ptr[key.len / 2];
    return UINT64_C(1) << ((first * 5 + last * 11 + middle * 23 + (unsigned)key.len * 37) & 63);
}

/* value_get for an object, of a key that may be there. */
const struct value *value_find(const struct value *object, struct str key);

/* value_get with the key's mark at hand. */
static inline const struct value *value_get_marked(const struct value *object, struct str key, uint64_t mark)
{
    if (!object || object->kind != VALUE_OBJECT || !(object->object.marks & mark)) {
        return NULL;
    }
    return value_find(object, key);
}

/* The member, or NULL: also when object is NULL or no object, so look-ups can be chained. */
static inline const struct value *value_get(const struct value *object, struct str key)
{
    return value_get_marked(object, key, value_key_mark(key));
}
/* The text of a text value, else the empty string. */
struct str value_text_of(const struct value *value);
struct str value_get_text(const struct value *object, struct str key);
/* False when there is no such boolean. */
bool value_get_bool(const struct value *object, struct str key);
size_t value_count(const struct value *list_or_object);
const struct value *value_at(const struct value *list, size_t index);
/* NULL pointer or VALUE_NULL */
static inline bool value_is_null(const struct value *value)
{
    return !value || value->kind == VALUE_NULL;
}

/* Same kind and content; members of objects in any order. */
bool value_equal(const struct value *a, const struct value *b);
struct value *value_copy(struct arena *arena, const struct value *value);
/* "null", "a boolean", "a number", "text", "a list", "an object": for messages. */
const char *value_kind_words(enum value_kind kind);

/* ---- JSON (RFC 8259) ---- */

/* Appends compact JSON. Text is written as UTF-8; only what JSON requires is escaped, and "</" becomes "<\/" so that
 * the result may stand in HTML. */
void value_write_json(struct buf *buf, const struct value *value);
/* The same with members sorted by key: equal trees give equal bytes. For digests and comparisons. */
void value_write_canonical_json(struct buf *buf, const struct value *value);
/* The same with two spaces a level and a newline at the end: for files people read. */
void value_write_pretty_json(struct buf *buf, const struct value *value);
/* One string as a JSON string with its quotes. */
void json_write_text(struct buf *buf, struct str text);

struct json_limits {
    size_t max_bytes; /* 0: 16 MiB */
    size_t max_depth; /* 0: 64 */
    size_t max_nodes; /* 0: 1,000,000 */
};

/* Reads one JSON document; a byte-order mark is skipped; duplicate keys, NaN, comments, unpaired surrogates, invalid UTF-8 and
 * numbers that do not fit a decimal (none is changed by reading it) are refused. On failure err->message is "LINE:COLUMN:
 * what is wrong". Text is copied into the arena; a document that does not fit into it fails with ERR_LIMIT, as one over
 * the other limits does. limits may be NULL. */
int json_read(struct arena *arena, struct str text, const struct json_limits *limits, struct value **ret_value,
              struct err *err);

#endif
