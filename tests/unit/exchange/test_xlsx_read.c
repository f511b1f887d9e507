#include "unit.h"

#include "exchange/xlsx_cell.h"
#include "exchange/xlsx_read.h"

#include "base/file.h"

#include "zip_made.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define BOOK                                                                                       \
    "<workbook xmlns=\"m\" xmlns:r=\"r\"><sheets><sheet name=\"First\" sheetId=\"1\" r:id=\"a\"/>" \
    "<sheet name=\"二枚目\" sheetId=\"2\" r:id=\"b\"/></sheets></workbook>"
#define RELATIONS                                                              \
    "<Relationships><Relationship Id=\"a\" Target=\"worksheets/sheet1.xml\"/>" \
    "<Relationship Id=\"b\" Target=\"/xl/worksheets/sheet2.xml\"/></Relationships>"
#define STYLES                                                                                                  \
    "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"[$-411]ggge&quot;年&quot;m&quot;月&quot;\"/>" \
    "</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"                                              \
    "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"170\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
#define TEXTS \
    "<sst><si><t>売上</t><rPh sb=\"0\" eb=\"2\"><t>ウリアゲ</t></rPh></si><si><r><t>two </t></r><r><t>runs</t></r></si><si/></sst>"

/* Rows as "LINE:a|b/", an error as "!". */
static struct str read_all(struct arena *arena, struct str content, const char *sheet, struct err *err)
{
    struct xlsx_reader *reader;
    struct csv_row row;
    int got;
    if (xlsx_open(content, str_from_cstr(sheet), &reader, err)) {
        return STR("!");
    }
    struct str all = STR("");
    while ((got = xlsx_next(reader, &row, err)) == 1) {
        all = arena_concat(arena, 2, all, arena_format(arena, "%llu:", (unsigned long long)row.line));
        for (size_t i = 0; i < row.count; i++) {
            all = arena_concat(arena, 3, all, i ? STR("|") : STR(""), row.cells[i]);
        }
        all = arena_concat(arena, 2, all, STR("/"));
    }
    xlsx_close(reader);
    return got < 0 ? arena_concat(arena, 2, all, STR("!")) : all;
}

static struct str book_with(struct arena *arena, const char *sheet)
{
    struct zip_entry entries[] = {
        {"xl/workbook.xml", BOOK, 0},
        {"xl/_rels/workbook.xml.rels", RELATIONS, 0},
        {"xl/styles.xml", STYLES, 0},
        {"xl/sharedStrings.xml", TEXTS, 0},
        {"xl/worksheets/sheet1.xml", sheet, 0},
        {"xl/worksheets/sheet2.xml", "<worksheet><sheetData><row><c><v>2</v></c></row></sheetData></worksheet>", 0},
    };
    return zip_made(arena, entries, sizeof(entries) / sizeof(entries[0]));
}

static void check_sheet(const char *rows, const char *expected)
{
    ARENA_AUTO arena;
    struct err err = {0};
    arena_init(&arena, (size_t)16 << 20);
    struct str sheet =
        arena_concat(&arena, 3, STR("<worksheet><sheetData>"), str_from_cstr(rows), STR("</sheetData></worksheet>"));
    struct str got = read_all(&arena, book_with(&arena, sheet.ptr), "First", &err);
    assert_string_equal(arena_copy(&arena, got).ptr, expected);
}

static void cells_of_every_type(void **state)
{
    (void)state;
    check_sheet("<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"C2\" t=\"s\"><v>1</v></c></row>",
                "2:売上||two runs/");
    check_sheet("<row r=\"1\"><c t=\"inlineStr\"><is><t>in</t><rPh><t>x</t></rPh></is></c><c t=\"b\"><v>1</v></c>"
                "<c t=\"e\"><v>#N/A</v></c><c t=\"str\"><f>A1</f><v>made</v></c></row>",
                "1:in|true|#N/A|made/");
    check_sheet("<row><c><v>1.03E+14</v></c><c><v>0.10000000000000001</v></c><c><v>1E-5</v></c><c><v>-12</v></c></row>",
                "1:103000000000000|0.1|0.00001|-12/");
    check_sheet(
        "<row><c t=\"s\"><v>99</v></c><c t=\"s\"><v>2</v></c></row><row r=\"5\"><c r=\"B5\"><v>1</v></c><c r=\"D5\"/></row>",
        "5:|1/");
}

