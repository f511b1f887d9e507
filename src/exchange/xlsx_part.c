#include "exchange/xlsx_part.h"

#include <string.h>

#define DEPTH_MAX 64

static int read_piece(void *context, char *out, int max)
{
    struct xlsx_part *part = context;
    return (int)zip_stream_next(part->stream, out, (size_t)max, &part->why);
}

static int close_piece(void *context)
{
    (void)context;
    return 0;
}

/* Libraries do not write to stderr: what is wrong is said through *err. */
static void say_nothing(void *context, const char *message, xmlParserSeverities severity, xmlTextReaderLocatorPtr at)
{
    (void)context, (void)message, (void)severity, (void)at;
}

int xlsx_part_open(struct zip_reader *zip, struct str name, struct xlsx_part *part, struct err *err)
{
    size_t index = zip_reader_find(zip, name);
    *part = (struct xlsx_part){.name = name};
    if (index == SIZE_MAX) {
        return err_set(err, ERR_NOT_FOUND, "the spreadsheet lacks its part %.*s", STR_ARG(name));
    }
    if (zip_stream_open(zip, index, &part->stream, err)) {
        return -1;
    }
    part->xml = xmlReaderForIO(read_piece, close_piece, part, NULL, NULL, XML_PARSE_NONET | XML_PARSE_COMPACT);
    if (!part->xml) {
        zip_stream_close(part->stream);
        return err_set(err, ERR_INTERNAL, "no XML reader could be made");
    }
    xmlTextReaderSetErrorHandler(part->xml, say_nothing, NULL);
    return 0;
}

void xlsx_part_close(struct xlsx_part *part)
{
    if (part->xml) {
        xmlFreeTextReader(part->xml);
    }
    zip_stream_close(part->stream);
    *part = (struct xlsx_part){0};
}

int xlsx_part_next(struct xlsx_part *part, struct err *err)
{
    int got = xmlTextReaderRead(part->xml);
    if (got < 0) {
        if (part->why.message[0]) {
            *err = part->why;
            return -1;
        }
        return err_set(err, ERR_INVALID, "%.*s of the spreadsheet is damaged or cut short", STR_ARG(part->name));
    }
    if (got == 1 && (xmlTextReaderNodeType(part->xml) == XML_READER_TYPE_DOCUMENT_TYPE ||
                     xmlTextReaderDepth(part->xml) > DEPTH_MAX)) {
        return err_set(err, ERR_INVALID, "%.*s of the spreadsheet has a document type or is nested too deep",
                       STR_ARG(part->name));
    }
    return got;
}

static bool is_called(const struct xlsx_part *part, const char *name)
{
    const xmlChar *local = xmlTextReaderConstLocalName(part->xml);
    return local && strcmp((const char *)local, name) == 0;
}

bool xlsx_part_begins(const struct xlsx_part *part, const char *name)
{
    return xmlTextReaderNodeType(part->xml) == XML_READER_TYPE_ELEMENT && is_called(part, name);
}

bool xlsx_part_ends(const struct xlsx_part *part, const char *name)
{
    int type = xmlTextReaderNodeType(part->xml);
    bool empty = type == XML_READER_TYPE_ELEMENT && xmlTextReaderIsEmptyElement(part->xml) == 1;
    return (empty || type == XML_READER_TYPE_END_ELEMENT) && is_called(part, name);
}

bool xlsx_part_is_text(const struct xlsx_part *part)
{
    int type = xmlTextReaderNodeType(part->xml);
    return type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA || type == XML_READER_TYPE_WHITESPACE ||
           type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE;
}

struct str xlsx_part_text(const struct xlsx_part *part)
{
    return str_from_cstr((const char *)xmlTextReaderConstValue(part->xml));
}

struct str xlsx_part_attribute(const struct xlsx_part *part, const char *name, struct arena *arena)
{
    struct str found = STR("");
    for (int more = xmlTextReaderMoveToFirstAttribute(part->xml); more == 1 && found.len == 0;
         more = xmlTextReaderMoveToNextAttribute(part->xml)) {
        if (is_called(part, name)) {
            found = arena_copy(arena, str_from_cstr((const char *)xmlTextReaderConstValue(part->xml)));
        }
    }
    xmlTextReaderMoveToElement(part->xml);
    return found;
}
