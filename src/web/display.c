#include "web/display.h"

#include "base/date.h"
#include "base/intl.h"
#include "model/record.h"
#include "web/conversion.h"
#include "web/query.h"

/* ---- whose values ---- */

void display_init(struct display *display, struct call *call, struct viewing *viewing,
                  const struct community *community, const struct query *query)
{
    struct arena *arena = call->arena;

    *display = (struct display){
        .call = call,
        .viewing = viewing,
        .arena = arena,
        .lang = call->lang,
        .zone = community->zone,
        .link_query = query->as_of.len == 0 ? STR("") : arena_concat(arena, 2, STR("?as_of="), query->as_of),
        .conversion = ARENA_NEW(arena, struct conversion),
    };
    conversion_init(display->conversion, call, viewing->reader, community);
}

void display_set_record(struct display *display, const struct reg *reg, const struct value *record)
{
    display->reg = reg;
    display->record = record;
}

/* ---- texts ---- */

static struct value *foreign_mark(struct arena *arena, enum lang lang)
{
    struct value *mark = value_object(arena);

    value_set_text(arena, mark, STR("code"), lang_codes[lang]);
    value_set_text(arena, mark, STR("mark"), lang_codes[lang]);
    return mark;
}

/* The language that has it: the page's own if it can be. */
static enum lang best_lang(struct bilingual text, enum lang lang)
{
    for (size_t other = 0; text.in[lang].len == 0 && other < LANG_COUNT; other++) {
        if (text.in[other].len > 0) {
            return (enum lang)other;
        }
    }
    return lang;
}

static void set_foreign(struct arena *arena, struct value *view, enum lang page, enum lang text)
{
    value_set(arena, view, STR("foreign"), text == page ? value_bool(arena, false) : foreign_mark(arena, text));
}

struct value *display_text(struct arena *arena, enum lang lang, struct bilingual text)
{
    struct value *view = value_object(arena);
    enum lang best = best_lang(text, lang);

    value_set_text(arena, view, STR("text"), text.in[best]);
    set_foreign(arena, view, lang, best);
    return view;
}

struct value *display_plain_text(struct arena *arena, struct str text)
{
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("text"), text);
    value_set(arena, view, STR("foreign"), value_bool(arena, false));
    return view;
}

struct value *display_prose(struct arena *arena, enum lang lang, struct bilingual markdown)
{
    struct value *view = value_object(arena);
    enum lang best = best_lang(markdown, lang);

    value_set_text(arena, view, STR("body_html"), markdown_to_html(arena, markdown.in[best]));
    set_foreign(arena, view, lang, best);
    return view;
}

#define SUMMARY_MAX 180 /* code points */

struct value *display_summary(struct arena *arena, enum lang lang, struct bilingual text)
{
    enum lang best = best_lang(text, lang);
    struct bilingual plain = {0};

    plain.in[best] = markdown_summary(arena, text.in[best], best == LANG_JA ? SUMMARY_MAX / 2 : SUMMARY_MAX);
    return display_text(arena, lang, plain);
}

struct value *display_record_summary(const struct display *display, const struct reg *reg, const struct value *record)
{
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        const struct value *text = value_get(record, field->name);
        if (text != NULL && field->bilingual && str_eq(field->schema_property, STR("description"))) {
            return display_summary(display->arena, display->lang, value_bilingual(text));
        }
    }
    return value_bool(display->arena, false);
}

static bool list_has(const struct value *list, struct str text)
{
    for (size_t i = 0; i < value_count(list); i++) {
        if (str_eq(value_get_text(value_at(list, i), STR("text")), text)) {
            return true;
        }
    }
    return false;
}

struct value *notices_of(struct call *call, const struct reg *reg, const struct value *record, struct value *list)
{
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        struct value *notice;
        if (field->notice.in[0].len == 0 || (record != NULL && !value_get_bool(record, field->name))) {
            continue;
        }
        notice = display_text(call->arena, call->lang, field->notice);
        if (!list_has(list, value_get_text(notice, STR("text")))) {
            value_append(call->arena, list, notice);
        }
    }
    return list;
}

