#include "web/asset.h"

#include "base/digest.h"
#include "base/embed.h"

#include <assert.h>

#define FOLDER "web/static"
#define TAG_LENGTH 12 /* hexadecimal digits of the digest in a name */

static struct str content_type_of(struct str name)
{
    static const struct {
        const char *suffix;
        const char *type;
    } types[] = {
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json"},
        {".woff2", "font/woff2"},
        {".png", "image/png"},
        {".txt", "text/plain; charset=utf-8"},
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (str_ends_with(name, str_from_cstr(types[i].suffix))) {
            return str_from_cstr(types[i].type);
        }
    }
    return STR("application/octet-stream");
}

static struct str served_path(struct arena *arena, struct str name, struct str content)
{
    char hex[DIGEST_HEX_MAX];
    size_t dot = name.len;

    digest_hex(digest_of(content), hex);
    for (size_t i = 0; i < name.len; i++) {
        dot = name.ptr[i] == '.' ? i : dot;
    }
    return arena_format(arena, "/static/%.*s.%.*s%.*s", STR_ARG(str_slice(name, 0, dot)), TAG_LENGTH, hex,
                        STR_ARG(str_slice(name, dot, name.len)));
}

void assets_init(struct assets *assets, struct arena *arena)
{
    size_t count = 0;

    for (const struct embedded_file *file = embed_next(FOLDER, NULL); file != NULL; file = embed_next(FOLDER, file)) {
        count++;
    }
    assets->items = ARENA_NEW_ARRAY(arena, count, struct asset);
    assets->count = 0;
    for (const struct embedded_file *file = embed_next(FOLDER, NULL); file != NULL; file = embed_next(FOLDER, file)) {
        struct asset *asset = &assets->items[assets->count++];
        asset->name = str_from_cstr(file->path + sizeof FOLDER);
        asset->content = str_make((const char *)file->data, file->size);
        asset->content_type = content_type_of(asset->name);
        asset->path = served_path(arena, asset->name, asset->content);
    }
}

const struct asset *asset_named(const struct assets *assets, struct str name)
{
    for (size_t i = 0; i < assets->count; i++) {
        if (str_eq(assets->items[i].name, name)) {
            return &assets->items[i];
        }
    }
    assert(!"an asset that is not in the binary");
    return NULL;
}

const struct asset *asset_served_as(const struct assets *assets, struct str name)
{
    struct str prefix = STR("/static/");

    for (size_t i = 0; i < assets->count; i++) {
        struct str path = assets->items[i].path;
        if (str_eq(str_slice(path, prefix.len, path.len), name)) {
            return &assets->items[i];
        }
    }
    return NULL;
}
