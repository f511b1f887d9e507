#include "web/contact_form.h"

#include "desk/mail.h"

#define MESSAGE_MAX 5000 /* characters */

enum part_kind { PART_LINE, PART_TEXT, PART_CHOICE, PART_TICK, PART_HIDDEN };

struct part {
    const char *name;  /* in the form; its words are contact-NAME and contact-NAME-hint */
    const char *field; /* of the register; NULL: none */
    enum part_kind kind;
    bool required;
    const char *label, *hint; /* msgids; hint NULL: none */
    const char *missing;      /* msgid of what is wrong when it is empty */
    const char *type, *autocomplete;
    size_t most; /* characters; 0: what the register's field allows */
};

static const struct part parts[CONTACT_PARTS] = {
    [CONTACT_TOPIC] = {"topic", "topic", PART_CHOICE, true, "contact-topic", NULL, "contact-topic-missing", NULL, NULL,
                       0},
    [CONTACT_MESSAGE] = {"message", "body", PART_TEXT, true, "contact-message", "contact-message-hint",
                         "contact-message-missing", NULL, NULL, MESSAGE_MAX},
    [CONTACT_NAME] = {"name", "sender_name", PART_LINE, true, "contact-name", NULL, "contact-name-missing", "text",
                      "name", 0},
    [CONTACT_EMAIL] = {"email", "sender_email", PART_LINE, true, "contact-email", "contact-email-hint",
                       "contact-email-missing", "email", "email", 0},
    [CONTACT_ORGANISATION] = {"organisation", "sender_organisation", PART_LINE, false, "contact-organisation", NULL,
                              NULL, "text", "organization", 0},
    [CONTACT_COUNTRY] = {"country", "country", PART_CHOICE, false, "contact-country", NULL, NULL, NULL, "country", 0},
    [CONTACT_LANGUAGE] = {"language", "language", PART_CHOICE, true, "contact-language", NULL, "contact-choice-wrong",
                          NULL, NULL, 0},
    [CONTACT_CONSENT] = {"consent", NULL, PART_TICK, true, "contact-consent", NULL, "contact-consent-missing", NULL,
                         NULL, 3},
    [CONTACT_TRAP] = {"website", NULL, PART_HIDDEN, false, "contact-trap", NULL, NULL, NULL, NULL, 200},
    [CONTACT_ABOUT] = {"about", NULL, PART_HIDDEN, false, NULL, NULL, NULL, NULL, NULL, 200},
    [CONTACT_TOKEN] = {"token", NULL, PART_HIDDEN, false, NULL, NULL, NULL, NULL, NULL, 200},
};

/* ---- reading ---- */

void contact_form_take(struct contact_form *form, const struct http_pair *pairs, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        for (size_t part = 0; part < CONTACT_PARTS; part++) {
            if (str_eq(pairs[i].name, str_from_cstr(parts[part].name))) {
                form->typed[part] = str_trim(pairs[i].value);
            }
        }
    }
}

int contact_form_find_about(struct call *call, struct reader *reader, struct contact_form *form, struct err *err)
{
    struct str about = form->typed[CONTACT_ABOUT];
    size_t slash = str_find_byte(about, '/');
    const struct reg *reg = model_register(call->site->model, str_slice(about, 0, slash));
    struct str id = str_slice(about, slash + 1, about.len);

    if (reg == NULL || reg->visibility != VISIBILITY_PUBLIC || !id_is_valid(id)) {
        return 0;
    }
    if (store_label(reader, reg, id, call->arena, &form->about_label, err) != 0) {
        return -1;
    }
    if (bilingual_best(form->about_label, call->lang).len > 0) {
        form->about_reg = reg;
        form->about_id = arena_copy(call->arena, id);
    }
    return 0;
}

static bool has_line_end(struct str text)
{
    return str_find_byte(text, '\n') < text.len || str_find_byte(text, '\r') < text.len;
}

/* A code that may be chosen. Answers are written in the languages of the site. */
static bool may_choose(enum contact_part part, const struct term *term)
{
    enum lang lang;

    return !term->retired && (part != CONTACT_LANGUAGE || lang_from_code(term->code, &lang));
}

