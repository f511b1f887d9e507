#include "web/compress.h"

#include "base/memory.h"

#include <brotli/encode.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_LEVEL 6
/* zlib adds 16 to the window for a gzip header. */
#define GZIP_WINDOW (15 + 16)

int compress_gzip(struct str plain, char **ret_bytes, size_t *ret_length)
{
    z_stream stream = {0};
    char *bytes;
    int code;

    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return -1;
    }
    bytes = memory_alloc(plain.len + 1);
    stream.next_in = (Bytef *)(uintptr_t)plain.ptr;
    stream.avail_in = (uInt)plain.len;
    stream.next_out = (Bytef *)bytes;
    stream.avail_out = (uInt)plain.len;
    code = deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    if (code != Z_STREAM_END) {
        free(bytes);
        return -1;
    }
    *ret_length = stream.total_out;
    *ret_bytes = memory_resize(bytes, stream.total_out + 1);
    return 0;
}

int decompress_gzip(struct str packed, size_t length, char **ret_bytes)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed.ptr, .avail_in = (uInt)packed.len};
    char *bytes;
    int code;

    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK) {
        return -1;
    }
    bytes = memory_alloc(length + 1);
    stream.next_out = (Bytef *)bytes;
    stream.avail_out = (uInt)length;
    code = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (code != Z_STREAM_END || stream.total_out != length) {
        free(bytes);
        return -1;
    }
    *ret_bytes = bytes;
    return 0;
}

int compress_brotli(struct str plain, char **ret_bytes, size_t *ret_length)
{
    size_t length = plain.len;
    char *bytes = memory_alloc(plain.len + 1);

    if (!BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, plain.len,
                               (const uint8_t *)plain.ptr, &length, (uint8_t *)bytes)) {
        free(bytes);
        return -1;
    }
    *ret_length = length;
    *ret_bytes = memory_resize(bytes, length + 1);
    return 0;
}

/* "gzip;q=0" is a refusal; every other weight takes it. */
static bool is_refusal(struct str parameters)
{
    size_t at = str_find(parameters, STR("q="));
    struct str weight = at == SIZE_MAX ? STR("1") : str_trim(str_slice(parameters, at + 2, parameters.len));

    for (size_t i = 0; i < weight.len; i++) {
        if (weight.ptr[i] != '0' && weight.ptr[i] != '.') {
            return false;
        }
    }
    return true;
}

bool encoding_accepted(struct str accept_encoding, struct str coding)
{
    struct str rest = accept_encoding;
    struct str part;
    bool done = rest.len == 0;
    bool by_star = false;

    while (!done && str_next_part(&rest, ',', &done, &part)) {
        size_t semicolon = str_find_byte(part, ';');
        struct str name = str_trim(str_slice(part, 0, semicolon));
        bool refused = is_refusal(str_slice(part, semicolon, part.len));
        if (str_eq_ignoring_case(name, coding)) {
            return !refused;
        }
        if (str_eq(name, STR("*"))) {
            by_star = !refused;
        }
    }
    return by_star;
}
