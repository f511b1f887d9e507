/* The description of the API, made from the model: what does not depend on it stands in templates/openapi.json, and for
 * each register come its schema and its paths. */
#include "web/api.h"

#include "base/embed.h"
#include "exchange/represent.h"
#include "web/page.h"
#include "web/problem.h"
#include "web/query.h"
#include "web/route.h"

struct describing {
    struct arena *arena;
    struct value *paths;
    struct value *schemas;
    struct value *tags;
};

/* ---- small pieces ---- */

static struct value *reference(struct arena *arena, const char *kind, const char *name)
{
    struct value *value = value_object(arena);

    value_set_text(arena, value, STR("$ref"), arena_format(arena, "#/components/%s/%s", kind, name));
    return value;
}

static struct value *schema_reference(struct arena *arena, const char *name)
{
    return reference(arena, "schemas", name);
}

static struct value *typed(struct arena *arena, const char *type)
{
    struct value *value = value_object(arena);

    value_set_text(arena, value, STR("type"), str_from_cstr(type));
    return value;
}

static struct value *list_of(struct arena *arena, struct value *items)
{
    struct value *value = typed(arena, "array");

    value_set(arena, value, STR("items"), items);
    return value;
}

/* "title: description", in English. */
static struct str words_of(struct arena *arena, struct bilingual title, struct bilingual description)
{
    struct str about = bilingual_best(description, LANG_EN);

    return about.len == 0 ? bilingual_best(title, LANG_EN)
                          : arena_concat(arena, 3, bilingual_best(title, LANG_EN), STR(": "), about);
}

/* ---- schemas ---- */

static struct value *text_schema(struct arena *arena, const struct field *field)
{
    struct value *schema;
    struct value *codes;

    if (field->reference != NULL) {
        return schema_reference(arena, field->party ? "Party" : "Reference");
    }
    if (field->bilingual) {
        return schema_reference(arena, "Text");
    }
    schema = typed(arena, "string");
    if (field->vocabulary != NULL) {
        codes = value_list(arena);
        for (size_t i = 0; i < field->vocabulary->term_count; i++) {
            value_append(arena, codes, value_text(arena, field->vocabulary->terms[i].code));
        }
        value_set(arena, schema, STR("enum"), codes);
    } else if (field->format == TEXT_URI || field->format == TEXT_EMAIL) {
        value_set_text(arena, schema, STR("format"), field->format == TEXT_URI ? STR("uri") : STR("email"));
    }
    return schema;
}

static struct value *number_schema(struct arena *arena, const struct field *field)
{
    struct value *schema = typed(arena, field->type == FIELD_INTEGER ? "integer" : "number");

    if (field->has_minimum) {
        value_set(arena, schema, STR("minimum"), value_number(arena, field->minimum));
    }
    if (field->has_maximum) {
        value_set(arena, schema, STR("maximum"), value_number(arena, field->maximum));
    }
    return schema;
}

static struct value *field_schema(struct arena *arena, const struct field *field)
{
    struct value *schema;

    switch (field->type) {
    case FIELD_TEXT:
        return text_schema(arena, field);
    case FIELD_LIST:
        return list_of(arena, text_schema(arena, field));
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        return number_schema(arena, field);
    case FIELD_FIGURE:
        return schema_reference(arena, "Figure");
    case FIELD_BOOLEAN:
        return typed(arena, "boolean");
    case FIELD_DATE:
        return schema_reference(arena, "Date");
    case FIELD_GEOPOINT:
        return schema_reference(arena, "Geopoint");
    case FIELD_DATETIME:
        break;
    }
    schema = typed(arena, "string");
    value_set_text(arena, schema, STR("format"), STR("date-time"));
    return schema;
}

