"""The page of a hub: what belongs to it, what is near, what changed since the last edition."""

import os
import re
import subprocess
import tempfile
import unittest

from served import GTB, MUSUBI, ROOT, Served, shared


def part(page, name):
    return re.search(r'<section class="part" id="p-%s">(.*?)</section>' % name, page, re.S).group(1)


class Profile(unittest.TestCase):
    def test_shows_what_belongs_to_the_hub(self):
        site = shared(GTB)
        page = site.get("/en/hub/kawasaki").text()
        for name, query, limit in (("facilities", "/facility?hub=kawasaki&limit=200", 200),
                                   ("indicators", "/hub-value?hub=kawasaki&limit=200", 200),
                                   ("ventures", "/organisation?hubs=kawasaki&kind=venture&limit=200", 200),
                                   ("functions", "/hub-function?hub=kawasaki&limit=200", 200)):
            expected = {item["id"] for item in site.api(query)["items"]}
            if name == "indicators": # those of travel stand below
                access = {item["id"] for item in site.api("/hub-indicator?pillar=access&limit=200")["items"]}
                travel = {item["id"] for item in site.api(query)["items"] if item["indicator"]["id"] in access}
                self.assertEqual(travel, set(re.findall(r'<th scope="row"><a href="/en/hub-value/([^"]+)"', part(page, "access"))))
                self.assertTrue(travel)
                expected -= travel
            register = query[1:query.index("?")]
            rows = re.findall(r'<th scope="row"><a href="/en/%s/([^"]+)"' % register, part(page, name))
            self.assertEqual(expected, set(rows), name)
            self.assertLess(len(rows), limit)

    def test_every_figure_has_its_year_and_source(self):
        rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", part(shared(GTB).get("/en/hub/kawasaki").text(), "indicators"), re.S)
        self.assertGreater(len(rows), 5)
        for row in rows:
            self.assertRegex(row, r"<td><div>(?:\s|<[^>]*>)*(19|20)\d\d", row)
            if "counted from records" not in row:
                self.assertIn('href="/en/source/', row)
        self.assertEqual(1, sum("counted from records" in row for row in rows))

    def test_minutes_to_the_airport(self):
        self.assertRegex(part(shared(GTB).get("/en/hub/kawasaki").text(), "access"), "Haneda.*minutes")

    def test_the_nearest_hub_comes_first(self):
        page = shared(GTB).get("/en/hub/hongo-ochanomizu-tokyo-station").text()
        near = re.search(r"Near and far.*?</ul>", page, re.S).group(0)
        names = re.findall(r'/en/hub/([^"]+)"', near)
        self.assertIn(names[0], ("nihonbashi", "waseda"))
        kilometres = [int(km) for km in re.findall(r"about (\d+) km", near)]
        self.assertEqual(sorted(kilometres), kilometres)

    def test_other_registers_have_no_profile(self):
        self.assertNotIn("Near and far", shared(GTB).get("/en/facility/kawasaki-lic").text())


class SinceTheEdition(unittest.TestCase):
    def test_says_what_changed(self):
        folder = tempfile.mkdtemp(prefix="hubs.", dir=os.environ.get("TEST_TMP"))
        subprocess.run([os.path.join(ROOT, "tests/gen/hubs"), folder], check=True)
        site = Served(folder, load=("--sample",))
        self.assertNotIn("since the edition", site.get("/en/hub/hub-1").text())
        subprocess.run([MUSUBI, "edition", "freeze", "2025", "--allow-gaps"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, env={**os.environ, "MUSUBI_DATA": site.data})
        page = site.get("/en/hub/hub-1").text()
        self.assertIn("Nothing has changed since that edition", page)
        path = os.path.join(folder, "facility.csv")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("Firefly Facility 1", "Firefly Works 1"))
        site.command("load", "--sample", folder)
        page = site.get("/en/hub/hub-1").text()
        changed = re.search(r"What changed since the edition .2025.</h2>(.*?)</section>", page, re.S).group(1)
        self.assertEqual(["facility-001"], re.findall(r'/en/facility/([^"]+)"', changed))
        self.assertIn("since the last edition", part(page, "facilities"))
        self.assertIn("Nothing has changed", site.get("/en/hub/hub-3").text())
        site.stop()


if __name__ == "__main__":
    unittest.main()
