/* Parts of a DCAT description (https://www.w3.org/TR/vocab-dcat-3/) as JSON-LD, and that of a package of files. */
#ifndef MUSUBI_EXCHANGE_DCAT_H
#define MUSUBI_EXCHANGE_DCAT_H

#include "store/store.h"

struct value *dcat_pointer(struct arena *arena, struct str id);
/* A file at that address. licence_url: empty when there is none. */
struct value *dcat_distribution(struct arena *arena, struct str url, struct str media_type, struct str licence_url);
/* A register with its files, to be called `id`. */
struct value *dcat_dataset(struct arena *arena, const struct reg *reg, struct str id, struct value *distributions);
/* The community's catalogue, its name for a description when it has none; datasets are added by the caller. */
struct value *dcat_catalogue(struct arena *arena, struct str id, struct bilingual name, struct bilingual description);

/* The catalogue of an edition's package: a dataset for each register that is `included` (by position), its CSV beside this file.
 * The community is a canonical record, or NULL. */
struct value *dcat_of_package(const struct model *model, const bool *included, const struct value *community,
                              const struct edition *edition, struct arena *arena);

#endif
