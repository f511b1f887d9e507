#!/usr/bin/env python3
"""How well English finds what is described in Japanese only, beside engines as they come.

usage: search_quality.py MUSUBI LISTS [QUERIES]

LISTS is a folder of apt's package indices with Translation-ja and Translation-en (apt-get update with Acquire::Languages "ja,en").
The first English sentence of a package's description is the query, its Japanese description among all is what is to be found, all
Latin text taken out of it. Every second pair is for tuning, the others are reported. Prints recall at 1 and 10 and MRR.
"""
import csv
import json
import glob
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
import urllib.parse
import urllib.request

STOP = set("a an the of for to in on and or is are be with by from as at this that it its which can also you your has have not "
           "but into such other more than some all any will was were may used use using their they these those if when via no so "
           "only one most both between about there each provides package contains based".split())


def cat(path):
    return subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", path], capture_output=True).stdout.decode("utf-8", "replace")


def read(lists, lang):
    found = {}
    for path in glob.glob(os.path.join(lists, "*Translation-%s*" % lang)):
        for part in cat(path).split("\n\n"):
            digest = re.search(r"^Description-md5: *(\S+)", part, re.M)
            text = re.search(r"^Description-%s: *(.*(?:\n .*)*)" % lang, part, re.M)
            if digest and text:
                found.setdefault(digest.group(1), text.group(1))
    return found


def pairs(lists):
    ja, en, made, seen = read(lists, "ja"), read(lists, "en"), [], set()
    for digest in sorted(set(ja) & set(en)):
        short, _, body = en[digest].partition("\n")
        query = re.match(r"(.{25,}?[.!?:])(?:\s|$)", " ".join(x.strip() for x in body.split("\n")).split(" . ")[0] + " ")
        query = query.group(1) if query else " ".join(x.strip() for x in body.split("\n"))[:300]
        target = re.sub(r"\s+", "", ja[digest].replace("\n .", "\n"))
        target = re.sub(r"[A-Za-z0-9][A-Za-z0-9.+_/-]*", " ", unicodedata.normalize("NFKC", target))
        words = [w for w in re.findall(r"[a-z]+", query.lower()) if w not in STOP]
        if len(words) < 4 or len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]", target)) < 20 or query in seen or target in seen:
            continue
        seen.update((query, target))
        made.append((query, target, words))
    return made


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


def main():
    binary, lists = os.path.abspath(sys.argv[1]), sys.argv[2]
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 1000000
    made = pairs(lists)
    texts = [target for _, target, _ in made]
    chosen = list(range(0 if os.environ.get("TUNE") else 1, len(made), 2))[:most]
    frequency = {}
    for _, _, words in made:
        for word in set(words):
            frequency[word] = frequency.get(word, 0) + 1
    rare = {i: " ".join(sorted(dict.fromkeys(w for w in made[i][2] if len(w) > 3), key=lambda w: frequency[w])[:3]) for i in chosen}
    print("%d descriptions, all Latin text taken out" % len(texts), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        musubi = Musubi(binary, folder, texts)
        try:
            report("Musubi, a sentence", [rank(musubi, made[i][0], i) for i in chosen])
            report("Musubi, three words", [rank(musubi, rare[i], i) for i in chosen])
        finally:
            musubi.close()
    for name, engine in (("SQLite FTS5 trigram", Trigram(texts)), ("Xapian", xapian_engine(texts))):
        if engine:
            report(name + ", a sentence", [rank(engine, made[i][0], i) for i in chosen])


main()
