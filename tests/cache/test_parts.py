"""Parts that a reader keeps of pages and lists: after every change the server that kept them says what one begun anew says."""

import http.client
import json
import os
import pathlib
import shutil
import subprocess
import unittest

MUSUBI = os.environ["MUSUBI"]
ROOT = pathlib.Path(os.environ["ROOT"])
TMP = pathlib.Path(os.environ["TEST_TMP"])


def musubi(*arguments, data):
    return subprocess.run([MUSUBI, *map(str, arguments), "--data", str(data)], capture_output=True, text=True, check=True)


class Server:
    """One thread, so that each answer comes from the same reader; no whole answers are kept."""

    def __init__(self, data):
        self.process = subprocess.Popen([MUSUBI, "serve", "--listen", "127.0.0.1:0", "--threads", "1", "--data", str(data)],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        env={**os.environ, "MUSUBI_CACHE_BYTES": "0"})
        host, port = self.process.stdout.readline().split("//")[1].strip().rstrip("/").rsplit(":", 1)
        self.connection = http.client.HTTPConnection(host, int(port), timeout=30)

    def get(self, path):
        self.connection.request("GET", path, headers={"Host": "site.example"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def stop(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def said(server):
    """What it answers under every record's address and of every register's list."""
    answers = {}
    for register in json.loads(server.get("/api/v1")[1])["registers"]:
        path = f"/api/v1/{register['name']}?limit=50"
        answers[path] = server.get(path)
        for item in json.loads(answers[path][1])["items"]:
            for lang in ("ja", "en"):
                address = f"/{lang}/{register['name']}/{item['id']}"
                answers[address] = server.get(address)
    return answers


class Parts(unittest.TestCase):
    def setUp(self):
        self.data, self.pack = TMP / "parts-data", TMP / "parts-pack"
        shutil.copytree(ROOT / "tests/packs/harbour", self.pack)
        musubi("load", self.pack, data=self.data)
        self.server = Server(self.data)

    def tearDown(self):
        self.server.stop()
        shutil.rmtree(self.data)
        shutil.rmtree(self.pack)

    def replace(self, name, old, new):
        path = self.pack / name
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new), encoding="utf-8")

    def load_with(self, name, old, new):
        self.replace(name, old, new)
        musubi("load", self.pack, data=self.data)

    def backup(self):
        copy = TMP / "parts-copy"
        copy.mkdir()
        musubi("backup", copy / "store.db", data=self.data)
        return copy

    def said_anew(self):
        server = Server(self.backup())
        try:
            return said(server)
        finally:
            server.stop()
            shutil.rmtree(TMP / "parts-copy")

    def test_links_lead_into_the_state_that_was_asked_for(self):
        musubi("edition", "freeze", "now", "--allow-gaps", data=self.data)
        seq = json.loads(self.server.get("/api/v1")[1])["seq"]
        addresses = ("/en/hub/west-quay", f"/en/hub/west-quay?as_of=seq:{seq}", "/en/edition/now/hub/west-quay")
        first = [self.server.get(address) for address in addresses]
        self.assertEqual([status for status, _ in first], [200, 200, 200])
        self.assertEqual(first, [self.server.get(address) for address in addresses])
        for order in (addresses, addresses[::-1]):
            anew = Server(self.backup())
            answers = {address: anew.get(address) for address in order}
            anew.stop()
            shutil.rmtree(TMP / "parts-copy")
            self.assertEqual(first, [answers[address] for address in addresses])
        self.assertIn(b'href="/en/edition/now/', first[2][1])
        self.assertNotIn(b'href="/en/edition/now/hub', first[0][1])
        self.assertNotIn(b"?as_of=seq:%d" % seq, first[2][1])

    def test_what_is_kept_never_outlives_what_it_was_made_of(self):
        changes = (
            lambda: musubi("rename", "organisation", "port-nagia", "port", "--reason", "a test", data=self.data),
            lambda: self.load_with("exchange-rate.csv", ",NOK,10.5,", ",NOK,11.5,"),
            lambda: self.load_with("community.csv", "Europe/Oslo", "Asia/Tokyo"),
            lambda: self.load_with("hub.csv", "West Quay,", "Western Quay,"),
        )
        before = said(self.server)
        self.assertEqual(before, said(self.server))
        for number, change in enumerate(changes):
            with self.subTest(change=number):
                change()
                now = said(self.server)
                anew = self.said_anew()
                self.assertEqual(now.keys(), anew.keys())
                self.assertEqual([path for path in now if now[path] != anew[path]], [])
                self.assertNotEqual([path for path in now if now[path] != before.get(path)], [])
                before = now


unittest.main(verbosity=2)
