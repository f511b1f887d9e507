"""Which texts stand in both languages: counted here once more from the API's records and the model's files."""

import csv
import glob
import html
import io
import json
import os
import re
import shutil
import tempfile
import unittest

from served import GTB, ROOT, Served, shared

LANGS = ("ja", "en")


def texts_of(site):
    """(register, id, field, owner, languages) of every public text, as the API gives them."""
    for path in sorted(glob.glob(os.path.join(ROOT, "model", "*.json"))):
        with open(path, encoding="utf-8") as file:
            register = json.load(file)
        if register.get("visibility", "public") != "public":
            continue
        fields = [field["name"] for field in register["fields"] if field.get("bilingual")
                  and field.get("translation") != "none" and field.get("visibility", "public") == "public"]
        target = "/%s?limit=1000" % register["name"]
        while target:
            page = site.api(target)
            for item in page["items"]:
                for field in fields:
                    if field in item:
                        owner = item.get("owner", {}).get("id", "")
                        yield register["name"], item["id"], field, owner, [lang for lang in LANGS if item[field].get(lang)]
            cursor = page.get("next")
            target = cursor and "/%s?limit=1000&cursor=%s" % (register["name"], cursor)


def rows(site, target):
    answer = site.get(target)
    assert answer.status == 200 and answer.kind() == "text/csv", (target, answer.status)
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))


class Completeness(unittest.TestCase):
    def test_counts_what_the_api_shows(self):
        site = shared(GTB)
        counts, missing = {}, []
        for register, record, field, owner, langs in texts_of(site):
            for key in (("all", ""), ("register", register), ("owner", owner)):
                count = counts.setdefault(key, [0, 0, 0, 0])
                count[0] += 1
                count[1] += len(langs) == 2
                count[2] += "ja" not in langs
                count[3] += "en" not in langs
            missing += [(register, record, field, lang) for lang in LANGS if lang not in langs]
        shown = {(row["of"], row["id"]): [int(row[key]) for key in ("texts", "both", "missing_ja", "missing_en")]
                 for row in rows(site, "/en/about/completeness.csv")}
        self.assertGreater(counts["all", ""][0], 1000)
        self.assertEqual(counts, shown)
        work = [(row["register"], row["id"], row["field"], row["missing"])
                for row in rows(site, "/ja/about/completeness-worklist.csv")]
        self.assertTrue(missing)
        self.assertEqual(sorted(missing), sorted(work))

    def test_the_page_links_to_what_is_missing(self):
        site = shared(GTB)
        work = rows(site, "/en/about/completeness-worklist.csv")
        page = site.get("/en/about/completeness").text()
        listed = page[page.index('id="worklist"'):]
        for row in work[:50]:
            self.assertIn('<a href="/en/%s/%s"' % (row["register"], row["id"]), listed)
        links = re.findall(r'href="(/en/about/completeness\?[^"]*)"', page)
        self.assertTrue(links)
        for link in links:
            link = html.unescape(link.split("#")[0])
            asked = dict(pair.split("=") for pair in link.split("?")[1].split("&"))
            answer = site.get(link)
            self.assertEqual(200, answer.status)
            narrowed = answer.text()
            narrowed = narrowed[narrowed.index('id="worklist"'):]
            wanted = [row for row in work if all(row[name] == value for name, value in asked.items())]
            self.assertEqual(len(wanted), narrowed.count("<strong>"))
        self.assertIn('href="/en/about/completeness"', site.get("/en/about").text())

    def test_nonsense_narrows_nothing(self):
        site = shared(GTB)
        self.assertEqual(200, site.get("/ja/about/completeness?register=nowhere&missing=fr&cursor=-1").status)
        self.assertIn("Nothing is missing", site.get("/en/about/completeness?owner=%3Cb%3E").text())
        self.assertNotIn("<b>", site.get("/en/about/completeness?owner=%3Cb%3E").text())


