/* Parts of a DCAT description (https://www.w3.org/TR/vocab-dcat-3/) as JSON-LD, and that of a package of files. */
#ifndef MUSUBI_EXCHANGE_DCAT_H
#define MUSUBI_EXCHANGE_DCAT_H

#include "store/store.h"

struct value *dcat_node(struct arena *arena, struct str type, struct str id); /* id: empty for a node without one */
struct value *dcat_pointer(struct arena *arena, struct str id);
/* [{"@value", "@language"}] */
struct value *dcat_literals(struct arena *arena, struct bilingual text);
struct value *dcat_context(struct arena *arena);
/* https://www.iana.org/assignments/media-types/ and the media type without its parameters. */
struct value *dcat_media_type(struct arena *arena, struct str type);

/* The catalogue of an edition's package: a dataset for each register that is `included` (by position), its CSV beside this file.
 * The community is a canonical record, or NULL. */
struct value *dcat_of_package(const struct model *model, const bool *included, const struct value *community,
                              const struct edition *edition, struct arena *arena);

#endif