/* What every record has besides its register's fields. */
static void add_common(struct arena *arena, struct value *properties)
{
    struct value *visibility = typed(arena, "string");
    struct value *names = value_list(arena);

    for (size_t v = 0; v < VISIBILITY_COUNT; v++) {
        value_append(arena, names, value_text(arena, visibility_names[v]));
    }
    value_set(arena, visibility, STR("enum"), names);
    value_set(arena, properties, STR("id"), schema_reference(arena, "Id"));
    value_set(arena, properties, STR("owner"), schema_reference(arena, "Reference"));
    value_set(arena, properties, STR("visibility"), visibility);
    value_set(arena, properties, STR("from"), schema_reference(arena, "Date"));
    value_set(arena, properties, STR("to"), schema_reference(arena, "Date"));
    value_set(arena, properties, STR("attested_on"), schema_reference(arena, "Date"));
}

static bool has_own_answer(struct arena *arena, const struct reg *reg)
{
    return route_serves(arena_format(arena, "/api/v1/%.*s/{id}", STR_ARG(reg->name)));
}

static void add_schema(struct describing *describing, const struct reg *reg)
{
    struct arena *arena = describing->arena;
    struct value *schema = typed(arena, "object");
    struct value *properties = value_object(arena);
    struct value *required = value_list(arena);

    add_common(arena, properties);
    value_append(arena, required, value_text(arena, STR("id")));
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        struct value *member;
        if (field->visibility != VISIBILITY_PUBLIC) {
            continue;
        }
        member = field_schema(arena, field);
        value_set_text(arena, member, STR("description"), words_of(arena, field->title, field->description));
        value_set(arena, properties, field->name, member);
    }
    value_set(arena, properties, STR("sources"), list_of(arena, schema_reference(arena, "Source")));
    value_set(arena, properties, STR("redacted"), list_of(arena, typed(arena, "string")));
    value_set_text(arena, schema, STR("description"), words_of(arena, reg->title, reg->description));
    value_set(arena, schema, STR("properties"), properties);
    value_set(arena, schema, STR("required"), required);
    /* An address of its own for the records of a register gives them with what an engine has computed. */
    value_set(arena, schema, STR("additionalProperties"), value_bool(arena, has_own_answer(arena, reg)));
    value_set(arena, describing->schemas, reg->name, schema);
}

static struct value *page_schema(struct arena *arena, struct value *items, bool with_total)
{
    struct value *schema = typed(arena, "object");
    struct value *properties = value_object(arena);
    struct value *required = value_list(arena);
    struct value *next = value_object(arena);
    struct value *types = value_list(arena);

    if (with_total) {
        value_set(arena, properties, STR("total"), typed(arena, "integer"));
        value_set(arena, properties, STR("total_exact"), typed(arena, "boolean"));
    }
    value_append(arena, types, value_text(arena, STR("string")));
    value_append(arena, types, value_text(arena, STR("null")));
    value_set(arena, next, STR("type"), types);
    value_set_text(arena, next, STR("description"), STR("The cursor of the next page, null on the last one"));
    value_set(arena, properties, STR("items"), list_of(arena, items));
    value_set(arena, properties, STR("next"), next);
    for (size_t i = 0; i < properties->object.count; i++) {
        value_append(arena, required, value_text(arena, properties->object.members[i].key));
    }
    value_set(arena, schema, STR("properties"), properties);
    value_set(arena, schema, STR("required"), required);
    value_set(arena, schema, STR("additionalProperties"), value_bool(arena, false));
    return schema;
}

static struct value *side_schema(struct arena *arena, const struct reg *reg)
{
    struct value *schema = value_object(arena);
    struct value *either = value_list(arena);

    value_append(arena, either, reference(arena, "schemas", arena_copy(arena, reg->name).ptr));
    value_append(arena, either, typed(arena, "null"));
    value_set(arena, schema, STR("oneOf"), either);
    return schema;
}