static const char *wrong_choice(enum contact_part which, struct str code, const struct field *field)
{
    const struct term *term;

    if (field == NULL || field->vocabulary == NULL) {
        return NULL;
    }
    term = vocabulary_term(field->vocabulary, code);
    return term == NULL || !may_choose(which, term) ? "contact-choice-wrong" : NULL;
}

static const char *wrong_with(enum contact_part which, struct str typed, const struct field *field)
{
    const struct part *part = &parts[which];
    size_t most = part->most == 0 && field != NULL ? field->max_length : part->most;

    if (typed.len == 0) {
        return part->required ? part->missing : NULL;
    }
    if (most > 0 && str_count_codepoints(typed) > most) {
        return part->kind == PART_TEXT ? "contact-message-long" : "contact-long";
    }
    if (part->kind != PART_TEXT && has_line_end(typed)) {
        return "contact-line-end";
    }
    if (part->kind == PART_CHOICE) {
        return wrong_choice(which, typed, field);
    }
    return which == CONTACT_EMAIL && !mail_address_is_plain(typed) ? "contact-email-wrong" : NULL;
}

static const struct field *field_of(const struct reg *reg, const struct part *part)
{
    return part->field == NULL ? NULL : reg_field(reg, str_from_cstr(part->field));
}

bool contact_form_check(struct contact_form *form, const struct reg *reg)
{
    bool good = true;

    for (size_t i = 0; i < CONTACT_PARTS; i++) {
        if (parts[i].kind != PART_HIDDEN) {
            form->wrong[i] = wrong_with((enum contact_part)i, form->typed[i], field_of(reg, &parts[i]));
            good = good && form->wrong[i] == NULL;
        }
    }
    if (form->typed[CONTACT_TRAP].len > 0) {
        form->wrong[CONTACT_TRAP] = "contact-trap-filled";
        good = false;
    }
    return good;
}

void contact_form_refuse(struct contact_form *form, struct str field)
{
    for (size_t i = 0; i < CONTACT_PARTS; i++) {
        if (parts[i].field != NULL && str_eq(str_from_cstr(parts[i].field), field)) {
            form->wrong[i] = "contact-refused";
            return;
        }
    }
    form->wrong_whole = "contact-refused-whole";
}

/* ---- showing ---- */

static struct str element_id(struct arena *arena, const struct part *part, const char *behind)
{
    return arena_format(arena, "contact-%s%s", part->name, behind);
}

static struct value *choices(const struct call *call, enum contact_part which, const struct vocabulary *vocabulary,
                             struct str typed)
{
    struct arena *arena = call->arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; vocabulary != NULL && i < vocabulary->term_count; i++) {
        const struct term *term = &vocabulary->terms[i];
        struct value *view;
        if (!may_choose(which, term)) {
            continue;
        }
        view = value_object(arena);
        value_set_text(arena, view, STR("value"), term->code);
        value_set_text(arena, view, STR("text"), bilingual_best(term->label, call->lang));
        value_set(arena, view, STR("selected"), value_bool(arena, str_eq(term->code, typed)));
        value_append(arena, list, view);
    }
    return list;
}

/* An optional text: false when there is none, so that the template's sections do not look further out. */
static void set_optional(struct arena *arena, struct value *view, struct str key, struct str text)
{
    value_set(arena, view, key, text.len > 0 ? value_text(arena, text) : value_bool(arena, false));
}

/* What the field is explained by: its hint and what is wrong. */
static struct str described_by(struct arena *arena, const struct part *part, bool wrong)
{
    struct str hint = part->hint != NULL ? element_id(arena, part, "-hint") : STR("");
    struct str error = wrong ? element_id(arena, part, "-error") : STR("");

    return arena_concat(arena, 3, hint, hint.len > 0 && error.len > 0 ? STR(" ") : STR(""), error);
}

