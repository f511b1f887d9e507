/* Loaded before the C library: while the file that MEASURES_GATE names is there, no measure's statement comes to an end. Its first word
 * says how: "shut" waits until the file is gone and then goes on; "endless" computes in the same connection until it is
 * interrupted. GATE.begun is made when the first one stands before it. */
#include <dlfcn.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool gate_says(const char *word)
{
    char said[16] = "";
    const char *gate = getenv("MEASURES_GATE");
    int file = gate ? open(gate, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return false;
    if (read(file, said, sizeof said - 1) < 0)
        said[0] = '\0';
    close(file);
    return strncmp(said, word, strlen(word)) == 0;
}

static void tell_begun(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s.begun", getenv("MEASURES_GATE"));
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0)
        close(file);
}

static int for_ever(sqlite3 *connection)
{
    static const char endless[] =
        "WITH RECURSIVE \"c\"(\"x\") AS (SELECT 1 UNION ALL SELECT \"x\"+1 FROM \"c\") SELECT count(*) FROM \"c\"";
    return sqlite3_exec(connection, endless, NULL, NULL, NULL);
}

int sqlite3_step(sqlite3_stmt *statement)
{
    static int (*real)(sqlite3_stmt *);
    if (!real)
        real = (int (*)(sqlite3_stmt *))dlsym(RTLD_NEXT, "sqlite3_step");
    const char *text = sqlite3_sql(statement);
    if (!text || !strstr(text, "\"kept\" AS ("))
        return real(statement);
    if (gate_says("endless")) {
        tell_begun();
        return for_ever(sqlite3_db_handle(statement));
    }
    while (gate_says("shut")) {
        tell_begun();
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    return real(statement);
}
