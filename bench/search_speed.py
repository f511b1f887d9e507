"""The speed half of script/bench search: our index beside Groonga and FTS5's bm25(), the same records and queries, in turns."""
import collections
import os
import shutil
import statistics
import subprocess
import sys

import parallel_text

HERE = os.path.dirname(os.path.abspath(__file__))
# What is wanted of us beside Groonga at the median: theirs / ours; then at the 99th percentile.
WANTED = {"two-characters": (2, None), "two-terms": (4, None), "english-word": (4, None), "phrase": (1, None),
          "facets": (1 / 1.3, 1 / 1.5), "near": (1 / 1.3, 1 / 1.5)}


def share(values, part):
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


class Speed:
    def __init__(self, build, data, rows):
        self.program = os.path.join(build, "bench", "bench_search")
        self.musubi = os.path.join(build, "musubi")
        self.folder = os.path.join(data, "search-%d" % rows)
        self.lists = parallel_text.fetch(os.path.join(data, "lists"))
        self.groonga = None
        if shutil.which("pkg-config") and subprocess.run(["pkg-config", "--exists", "groonga"], check=False).returncode == 0:
            self.groonga = os.path.join(data, "search_groonga")
            flags = subprocess.run(["pkg-config", "--cflags", "--libs", "groonga"], check=True, stdout=subprocess.PIPE,
                                   text=True).stdout.split()
            subprocess.run(["cc", "-O2", "-o", self.groonga, os.path.join(HERE, "search_groonga.c"), *flags], check=True)
        self.rows = rows

    def out(self, *command):
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def prepare(self):
        """Records, the store, the peer's database: made once. Returns the peer's seconds of building."""
        mark = os.path.join(self.folder, "groonga.build")
        if not os.path.exists(os.path.join(self.folder, "var", "store.db")):
            shutil.rmtree(self.folder, ignore_errors=True)
            os.makedirs(self.folder)
            self.out(sys.executable, os.path.join(HERE, "search_corpus.py"), str(self.rows), self.lists, self.folder)
            self.out(self.musubi, "--data", os.path.join(self.folder, "var"), "--model", os.path.join(self.folder, "model"), "load",
                     self.folder)
        if self.groonga and not os.path.exists(mark):
            with open(mark + ".new", "w", encoding="ascii") as file:
                file.write(self.out(self.groonga, "build", self.folder))
            os.rename(mark + ".new", mark)
        return float(open(mark, encoding="ascii").read().split()[1]) if self.groonga else None

    def build(self):
        """Seconds of processor time and bytes of our index, made anew."""
        found = self.out(self.program, "build", self.folder).split()
        return float(found[1]), int(found[2])

    def changes(self):
        """Seconds until a change is found, median and most."""
        found = self.out(self.program, "changes", self.folder).split()
        return float(found[1]), float(found[2])

    def measure(self, rounds):
        """{way: ({kind: milliseconds of each query}, {kind: found of each query}, MiB)}, each the median of the rounds."""
        ways = {"plain": (self.program, "plain"), "ours": (self.program, "ours"), "bm25": (self.program, "bm25")}
        if self.groonga:
            ways["groonga"] = (self.groonga, "query")
        runs = collections.defaultdict(list)
        for _ in range(rounds):
            for way, command in ways.items():
                runs[way].append([line.split() for line in self.out(*command, self.folder).splitlines()])
        found = {}
        for way, several in runs.items():
            times, hits, memory = collections.defaultdict(list), collections.defaultdict(list), 0.0
            for place, (kind, _, count) in enumerate(several[0]):
                figure = statistics.median(float(run[place][1]) for run in several)
                if kind == "memory":
                    memory = figure / 1024
                else:
                    times[kind].append(figure / 1000)
                    hits[kind].append(int(count))
            found[way] = (times, hits, memory)
        return found


def report(speed, say, rounds):
    theirs = speed.prepare()
    took, size = speed.build()
    say("making the index", "%.0f s CPU, %.0f MiB" % (took, size / 2 ** 20))
    if theirs:
        say("÷ Groonga's static build", "%.2f (%.0f s)" % (took / theirs, theirs), "<= 1.2")
    found = speed.measure(rounds)
    kinds = list(found["plain"][0])
    slowest = min(share(found["plain"][0][kind], 0.5) for kind in kinds if kind not in ("suggestion", "phrase"))
    for kind in kinds:
        for way, (times, hits, _) in found.items():
            if kind == "suggestion" and way == "bm25":
                continue
            say("%s, %s" % (kind, way), "%7.2f / %7.2f ms" % (share(times[kind], 0.5), share(times[kind], 0.99)),
                "%d found" % statistics.mean(hits[kind]))
        if "groonga" in found and kind in WANTED:
            ratios = [share(found["groonga"][0][kind], part) / share(found["plain"][0][kind], part) for part in (0.5, 0.99)]
            say("%s: Groonga ÷ ours (p50, p99)" % kind, "%.1f, %.1f" % tuple(ratios),
                ", ".join(">= %.2f" % w for w in WANTED[kind] if w))
    everything = [t for kind in kinds if kind != "suggestion" for t in found["ours"][0][kind]]
    say("suggestions, p99 ÷ a query's p99", "%.3f" % (share(found["ours"][0]["suggestion"], 0.99) / share(everything, 0.99)), "< 0.1")
    say("suggestions, p99 ÷ the fastest kind's median", "%.2f" % (share(found["ours"][0]["suggestion"], 0.99) / slowest))
    say("anonymous memory while querying", "%.0f MiB" % max(found["ours"][2], found["plain"][2]), "< 100 MiB")
    say("a change is found within, while two ask", "%.2f s, at most %.2f s" % speed.changes(), "< 1 s")
