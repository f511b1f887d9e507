#include "cli/cli.h"

#include "base/date.h"
#include "desk/settings.h"

int cli_today(struct cli *cli, struct str *ret_day, struct err *err)
{
    struct desk_settings settings;
    char day[DATE_TEXT_MAX];

    if (desk_settings_read(cli->store, time_now_ms(), &cli->arena, &settings, err) != 0) {
        return -1;
    }
    *ret_day = arena_copy(&cli->arena, str_make(day, date_format(date_in_zone(time_now_ms(), settings.zone), day)));
    return 0;
}
