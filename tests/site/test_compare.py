"""Hubs side by side: the newest figures of the API, blanks as blanks, no more than eight."""

import re
import unittest

from served import GTB, shared


class Compare(unittest.TestCase):
    def page(self, query):
        answer = shared(GTB).get("/en/compare" + query)
        self.assertEqual(200, answer.status)
        return answer.text()

    def test_shows_the_newest_figure_or_a_blank(self):
        hubs = ["kashiwanoha", "kawasaki", "shonan"]
        values = {}
        for value in shared(GTB).api("/hub-value?limit=1000")["items"]:
            key = (value["indicator"]["id"], value["hub"]["id"])
            if key not in values or value["year"] > values[key]["year"]:
                values[key] = value
        page = self.page("?" + "&".join("hub=" + hub for hub in hubs))
        rows = re.findall(r'<tr><th scope="row"><a href="/en/hub-indicator/([^"]+)".*?</tr>', page)
        computed = {item["id"] for item in shared(GTB).api("/hub-indicator?limit=1000")["items"] if item.get("measure")}
        self.assertEqual({i for i, hub in values if hub in hubs} | computed, set(rows))
        for row in re.findall(r'<tr><th scope="row"><a href="/en/hub-indicator/.*?</tr>', page):
            indicator = re.search(r"/en/hub-indicator/([^\"]+)", row).group(1)
            cells = re.findall(r"<td[^>]*>(.*?)</td>", row)[:3]
            if indicator in computed:
                continue
            for hub, cell in zip(hubs, cells):
                found = re.search(r"/en/hub-value/([^\"]+)", cell)
                if (indicator, hub) in values:
                    newest = values[indicator, hub]["year"]
                    shown = shared(GTB).api("/hub-value/" + found.group(1))
                    self.assertEqual((newest, indicator, hub), (shown["year"], shown["indicator"]["id"], shown["hub"]["id"]))
                else:
                    self.assertEqual("", cell)

    def test_counts_what_is_computed(self):
        # The measure says: facilities of the hub that are not planned, being built or closed.
        page = self.page("?hub=kawasaki&hub=shonan")
        row = re.search(r'<tr><th scope="row"><a href="/en/hub-indicator/facilities-on-record".*?</tr>', page).group(0)
        for hub, cell in zip(("kawasaki", "shonan"), re.findall(r"<td[^>]*>(.*?)</td>", row)):
            facilities = shared(GTB).api("/facility?hub=%s&limit=1000" % hub)["items"]
            count = sum(item.get("state") not in ("planned", "building", "closed") for item in facilities)
            self.assertRegex(cell, r">%d sites" % count)
            self.assertIn("counted from records", cell)
        # How many are on record is no performance: none is the best, though they differ.
        self.assertNotIn('class="filled"', row)
        self.assertRegex(row, r"<td>[\d.]+ times|<td>×[\d.]+|<td>[^<]*\d")

    def test_only_what_is_comparable_has_a_best(self):
        hubs = [hub["id"] for hub in shared(GTB).api("/hub?limit=8")["items"]]
        indicators = {item["id"]: item for item in shared(GTB).api("/hub-indicator?limit=1000")["items"]}
        for row in re.findall(r'<tr><th scope="row"><a href="/en/hub-indicator/.*?</tr>', self.page("?" + "&".join("hub=" + hub for hub in hubs))):
            indicator = indicators[re.search(r"/en/hub-indicator/([^\"]+)", row).group(1)]
            if 'class="filled"' in row:
                self.assertTrue(indicator.get("comparable") and indicator.get("direction"), indicator["id"])

    def test_the_sitemap_has_the_pages_there_are(self):
        sitemap = shared(GTB).get("/sitemap/site.xml").text()
        for path in ("map", "value-chain", "compare", "compare/regions"):
            self.assertIn("/en/%s</loc>" % path, sitemap)

    def test_takes_eight_at_most_and_passes_over_nonsense(self):
        every = "&".join("hub=" + hub["id"] for hub in shared(GTB).api("/hub?limit=100")["items"])
        self.assertEqual(8, len(re.findall(r" checked>", self.page("?" + every))))
        self.assertNotIn("<table", self.page("?hub=nowhere"))

    def test_shows_no_scores(self):
        page = self.page("?hub=kawasaki&hub=shonan")
        self.assertNotRegex(page.lower(), "score|rank interval")


if __name__ == "__main__":
    unittest.main()
