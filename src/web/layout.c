#include "web/layout.h"

#include "model/record.h"

static int read_file(const char *name, struct str content, struct arena *arena, struct value **ret_value,
                     struct err *err)
{
    struct err reason = {0};

    if (json_read(arena, content, NULL, ret_value, &reason) != 0) {
        return err_set(err, ERR_INVALID, "%s:%s", name, reason.message);
    }
    if ((*ret_value)->kind != VALUE_OBJECT) {
        return err_set(err, ERR_INVALID, "%s: not an object", name);
    }
    return 0;
}

static bool kind_is_known(struct str kind)
{
    static const char *const kinds[] = {"doors", "records", "figures", "counts", "map", "registers"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (str_eq(kind, str_from_cstr(kinds[i]))) {
            return true;
        }
    }
    return false;
}

/* Every section that a language's home page names is there and of a known kind. */
static int check_home(const struct layout *layout, struct str lang, struct err *err)
{
    const struct value *names = value_get(layout->home, lang);

    for (size_t i = 0; i < value_count(names); i++) {
        const struct value *name = value_at(names, i);
        const struct value *section = layout_section(layout, value_text_of(name));
        struct str kind = value_get_text(section, STR("kind"));
        if (!kind_is_known(kind)) {
            return err_set(err, ERR_INVALID, "site/site.json:%u:%u: there is no section \"%.*s\" of a known kind",
                           name->line, name->column, STR_ARG(value_text_of(name)));
        }
    }
    return 0;
}

int layout_read(struct str site_json, struct str outlines_json, struct arena *arena, struct layout *ret_layout,
                struct err *err)
{
    struct value *site = NULL;
    struct value *outlines = NULL;
    struct layout layout;

    if (read_file("site/site.json", site_json, arena, &site, err) != 0 ||
        read_file("site/outlines.geojson", outlines_json, arena, &outlines, err) != 0) {
        return -1;
    }
    layout = (struct layout){
        .menu = value_get(site, STR("menu")),
        .home = value_get(site, STR("home")),
        .sections = value_get(site, STR("sections")),
        .chart = value_get(site, STR("chart")),
        .plan = value_get(site, STR("plan")),
        .council = value_get(site, STR("council")),
        .ledger = value_get(site, STR("ledger")),
        .map = value_get(site, STR("map")),
        .profiles = value_get(site, STR("profiles")),
        .source = value_get(site, STR("source")),
        .outlines = outlines,
    };
    for (size_t l = 0; l < LANG_COUNT; l++) {
        if (check_home(&layout, lang_codes[l], err) != 0) {
            return -1;
        }
    }
    *ret_layout = layout;
    return 0;
}

const struct value *layout_section(const struct layout *layout, struct str name)
{
    return value_get(layout->sections, name);
}

struct bilingual layout_text(const struct value *part, struct str name)
{
    const struct value *text = value_get(part, name);

    return text == NULL ? (struct bilingual){0} : value_bilingual(text);
}

const struct reg *layout_register(const struct value *part, const struct model *model)
{
    return model_register(model, value_get_text(part, STR("register")));
}

const struct field *layout_field(const struct value *part, struct str name, const struct reg *reg)
{
    return reg_field(reg, value_get_text(part, name));
}

size_t layout_number(const struct value *part, struct str name, size_t otherwise)
{
    const struct value *number = value_get(part, name);
    int64_t whole = 0;

    if (number == NULL || number->kind != VALUE_NUMBER || !decimal_to_int64(number->number, &whole) || whole < 1 ||
        whole > 1000) {
        return otherwise;
    }
    return (size_t)whole;
}
