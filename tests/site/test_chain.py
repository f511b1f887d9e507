"""The value chain of an invented community, worked out here once more from the API's records."""

import html.parser
import json
import math
import os
import shutil
import subprocess
import tempfile
import unittest

from served import GTB, ROOT, Served, shared

DOMAIN = "bs2020-6"


class Table(html.parser.HTMLParser):
    """Rows of the first table: [(title, [(class, [hrefs])])]; and the list of the walk."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.walk, self.gaps = [], [], []
        self.row = self.cell = self.stop = None
        self.inside, self.tag = [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name = given.get("class", "")
        if tag == "tr":
            self.row = ["", []]
        elif tag == "td" and self.row:
            self.cell = (name, [])
            self.row[1].append(self.cell)
        elif tag == "a" and self.cell and name != "wish":
            self.cell[1].append(given["href"])
        elif tag == "ol" and name == "walk":
            self.inside.append("walk")
        elif tag == "li" and self.inside:
            self.stop = [name, None]
            self.walk.append(self.stop)
        elif tag == "a" and self.stop:
            self.stop[1] = given["href"].rsplit("/", 1)[1]
        elif tag == "h3":
            self.gaps.append("")
        self.tag = tag

    def handle_endtag(self, tag):
        if tag == "tr" and self.row:
            self.rows.append((self.row[0].strip(), self.row[1]))
            self.row = None
        elif tag == "td":
            self.cell = None
        elif tag == "ol" and self.inside:
            self.inside.pop()
            self.stop = None
        self.tag = None

    def handle_data(self, data):
        if self.tag == "th" and self.row and not self.row[1]:
            self.row[0] += data
        if self.tag == "h3":
            self.gaps[-1] += data


def kilometres(a, b):
    lat1, lon1, lat2, lon2 = (math.radians(x) for x in (a["lat"], a["lon"], b["lat"], b["lon"]))
    return 2 * 6371.0088 * math.asin(math.sqrt(
        math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2))


class Chain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hubs.", dir=os.environ.get("TEST_TMP"))
        subprocess.run([os.path.join(ROOT, "tests/gen/hubs"), cls.folder], check=True)
        cls.site = Served(cls.folder, load=("--sample",))
        cls.hubs = sorted(cls.site.api("/hub?limit=100")["items"], key=lambda hub: hub["no"])
        with open(os.path.join(ROOT, "site/insight.json"), encoding="utf-8") as file:
            cls.roles = json.load(file)["chain"]
        with open(os.path.join(ROOT, "model/vocabulary/value-chain-stage.json"), encoding="utf-8") as file:
            cls.words = {term["code"]: term["en"] for term in json.load(file)["terms"]}
        cls.cells = cls.work_out()

    @classmethod
    def tearDownClass(cls):
        cls.site.stop()
        shutil.rmtree(cls.folder)

    @classmethod
    def work_out(cls):
        """{(step, hub): {"filled" or "possible": {addresses}}}"""
        cells = {}
        for part in cls.roles["evidence"]:
            for record in cls.site.api("/%s?limit=1000" % part["register"])["items"]:
                if any(record.get(f) not in codes for f, codes in part.get("filter", {}).items()):
                    continue
                kinds = part.get("steps_by", {"field": "", "codes": {}})
                steps = record.get("value_chain_stages") or kinds["codes"].get(record.get(kinds["field"]), [])
                hubs = record.get(part["unit"]) or []
                domains = record.get("market_domains") or []
                for hub in hubs if isinstance(hubs, list) else [hubs]:
                    for step in steps:
                        if not domains or DOMAIN in domains:
                            cells.setdefault((step, hub["id"]), {}).setdefault(
                                "filled" if domains else "possible", set()).add(
                                    "/en/%s/%s" % (part["register"], record["id"]))
        return cells

    def page(self, query):
        answer = self.site.get("/en/value-chain" + query)
        self.assertEqual(200, answer.status)
        return Table(answer.text())

    def filled(self, step, hub):
        return "filled" in self.cells.get((step, hub["id"]), {})

    def test_every_cell_shows_its_records(self):
        rows = self.page("?domain=" + DOMAIN).rows[1:]
        needed = self.roles["needs"][DOMAIN]
        self.assertEqual([self.words[step] for step in needed], [title for title, _ in rows[:len(needed)]])
        seen = set()
        for step, (_, cells) in zip(needed, rows):
            for hub, (state, hrefs) in zip(self.hubs, cells):
                expected = self.cells.get((step, hub["id"]), {})
                self.assertEqual("filled" if "filled" in expected else "possible" if expected else "empty", state, (step, hub["id"]))
                self.assertEqual(set().union(*expected.values()) if expected else set(), set(hrefs))
                seen.add(state)
        self.assertEqual({"filled", "possible", "empty"}, seen)

    def test_gaps_are_steps_nobody_fills(self):
        page = self.page("?domain=" + DOMAIN)
        expected = [self.words[step] for step in self.roles["needs"][DOMAIN]
                    if not any(self.filled(step, hub) for hub in self.hubs)]
        self.assertEqual(["Regulatory approval"], expected)
        self.assertEqual(expected, [gap.strip() for gap in page.gaps])
        text = self.site.get("/en/value-chain?domain=" + DOMAIN).text()
        self.assertIn("/en/proposal/proposal-1", text)
        self.assertIn("/en/plan-item/action-1", text)

    def test_the_way_goes_by_the_nearest_and_breaks(self):
        for start in self.hubs:
            here, expected = start, []
            for step in self.roles["needs"][DOMAIN]:
                if not self.filled(step, here):
                    others = [hub for hub in self.hubs if hub is not here and self.filled(step, hub)]
                    if not others:
                        expected.append(None)
                        continue
                    here = min(others, key=lambda hub, at=here: kilometres(at["location"], hub["location"]))
                expected.append(here["id"])
            walk = self.page("?domain=%s&from=%s" % (DOMAIN, start["id"])).walk
            self.assertEqual(expected, [unit for _, unit in walk])
            self.assertEqual([unit is None for unit in expected], ["breaks" in name for name, _ in walk])

    def test_nonsense_is_the_overview(self):
        self.assertEqual(self.page("").rows, self.page("?domain=none&from=nowhere").rows)
        self.assertEqual(9 + 1, len(self.page("").rows))

    def test_the_real_data_too(self):
        answer = shared(GTB).get("/ja/value-chain?domain=bs2020-6&from=tsukuba")
        self.assertEqual(200, answer.status)
        self.assertIn("/ja/facility/", answer.text())


if __name__ == "__main__":
    unittest.main()
