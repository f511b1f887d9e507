/* A fuzzer is one function. It must neither crash, nor leak, nor take long, whatever the bytes are; what it checks beyond
 * that it says by assert. */
#ifndef MUSUBI_TESTS_FUZZ_H
#define MUSUBI_TESTS_FUZZ_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* Always returns 0. The data is borrowed for the call and not NUL-terminated. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
