/* Mustache (https://mustache.github.io/mustache.5.html and its specification) to a tree. */
#include "web/template_internal.h"

#include <string.h>

#define MAX_DELIMITER 8

struct open_section {
    struct template_node *node;
    struct str name;
};

struct parser {
    struct templates *templates;
    struct template *template;
    const struct words *words;
    struct str content;
    size_t at;         /* first byte not consumed */
    size_t counted_to; /* line and column below are of this byte */
    uint32_t line;
    uint32_t column;
    struct str open; /* delimiters */
    struct str close;
    struct template_node **tail; /* where the next node is hung */
    struct open_section sections[TEMPLATE_MAX_DEPTH];
    size_t depth;
    struct err *err;
};

struct tag {
    char kind;         /* '#', '^', '/', '!', '=', '>', '&', '{', '_', or 0 for a variable */
    struct str inside; /* trimmed, without the kind */
    size_t start;      /* of the opening delimiter */
    size_t end;        /* after the closing one */
    size_t text_end;   /* where the text before it ends: `start`, or the beginning of its line when it stands alone */
    struct str indent; /* the blanks before a tag that stands alone */
    bool standalone;
    uint32_t line;
    uint32_t column;
};

/* ---- places ---- */

/* Moves the counted position on to `at`. */
static void count_to(struct parser *p, size_t at)
{
    for (; p->counted_to < at; p->counted_to++) {
        unsigned char c = (unsigned char)p->content.ptr[p->counted_to];
        if (c == '\n') {
            p->line++;
            p->column = 1;
        } else if ((c & 0xc0) != 0x80) {
            p->column++;
        }
    }
}

static int fail_at(struct parser *p, uint32_t line, uint32_t column, const char *what, struct str name)
{
    return err_set(p->err, ERR_INVALID, "%.*s:%u:%u: %s%s%.*s", STR_ARG(p->template->file_name), (unsigned)line,
                   (unsigned)column, what, name.len > 0 ? ": " : "", STR_ARG(name));
}

static int fail_tag(struct parser *p, const struct tag *tag, const char *what)
{
    return fail_at(p, tag->line, tag->column, what, tag->inside);
}

/* ---- nodes ---- */

static struct template_node *add_node(struct parser *p, enum node_kind kind, const struct tag *tag)
{
    struct template_node *node = ARENA_NEW(&p->templates->arena, struct template_node);
    node->kind = kind;
    node->line = tag ? tag->line : 0;
    node->column = tag ? tag->column : 0;
    *p->tail = node;
    p->tail = &node->next;
    return node;
}

static bool begins_line(const struct parser *p, size_t at)
{
    return at == 0 || p->content.ptr[at - 1] == '\n';
}

static void add_text(struct parser *p, size_t from, size_t to)
{
    if (from < to) {
        struct template_node *node = add_node(p, NODE_TEXT, NULL);
        node->text = str_slice(p->content, from, to);
        node->starts_line = begins_line(p, from);
    }
}

/* ---- names ---- */

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static int read_name(struct parser *p, const struct tag *tag, struct str text, struct template_name *ret_name)
{
    struct template_name name = {0};
    size_t dots = 0;
    if (str_eq(text, STR("."))) {
        *ret_name = name;
        return 0;
    }
    if (text.len == 0) {
        return fail_tag(p, tag, "a name is missing here");
    }
    for (size_t i = 0; i < text.len; i++) {
        bool dot = text.ptr[i] == '.' && i > 0 && i + 1 < text.len && text.ptr[i - 1] != '.';
        if (!dot && !is_name_byte(text.ptr[i])) {
            return fail_tag(p, tag, "a name is made of letters, digits, _ and -, joined by single dots");
        }
        dots += dot;
    }
    name.parts = ARENA_NEW_ARRAY(&p->templates->arena, dots + 1, struct template_part);
    bool done = false;
    struct str part;
    while (str_next_part(&text, '.', &done, &part)) {
        name.parts[name.count++] = (struct template_part){part, value_key_mark(part)};
    }
    *ret_name = name;
    return 0;
}

/* ---- tags ---- */

static bool only_blanks(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != ' ' && s.ptr[i] != '\t') {
            return false;
        }
    }
    return true;
}

static bool is_one_of(char c, struct str bytes)
{
    return str_find_byte(bytes, c) < bytes.len;
}

/* A tag that shows nothing itself and is alone on its line takes the line with it. */
static void check_standalone(const struct parser *p, struct tag *tag)
{
    struct str content = p->content;
    size_t line_start = tag->start;
    tag->text_end = tag->start;
    if (!is_one_of(tag->kind, STR("#^/!=>"))) {
        return;
    }
    while (!begins_line(p, line_start)) {
        line_start--;
    }
    struct str rest = str_slice(content, tag->end, content.len);
    struct str after = str_slice(rest, 0, str_find_byte(rest, '\n'));
    size_t line_end = tag->end + after.len + (after.len < rest.len ? 1 : 0);
    if (after.len > 0 && after.ptr[after.len - 1] == '\r' && after.len < rest.len) {
        after.len--;
    }
    struct str before = str_slice(content, line_start, tag->start);
    if (line_start < p->at || !only_blanks(before) || !only_blanks(after)) {
        return;
    }
    tag->standalone = true;
    tag->indent = before;
    tag->text_end = line_start;
    tag->end = line_end;
}

