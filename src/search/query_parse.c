/* words "a phrase" -without this OR that field:value unfinis* */
#include "search/plan.h"

#define ATOMS_MAX 64

struct parsing {
    const struct rules *rules;
    struct arena *arena;
    struct str rest;
    struct parsed *parsed;
    bool negative, or_next;
    struct err *err;
};

static const char *const spaces[] = {" ", "\t", "\n", "\r", "\f", "\v", "　", "\xC2\xA0"};

static size_t space_at(struct str rest)
{
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        if (str_starts_with(rest, str_from_cstr(spaces[i]))) {
            return str_from_cstr(spaces[i]).len;
        }
    }
    return 0;
}

static void skip(struct parsing *parsing, size_t bytes)
{
    parsing->rest = str_slice(parsing->rest, bytes, parsing->rest.len);
}

static bool take(struct parsing *parsing, const char *text)
{
    return str_take(&parsing->rest, str_from_cstr(text));
}

/* What opens and closes a phrase. */
static const char *const quotes[][2] = {{"\"", "\""}, {"“", "”"}, {"「", "」"}, {"『", "』"}, {"＂", "＂"}};

static void add_atom(struct parsing *parsing, struct str text, bool quoted, bool prefix)
{
    struct parsed *parsed = parsing->parsed;
    size_t at = parsed->atom_count;
    struct atom *atom = &parsed->atoms[at];

    if (text.len == 0 || at == ATOMS_MAX) {
        return;
    }
    *atom = (struct atom){
        .text = text, .negative = parsing->negative, .quoted = quoted, .prefix = prefix, .alternative_of = at};
    if (parsing->or_next && at > 0) {
        atom->alternative_of = parsed->atoms[at - 1].alternative_of;
        atom->negative = parsed->atoms[at - 1].negative;
    }
    parsing->or_next = false;
    parsing->negative = false;
    parsed->atom_count++;
}

/* True when a phrase was taken. One that is not closed reaches to the end, as it does while one types it. */
static bool take_phrase(struct parsing *parsing, struct str *ret_text)
{
    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
        size_t end;
        if (!take(parsing, quotes[i][0])) {
            continue;
        }
        end = str_find(parsing->rest, str_from_cstr(quotes[i][1]));
        *ret_text = str_slice(parsing->rest, 0, end);
        skip(parsing, end == SIZE_MAX ? parsing->rest.len : end + str_from_cstr(quotes[i][1]).len);
        return true;
    }
    return false;
}

static size_t word_length(struct str rest)
{
    size_t len = 0;

    while (len < rest.len && space_at(str_slice(rest, len, rest.len)) == 0 && rest.ptr[len] != '"') {
        len++;
    }
    return len;
}

static bool is_field(const struct parsing *parsing, struct str name)
{
    return str_eq(name, STR("register")) || rules_facet(parsing->rules, name) >= 0;
}

static int add_filter(struct parsing *parsing, struct str facet, struct str value)
{
    struct parsed *parsed = parsing->parsed;

    if (value.len == 0) {
        return err_set_field(parsing->err, ERR_INVALID, STR("q"),
                             "nothing stands behind “%.*s:”; allowed: a value of it", STR_ARG(facet));
    }
    if (parsed->filter_count == SEARCH_FILTERS_MAX) {
        return err_set_field(parsing->err, ERR_INVALID, STR("q"), "there are too many conditions; allowed: %d",
                             SEARCH_FILTERS_MAX);
    }
    parsed->filter_negative[parsed->filter_count] = parsing->negative;
    parsed->filters[parsed->filter_count++] = (struct search_filter){.facet = facet, .value = value};
    parsing->negative = false;
    return 0;
}

static int take_word(struct parsing *parsing)
{
    struct str word = str_slice(parsing->rest, 0, word_length(parsing->rest));
    size_t colon = str_find_byte(word, ':');
    bool prefix = word.len > 1 && str_ends_with(word, STR("*"));

    if (word.len == 0) {
        skip(parsing, 1);
        return 0;
    }
    if (colon < word.len && is_field(parsing, str_slice(word, 0, colon))) {
        struct str value = str_slice(word, colon + 1, word.len);
        skip(parsing, word.len);
        if (value.len == 0 && !take_phrase(parsing, &value)) {
            value = STR("");
        }
        return add_filter(parsing, str_slice(word, 0, colon), value);
    }
    skip(parsing, word.len);
    if (str_eq(word, STR("OR")) || str_eq(word, STR("|"))) {
        parsing->or_next = parsing->parsed->atom_count > 0;
        return 0;
    }
    if (str_eq(word, STR("AND"))) {
        return 0;
    }
    if (str_eq(word, STR("NOT"))) {
        parsing->negative = true;
        return 0;
    }
    add_atom(parsing, prefix ? str_slice(word, 0, word.len - 1) : word, false, prefix);
    return 0;
}

int query_parse(const struct rules *rules, struct str text, struct arena *arena, struct parsed *ret_parsed,
                struct err *err)
{
    struct parsing parsing = {.rules = rules, .arena = arena, .rest = text, .parsed = ret_parsed, .err = err};

    *ret_parsed = (struct parsed){.atoms = ARENA_NEW_ARRAY(arena, ATOMS_MAX + 1, struct atom)};
    if (text.len > SEARCH_QUERY_BYTES_MAX) {
        return err_set_field(err, ERR_INVALID, STR("q"), "the query is too long; allowed: %d bytes",
                             SEARCH_QUERY_BYTES_MAX);
    }
    while (parsing.rest.len > 0) {
        struct str phrase;
        size_t space = space_at(parsing.rest);
        if (space > 0) {
            skip(&parsing, space);
            continue;
        }
        if (parsing.rest.len > 1 && space_at(str_slice(parsing.rest, 1, parsing.rest.len)) == 0 &&
            take(&parsing, "-")) {
            parsing.negative = true;
        }
        if (take_phrase(&parsing, &phrase)) {
            add_atom(&parsing, phrase, true, false);
        } else if (take_word(&parsing) != 0) {
            return -1;
        }
    }
    return 0;
}
