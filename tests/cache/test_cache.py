"""Kept answers: the same bytes in every form, 304 for each of them, and never a stale one."""

import gzip
import http.client
import os
import pathlib
import subprocess
import unittest

MUSUBI = os.environ["MUSUBI"]
ROOT = pathlib.Path(os.environ["ROOT"])
DATA = pathlib.Path(os.environ["TEST_TMP"]) / "data"


def musubi(*arguments):
    return subprocess.run([MUSUBI, *arguments, "--data", str(DATA)], capture_output=True, text=True, check=True)


class Cache(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        musubi("load", str(ROOT / "tests/packs/harbour"))
        cls.server = subprocess.Popen([MUSUBI, "serve", "--listen", "127.0.0.1:0", "--data", str(DATA)],
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        address = cls.server.stdout.readline().split("//")[1].strip().rstrip("/")
        cls.host, cls.port = address.rsplit(":", 1)

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait()
        cls.server.stdout.close()

    def get(self, path, **headers):
        connection = http.client.HTTPConnection(self.host, int(self.port), timeout=20)
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), body

    def metric(self, name):
        _, _, body = self.get("/metrics")
        return int(next(line.split()[1] for line in body.decode().splitlines() if line.startswith(name + " ")))

    def first_organisation(self):
        import json
        return json.loads(self.get("/api/v1/organisation?limit=1")[2])["items"][0]["id"]

    def test_a_second_reader_is_answered_from_the_cache(self):
        path = f"/en/organisation/{self.first_organisation()}"
        first = self.get(path)
        hits = self.metric("musubi_cache_hits_total")
        second = self.get(path)
        self.assertEqual(first[2], second[2])
        self.assertGreater(self.metric("musubi_cache_hits_total"), hits)

    def test_every_form_holds_the_same_page(self):
        plain = self.get("/ja/organisation")
        packed = self.get("/ja/organisation", Accept_Encoding="gzip")
        self.assertEqual(packed[1]["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(packed[2]), plain[2])
        self.assertNotEqual(packed[1]["ETag"], plain[1]["ETag"])
        self.assertIn("Accept-Encoding", packed[1]["Vary"])
        self.assertNotIn("Content-Encoding", self.get("/ja/organisation", Accept_Encoding="gzip;q=0")[1])

    def test_brotli_comes_when_a_page_is_wanted_often(self):
        import time
        for _ in range(100):
            headers = self.get("/en/", Accept_Encoding="br, gzip")[1]
            if headers.get("Content-Encoding") == "br":
                return
            time.sleep(0.1)
        self.fail("no Brotli after ten seconds")

    def test_what_the_client_has_is_not_sent_again(self):
        for coding in ("identity", "gzip"):
            tag = self.get("/en/organisation", Accept_Encoding=coding)[1]["ETag"]
            for given in (tag, "W/" + tag, f'"other", {tag}', "*"):
                status, _, body = self.get("/en/organisation", Accept_Encoding=coding, If_None_Match=given)
                self.assertEqual((status, body), (304, b""))
        self.assertEqual(self.get("/en/organisation", If_None_Match='"other"')[0], 200)

    def test_a_change_is_seen_at_once_and_only_where_it_shows(self):
        id = self.first_organisation()
        record, registers = f"/en/organisation/{id}", "/en/organisation"
        before = self.get(record)
        self.get("/en/hub")
        musubi("rename", "organisation", id, "renamed-for-the-test", "--reason", "the test")
        self.assertEqual(self.get(record)[0], 301)
        self.assertIn(b"renamed-for-the-test", self.get(registers)[2])
        self.assertEqual(self.get("/en/organisation/renamed-for-the-test")[0], 200)
        hits = self.metric("musubi_cache_hits_total")
        musubi("rename", "organisation", "renamed-for-the-test", id + "-2", "--reason", "the test again")
        self.get("/api/v1/source?limit=1")
        self.get("/api/v1/source?limit=1")
        self.assertGreater(self.metric("musubi_cache_hits_total"), hits)
        self.assertEqual(before[0], 200)

    def test_two_states_side_by_side_are_kept_until_anything_is_committed(self):
        id = self.first_organisation()
        musubi("edition", "freeze", "before", "--allow-gaps")
        musubi("rename", "organisation", id, "moved-after-the-edition", "--reason", "the test")
        first = self.get("/en/changes")
        self.assertEqual(first[0], 200)
        self.assertIn(b"moved-after-the-edition", first[2])
        hits = self.metric("musubi_cache_hits_total")
        self.assertEqual(self.get("/en/changes")[2], first[2])
        self.assertEqual(self.metric("musubi_cache_hits_total"), hits + 1)
        musubi("rename", "organisation", "moved-after-the-edition", "moved-again", "--reason", "the test again")
        later = self.get("/en/changes")[2]
        self.assertIn(b"moved-again", later)
        self.assertNotIn(b"moved-after-the-edition", later)

    def test_a_hub_with_computed_figures_is_kept_while_others_change(self):
        # An indicator counted by a measure depends on the measure's records and on the day, not on every commit.
        musubi("load", str(self.hubs()), "--sample")
        page = "/en/hub/hub-1"
        first = self.get(page)[2]
        self.assertIn(b"counted from records", first)
        self.assertIn(b"counted from records", self.get("/en/compare?hub=hub-1&hub=hub-3")[2])
        musubi("rename", "ranking", "rank-a", "rank-of-the-test", "--reason", "the test")
        for path in (page, "/en/compare?hub=hub-1&hub=hub-3"):
            hits = self.metric("musubi_cache_hits_total")
            self.get(path)
            self.assertEqual(self.metric("musubi_cache_hits_total"), hits + 1, path)
        musubi("rename", "facility", "facility-001", "facility-of-the-test", "--reason", "the test")
        self.assertIn(b"facility-of-the-test", self.get(page)[2])

    def hubs(self):
        folder = DATA.parent / "hubs"
        subprocess.run([str(ROOT / "tests/gen/hubs"), "--hubs", "4", "--indicators", "4", str(folder)], check=True)
        path = folder / "hub-indicator.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        lines = [line.replace(",sources", ",measure,sources") if number == 0 else
                 line.replace(',"[{', ",%s,\"[{" % ("facilities-by-hub" if number == 1 else ""))
                 for number, line in enumerate(lines)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return folder

    def test_what_must_not_be_kept_is_not(self):
        entries = self.metric("musubi_cache_entries")
        for path in ("/healthz", "/metrics", "/en/organisation/there-is-no-such", "/api/v1/organisation.csv"):
            self.get(path)
        self.assertEqual(self.metric("musubi_cache_entries"), entries)


unittest.main(verbosity=2)
