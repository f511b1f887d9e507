/* What the files of an indicator share. Not for use outside src/plan. */
#ifndef MUSUBI_PLAN_KPI_INTERNAL_H
#define MUSUBI_PLAN_KPI_INTERNAL_H

#include "plan/kpi.h"

/* Low and high of a figure: both its value where it is one. False when there is no figure. */
bool kpi_figure(const struct value *figure, struct decimal *ret_low, struct decimal *ret_high);
/* The year a period or date begins in; 0: none. */
int kpi_year(struct str text);
struct kpi_point *kpi_point_for(struct kpi *kpi, int year);
/* Actual values: entered and computed. */
int kpi_fill_actuals(struct kpi *kpi, struct reader *reader, struct date today, struct arena *arena, struct err *err);
/* Path, status, trend, forecast: from what is there. */
void kpi_fill_path(struct kpi *kpi);
void kpi_fill_verdict(struct kpi *kpi);
void kpi_fill_trend(struct kpi *kpi);
void kpi_fill_forecast(struct kpi *kpi);

#endif
