/* An indicator as pages and the API show it: made of what plan/kpi.h reads. */
#ifndef MUSUBI_WEB_KPI_VIEW_H
#define MUSUBI_WEB_KPI_VIEW_H

#include "plan/kpi.h"
#include "web/display.h"
#include "web/page.h"

struct kpi_viewing {
    struct call *call;
    struct arena *arena;
    const struct display *display;
    const struct kpi *kpi;
    bool elsewhere; /* the page is not the indicator's own */
};

/* Lets the pages of a served site be made of the last numbers while newer ones are computed (store/measure.h); kpi_say_older then says
 * so on the page ("older": the words, else false) and keeps it from being kept. */
void kpi_take_older(const struct call *call, struct reader *reader);
int kpi_say_older(struct call *call, struct reader *reader, struct str zone, struct value *frame, struct err *err);
/* The name of the register of indicators, whatever it is; "kpi" when there is none, which is then not found. */
struct str kpi_register(const struct call *call);
/* The object that templates/kpi.html shows. */
struct value *kpi_view(const struct kpi_viewing *viewing);
/* A number as people read it, with its unit, to four significant digits. */
struct str kpi_number(const struct kpi_viewing *viewing, double number);
struct str kpi_amount(const struct kpi_viewing *viewing, struct decimal low, struct decimal high);
/* {"code", "text", "look"} of its status. */
struct value *kpi_status_view(const struct kpi_viewing *viewing);
/* {"text", "href", "marks"} of the latest year that is over; false when there is none. */
struct value *kpi_latest_view(const struct kpi_viewing *viewing);
/* "kpi/sales/year/2021", with the definition behind it where it is not the indicator's own. */
struct str kpi_year_path(const struct kpi *kpi, int year, struct arena *arena);
/* Adds "series", "definitions", "status" … to a record's view for the API. */
void kpi_add_to_record(const struct kpi *kpi, struct arena *arena, struct value *record);

/* web/kpi_page.c */
void page_kpis(struct call *call);
void page_kpi_definition(struct call *call);
void page_kpi_year(struct call *call);
void page_kpi_workbook(struct call *call);
void api_kpi(struct call *call);

#endif
