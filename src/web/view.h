/* A record as the outside sees it: one tree of values from which the API's JSON and the pages are made. It is the canonical
 * record with references resolved: {"id": …, "label": {"ja": …, "en": …}}. */
#ifndef MUSUBI_WEB_VIEW_H
#define MUSUBI_WEB_VIEW_H

#include "base/map.h"
#include "store/store.h"

struct viewing {
    const struct model *model;
    struct reader *reader;
    struct arena *arena;
    const struct reg *owner_reg; /* the register owners are in, or NULL */
    struct map labels;           /* "register/id" → struct bilingual, so that each is read once */
};

void viewing_init(struct viewing *viewing, const struct model *model, struct reader *reader, struct arena *arena);
/* Empty in both languages when there is none or it may not be seen. */
int viewing_label(struct viewing *viewing, const struct reg *reg, struct str id, struct bilingual *ret_label,
                  struct err *err);
/* {"ja": …, "en": …}, what is empty left out. */
struct value *view_bilingual(struct arena *arena, struct bilingual text);
/* {"id", "label"}. */
int view_reference(struct viewing *viewing, const struct reg *reg, struct str id, struct value **ret_view,
                   struct err *err);
int view_record(struct viewing *viewing, const struct reg *reg, const struct value *record, struct value **ret_view,
                struct err *err);
/* Whether the last thing that happened to this id, as far as the reader may see, was its deletion: then *ret_last is that
 * revision. */
int view_deletion(struct viewing *viewing, const struct reg *reg, struct str id, bool *ret_deleted,
                  struct revision *ret_last, struct err *err);
/* Names of the members that differ between before and after. */
struct value *view_changed(struct arena *arena, const struct revision *revision);
/* One revision: seq, kind, at, author, reason, change_set, sources, changed, before, after. */
int view_revision(struct viewing *viewing, const struct reg *reg, const struct revision *revision,
                  struct value **ret_view, struct err *err);

#endif
