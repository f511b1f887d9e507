/* What the index is told about the model (site/search.json), so that no code knows a register:
 *
 *   "facets"    [{"name", "title": {"ja","en"}, and which fields give its values, any of:
 *                  "vocabulary": every field with these codes · "reference": every field that refers to this register, and its
 *                  own records · "field": every field of this name with a vocabulary · "years": names of fields with a year or date,
 *                  the first that a record has · "languages": true: the languages a record is written in}]
 *   "glossary"  a register whose records are translations: "register", and its fields "term" (bilingual), "also" (lists of text)
 *   "weights"   {register: percent}: how much its records count beside others'; 100 when it is not named
 *   "skip"      registers that are not searched; those that only the secretariat sees never are
 *
 * "register" is always a facet. A register or field that the model does not have is passed over. */
#ifndef MUSUBI_SEARCH_RULES_H
#define MUSUBI_SEARCH_RULES_H

#include "base/value.h"
#include "model/model.h"

#define RULES_FACETS_MAX 15

struct facet_rule {
    struct str name;
    struct bilingual title;
    struct str vocabulary, reference, field;
    const struct value *years;
    bool languages;
};

struct rules {
    const struct model *model;
    struct facet_rule facets[RULES_FACETS_MAX];
    size_t facet_count;
    const struct reg *glossary;
    const struct field *glossary_term;
    const struct value *skip, *weights;
    struct str text; /* canonical JSON of it all: another one means another index */
};

void rules_read(const struct value *given, const struct model *model, struct arena *arena, struct rules *ret_rules);
bool rules_search_register(const struct rules *rules, const struct reg *reg);
/* 0 … 1, or more. */
float rules_weight(const struct rules *rules, const struct reg *reg);
/* Index of the facet of that name, or -1. */
int rules_facet(const struct rules *rules, struct str name);
/* Whether this field gives values of the facet. */
bool rules_field_gives(const struct facet_rule *facet, const struct field *field);
/* What a facet's value is called; reader is asked for records' labels and may be NULL. */
struct reader;
struct bilingual rules_value_label(const struct rules *rules, const struct facet_rule *facet, struct str value,
                                   struct reader *reader, struct arena *arena);

#endif
