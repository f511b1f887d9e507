/* The plan's pages as files: what a page shows as a table, a row each, in the page's language; CSV, or a workbook with as many sheets. */
#ifndef MUSUBI_WEB_PLAN_FILE_H
#define MUSUBI_WEB_PLAN_FILE_H

#include "exchange/table_workbook.h"
#include "web/plan_view.h"

/* A table being filled cell by cell, row after row. */
struct plan_sheet {
    struct table_sheet sheet;
    struct table_cell *cells;
    size_t used, room;
};

/* A table of that many columns and at most that many rows, its heading among them. */
void plan_sheet_begin(struct plan_sheet *sheet, struct arena *arena, struct str title, size_t columns, size_t rows_max);
void plan_sheet_text(struct plan_sheet *sheet, struct str text);
void plan_sheet_number(struct plan_sheet *sheet, double number);
/* As in other data files: 2022, 2022-02, 2022-02-21; empty when it is not set. */
void plan_sheet_date(struct plan_sheet *sheet, struct date date, struct arena *arena);

/* Lets the page offer its files, PATH.csv and PATH.xlsx, those of one body when there is a body: sets "csv_href" and "xlsx_href". */
void plan_file_offer(struct planning *planning, struct str path, struct str body);
/* Answers with the first table as CSV, or with all of them as a workbook, as the end of the address says. */
void plan_file_send(struct planning *planning, struct str name, struct plan_sheet *sheets, size_t count);

/* The matrix as a table (plan_matrix.c): an action a row, a body or group a column, 1 where it takes part. */
int plan_matrix_sheet(struct planning *planning, struct plan_sheet *ret_sheet, struct err *err);

/* Handlers. */
void page_matrix(struct call *call);
void plan_file_tree(struct call *call); /* with body=ID: what is that body's own */
void plan_file_attention(struct call *call);
void plan_file_matrix(struct call *call);
void roadmap_file(struct call *call);

#endif
