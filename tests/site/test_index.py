"""The composite index as a page: only once the community's record names the decision, and then what `musubi hub-index` says. And hubs
and regions side by side, in every form."""

import io
import json
import os
import re
import subprocess
import tempfile
import unittest
import zipfile

from served import GTB, MUSUBI, ROOT, Served, shared


class Released(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hubs.", dir=os.environ.get("TEST_TMP"))
        subprocess.run([os.path.join(ROOT, "tests/gen/hubs"), cls.folder], check=True)
        cls.site = Served(cls.folder, load=("--sample",))

    @classmethod
    def tearDownClass(cls):
        assert cls.site.stop() == 0

    def release(self, meeting):
        path = os.path.join(self.folder, "community.csv")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"08;11;12;13;14,[^,]*,", "08;11;12;13;14,%s," % meeting, text))
        self.site.command("load", "--sample", self.folder)

    def test_scores_show_only_while_released(self):
        for lang in ("ja", "en"):
            self.assertEqual(404, self.site.get("/%s/compare/index" % lang).status)
        self.assertNotIn("compare/index", self.site.get("/en/compare").text())
        self.release("lantern-council")
        page = self.site.get("/en/compare/index").text()
        self.assertIn('href="/en/meeting/lantern-council"', page)
        self.assertIn('href="/en/compare/index"', self.site.get("/en/compare").text())
        computed = json.loads(subprocess.run([MUSUBI, "hub-index", "--json"], check=True, capture_output=True,
                                             env={**os.environ, "MUSUBI_DATA": self.site.data}).stdout)
        ranked = [hub for hub in computed["hubs"] if "rank" in hub]
        self.assertGreater(len(ranked), 2)
        rows = re.findall(r'<tr><th scope="row"><a href="/en/hub/([^"]+)".*?<td data-value="(\d+)">\d+</td>'
                          r'<td data-value="(\d+)">.*?<td data-value="(\d+)">\d+</td><td>([\d.]+)</td>', page)
        self.assertEqual([(hub["id"], hub["rank_low"], hub["rank"], hub["rank_high"], "%.1f" % hub["score"]) for hub in ranked],
                         [(row[0], int(row[1]), int(row[2]), int(row[3]), row[4]) for row in rows])
        for hub in computed["hubs"]:
            self.assertIn("/en/hub/%s" % hub["id"], page)
        self.release("")
        self.assertEqual(404, self.site.get("/en/compare/index").status)

    def test_the_radar_tells_shares_of_the_best(self):
        hubs = [hub["id"] for hub in self.site.api("/hub?limit=3")["items"]]
        page = self.site.get("/en/compare?" + "&".join("hub=" + hub for hub in hubs)).text()
        radar = re.search(r'data-kind="radar".*?</figure>', page, re.S).group(0)
        spokes = re.findall(r'<tr data-max="100">.*?</tr>', radar)
        self.assertGreater(len(spokes), 2)
        for spoke in spokes:
            shares = [int(share) for share in re.findall(r'data-value="(\d+)"', spoke)]
            self.assertEqual(100, max(shares))
            self.assertGreaterEqual(min(shares), 0)
        self.assertIn('class="filled"', page)
        every = self.site.get("/en/compare?" + "&".join("hub=" + hub["id"] for hub in self.site.api("/hub?limit=8")["items"])).text()
        self.assertNotIn('data-kind="radar"', every)


class SideBySide(unittest.TestCase):
    def test_the_workbook_has_the_numbers_of_the_page(self):
        answer = shared(GTB).get("/en/compare.xlsx?hub=kawasaki&hub=shonan")
        self.assertEqual((200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (answer.status, answer.kind()))
        with zipfile.ZipFile(io.BytesIO(answer.body)) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
            words = book.read("xl/sharedStrings.xml").decode()
        newest = {}
        for value in shared(GTB).api("/hub-value?limit=1000")["items"]:
            if value["hub"]["id"] in ("kawasaki", "shonan") and "value" in value["value"]:
                key = (value["indicator"]["id"], value["hub"]["id"])
                if key not in newest or value["year"] > newest[key]["year"]:
                    newest[key] = value
        numbers = {float(number) for number in re.findall(r'<c r="[A-Z]+\d+"><v>([^<]+)</v>', sheet)}
        self.assertTrue(newest)
        for value in newest.values():
            self.assertIn(float(value["value"]["value"]), numbers)
            self.assertIn(value["indicator"]["label"]["en"].replace("&", "&amp;"), words)
        self.assertEqual(200, shared(GTB).get("/ja/compare.xlsx").status)
        self.assertIn('href="/en/compare.xlsx?hub=kawasaki&amp;hub=shonan"',
                      shared(GTB).get("/en/compare?hub=shonan&hub=kawasaki").text())

    def test_regions_of_the_world_with_blanks(self):
        site = shared(GTB)
        page = site.get("/en/compare/regions").text()
        records = site.api("/ranking?limit=1000")["items"]
        own = {record["metric"] for record in records if record.get("own")}
        self.assertEqual(own, set(re.findall(r'<h2 id="m-([^"]+)"', page)))
        for metric in own:
            section = re.search(r'<h2 id="m-%s".*?</section>' % metric, page, re.S).group(0)
            rows = re.findall(r"<tr data-label=\"[^\"]*\"><th scope=\"row\">.*?</tr>", section, re.S)
            of_metric = [record for record in records if record["metric"] == metric]
            self.assertEqual(len({record["place"]["en"] for record in of_metric}), len(rows))
            for row in rows:
                record = site.api("/ranking/" + re.search(r'/en/ranking/([^"]+)"', row).group(1))
                newest = max(other["year"] for other in of_metric if other["place"] == record["place"])
                self.assertEqual(newest, record["year"])
                rank, figure = re.findall(r'<td data-value="([^"]*)">([^<]*)</td>', row)[:2]
                self.assertEqual("value" in record.get("rank", {}), rank[0] != "" and "–" not in rank[1], row)
                if "value" not in record and "rank" not in record:
                    self.assertEqual((("", ""), ("", "")), (rank, figure))
        self.assertIn('href="/en/compare/regions"', site.get("/en/compare").text())


if __name__ == "__main__":
    unittest.main()
