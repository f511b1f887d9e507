#include "web/route_match.h"

#include <assert.h>

static bool is_register_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return name.len > 0;
}

static enum route_part_kind part_kind(struct str word)
{
    static const struct {
        struct str word;
        enum route_part_kind kind;
    } kinds[] = {{{"{lang}", 6}, PART_LANG},
                 {{"{register}", 10}, PART_REGISTER},
                 {{"{register.form}", 15}, PART_FORM},
                 {{"{id}", 4}, PART_ID}};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (str_eq(word, kinds[i].word)) {
            return kinds[i].kind;
        }
    }
    return str_starts_with(word, STR("{")) ? PART_NAME : PART_WORD;
}

static bool read_parts(struct str text, struct str parts[ROUTE_PARTS_MAX], size_t *ret_count)
{
    size_t count = 0;
    bool done = false;

    while (!done) {
        if (count == ROUTE_PARTS_MAX) {
            return false;
        }
        str_next_part(&text, '/', &done, &parts[count++]);
    }
    *ret_count = count;
    return true;
}

void route_pattern_read(const char *pattern, struct route_pattern *ret_pattern)
{
    *ret_pattern = (struct route_pattern){0};
    bool fits = read_parts(str_from_cstr(pattern), ret_pattern->words, &ret_pattern->parts);

    assert(fits);
    (void)fits;
    for (size_t i = 0; i < ret_pattern->parts; i++) {
        ret_pattern->kinds[i] = part_kind(ret_pattern->words[i]);
    }
}

bool route_path_read(struct str path, struct route_path *ret_path)
{
    return read_parts(path, ret_path->part, &ret_path->parts);
}

static bool part_fits(enum route_part_kind kind, struct str word, struct str part, struct route_params *params)
{
    enum lang lang;
    size_t dot;

    switch (kind) {
    case PART_WORD:
        return str_eq(word, part);
    case PART_LANG:
        params->lang = part;
        return lang_from_code(part, &lang);
    case PART_REGISTER:
        params->reg = part;
        return is_register_name(part);
    case PART_FORM:
        dot = str_find_byte(part, '.');
        params->reg = str_slice(part, 0, dot);
        params->form = str_slice(part, dot + 1, part.len);
        return dot < part.len && is_register_name(params->reg);
    case PART_ID:
        params->id = part;
        break;
    case PART_NAME:
        params->name = part;
        break;
    }
    return part.len > 0;
}

/* Words first: they tell most rows apart, and comparing them costs least. */
static bool words_fit(const struct route_pattern *pattern, const struct route_path *path)
{
    for (size_t i = 1; i < pattern->parts; i++) {
        if (pattern->kinds[i] == PART_WORD && !str_eq(pattern->words[i], path->part[i])) {
            return false;
        }
    }
    return str_eq(pattern->words[0], path->part[0]);
}

bool route_pattern_fits(const struct route_pattern *pattern, const struct route_path *path,
                        struct route_params *ret_params)
{
    struct route_params params = {0};

    if (pattern->parts != path->parts || !words_fit(pattern, path)) {
        return false;
    }
    for (size_t i = 1; i < pattern->parts; i++) {
        if (pattern->kinds[i] != PART_WORD &&
            !part_fits(pattern->kinds[i], pattern->words[i], path->part[i], &params)) {
            return false;
        }
    }
    *ret_params = params;
    return true;
}

bool route_matches(const char *pattern, struct str path, struct route_params *ret_params)
{
    struct route_pattern prepared;
    struct route_path taken;

    route_pattern_read(pattern, &prepared);
    return route_path_read(path, &taken) && route_pattern_fits(&prepared, &taken, ret_params);
}

enum http_method route_method(const char *pattern, const char **ret_path)
{
    static const struct {
        struct str word;
        enum http_method method;
    } words[] = {{STR("POST "), HTTP_POST}, {STR("PUT "), HTTP_PUT}, {STR("DELETE "), HTTP_DELETE}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (str_starts_with(str_from_cstr(pattern), words[i].word)) {
            *ret_path = pattern + words[i].word.len;
            return words[i].method;
        }
    }
    *ret_path = pattern;
    return HTTP_GET;
}
