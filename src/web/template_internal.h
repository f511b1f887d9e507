/* What the template compiler makes and the renderer walks. Included by src/web/template*.c only. */
#ifndef MUSUBI_WEB_TEMPLATE_INTERNAL_H
#define MUSUBI_WEB_TEMPLATE_INTERNAL_H

#include "web/template.h"

#define TEMPLATE_MAX_DEPTH 32

enum node_kind {
    NODE_TEXT,     /* text, as it goes out */
    NODE_LINE,     /* a line begins here with a tag: the indentation of a partial goes here */
    NODE_VARIABLE, /* name, escaped */
    NODE_RAW,      /* name, not escaped */
    NODE_SECTION,  /* name, children */
    NODE_INVERTED, /* name, children */
    NODE_PARTIAL,  /* partial, text: the blanks before it when it stands alone on its line */
    NODE_WORDS,    /* words of each language */
};

struct template_part {
    struct str name;
    uint64_t mark; /* value_key_mark(name) */
};

/* "a.b.c" taken apart; "." has no parts. */
struct template_name {
    struct template_part *parts;
    size_t count;
};

/* Interface text: literal and variable by turns. */
struct words_piece {
    struct words_piece *next;
    struct str literal; /* escaped for HTML; before the variable */
    struct template_name name;
    bool has_name;
};

struct template_node {
    struct template_node *next;
    enum node_kind kind;
    bool starts_line; /* NODE_TEXT: its first byte begins a line of the template */
    bool standalone;  /* NODE_PARTIAL */
    uint32_t line;    /* of the tag, from 1 */
    uint32_t column;  /* in code points, from 1 */
    struct str text;
    struct template_name name;
    struct template_node *children;
    const struct template *partial;
    struct words_piece *words[LANG_COUNT];
};

struct template
{
    struct str name;      /* "list" */
    struct str file_name; /* "list.html" */
    struct str content;
    struct template_node *nodes;
};

struct templates {
    struct arena arena;
    struct map by_name; /* struct template by name */
};

/* Compiles one template; those it includes must be in templates->by_name already, compiled or not. */
int template_parse(struct templates *templates, struct template *template, const struct words *words, struct err *err);
/* Appends s with & < > " ' written as character references. */
void html_escape(struct buf *out, struct str s);
/* Text of that msgid in that language, or NULL. */
const struct str *words_find(const struct words *words, enum lang lang, struct str msgid);

#endif
