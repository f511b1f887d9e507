#include "web/template.h"

#include "base/memory.h"
#include "web/template_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define MAX_STEPS 10000000U

/* ---- escaping ---- */

static struct str reference_for(char c)
{
    switch (c) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '"':
        return STR("&quot;");
    default:
        return STR("&#39;");
    }
}

void html_escape(struct buf *out, struct str s)
{
    size_t start = 0;
    for (size_t at; (at = str_find_markup(s, start)) < s.len; start = at + 1) {
        buf_add(out, str_make(s.ptr + start, at - start));
        buf_add(out, reference_for(s.ptr[at]));
    }
    buf_add(out, str_make(s.ptr + start, s.len - start));
}

/* ---- compiling ---- */

static int add_template(struct templates *templates, const struct template_file *file, struct err *err)
{
    struct arena *arena = &templates->arena;
    struct template *template = ARENA_NEW(arena, struct template);
    template->file_name = arena_copy(arena, file->name);
    template->content = arena_copy(arena, file->content);
    template->name = template->file_name;
    if (!str_ends_with(file->name, STR(".html")) || file->name.len == 5) {
        return err_set(err, ERR_INVALID, "%.*s:1:1: a template's name must end in .html", STR_ARG(file->name));
    }
    template->name.len -= 5;
    if (!str_is_utf8(file->content)) {
        return err_set(err, ERR_INVALID, "%.*s:1:1: the file is not UTF-8", STR_ARG(file->name));
    }
    if (map_get(&templates->by_name, template->name)) {
        return err_set(err, ERR_INVALID, "%.*s:1:1: there are two templates of this name", STR_ARG(file->name));
    }
    map_set(&templates->by_name, template->name, template);
    return 0;
}

