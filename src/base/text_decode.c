#include "base/text.h"

#include "base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>

#define PIVOT_UNITS 1024
#define CHARSET_MAX 64
/* No character set makes more of one byte than this, but for what a state change adds. */
#define GROWTH_MAX 8
#define ROOM_MIN 64

struct text_decoder {
    UConverter *from;
    UConverter *to;
    UChar pivot[PIVOT_UNITS];
    UChar *pivot_read;
    UChar *pivot_write;
    char charset[CHARSET_MAX];
};

/* Stops at what stands for nothing instead of putting something in its place. */
static bool make_strict(UConverter *converter)
{
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    ucnv_setFromUCallBack(converter, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    return U_SUCCESS(status);
}

int text_decoder_open(const char *charset, struct text_decoder **ret_decoder, struct err *err)
{
    /* An empty name would mean the default of the process. */
    UErrorCode status = charset[0] ? U_ZERO_ERROR : U_FILE_ACCESS_ERROR;
    UConverter *from = U_SUCCESS(status) ? ucnv_open(charset, &status) : NULL;
    if (U_FAILURE(status)) {
        return err_set(err, ERR_INVALID, "the character set \"%s\" is not known", charset);
    }
    UConverter *to = ucnv_open("UTF-8", &status);
    if (U_FAILURE(status) || !make_strict(from) || !make_strict(to)) {
        ucnv_close(from);
        ucnv_close(to);
        return err_set(err, ERR_INTERNAL, "the conversion from %s to UTF-8 cannot be set up", charset);
    }
    struct text_decoder *decoder = memory_alloc(sizeof(*decoder));
    decoder->from = from;
    decoder->to = to;
    decoder->pivot_read = decoder->pivot;
    decoder->pivot_write = decoder->pivot;
    snprintf(decoder->charset, sizeof(decoder->charset), "%s", charset);
    *ret_decoder = decoder;
    return 0;
}

void text_decoder_close(struct text_decoder *decoder)
{
    if (decoder) {
        ucnv_close(decoder->from);
        ucnv_close(decoder->to);
        free(decoder);
    }
}

/* Says which bytes stand for nothing. */
static int fail(const struct text_decoder *decoder, UErrorCode status, struct err *err)
{
    char bytes[16];
    int8_t count = sizeof(bytes);
    UErrorCode ignored = U_ZERO_ERROR;
    if (status != U_INVALID_CHAR_FOUND && status != U_ILLEGAL_CHAR_FOUND && status != U_TRUNCATED_CHAR_FOUND &&
        status != U_ILLEGAL_ESCAPE_SEQUENCE && status != U_UNSUPPORTED_ESCAPE_SEQUENCE) {
        return err_set(err, ERR_INTERNAL, "the conversion from %s failed: %s", decoder->charset, u_errorName(status));
    }
    ucnv_getInvalidChars(decoder->from, bytes, &count, &ignored);
    char hex[3 * sizeof(bytes) + 1] = "";
    for (int i = 0; i < count && U_SUCCESS(ignored); i++) {
        snprintf(hex + 3 * i, 4, " %02X", (unsigned)(unsigned char)bytes[i]);
    }
    return err_set(err, ERR_INVALID, "the bytes%s stand for no character in %s", hex, decoder->charset);
}

int text_decoder_feed(struct text_decoder *decoder, struct str in, bool last, char *out, size_t out_max,
                      size_t *ret_in_used, size_t *ret_out_used, struct err *err)
{
    assert(out_max >= ROOM_MIN);
    /* Only as much is given as has room when converted: so nothing stays behind in the converter that the caller would not
     * know of. */
    size_t usable = (out_max - ROOM_MIN / 2) / GROWTH_MAX;
    size_t in_len = in.len < usable ? in.len : usable;
    const char *source = in.ptr ? in.ptr : "";
    const char *source_begin = source;
    char *target = out;
    UErrorCode status = U_ZERO_ERROR;
    ucnv_convertEx(decoder->to, decoder->from, &target, out + out_max, &source, source + in_len, decoder->pivot,
                   &decoder->pivot_read, &decoder->pivot_write, decoder->pivot + PIVOT_UNITS, false,
                   last && in_len == in.len, &status);
    if (U_FAILURE(status)) {
        return fail(decoder, status, err);
    }
    *ret_in_used = (size_t)(source - source_begin);
    *ret_out_used = (size_t)(target - out);
    return 0;
}
