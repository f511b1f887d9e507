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
