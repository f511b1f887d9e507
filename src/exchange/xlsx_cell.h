/* What a cell's number means: pure arithmetic, for xlsx_read.c and its tests. */
#ifndef MUSUBI_EXCHANGE_XLSX_CELL_H
#define MUSUBI_EXCHANGE_XLSX_CELL_H

#include "base/arena.h"

enum xlsx_format { XLSX_NUMBER, XLSX_DATE, XLSX_DATE_TIME, XLSX_TIME };

/* By the number of a built-in format (ECMA-376 part 1, 18.8.30, with those of East Asia). */
enum xlsx_format xlsx_format_built_in(int64_t id);
/* By a format's code ("yyyy/m/d", "[$-411]ggge\"年\"m\"月\"d\"日\"", "#,##0"). */
enum xlsx_format xlsx_format_of_code(struct str code);

/* A number as the file writes it ("1.03E+14", "44613.5") as text of that format; what is no number stays as it is. Dates count from
 * 1899-12-30, with `since_1904` from 1904-01-01; before 1 March 1900, where Excel's calendar is wrong, and beyond 9999 the
 * number stays a number. */
struct str xlsx_number_text(struct arena *arena, struct str raw, enum xlsx_format format, bool since_1904);

/* 0-based column of a cell's reference ("AB12" is 27); SIZE_MAX when it is none. */
size_t xlsx_column(struct str reference);

#endif
