/* The roles of registers: their names, and what the program reads from a register that plays one. */
#include "model/reader.h"

const struct str role_names[ROLE_COUNT] = {
    [ROLE_ORGANISATION] = STR("organisation"),
    [ROLE_SOURCE] = STR("source"),
    [ROLE_COMMUNITY] = STR("community"),
    [ROLE_EXCHANGE_RATE] = STR("exchange-rate"),
    [ROLE_KPI] = STR("kpi"),
    [ROLE_KPI_DEFINITION] = STR("kpi-definition"),
    [ROLE_KPI_VALUE] = STR("kpi-value"),
    [ROLE_ERRATUM] = STR("erratum"),
    [ROLE_TRANSLATION] = STR("translation"),
    [ROLE_TRANSLATION_COUNT] = STR("translation-count"),
    [ROLE_ENQUIRY] = STR("enquiry"),
    [ROLE_MAIL] = STR("mail"),
    [ROLE_CLOSED_DAY] = STR("closed-day"),
};

/* A field that a role asks for. Beside these a register has whatever it likes. */
struct wanted {
    enum model_role role;
    const char *name;
    enum field_type type;
    enum model_role refers; /* to the register of this role; ROLE_COUNT: to none */
};

static const struct wanted all_wanted[] = {
    {ROLE_COMMUNITY, "name", FIELD_TEXT, ROLE_COUNT},
    {ROLE_EXCHANGE_RATE, "base", FIELD_TEXT, ROLE_COUNT},
    {ROLE_EXCHANGE_RATE, "quote", FIELD_TEXT, ROLE_COUNT},
    {ROLE_EXCHANGE_RATE, "rate", FIELD_NUMBER, ROLE_COUNT},
    {ROLE_KPI, "definition", FIELD_TEXT, ROLE_KPI_DEFINITION},
    {ROLE_KPI_DEFINITION, "kpi", FIELD_TEXT, ROLE_KPI},
    {ROLE_KPI_DEFINITION, "measure", FIELD_TEXT, ROLE_COUNT},
    {ROLE_KPI_VALUE, "kpi", FIELD_TEXT, ROLE_KPI},
    {ROLE_KPI_VALUE, "definition", FIELD_TEXT, ROLE_KPI_DEFINITION},
    {ROLE_KPI_VALUE, "kind", FIELD_TEXT, ROLE_COUNT},
    {ROLE_KPI_VALUE, "year", FIELD_DATE, ROLE_COUNT},
    {ROLE_KPI_VALUE, "value", FIELD_FIGURE, ROLE_COUNT},
    {ROLE_KPI_VALUE, "state", FIELD_TEXT, ROLE_COUNT},
    {ROLE_ERRATUM, "edition", FIELD_TEXT, ROLE_COUNT},
    {ROLE_ERRATUM, "day", FIELD_DATE, ROLE_COUNT},
    {ROLE_ERRATUM, "about", FIELD_TEXT, ROLE_COUNT},
    {ROLE_ERRATUM, "text", FIELD_TEXT, ROLE_COUNT},
    {ROLE_TRANSLATION, "of_register", FIELD_TEXT, ROLE_COUNT},
    {ROLE_TRANSLATION, "of_record", FIELD_TEXT, ROLE_COUNT},
    {ROLE_TRANSLATION, "of_field", FIELD_TEXT, ROLE_COUNT},
    {ROLE_TRANSLATION, "language", FIELD_TEXT, ROLE_COUNT},
    {ROLE_TRANSLATION, "state", FIELD_TEXT, ROLE_COUNT},
    {ROLE_TRANSLATION, "original", FIELD_TEXT, ROLE_COUNT},
    {ROLE_TRANSLATION_COUNT, "day", FIELD_DATE, ROLE_COUNT},
    {ROLE_TRANSLATION_COUNT, "of_register", FIELD_TEXT, ROLE_COUNT},
    {ROLE_TRANSLATION_COUNT, "texts", FIELD_INTEGER, ROLE_COUNT},
    {ROLE_TRANSLATION_COUNT, "both", FIELD_INTEGER, ROLE_COUNT},
    {ROLE_TRANSLATION_COUNT, "stale", FIELD_INTEGER, ROLE_COUNT},
    {ROLE_ENQUIRY, "subject", FIELD_TEXT, ROLE_COUNT},
    {ROLE_ENQUIRY, "body", FIELD_TEXT, ROLE_COUNT},
    {ROLE_ENQUIRY, "received", FIELD_DATETIME, ROLE_COUNT},
    {ROLE_ENQUIRY, "state", FIELD_TEXT, ROLE_COUNT},
    {ROLE_ENQUIRY, "assigned_to", FIELD_TEXT, ROLE_ORGANISATION},
    {ROLE_ENQUIRY, "due", FIELD_DATE, ROLE_COUNT},
    {ROLE_ENQUIRY, "erase_on", FIELD_DATE, ROLE_COUNT},
    {ROLE_MAIL, "enquiry", FIELD_TEXT, ROLE_ENQUIRY},
    {ROLE_MAIL, "kind", FIELD_TEXT, ROLE_COUNT},
    {ROLE_MAIL, "state", FIELD_TEXT, ROLE_COUNT},
    {ROLE_MAIL, "created", FIELD_DATETIME, ROLE_COUNT},
    {ROLE_MAIL, "tries", FIELD_INTEGER, ROLE_COUNT},
    {ROLE_MAIL, "next_try", FIELD_DATETIME, ROLE_COUNT},
    {ROLE_CLOSED_DAY, "day", FIELD_DATE, ROLE_COUNT},
};

