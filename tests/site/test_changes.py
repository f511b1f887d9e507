"""Two editions side by side: the page and the call say what `musubi edition diff` says, and nothing that is not public."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from served import HARBOUR, MUSUBI, Served


class Changes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Served(HARBOUR)
        cls.first = sorted(item["id"] for item in cls.site.api("/organisation?limit=100")["items"])[0]
        cls.freeze("2025")
        cls.change({"register": "organisation", "record": {"id": "kelp", "name": {"ja": "昆布", "en": "Kelp"}, "kind": "company",
                                                           "ticket": {"value": 1000000000, "currency": "JPY"}}},
                   {"register": "organisation", "record": {"id": "secret", "name": {"ja": "秘密", "en": "Unseen"},
                                                           "kind": "company", "visibility": "secretariat"}})
        cls.freeze("2026")
        cls.change({"register": "organisation", "id": "kelp",
                    "set": {"ticket": {"value": 1250000000, "currency": "JPY"}, "name": {"ja": "昆布", "en": "Kelp Works"}}})
        cls.change({"register": "organisation", "id": "secret", "set": {"name": {"ja": "秘密", "en": "Unseen still"}}})

    @classmethod
    def tearDownClass(cls):
        assert cls.site.stop() == 0

    @classmethod
    def run_musubi(cls, *arguments):
        done = subprocess.run([MUSUBI, *arguments], env={**os.environ, "MUSUBI_DATA": cls.site.data}, capture_output=True)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout.decode()

    @classmethod
    def freeze(cls, name):
        cls.run_musubi("edition", "freeze", name, "--allow-gaps")

    @classmethod
    def change(cls, *changes):
        with tempfile.NamedTemporaryFile("w", suffix=".json", dir=cls.site.folder) as file:
            json.dump({"author": "tests", "reason": "to be compared", "changes": changes}, file)
            file.flush()
            said = json.loads(cls.run_musubi("--json", "change", "propose", file.name))
        cls.run_musubi("change", "accept", str(said["change_set"]))

    def test_the_call_gives_what_the_command_prints(self):
        for pair in (("2025", "2026"), ("2025", "present"), ("2026", "present")):
            printed = json.loads(self.run_musubi("--json", "edition", "diff", *pair))
            answer = self.site.api("/changes?from=%s&to=%s" % pair)
            self.assertEqual(printed, answer["items"])
            self.assertEqual((*pair, len(printed)), (answer["from"], answer["to"], answer["total"]))
            self.assertEqual(len(printed), sum(row[kind] for row in answer["registers"] for kind in ("added", "left", "changed")))
        self.assertEqual(self.site.api("/changes"), self.site.api("/changes?from=present&to=2026"))
        self.assertEqual(self.site.api("/edition/2026/changes"), self.site.api("/changes?from=2025&to=2026"))
        first = self.site.api("/edition/2025/changes")
        self.assertEqual((None, "2025", 0, []), (first["from"], first["to"], first["total"], first["items"]))
        self.assertNotIn("secret", json.dumps(self.site.api("/changes?from=2025&to=present")))

    def test_the_call_is_paged_and_narrowed(self):
        self.change(*({"register": "organisation", "record": {"id": "wave-%d" % i, "kind": "company", "name": {"ja": "波%d" % i, "en": "Wave %d" % i}}}
                      for i in range(3)))
        self.addCleanup(self.change, *({"register": "organisation", "id": "wave-%d" % i, "delete": True} for i in range(3)))
        whole = self.site.api("/changes?from=2025&to=present")["items"]
        found, cursor = [], ""
        while cursor is not None:
            page = self.site.api("/changes?from=2025&to=present&limit=2" + cursor)
            found += page["items"]
            cursor = page["next"] and "&cursor=" + page["next"]
        self.assertEqual(whole, found)
        self.assertEqual(whole, self.site.api("/changes?from=2025&to=present&register=organisation")["items"])
        self.assertEqual([], self.site.api("/changes?from=2025&to=present&register=event")["items"])

    def test_the_call_refuses_nonsense(self):
        for query, status in (("from=2024", 404), ("limit=0", 400), ("limit=x", 400), ("cursor=-1", 400), ("of=1", 400),
                              ("register=nothing", 404)):
            self.assertEqual(status, self.site.get("/api/v1/changes?" + query).status, query)

    def test_the_page_tells_figures_and_their_difference(self):
        page = self.site.get("/en/changes?from=2026&to=present").text()
        self.assertRegex(page, r"(?s)<del>[^<]*1 billion.*<ins>[^<]*1.25 billion.*\(\+250 million")
        self.assertRegex(page, r"(?s)<del>Kelp\s*</del>.*<ins>Kelp Works\s*</ins>")
        # A text that changed in the other language alone is told in that language.
        japanese = self.site.get("/ja/changes?from=2026&to=present").text()
        self.assertRegex(japanese, r'<del>.*Kelp')  # marked as English
        self.assertRegex(japanese, r'<ins><span lang="en">Kelp Works|lang="en"[^>]*>Kelp Works')
        self.assertNotIn("Unseen", page + self.site.get("/en/changes?from=2025&to=present").text())

    def test_the_page_leads_to_both_states(self):
        page = self.site.get("/en/edition/2026/changes").text()
        self.assertIn('href="/en/edition/2026/organisation/kelp"', page)
        self.assertIn('href="/en/edition/2025/"', page)
        self.assertNotIn("<form class=\"inline\"", page)
        self.assertIn('href="/en/edition/2026/changes"', self.site.get("/en/edition").text())
        self.assertIn("no earlier edition", self.site.get("/en/edition/2025/changes").text())
        self.assertEqual(404, self.site.get("/en/changes?from=2024").status)

    def test_links_under_an_edition_lead_somewhere(self):
        for page in ("edition", "data", "changes"):
            text = self.site.get("/en/edition/2026/" + page).text()
            links = set(re.findall(r'href="(/[^"#?]*)', text))
            self.assertNotIn("edition/2026/edition/2026", " ".join(links))
            for link in links:
                self.assertIn(self.site.get(link).status, (200, 301, 302, 308), (page, link))

    def test_the_page_follows_what_comes(self):
        before = self.site.get("/en/changes").text()
        self.change({"register": "organisation", "id": self.first, "set": {"note": None, "website": "https://new.example/"}})
        after = self.site.get("/en/changes").text()
        self.assertNotIn("https://new.example/", before)
        self.assertIn("https://new.example/", after)
        self.assertTrue(re.search(r"<del>|nothing", after))


if __name__ == "__main__":
    unittest.main()
