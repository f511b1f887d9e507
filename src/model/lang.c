#include "model/model.h"

const struct str lang_codes[LANG_COUNT] = {[LANG_JA] = STR("ja"), [LANG_EN] = STR("en")};

const struct str visibility_names[VISIBILITY_COUNT] = {
    [VISIBILITY_PUBLIC] = STR("public"),
    [VISIBILITY_MEMBERS] = STR("members"),
    [VISIBILITY_SECRETARIAT] = STR("secretariat"),
};

bool lang_from_code(struct str code, enum lang *ret_lang)
{
    for (int i = 0; i < LANG_COUNT; i++) {
        if (str_eq(code, lang_codes[i])) {
            *ret_lang = (enum lang)i;
            return true;
        }
    }
    return false;
}

struct str bilingual_best(struct bilingual text, enum lang lang)
{
    if (text.in[lang].len > 0) {
        return text.in[lang];
    }
    for (int i = 0; i < LANG_COUNT; i++) {
        if (text.in[i].len > 0) {
            return text.in[i];
        }
    }
    return STR("");
}

bool visibility_from_name(struct str name, enum visibility *ret_visibility)
{
    for (int i = 0; i < VISIBILITY_COUNT; i++) {
        if (str_eq(name, visibility_names[i])) {
            *ret_visibility = (enum visibility)i;
            return true;
        }
    }
    return false;
}
