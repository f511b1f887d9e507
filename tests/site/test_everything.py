"""Everything at once: the workbook and the archive hold what the registers hold, and the archive loads back to the same store."""

import io
import json
import os
import re
import subprocess
import unittest
import zipfile

from served import HARBOUR, MUSUBI, Served


def content(path):
    with open(path, "rb") as file:
        return file.read()


class Everything(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Served(HARBOUR)
        cls.registers = {r["name"]: r["count"] for r in cls.site.get("/api/v1").json()["registers"] if r["count"] > 0}

    @classmethod
    def tearDownClass(cls):
        cls.site.stop()

    def test_workbook_has_a_sheet_for_each_register(self):
        answer = self.site.get("/en/data/everything.xlsx")
        self.assertEqual(answer.status, 200)
        self.assertIn("everything-en.xlsx", answer.headers["content-disposition"])
        book = zipfile.ZipFile(io.BytesIO(answer.body))
        self.assertIsNone(book.testzip())
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        self.assertEqual(len(names), len(self.registers))
        self.assertEqual(len(set(names)), len(names))
        self.assertIn("Exchange rates", names)
        rows = [len(re.findall(r"<row ", book.read("xl/worksheets/sheet%d.xml" % (i + 1)).decode()))
                for i in range(len(names))]
        self.assertEqual(sum(rows), sum(self.registers.values()) + len(names))

    def test_archive_loads_back_to_the_same(self):
        answer = self.site.get("/ja/data/everything.zip")
        self.assertEqual((answer.status, answer.kind()), (200, "application/zip"))
        archive = zipfile.ZipFile(io.BytesIO(answer.body))
        self.assertIsNone(archive.testzip())
        folder = os.path.join(self.site.folder, "archive")
        archive.extractall(folder)
        for name, count in self.registers.items():
            self.assertTrue(content(os.path.join(folder, name + ".csv")).startswith(b"\xef\xbb\xbf"), name)
            with open(os.path.join(folder, "json", name + ".json"), encoding="utf-8") as file:
                self.assertEqual(len(json.load(file)), count, name)
            self.assertTrue(os.path.exists(os.path.join(folder, "jsonld", name + ".jsonld")), name)
        again = os.path.join(self.site.folder, "again")
        exports = []
        for data in (self.site.data, again):
            if data == again:
                subprocess.run([MUSUBI, "load", "--data", again, folder], check=True, capture_output=True)
            out = data + ".export"
            subprocess.run([MUSUBI, "export", "--data", data, "--out", out], check=True, capture_output=True)
            exports.append({name: content(os.path.join(out, name)) for name in sorted(os.listdir(out))})
        self.assertEqual(exports[0], exports[1])

    def test_nothing_hidden_is_in_it(self):
        archive = zipfile.ZipFile(io.BytesIO(self.site.get("/en/data/everything.zip").body))
        everything = b"".join(archive.read(name) for name in archive.namelist())
        self.assertNotIn(b"desk@nagia.example", everything)

    def test_the_page_leads_to_both(self):
        page = self.site.get("/en/data").text()
        self.assertIn('href="/en/data/everything.xlsx"', page)
        self.assertIn('href="/en/data/everything.zip"', page)


class Money(unittest.TestCase):
    """The invented community's sums beside a second currency."""

    @classmethod
    def setUpClass(cls):
        cls.site = Served(HARBOUR)

    @classmethod
    def tearDownClass(cls):
        cls.site.stop()

    def converted(self, path):
        found = re.findall(r'<span class="converted">([^<]*) <a href="([^"]*)">([^<]*)</a>', self.site.get(path).text())
        return [tuple(part.strip() for part in one) for one in found]

    def test_the_rate_of_the_time_is_used_and_named(self):
        self.assertIn(("about 3.6 million Norwegian kroner", "/en/exchange-rate/eur-nok-2021", "at the rate of 2021"),
                      self.converted("/en/investment/brine-labs.seed"))
        self.assertIn(("約360万ノルウェー クローネ", "/ja/exchange-rate/eur-nok-2021", "2021年の相場で換算"),
                      self.converted("/ja/investment/brine-labs.seed"))

    def test_of_a_year_without_a_rate_the_one_before_is_named(self):
        self.assertEqual({one[1] for one in self.converted("/en/investment/brine-labs.a")},
                         {"/en/exchange-rate/eur-nok-2022-12"})

    def test_the_rate_is_a_record_like_others(self):
        self.assertEqual(self.site.get("/en/exchange-rate/eur-nok-2021").status, 200)
        self.assertEqual(self.site.get("/api/v1/exchange-rate/eur-nok-2021").json()["rate"], 12)


class Cards(unittest.TestCase):
    """What search engines and social cards say of a page."""

    def test_each_record_says_what_it_is(self):
        site = Served(HARBOUR)
        self.addCleanup(site.stop)
        described = {}
        for path in ("/en/", "/en/organisation", "/en/organisation/brine-labs"):
            page = site.get(path).text()
            described[path] = re.search(r'<meta name="description" content="([^"]*)">', page).group(1)
            self.assertIn('<meta property="og:description" content="%s">' % described[path], page)
        self.assertEqual(len(set(described.values())), len(described))


if __name__ == "__main__":
    unittest.main()
