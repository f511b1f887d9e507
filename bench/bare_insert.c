/* The floor that loading is measured against: the same rows into one table of the same columns by plain SQLite, one prepared
 * INSERT in one transaction, with the store's page size, log and durability. Nothing is checked, counted, remembered or
 * indexed, except that ids are unique.
 *
 *   bare_insert FROM.db TO.db      prints: rows, wall seconds, CPU seconds
 *
 * Rows are taken out of a loaded store some thousand at a time; only inserting them, the commit and the closing (which
 * moves the log into the file) are timed. */
#include "bench.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROWS_AT_ONCE 5000

struct span_sum {
    double wall, cpu;
};

struct timer {
    double wall, cpu;
};

static struct timer timer_start(void)
{
    return (struct timer){wall_now(), process_cpu_now()};
}

static void timer_add(struct timer timer, struct span_sum *sum)
{
    sum->wall += wall_now() - timer.wall;
    sum->cpu += process_cpu_now() - timer.cpu;
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        bench_fail("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        bench_fail("%s: %s", sql, sqlite3_errmsg(db));
    return stmt;
}

static sqlite3 *open_target(sqlite3 *from, const char *path)
{
    sqlite3 *to;
    unlink(path);
    if (sqlite3_open(path, &to) != SQLITE_OK)
        bench_fail("%s cannot be made", path);
    run(to, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
            "PRAGMA wal_autocheckpoint=4096");
    sqlite3_stmt *ddl = prepare(from, "SELECT sql FROM sqlite_master WHERE name='r_organisation'");
    if (sqlite3_step(ddl) != SQLITE_ROW)
        bench_fail("the store to take the rows from has no organisations");
    run(to, (const char *)sqlite3_column_text(ddl, 0));
    sqlite3_finalize(ddl);
    return to;
}

static sqlite3_stmt *prepare_insert(sqlite3 *to, int columns)
{
    char sql[4096];
    int length = snprintf(sql, sizeof sql, "INSERT INTO r_organisation VALUES (");
    for (int i = 0; i < columns; i++)
        length += snprintf(sql + length, sizeof sql - (size_t)length, "%s?", i ? "," : "");
    snprintf(sql + length, sizeof sql - (size_t)length, ")");
    return prepare(to, sql);
}

/* Takes the next rows into `values`; returns how many. */
static int take_rows(sqlite3_stmt *select, sqlite3_value **values, int columns)
{
    int count = 0;
    while (count < ROWS_AT_ONCE && sqlite3_step(select) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++)
            values[count * columns + i] = sqlite3_value_dup(sqlite3_column_value(select, i));
        count++;
    }
    return count;
}

static void insert_rows(sqlite3_stmt *insert, sqlite3_value **values, int count, int columns)
{
    for (int row = 0; row < count; row++) {
        for (int i = 0; i < columns; i++)
            sqlite3_bind_value(insert, i + 1, values[row * columns + i]);
        if (sqlite3_step(insert) != SQLITE_DONE)
            bench_fail("inserting: %s", sqlite3_errmsg(sqlite3_db_handle(insert)));
        sqlite3_reset(insert);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        bench_fail("usage: bare_insert FROM.db TO.db");
    sqlite3 *from;
    if (sqlite3_open_v2(argv[1], &from, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        bench_fail("%s cannot be read", argv[1]);
    sqlite3 *to = open_target(from, argv[2]);
    sqlite3_stmt *select = prepare(from, "SELECT * FROM r_organisation");
    int columns = sqlite3_column_count(select);
    sqlite3_stmt *insert = prepare_insert(to, columns);
    sqlite3_value **values = calloc((size_t)ROWS_AT_ONCE * (size_t)columns, sizeof(*values));
    if (!values)
        bench_fail("no memory");
    struct span_sum sum = {0};
    int64_t rows = 0;
    int count;
    run(to, "BEGIN");
    while ((count = take_rows(select, values, columns)) > 0) {
        struct timer timer = timer_start();
        insert_rows(insert, values, count, columns);
        timer_add(timer, &sum);
        for (int i = 0; i < count * columns; i++)
            sqlite3_value_free(values[i]);
        rows += count;
    }
    struct timer timer = timer_start();
    run(to, "COMMIT");
    sqlite3_finalize(insert);
    sqlite3_close(to);
    timer_add(timer, &sum);
    printf("%lld %.2f %.2f\n", (long long)rows, sum.wall, sum.cpu);
    sqlite3_finalize(select);
    sqlite3_close(from);
    free((void *)values);
    return 0;
}
