"""The API's description is valid, and true: every path it names answers, and every answer fits its schema."""

import os
import subprocess
import unittest

from served import GTB, HARBOUR, ROOT, shared


class Description(unittest.TestCase):
    def check(self, site):
        path = os.path.join(site.folder, "openapi.json")
        with open(path, "wb") as file:
            file.write(site.get("/api/v1/openapi.json").body)
        done = subprocess.run(["node", os.path.join(ROOT, "tests", "support", "openapi-check.mjs"), path],
                              capture_output=True, text=True)
        self.assertEqual((0, ""), (done.returncode, done.stdout[:3000]), done.stderr[:1000])

    def test_is_valid(self):
        self.check(shared(GTB))

    def test_answers_fit_their_schemas(self):
        for pack in (GTB, HARBOUR):
            site = shared(pack)
            done = subprocess.run(["node", os.path.join(ROOT, "tests", "site", "schemas.mjs"), site.url],
                                  capture_output=True, text=True)
            self.assertEqual((0, ""), (done.returncode, done.stdout[:3000]), done.stderr[:1000])

    def test_every_path_answers(self):
        site = shared(HARBOUR)
        for path, item in site.get("/api/v1/openapi.json").json()["paths"].items():
            self.assertEqual(["get"], list(item))
            if "{id}" in path:
                items = site.get(path.split("/{id}")[0] + "?limit=1").json()["items"]
                if not items:
                    continue
                path = path.replace("{id}", items[0]["id"])
            answer = site.get(path)
            self.assertEqual(200, answer.status, path)
            self.assertIn(answer.kind(), item["get"]["responses"]["200"]["content"], path)
