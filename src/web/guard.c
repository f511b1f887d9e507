#include "web/guard.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS (24 * 3600 * 1000)
#define HOUR_MS 3600000
#define NONCE_BYTES 8
#define MAC_BYTES 16
#define MAC_HEX (2 * MAC_BYTES + 1)
#define WAYS 8 /* places in which an address may be remembered */
#define SETS (GUARD_ADDRESSES / WAYS)
#define ANSWER_MAX 255

struct bucket {
    uint64_t address; /* keyed hash; 0: free */
    int64_t at_ms;
    double left;
};

struct sent {
    unsigned char token[MAC_BYTES];
    char answer[ANSWER_MAX + 1]; /* empty: free */
};

struct guard {
    struct guard_config config;
    unsigned char master[crypto_generichash_KEYBYTES];
    unsigned char hash_key[crypto_shorthash_KEYBYTES];
    pthread_mutex_t turn;
    struct bucket total;
    struct bucket buckets[SETS][WAYS];
    struct sent sent[GUARD_SENT];
    size_t next_sent;
};

struct guard *guard_new(const struct guard_config *config)
{
    struct guard *guard;

    if (sodium_init() < 0) {
        memory_die("libsodium cannot be started");
    }
    guard = memory_alloc(sizeof *guard);
    memset(guard, 0, sizeof *guard);
    guard->config = *config;
    randombytes_buf(guard->master, sizeof guard->master);
    randombytes_buf(guard->hash_key, sizeof guard->hash_key);
    pthread_mutex_init(&guard->turn, NULL);
    guard->total.left = config->total_an_hour;
    return guard;
}

void guard_free(struct guard *guard)
{
    if (guard != NULL) {
        pthread_mutex_destroy(&guard->turn);
        sodium_memzero(guard->master, sizeof guard->master);
        free(guard);
    }
}

/* ---- tokens ---- */

static void key_of_day(const struct guard *guard, int64_t day, unsigned char key[crypto_generichash_KEYBYTES])
{
    crypto_generichash(key, crypto_generichash_KEYBYTES, (const unsigned char *)&day, sizeof day, guard->master,
                       sizeof guard->master);
}

/* `purpose` keeps a seal from being taken for a token. */
static void mac_of(const struct guard *guard, char purpose, struct str text, int64_t day, char hex[MAC_HEX])
{
    unsigned char key[crypto_generichash_KEYBYTES], mac[MAC_BYTES];
    crypto_generichash_state state;

    key_of_day(guard, day, key);
    crypto_generichash_init(&state, key, sizeof key, sizeof mac);
    crypto_generichash_update(&state, (const unsigned char *)&purpose, 1);
    crypto_generichash_update(&state, (const unsigned char *)text.ptr, text.len);
    crypto_generichash_final(&state, mac, sizeof mac);
    sodium_bin2hex(hex, MAC_HEX, mac, sizeof mac);
    sodium_memzero(key, sizeof key);
}

static bool mac_holds(const struct guard *guard, char purpose, struct str text, int64_t day, struct str given)
{
    char hex[MAC_HEX];

    mac_of(guard, purpose, text, day, hex);
    return given.len == MAC_HEX - 1 && sodium_memcmp(hex, given.ptr, MAC_HEX - 1) == 0;
}

struct str guard_token(struct guard *guard, int64_t now_ms, struct arena *arena)
{
    unsigned char nonce[NONCE_BYTES];
    char nonce_hex[2 * NONCE_BYTES + 1], mac[MAC_HEX];
    struct str text;

    randombytes_buf(nonce, sizeof nonce);
    sodium_bin2hex(nonce_hex, sizeof nonce_hex, nonce, sizeof nonce);
    text = arena_format(arena, "%lld-%s", (long long)(now_ms / 1000), nonce_hex);
    mac_of(guard, 't', text, now_ms / DAY_MS, mac);
    return arena_format(arena, "%.*s-%s", STR_ARG(text), mac);
}

enum guard_verdict guard_check_token(struct guard *guard, struct str token, int64_t now_ms)
{
    size_t mac_at = token.len >= MAC_HEX ? token.len - MAC_HEX : 0; /* of the '-' before it */
    struct str text = str_slice(token, 0, mac_at);
    int64_t shown_s, shown_ms;

    if (mac_at == 0 || token.ptr[mac_at] != '-' ||
        !str_to_int64(str_slice(text, 0, str_find_byte(text, '-')), &shown_s) || shown_s < 0 ||
        shown_s > INT64_MAX / 1000) {
        return GUARD_FORGED;
    }
    shown_ms = shown_s * 1000;
    if (!mac_holds(guard, 't', text, shown_ms / DAY_MS, str_slice(token, mac_at + 1, token.len))) {
        return GUARD_FORGED;
    }
    if (now_ms - shown_ms > GUARD_TOKEN_AGE_MS) {
        return GUARD_OLD;
    }
    return now_ms - shown_ms < guard->config.least_fill_ms ? GUARD_HASTY : GUARD_GOOD;
}

