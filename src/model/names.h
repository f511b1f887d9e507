/* The shapes of names in a model, and text in messages. */
#ifndef MUSUBI_MODEL_NAMES_H
#define MUSUBI_MODEL_NAMES_H

#include "base/arena.h"
#include "base/str.h"

/* For printf formats. */
#define REGISTER_NAME_SHAPE "[a-z][a-z0-9-]{0,39}"
#define FIELD_NAME_SHAPE "[a-z][a-z0-9_]{0,39} without \"__\""
#define CODE_SHAPE "[a-z0-9A-Z][a-zA-Z0-9.%%-]{0,39}"
#define ID_SHAPE "[a-z0-9][a-z0-9.-]{0,79}"

bool name_is_register_name(struct str name); /* of a vocabulary as well */
bool name_is_field_name(struct str name);
bool name_is_code(struct str code);
/* True when the web's paths need the word for themselves. */
bool name_is_reserved_register(struct str name);
/* True for what every record has and for the words of queries and answers. */
bool name_is_reserved_field(struct str name);
/* All of them, with spaces between, for messages. */
extern const struct str reserved_registers_text;
extern const struct str reserved_fields_text;

/* Three capital letters that ISO 4217 knows. */
bool currency_is_known(struct str code);

/* The text between double quotes for a message: cut to 60 bytes, control characters shown as '?'. */
struct str quoted(struct arena *arena, struct str text);
/* The codes or names with ", " between, at most 15 and then how many there are in all. `get` gives the i-th. */
struct str listed(struct arena *arena, size_t count, struct str (*get)(const void *items, size_t i), const void *items);

#endif
