/* Which options of a field go together. */
#include "model/names.h"
#include "model/reader.h"

struct option {
    bool is_set;
    bool is_allowed;
    const char *key;
    const char *allowed; /* where it is allowed */
};

static void options_check(const struct reader *reader, const struct value *tree, const struct option *options,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (options[i].is_set && !options[i].is_allowed) {
            reader_problem(reader, key_place(tree, options[i].key), "\"%s\" is not allowed here, only on %s",
                           options[i].key, options[i].allowed);
        }
    }
}

/* By presence of the keys in the file, so that what names an unknown vocabulary is still known to be a code. */
static bool says(const struct value *tree, const char *key)
{
    return value_get(tree, str_from_cstr(key)) != NULL;
}

static bool is_true(const struct value *tree, const char *key)
{
    return value_get_bool(tree, str_from_cstr(key));
}

static bool facet_is_allowed(const struct value *tree, const struct field *field)
{
    bool coded = says(tree, "vocabulary") || says(tree, "reference");
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_LIST:
        return coded;
    case FIELD_BOOLEAN:
    case FIELD_INTEGER:
        return true;
    default:
        return false;
    }
}

static bool sortable_is_allowed(const struct field *field)
{
    switch (field->type) {
    case FIELD_TEXT:
        return field->format != TEXT_MARKDOWN;
    case FIELD_INTEGER:
    case FIELD_NUMBER:
    case FIELD_FIGURE:
    case FIELD_DATE:
    case FIELD_DATETIME:
        return true;
    default:
        return false;
    }
}

static bool unique_is_allowed(const struct field *field)
{
    switch (field->type) {
    case FIELD_TEXT:
        return !field->bilingual && field->format != TEXT_MARKDOWN && !field->party;
    case FIELD_INTEGER:
    case FIELD_DATE:
    case FIELD_DATETIME:
        return true;
    default:
        return false;
    }
}

static void constraints_check(const struct reader *reader, const struct value *tree, const struct field *field,
                              bool words)
{
    bool number = field->type == FIELD_INTEGER || field->type == FIELD_NUMBER || field->type == FIELD_FIGURE;
    const char *text = "text that is no code or reference (\"string\", or a \"list\" of it)";
    const struct option options[] = {
        {says(tree, "minLength"), words, "minLength", text},
        {says(tree, "maxLength"), words, "maxLength", text},
        {says(tree, "pattern"), words, "pattern", text},
        {says(tree, "enum"), words && !field->bilingual && field->format == TEXT_PLAIN, "enum",
         "plain text that is not bilingual"},
        {says(tree, "minimum"), number, "minimum", "\"integer\" and \"number\""},
        {says(tree, "maximum"), number, "maximum", "\"integer\" and \"number\""},
        {says(tree, "maxItems"), field->type == FIELD_LIST, "maxItems", "\"list\""},
        {is_true(tree, "unique"), unique_is_allowed(field), "unique",
         "\"string\" (not bilingual, no Markdown, no party), \"integer\", \"date\" and \"datetime\""},
    };
    options_check(reader, tree, options, sizeof(options) / sizeof(options[0]));
}

void field_check_options(const struct reader *reader, const struct value *tree, const struct field *field, bool figure)
{
    bool string = field->type == FIELD_TEXT;
    bool coded = says(tree, "vocabulary") || says(tree, "reference");
    bool plain = string && !coded;
    const struct option options[] = {
        {says(tree, "notice"), field->type == FIELD_BOOLEAN, "notice", "a \"boolean\""},
        {field->bilingual, plain && field->check == CHECK_NONE, "bilingual",
         "a \"string\" without \"vocabulary\", \"reference\" and \"check\""},
        {is_true(tree, "markdown"), plain && !says(tree, "format") && field->check == CHECK_NONE, "markdown",
         "a \"string\" without \"vocabulary\", \"reference\", \"format\" and \"check\""},
        {says(tree, "format"), plain, "format", "a \"string\" without \"vocabulary\" and \"reference\""},
        {figure, field->type == FIELD_FIGURE, "figure", "a \"number\""},
        {says(tree, "unit"), field->type == FIELD_FIGURE, "unit", "a \"number\" with \"figure\": true"},
        {says(tree, "currency"), field->type == FIELD_FIGURE, "currency", "a \"number\" with \"figure\": true"},
        {says(tree, "vocabulary"), string || field->type == FIELD_LIST, "vocabulary", "a \"string\" or a \"list\""},
        {says(tree, "reference"), (string || field->type == FIELD_LIST) && !says(tree, "vocabulary"), "reference",
         "a \"string\" or a \"list\" without \"vocabulary\""},
        {field->party, says(tree, "reference"), "party", "a field with \"reference\""},
        {says(tree, "check"), plain, "check", "a \"string\" without \"vocabulary\" and \"reference\""},
        {field->facet, facet_is_allowed(tree, field), "facet",
         "codes and references (\"string\" or \"list\"), \"boolean\" and \"integer\""},
        {field->sortable, sortable_is_allowed(field), "sortable",
         "text that is neither a list nor Markdown, dates, numbers and figures"},
        {says(tree, "reading"), plain, "reading", "a \"string\" without \"vocabulary\" and \"reference\""},
        {field->search_weight > 0, string || field->type == FIELD_LIST, "searchWeight", "a \"string\" or a \"list\""},
    };
    options_check(reader, tree, options, sizeof(options) / sizeof(options[0]));
    const struct value *constraints = value_get(tree, STR("constraints"));
    if (constraints) {
        constraints_check(reader, constraints, field, plain || (field->type == FIELD_LIST && !coded));
    }
}
