#!/usr/bin/env python3
"""Invents records over public text: search_corpus.py ROWS LISTS OUT

LISTS as in parallel_text.py; words are nouns of EDICT (Debian's package edict), the common ones more often, by a law of their rank.
Sentences are those of Debian's package descriptions and some patterns around the words. A half is in Japanese, a quarter in English,
a quarter in both. The same ROWS make the same files: a pack to be loaded (OUT/model, OUT/thing.csv: no cell has a comma or a quote,
so that other programs read it by its commas), and OUT/queries.tsv (kind, terms)."""
import bisect
import itertools
import json
import os
import random
import re
import sys

import parallel_text

SEED = 20261127
KINDS = [35, 22, 16, 8, 6, 6, 4, 3]
DOING = [("開発", "development", 30), ("研究", "research", 18), ("解析", "analysis", 8), ("評価", "evaluation", 8), ("設計", "design", 7),
         ("製造", "manufacturing", 8), ("応用", "application", 8), ("実証", "demonstration", 5), ("事業化", "commercialisation", 5)]
TITLES = [("{a}を用いた{b}の{v}", "{v} of {b} with {a}"), ("{a}による{b}{v}技術", "{a} technology for {v} of {b}"),
          ("{b}のための{a}{v}", "{a} {v} for {b}"), ("{a}と{b}の統合的{v}", "Integrated {v} of {a} and {b}"), ("{a}{b}の{v}", "{a} {b} {v}")]
SAYING = [("本件では{a}と{b}を組み合わせ{c}の{v}を進めている。", "Here {a} and {b} are combined for the {v} of {c}."),
          ("{a}は{b}の{v}に適し{c}の分野で使える。", "{a} suits the {v} of {b} and serves {c}."),
          ("従来の{a}では{b}が課題だったがこの技術で{c}を安く{v}できる。", "Where {a} made {b} hard this technology makes {v} of {c} cheap."),
          ("{a}の{b}を{v}し{c}へ広げる共同研究先を求める。", "Partners are sought to bring the {v} of {a} and {b} to {c}.")]
# Where records are: latitude, longitude, how many.
PLACES = [(35.69, 139.69, 240), (35.45, 139.64, 110), (34.69, 135.52, 98), (35.18, 136.91, 75), (35.86, 139.65, 73), (35.60, 140.12, 63),
          (34.69, 135.18, 54), (43.06, 141.35, 52), (33.61, 130.42, 51), (35.02, 135.76, 46), (34.98, 138.38, 36), (36.34, 140.45, 29),
          (34.40, 132.46, 28), (38.27, 140.87, 23), (37.90, 139.02, 22), (36.65, 138.18, 20), (36.39, 139.06, 19), (34.66, 133.93, 19)]
DOMAINS = 64


def nouns():
    """Japanese and English, the common ones first."""
    found = []
    for line in open("/usr/share/edict/edict", encoding="euc-jp", errors="replace"):
        entry = re.match(r"(\S+) (?:\[[^\]]*\] )?/(.*)/$", line)
        if not entry or not entry.group(2).startswith("(n"):
            continue
        glosses = [re.sub(r"\([^)]*\)|\{[^}]*\}|\[[^\]]*\]", "", g).strip() for g in entry.group(2).split("/")]
        glosses = [re.sub(r"[,\"]", "", g) for g in glosses if 2 < len(g) < 40]
        if glosses and re.fullmatch(r"[\u30a1-\u30fa\u30fc\u4e00-\u9fff]{2,9}", entry.group(1)):
            found.append((entry.group(1), glosses[0].lower(), "(P)" in entry.group(2)))
    random.Random(SEED).shuffle(found)
    return sorted(found, key=lambda n: not n[2])


class Maker:
    def __init__(self, lists):
        self.random = random.Random(SEED)
        self.ja, self.en, self.nouns = (parallel_text.sentences(lists, "ja"), parallel_text.sentences(lists, "en"), nouns())
        self.sums = list(itertools.accumulate((rank + 12) ** -0.85 for rank in range(len(self.nouns))))
        self.places = list(itertools.accumulate(p[2] for p in PLACES))
        self.domains = list(itertools.accumulate(1 / (i + 2) for i in range(DOMAINS)))

    def pick(self, sums):
        return bisect.bisect(sums, self.random.random() * sums[-1])

    def words(self):
        a, b, c = (self.nouns[self.pick(self.sums)] for _ in range(3))
        v = self.random.choices(DOING, [d[2] for d in DOING])[0]
        return [{"a": a[i], "b": b[i], "c": c[i], "v": v[i]} for i in (0, 1)]

    def body(self, lang, first):
        parts = [self.random.choice(SAYING)[lang].format(**first)]
        if self.random.random() < 0.5:
            parts.append(self.random.choice(SAYING)[lang].format(**self.words()[lang]))
        sentences = self.en if lang else self.ja
        parts += [sentences[int(self.random.random() * len(sentences))] for _ in range(self.random.randint(0 if lang else 1, 3))]
        return (" " if lang else "").join(parts)

    def record(self, number):
        both = self.words()
        pattern = self.random.choice(TITLES)
        share = self.random.random()
        langs = (0,) if share < 0.5 else (1,) if share < 0.75 else (0, 1)
        title, body = ["", ""], ["", ""]
        for lang in langs:
            text = pattern[lang].format(**both[lang])
            title[lang] = text[:1].upper() + text[1:]
            body[lang] = self.body(lang, both[lang])
        kind = self.random.choices(range(len(KINDS)), KINDS)[0]
        place = self.pick(self.places)
        return ["r%07d" % number, "k%d" % kind, "d%02d" % self.pick(self.domains), "p%02d" % place,
                str(2026 - min(30, int(self.random.expovariate(0.15)))), "%.5f" % (PLACES[place][0] + self.random.gauss(0, 0.15)),
                "%.5f" % (PLACES[place][1] + self.random.gauss(0, 0.18)), *title, *body]