static int compile_all(struct templates *templates, const struct template_file *files, size_t count,
                       const struct words *words, struct err *err)
{
    /* All names first, so that templates may include one another in any order. */
    for (size_t i = 0; i < count; i++) {
        if (add_template(templates, &files[i], err) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct str name = str_slice(files[i].name, 0, files[i].name.len - 5);
        if (template_parse(templates, map_get(&templates->by_name, name), words, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int templates_compile(const struct template_file *files, size_t count, const struct words *words,
                      struct templates **ret_templates, struct err *err)
{
    struct templates *templates = memory_alloc(sizeof *templates);
    arena_init(&templates->arena, ARENA_MAX_BYTES);
    map_init(&templates->by_name, &templates->arena);
    if (compile_all(templates, files, count, words, err) < 0) {
        templates_free(templates);
        return -1;
    }
    *ret_templates = templates;
    return 0;
}

void templates_free(struct templates *templates)
{
    if (templates) {
        arena_free(&templates->arena);
        free(templates);
    }
}

/* ---- rendering ---- */

struct renderer {
    enum lang lang;
    const struct template *template; /* being rendered, for messages */
    const struct value *contexts[2 * TEMPLATE_MAX_DEPTH + 1];
    size_t context_count;
    unsigned depth;     /* of sections and partials */
    unsigned steps;     /* nodes rendered so far */
    struct str indents; /* what every line of the present template begins with */
    struct arena *scratch;
    struct buf *out;
    struct err *err;
};

static int render_nodes(struct renderer *r, const struct template_node *node);

static int fail_node(struct renderer *r, const struct template_node *node, enum err_code code, const char *what)
{
    return err_set(r->err, code, "%.*s:%u:%u: %s", STR_ARG(r->template->file_name), (unsigned)node->line,
                   (unsigned)node->column, what);
}

/* The first part is looked for from the innermost context outwards; the others only inside what was found. */
static const struct value *look_up(const struct renderer *r, const struct template_name *name)
{
    const struct value *found = NULL;
    if (name->count == 0) {
        return r->contexts[r->context_count - 1];
    }
    for (size_t i = r->context_count; i > 0 && !found; i--) {
        found = value_get_marked(r->contexts[i - 1], name->parts[0].name, name->parts[0].mark);
    }
    for (size_t i = 1; i < name->count; i++) {
        found = value_get_marked(found, name->parts[i].name, name->parts[i].mark);
    }
    return found;
}

/* Missing, null, false, an empty list and empty text are nothing to show; the number 0 is something. */
static bool is_shown(const struct value *value)
{
    if (value_is_null(value)) {
        return false;
    }
    switch (value->kind) {
    case VALUE_BOOL:
        return value->boolean;
    case VALUE_LIST:
        return value->list.count > 0;
    case VALUE_TEXT:
        return value->text.len > 0;
    default:
        return true;
    }
}

/* Text and numbers; false for what has no text. */
static bool add_value(struct buf *out, const struct value *value, bool raw)
{
    char number[DECIMAL_TEXT_MAX];
    if (value_is_null(value)) {
        return true;
    }
    switch (value->kind) {
    case VALUE_TEXT:
        if (raw) {
            buf_add(out, value->text);
        } else {
            html_escape(out, value->text);
        }
        return true;
    case VALUE_NUMBER:
        buf_add(out, str_make(number, decimal_format(value->number, number)));
        return true;
    case VALUE_BOOL:
        buf_add(out, value->boolean ? STR("true") : STR("false"));
        return true;
    default:
        return false;
    }
}

static int render_variable(struct renderer *r, const struct template_node *node)
{
    if (!add_value(r->out, look_up(r, &node->name), node->kind == NODE_RAW)) {
        return fail_node(r, node, ERR_INTERNAL, "the view has a list or an object where text should go out");
    }
    return 0;
}

static int render_words(struct renderer *r, const struct template_node *node)
{
    for (const struct words_piece *piece = node->words[r->lang]; piece; piece = piece->next) {
        buf_add(r->out, piece->literal);
        if (piece->has_name && !add_value(r->out, look_up(r, &piece->name), false)) {
            return fail_node(r, node, ERR_INTERNAL, "the view has a list or an object where text should go out");
        }
    }
    return 0;
}

static int render_children(struct renderer *r, const struct template_node *node, const struct value *context)
{
    r->contexts[r->context_count++] = context;
    int result = render_nodes(r, node->children);
    r->context_count--;
    return result;
}

static int render_section(struct renderer *r, const struct template_node *node)
{
    const struct value *value = look_up(r, &node->name);
    if (is_shown(value) != (node->kind == NODE_SECTION)) {
        return 0;
    }
    if (++r->depth > TEMPLATE_MAX_DEPTH) {
        return fail_node(r, node, ERR_LIMIT, "sections and partials are nested too deeply");
    }
    int result = 0;
    if (node->kind == NODE_INVERTED) {
        result = render_nodes(r, node->children);
    } else if (value->kind != VALUE_LIST) {
        result = render_children(r, node, value);
    } else {
        for (size_t i = 0; i < value->list.count && result == 0; i++) {
            result = render_children(r, node, value->list.items[i]);
        }
    }
    r->depth--;
    return result;
}

static int render_partial(struct renderer *r, const struct template_node *node)
{
    const struct template *outer = r->template;
    struct str indents = r->indents;
    if (++r->depth > TEMPLATE_MAX_DEPTH) {
        return fail_node(r, node, ERR_LIMIT, "sections and partials are nested too deeply");
    }
    if (!node->standalone) {
        r->indents = STR("");
    } else if (node->text.len > 0) {
        r->indents = arena_concat(r->scratch, 2, indents, node->text);
    }
    r->template = node->partial;
    int result = render_nodes(r, node->partial->nodes);
    r->template = outer;
    r->indents = indents;
    r->depth--;
    return result;
}

/* Text inside an indented partial: every line that begins in it gets the indentation. */
static void add_indented(struct renderer *r, const struct template_node *node)
{
    struct str text = node->text;
    bool at_start = node->starts_line;
    while (text.len > 0) {
        size_t end = str_find_byte(text, '\n');
        if (at_start) {
            buf_add(r->out, r->indents);
        }
        buf_add(r->out, str_slice(text, 0, end + 1));
        text = str_slice(text, end + 1, text.len);
        at_start = true;
    }
}

static int render_node(struct renderer *r, const struct template_node *node)
{
    switch (node->kind) {
    case NODE_TEXT:
        if (r->indents.len > 0) {
            add_indented(r, node);
        } else {
            buf_add(r->out, node->text);
        }
        return 0;
    case NODE_LINE:
        buf_add(r->out, r->indents);
        return 0;
    case NODE_VARIABLE:
    case NODE_RAW:
        return render_variable(r, node);
    case NODE_SECTION:
    case NODE_INVERTED:
        return render_section(r, node);
    case NODE_PARTIAL:
        return render_partial(r, node);
    case NODE_WORDS:
        return render_words(r, node);
    }
    return 0;
}

static int render_nodes(struct renderer *r, const struct template_node *node)
{
    for (; node; node = node->next) {
        /* Nested sections over lists can ask for more turns than there are atoms, without writing a byte. */
        if (++r->steps > MAX_STEPS) {
            return fail_node(r, node, ERR_LIMIT, "the page has more parts than a page may have");
        }
        if (render_node(r, node) < 0) {
            return -1;
        }
        if (r->out->overflow) {
            return err_set(r->err, ERR_LIMIT, "%.*s: the page is larger than %zu bytes",
                           STR_ARG(r->template->file_name), r->out->max);
        }
    }
    return 0;
}

int templates_render(const struct templates *templates, struct str name, enum lang lang, const struct value *view,
                     struct buf *out, struct err *err)
{
    const struct template *template = map_get(&templates->by_name, name);
    assert(template);
    ARENA_AUTO scratch;
    arena_init(&scratch, ARENA_MAX_BYTES);
    struct renderer renderer = {
        .lang = lang,
        .template = template,
        .contexts = {view},
        .context_count = 1,
        .scratch = &scratch,
        .indents = STR(""),
        .out = out,
        .err = err,
    };
    return render_nodes(&renderer, template->nodes);
}
