#include "invented.h"

#include "exchange/represent.h"

#define NOW_MS 1775001600000 /* 2026-04-01T00:00:00Z */

static void open_filled(struct invented *invented)
{
    struct load_options options = {0};
    struct load_result result;
    struct err err = {0};
    invented_open(invented);
    if (invented_load(invented, "organisation",
                      STR("id,name_ja,name_en,kind,place_lat,place_lon,sales,staff,listed,partners\n"
                          "one,一,\"One & <1>\",company,35.7,139.7,1700億円,3,true,two;外|Outside\n"
                          "two,,Two,university,,,20～30億円,,,\n"),
                      &options, &result, &err) ||
        invented_load(invented, "meeting",
                      STR("name_ja,name_en,host,day\n総会,\"General, meeting\",one,2022-02-21\n例会,,two,2022-02\n"),
                      &options, &result, &err)) {
        fail_msg("%s", err.message);
    }
}

static int add_found(void *context, const struct found *found)
{
    struct err err = {0};
    if (represent_add(context, found, &err)) {
        fail_msg("%s", err.message);
    }
    return 0;
}

/* The whole register in that form, as a C string the caller frees. */
static char *represent_all(struct invented *invented, const char *reg, enum representation representation,
                           size_t *ret_len)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .lang = LANG_EN};
    struct reader *reader;
    struct represent *represent;
    struct buf out;
    struct err err = {0};
    buf_init(&out, (size_t)1 << 20);
    assert_int_equal(store_read(invented->store, &options, &reader, &err), 0);
    struct represent_config config = {
        .representation = representation,
        .model = invented->model,
        .reg = model_register(invented->model, str_from_cstr(reg)),
        .lang = LANG_EN,
        .reader = reader,
        .site_url = STR("https://example.org"),
        .now_ms = NOW_MS,
    };
    if (representation == REPRESENT_ATOM) {
        assert_int_equal(represent_changes(&config, 10, &out, &err), 0);
    } else {
        assert_int_equal(represent_open(&config, &out, &represent, &err), 0);
        assert_int_equal(store_each(reader, config.reg, add_found, represent, &err), 0);
        assert_int_equal(represent_close(represent, &err), 0);
    }
    reader_release(reader);
    buf_add_byte(&out, '\0');
    return buf_take(&out, ret_len);
}

static void check(const char *reg, enum representation representation, const char *expected)
{
    struct invented invented;
    size_t len;
    setenv("MUSUBI_NOW", "2026-04-01T00:00:00Z", 1);
    open_filled(&invented);
    char *got = represent_all(&invented, reg, representation, &len);
    assert_string_equal(got, expected);
    free(got);
    invented_close(&invented);
}

static void names_and_fits(void **state)
{
    (void)state;
    struct invented invented;
    enum representation representation;
    invented_open(&invented);
    const struct reg *organisation = model_register(invented.model, STR("organisation"));
    const struct reg *meeting = model_register(invented.model, STR("meeting"));
    assert_true(representation_from_extension(STR("jsonld"), &representation));
    assert_int_equal(representation, REPRESENT_JSONLD);
    assert_false(representation_from_extension(STR("pdf"), &representation));
    assert_true(representation_fits(organisation, REPRESENT_GEOJSON));
    assert_false(representation_fits(organisation, REPRESENT_ICS));
    assert_true(representation_fits(meeting, REPRESENT_ICS));
    assert_false(representation_fits(meeting, REPRESENT_GEOJSON));
    assert_true(representation_fits(meeting, REPRESENT_XLSX));
    invented_close(&invented);
}

static void csv_begins_with_a_mark_and_can_be_loaded(void **state)
{
    (void)state;
    check("meeting", REPRESENT_CSV,
          "\xEF\xBB\xBFid,name_ja,name_en,host,day,owner,visibility,from,to,attested_on,sources\r\n"
          "one-2022-02-21,総会,\"General, meeting\",one,2022-02-21,,public,,,,\r\n"
          "two-2022-02,例会,,two,2022-02,,public,,,,\r\n");
}