/* ---- dates and figures ---- */

struct str display_date(const struct display *display, struct str text)
{
    struct date date;

    return date_parse(text, &date) ? intl_date(display->arena, lang_codes[display->lang], date) : text;
}

/* A Japanese fiscal year, April to March, named by the year in which it begins; Reiwa counts from 2019. */
static struct str fiscal_year(const struct display *display, struct str year)
{
    int64_t begins = 0;
    struct http_pair pairs[] = {{STR("year"), year}, {STR("next"), STR("")}, {STR("reiwa"), STR("")}};

    if (!str_to_int64(year, &begins)) {
        return year;
    }
    pairs[1].value = arena_format(display->arena, "%lld", (long long)begins + 1);
    pairs[2].value = arena_format(display->arena, "%lld", (long long)begins - 2018);
    return say(display->call, begins >= 2019 ? "fiscal-year-reiwa" : "fiscal-year", pairs, 3);
}

struct str display_period(const struct display *display, struct str period)
{
    size_t slash = str_find_byte(period, '/');

    if (str_starts_with(period, STR("FY"))) {
        return fiscal_year(display, str_slice(period, 2, period.len));
    }
    if (slash < period.len) {
        struct http_pair dates[] = {
            {STR("from"), display_date(display, str_slice(period, 0, slash))},
            {STR("to"), display_date(display, str_slice(period, slash + 1, period.len))},
        };
        return say(display->call, "date-range", dates, 2);
    }
    return display_date(display, period);
}

static struct str figure_number(const struct display *display, const struct value *figure)
{
    const struct value *value = value_get(figure, STR("value"));
    const struct value *low = value_get(figure, STR("low"));
    const struct value *high = value_get(figure, STR("high"));
    const struct value *precision = value_get(figure, STR("precision"));
    struct intl_amount amount = {0};
    int64_t power = 0;

    low = low == NULL ? (value != NULL ? value : high) : low;
    high = high == NULL ? low : high;
    if (low == NULL || low->kind != VALUE_NUMBER || high->kind != VALUE_NUMBER) {
        return STR("");
    }
    amount.low = low->number;
    amount.high = high->number;
    amount.has_precision = precision != NULL && precision->kind == VALUE_NUMBER &&
                           decimal_to_int64(precision->number, &power) && power > -19 && power < 19;
    amount.precision = (int)power;
    return intl_amount(display->arena, lang_codes[display->lang], amount);
}

/* The words of this unit's own where the language has them ("rank 5 or better"), else those of all units. */
static struct str say_of_unit(const struct display *display, struct str own, const char *msgid,
                              const struct http_pair *pairs, size_t count)
{
    bool has_own = !str_eq(words_get(display->call->site->words, display->lang, own), own);

    return say(display->call, has_own ? own.ptr : msgid, pairs, count);
}

static struct str with_unit(const struct display *display, struct str number, struct str unit, struct str code)
{
    struct http_pair pairs[] = {{STR("number"), number}, {STR("unit"), unit}};
    struct str own = arena_format(display->arena, "figure-with-unit-%.*s", STR_ARG(code));

    if (unit.len == 0) {
        return number;
    }
    if (str_starts_with(unit, STR("%"))) {
        return arena_concat(display->arena, 2, number, unit);
    }
    return say_of_unit(display, own, "figure-with-unit", pairs, 2);
}

/* Yen need no nation in front of them where every sum is in yen; ICU says "Japanese yen". */
static struct str currency_words(const struct display *display, struct str code)
{
    if (str_eq(code, STR("JPY"))) {
        return SAY(display->call, "yen");
    }
    return intl_currency(display->arena, lang_codes[display->lang], code);
}

