#include "web/route.h"

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

static bool segment_fits(struct str pattern, struct str segment, struct route_params *params)
{
    enum lang lang;
    size_t dot = str_find_byte(segment, '.');

    if (!str_starts_with(pattern, STR("{"))) {
        return str_eq(pattern, segment);
    }
    if (str_eq(pattern, STR("{lang}"))) {
        params->lang = segment;
        return lang_from_code(segment, &lang);
    }
    if (str_eq(pattern, STR("{register}"))) {
        params->reg = segment;
        return is_register_name(segment);
    }
    if (str_eq(pattern, STR("{register.form}"))) {
        params->reg = str_slice(segment, 0, dot);
        params->form = str_slice(segment, dot + 1, segment.len);
        return dot < segment.len && is_register_name(params->reg);
    }
    if (str_eq(pattern, STR("{id}"))) {
        params->id = segment;
    } else {
        params->name = segment;
    }
    return segment.len > 0;
}

bool route_matches(const char *pattern, struct str path, struct route_params *ret_params)
{
    struct route_params params = {0};
    struct str pattern_rest = str_from_cstr(pattern);
    struct str path_rest = path;
    struct str pattern_part, path_part;
    bool pattern_done = false, path_done = false;

    while (!pattern_done && !path_done) {
        if (!str_next_part(&pattern_rest, '/', &pattern_done, &pattern_part) ||
            !str_next_part(&path_rest, '/', &path_done, &path_part) ||
            !segment_fits(pattern_part, path_part, &params)) {
            return false;
        }
    }
    if (pattern_done != path_done) {
        return false;
    }
    *ret_params = params;
    return true;
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