static const char *type_words(enum field_type type)
{
    static const char *const words[] = {
        [FIELD_TEXT] = "a string",       [FIELD_INTEGER] = "an integer",  [FIELD_NUMBER] = "a number",
        [FIELD_FIGURE] = "a figure",     [FIELD_BOOLEAN] = "a boolean",   [FIELD_DATE] = "a date",
        [FIELD_DATETIME] = "a datetime", [FIELD_GEOPOINT] = "a geopoint", [FIELD_LIST] = "a list",
    };
    return words[type];
}

void role_enter(const struct reader *reader, const struct value *tree, struct reg *reg)
{
    struct model *model = reader->model;
    if (reg->role == ROLE_COUNT) {
        return;
    }
    if (model->roles[reg->role]) {
        reader_problem(reader, key_place(tree, "role"),
                       "the role \"%.*s\" is played by the register \"%.*s\" already, one may play it",
                       STR_ARG(role_names[reg->role]), STR_ARG(model->roles[reg->role]->name));
        return;
    }
    model->roles[reg->role] = reg;
}

/* Owners and sources that are hidden are kept from others by these roles, so that a model that forgot them must not do. */
static bool is_forgotten(const struct model *model, const struct reg *reg)
{
    static const enum model_role protecting[] = {ROLE_ORGANISATION, ROLE_SOURCE};
    for (size_t i = 0; i < sizeof protecting / sizeof protecting[0]; i++) {
        if (!model->roles[protecting[i]] && str_eq(reg->name, role_names[protecting[i]])) {
            return true;
        }
    }
    return false;
}

void role_check(const struct reader *reader, const struct value *tree, struct reg *reg)
{
    if (is_forgotten(reader->model, reg)) {
        reader_problem(reader, key_place(tree, "name"), "a register of this name needs \"role\": \"%.*s\"",
                       STR_ARG(reg->name));
        return;
    }
    for (size_t i = 0; i < sizeof all_wanted / sizeof all_wanted[0]; i++) {
        const struct wanted *wanted = &all_wanted[i];
        if (wanted->role != reg->role || reader->model->roles[reg->role] != reg) {
            continue;
        }
        const struct field *field = reg_field(reg, str_from_cstr(wanted->name));
        const struct reg *target = wanted->refers == ROLE_COUNT ? NULL : reader->model->roles[wanted->refers];
        if (!field || field->type != wanted->type) {
            reader_problem(reader, key_place(tree, "role"),
                           "a register of the role \"%.*s\" must have the field \"%s\", %s",
                           STR_ARG(role_names[reg->role]), wanted->name, type_words(wanted->type));
        } else if (wanted->refers != ROLE_COUNT && (!target || field->reference != target)) {
            reader_problem_at(
                reader, field->line, field->column,
                "in a register of the role \"%.*s\" this field must refer to the register of the role \"%.*s\"",
                STR_ARG(role_names[reg->role]), STR_ARG(role_names[wanted->refers]));
        }
    }
}
