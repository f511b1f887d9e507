#!/usr/bin/env python3
"""The top indicator of a pack of tests/gen/member-companies by SQL written by hand, in a database of its own on disk, with the
indexes one would make: as one statement, and by temporary tables. Nothing of the product is in it. For script/bench measure.

usage: member_sales.py PACK DATABASE     prints: year, total, contributors a line; then the least CPU seconds of three of each way
"""
import csv
import os
import sqlite3
import sys
import time

ONE = """
WITH RECURSIVE src AS (
  SELECT r.id, r.company, CAST(substr(r.fiscal_year_end, 1, 4) AS INTEGER) AS y, r.sales AS v, r.consolidated = 'true' AS g,
    row_number() OVER (PARTITION BY r.company, substr(r.fiscal_year_end, 1, 4) ORDER BY r.sales IS NULL, r.consolidated = 'true' DESC,
                       abs(coalesce(r.months, 12) - 12), r.fiscal_year_end DESC, r.id) AS n
  FROM "company-result" r JOIN organisation o ON o.id = r.company
  WHERE coalesce(r.head_office, o.prefecture) IN ('08', '11', '12', '13', '14')
    AND EXISTS (SELECT 1 FROM membership m WHERE m.member = r.company
                AND m.organisation IN ('assoc-a', 'assoc-b', 'assoc-c', 'assoc-d', 'assoc-e')
                AND (m."from" IS NULL OR m."from" <= r.fiscal_year_end) AND (m."to" IS NULL OR m."to" >= r.fiscal_year_end))),
one AS MATERIALIZED (SELECT * FROM src WHERE n = 1),
up(company, top) AS (
  SELECT id, parent FROM organisation WHERE parent IS NOT NULL
  UNION SELECT up.company, o.parent FROM up JOIN organisation o ON o.id = up.top WHERE o.parent IS NOT NULL),
whole AS MATERIALIZED (SELECT DISTINCT up.company, one.y FROM up JOIN one ON one.company = up.top WHERE one.g + 0 = 1 AND one.v IS NOT NULL)
SELECT y, sum(v), count(v) FROM one
WHERE NOT EXISTS (SELECT 1 FROM whole w WHERE w.company = one.company AND w.y = one.y) GROUP BY y ORDER BY y"""
TABLES = """
CREATE TEMP TABLE counted AS
SELECT r.company, CAST(substr(r.fiscal_year_end, 1, 4) AS INTEGER) AS year, r.id, r.fiscal_year_end,
       r.consolidated = 'true' AS whole, r.months, r.sales, r.sales IS NULL AS unknown
FROM "company-result" r JOIN organisation o ON o.id = r.company
WHERE coalesce(r.head_office, o.prefecture) IN ('08', '11', '12', '13', '14')
  AND EXISTS (SELECT 1 FROM membership m WHERE m.member = r.company
              AND m.organisation IN ('assoc-a', 'assoc-b', 'assoc-c', 'assoc-d', 'assoc-e')
              AND (m."from" IS NULL OR m."from" <= r.fiscal_year_end) AND (m."to" IS NULL OR m."to" >= r.fiscal_year_end));
CREATE INDEX temp.by_company ON counted(company, year);
CREATE TEMP TABLE one AS
SELECT * FROM counted c WHERE c.id = (
  SELECT d.id FROM counted d WHERE d.company = c.company AND d.year = c.year
  ORDER BY d.unknown, d.whole DESC, abs(d.months - 12), d.fiscal_year_end DESC, d.id LIMIT 1);
CREATE INDEX temp.one_company ON one(company, year);
CREATE TEMP TABLE above AS
WITH RECURSIVE up(company, top) AS (
  SELECT id, parent FROM organisation WHERE parent IS NOT NULL
  UNION SELECT up.company, o.parent FROM up JOIN organisation o ON o.id = up.top WHERE o.parent IS NOT NULL)
SELECT * FROM up;
CREATE INDEX temp.above_company ON above(company);"""
OF_TABLES = """
SELECT year, sum(sales), count(sales) FROM one c
WHERE NOT EXISTS (SELECT 1 FROM above a JOIN one p ON p.company = a.top AND p.year = c.year
                  WHERE a.company = c.company AND p.whole AND NOT p.unknown)
GROUP BY year ORDER BY year"""


def fill(db, pack):
    for name in ("organisation", "membership", "company-result"):
        with open("%s/%s.csv" % (pack, name), newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            heads = next(rows)
            columns = ",".join('"%s" %s' % (head, "INTEGER" if head in ("months", "sales") else "TEXT") for head in heads)
            db.execute('CREATE TABLE "%s" (%s)' % (name, columns))
            db.executemany('INSERT INTO "%s" VALUES (%s)' % (name, ",".join("?" * len(heads))),
                           ([cell if cell != "" else None for cell in row] for row in rows))
    db.executescript("CREATE INDEX member ON membership(member); CREATE UNIQUE INDEX organisation_id ON organisation(id);"
                     "CREATE INDEX parent ON organisation(parent); ANALYZE;")
    db.commit()


def timed(work):
    began = time.process_time()
    answer = work()
    return time.process_time() - began, answer


def by_tables(db):
    db.executescript(TABLES)
    return db.execute(OF_TABLES).fetchall()


def main():
    pack, path = sys.argv[1:]
    fresh = not os.path.exists(path)
    db = sqlite3.connect(path)
    if fresh:
        fill(db, pack)
    ones, tables = [], []
    for _ in range(3):
        seconds, answer = timed(lambda: db.execute(ONE).fetchall())
        ones.append(seconds)
        seconds, other = timed(lambda: by_tables(db))
        tables.append(seconds)
        if other != answer:
            sys.exit("member_sales: the two ways differ")
        db.executescript("DROP TABLE counted; DROP TABLE one; DROP TABLE above")
    for row in answer:
        print(*row)
    print("one_statement %.4f" % min(ones))
    print("tables %.4f" % min(tables))


if __name__ == "__main__":
    main()
