/* BLAKE2b digests (libsodium), for comparing content, ETags and ids made from content. */
#ifndef MUSUBI_BASE_DIGEST_H
#define MUSUBI_BASE_DIGEST_H

#include "base/str.h"

#include <stddef.h>

#define DIGEST_BYTES 16
#define DIGEST_HEX_MAX (2 * DIGEST_BYTES + 1)

struct digest {
    unsigned char bytes[DIGEST_BYTES];
};

struct digest digest_of(struct str content);
bool digest_eq(struct digest a, struct digest b);
/* Lower-case hexadecimal with a NUL. */
void digest_hex(struct digest digest, char hex[DIGEST_HEX_MAX]);

#endif
