#include "unit.h"

#include "web/guard.h"

#define NOW INT64_C(1795454038000)
#define HOUR 3600000
#define DAY (24 * HOUR)

static const struct guard_config config = {.least_fill_ms = 3000, .each_an_hour = 2, .total_an_hour = 5};

static void tokens_hold_for_a_day_and_not_at_once(void **state)
{
    ARENA_AUTO arena;
    struct guard *guard = guard_new(&config), *other = guard_new(&config);
    (void)state;
    arena_init(&arena, 1 << 16);
    struct str token = guard_token(guard, NOW, &arena);
    assert_int_equal(guard_check_token(guard, token, NOW), GUARD_HASTY);
    assert_int_equal(guard_check_token(guard, token, NOW + 3000), GUARD_GOOD);
    assert_int_equal(guard_check_token(guard, token, NOW + DAY - 1000), GUARD_GOOD);
    assert_int_equal(guard_check_token(guard, token, NOW + DAY + 1000), GUARD_OLD);
    assert_int_equal(guard_check_token(other, token, NOW + 3000), GUARD_FORGED);
    guard_free(guard);
    guard_free(other);
}

static void every_changed_byte_is_noticed(void **state)
{
    ARENA_AUTO arena;
    struct guard *guard = guard_new(&config);
    (void)state;
    arena_init(&arena, 1 << 20);
    struct str token = guard_token(guard, NOW, &arena);
    for (size_t i = 0; i <= token.len; i++) {
        struct str changed = arena_copy(&arena, token);
        assert_int_equal(guard_check_token(guard, str_slice(token, 0, i), NOW + 5000),
                         i == token.len ? GUARD_GOOD : GUARD_FORGED);
        if (i < token.len) {
            ((char *)changed.ptr)[i] = changed.ptr[i] == '0' ? '1' : '0';
            assert_int_not_equal(guard_check_token(guard, changed, NOW + 5000), GUARD_GOOD);
        }
    }
    assert_int_equal(guard_check_token(guard, STR(""), NOW), GUARD_FORGED);
    guard_free(guard);
}

static void a_seal_is_no_token_and_holds_two_days(void **state)
{
    ARENA_AUTO arena;
    struct guard *guard = guard_new(&config);
    (void)state;
    arena_init(&arena, 1 << 16);
    struct str seal = guard_seal(guard, STR("1 2"), NOW, &arena);
    assert_true(guard_seal_holds(guard, STR("1 2"), seal, NOW));
    assert_true(guard_seal_holds(guard, STR("1 2"), seal, NOW + DAY));
    assert_false(guard_seal_holds(guard, STR("1 2"), seal, NOW + 2 * DAY));
    assert_false(guard_seal_holds(guard, STR("1 3"), seal, NOW));
    assert_false(guard_seal_holds(guard, STR("1 2"), STR(""), NOW));
    struct str text = STR("1795454038-0000000000000000");
    struct str taken = arena_concat(&arena, 3, text, STR("-"), guard_seal(guard, text, NOW, &arena));
    assert_int_equal(guard_check_token(guard, taken, NOW + 5000), GUARD_FORGED);
    guard_free(guard);
}

static bool take(struct guard *guard, const char *address, int64_t now_ms)
{
    int wait_s = 0;
    bool taken = guard_take(guard, str_from_cstr(address), now_ms, &wait_s);
    assert_true(taken ? wait_s == 0 : wait_s > 0 && wait_s <= 3601);
    return taken;
}

static void limits_fill_up_again(void **state)
{
    struct guard *guard = guard_new(&config);
    (void)state;
    assert_true(take(guard, "192.0.2.1", NOW) && take(guard, "192.0.2.1", NOW));
    assert_false(take(guard, "192.0.2.1", NOW));
    assert_true(take(guard, "2001:db8::1", NOW) && take(guard, "2001:db8::2", NOW));
    assert_false(take(guard, "2001:db8::3", NOW));
    assert_true(take(guard, "2001:db8:1::1", NOW));
    assert_false(take(guard, "198.51.100.1", NOW)); /* all five are gone */
    assert_false(take(guard, "192.0.2.1", NOW + HOUR / 4));
    assert_true(take(guard, "192.0.2.1", NOW + HOUR / 2));
    guard_give_back(guard, STR("192.0.2.1"), NOW + HOUR / 2);
    assert_true(take(guard, "192.0.2.1", NOW + HOUR / 2));
    guard_free(guard);
}

static void many_addresses_do_not_pass_the_total(void **state)
{
    struct guard_config many = {.each_an_hour = 1, .total_an_hour = 100};
    struct guard *guard = guard_new(&many);
    int taken = 0;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char address[32];
        snprintf(address, sizeof address, "10.%d.%d.1", i / 250, i % 250);
        int wait_s;
        taken += guard_take(guard, str_from_cstr(address), NOW, &wait_s) ? 1 : 0;
    }
    assert_int_equal(taken, 100);
    guard_free(guard);
}

static void what_was_sent_is_remembered(void **state)
{
    ARENA_AUTO arena;
    struct guard *guard = guard_new(&config);
    struct str answer;
    (void)state;
    arena_init(&arena, 1 << 20);
    assert_false(guard_begin(guard, STR("a"), &arena, &answer));
    guard_end(guard, STR("a"), STR(""));
    assert_false(guard_begin(guard, STR("a"), &arena, &answer));
    guard_end(guard, STR("a"), STR("/here"));
    assert_true(guard_begin(guard, STR("a"), &arena, &answer));
    assert_str(answer, "/here");
    guard_end(guard, STR("a"), STR(""));
    for (int i = 0; i < GUARD_SENT; i++) {
        struct str token = arena_format(&arena, "t%d", i);
        assert_false(guard_begin(guard, token, &arena, &answer));
        guard_end(guard, token, STR("/there"));
    }
    assert_false(guard_begin(guard, STR("a"), &arena, &answer)); /* long since */
    guard_end(guard, STR("a"), STR(""));
    guard_free(guard);
}

UNIT_TESTS(TEST(tokens_hold_for_a_day_and_not_at_once), TEST(every_changed_byte_is_noticed),
           TEST(a_seal_is_no_token_and_holds_two_days), TEST(limits_fill_up_again),
           TEST(many_addresses_do_not_pass_the_total), TEST(what_was_sent_is_remembered))