static struct str unit_words(const struct display *display, struct str code)
{
    const struct vocabulary *units = model_vocabulary(display->call->site->model, STR("unit"));
    const struct term *term = units == NULL ? NULL : vocabulary_term(units, code);

    return term == NULL ? code : bilingual_best(term->label, display->lang);
}

static struct str qualified(const struct display *display, struct str figure, struct str qualifier, struct str code)
{
    static const struct {
        const char *qualifier;
        const char *msgid;
    } words[] = {{"about", "figure-about"}, {"at-least", "figure-at-least"}, {"at-most", "figure-at-most"}};
    struct http_pair pair = {STR("figure"), figure};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (str_eq(qualifier, str_from_cstr(words[i].qualifier))) {
            struct str own = arena_format(display->arena, "%s-%.*s", words[i].msgid, STR_ARG(code));
            return say_of_unit(display, own, words[i].msgid, &pair, 1);
        }
    }
    return figure;
}

/* What a figure is measured in: its own currency and unit, or those of its field. */
static void measure_of(const struct field *field, const struct value *figure, struct str *ret_currency,
                       struct str *ret_unit)
{
    *ret_currency = value_get_text(figure, STR("currency"));
    *ret_unit = value_get_text(figure, STR("unit"));
    if (ret_currency->len == 0 && ret_unit->len == 0) {
        *ret_currency = field->currency;
        *ret_unit = field->unit;
    }
}

struct str display_figure(const struct display *display, const struct field *field, const struct value *figure)
{
    struct str currency, unit;
    struct str period = value_get_text(figure, STR("period"));
    struct str words = figure_number(display, figure);

    measure_of(field, figure, &currency, &unit);
    if (currency.len > 0) {
        words = with_unit(display, words, currency_words(display, currency), currency);
    }
    if (unit.len > 0) {
        words = with_unit(display, words, unit_words(display, unit), unit);
    }
    words = qualified(display, words, value_get_text(figure, STR("qualifier")), unit);
    if (value_get_bool(figure, STR("estimated"))) {
        words = say(display->call, "figure-estimated", &(struct http_pair){STR("figure"), words}, 1);
    }
    if (period.len > 0) {
        struct http_pair pairs[] = {{STR("figure"), words}, {STR("period"), display_period(display, period)}};
        words = say(display->call, "figure-period", pairs, 2);
    }
    return words;
}

/* "2020", or "April 2020–March 2021". */
static struct str rate_days(const struct display *display, const struct exchange_rate *rate)
{
    char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
    struct str first = arena_copy(display->arena, (struct str){from, date_format(rate->from, from)});
    struct str last = arena_copy(display->arena, (struct str){to, date_format(rate->to, to)});

    return display_period(display,
                          str_eq(first, last) ? first : arena_concat(display->arena, 3, first, STR("/"), last));
}

struct value *display_converted(const struct display *display, const struct field *field, const struct value *figure)
{
    struct str currency, unit;
    struct http_pair when = {STR("when"), STR("")};
    const struct reg *rates = model_role(display->call->site->model, ROLE_EXCHANGE_RATE);
    struct exchange exchange;
    struct value *converted, *view;

    measure_of(field, figure, &currency, &unit);
    if (currency.len == 0 || display->record == NULL || rates == NULL) {
        return NULL;
    }
    converted = conversion_figure(display->conversion, display->reg, display->record, figure, currency, &exchange);
    if (converted == NULL) {
        return NULL;
    }
    view = value_object(display->arena);
    when.value = rate_days(display, exchange.rate);
    value_set(display->arena, converted, STR("estimated"), NULL); /* said once, beside the original */
    value_set(display->arena, converted, STR("unit"), NULL);
    value_set_text(display->arena, view, STR("text"), display_figure(display, field, converted));
    value_set_text(display->arena, view, STR("rate"), say(display->call, "at-rate", &when, 1));
    value_set_text(display->arena, view, STR("href"), display_record_href(display, rates, exchange.rate->id));
    return view;
}

