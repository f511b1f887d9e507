/* Everything at once: one workbook, one archive. */
#include "exchange/archive.h"
#include "web/page.h"
#include "web/query.h"
#include "web/site_pages.h"

#define EVERYTHING_BYTES_MAX ((uint64_t)4 << 30)

/* Into the configuration's spool. */
typedef int everything_writer(const struct represent_config *config, struct err *err);

static void name_download(struct call *call, const char *ending)
{
    http_response_header(
        call->response, "Content-Disposition",
        arena_format(call->arena, "attachment; filename=\"everything-%s.%s\"", lang_codes[call->lang].ptr, ending));
    http_response_header(call->response, "Cache-Control", STR("no-cache"));
}

static void send_everything(struct call *call, everything_writer *write, struct str media_type, const char *ending)
{
    READER_AUTO *reader = NULL;
    struct represent_config config;
    struct query query;
    struct str bytes = STR("");
    struct err err = {0};
    struct spool out;

    if (page_query(call, NULL, QUERY_AS_OF, &query) != 0 || call_read(call, &query.options, &reader) != 0) {
        return;
    }
    config = (struct represent_config){
        .model = call->site->model,
        .lang = call->lang,
        .reader = reader,
        .site_url = call_lasting_url(call),
        .now_ms = call->request->received_ms,
        .spool = &out,
    };
    spool_init(&out, EVERYTHING_BYTES_MAX);
    if (write(&config, &err) != 0 || spool_end(&out, &bytes, &err) != 0) {
        spool_free(&out);
        page_send_err(call, &err);
        return;
    }
    name_download(call, ending);
    call_send_spool(call, media_type, &out, bytes);
}

static int write_workbook(const struct represent_config *config, struct err *err)
{
    return represent_workbook(config, &config->spool->buf, err);
}

void data_workbook(struct call *call)
{
    send_everything(call, write_workbook, representation_media_type(REPRESENT_XLSX), "xlsx");
}

void data_archive(struct call *call)
{
    send_everything(call, archive_write, STR("application/zip"), "zip");
}