def write_model(out):
    def named(name, **more):
        return {"name": name, "title": {"ja": name, "en": name}, **more}

    fields = [named("title", type="string", bilingual=True, searchWeight=10),
              named("body", type="string", bilingual=True, searchWeight=4, constraints={"maxLength": 20000}),
              *(named(name, type="string", vocabulary=name, facet=True) for name in ("kind", "domain", "area")),
              named("year", type="integer"), named("place", type="geopoint")]
    os.makedirs(os.path.join(out, "model", "vocabulary"), exist_ok=True)
    # Labels are searched here and not by the peers, so they are no words.
    terms = {"kind": ["k%d" % i for i in range(len(KINDS))], "domain": ["d%02d" % i for i in range(DOMAINS)],
             "area": ["p%02d" % i for i in range(len(PLACES))]}
    for name, codes in terms.items():
        with open(os.path.join(out, "model", "vocabulary", name + ".json"), "w", encoding="utf-8") as file:
            json.dump(named(name, terms=[{"code": c, "ja": c, "en": c} for c in codes]), file)
    with open(os.path.join(out, "model", "thing.json"), "w", encoding="utf-8") as file:
        json.dump(named("thing", label=["title"], fields=fields), file)
    with open(os.path.join(out, "datapackage.json"), "w", encoding="utf-8") as file:
        json.dump({"name": "invented", "resources": [{"name": "thing", "path": "thing.csv"}]}, file)


class Queries:
    """What is asked, taken out of what is there."""

    def __init__(self, sample):
        self.random = random.Random(SEED + 1)
        self.ja = [r for r in sample if r[9]]
        self.en = [r for r in sample if r[10]]
        self.lines = []

    def several(self, kind, count, make):
        seen = set()
        for _ in range(count * 50):
            made = make()
            if made and made not in seen and len(seen) < count:
                seen.add(made)
                self.lines.append((kind, *made))

    def runs(self, pattern, least, most):
        record = self.random.choice(self.ja)
        return [run for run in re.findall(pattern, record[self.random.choice((7, 9))]) if least <= len(run) <= most]

    def one(self, pattern, least, most):
        found = self.runs(pattern, least, most)
        return (self.random.choice(found),) if found else None

    def two(self):
        found = sorted(set(self.runs(r"[\u4e00-\u9fff]+|[\u30a1-\u30fa\u30fc]{2,}", 2, 6)))
        return tuple(self.random.sample(found, 2)) if len(found) > 1 else None

    def phrase(self):
        length = self.random.randint(7, 12)
        found = [run for run in self.runs(r"[\u3041-\u30fa\u30fc\u4e00-\u9fff]+", length, 300)]
        if not found:
            return None
        run = self.random.choice(found)
        at = self.random.randrange(len(run) - length + 1)
        return (run[at:at + length],)

    def make(self):
        seen = {}
        for record in self.en:
            for word in set(re.findall(r"[A-Za-z]{4,}", record[10])):
                seen[word] = seen.get(word, 0) + 1
        words = sorted(w for w, count in seen.items() if 4 <= count <= len(self.en) / 12 and w.lower() not in parallel_text.STOP)
        self.several("two-characters", 60, lambda: self.one(r"[\u4e00-\u9fff]+", 2, 2))
        self.several("three-and-more", 60, lambda: self.one(r"[\u4e00-\u9fff]+|[\u30a1-\u30fa\u30fc]+", 3, 9))
        self.several("two-terms", 60, self.two)
        self.several("phrase", 60, self.phrase)
        self.several("english-word", 60, lambda: (self.random.choice(words),))
        self.several("suggestion", 60, lambda: (self.random.choice(self.ja)[7][:self.random.randint(2, 3)],))
        for term in self.common(30):
            self.lines += [("facets", term), ("near", term)]
        return self.lines

    def common(self, count):
        """Words of two characters, the commonest first."""
        seen = {}
        for record in self.ja:
            for word in set(re.findall(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2}(?![\u4e00-\u9fff])", record[7] + record[9])):
                seen[word] = seen.get(word, 0) + 1
        return sorted(seen, key=lambda w: (-seen[w], w))[:count]


def main():
    rows, lists, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    write_model(out)
    maker, sample = Maker(lists), []
    with open(os.path.join(out, "thing.csv"), "w", encoding="utf-8") as file:
        file.write("id,kind,domain,area,year,place_lat,place_lon,title_ja,title_en,body_ja,body_en\n")
        for number in range(1, rows + 1):
            record = maker.record(number)
            file.write(",".join(record) + "\n")
            if len(sample) < 20000:
                sample.append(record)
    with open(os.path.join(out, "queries.tsv"), "w", encoding="utf-8") as file:
        file.writelines("\t".join(line) + "\n" for line in Queries(sample).make())


main()
