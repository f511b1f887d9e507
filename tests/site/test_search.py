"""Finding: what the page, the API and the downloads of one search say is the same."""

import csv
import io
import os
import unittest
import urllib.parse
import xml.etree.ElementTree as xml

from served import GTB, HARBOUR, Served

ATOM = "{http://www.w3.org/2005/Atom}"


class Search(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Served(GTB)

    @classmethod
    def tearDownClass(cls):
        cls.site.stop()

    def ask(self, **query):
        answer = self.site.get("/api/v1/search?" + urllib.parse.urlencode(query))
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def test_table_and_feed_hold_what_the_api_says(self):
        found = self.ask(q="hospital", lang="en", limit=100)
        self.assertGreater(found["total"], 0)
        self.assertFalse(found["cut_off"])
        table = self.site.get("/en/search.csv?q=hospital")
        rows = list(csv.reader(io.StringIO(table.body.decode("utf-8-sig"))))
        self.assertEqual(len(rows) - 1, found["total"])
        feed = self.site.get("/en/search.atom?q=hospital")
        self.assertEqual(feed.kind(), "application/atom+xml")
        self.assertGreater(len(xml.fromstring(feed.body).findall(ATOM + "entry")), 0)

    def test_nothing_found_offers_the_way_back(self):
        page = self.site.get("/en/search?q=hospital&year=1601")
        self.assertIn("Nothing was found.", page.text())
        self.assertIn('<li><a href="/en/search?q=hospital">Search without the conditions</a></li>', page.text())
        self.assertNotIn("Search without the conditions", self.site.get("/en/search?q=zzyzx").text())
        # A value that no record has is named, once, and can be taken away alone.
        narrowed = self.site.get("/en/search?q=hospital&year=1601&register=%3Cnone%3E&year=2020").text()
        chosen = narrowed[narrowed.index('<ul class="chosen">'):narrowed.index("Remove all")]
        self.assertEqual(chosen.count("<span>Year: 1601</span>"), 1)
        self.assertEqual(chosen.count("<span>Year: 2020</span>"), 1)
        self.assertEqual(chosen.count("&lt;none&gt;</span>"), 2)  # to the eye and to a screen reader
        self.assertIn('href="/en/search?q=hospital&amp;year=1601&amp;year=2020"', chosen)
        self.assertIn("年", self.site.get("/ja/search?q=hospital&year=1601").text().split('class="chosen"')[1][:200])

    def test_what_is_found_is_meant(self):
        # "car" is not the kana that カー becomes when its long vowel is left out, nor クルマ a word that begins with クル.
        found = self.ask(q="car", lang="en", limit=100)["items"]
        self.assertGreater(len(found), 0)
        self.assertFalse([item for item in found if "カー = car" in item["matched"]])
        self.assertEqual(self.ask(q="クルマ", lang="ja")["total"], 0)
        # Under a name that matched stands what the record is about, not how the name is read.
        found = self.ask(q="がん研究会", lang="ja", limit=1)["items"][0]
        self.assertEqual(found["id"], "jfcr")
        self.assertIn("財団", found["snippet"])

    def test_facets_narrow_to_what_they_count(self):
        found = self.ask(q="hospital", lang="en")
        self.assertGreater(len(found["facets"]["register"]), 1)
        for value in found["facets"]["register"][:3]:
            self.assertEqual(self.ask(q="hospital", lang="en", register=value["value"])["total"], value["count"])

    def test_what_is_near_is_not_further(self):
        found = self.ask(near="35.54,139.77,5", lang="en", limit=100)
        self.assertGreater(found["total"], 0)
        self.assertTrue(all(item["place"]["distance_km"] <= 5.01 for item in found["items"]))
        self.assertLess(found["total"], self.ask(near="35.54,139.77,50", lang="en")["total"])

    def test_snippets_begin_and_end_with_whole_words(self):
        cut = 0
        for word in ("company", "research", "definition", "yen"):
            for hit in self.ask(q=word, lang="en", limit=50)["items"]:
                snippet = hit["snippet"]
                text = snippet.removeprefix("… ").removesuffix(" …")
                if text == snippet:
                    continue
                whole = self.site.get("/api/v1/%s/%s" % (hit["register"], hit["id"])).text()
                at = whole.find(text)
                if at < 0:
                    continue  # markup was taken out of it
                cut += 1
                self.assertFalse(whole[at - 1].isalnum() and snippet.startswith("… ") and text[0].isalnum()
                                 and text[0].isascii(), hit)
                self.assertFalse(whole[at + len(text)].isalnum() and snippet.endswith(" …") and text[-1].isalnum()
                                 and text[-1].isascii(), hit)
        self.assertGreater(cut, 0)

    def test_browsers_are_told_how_to_search(self):
        answer = self.site.get("/en/opensearch.xml")
        self.assertEqual(answer.kind(), "application/opensearchdescription+xml")
        self.assertIn("{searchTerms}", answer.text())

    def test_suggestions_are_names_that_go_on(self):
        found = self.site.get("/api/v1/suggest?q=kawa&lang=en").json()
        self.assertGreater(len(found["items"]), 0)

    def test_the_page_works_as_a_plain_form(self):
        page = self.site.get("/en/search?q=hospital").text()
        self.assertIn('name="q"', page)
        self.assertIn("search.csv", page)
        self.assertIn("search.atom", page)
        self.assertIn("view=map", page)


class CutOff(unittest.TestCase):
    """A site on which no search may cost anything."""

    @classmethod
    def setUpClass(cls):
        os.environ["MUSUBI_SEARCH_CPU_US"] = "1"
        try:
            cls.site = Served(HARBOUR)
        finally:
            del os.environ["MUSUBI_SEARCH_CPU_US"]

    @classmethod
    def tearDownClass(cls):
        cls.site.stop()

    def test_a_search_that_is_cut_off_says_so(self):
        found = self.site.get("/api/v1/search?q=harbour&lang=en").json()
        self.assertTrue(found["cut_off"])
        self.assertIn("was cut off: what is shown is not all", self.site.get("/en/search?q=harbour").text())
        self.assertIn("途中で打ち切りました。ここにあるのは一部です", self.site.get("/ja/search?q=harbour").text())


if __name__ == "__main__":
    unittest.main()
