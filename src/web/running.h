/* A site with everything it needs but a server: what serve_run serves and publish walks. */
#ifndef MUSUBI_WEB_RUNNING_H
#define MUSUBI_WEB_RUNNING_H

#include "web/serve.h"
#include "web/site.h"

struct running {
    struct site site;
    struct arena arena;
    struct words *words;
    struct templates *templates;
};

int running_make(struct store *store, const struct serve_config *config, struct running **ret_running, struct err *err);
void running_free(struct running *running);

#endif
