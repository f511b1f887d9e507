#include "unit.h"

#include "model/model.h"

static void corporate_numbers(void **state)
{
    (void)state;
    assert_true(check_corporate_number(STR("7000012050002"))); /* the National Tax Agency's own */
    assert_true(check_corporate_number(STR("5010005007398"))); /* The University of Tokyo */
    assert_false(check_corporate_number(STR("7000012050003")));
    assert_false(check_corporate_number(STR("6000012050002")));
    assert_false(check_corporate_number(STR("700001205000")));
    assert_false(check_corporate_number(STR("70000120500022")));
    assert_false(check_corporate_number(STR("700001205000x")));
    assert_false(check_corporate_number(STR("")));
}

static void local_government_codes(void **state)
{
    (void)state;
    static const struct str good[] = {STR("080004"), STR("110001"), STR("120006"), STR("130001"), STR("140007")};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(check_local_government_code(good[i]));
    }
    assert_false(check_local_government_code(STR("080005")));
    assert_false(check_local_government_code(STR("13000")));
    assert_false(check_local_government_code(STR("13000l")));
}

static void orcids(void **state)
{
    (void)state;
    assert_true(check_orcid(STR("0000-0002-1825-0097")));
    assert_true(check_orcid(STR("0000-0002-9079-593X")));
    assert_false(check_orcid(STR("0000-0002-9079-593x")));
    assert_false(check_orcid(STR("0000-0002-1825-0098")));
    assert_false(check_orcid(STR("0000-00021-825-0097")));
    assert_false(check_orcid(STR("000000021825009700")));
    assert_false(check_orcid(STR("https://orcid.org/0000-0002-1825-0097")));
}

static void ror_ids(void **state)
{
    (void)state;
    assert_true(check_ror(STR("057zh3y96"))); /* The University of Tokyo */
    assert_true(check_ror(STR("0112mx960"))); /* Tokyo Institute of Technology */
    assert_false(check_ror(STR("057zh3y97")));
    assert_false(check_ror(STR("157zh3y96")));
    assert_false(check_ror(STR("057zl3y96"))); /* no l in the alphabet */
    assert_false(check_ror(STR("057ZH3Y96")));
    assert_false(check_ror(STR("057zh3y9")));
}

static void a_field_s_own_check(void **state)
{
    (void)state;
    assert_true(field_check_passes(CHECK_NONE, STR("anything")));
    assert_true(field_check_passes(CHECK_ROR, STR("057zh3y96")));
    assert_false(field_check_passes(CHECK_ORCID, STR("057zh3y96")));
    assert_true(field_check_passes(CHECK_CORPORATE_NUMBER, STR("7000012050002")));
    assert_true(field_check_passes(CHECK_LOCAL_GOVERNMENT_CODE, STR("130001")));
}

static void ids(void **state)
{
    (void)state;
    assert_true(id_is_valid(STR("a")));
    assert_true(id_is_valid(STR("0.a-b")));
    assert_true(id_is_valid(STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
    assert_false(id_is_valid(STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
    assert_false(id_is_valid(STR("")));
    assert_false(id_is_valid(STR(".a")));
    assert_false(id_is_valid(STR("A")));
    assert_false(id_is_valid(STR("a_b")));
    assert_false(id_is_valid(STR("a/b")));
    assert_false(id_is_valid(STR("物")));
}

UNIT_TESTS(TEST(corporate_numbers), TEST(local_government_codes), TEST(orcids), TEST(ror_ids),
           TEST(a_field_s_own_check), TEST(ids))