static struct str geopoint_words(const struct display *display, const struct value *point)
{
    const struct value *lat = value_get(point, STR("lat"));
    const struct value *lon = value_get(point, STR("lon"));
    struct http_pair pair = {STR("point"), STR("")};
    char north[DECIMAL_TEXT_MAX], east[DECIMAL_TEXT_MAX];

    if (lat == NULL || lon == NULL || lat->kind != VALUE_NUMBER || lon->kind != VALUE_NUMBER) {
        return STR("");
    }
    decimal_format(lat->number, north);
    decimal_format(lon->number, east);
    pair.value = arena_format(display->arena, "%s, %s", north, east);
    return value_get_bool(point, STR("approximate")) ? say(display->call, "point-approximate", &pair, 1) : pair.value;
}

static struct str number_words(const struct display *display, const struct value *value)
{
    struct str lang = lang_codes[display->lang];
    int64_t integer;

    if (value->kind != VALUE_NUMBER) {
        return STR("");
    }
    if (decimal_to_int64(value->number, &integer)) {
        return intl_integer(display->arena, lang, integer);
    }
    return intl_number(display->arena, lang, value->number, 0);
}

static struct str time_words(const struct display *display, const struct value *value)
{
    int64_t time_ms;

    if (!time_parse(value_text_of(value), &time_ms)) {
        return value_text_of(value);
    }
    return intl_time(display->arena, lang_codes[display->lang], time_ms, display->zone);
}

/* ---- values ---- */

static struct value *wrap(struct arena *arena, struct str kind, struct value *inner)
{
    static const struct str kinds[] = {
        {"plain", 5},
        {"link", 4},
        {"outside", 7},
        {"prose", 5},
    };
    struct value *view = value_object(arena);

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        value_set(arena, view, kinds[i], str_eq(kinds[i], kind) ? inner : value_bool(arena, false));
    }
    value_set(arena, view, STR("converted"), value_bool(arena, false));
    return view;
}

static struct value *wrap_words(struct arena *arena, struct str words)
{
    return wrap(arena, STR("plain"), display_plain_text(arena, words));
}

static struct value *wrap_figure(const struct display *display, const struct field *field, const struct value *figure)
{
    struct value *view = wrap_words(display->arena, display_figure(display, field, figure));
    struct value *converted = display_converted(display, field, figure);

    if (converted != NULL) {
        value_set(display->arena, view, STR("converted"), converted);
    }
    return view;
}

/* A text with an address is a link, one without stays a text. */
static struct value *wrap_link(struct arena *arena, struct value *text)
{
    return wrap(arena, value_get(text, STR("href")) != NULL ? STR("link") : STR("plain"), text);
}

struct str display_record_href(const struct display *display, const struct reg *reg, struct str id)
{
    return arena_concat(display->arena, 7, STR("/"), lang_codes[display->lang], STR("/"), reg->name, STR("/"), id,
                        display->link_query);
}

struct value *display_link(const struct display *display, const struct reg *reg, const struct value *reference)
{
    struct str id = value_get_text(reference, STR("id"));
    struct bilingual label = value_bilingual(value_get(reference, STR("label")));
    struct value *view;

    if (bilingual_best(label, display->lang).len == 0) {
        return display_plain_text(display->arena, id);
    }
    view = display_text(display->arena, display->lang, label);
    value_set_text(display->arena, view, STR("href"), display_record_href(display, reg, id));
    return view;
}

static struct value *outside_link(struct arena *arena, struct str prefix, struct str text)
{
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("href"), arena_concat(arena, 2, prefix, text));
    value_set_text(arena, view, STR("text"), text);
    return wrap(arena, STR("outside"), view);
}

bool display_is_web_address(struct str text)
{
    return str_starts_with(text, STR("https://")) || str_starts_with(text, STR("http://"));
}

static struct value *display_string(const struct display *display, const struct field *field, const struct value *value)
{
    struct arena *arena = display->arena;
    struct bilingual text = value_bilingual(value);

