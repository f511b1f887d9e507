#include "store/internal.h"

int store_check(struct store *store, void (*finding)(void *context, struct str line), void *context,
                int64_t *ret_findings, struct err *err)
{
    (void)store;
    (void)finding;
    (void)context;
    return err_set(err, ERR_INTERNAL, "not yet"), *ret_findings = 0, -1;
}
