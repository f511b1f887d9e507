#include "web/template_internal.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t extensions_once = PTHREAD_ONCE_INIT;

static void attach(cmark_parser *parser, const char *name)
{
    cmark_syntax_extension *extension = cmark_find_syntax_extension(name);
    if (extension) {
        cmark_parser_attach_syntax_extension(parser, extension);
    }
}

/* A text of this size takes some milliseconds; what people write is far below. */
#define MAX_MARKDOWN_BYTES ((size_t)64 * 1024)

/* Escaped, with its lines kept. */
static struct str as_plain_text(struct arena *arena, struct str text)
{
    BUF_AUTO buf;
    buf_init(&buf, text.len * 6 + 16);
    buf_add_literal(&buf, "<pre>");
    html_escape(&buf, text);
    buf_add_literal(&buf, "</pre>\n");
    return arena_copy(arena, buf_str(&buf));
}

/* The library's tables are left out: a table of n columns whose n rows have one cell each is filled up to n * n cells, so
 * that ten kilobytes become 25 megabytes in four seconds.
 * Without CMARK_OPT_UNSAFE the library leaves out raw HTML and links to javascript:, vbscript:, file: and most data:. */
struct str markdown_to_html(struct arena *arena, struct str markdown)
{
    if (markdown.len > MAX_MARKDOWN_BYTES) {
        return as_plain_text(arena, markdown);
    }
    pthread_once(&extensions_once, cmark_gfm_core_extensions_ensure_registered);
    int options = CMARK_OPT_VALIDATE_UTF8;
    cmark_parser *parser = cmark_parser_new(options);
    attach(parser, "strikethrough");
    attach(parser, "autolink");
    cmark_parser_feed(parser, markdown.ptr ? markdown.ptr : "", markdown.len);
    cmark_node *document = cmark_parser_finish(parser);
    char *html = cmark_render_html(document, options, cmark_parser_get_syntax_extensions(parser));
    struct str copy = arena_copy(arena, str_from_cstr(html));
    free(html);
    cmark_node_free(document);
    cmark_parser_free(parser);
    return copy;
}

/* The text of a node and all below it, a line break as a space. */
static void add_words(struct buf *buf, cmark_node *top)
{
    cmark_iter *iter = cmark_iter_new(top);

    for (cmark_event_type event = cmark_iter_next(iter); event != CMARK_EVENT_DONE; event = cmark_iter_next(iter)) {
        cmark_node *node = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(node);
        if (event == CMARK_EVENT_ENTER && (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)) {
            buf_add(buf, str_from_cstr(cmark_node_get_literal(node)));
        } else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK) {
            buf_add_literal(buf, " ");
        }
    }
    cmark_iter_free(iter);
}

/* Bytes of the first points of a text: all of it when it has no more. */
static size_t cut_at(struct str text, size_t max_points)
{
    size_t points = 0, space = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (((unsigned char)text.ptr[i] & 0xC0) == 0x80) {
            continue;
        }
        if (points == max_points) {
            return space > i / 2 ? space : i;
        }
        space = text.ptr[i] == ' ' ? i : space;
        points++;
    }
    return text.len;
}

struct str markdown_summary(struct arena *arena, struct str markdown, size_t max_points)
{
    BUF_AUTO buf;
    cmark_node *document, *first;
    struct str words;
    size_t cut;

    buf_init(&buf, MAX_MARKDOWN_BYTES + 16);
    markdown.len = markdown.len > MAX_MARKDOWN_BYTES ? MAX_MARKDOWN_BYTES : markdown.len;
    document = cmark_parse_document(markdown.ptr ? markdown.ptr : "", markdown.len, CMARK_OPT_VALIDATE_UTF8);
    first = cmark_node_first_child(document);
    if (first != NULL) {
        add_words(&buf, first);
    }
    cmark_node_free(document);
    words = arena_copy(arena, buf_str(&buf));
    cut = cut_at(words, max_points);
    return cut == words.len ? words : arena_concat(arena, 2, str_slice(words, 0, cut), STR("…"));
}
