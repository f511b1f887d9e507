/* Check digits of the identifiers a field may ask for with "check". */
#include "model/model.h"

static bool all_digits(struct str s, size_t count)
{
    if (s.len != count) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return false;
        }
    }
    return true;
}

static int digit_at(struct str s, size_t i)
{
    return s.ptr[i] - '0';
}

/* The leading digit is 9 − (Σ PₙQₙ mod 9) over the other twelve counted from the right, Q = 1 for odd n, 2 for even
 * (ordinance of the Ministry of Finance on corporate numbers). */
bool check_corporate_number(struct str s)
{
    if (!all_digits(s, 13)) {
        return false;
    }
    int sum = 0;
    for (size_t n = 1; n <= 12; n++) {
        sum += digit_at(s, 13 - n) * (n % 2 == 1 ? 1 : 2);
    }
    return digit_at(s, 0) == 9 - sum % 9;
}

/* The last of six digits is (11 − (6d₁+5d₂+4d₃+3d₄+2d₅) mod 11) mod 10. */
bool check_local_government_code(struct str s)
{
    if (!all_digits(s, 6)) {
        return false;
    }
    int sum = 0;
    for (size_t i = 0; i < 5; i++) {
        sum += digit_at(s, i) * (6 - (int)i);
    }
    return digit_at(s, 5) == (11 - sum % 11) % 10;
}

/* ISO 7064 mod 11-2 over sixteen characters in four groups; the last may be X, which stands for ten. */
bool check_orcid(struct str s)
{
    if (s.len != 19) {
        return false;
    }
    int total = 0;
    for (size_t i = 0; i < 18; i++) {
        char c = s.ptr[i];
        if (i % 5 == 4) {
            if (c != '-') {
                return false;
            }
            continue;
        }
        if (c < '0' || c > '9') {
            return false;
        }
        total = (total + (c - '0')) * 2 % 11;
    }
    int expected = (12 - total) % 11;
    char last = s.ptr[18];
    return last == (expected == 10 ? 'X' : (char)('0' + expected));
}

/* Crockford's alphabet in its lower-case form: no i, l, o, u. */
static int base32_digit(char c)
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    for (int i = 0; i < 32; i++) {
        if (digits[i] == c) {
            return i;
        }
    }
    return -1;
}

/* "0", six characters of a number n, and two digits that are 98 − (100 n mod 97) (ISO 7064 mod 97-10). */
bool check_ror(struct str s)
{
    if (s.len != 9 || s.ptr[0] != '0' || !all_digits(str_slice(s, 7, 9), 2)) {
        return false;
    }
    int64_t number = 0;
    for (size_t i = 1; i < 7; i++) {
        int digit = base32_digit(s.ptr[i]);
        if (digit < 0) {
            return false;
        }
        number = number * 32 + digit;
    }
    return digit_at(s, 7) * 10 + digit_at(s, 8) == 98 - (int)(number * 100 % 97);
}

bool field_check_passes(enum field_check check, struct str s)
{
    switch (check) {
    case CHECK_NONE:
        return true;
    case CHECK_CORPORATE_NUMBER:
        return check_corporate_number(s);
    case CHECK_LOCAL_GOVERNMENT_CODE:
        return check_local_government_code(s);
    case CHECK_ORCID:
        return check_orcid(s);
    case CHECK_ROR:
        return check_ror(s);
    }
    return false;
}
