/* musubi hub-index: the secretariat's working paper. */
#include "insight/hub_index.h"

#include "base/date.h"
#include "base/message.h"
#include "cli/commands.h"
#include "cli/measured_words.h"
#include "desk/settings.h"

#include <math.h>

const struct cli_option hub_index_options[] = {
    {"method", CLI_TEXT, "ID", NULL, "a record of the register of methods; else every choice is its default"},
    {"year", CLI_NUMBER, "YEAR", NULL, "the newest figures up to this year; else the newest there are"},
    {"runs", CLI_NUMBER, "N", NULL, "how often the open choices are drawn, at most 1000000"},
    {"seed", CLI_NUMBER, "N", NULL, "where the draws begin: the same seed gives the same intervals"},
    {"lang", CLI_TEXT, "ja|en", "en", "the language of names"},
    {0},
};

#define RUNS_MAX 1000000
#define NAME_WIDTH 34
#define CANDIDATES_MAX 8

static const char *const normalisation_words[COMPOSITE_NORMALISATIONS] = {
    "between minimum and maximum", "distance from the mean in standard deviations", "rank", "ratio to the best",
    "as it is"};
static const char *const weighting_words[INDEX_WEIGHTINGS] = {"equal", "as given with each indicator",
                                                              "as given for this edition"};
static const char *const aggregation_words[COMPOSITE_AGGREGATIONS] = {"arithmetic mean", "geometric mean"};
static const char *const missing_words[COMPOSITE_MISSINGS] = {
    "the mean of what is known", "the indicator's mean instead", "only hubs with every figure"};

static struct str reason(struct cli *cli, const struct index_result *result)
{
    switch (result->state) {
    case INDEX_NO_INDICATOR:
        return str_from_cstr(
            message_text("Nothing is ranked: no indicator is marked for the index (\"In the composite index\")."));
    case INDEX_TOO_FEW_FIGURES:
        return arena_format(&cli->arena,
                            message_text("Nothing is ranked: none of the %zu indicators marked for the index has "
                                         "comparable figures for %zu hubs or more."),
                            result->indicator_count, result->least_known);
    case INDEX_TOO_FEW_UNITS:
        return arena_format(&cli->arena,
                            message_text("Nothing is ranked: %zu of %zu hubs have figures for enough of the %zu "
                                         "indicators, %zu are needed."),
                            result->units_used, result->unit_count, result->indicators_used, result->least_units);
    case INDEX_RANKED:
        break;
    }
    return STR("");
}

/* ---- for people ---- */

static void print_name(struct cli *cli, struct bilingual label, enum lang lang)
{
    struct str name = bilingual_best(label, lang);
    size_t letters = str_count_codepoints(name);
    size_t width = letters + (name.len - letters) / 2; /* a Japanese character is two columns wide */

    cli_print(cli, "%.*s%*s", STR_ARG(name), width < NAME_WIDTH ? (int)(NAME_WIDTH - width) : 1, "");
}

static void print_ranks(struct cli *cli, const struct index_result *result, enum lang lang)
{
    cli_print(cli, "\n rank  %-*s  score  interval  figures\n", NAME_WIDTH, "");
    for (size_t u = 0; u < result->unit_count; u++) {
        const struct index_unit *unit = &result->units[u];
        if (unit->used) {
            cli_print(cli, "%5u  ", unit->rank);
            print_name(cli, unit->label, lang);
            cli_print(cli, "  %5.1f  %3u - %-3u  %zu of %zu\n", unit->score, unit->interval.low, unit->interval.high,
                      unit->known, result->indicators_used);
        } else {
            cli_print(cli, "    -  ");
            print_name(cli, unit->label, lang);
            cli_print(cli, "      -             %zu of %zu\n", unit->known, result->indicators_used);
        }
    }
    cli_print(
        cli,
        "\nThe interval holds the rank in %.0f of 100 of %u runs (seed %llu) that drew normalisation, mean, rule for gaps "
        "and weights (each within %.0f%%).\n",
        100 * (result->high - result->low), result->runs, (unsigned long long)result->seed, 100 * result->spread);
}

