#include "unit.h"

#include "base/buf.h"

static void grows_to_its_maximum_and_no_further(void **state)
{
    (void)state;
    BUF_AUTO buf;
    buf_init(&buf, 1000);
    for (int i = 0; i < 1000; i++) {
        buf_add_byte(&buf, 'x');
    }
    assert_false(buf.overflow);
    assert_int_equal(buf.len, 1000);
    buf_add_byte(&buf, 'y');
    assert_true(buf.overflow);
    assert_int_equal(buf.len, 1000);
    buf_clear(&buf);
    assert_false(buf.overflow);
    assert_int_equal(buf.len, 0);
    buf_add_literal(&buf, "abc");
    assert_str(buf_str(&buf), "abc");
}

static void adds_nothing_after_an_overflow(void **state)
{
    (void)state;
    BUF_AUTO buf;
    buf_init(&buf, 5);
    buf_add_literal(&buf, "abc");
    buf_add_literal(&buf, "def");
    buf_add_byte(&buf, 'x'); /* would fit */
    assert_true(buf.overflow);
    assert_str(buf_str(&buf), "abc");
}

static void formats(void **state)
{
    (void)state;
    BUF_AUTO buf;
    buf_init(&buf, 2000);
    buf_add_format(&buf, "%s=%d", "a", 1);
    assert_str(buf_str(&buf), "a=1");
    for (int width = 250; width < 260; width++) {
        buf_clear(&buf);
        buf_add_format(&buf, "%*d", width, 5);
        assert_int_equal(buf.len, width);
        assert_int_equal(buf.ptr[width - 1], '5');
    }
}

static void writes_integers(void **state)
{
    (void)state;
    BUF_AUTO buf;
    buf_init(&buf, 2000);
    buf_add_int64(&buf, 0);
    buf_add_byte(&buf, ' ');
    buf_add_int64(&buf, INT64_MAX);
    buf_add_byte(&buf, ' ');
    buf_add_int64(&buf, INT64_MIN);
    assert_str(buf_str(&buf), "0 9223372036854775807 -9223372036854775808");
}

static void hands_its_memory_over(void **state)
{
    (void)state;
    BUF_AUTO buf;
    buf_init(&buf, 100);
    size_t len = 9;
    char *ptr = buf_take(&buf, &len);
    assert_non_null(ptr);
    assert_int_equal(len, 0);
    free(ptr);
    buf_add_literal(&buf, "abc");
    ptr = buf_take(&buf, &len);
    assert_memory_equal(ptr, "abc", 3);
    assert_int_equal(len, 3);
    free(ptr);
    assert_str(buf_str(&buf), "");
    buf_free(NULL);
}

UNIT_TESTS(TEST(grows_to_its_maximum_and_no_further), TEST(adds_nothing_after_an_overflow), TEST(formats),
           TEST(writes_integers), TEST(hands_its_memory_over))
