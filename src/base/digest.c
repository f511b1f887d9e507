#include "base/digest.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Without it libsodium would stay with its slowest code. */
static void begin(void)
{
    int result = sodium_init();
    assert(result >= 0);
    (void)result;
}

struct digest digest_of(struct str content)
{
    pthread_once(&once, begin);
    struct digest digest;
    int result = crypto_generichash(digest.bytes, sizeof(digest.bytes), (const unsigned char *)content.ptr, content.len,
                                    NULL, 0);
    assert(result == 0); /* only a wrong digest length fails */
    (void)result;
    return digest;
}

bool digest_eq(struct digest a, struct digest b)
{
    return str_eq(str_make((const char *)a.bytes, DIGEST_BYTES), str_make((const char *)b.bytes, DIGEST_BYTES));
}

void digest_hex(struct digest digest, char hex[DIGEST_HEX_MAX])
{
    sodium_bin2hex(hex, DIGEST_HEX_MAX, digest.bytes, DIGEST_BYTES);
}