/* Candidates, those with most hubs first. */
static void print_candidates(struct cli *cli, const struct index_result *result, enum lang lang)
{
    size_t printed = 0;

    for (size_t known = result->unit_count; known > 0; known--) {
        for (size_t i = 0; i < result->indicator_count && printed < CANDIDATES_MAX; i++) {
            if (result->indicators[i].known == known) {
                if (printed == 0) {
                    cli_print(cli, "Those with comparable figures for most hubs:\n\n");
                }
                print_name(cli, result->indicators[i].label, lang);
                cli_print(cli, "  %zu of %zu hubs\n", known, result->unit_count);
                printed++;
            }
        }
    }
}

static void print_indicators(struct cli *cli, const struct index_result *result, enum lang lang)
{
    if (result->state == INDEX_NO_INDICATOR) {
        print_candidates(cli, result, lang);
        return;
    }
    cli_print(cli, "\nindicator%*s  weight  hubs with a figure\n", NAME_WIDTH - 9, "");
    for (size_t i = 0; i < result->indicator_count; i++) {
        const struct index_indicator *indicator = &result->indicators[i];
        print_name(cli, indicator->label, lang);
        if (indicator->used) {
            cli_print(cli, "  %6.3f  %zu of %zu%s\n", indicator->weight, indicator->known, indicator->units,
                      indicator->down ? message_text(", less is better") : "");
        } else {
            cli_print(cli, "  unused  %zu of %zu\n", indicator->known, indicator->units);
        }
    }
}

static void print_result(struct cli *cli, const struct index_result *result, enum lang lang)
{
    if (result->year == 0) {
        cli_print(cli, "Composite index of the hubs: there is no figure of any year\n");
    } else {
        cli_print(cli, "Composite index of the hubs, figures up to %d, none older than %d\n", result->year,
                  result->year - result->years_back);
    }
    cli_print(cli, "normalisation: %s; weights: %s; %s; gaps: %s\n",
              message_text(normalisation_words[result->method.normalisation]),
              message_text(weighting_words[result->weighting]),
              message_text(aggregation_words[result->method.aggregation]),
              message_text(missing_words[result->method.missing]));
    if (result->state == INDEX_RANKED) {
        print_ranks(cli, result, lang);
    } else {
        cli_print(cli, "%.*s\n", STR_ARG(reason(cli, result)));
    }
    print_indicators(cli, result, lang);
}

/* ---- for machines ---- */

static struct value *number(struct cli *cli, double x)
{
    struct decimal decimal;

    if (isnan(x) || !decimal_from_double(x, &decimal)) {
        return value_null(&cli->arena);
    }
    return value_number(&cli->arena, decimal);
}

static struct value *count(struct cli *cli, size_t n)
{
    return value_int(&cli->arena, (int64_t)n);
}

static struct value *unit_value(struct cli *cli, const struct index_result *result, size_t at)
{
    struct arena *arena = &cli->arena;
    const struct index_unit *unit = &result->units[at];
    struct value *value = value_object(arena);
    struct value *figures = value_object(arena);

    value_set_text(arena, value, STR("id"), unit->id);
    value_set(arena, value, STR("known"), count(cli, unit->known));
    if (unit->used) {
        value_set(arena, value, STR("rank"), count(cli, unit->rank));
        value_set(arena, value, STR("score"), number(cli, unit->score));
        value_set(arena, value, STR("rank_low"), count(cli, unit->interval.low));
        value_set(arena, value, STR("rank_median"), count(cli, unit->interval.median));
        value_set(arena, value, STR("rank_high"), count(cli, unit->interval.high));
        value_set(arena, value, STR("rank_best"), count(cli, unit->interval.best));
        value_set(arena, value, STR("rank_worst"), count(cli, unit->interval.worst));
    }
    for (size_t i = 0; i < result->indicator_count; i++) {
        size_t cell = at * result->indicator_count + i;
        if (result->years[cell] != 0) {
            struct value *figure = value_object(arena);
            value_set(arena, figure, STR("value"), number(cli, result->figures[cell]));
            value_set(arena, figure, STR("year"), value_int(arena, result->years[cell]));
            value_set(arena, figures, result->indicators[i].id, figure);
        }
    }
    value_set(arena, value, STR("figures"), figures);
    return value;
}

