#include "web/template.h"

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

/* Without CMARK_OPT_UNSAFE the library leaves out raw HTML and links to javascript:, vbscript:, file: and most data:. */
struct str markdown_to_html(struct arena *arena, struct str markdown)
{
    pthread_once(&extensions_once, cmark_gfm_core_extensions_ensure_registered);
    int options = CMARK_OPT_VALIDATE_UTF8;
    cmark_parser *parser = cmark_parser_new(options);
    attach(parser, "table");
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