/* Reads the tag whose opening delimiter stands at `start`. */
static int read_tag(struct parser *p, size_t start, struct tag *ret_tag)
{
    struct tag tag = {.start = start};
    size_t inside = start + p->open.len;
    struct str closing = p->close;
    count_to(p, start);
    tag.line = p->line;
    tag.column = p->column;
    if (inside < p->content.len && is_one_of(p->content.ptr[inside], STR("#^/!=>&{"))) {
        tag.kind = p->content.ptr[inside++];
    } else if (inside + 1 < p->content.len && p->content.ptr[inside] == '_' && p->content.ptr[inside + 1] == ' ') {
        tag.kind = '_';
        inside++;
    }
    if (tag.kind == '{') {
        closing = arena_concat(&p->templates->arena, 2, STR("}"), p->close);
    } else if (tag.kind == '=') {
        closing = arena_concat(&p->templates->arena, 2, STR("="), p->close);
    }
    struct str rest = str_slice(p->content, inside, p->content.len);
    size_t length = str_find(rest, closing);
    if (length == SIZE_MAX) {
        return fail_at(p, tag.line, tag.column, "this tag is not closed; it ends with", closing);
    }
    tag.inside = str_trim(str_slice(rest, 0, length));
    tag.end = inside + length + closing.len;
    check_standalone(p, &tag);
    *ret_tag = tag;
    return 0;
}

/* `<a href={{x}}`: a name after a blank and '=' right before the tag. Not `href="/list?sort={{x}}"`. */
static bool is_unquoted_attribute(struct str before)
{
    size_t at = before.len;
    if (at == 0 || before.ptr[at - 1] != '=') {
        return false;
    }
    at--;
    while (at > 0 && (is_name_byte(before.ptr[at - 1]) || before.ptr[at - 1] == ':')) {
        at--;
    }
    return at > 0 && at + 1 < before.len && is_one_of(before.ptr[at - 1], STR(" \t\r\n"));
}

static int add_variable(struct parser *p, const struct tag *tag, bool raw)
{
    struct template_name name;
    if (read_name(p, tag, tag->inside, &name) < 0) {
        return -1;
    }
    if (raw && (name.count == 0 || !str_ends_with(name.parts[name.count - 1].name, STR("_html")))) {
        return fail_tag(p, tag, "only a name that ends in _html may go out without escaping");
    }
    if (is_unquoted_attribute(str_slice(p->content, 0, tag->start))) {
        return fail_tag(p, tag, "the value of an attribute must stand in quotation marks");
    }
    add_node(p, raw ? NODE_RAW : NODE_VARIABLE, tag)->name = name;
    return 0;
}

static int open_section(struct parser *p, const struct tag *tag)
{
    struct template_name name;
    if (read_name(p, tag, tag->inside, &name) < 0) {
        return -1;
    }
    if (p->depth == TEMPLATE_MAX_DEPTH) {
        return fail_tag(p, tag, "sections are nested too deeply");
    }
    struct template_node *node = add_node(p, tag->kind == '#' ? NODE_SECTION : NODE_INVERTED, tag);
    node->name = name;
    p->sections[p->depth++] = (struct open_section){node, tag->inside};
    p->tail = &node->children;
    return 0;
}

static int close_section(struct parser *p, const struct tag *tag)
{
    if (p->depth == 0) {
        return fail_tag(p, tag, "no section is open that could be closed here");
    }
    struct open_section *open = &p->sections[--p->depth];
    if (!str_eq(open->name, tag->inside)) {
        return err_set(p->err, ERR_INVALID, "%.*s:%u:%u: this closes %.*s, but %.*s is open since line %u",
                       STR_ARG(p->template->file_name), (unsigned)tag->line, (unsigned)tag->column,
                       STR_ARG(tag->inside), STR_ARG(open->name), (unsigned)open->node->line);
    }
    p->tail = &open->node->next;
    return 0;
}

static int add_partial(struct parser *p, const struct tag *tag)
{
    const struct template *partial = map_get(&p->templates->by_name, tag->inside);
    if (!partial) {
        return fail_tag(p, tag, "there is no such template");
    }
    struct template_node *node = add_node(p, NODE_PARTIAL, tag);
    node->partial = partial;
    node->text = tag->indent;
    node->standalone = tag->standalone;
    return 0;
}

static bool is_delimiter(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] <= ' ' || s.ptr[i] == '=' || s.ptr[i] == 0x7f) {
            return false;
        }
    }
    return s.len > 0 && s.len <= MAX_DELIMITER;
}

static int set_delimiters(struct parser *p, const struct tag *tag)
{
    size_t blank = 0;
    while (blank < tag->inside.len && (unsigned char)tag->inside.ptr[blank] > ' ') {
        blank++;
    }
    struct str open = str_slice(tag->inside, 0, blank);
    struct str close = str_trim(str_slice(tag->inside, blank, tag->inside.len));
    if (!is_delimiter(open) || !is_delimiter(close)) {
        return fail_tag(p, tag, "two delimiters are expected, without = in them, at most 8 bytes each");
    }
    p->open = open;
    p->close = close;
    return 0;
}

