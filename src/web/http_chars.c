#include "web/http_internal.h"

/* tests/unit/web/test_http_chars.c compares every byte with the lists that the grammars give. */
const struct byte_set http_token_bytes = {{0x03ff6cfa00000000, 0x57ffffffc7fffffe, 0, 0}};
const struct byte_set http_value_bytes = {
    {0xffffffff00000200, 0x7fffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff}};
const struct byte_set http_host_bytes = {{0x2fff7ff200000000, 0x47fffffeaffffffe, 0, 0}};
const struct byte_set http_path_bytes = {
    {0x2ffffff200000000, 0x47fffffe87ffffff, 0xffffffffffffffff, 0xffffffffffffffff}};
const struct byte_set http_query_bytes = {
    {0xaffffff200000000, 0x7fffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff}};
const struct byte_set http_unreserved_bytes = {{0x03ff600000000000, 0x47fffffe87fffffe, 0, 0}};

size_t byte_set_span(const struct byte_set *set, struct str s)
{
    size_t i = 0;
    while (i < s.len && byte_set_has(set, s.ptr[i])) {
        i++;
    }
    return i;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}
