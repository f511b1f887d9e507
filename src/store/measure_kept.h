/* Answers of measures that the store keeps, for all readers together, until something they were made of changes. Pages, the API,
 * spreadsheets and comparisons ask for the same few sums, each of which may take a second; it is then computed once, also when
 * several ask at the same time. Not for use outside src/store.
 *
 * An answer is kept with the notes of what was read for it (notes.h) and with everything it depends on beside these: the measure, its
 * arguments, years, axis and split, the viewer, as_of and `on`. It serves every reader in whose state nothing of that is
 * other than in the state it was read in, older readers too. What a viewer with records of its own sees is not kept.
 *
 * An answer that no longer serves stays beside the computation that replaces it, for readers that take older ones
 * (reader_take_older_measures). Each entry is in one of three states, under the shelf's lock:
 *   1. being made, with no answer yet          2. with an answer          3. with an answer, and being made anew
 *   (none) -> 1 -> 2 <-> 3; a making that fails leads from 1 to (none) and from 3 to 2. */
#ifndef MUSUBI_STORE_MEASURE_KEPT_H
#define MUSUBI_STORE_MEASURE_KEPT_H

#include "store/measure.h"

/* What was used longest ago goes first. */
#define MEASURES_KEPT_MAX 512
#define MEASURES_KEPT_BYTES_MAX ((size_t)8 << 20)
/* One answer. */
#define MEASURE_KEPT_BYTES_MAX ((size_t)1 << 20)

struct measures_kept;
struct measures_kept *measures_kept_new(struct store *store);
void measures_kept_free(struct measures_kept *shelf); /* NULL is fine */
/* The thread of store_keep_measures; stopping one that does not run is fine. measures_end does not wait for it. */
void measures_end(struct measures_kept *shelf);
void measures_keeper_stop(struct measures_kept *shelf);
/* A commit has said what it touched: the keeper looks. */
void measures_changed(struct measures_kept *shelf);

/* Fills the series in the arena; its years too when `covered`. */
typedef int measure_maker(struct reader *reader, const struct measure_query *query, struct arena *arena,
                          struct measure_series *ret_series, struct err *err);
/* A copy in the arena of what is kept, else of what `make` makes of it. `kind` tells makers apart. Makers may ask again, for other
 * measures. */
int measure_kept(struct reader *reader, char kind, const struct measure_query *query, measure_maker *make,
                 struct arena *arena, struct measure_series *ret_series, struct err *err);

#endif