static struct value *part_view(const struct call *call, const struct contact_form *form, const struct reg *reg,
                               enum contact_part which)
{
    const struct part *part = &parts[which];
    const struct field *field = field_of(reg, part);
    const char *wrong = form->wrong[which];
    struct arena *arena = call->arena;
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("id"), element_id(arena, part, ""));
    value_set_text(arena, view, STR("name"), str_from_cstr(part->name));
    value_set_text(arena, view, STR("label"), SAY(call, part->label));
    value_set_text(arena, view, STR("value"), form->typed[which]);
    value_set(arena, view, STR("required"), value_bool(arena, part->required));
    value_set(arena, view, STR("line"), value_bool(arena, part->kind == PART_LINE));
    value_set(arena, view, STR("area"), value_bool(arena, part->kind == PART_TEXT));
    value_set(arena, view, STR("choice"), value_bool(arena, part->kind == PART_CHOICE));
    value_set(arena, view, STR("tick"), value_bool(arena, part->kind == PART_TICK));
    value_set(arena, view, STR("ticked"), value_bool(arena, form->typed[which].len > 0));
    set_optional(arena, view, STR("type"), str_from_cstr(part->type));
    set_optional(arena, view, STR("autocomplete"), str_from_cstr(part->autocomplete));
    set_optional(arena, view, STR("hint"), part->hint != NULL ? SAY(call, part->hint) : STR(""));
    set_optional(arena, view, STR("wrong"), wrong != NULL ? SAY(call, wrong) : STR(""));
    set_optional(arena, view, STR("described_by"), described_by(arena, part, wrong != NULL));
    value_set(arena, view, STR("options"),
              choices(call, which, field != NULL ? field->vocabulary : NULL, form->typed[which]));
    return view;
}

static void add_wrong(const struct call *call, struct value *list, const char *msgid, struct str target)
{
    struct value *view = value_object(call->arena);

    value_set_text(call->arena, view, STR("text"), SAY(call, msgid));
    set_optional(call->arena, view, STR("target"), target);
    value_append(call->arena, list, view);
}

static struct value *all_wrong(const struct call *call, const struct contact_form *form)
{
    struct value *list = value_list(call->arena);

    if (form->wrong_whole != NULL) {
        add_wrong(call, list, form->wrong_whole, STR(""));
    }
    for (size_t i = 0; i < CONTACT_PARTS; i++) {
        if (form->wrong[i] != NULL) {
            add_wrong(call, list, form->wrong[i], element_id(call->arena, &parts[i], ""));
        }
    }
    return list;
}

static struct value *about_view(const struct call *call, const struct contact_form *form)
{
    struct arena *arena = call->arena;
    struct value *view = display_text(arena, call->lang, form->about_label);

    value_set_text(arena, view, STR("value"), arena_concat(arena, 3, form->about_reg->name, STR("/"), form->about_id));
    value_set_text(arena, view, STR("href"),
                   arena_concat(arena, 6, STR("/"), lang_codes[call->lang], STR("/"), form->about_reg->name, STR("/"),
                                form->about_id));
    return view;
}

void contact_form_view(const struct call *call, const struct contact_form *form, const struct reg *reg,
                       struct value *frame)
{
    struct arena *arena = call->arena;
    struct value *list = value_list(arena);
    struct value *wrong = all_wrong(call, form);
    bool is_wrong = value_count(wrong) > 0;

    for (size_t i = 0; i < CONTACT_TRAP; i++) {
        if (parts[i].field == NULL || field_of(reg, &parts[i]) != NULL) {
            value_append(arena, list, part_view(call, form, reg, (enum contact_part)i));
        }
    }
    value_set(arena, frame, STR("parts"), list);
    value_set(arena, frame, STR("trap"), part_view(call, form, reg, CONTACT_TRAP));
    value_set_text(arena, frame, STR("token"), form->typed[CONTACT_TOKEN]);
    value_set(arena, frame, STR("record"), form->about_reg != NULL ? about_view(call, form) : value_bool(arena, false));
    value_set(arena, frame, STR("has_wrong"), value_bool(arena, is_wrong));
    value_set(arena, frame, STR("wrong_list"), wrong);
    if (is_wrong) {
        value_set_text(
            arena, frame, STR("document_title"),
            arena_concat(arena, 2, SAY(call, "contact-wrong-title"), value_get_text(frame, STR("document_title"))));
    }
}
