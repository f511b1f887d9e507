/* Handlers of the pages that are about the site itself. */
#ifndef MUSUBI_WEB_SITE_PAGES_H
#define MUSUBI_WEB_SITE_PAGES_H

#include "web/site.h"

void page_chart(struct call *call);            /* web/chart_page.c */
void page_ledger(struct call *call);           /* web/ledger_page.c */
void page_roadmap(struct call *call);          /* web/roadmap_page.c */
void page_data(struct call *call);             /* web/data_page.c: what can be taken away, and in which forms */
void data_package(struct call *call);          /* web/catalogue.c: a Data Package whose resources are the API's lists */
void data_catalogue(struct call *call);        /* web/catalogue.c: the same as a DCAT-AP catalogue */
void data_workbook(struct call *call);         /* web/everything.c: all registers as one workbook; slow */
void data_archive(struct call *call);          /* web/everything.c: all registers in all forms as one ZIP; slow */
void page_completeness(struct call *call);     /* web/completeness_page.c: which texts miss a language; slow */
void completeness_counts(struct call *call);   /* the same: the counts as CSV; slow */
void completeness_worklist(struct call *call); /* the same: what is missing as CSV; slow */
void page_titles(struct call *call);           /* web/titles_page.c: search of a published site */
void sitemap_index(struct call *call);         /* web/well_known.c */
void sitemap(struct call *call);               /* of one register, or of the pages */
void robots_txt(struct call *call);
void security_txt(struct call *call);
void favicon(struct call *call);

#endif
