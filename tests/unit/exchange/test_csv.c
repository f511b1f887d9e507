#include "unit.h"

#include "exchange/csv.h"

/* What the reader makes of a text: cells between '|', rows between '/', an error as "!LINE:CELL". */
static char *read_all(struct str content, const struct csv_options *options)
{
    struct buf out;
    buf_init(&out, (size_t)16 << 20);
    struct csv_reader *reader = NULL;
    struct err err = {0};
    if (csv_open_memory(content, options, &reader, &err)) {
        buf_add_literal(&out, "!open");
        return buf_take(&out, &(size_t){0});
    }
    struct csv_row row;
    int got;
    while ((got = csv_next(reader, &row, &err)) == 1) {
        for (size_t i = 0; i < row.count; i++) {
            buf_add(&out, i ? STR("|") : STR(""));
            buf_add(&out, row.cells[i]);
        }
        buf_add_literal(&out, "/");
    }
    if (got < 0) {
        uint64_t line;
        size_t cell;
        csv_error_at(reader, &line, &cell);
        buf_add_format(&out, "!%d:%zu", (int)line, cell);
    }
    csv_close(reader);
    buf_add_byte(&out, '\0');
    return buf_take(&out, &(size_t){0});
}

static void check_with(struct str content, const struct csv_options *options, const char *expected)
{
    char *got = read_all(content, options);
    assert_string_equal(got, expected);
    free(got);
}

#define CHECK(content, expected)                                  \
    do {                                                          \
        struct csv_options check_options = csv_options_default(); \
        check_with(STR(content), &check_options, (expected));     \
    } while (0)

static void rows_end_in_three_ways(void **state)
{
    (void)state;
    CHECK("", "");
    CHECK("a,b\r\nc,d\r\n", "a|b/c|d/");
    CHECK("a,b\nc,d", "a|b/c|d/");
    CHECK("a,b\rc,d\r", "a|b/c|d/");
    CHECK("a,\n,b\n", "a|/|b/");
    CHECK("\n\n\na\n\n", "a/");
    CHECK("\"\"\n", "/");
    CHECK(",", "|/");
}

static void quotes_hold_anything(void **state)
{
    (void)state;
    CHECK("\"a,b\",\"c\"\"d\"\n", "a,b|c\"d/");
    CHECK("\"a\r\nb\",\"c\nd\",\"e\rf\"\r\n", "a\r\nb|c\nd|e\rf/");
    CHECK("5\" pipe,x\n", "5\" pipe|x/");
    CHECK("\"\"\"\"\n", "\"/");
    CHECK("\"a\"b,c\n", "!1:0");
    CHECK("x,y\n1,\"never\nclosed", "x|y/!2:1");
}

static void lines_are_those_of_the_file(void **state)
{
    (void)state;
    struct csv_options options = csv_options_default();
    struct csv_reader *reader;
    struct csv_row row;
    struct str content = STR("a\r\n\r\n\"b\nb\r\nb\rb\"\nc\rd\n");
    assert_int_equal(csv_open_memory(content, &options, &reader, NULL), 0);
    static const uint64_t lines[] = {1, 3, 7, 8};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(csv_next(reader, &row, NULL), 1);
        assert_int_equal(row.line, lines[i]);
    }
    assert_int_equal(csv_next(reader, &row, NULL), 0);
    assert_int_equal(csv_bytes_read(reader), content.len);
    assert_int_equal(csv_bytes_total(reader), content.len);
    csv_close(reader);
}

static void other_delimiters(void **state)
{
    (void)state;
    struct csv_options options = csv_options_default();
    options.delimiter = '\t';
    check_with(STR("a,b\tc\n"), &options, "a,b|c/");
    options.delimiter = ';';
    check_with(STR("a;\"b;c\"\n"), &options, "a|b;c/");
}

#define TOKYO_CP932 "\x93\x8C\x8B\x9E"
#define TOKYO "\xE6\x9D\xB1\xE4\xBA\xAC"

static void encodings_are_read_or_refused(void **state)
{
    (void)state;
    CHECK("\xEF\xBB\xBF" TOKYO ",a\n", TOKYO "|a/");
    CHECK(TOKYO ",a\n", TOKYO "|a/");
    CHECK("a," TOKYO_CP932 "\n" TOKYO_CP932 ",b\n", "a|" TOKYO "/" TOKYO "|b/");
    /* Second byte 0x5C, a backslash elsewhere; and half-width kana. */
    CHECK("\x95\x5C,\xB6\xC5\n", "\xE8\xA1\xA8|\xEF\xBD\xB6\xEF\xBE\x85/");
    CHECK("\xFF\xFE"
          "a\0\t\0g\x67\n\0",
          "a\t\xE6\x9D\xA7/");
    CHECK("\xFE\xFF\0a\0,\x67\x71\0\n", "a|\xE6\x9D\xB1/");
    /* Mostly UTF-8: the mistake is named, the rest is not read as something else. */
    CHECK(TOKYO TOKYO TOKYO "\nx,\xE6\x9D\n", TOKYO TOKYO TOKYO "/!2:1");
    CHECK("a,b\0c\n", "!1:1");
    CHECK("\"b\0c\"\n", "!1:0");
    CHECK("\xFF\xFE"
          "a",
          "!1:0");
    struct csv_options options = csv_options_default();
    options.encoding = CSV_UTF8;
    check_with(STR(TOKYO_CP932 "\n"), &options, "!1:0");
    options.encoding = CSV_CP932;
    check_with(STR("a,\x80\xFF\n"), &options, "!1:1");
}

