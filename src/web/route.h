/* Addresses as rows: each handler stands beside its row. */
#ifndef MUSUBI_WEB_ROUTE_H
#define MUSUBI_WEB_ROUTE_H

#include "web/site.h"

typedef void route_handler(struct call *call);

struct route {
    /* A method and a space, or neither for what is read with GET and HEAD: "POST /{lang}/contact". Then the path's segments: a word stands for itself; "{lang}" is a language, "{register}" a register's name, "{register.form}" one with
     * a form behind a dot, "{id}" and "{name}" anything that is not empty. */
    const char *pattern;
    route_handler *handle;
    bool is_page;
};

/* The rows of each file, ended by one with pattern NULL. */
extern const struct route edition_routes[]; /* first: "edition" is no register */
extern const struct route api_routes[];
extern const struct route operation_routes[];
extern const struct route contact_routes[];
extern const struct route plan_routes[];
extern const struct route meeting_routes[];
extern const struct route site_routes[]; /* before page_routes: their patterns are the more exact ones */
extern const struct route page_routes[];

/* The policy of pages: what a browser may load and run. Images also from one outside origin, when that is not empty. */
struct str route_policy(struct str images_from, struct arena *arena);

/* Whether there is a row of exactly this pattern: for links to pages that not every build has. */
bool route_serves(struct str pattern);

/* The method a pattern is for; *ret_path is what stands behind it. */
enum http_method route_method(const char *pattern, const char **ret_path);
struct route_match {
    const struct route *route;  /* the first row for path and method (HEAD is read as GET), or NULL */
    const struct route *other;  /* when there is none: the first row for the path, whatever its method, or NULL */
    struct route_params params; /* of `route`, or else of `other` */
    unsigned methods;           /* when there is none: a bit for each method of the path's rows, 1 << HTTP_POST */
};
struct route_match route_find(struct str path, enum http_method method);

/* The http_ready_handler of the whole site: answers what is kept. context is the struct site. */
bool route_answer_kept(void *context, struct http_request *request, struct http_response *response);
/* The http_handler of the whole site, for what is not kept. */
void route_request(void *context, struct http_request *request, struct http_response *response);
/* Whatever writes takes long, exports of whole lists too, and so do lists narrowed by a field that the store keeps no index of.
 * context is the struct site. */
bool route_is_slow(void *context, const struct http_request *request);
/* Whether a path fits a pattern without its method; fills what the variable parts are. For tests too. */
bool route_matches(const char *pattern, struct str path, struct route_params *ret_params);

#endif