class Paging(unittest.TestCase):
    """A small community of which 120 bodies have no English, and one whose texts are complete."""

    def serve(self, bodies):
        folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMP"))
        self.addCleanup(shutil.rmtree, folder)
        with open(os.path.join(folder, "organisation.csv"), "w", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "name_ja", "name_en", "kind"])
            writer.writerows(bodies)
        with open(os.path.join(folder, "datapackage.json"), "w", encoding="utf-8") as file:
            json.dump({"name": "few", "resources": [{"name": "organisation", "path": "organisation.csv"}]}, file)
        site = Served(folder)
        self.addCleanup(site.stop)
        return site

    def test_every_missing_text_is_on_one_page(self):
        site = self.serve([["body-%03d" % i, "機関%d" % i, "", "company"] for i in range(120)])
        seen, target, pages = [], "/en/about/completeness?missing=en", 0
        while target:
            page = site.get(target).text()
            seen += re.findall(r'<li><a href="/en/organisation/(body-\d+)"', page)
            following = re.search(r'href="([^"]+)" rel="next"', page)
            target = following and html.unescape(following.group(1)).split("#")[0]
            pages += 1
        self.assertEqual(["body-%03d" % i for i in range(120)], seen)
        self.assertEqual(3, pages)

    def test_all_complete(self):
        site = self.serve([["one", "一", "One", "company"]])
        page = site.get("/en/about/completeness").text()
        self.assertIn("All 1 public texts stand in both languages", page)
        self.assertIn("Nothing is missing", page)
        self.assertEqual([], rows(site, "/en/about/completeness-worklist.csv"))

    def test_a_translation_older_than_its_original(self):
        names = [["one", "一", "One", "company"], ["two", "二", "Two", "company"]]
        site = self.serve(names)
        folder = os.path.join(site.folder, "later")
        os.mkdir(folder)
        for name, table in (("translation", [["id", "language", "state"], ["all", "en", "own"]]),
                            ("organisation", [["id", "name_ja", "name_en", "kind"], ["one", "壱", "One", "company"], names[1]])):
            with open(os.path.join(folder, name + ".csv"), "w", encoding="utf-8") as file:
                csv.writer(file).writerows(table)
        with open(os.path.join(folder, "datapackage.json"), "w", encoding="utf-8") as file:
            json.dump({"name": "few", "resources": [{"name": name, "path": name + ".csv"} for name in ("translation", "organisation")]}, file)
        before = site.api("")["seq"]
        site.command("load", folder)
        work = rows(site, "/en/about/completeness-worklist.csv")
        changed = site.api("/organisation/one/history")["items"][0]["seq"]
        self.assertGreater(changed, before)
        self.assertEqual([("one", "name", "", "en", "own", "0", str(changed))],
                         [tuple(row[key] for key in ("id", "field", "missing", "stale", "state", "made_from", "original_since")) for row in work])
        counts = {row["of"]: row for row in rows(site, "/en/about/completeness.csv") if row["of"] == "all"}["all"]
        self.assertEqual(("2", "2", "1"), (counts["both"], counts["own"], counts["stale"]))
        page = site.get("/en/about/completeness?stale=true").text()
        self.assertIn("the English is older than its original", page)
        self.assertIn('href="/en/organisation/one/history"', page)
        # As it was before, it was not; and the counts that were kept are told over time.
        then = site.get("/en/about/completeness.csv?as_of=seq:%d" % before).body.decode("utf-8-sig")
        self.assertTrue(then.splitlines()[1].endswith(",2,0"), then)
        self.assertNotIn("Over time", page)
        site.command("completeness", "--record")
        self.assertIn("Over time", site.get("/en/about/completeness").text())

    def test_nothing_there(self):
        site = self.serve([])
        self.assertIn("There is no public text yet", site.get("/en/about/completeness").text())


if __name__ == "__main__":
    unittest.main()
