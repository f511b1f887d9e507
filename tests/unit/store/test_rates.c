/* The exchange rates on record, and what is passed over. */
#include "fixture.h"

#include "store/rates.h"

#define TITLE "\"title\":{\"ja\":\"題\",\"en\":\"Title\"}"

static const struct model_file with_rates[] = {
    {STR("exchange-rate.json"),
     STR("{\"name\":\"exchange-rate\",\"role\":\"exchange-rate\"," TITLE ",\"label\":[\"base\"],\"fields\":["
         "{\"name\":\"base\"," TITLE ",\"type\":\"string\"},"
         "{\"name\":\"quote\"," TITLE ",\"type\":\"string\"},"
         "{\"name\":\"rate\"," TITLE ",\"type\":\"number\"}]}")},
};

static void reads_those_that_have_a_time(void **state)
{
    struct fixture fixture;
    struct read_options options = {0};
    struct exchange_rates rates = {0};
    struct err err = {0};
    (void)state;
    fixture_open(&fixture);
    {
        READER_AUTO *reader = NULL;
        assert_int_equal(store_read(fixture.store, &options, &reader, &err), 0);
        assert_int_equal(store_exchange_rates(reader, fixture.model, &fixture.arena, &rates, &err), 0);
        assert_int_equal(rates.count, 0); /* no such register */
    }
    fixture_reopen(&fixture, with_rates, 1);
    put(&fixture, "exchange-rate", "{\"id\":\"a\",\"base\":\"CRN\",\"quote\":\"SHL\",\"rate\":12.5,\"from\":\"2021\"}");
    put(&fixture, "exchange-rate",
        "{\"id\":\"b\",\"base\":\"CRN\",\"quote\":\"SHL\",\"rate\":13,\"from\":\"2022-04\",\"to\":\"2023-03\"}");
    put(&fixture, "exchange-rate", "{\"id\":\"no-time\",\"base\":\"CRN\",\"quote\":\"SHL\",\"rate\":14}");
    put(&fixture, "exchange-rate", "{\"id\":\"nil\",\"base\":\"CRN\",\"quote\":\"SHL\",\"rate\":0,\"from\":\"2021\"}");
    put(&fixture, "exchange-rate",
        "{\"id\":\"hidden\",\"base\":\"CRN\",\"quote\":\"SHL\",\"rate\":9,\"from\":\"2021\",\"visibility\":\"secretariat\"}");
    {
        READER_AUTO *reader = NULL;
        assert_int_equal(store_read(fixture.store, &options, &reader, &err), 0);
        assert_int_equal(store_exchange_rates(reader, fixture.model, &fixture.arena, &rates, &err), 0);
    }
    assert_int_equal(rates.count, 2);
    assert_str(rates.items[0].id, "a");
    assert_true(rates.items[0].rate > 12.49 && rates.items[0].rate < 12.51);
    assert_int_equal(rates.items[0].to.year, 2021);
    assert_str(rates.items[1].id, "b");
    assert_str(rates.items[1].base, "CRN");
    assert_int_equal(rates.items[1].to.month, 3);
    fixture_close(&fixture);
}

UNIT_TESTS(TEST(reads_those_that_have_a_time))
