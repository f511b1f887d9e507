"""Many readers at once, while the store changes."""

import random
import threading
import unittest

from served import Answer, HARBOUR, Served

import http.client

READERS = 8
REQUESTS = 150
RENAMES = 12


class Crowd(unittest.TestCase):
    def read(self, number):
        chance = random.Random(number)
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)
        try:
            for _ in range(REQUESTS):
                target = chance.choice(self.targets)
                connection.request("GET", target)
                answer = Answer(connection.getresponse())
                if answer.status not in (200, 301, 308):
                    self.wrong.append((target, answer.status, answer.body[:200]))
                elif target.startswith("/api/v1/membership"):
                    # Whatever the organisation is called at this moment, every seat names one that is there.
                    for item in answer.json()["items"]:
                        member = item.get("member", {})
                        if "id" in member and not member["label"]:
                            self.wrong.append((target, member))
        except (OSError, http.client.HTTPException) as error:
            self.wrong.append(repr(error))
        finally:
            connection.close()

    def test_readers_see_one_state_while_ids_change(self):
        self.site = Served(HARBOUR)
        self.wrong = []
        self.targets = ["/api/v1", "/en/", "/api/v1/membership?organisation=nagia-council&on=2022-06-01", "/ja/organisation",
                        "/en/organisation?kind=university", "/api/v1/organisation.csv", "/api/v1/organisation.xlsx?lang=ja",
                        "/api/v1/organisation/brine-labs", "/en/organisation/brine-labs", "/ja/kpi", "/en/hub-value"]
        readers = [threading.Thread(target=self.read, args=(number,)) for number in range(READERS)]
        for reader in readers:
            reader.start()
        names = ["brine-labs"] + ["brine-labs-%d" % number for number in range(RENAMES)]
        for before, after in zip(names, names[1:]):
            self.site.command("rename", "organisation", before, after, "--reason", "a test")
        for reader in readers:
            reader.join()
        self.assertEqual([], self.wrong[:5])
        self.site.command("check")
        self.assertEqual(0, self.site.stop())
