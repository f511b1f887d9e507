/* Everything that may be shown in one ZIP file. At its top lies a data package that loads back (datapackage.json and a CSV a
 * register, with a byte-order mark for spreadsheets); beside it the same records as json/REGISTER.json (canonical records, see
 * model/record.h), jsonld/, and geojson/ and ics/ where these fit. */
#ifndef MUSUBI_EXCHANGE_ARCHIVE_H
#define MUSUBI_EXCHANGE_ARCHIVE_H

#include "exchange/represent.h"

/* Into the configuration's spool, which holds nothing yet; `reg` and `representation` are passed over. The same state and now_ms
 * give the same bytes. ERR_LIMIT when it is more than the spool takes, ERR_NOT_FOUND when there is nothing to show. */
int archive_write(const struct represent_config *config, struct err *err);

#endif