/* Whatever lies before it, CP932 is told from UTF-8 across the borders of chunks. */
static void detection_looks_past_the_border(void **state)
{
    (void)state;
    for (size_t before = 65520; before < 65560; before += 4) {
        struct buf content;
        buf_init(&content, (size_t)1 << 20);
        for (size_t i = 0; i < before / 4; i++) {
            buf_add_literal(&content, "abc\n");
        }
        for (size_t i = 0; i < 10; i++) {
            /* A rare character that looks like the beginning of one in UTF-8. */
            buf_add_literal(&content, "\xE6\x8D\x8C\xC5\n");
        }
        struct csv_options options = csv_options_default();
        char *got = read_all(buf_str(&content), &options);
        assert_null(strchr(got, '!'));
        assert_int_equal(strlen(got), before + 10 * strlen("\xE8\xAD\xAF\xE9\xAF\x89/"));
        free(got);
        buf_free(&content);
    }
}

static void limits_are_kept(void **state)
{
    (void)state;
    struct csv_options options = csv_options_default();
    options.max_cell_bytes = 4;
    options.max_row_bytes = 8;
    options.max_columns = 3;
    check_with(STR("abcd,efgh\n"), &options, "abcd|efgh/");
    check_with(STR("a\nabcde\n"), &options, "a/!2:0");
    check_with(STR("abc,abc,abc\n"), &options, "!1:2");
    check_with(STR("a,b,c,d\n"), &options, "!1:3");
    /* Two bytes in CP932, three in UTF-8. */
    check_with(STR(TOKYO_CP932 "\n"), &options, "!1:0");
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    const struct str cells[] = {STR("a"), STR(""), STR("b,c"), STR("d\"e\""), STR("f\r\ng"), STR(" h "), STR("\"")};
    size_t count = sizeof(cells) / sizeof(cells[0]);
    struct buf out;
    buf_init(&out, 1000);
    csv_write_row(&out, cells, count, ',');
    csv_write_row(&out, cells + 1, 1, ',');
    assert_int_equal(out.len, 41);
    assert_memory_equal(out.ptr, "a,,\"b,c\",\"d\"\"e\"\"\",\"f\r\ng\",\" h \",\"\"\"\"\r\n\"\"\r\n", out.len);
    struct csv_options options = csv_options_default();
    struct csv_reader *reader;
    struct csv_row row;
    assert_int_equal(csv_open_memory(buf_str(&out), &options, &reader, NULL), 0);
    assert_int_equal(csv_next(reader, &row, NULL), 1);
    assert_int_equal(row.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(str_eq(row.cells[i], cells[i]));
    }
    assert_int_equal(csv_next(reader, &row, NULL), 1);
    assert_int_equal(row.count, 1);
    assert_int_equal(row.cells[0].len, 0);
    assert_int_equal(csv_next(reader, &row, NULL), 0);
    csv_close(reader);
    buf_free(&out);
}

static void sheets_see_no_formula(void **state)
{
    (void)state;
    const struct str cells[] = {STR("=1+1"), STR("+81-3-1234"), STR("-5"),     STR("-5.25"), STR("-cmd"),
                                STR("@a"),   STR("\tx"),        STR("'=x"),    STR("'a"),    STR("a=1"),
                                STR(""),     STR("''+1"),       STR("\r\n=1"), STR("-"),     STR("+5")};
    size_t count = sizeof(cells) / sizeof(cells[0]);
    struct buf out;
    buf_init(&out, 1000);
    csv_write_sheet_row(&out, cells, count, ',');
    assert_true(str_eq(buf_str(&out),
                       STR("'=1+1,'+81-3-1234,-5,-5.25,'-cmd,'@a,'\tx,''=x,'a,a=1,,'''+1,\"'\r\n=1\",'-,+5\r\n")));
    struct csv_options options = csv_options_default();
    struct csv_reader *reader;
    struct csv_row row;
    assert_int_equal(csv_open_memory(buf_str(&out), &options, &reader, NULL), 0);
    assert_int_equal(csv_next(reader, &row, NULL), 1);
    assert_false(csv_has_mark(reader));
    for (size_t i = 0; i < count; i++) {
        assert_true(str_eq(csv_sheet_text(row.cells[i]), cells[i]));
    }
    csv_close(reader);
    buf_free(&out);
}

static void names_of_encodings(void **state)
{
    (void)state;
    enum csv_encoding encoding;
    assert_true(csv_encoding_from_name(STR("UTF-8"), &encoding));
    assert_int_equal(encoding, CSV_UTF8);
    assert_true(csv_encoding_from_name(STR("Shift_JIS"), &encoding));
    assert_int_equal(encoding, CSV_CP932);
    assert_true(csv_encoding_from_name(STR("windows-31j"), &encoding));
    assert_false(csv_encoding_from_name(STR("latin1"), &encoding));
    assert_false(csv_encoding_from_name(STR(""), &encoding));
    assert_false(csv_encoding_from_name(STR("utf-8-with-something-after"), &encoding));
}

UNIT_TESTS(TEST(rows_end_in_three_ways), TEST(quotes_hold_anything), TEST(lines_are_those_of_the_file),
           TEST(other_delimiters), TEST(encodings_are_read_or_refused), TEST(detection_looks_past_the_border),
           TEST(limits_are_kept), TEST(what_is_written_reads_back), TEST(sheets_see_no_formula),
           TEST(names_of_encodings))