static void geojson_has_longitude_first(void **state)
{
    (void)state;
    check("organisation", REPRESENT_GEOJSON,
          "{\"type\":\"FeatureCollection\",\"features\":[\n"
          "{\"type\":\"Feature\",\"id\":\"one\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[139.7,35.7]},"
          "\"properties\":{\"id\":\"one\",\"visibility\":\"public\",\"name\":{\"ja\":\"一\",\"en\":\"One & <1>\"},"
          "\"kind\":\"company\",\"sales\":{\"value\":170000000000,\"currency\":\"JPY\",\"precision\":8},\"staff\":3,"
          "\"listed\":true,\"partners\":[{\"id\":\"two\"},{\"name\":{\"ja\":\"外\",\"en\":\"Outside\"}}],"
          "\"title\":\"One & <1>\",\"link\":\"https://example.org/en/organisation/one\"}},\n"
          "{\"type\":\"Feature\",\"id\":\"two\",\"geometry\":null,\"properties\":{\"id\":\"two\","
          "\"visibility\":\"public\",\"name\":{\"en\":\"Two\"},\"kind\":\"university\",\"sales\":{\"low\":2000000000,"
          "\"high\":3000000000,\"currency\":\"JPY\",\"precision\":8},\"title\":\"Two\","
          "\"link\":\"https://example.org/en/organisation/two\"}}\n]}\n");
}

static void icalendar_has_whole_days(void **state)
{
    (void)state;
    check("meeting", REPRESENT_ICS,
          "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Musubi//Musubi//EN\r\nCALSCALE:GREGORIAN\r\n"
          "BEGIN:VEVENT\r\nUID:one-2022-02-21.meeting@example.org\r\nDTSTAMP:20260401T000000Z\r\n"
          "DTSTART;VALUE=DATE:20220221\r\nDTEND;VALUE=DATE:20220222\r\nSUMMARY:General\\, meeting\r\nEND:VEVENT\r\n"
          "BEGIN:VEVENT\r\nUID:two-2022-02.meeting@example.org\r\nDTSTAMP:20260401T000000Z\r\n"
          "DTSTART;VALUE=DATE:20220201\r\nDTEND;VALUE=DATE:20220301\r\nSUMMARY:例会\r\nEND:VEVENT\r\n"
          "END:VCALENDAR\r\n");
}

static void atom_has_the_latest_first(void **state)
{
    (void)state;
    check("organisation", REPRESENT_ATOM,
          "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
          "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n"
          "<id>https://example.org/api/v1/organisation.atom</id>\n<title>Organisations</title>\n"
          "<updated>2026-04-01T00:00:00.000Z</updated>\n"
          "<link rel=\"self\" type=\"application/atom+xml\" href=\"https://example.org/api/v1/organisation.atom\"/>\n"
          "<link rel=\"alternate\" type=\"text/html\" href=\"https://example.org/en/organisation\"/>\n"
          "<author><name>https://example.org</name></author>\n"
          "<entry>\n<id>https://example.org/en/organisation/two</id>\n<title>Two</title>\n"
          "<updated>2026-04-01T00:00:00.000Z</updated>\n"
          "<link rel=\"alternate\" type=\"text/html\" href=\"https://example.org/en/organisation/two\"/>\n"
          "<author><name>organisation</name></author>\n<summary>load of organisation</summary>\n</entry>\n"
          "<entry>\n<id>https://example.org/en/organisation/one</id>\n<title>One &amp; &lt;1&gt;</title>\n"
          "<updated>2026-04-01T00:00:00.000Z</updated>\n"
          "<link rel=\"alternate\" type=\"text/html\" href=\"https://example.org/en/organisation/one\"/>\n"
          "<author><name>organisation</name></author>\n<summary>load of organisation</summary>\n</entry>\n"
          "</feed>\n");
}

