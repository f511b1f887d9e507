#!/usr/bin/env python3
"""How well English finds what is described in Japanese only, beside engines as they come.

usage: search_quality.py MUSUBI LISTS [QUERIES]

LISTS: see parallel_text.py. The first English sentence of a package's description is the query, its Japanese description among all is
what is to be found, all Latin text taken out of it. Then only three words of the sentence: the rarest; and the rarest of those that
EDICT, the lexicon, has (as the prototype was measured from which the wanted figures come). A half chosen by SEED is for tuning
(TUNE=1), the other is reported; of the peers the first PEERS_ASKED of it. Prints recall at 1 and 10 and MRR. pg_trgm runs where tests/support/with-postgres started this.
"""
import csv
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

from parallel_text import STOP, pairs

SEED = int(os.environ.get("SEED", "20261127"))
PEERS_ASKED = 400  # some of them find nothing at length


def stem(word):
    """Coarse, the same for both sides: only to tell whether the lexicon has a word."""
    for end in ("ations", "ation", "ings", "ing", "ers", "ed", "es", "er", "s", "e"):
        if word.endswith(end) and len(word) - len(end) > 2:
            return word[:-len(end)]
    return word


def lexicon_words():
    """Stems of the words that are a gloss alone."""
    found = set()
    for name in ("edict", "compdic"):
        for line in open("/usr/share/edict/" + name, encoding="euc-jp", errors="replace"):
            for gloss in re.sub(r"\([^)]*\)|\{[^}]*\}", "", line).split("/")[1:]:
                gloss = re.sub(r"^(to be|to|a|an|the) ", "", gloss.strip().lower())
                if re.fullmatch(r"[a-z]+", gloss):
                    found.add(stem(gloss))
    return found


def report(name, ranks):
    count = len(ranks)
    print("%-34s recall@1 %.3f  recall@10 %.3f  MRR %.3f  (%d queries)" % (
        name, sum(r == 1 for r in ranks) / count, sum(0 < r <= 10 for r in ranks) / count,
        sum(1 / r for r in ranks if r) / count, count), flush=True)


MODEL = {"name": "text", "title": {"ja": "文", "en": "Text"}, "label": ["title"], "fields": [
    {"name": "title", "type": "string", "title": {"ja": "題", "en": "Title"}, "searchWeight": 1},
    {"name": "body", "type": "string", "bilingual": True, "title": {"ja": "文", "en": "Body"}, "searchWeight": 4,
     "constraints": {"maxLength": 20000}}]}


