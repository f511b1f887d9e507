/* Handing a command to the server that owns the data folder.
 *
 * The server listens on a Unix socket in the folder, `socket`, mode 0600, and takes only callers of its own user. The client
 * sends, in native byte order,
 *     "MUSUBI2\n", u32 number of bytes that follow, u32 number of texts, and each text as u32 length and bytes:
 *     the working folder, the language of messages ("ja", or nothing: English), then argv with the program's name
 * and with the first byte its standard input, output and error (SCM_RIGHTS). The server runs the command with its open
 * store and these descriptors and answers with u32 exit code. When the client goes away before, the command is told so
 * (cli->cancelled). At most 1 MiB and 4,096 texts; the whole request must come within five seconds; at most eight commands
 * run at a time, others wait in the socket's queue. */
#ifndef MUSUBI_CLI_HANDOVER_H
#define MUSUBI_CLI_HANDOVER_H

#include "cli/cli.h"

#define HANDOVER_MAGIC "MUSUBI2\n"
#define HANDOVER_SOCKET "socket"
#define HANDOVER_MAX_BYTES ((size_t)1 << 20)
#define HANDOVER_MAX_TEXTS 4096

/* Hands argv over to the server of that folder and waits for it. Returns its exit code; -1 when nobody listens there
 * (ERR_BUSY: the owner is no server, or not ready yet), or the server is lost (ERR_IO). */
int handover_run(const struct cli *cli, const char *folder, int argc, const char *const *argv, struct err *err);

struct handover_server;
/* Listens in the folder, in threads of its own. A socket that a dead server left is replaced: the caller owns the folder. */
int handover_start(struct store *store, struct handover_server **ret_server, struct err *err);
/* Takes no more; waits grace_ms for what runs, then tells it to stop and waits for its end. NULL is fine. */
void handover_stop(struct handover_server *server, int grace_ms);

/* ---- the wire, for both sides and the tests ---- */

/* The request's bytes; ERR_LIMIT when it is too large. */
int handover_pack(struct str cwd, struct str lang, int argc, const char *const *argv, struct buf *out, struct err *err);
/* The texts of a request without its first twelve bytes: NUL-terminated in the arena; the first is the working folder, the second the language.
 * ERR_INVALID for anything malformed. */
int handover_unpack(struct str body, struct arena *arena, struct str **ret_texts, size_t *ret_count, struct err *err);
/* An address whose path may be longer than sun_path holds: through /proc/self/fd of the folder, which stays open in
 * *ret_folder_fd until the caller closes it. */
struct sockaddr_un;
int handover_address(const char *folder, struct sockaddr_un *ret_address, int *ret_folder_fd, struct err *err);

#endif