static void dates_by_their_formats(void **state)
{
    (void)state;
    check_sheet("<row><c s=\"1\"><v>44613</v></c><c s=\"2\"><v>44613</v></c><c s=\"3\"><v>44613.395833333336</v></c>"
                "<c s=\"0\"><v>44613</v></c><c s=\"1\"><v>59</v></c></row>",
                "1:2022-02-21|2022-02-21|2022-02-21T09:30:00|44613|59/");
    assert_int_equal(xlsx_format_of_code(STR("#,##0.00E+00")), XLSX_NUMBER);
    assert_int_equal(xlsx_format_of_code(STR("[Red]0\"day\"")), XLSX_NUMBER);
    assert_int_equal(xlsx_format_of_code(STR("yyyy/m/d h:mm")), XLSX_DATE_TIME);
    assert_int_equal(xlsx_format_of_code(STR("h:mm")), XLSX_TIME);
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1 << 20);
    assert_true(str_eq(xlsx_number_text(&arena, STR("43151"), XLSX_DATE, true), STR("2022-02-21")));
    assert_true(str_eq(xlsx_number_text(&arena, STR("61"), XLSX_DATE, false), STR("1900-03-01")));
    assert_true(str_eq(xlsx_number_text(&arena, STR("2958465"), XLSX_DATE, false), STR("9999-12-31")));
    assert_int_equal(xlsx_column(STR("AB12")), 27);
    assert_true(xlsx_column(STR("12")) == SIZE_MAX);
}

static void sheets_by_name(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    struct err err = {0};
    arena_init(&arena, (size_t)16 << 20);
    struct str book = book_with(&arena, "<worksheet/>");
    assert_true(str_eq(read_all(&arena, book, "二枚目", &err), STR("1:2/")));
    assert_true(str_eq(read_all(&arena, book, "", &err), STR("")));
    assert_true(str_eq(read_all(&arena, book, "third", &err), STR("!")));
    assert_string_equal(err.message, "no sheet \"third\"; there are: First, 二枚目");
}

static void damaged_ones_are_refused(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    struct err err = {0};
    arena_init(&arena, (size_t)64 << 20);
    check_sheet("<row><c><v>1</v></c>", "!");
    check_sheet("<row r=\"3\"><c><v>1</v></c></row><row r=\"2\"><c><v>1</v></c></row>", "3:1/!");
    check_sheet("<row><c r=\"AMM1\"><v>1</v></c></row>", "!");
    struct str book = book_with(&arena, "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>");
    assert_true(str_eq(read_all(&arena, str_slice(book, 0, book.len / 2), "", &err), STR("!")));
    assert_true(str_eq(read_all(&arena, STR("a,b,c\n"), "", &err), STR("!")));
    assert_true(str_eq(read_all(&arena, book_with(&arena, "<!DOCTYPE w [<!ENTITY a \"x\">]><worksheet/>"), "", &err),
                       STR("!")));
    struct zip_entry other = {"mimetype", "application/epub", 0};
    assert_true(str_eq(read_all(&arena, zip_made(&arena, &other, 1), "", &err), STR("!")));
    assert_non_null(strstr(err.message, "xl/workbook.xml"));
}

/* Ten thousand times larger than its file: stopped while unpacking. */
static void bombs_are_stopped(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    struct err err = {0};
    size_t size = (size_t)300 << 20;
    char *much = malloc(size);
    arena_init(&arena, (size_t)64 << 20);
    for (size_t i = 0; i + 4 <= size; i += 4) {
        memcpy(much + i, "<a/>", 4);
    }
    struct zip_entry entries[] = {
        {"xl/workbook.xml", BOOK, 0},
        {"xl/_rels/workbook.xml.rels", RELATIONS, 0},
        {"xl/worksheets/sheet1.xml", much, size},
    };
    memcpy(much, "<worksheet >", 12);
    struct str book = zip_made(&arena, entries, 3);
    free(much);
    assert_true(book.len < ((size_t)1 << 20));
    assert_true(str_eq(read_all(&arena, book, "", &err), STR("!")));
    assert_int_equal(err.code, ERR_LIMIT);
}

/* What another program writes. */
static void a_real_file(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    struct err err = {0};
    struct str content;
    char path[] = "/tmp/musubi-test-xlsx-XXXXXX";
    close(mkstemp(path));
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "表");
    lxw_format *date = workbook_add_format(book);
    format_set_num_format(date, "yyyy\"年\"m\"月\"d\"日\"");
    worksheet_write_string(sheet, 0, 0, "名称", NULL);
    worksheet_write_number(sheet, 0, 1, 1234567890123, NULL);
    lxw_datetime day = {.year = 2021, .month = 3, .day = 31};
    worksheet_write_datetime(sheet, 2, 2, &day, date);
    assert_int_equal(workbook_close(book), LXW_NO_ERROR);
    arena_init(&arena, (size_t)16 << 20);
    assert_int_equal(file_read(&arena, path, (size_t)1 << 20, &content, &err), 0);
    unlink(path);
    assert_true(xlsx_looks_like(content));
    struct str got = read_all(&arena, content, "", &err);
    assert_string_equal(arena_copy(&arena, got).ptr, "1:名称|1234567890123/3:||2021-03-31/");
}

UNIT_TESTS(TEST(cells_of_every_type), TEST(dates_by_their_formats), TEST(sheets_by_name),
           TEST(damaged_ones_are_refused), TEST(bombs_are_stopped), TEST(a_real_file))