/* ---- words ---- */

/* Which of the tag's names a placeholder means, or NULL. */
static const struct str *find_name(const struct str *names, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(names[i], name)) {
            return &names[i];
        }
    }
    return NULL;
}

static struct str escaped_copy(struct arena *arena, struct str s)
{
    BUF_AUTO buf;
    buf_init(&buf, s.len * 6);
    html_escape(&buf, s);
    return arena_copy(arena, buf_str(&buf));
}

/* Takes "…%(name)…" apart; each placeholder must be one of the names, and sets its bit in *used. */
static int split_words(struct parser *p, const struct tag *tag, struct str text, const struct str *names, size_t count,
                       struct words_piece **ret_pieces, uint32_t *used)
{
    struct arena *arena = &p->templates->arena;
    struct words_piece **tail = ret_pieces;
    for (;;) {
        struct words_piece *piece = ARENA_NEW(arena, struct words_piece);
        size_t start = str_find(text, STR("%("));
        *tail = piece;
        tail = &piece->next;
        piece->literal = escaped_copy(arena, str_slice(text, 0, start));
        if (start == SIZE_MAX) {
            return 0;
        }
        text = str_slice(text, start + 2, text.len);
        size_t end = str_find_byte(text, ')');
        const struct str *name = find_name(names, count, str_slice(text, 0, end));
        if (end == text.len || !name) {
            return fail_tag(p, tag, "a translation has a %(name) that the tag does not give after |");
        }
        if (read_name(p, tag, *name, &piece->name) < 0) {
            return -1;
        }
        piece->has_name = true;
        *used |= 1U << (name - names);
        text = str_slice(text, end + 1, text.len);
    }
}

#define MAX_WORDS_NAMES 8

static int add_words(struct parser *p, const struct tag *tag)
{
    struct str names[MAX_WORDS_NAMES];
    size_t count = 0;
    bool done = false;
    struct str rest = tag->inside;
    struct str msgid;
    struct str name;
    str_next_part(&rest, '|', &done, &msgid);
    msgid = str_trim(msgid);
    while (str_next_part(&rest, '|', &done, &name)) {
        if (count == MAX_WORDS_NAMES) {
            return fail_tag(p, tag, "words are filled with at most 8 names");
        }
        names[count++] = str_trim(name);
    }
    struct template_node *node = add_node(p, NODE_WORDS, tag);
    for (enum lang lang = 0; lang < LANG_COUNT; lang++) {
        const struct str *text = words_find(p->words, lang, msgid);
        uint32_t used = 0;
        if (!text) {
            return err_set(p->err, ERR_INVALID, "%.*s:%u:%u: locale/%.*s.po has no translation of: %.*s",
                           STR_ARG(p->template->file_name), (unsigned)tag->line, (unsigned)tag->column,
                           STR_ARG(lang_codes[lang]), STR_ARG(msgid));
        }
        if (split_words(p, tag, *text, names, count, &node->words[lang], &used) < 0) {
            return -1;
        }
        if (used != (1U << count) - 1) {
            return fail_tag(p, tag, "a translation leaves out a %(name) that the tag gives after |");
        }
    }
    return 0;
}

/* ---- all together ---- */

static int take_tag(struct parser *p, const struct tag *tag)
{
    switch (tag->kind) {
    case '#':
    case '^':
        return open_section(p, tag);
    case '/':
        return close_section(p, tag);
    case '>':
        return add_partial(p, tag);
    case '=':
        return set_delimiters(p, tag);
    case '&':
    case '{':
        return add_variable(p, tag, true);
    case '_':
        return add_words(p, tag);
    case '!':
        return 0;
    default:
        return add_variable(p, tag, false);
    }
}

int template_parse(struct templates *templates, struct template *template, const struct words *words, struct err *err)
{
    struct parser p = {
        .templates = templates,
        .template = template,
        .words = words,
        .content = template->content,
        .line = 1,
        .column = 1,
        .open = STR("{{"),
        .close = STR("}}"),
        .tail = &template->nodes,
        .err = err,
    };
    while (p.at < p.content.len) {
        struct tag tag;
        size_t start = str_find(str_slice(p.content, p.at, p.content.len), p.open);
        if (start == SIZE_MAX) {
            break;
        }
        if (read_tag(&p, p.at + start, &tag) < 0) {
            return -1;
        }
        add_text(&p, p.at, tag.text_end);
        if (!tag.standalone && begins_line(&p, tag.start)) {
            add_node(&p, NODE_LINE, &tag);
        }
        if (take_tag(&p, &tag) < 0) {
            return -1;
        }
        p.at = tag.end;
    }
    add_text(&p, p.at, p.content.len);
    if (p.depth > 0) {
        const struct open_section *open = &p.sections[p.depth - 1];
        return fail_at(&p, open->node->line, open->node->column, "this section is not closed", open->name);
    }
    return 0;
}