static struct value *revision_schema(struct arena *arena, const struct reg *reg)
{
    static const struct {
        const char *name;
        const char *type;
    } plain[] = {{"seq", "integer"},   {"kind", "string"},   {"at", "string"},
                 {"author", "string"}, {"reason", "string"}, {"change_set", "integer"}};
    struct value *schema = typed(arena, "object");
    struct value *properties = value_object(arena);

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        value_set(arena, properties, str_from_cstr(plain[i].name), typed(arena, plain[i].type));
    }
    value_set(arena, properties, STR("sources"), list_of(arena, schema_reference(arena, "Source")));
    value_set(arena, properties, STR("changed"), list_of(arena, typed(arena, "string")));
    value_set(arena, properties, STR("before"), side_schema(arena, reg));
    value_set(arena, properties, STR("after"), side_schema(arena, reg));
    value_set(arena, schema, STR("properties"), properties);
    value_set(arena, schema, STR("additionalProperties"), value_bool(arena, false));
    return schema;
}

/* ---- parameters ---- */

static void add_shared(struct arena *arena, struct value *parameters, const char *name)
{
    value_append(arena, parameters, reference(arena, "parameters", name));
}

/* What a filter's value is: an item of a list, an id for a reference. */
static struct value *filter_schema(struct arena *arena, const struct field *field)
{
    if (field->reference != NULL) {
        return schema_reference(arena, "Id");
    }
    if (field->bilingual) {
        return typed(arena, "string");
    }
    if (field->type == FIELD_LIST) {
        return text_schema(arena, field);
    }
    return field->type == FIELD_FIGURE ? typed(arena, "number") : field_schema(arena, field);
}

static void add_filters(struct arena *arena, struct value *parameters, const struct reg *reg)
{
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        struct value *parameter;
        if (!query_can_filter(field, VISIBILITY_PUBLIC)) {
            continue;
        }
        parameter = value_object(arena);
        value_set_text(arena, parameter, STR("name"), field->name);
        value_set_text(arena, parameter, STR("in"), STR("query"));
        value_set_text(arena, parameter, STR("description"), words_of(arena, field->title, field->description));
        value_set(arena, parameter, STR("schema"), filter_schema(arena, field));
        value_append(arena, parameters, parameter);
    }
    add_shared(arena, parameters, "owner");
}

static void add_sort(struct arena *arena, struct value *parameters, const struct reg *reg)
{
    struct value *parameter = value_object(arena);
    struct value *schema = typed(arena, "string");
    struct value *names = value_list(arena);

    value_append(arena, names, value_text(arena, STR("id")));
    value_append(arena, names, value_text(arena, STR("-id")));
    for (size_t i = 0; i < reg->field_count; i++) {
        struct str name = reg->fields[i].name;
        if (query_can_sort(&reg->fields[i], VISIBILITY_PUBLIC)) {
            value_append(arena, names, value_text(arena, name));
            value_append(arena, names, value_text(arena, arena_concat(arena, 2, STR("-"), name)));
        }
    }
    value_set(arena, schema, STR("enum"), names);
    value_set_text(arena, parameter, STR("name"), STR("sort"));
    value_set_text(arena, parameter, STR("in"), STR("query"));
    value_set_text(arena, parameter, STR("description"), STR("The field to order by; with a minus, backwards"));
    value_set(arena, parameter, STR("schema"), schema);
    value_append(arena, parameters, parameter);
}

/* ---- paths ---- */

static struct value *success(struct arena *arena, const char *description, struct str media_type, struct value *schema)
{
    struct value *response = value_object(arena);
    struct value *content = value_object(arena);
    struct value *body = value_object(arena);
    struct value *headers = value_object(arena);

    value_set(arena, headers, STR("ETag"), reference(arena, "headers", "ETag"));
    value_set(arena, body, STR("schema"), schema);
    value_set(arena, content, media_type, body);
    value_set_text(arena, response, STR("description"), str_from_cstr(description));
    value_set(arena, response, STR("headers"), headers);
    value_set(arena, response, STR("content"), content);
    return response;
}

struct operation {
    const char *name; /* "list" */
    struct str summary;
    struct value *parameters;
    struct value *success;
    bool moves;
};