static void jsonld_speaks_schema_org(void **state)
{
    (void)state;
    check(
        "meeting", REPRESENT_JSONLD,
        "{\"@context\":\"https://schema.org\",\"@type\":\"ItemList\","
        "\"@id\":\"https://example.org/api/v1/meeting.jsonld\",\"name\":\"Meetings\",\"itemListElement\":[\n"
        "{\"@type\":\"ListItem\",\"position\":1,\"item\":{\"@type\":\"Event\","
        "\"@id\":\"https://example.org/en/meeting/one-2022-02-21\",\"name\":[{\"@language\":\"ja\",\"@value\":"
        "\"総会\"},{\"@language\":\"en\",\"@value\":\"General, meeting\"}],\"organizer\":{\"@type\":\"Organization\","
        "\"@id\":\"https://example.org/en/organisation/one\",\"name\":\"One & <1>\"},\"startDate\":\"2022-02-21\"}},\n"
        "{\"@type\":\"ListItem\",\"position\":2,\"item\":{\"@type\":\"Event\","
        "\"@id\":\"https://example.org/en/meeting/two-2022-02\",\"name\":{\"@language\":\"ja\",\"@value\":\"例会\"},"
        "\"organizer\":{\"@type\":\"Organization\",\"@id\":\"https://example.org/en/organisation/two\","
        "\"name\":\"Two\"},\"startDate\":\"2022-02\"}}\n],\"numberOfItems\":2}\n");
}

static void xlsx_is_a_zip_and_the_same_each_time(void **state)
{
    (void)state;
    struct invented invented;
    size_t len;
    size_t again_len;
    setenv("MUSUBI_NOW", "2026-04-01T00:00:00Z", 1);
    open_filled(&invented);
    char *got = represent_all(&invented, "organisation", REPRESENT_XLSX, &len);
    char *again = represent_all(&invented, "organisation", REPRESENT_XLSX, &again_len);
    assert_true(len > 4000);
    assert_memory_equal(got, "PK\3\4", 4);
    assert_int_equal(len, again_len);
    assert_memory_equal(got, again, len);
    free(got);
    free(again);
    invented_close(&invented);
}

/* Before the first row, not at the one too many. */
static void a_list_longer_than_a_sheet_is_refused_at_once(void **state)
{
    (void)state;
    struct invented invented;
    open_filled(&invented);
    struct represent_config config = {.model = invented.model,
                                      .reg = model_register(invented.model, STR("organisation")),
                                      .site_url = STR("https://example.org")};
    const enum representation forms[] = {REPRESENT_XLSX, REPRESENT_CSV};
    for (size_t i = 0; i < 2; i++) {
        struct represent *represent;
        struct buf out;
        struct err err = {0};
        buf_init(&out, 1u << 20);
        config.representation = forms[i];
        assert_int_equal(represent_open(&config, &out, &represent, &err), 0);
        assert_int_equal(represent_expect(represent, 1048575, &err), 0);
        assert_int_equal(represent_expect(represent, 1048576, &err), i == 0 ? -1 : 0);
        if (i == 0) {
            assert_int_equal(err.code, ERR_LIMIT);
            assert_non_null(strstr(err.message, "1048575"));
        }
        represent_abandon(represent);
        buf_free(&out);
    }
    invented_close(&invented);
}

static void a_full_buffer_is_refused(void **state)
{
    (void)state;
    struct invented invented;
    open_filled(&invented);
    for (size_t max = 1; max < 600; max += 60) {
        struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .lang = LANG_JA};
        struct reader *reader;
        struct buf out;
        struct err err = {0};
        buf_init(&out, max);
        assert_int_equal(store_read(invented.store, &options, &reader, &err), 0);
        struct represent_config config = {.representation = REPRESENT_ATOM,
                                          .model = invented.model,
                                          .reg = model_register(invented.model, STR("organisation")),
                                          .reader = reader,
                                          .site_url = STR("https://example.org"),
                                          .now_ms = NOW_MS};
        assert_int_equal(represent_changes(&config, 10, &out, &err), -1);
        assert_int_equal(err.code, ERR_LIMIT);
        reader_release(reader);
        buf_free(&out);
    }
    invented_close(&invented);
}

UNIT_TESTS(TEST(names_and_fits), TEST(csv_begins_with_a_mark_and_can_be_loaded), TEST(geojson_has_longitude_first),
           TEST(icalendar_has_whole_days), TEST(atom_has_the_latest_first), TEST(jsonld_speaks_schema_org),
           TEST(xlsx_is_a_zip_and_the_same_each_time), TEST(a_list_longer_than_a_sheet_is_refused_at_once),
           TEST(a_full_buffer_is_refused))
