#include "cli/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static void add_number(struct buf *out, size_t number)
{
    uint32_t n = (uint32_t)number;
    buf_add(out, str_make((const char *)&n, sizeof(n)));
}

static void add_text(struct buf *out, struct str text)
{
    add_number(out, text.len);
    buf_add(out, text);
}

int handover_pack(struct str cwd, struct str lang, int argc, const char *const *argv, struct buf *out, struct err *err)
{
    BUF_AUTO body;
    buf_init(&body, HANDOVER_MAX_BYTES);
    add_number(&body, (size_t)argc + 2);
    add_text(&body, cwd);
    add_text(&body, lang);
    for (int i = 0; i < argc; i++) {
        add_text(&body, str_from_cstr(argv[i]));
    }
    if (body.overflow || argc > HANDOVER_MAX_TEXTS - 2) {
        return err_set(err, ERR_LIMIT, "the arguments are too many or too long to hand to the server; allowed: 1 MiB");
    }
    buf_add_literal(out, HANDOVER_MAGIC);
    add_text(out, buf_str(&body));
    return 0;
}

static bool take_number(struct str *rest, size_t *ret_number)
{
    uint32_t number;
    if (rest->len < sizeof(number)) {
        return false;
    }
    memcpy(&number, rest->ptr, sizeof(number));
    *rest = str_slice(*rest, sizeof(number), rest->len);
    *ret_number = number;
    return true;
}

int handover_unpack(struct str body, struct arena *arena, struct str **ret_texts, size_t *ret_count, struct err *err)
{
    size_t count;
    if (!take_number(&body, &count) || count < 3 || count > HANDOVER_MAX_TEXTS) {
        return err_set(err, ERR_INVALID, "the request is malformed");
    }
    struct str *texts = ARENA_NEW_ARRAY(arena, count, struct str);
    for (size_t i = 0; i < count; i++) {
        size_t len;
        if (!take_number(&body, &len) || len > body.len) {
            return err_set(err, ERR_INVALID, "the request is malformed");
        }
        texts[i] = arena_copy(arena, str_slice(body, 0, len));
        if (str_find_byte(texts[i], '\0') != len) {
            return err_set(err, ERR_INVALID, "the request is malformed");
        }
        body = str_slice(body, len, body.len);
    }
    if (body.len > 0 || texts[0].len == 0 || texts[0].ptr[0] != '/') {
        return err_set(err, ERR_INVALID, "the request is malformed");
    }
    *ret_texts = texts;
    *ret_count = count;
    return 0;
}

int handover_address(const char *folder, struct sockaddr_un *ret_address, int *ret_folder_fd, struct err *err)
{
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return err_set(err, ERR_IO, "%s: %s", folder, strerror(errno));
    }
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(ret_address->sun_path, sizeof(ret_address->sun_path), "/proc/self/fd/%d/%s", fd, HANDOVER_SOCKET);
    *ret_folder_fd = fd;
    return 0;
}