struct str guard_seal(struct guard *guard, struct str text, int64_t now_ms, struct arena *arena)
{
    char mac[MAC_HEX];

    mac_of(guard, 's', text, now_ms / DAY_MS, mac);
    return arena_copy(arena, str_from_cstr(mac));
}

bool guard_seal_holds(struct guard *guard, struct str text, struct str seal, int64_t now_ms)
{
    int64_t today = now_ms / DAY_MS;

    return mac_holds(guard, 's', text, today, seal) || mac_holds(guard, 's', text, today - 1, seal);
}

/* ---- sending ---- */

static void fingerprint(struct str token, unsigned char out[MAC_BYTES])
{
    crypto_generichash(out, MAC_BYTES, (const unsigned char *)token.ptr, token.len, NULL, 0);
}

bool guard_begin(struct guard *guard, struct str token, struct arena *arena, struct str *ret_answer)
{
    unsigned char wanted[MAC_BYTES];

    fingerprint(token, wanted);
    pthread_mutex_lock(&guard->turn);
    for (size_t i = 0; i < GUARD_SENT; i++) {
        const struct sent *sent = &guard->sent[i];
        if (sent->answer[0] != '\0' && memcmp(sent->token, wanted, sizeof wanted) == 0) {
            *ret_answer = arena_copy(arena, str_from_cstr(sent->answer));
            return true;
        }
    }
    return false;
}

void guard_end(struct guard *guard, struct str token, struct str answer)
{
    if (answer.len > 0) {
        struct sent *sent = &guard->sent[guard->next_sent];
        size_t length = answer.len < ANSWER_MAX ? answer.len : ANSWER_MAX;
        guard->next_sent = (guard->next_sent + 1) % GUARD_SENT;
        fingerprint(token, sent->token);
        memcpy(sent->answer, answer.ptr, length);
        sent->answer[length] = '\0';
    }
    pthread_mutex_unlock(&guard->turn);
}

/* An IPv6 address counts as its /64, which one household has. */
static uint64_t hash_address(const struct guard *guard, struct str address)
{
    unsigned char hash[crypto_shorthash_BYTES];
    unsigned char six[16];
    char text[64];
    uint64_t number;
    struct str what = address;

    if (address.len < sizeof text) {
        memcpy(text, address.ptr, address.len);
        text[address.len] = '\0';
        if (inet_pton(AF_INET6, text, six) == 1) {
            what = str_make((const char *)six, 8);
        }
    }
    crypto_shorthash(hash, (const unsigned char *)what.ptr, what.len, guard->hash_key);
    memcpy(&number, hash, sizeof number);
    return number == 0 ? 1 : number;
}

/* The address's bucket, or the one in its set that was used longest ago, made into it. */
static struct bucket *bucket_of(struct guard *guard, uint64_t address, int64_t now_ms)
{
    struct bucket *set = guard->buckets[address % SETS];
    struct bucket *oldest = &set[0];

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].address == address) {
            return &set[i];
        }
        oldest = set[i].at_ms < oldest->at_ms ? &set[i] : oldest;
    }
    *oldest = (struct bucket){.address = address, .at_ms = now_ms, .left = guard->config.each_an_hour};
    return oldest;
}

/* Fills up by what has come in since. */
static void refill(struct bucket *bucket, int an_hour, int64_t now_ms)
{
    double more = (double)(now_ms - bucket->at_ms) * an_hour / HOUR_MS;

    if (now_ms > bucket->at_ms) {
        bucket->left = bucket->left + more > an_hour ? an_hour : bucket->left + more;
        bucket->at_ms = now_ms;
    }
}

static int wait_s(const struct bucket *bucket, int an_hour)
{
    return an_hour == 0 ? HOUR_MS / 1000 : (int)((1 - bucket->left) * HOUR_MS / 1000 / an_hour) + 1;
}

bool guard_take(struct guard *guard, struct str address, int64_t now_ms, int *ret_wait_s)
{
    const struct guard_config *config = &guard->config;
    struct bucket *own = bucket_of(guard, hash_address(guard, address), now_ms);

    refill(own, config->each_an_hour, now_ms);
    refill(&guard->total, config->total_an_hour, now_ms);
    if (own->left < 1 || guard->total.left < 1) {
        *ret_wait_s = own->left < 1 ? wait_s(own, config->each_an_hour) : wait_s(&guard->total, config->total_an_hour);
        return false;
    }
    own->left -= 1;
    guard->total.left -= 1;
    return true;
}

void guard_give_back(struct guard *guard, struct str address, int64_t now_ms)
{
    bucket_of(guard, hash_address(guard, address), now_ms)->left += 1;
    guard->total.left += 1;
}