static void add_operation(struct describing *describing, const struct reg *reg, struct str path,
                          const struct operation *operation)
{
    struct arena *arena = describing->arena;
    struct value *item = value_object(arena);
    struct value *get = value_object(arena);
    struct value *tags = value_list(arena);
    struct value *responses = value_object(arena);

    value_append(arena, tags, value_text(arena, reg->name));
    value_set(arena, responses, STR("200"), operation->success);
    value_set(arena, responses, STR("304"), reference(arena, "responses", "Unchanged"));
    if (operation->moves) {
        value_set(arena, responses, STR("308"), reference(arena, "responses", "Moved"));
        value_set(arena, responses, STR("404"), reference(arena, "responses", "Problem"));
        value_set(arena, responses, STR("410"), reference(arena, "responses", "Problem"));
    }
    value_set(arena, responses, STR("400"), reference(arena, "responses", "Problem"));
    value_set_text(arena, get, STR("operationId"), arena_format(arena, "%s-%.*s", operation->name, STR_ARG(reg->name)));
    value_set_text(arena, get, STR("summary"), operation->summary);
    value_set(arena, get, STR("tags"), tags);
    value_set(arena, get, STR("parameters"), operation->parameters);
    value_set(arena, get, STR("responses"), responses);
    value_set(arena, item, STR("get"), get);
    value_set(arena, describing->paths, path, item);
}

static struct value *list_parameters(struct arena *arena, const struct reg *reg)
{
    static const char *const shared[] = {"limit", "cursor", "on", "as_of", "lang"};
    struct value *parameters = value_list(arena);

    add_filters(arena, parameters, reg);
    add_sort(arena, parameters, reg);
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        add_shared(arena, parameters, shared[i]);
    }
    return parameters;
}

static void add_list_path(struct describing *describing, const struct reg *reg, struct str path)
{
    struct arena *arena = describing->arena;
    struct str title = bilingual_best(reg->title, LANG_EN);
    struct value *items = reference(arena, "schemas", arena_copy(arena, reg->name).ptr);
    struct value *found =
        success(arena, "A page of the list", STR("application/json"), page_schema(arena, items, true));

    value_set(arena, (struct value *)value_get(found, STR("headers")), STR("Link"),
              reference(arena, "headers", "Link"));
    add_operation(describing, reg, path,
                  &(struct operation){
                      .name = "list",
                      .summary = arena_concat(arena, 2, STR("List: "), title),
                      .parameters = list_parameters(arena, reg),
                      .success = found,
                  });
}

static void add_form_paths(struct describing *describing, const struct reg *reg, struct str path)
{
    struct arena *arena = describing->arena;

    for (int form = 0; form < REPRESENT_COUNT; form++) {
        struct str extension = representation_extension((enum representation)form);
        struct str media_type = representation_media_type((enum representation)form);
        struct value *content = value_object(arena);
        if (!representation_fits(reg, (enum representation)form)) {
            continue;
        }
        media_type = str_trim(str_slice(media_type, 0, str_find_byte(media_type, ';')));
        add_operation(describing, reg, arena_concat(arena, 3, path, STR("."), extension),
                      &(struct operation){
                          .name = arena_copy(arena, extension).ptr,
                          .summary = arena_format(arena, "The whole list as %.*s: %.*s", STR_ARG(extension),
                                                  STR_ARG(bilingual_best(reg->title, LANG_EN))),
                          .parameters = list_parameters(arena, reg),
                          .success = success(arena, "Everything that was asked for", media_type, content),
                      });
    }
}

