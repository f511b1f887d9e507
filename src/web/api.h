/* Handlers of the API that have a file of their own. */
#ifndef MUSUBI_WEB_API_H
#define MUSUBI_WEB_API_H

#include "web/site.h"

/* What the request's query asks for; else the problem has been sent. */
struct query;
int api_query(struct call *call, const struct reg *reg, unsigned parts, struct query *ret_query);
/* A record. */
void api_record(struct call *call);
/* A whole list in another form (exchange/represent.h). */
void api_form(struct call *call);
/* True when the request has no parameters; else the problem has been sent. */
bool api_takes_no_query(struct call *call);
void api_search(struct call *call);
void api_suggest(struct call *call);
/* The description of the API (OpenAPI 3.1), made from the model. */
void api_openapi(struct call *call);

#endif