class Musubi:
    def __init__(self, binary, folder, texts):
        os.makedirs(folder + "/model", exist_ok=True)
        json.dump(MODEL, open(folder + "/model/text.json", "w"))
        json.dump({"name": "p", "resources": [{"name": "text", "path": "text.csv"}]}, open(folder + "/datapackage.json", "w"))
        with open(folder + "/text.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "body_ja"])
            writer.writerows(("t%d" % i, text) for i, text in enumerate(texts))
        common = ["--data", folder + "/var", "--model", folder + "/model"]
        subprocess.run([binary, "load", folder] + common, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([binary, "index"] + common, check=True, stdout=subprocess.DEVNULL)
        self.server = subprocess.Popen([binary, "serve", "--listen", "127.0.0.1:0"] + common, stdout=subprocess.PIPE, text=True,
                                       stderr=subprocess.DEVNULL)
        self.url = self.server.stdout.readline().strip()

    def find(self, query):
        address = self.url + "api/v1/search?limit=10&lang=en&match=any&q=" + urllib.parse.quote(re.sub(r'[-:"*|]', " ", query)[:600])
        with urllib.request.urlopen(address) as answer:
            return [int(item["id"][1:]) for item in json.load(answer)["items"]]

    def close(self):
        self.server.terminate()
        self.server.wait()


class Trigram:
    def __init__(self, texts):
        self.db = sqlite3.connect(":memory:")
        self.db.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='trigram')")
        self.db.executemany("INSERT INTO t(rowid, x) VALUES(?, ?)", enumerate(texts))

    def find(self, query):
        words = [w for w in re.findall(r"\w{3,}", query)]
        sql = "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10"
        return [row[0] for row in self.db.execute(sql, (" OR ".join('"%s"' % w for w in words),))] if words else []


class Trgm:
    """PostgreSQL's pg_trgm by the connection that the environment names (PGHOST …); its word_similarity() where LIKE finds no order."""

    def __init__(self, texts):
        with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
            file.write("CREATE EXTENSION IF NOT EXISTS pg_trgm;\nCREATE TABLE t(n int, x text);\nCOPY t FROM stdin;\n")
            file.writelines("%d\t%s\n" % (n, re.sub(r"[\t\n\\\\]", " ", text)) for n, text in enumerate(texts))
            file.write("\\.\nCREATE INDEX ON t USING gin (x gin_trgm_ops);\n")
            file.flush()
            self.run("-f", file.name)

    @staticmethod
    def run(*arguments):
        return subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *arguments], check=True, stdout=subprocess.PIPE,
                              text=True).stdout

    def find_all(self, queries):
        """One session for all: numbers of the best ten of each."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
            for query in queries:
                quoted = query.replace("'", "''")
                file.write("SELECT coalesce(string_agg(n::text, ','), '') FROM (SELECT n FROM t WHERE x %%> '%s' "
                           "ORDER BY word_similarity('%s', x) DESC LIMIT 10) best;\n" % (quoted, quoted))
            file.flush()
            return [[int(n) for n in line.split(",") if n] for line in self.run("-f", file.name).split("\n")[:len(queries)]]


def xapian_engine(texts):
    try:
        import xapian
    except ImportError:
        return None
    base = xapian.inmemory_open() if hasattr(xapian, "inmemory_open") else xapian.WritableDatabase("", xapian.DB_BACKEND_INMEMORY)
    generator = xapian.TermGenerator()
    generator.set_flags(xapian.TermGenerator.FLAG_CJK_NGRAM)
    for number, text in enumerate(texts):
        document = xapian.Document()
        generator.set_document(document)
        generator.index_text(text)
        document.set_data(str(number))
        base.add_document(document)

    class Engine:
        def find(self, query):
            parser = xapian.QueryParser()
            parser.set_default_op(xapian.Query.OP_OR)
            enquire = xapian.Enquire(base)
            enquire.set_query(parser.parse_query(re.sub(r"\W+", " ", query), xapian.QueryParser.FLAG_CJK_NGRAM))
            return [int(match.document.get_data()) for match in enquire.get_mset(0, 10)]
    return Engine()


def rank(engine, query, wanted):
    found = engine.find(query)
    return found.index(wanted) + 1 if wanted in found else 0


def three(words, frequency, known):
    chosen = dict.fromkeys(w for w in words if len(w) > 3 and (known is None or stem(w) in known))
    return " ".join(sorted(chosen, key=lambda w: frequency[w])[:3])


def main():
    binary, lists = os.path.abspath(sys.argv[1]), sys.argv[2]
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 1000000
    made = pairs(lists)
    texts = [target for _, target, _ in made]
    order = list(range(len(made)))
    random.Random(SEED).shuffle(order)
    chosen = order[0 if os.environ.get("TUNE") else 1::2][:most]
    frequency = {}
    for _, _, words in made:
        for word in set(words):
            frequency[word] = frequency.get(word, 0) + 1
    known = lexicon_words()
    kinds = {"a sentence": [made[i][0] for i in chosen], "three rarest words": [three(made[i][2], frequency, None) for i in chosen],
             "three rarest of the lexicon": [three(made[i][2], frequency, known) for i in chosen]}
    print("%d descriptions, all Latin text taken out" % len(texts), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        musubi = Musubi(binary, folder, texts)
        try:
            for kind, queries in kinds.items():
                report("Musubi, " + kind, [rank(musubi, query, i) for query, i in zip(queries, chosen)])
        finally:
            musubi.close()
    if os.environ.get("ONLY"):
        return
    chosen, kinds = chosen[:PEERS_ASKED], {kind: queries[:PEERS_ASKED] for kind, queries in kinds.items()}
    for name, engine in (("SQLite FTS5 trigram", Trigram(texts)), ("Xapian", xapian_engine(texts))):
        for kind, queries in kinds.items() if engine else ():
            report("%s, %s" % (name, kind), [rank(engine, query, i) for query, i in zip(queries, chosen)])
    if os.environ.get("PGHOST"):
        trgm = Trgm(texts)
        for kind, queries in kinds.items():
            report("pg_trgm, " + kind, [found.index(i) + 1 if i in found else 0 for found, i in zip(trgm.find_all(queries), chosen)])


main()