static void add_record_paths(struct describing *describing, const struct reg *reg, struct str path)
{
    static const char *const of_record[] = {"id", "as_of", "lang"};
    static const char *const of_history[] = {"id", "limit", "cursor", "as_of", "lang"};
    struct arena *arena = describing->arena;
    struct str name = bilingual_best(reg->singular, LANG_EN);
    struct value *record = reference(arena, "schemas", arena_copy(arena, reg->name).ptr);
    struct value *history = page_schema(arena, revision_schema(arena, reg), false);
    struct value *parameters = value_list(arena);
    struct value *history_parameters = value_list(arena);

    name = name.len == 0 ? bilingual_best(reg->title, LANG_EN) : name;
    for (size_t i = 0; i < sizeof of_record / sizeof of_record[0]; i++) {
        add_shared(arena, parameters, of_record[i]);
    }
    for (size_t i = 0; i < sizeof of_history / sizeof of_history[0]; i++) {
        add_shared(arena, history_parameters, of_history[i]);
    }
    add_operation(describing, reg, arena_concat(arena, 2, path, STR("/{id}")),
                  &(struct operation){
                      .name = "get",
                      .summary = arena_concat(arena, 2, STR("One record: "), name),
                      .parameters = parameters,
                      .success = success(arena, "The record", STR("application/json"), record),
                      .moves = true,
                  });
    add_operation(describing, reg, arena_concat(arena, 2, path, STR("/{id}/history")),
                  &(struct operation){
                      .name = "history",
                      .summary = arena_concat(arena, 2, STR("Its revisions, newest first: "), name),
                      .parameters = history_parameters,
                      .success = success(arena, "Revisions", STR("application/json"), history),
                      .moves = true,
                  });
}

static void add_register(struct describing *describing, const struct reg *reg)
{
    struct arena *arena = describing->arena;
    struct str path = arena_concat(arena, 2, STR("/api/v1/"), reg->name);
    struct value *tag = value_object(arena);

    value_set_text(arena, tag, STR("name"), reg->name);
    value_set_text(arena, tag, STR("description"), words_of(arena, reg->title, reg->description));
    value_append(arena, describing->tags, tag);
    add_schema(describing, reg);
    add_list_path(describing, reg, path);
    add_form_paths(describing, reg, path);
    add_record_paths(describing, reg, path);
}

/* ---- the document ---- */

static void add_info(struct arena *arena, struct value *document, const struct community *community)
{
    struct value *info = (struct value *)value_get(document, STR("info"));
    struct value *licence = value_object(arena);

    value_set_text(arena, info, STR("title"), bilingual_best(community->name, LANG_EN));
    value_set_text(arena, licence, STR("name"),
                   community->licence.len > 0 ? community->licence : STR("AGPL-3.0-or-later"));
    if (community->licence.len > 0 && community->licence_url.len > 0) {
        value_set_text(arena, licence, STR("url"), community->licence_url);
    } else {
        value_set_text(arena, licence, STR("identifier"), value_get_text(licence, STR("name")));
    }
    value_set(arena, info, STR("license"), licence);
}

static int build_document(struct call *call, const struct community *community, struct value **ret_document,
                          struct err *err)
{
    const struct embedded_file *file = embed_find("templates/openapi.json");
    const struct model *model = call->site->model;
    struct describing describing = {.arena = call->arena};
    struct value *document = NULL;

    if (file == NULL ||
        json_read(call->arena, str_make((const char *)file->data, file->size), NULL, &document, err) != 0) {
        return err_prefix(err, "templates/openapi.json");
    }
    describing.paths = (struct value *)value_get(document, STR("paths"));
    describing.schemas = (struct value *)value_get(value_get(document, STR("components")), STR("schemas"));
    describing.tags = (struct value *)value_get(document, STR("tags"));
    for (size_t i = 0; i < model->register_count; i++) {
        if (model->registers[i].visibility == VISIBILITY_PUBLIC) {
            add_register(&describing, &model->registers[i]);
        }
    }
    add_info(call->arena, document, community);
    *ret_document = document;
    return 0;
}

void api_openapi(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct read_options options = {.lang = LANG_EN};
    struct community community;
    struct value *document = NULL;
    struct err err = {0};

    if (!api_takes_no_query(call) || call_read(call, &options, &reader) != 0) {
        return;
    }
    if (community_read(call, reader, &community, &err) != 0 || build_document(call, &community, &document, &err) != 0) {
        struct problem problem = problem_from_err(&err);
        problem_send(call, &problem);
        return;
    }
    call_send_json(call, document, "application/json", 0);
}