static struct value *indicator_value(struct cli *cli, const struct index_indicator *indicator)
{
    struct value *value = value_object(&cli->arena);

    value_set_text(&cli->arena, value, STR("id"), indicator->id);
    value_set(&cli->arena, value, STR("used"), value_bool(&cli->arena, indicator->used));
    value_set(&cli->arena, value, STR("known"), count(cli, indicator->known));
    value_set(&cli->arena, value, STR("down"), value_bool(&cli->arena, indicator->down));
    value_set(&cli->arena, value, STR("weight"), number(cli, indicator->weight));
    return value;
}

static void print_machine(struct cli *cli, const struct index_result *result)
{
    struct arena *arena = &cli->arena;
    struct value *answer = value_object(arena);
    struct value *units = value_list(arena);
    struct value *indicators = value_list(arena);

    value_set(arena, answer, STR("ranked"), value_bool(arena, result->state == INDEX_RANKED));
    if (result->state != INDEX_RANKED) {
        value_set_text(arena, answer, STR("reason"), reason(cli, result));
    }
    value_set(arena, answer, STR("year"), value_int(arena, result->year));
    value_set_text(arena, answer, STR("normalisation"), index_normalisation_codes[result->method.normalisation]);
    value_set_text(arena, answer, STR("weighting"), index_weighting_codes[result->weighting]);
    value_set_text(arena, answer, STR("aggregation"), index_aggregation_codes[result->method.aggregation]);
    value_set_text(arena, answer, STR("missing"), index_missing_codes[result->method.missing]);
    value_set(arena, answer, STR("runs"), count(cli, result->runs));
    value_set(arena, answer, STR("seed"), value_int(arena, (int64_t)result->seed));
    value_set(arena, answer, STR("spread"), number(cli, result->spread));
    value_set(arena, answer, STR("interval_low"), number(cli, result->low));
    value_set(arena, answer, STR("interval_high"), number(cli, result->high));
    for (size_t u = 0; u < result->unit_count; u++) {
        value_append(arena, units, unit_value(cli, result, u));
    }
    for (size_t i = 0; i < result->indicator_count; i++) {
        value_append(arena, indicators, indicator_value(cli, &result->indicators[i]));
    }
    value_set(arena, answer, STR("hubs"), units);
    value_set(arena, answer, STR("indicators"), indicators);
    cli_print_json(cli, answer);
}

int command_hub_index(struct cli *cli)
{
    struct index_request request = {
        .model = cli->model,
        .method = cli_option_value(cli, "method"),
        .year = (int)cli_number(cli, "year"),
        .runs = (uint32_t)cli_number(cli, "runs"),
        .has_seed = cli_flag(cli, "seed"),
        .seed = (uint64_t)cli_number(cli, "seed"),
    };
    const struct value *roles = NULL;
    struct index_result result;
    struct desk_settings settings;
    enum lang lang;
    struct err err = {0};

    if (!lang_from_code(cli_option_value(cli, "lang"), &lang)) {
        cli_say(cli, "musubi: --lang is ja or en");
        return CLI_USAGE;
    }
    if (cli_number(cli, "runs") > RUNS_MAX || cli_number(cli, "year") > 9999) {
        cli_say(cli, "musubi: --runs is at most %d, --year at most 9999", RUNS_MAX);
        return CLI_USAGE;
    }
    READER_AUTO *reader = cli_reader(cli);
    if (reader == NULL) {
        return CLI_REFUSED;
    }
    request.figures = reader;
    request.methods = reader;
    if (desk_settings_read(cli->store, time_now_ms(), &cli->arena, &settings, &err) != 0) {
        return cli_fail(cli, &err);
    }
    request.zone = settings.zone;
    if (roles_read(&cli->arena, &roles, &err) != 0 || index_compute(roles, &request, &cli->arena, &result, &err) != 0) {
        return cli_fail(cli, &err);
    }
    for (size_t i = 0; i < result.indicator_count; i++) {
        cli_say_measured(cli, value_get(roles, STR("index")), result.indicators[i].computed, result.indicators[i].id,
                         result.indicators[i].measure);
    }
    if (cli_wants_json(cli)) {
        print_machine(cli, &result);
    } else {
        print_result(cli, &result, lang);
    }
    return CLI_DONE;
}
