/* A long text on its way out: it grows in memory, and from some size on in a file that has no name and goes with its last
 * user, so that an export costs as much memory as one of its pieces.
 *
 *   spool_init(&spool, max_bytes)
 *   for each piece: buf_add(&spool.buf, …), then spool_drain(&spool, err)
 *   spool_end(&spool, &bytes, err)      // all of it, readable until spool_free
 *
 * The files stand in $TMPDIR, else in /var/tmp, else in /tmp, and all of a process together have a bound. */
#ifndef MUSUBI_BASE_SPOOL_H
#define MUSUBI_BASE_SPOOL_H

#include "base/buf.h"
#include "base/err.h"

/* So much stays in memory. */
#define SPOOL_MEMORY ((size_t)1 << 20)
/* The largest single piece between two calls of spool_drain. */
#define SPOOL_PIECE_MAX ((size_t)64 << 20)

struct spool {
    struct buf buf;     /* what is not in the file yet */
    uint64_t max_bytes; /* of all of it */
    uint64_t in_file;
    int fd; /* -1: no file yet */
    void *mapped;
};

void spool_init(struct spool *spool, uint64_t max_bytes);
/* Moves what has gathered to the file when it is much. ERR_LIMIT when it is more than max_bytes, ERR_BUSY when all spools
 * of this process together hold too much or the disk has little room left, ERR_IO when the disk takes no more. */
int spool_drain(struct spool *spool, struct err *err);
/* Whether all of it is in `buf`. */
bool spool_in_memory(const struct spool *spool);
/* Instead of pieces: a file that somebody else wrote is all of it. The descriptor is handed over, also on failure; the file goes
 * with it when it has no name. The same errors. */
int spool_take_file(struct spool *spool, int fd, struct err *err);
/* A file without a name in spool_folder(), for whoever writes one that a spool is to take. -1 with ERR_IO. */
int spool_make_file(struct err *err);
/* Whether a spool could take such a file once it has so many bytes: for while it grows. The same errors as of spool_drain. */
int spool_check_room(const struct spool *spool, int fd, uint64_t bytes, struct err *err);
/* Nothing is added afterwards. */
int spool_end(struct spool *spool, struct str *ret_bytes, struct err *err);
/* Also for one that spool_init made and nothing else. */
void spool_free(struct spool *spool);

/* The folder for temporary files, as said above. */
const char *spool_folder(void);

#endif
