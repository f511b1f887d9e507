/* A number of 128 bits that says whether two contents are the same, at a fraction of a digest's cost: for tags of answers. It
 * withstands accident, not malice: who may choose contents can make two with the same one. */
#ifndef MUSUBI_BASE_CHECKSUM_H
#define MUSUBI_BASE_CHECKSUM_H

#include "base/str.h"

struct checksum {
    uint64_t high, low;
};

#define CHECKSUM_HEX 32 /* digits; no NUL follows them */

/* The same for the same bytes on every machine of one byte order. */
struct checksum checksum_of(struct str content);
void checksum_hex(struct checksum sum, char hex[CHECKSUM_HEX]);

#endif