    if (field->bilingual || value->kind == VALUE_OBJECT) {
        return field->format == TEXT_MARKDOWN ? wrap(arena, STR("prose"), display_prose(arena, display->lang, text))
                                              : wrap(arena, STR("plain"), display_text(arena, display->lang, text));
    }
    if (field->format == TEXT_MARKDOWN) {
        return wrap(arena, STR("prose"), display_prose(arena, display->lang, text));
    }
    if (field->format == TEXT_URI && display_is_web_address(text.in[0])) {
        return outside_link(arena, STR(""), text.in[0]);
    }
    if (field->format == TEXT_EMAIL) {
        return outside_link(arena, STR("mailto:"), text.in[0]);
    }
    if (field->check == CHECK_ORCID) {
        return outside_link(arena, STR("https://orcid.org/"), text.in[0]);
    }
    if (field->check == CHECK_ROR) {
        return outside_link(arena, STR("https://ror.org/"), text.in[0]);
    }
    return wrap_words(arena, text.in[0]);
}

/* A text, code, reference or party: alone or in a list. */
static struct value *display_item(const struct display *display, const struct field *field, const struct value *value)
{
    struct arena *arena = display->arena;
    const struct term *term;

    if (field->reference != NULL && value_get_text(value, STR("id")).len > 0) {
        return wrap_link(arena, display_link(display, field->reference, value));
    }
    if (field->reference != NULL) {
        struct bilingual name = value_bilingual(value_get(value, STR("name")));
        return wrap(arena, STR("plain"), display_text(arena, display->lang, name));
    }
    if (field->vocabulary != NULL) {
        term = vocabulary_term(field->vocabulary, value_text_of(value));
        if (term != NULL) {
            return wrap(arena, STR("plain"), display_text(arena, display->lang, term->label));
        }
        return wrap_words(arena, value_text_of(value));
    }
    return display_string(display, field, value);
}

static struct value *display_value(const struct display *display, const struct field *field, const struct value *value)
{
    struct arena *arena = display->arena;

    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_LIST:
        break;
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        return wrap_words(arena, number_words(display, value));
    case FIELD_FIGURE:
        return wrap_figure(display, field, value);
    case FIELD_BOOLEAN:
        return wrap_words(arena, SAY(display->call, value->boolean ? "yes" : "no"));
    case FIELD_DATE:
        return wrap_words(arena, display_date(display, value_text_of(value)));
    case FIELD_DATETIME:
        return wrap_words(arena, time_words(display, value));
    case FIELD_GEOPOINT:
        return wrap_words(arena, geopoint_words(display, value));
    }
    return display_item(display, field, value);
}

static struct value *row(const struct display *display, struct str title, struct str name, struct value *values,
                         bool wide)
{
    struct value *view = value_object(display->arena);

    value_set_text(display->arena, view, STR("title"), title);
    value_set_text(display->arena, view, STR("name"), name);
    value_set(display->arena, view, STR("values"), values);
    value_set(display->arena, view, STR("wide"), value_bool(display->arena, wide));
    return view;
}

struct value *display_field(const struct display *display, const struct field *field, const struct value *value)
{
    struct value *values = value_list(display->arena);
    bool list = field->type == FIELD_LIST && value->kind == VALUE_LIST;

    for (size_t i = 0; i < (list ? value_count(value) : 1); i++) {
        value_append(display->arena, values, display_value(display, field, list ? value_at(value, i) : value));
    }
    return row(display, bilingual_best(field->title, display->lang), field->name, values,
               field->format == TEXT_MARKDOWN || value_count(values) > 3);
}

struct value *display_row(const struct display *display, const char *title_msgid, struct str name, struct value *text)
{
    struct value *values = value_list(display->arena);

    value_append(display->arena, values, wrap_link(display->arena, text));
    return row(display, SAY(display->call, title_msgid), name, values, false);
}
