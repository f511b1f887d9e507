"""The home page: what is to come stands before what has been, whatever day it is."""

import os
import re
import unittest

from served import GTB, Served


class Events(unittest.TestCase):
    def items(self, now, lang="en"):
        os.environ["MUSUBI_NOW"] = now
        site = Served(GTB)
        try:
            page = site.get("/%s/" % lang).text()
        finally:
            site.stop()
            del os.environ["MUSUBI_NOW"]
        section = page[page.index('class="band s-events"'):]
        section = section[:section.index("</section>")]
        self.title = re.search(r"<h2[^>]*>(.*?)</h2>", section, re.S).group(1)
        items = re.findall(r"<li>(.*?)</li>", section, re.S)
        return [("to-come" in item, re.search(r'href="/%s/event/([^"]+)"' % lang, item).group(1)) for item in items]

    def test_next_first_then_latest(self):
        between = self.items("2025-05-01T00:00:00Z")
        self.assertEqual(between[0], (True, "bio-2025"))
        self.assertIn("next", self.title)
        self.assertEqual([coming for coming, _ in between], sorted((coming for coming, _ in between), reverse=True))
        self.assertIn(False, [coming for coming, _ in between])
        later = self.items("2030-01-01T00:00:00Z")
        self.assertEqual({coming for coming, _ in later}, {False})
        self.assertEqual(len(later), 6)
        self.assertIn("Latest events", self.title)

    def test_of_many_to_come_the_nearest_are_shown(self):
        early = self.items("2000-01-01T00:00:00Z")
        self.assertEqual({coming for coming, _ in early}, {True})
        self.assertEqual(len(early), 6)


if __name__ == "__main__":
    unittest.main()
