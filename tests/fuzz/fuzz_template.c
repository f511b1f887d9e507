/* Templates: the input is a template, a partial, a PO file and a view as JSON, with 0xff between them (a byte that is in no
 * UTF-8). A variable never puts a '<' of the view into the page, unless its name ends in _html. */
#include "fuzz.h"

#include "web/template.h"

#define ENOUGH_BYTES ((size_t)64 * 1024 * 1024)
#define PAGE_BYTES ((size_t)256 * 1024)

#define HEADER "msgid \"\"\nmsgstr \"Plural-Forms: nplurals=1; plural=0;\\n\"\n\n"
#define WORDS "msgid \"Search\"\nmsgstr \"検索\"\n\nmsgid \"%(a) of %(b.c)\"\nmsgstr \"%(b.c)の%(a)\"\n"

static size_t count_byte(struct str s, char byte)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++) {
        count += s.ptr[i] == byte;
    }
    return count;
}

static const struct value *view_of(struct arena *arena, struct str json)
{
    struct err err;
    struct value *view = NULL;
    if (json.len > 0 && json_read(arena, json, NULL, &view, &err) == 0) {
        return view;
    }
    int result =
        json_read(arena,
                  STR("{\"a\":\"<x>\",\"b\":{\"c\":1.5,\"d\":[]},\"l\":[{\"a\":1,\"l\":[2,3]},\"<\",null,true],"
                      "\"t\":true,\"f\":false,\"n\":null,\"a_html\":\"<b>\"}"),
                  NULL, &view, &err);
    assert(result == 0);
    return view;
}

static struct words *words_of(struct str po)
{
    struct err err = {0};
    struct str contents[LANG_COUNT] = {po, po};
    struct words *words = NULL;
    if (words_read(contents, &words, &err) == 0) {
        return words;
    }
    assert(err.message[0]);
    contents[LANG_JA] = contents[LANG_EN] = STR(HEADER WORDS);
    int result = words_read(contents, &words, &err);
    assert(result == 0);
    return words;
}

static void render(struct arena *arena, const struct templates *templates, struct str sources, struct str json)
{
    struct err err = {0};
    BUF_AUTO out;
    buf_init(&out, PAGE_BYTES);
    if (templates_render(templates, STR("main"), LANG_JA, view_of(arena, json), &out, &err) < 0) {
        assert(err.message[0]);
    } else if (count_byte(sources, '<') == 0 && str_find(sources, STR("_html")) == SIZE_MAX) {
        assert(count_byte(buf_str(&out), '<') == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    struct str rest = str_make((const char *)data, size);
    struct str parts[4] = {{0}};
    bool done = false;
    for (int i = 0; i < 4 && str_next_part(&rest, (char)0xff, &done, &parts[i]); i++) {
    }
    struct template_file files[] = {{STR("main.html"), parts[0]}, {STR("part.html"), parts[1]}};
    struct words *words = words_of(parts[2]);
    struct templates *templates = NULL;
    struct err err = {0};
    if (templates_compile(files, 2, words, &templates, &err) == 0) {
        render(&arena, templates, arena_concat(&arena, 2, parts[0], parts[1]), parts[3]);
    } else {
        assert(err.message[0]);
    }
    templates_free(templates);
    words_free(words);
    return 0;
}
