/* An indicator as a workbook: its series with a native chart, its definitions, its sources; or the records behind one year. */
#ifndef MUSUBI_EXCHANGE_KPI_WORKBOOK_H
#define MUSUBI_EXCHANGE_KPI_WORKBOOK_H

#include "base/buf.h"
#include "plan/kpi.h"

struct kpi_workbook {
    const struct model *model;
    const struct kpi *kpi;
    struct reader *reader;
    enum lang lang;
    /* The words of the interface in the workbook's language. */
    struct str (*say)(const void *context, const char *msgid);
    const void *say_context;
};

/* Three sheets: series, definitions, sources. */
int kpi_workbook_write(const struct kpi_workbook *workbook, struct buf *out, struct err *err);
/* The records of one year that the reader may see, the parts of each split, and the sources of the records. */
int kpi_workbook_write_year(const struct kpi_workbook *workbook, int year, struct buf *out, struct err *err);
/* The records as CSV with a byte-order mark: id, contributor, name, value, share, use. */
int kpi_write_year_csv(const struct kpi_workbook *workbook, int year, struct buf *out, struct err *err);

#endif
