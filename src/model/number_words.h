/* Inside of model/: numbers and money as people write them. All texts given here are NFKC. */
#ifndef MUSUBI_MODEL_NUMBER_WORDS_H
#define MUSUBI_MODEL_NUMBER_WORDS_H

#include "base/decimal.h"
#include "base/str.h"

struct written_number {
    struct decimal value; /* not negative */
    int precision;        /* power of ten of the last digit written, multipliers counted in */
    int multiplier; /* power of ten of its only multiplier ("30億", "三十億": 8); 0 without one and when several are mixed */
    size_t length; /* bytes read */
};

/* Reads digits (with commas between thousands and a point) and multipliers at the beginning: 1,234 · 35.6 · 1兆2,000億 · 5百万 ·
 * 3千5百万 · 二十億 · 百五十 · 5 billion. Grammar: PART+ where PART is DIGITS [十百千] [万億兆京] with falling multipliers, or
 * DIGITS and one of thousand, million, mn, billion, bn, trillion; kanji 〇 to 九 are digits too, and 十, 百 and 千 may stand
 * without one before them. False when no digit stands there or the number does not fit. */
bool number_at_start(struct str text, struct written_number *ret_number);
/* Length of a minus (- − △ ▲ and full-width forms, with a space after it) or plus; *ret_negative says which. 0: none. */
size_t sign_at_start(struct str text, bool *ret_negative);
/* A whole text as one number with sign. False when it is anything else. */
bool number_from_text(struct str text, struct decimal *ret_number);
/* A currency's sign, word or ISO 4217 code at the beginning (¥ 円 yen JPY $ ドル USD € …): its length, 0 for none. */
size_t currency_at_start(struct str text, struct str *ret_code);

/* A prefix without regard to ASCII case; when both it and what follows are letters, it does not count ("est" in "estate"). */
bool starts_with_word(struct str text, struct str word);

#endif
