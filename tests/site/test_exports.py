"""A list that is too long to be held in memory comes as a file, whole and with everything an answer has; it goes through a
temporary file, which is gone when the answer is out, also when the client went away."""

import csv
import io
import os
import socket
import subprocess
import tempfile
import time
import unittest
import zipfile

from served import ROOT, Served

ROWS = 6000
LIST = "/api/v1/organisation.csv"


class Exports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pack = tempfile.mkdtemp(prefix="exports.", dir=os.environ.get("TEST_TMP"))
        subprocess.run([os.path.join(ROOT, "tests/gen/corporate-register"), "--rows", str(ROWS), "--seed", "2", cls.pack],
                       check=True, stdout=subprocess.DEVNULL)
        cls.site = Served(cls.pack)

    @classmethod
    def tearDownClass(cls):
        cls.site.stop()

    def temporary_files(self):
        folder = "/proc/%d/fd" % self.site.process.pid
        links = []
        for name in os.listdir(folder):
            try:
                links.append(os.readlink(os.path.join(folder, name)))
            except FileNotFoundError:
                pass
        return [link for link in links if "(deleted)" in link and "etilqs" not in link]

    def assert_temporary_files_go(self):
        """A moment after the client has what it asked for."""
        until = time.monotonic() + 20
        while self.temporary_files() and time.monotonic() < until:
            time.sleep(0.02)
        self.assertEqual(self.temporary_files(), [])

    def test_csv_is_whole(self):
        answer = self.site.get(LIST)
        self.assertEqual(answer.status, 200)
        self.assertGreater(len(answer.body), 1 << 20, "the test is about what is larger than stays in memory")
        self.assertEqual(int(answer.headers["content-length"]), len(answer.body))
        rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
        self.assertEqual(len(rows), ROWS)
        self.assertEqual(len({row["id"] for row in rows}), ROWS)
        self.assert_temporary_files_go()

    def test_tag_and_head(self):
        answer = self.site.get(LIST)
        again = self.site.get(LIST, if_none_match=answer.headers["etag"])
        self.assertEqual((again.status, again.body), (304, b""))
        head = self.site.get(LIST, "HEAD")
        self.assertEqual(head.headers["content-length"], answer.headers["content-length"])
        self.assertEqual(head.body, b"")
        self.assert_temporary_files_go()

    def test_sheet_and_archive(self):
        sheet = zipfile.ZipFile(io.BytesIO(self.site.get("/api/v1/organisation.xlsx").body))
        self.assertIsNone(sheet.testzip())
        self.assertEqual(sheet.read("xl/worksheets/sheet1.xml").count(b"<row "), ROWS + 1)
        archive = zipfile.ZipFile(io.BytesIO(self.site.get("/en/data/everything.zip").body))
        self.assertIsNone(archive.testzip())
        self.assertEqual(sorted(archive.read("organisation.csv").splitlines()),
                         sorted(self.site.get(LIST).body.splitlines()))

    def test_client_that_goes_away(self):
        for _ in range(3):
            client = socket.create_connection(("127.0.0.1", self.site.port))
            client.sendall(b"GET " + LIST.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(1000)
            client.close()
        self.assert_temporary_files_go()
        self.assertEqual(self.site.get("/healthz").status, 200)


if __name__ == "__main__":
    unittest.main()
