"""The reading side of the API, as the contract says it."""

import json
import os
import shutil
import unittest
import urllib.parse

from served import GTB, HARBOUR, Served, shared


def ids(answer):
    return [item["id"] for item in answer["items"]]


def walk(site, register, **query):
    """Every item of a list, page by page."""
    items = []
    cursor = None
    while True:
        page = site.api("/" + register, **query, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items, page


class Community(unittest.TestCase):
    """The community's own pack answers what the contract names."""

    def setUp(self):
        self.site = shared(GTB)

    def test_index_tells_name_seq_and_registers(self):
        index = self.site.api("")
        self.assertEqual({"name", "seq", "sample", "registers"}, set(index))
        self.assertEqual("Greater Tokyo Biocommunity", index["name"]["en"])
        self.assertGreater(index["seq"], 0)
        registers = {entry["name"]: entry for entry in index["registers"]}
        self.assertEqual("Organisations", registers["organisation"]["title"]["en"])
        for entry in index["registers"]:
            self.assertEqual({"name", "title", "count", "url"}, set(entry))
            self.assertEqual({"ja", "en"}, set(entry["title"]))
            page = self.site.get(entry["url"] + "?limit=1").json()
            self.assertEqual((entry["count"], True), (page["total"], page["total_exact"]), entry["name"])

    def test_council_has_43_members(self):
        answer = self.site.api("/membership", organisation="council", on="2022-02-21")
        self.assertEqual(43, answer["total"])
        self.assertTrue(answer["total_exact"])
        self.assertEqual(43, len(answer["items"]))
        self.assertIsNone(answer["next"])
        self.assertEqual({"council"}, {item["organisation"]["id"] for item in answer["items"]})

    def test_university_of_tokyo(self):
        record = self.site.api("/organisation/utokyo")
        self.assertEqual({"ja": "東京大学", "en": "The University of Tokyo"}, record["name"])
        self.assertEqual("university", record["kind"])
        hub = {hub["id"]: hub["label"] for hub in record["hubs"]}["kashiwanoha"]
        self.assertTrue(hub["ja"].startswith("柏の葉"))

    def test_figures_dates_places_and_sources(self):
        kpi = self.site.api("/kpi/sales")
        self.assertEqual(103000000000000, kpi["baseline"]["value"])
        self.assertEqual("JPY", kpi["baseline"]["currency"])
        self.assertEqual(12, kpi["baseline"]["precision"])
        self.assertEqual(147000000000000, kpi["target"]["value"])
        place = self.site.api("/organisation/utokyo")["location"]
        self.assertAlmostEqual(35.7, place["lat"], delta=0.1)
        self.assertEqual("gtb-plan-2022", kpi["sources"][0]["source"])

    def test_hubs_projects_products_and_plan_items_are_there(self):
        for register in ("hub", "project", "product", "plan-item", "kpi-value", "fact", "topic"):
            self.assertGreater(self.site.api("/" + register, limit=1)["total"], 0, register)


class Lists(unittest.TestCase):
    def setUp(self):
        self.site = shared(HARBOUR)

    def test_every_list_is_walked_once_in_both_languages(self):
        for entry in self.site.api("")["registers"]:
            whole = set(ids(self.site.api("/" + entry["name"], limit=1000)))
            for lang in ("ja", "en"):
                items, _ = walk(self.site, entry["name"], limit=2, lang=lang)
                walked = [item["id"] for item in items]
                self.assertEqual(entry["count"], len(walked), entry["name"])
                self.assertEqual(whole, set(walked))

    def test_every_sort_walks_the_same_both_ways(self):
        parameters = self.site.get("/api/v1/openapi.json").json()["paths"]["/api/v1/organisation"]["get"]["parameters"]
        sorts = next(p for p in parameters if p.get("name") == "sort")["schema"]["enum"]
        self.assertIn("-name", sorts)
        for sort in sorts:
            for lang in ("ja", "en"):
                items, _ = walk(self.site, "organisation", limit=3, sort=sort, lang=lang)
                self.assertEqual(len({item["id"] for item in items}), len(items), sort)
                other = sort[1:] if sort.startswith("-") else "-" + sort
                back, _ = walk(self.site, "organisation", limit=4, sort=other, lang=lang)
                self.assertEqual(sorted(i["id"] for i in items), sorted(i["id"] for i in back))
                if sort == "id":
                    self.assertEqual([i["id"] for i in items], [i["id"] for i in reversed(back)])

    def test_order_follows_the_language(self):
        english, _ = walk(self.site, "organisation", sort="name", lang="en")
        names = [item["name"]["en"].lower() for item in english if "en" in item["name"]]
        self.assertEqual(sorted(names), names)

    def test_link_header_leads_to_the_next_page(self):
        answer = self.site.get("/api/v1/organisation?limit=2&lang=en")
        address = answer.headers["link"].split(">")[0].lstrip("<")
        page = self.site.get(address).json()
        self.assertEqual(2, len(page["items"]))
        self.assertFalse(set(ids(page)) & set(ids(answer.json())))

    def test_facets_narrow(self):
        everything = self.site.api("/organisation", limit=1000)["items"]
        for kind in {item["kind"] for item in everything}:
            expected = {item["id"] for item in everything if item["kind"] == kind}
            answer = self.site.api("/organisation", kind=kind)
            self.assertEqual(expected, set(ids(answer)))
            self.assertEqual(len(expected), answer["total"])

    def test_names_are_found_in_either_language(self):
        record = self.site.api("/organisation/port-nagia")
        for lang in ("ja", "en"):
            self.assertEqual(["port-nagia"], ids(self.site.api("/organisation", name=record["name"][lang])))

    def test_owner_narrows(self):
        everything = self.site.api("/event", limit=1000)["items"]
        owner = everything[0]["owner"]["id"]
        self.assertEqual({e["id"] for e in everything if e["owner"]["id"] == owner},
                         set(ids(self.site.api("/event", owner=owner))))


class Time(unittest.TestCase):
    """Who is a member on which date: tests/packs/harbour/README.md has the table."""

    MEMBERS = {
        "2018-12-31": 1, "2019-01-01": 2, "2019-04-01": 4, "2019": 4, "2020-01-14": 4, "2020-01-15": 5,
        "2020-10-01": 6, "2021-01-01": 7, "2021-03-09": 7, "2021-03-10": 8, "2021-12-31": 8, "2022-01-01": 8,
        "2022-05-14": 8, "2022-05-15": 8, "2022-06-30": 8, "2022-07-01": 7, "2023-03-31": 7, "2023-04-01": 6,
        "2024-08-31": 6, "2024-09-01": 7, "2024-12-31": 7, "2025-01-01": 6,
    }

    def setUp(self):
        self.site = shared(HARBOUR)

    def test_members_on_dates(self):
        for on, number in self.MEMBERS.items():
            answer = self.site.api("/membership", organisation="nagia-council", on=on)
            self.assertEqual(number, len(answer["items"]), on)
            self.assertEqual(number, answer["total"], on)

    def test_members_at_all_times(self):
        self.assertEqual(12, self.site.api("/membership", organisation="nagia-council")["total"])

    def test_one_seat_one_holder(self):
        for on, seat in (("2022-05-14", "council.port-nagia.1"), ("2022-05-15", "council.port-nagia.2")):
            answer = self.site.api("/membership", organisation="nagia-council", member="port-nagia", on=on)
            self.assertEqual([seat], ids(answer))

    def test_hubs_are_succeeded(self):
        self.assertEqual({"east-quay", "west-quay"}, set(ids(self.site.api("/hub", on="2023-12-31"))))
        self.assertEqual({"quays"}, set(ids(self.site.api("/hub", on="2024-01-01"))))

    def test_nothing_private_leaks(self):
        for register, number in (("person", 3), ("need", 1), ("event", 4), ("expert", 0), ("case", 0), ("supply-link", 0)):
            self.assertEqual(number, self.site.api("/" + register)["total"], register)
        self.assertNotIn("budget", self.site.api("/need")["items"][0])
        everything = b"".join(self.site.get(p).body for p in self.pages())
        for secret in (b"council.saltmarsh-foods", b"council.whelk", b"sol-marsh"):
            self.assertNotIn(secret, everything)

    def test_records_are_the_same_however_they_are_written(self):
        """The record comes straight from its row, its history from values. An indicator says more than its row."""
        for entry in self.site.api("")["registers"]:
            if entry["name"] == "kpi":
                continue
            listed = self.site.api("/" + entry["name"], limit=1000)["items"]
            for item in listed:
                target = "%s/%s" % (entry["url"], item["id"])
                whole = self.site.get(target).text()
                history = self.site.get(target + "/history?limit=1").text()
                self.assertIn('"after":%s}' % whole, history, target)
                self.assertEqual(item, json.loads(whole))

    def pages(self):
        for entry in self.site.api("")["registers"]:
            yield entry["url"] + "?limit=1000"
            for item in self.site.api("/" + entry["name"], limit=1000)["items"]:
                yield "%s/%s/history" % (entry["url"], item["id"])
                yield "/en/%s/%s" % (entry["name"], item["id"])


class Past(unittest.TestCase):
    """A store that changes while it is served."""

    @classmethod
    def setUpClass(cls):
        cls.site = Served(HARBOUR)

    @classmethod
    def tearDownClass(cls):
        assert cls.site.stop() == 0

    def test_as_of_reads_what_was_known(self):
        seq = self.site.api("")["seq"]
        total = self.site.api("/organisation")["total"]
        self.assertEqual(total, self.site.api("/organisation", as_of="seq:%d" % seq)["total"])
        # The pack came as one change set, which is never seen in part.
        self.assertEqual(total, self.site.api("/organisation", as_of="seq:1")["total"])
        walked, _ = walk(self.site, "organisation", as_of="seq:%d" % (seq // 2), limit=2)
        self.assertEqual(len(walked), self.site.api("/organisation", as_of="seq:%d" % (seq // 2))["total"])

    def test_renamed_ids_redirect(self):
        before = self.site.api("")["seq"]
        self.site.command("rename", "organisation", "tidewell", "tidewell-foods", "--reason", "they call themselves so")
        answer = self.site.get("/api/v1/organisation/tidewell?lang=en")
        self.assertEqual((308, "/api/v1/organisation/tidewell-foods?lang=en"),
                         (answer.status, answer.headers["location"]))
        answer = self.site.get("/api/v1/organisation/tidewell/history")
        self.assertEqual((308, "/api/v1/organisation/tidewell-foods/history"),
                         (answer.status, answer.headers["location"]))
        answer = self.site.get("/ja/organisation/tidewell")
        self.assertEqual((301, "/ja/organisation/tidewell-foods"), (answer.status, answer.headers["location"]))
        self.assertEqual("tidewell", self.site.api("/organisation/tidewell", as_of="seq:%d" % before)["id"])
        kinds = [item["kind"] for item in self.site.api("/organisation/tidewell-foods/history")["items"]]
        self.assertIn("rename", kinds)

    def test_deleted_records_are_gone_but_their_past_stays(self):
        pack = os.path.join(self.site.folder, "pack")
        shutil.copytree(HARBOUR, pack)
        path = os.path.join(pack, "ranking.csv")
        with open(path, encoding="utf-8-sig") as file:
            lines = file.read().splitlines(keepends=True)
        gone = lines[-1].split(",")[0]
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines[:-1])
        before = self.site.api("")["seq"]
        self.site.command("load", "--prune", pack)
        answer = self.site.get("/api/v1/ranking/" + gone)
        self.assertEqual((410, "urn:musubi:problem:gone"), (answer.status, answer.json()["type"]))
        self.assertEqual("delete", self.site.api("/ranking/%s/history" % gone)["items"][0]["kind"])
        self.assertEqual(gone, self.site.api("/ranking/" + gone, as_of="seq:%d" % before)["id"])
        page = self.site.get("/ja/ranking/" + gone)
        self.assertEqual(410, page.status)
        self.assertIn('href="/ja/ranking/%s/history"' % gone, page.text())
        self.assertIn("削除", self.site.get("/ja/ranking/%s/history" % gone).text())
        self.assertEqual(200, self.site.get("/ja/ranking/%s?as_of=seq:%d" % (gone, before)).status)

    def test_history_tells_who_when_why(self):
        revision = self.site.api("/organisation/nagia-university/history")["items"][-1]
        self.assertEqual("create", revision["kind"])
        self.assertIsNone(revision["before"])
        self.assertEqual("nagia-university", revision["after"]["id"])
        self.assertRegex(revision["at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        for key in ("seq", "author", "reason", "change_set", "changed"):
            self.assertIn(key, revision)

    def test_a_changed_label_changes_the_etag_of_who_names_it(self):
        target = "/api/v1/membership?organisation=algae-circle"
        before = self.site.get(target).headers["etag"]
        self.site.command("rename", "organisation", "brine-labs", "brine-laboratories", "--reason", "a test")
        self.assertNotEqual(before, self.site.get(target).headers["etag"])


class Caching(unittest.TestCase):
    TARGETS = (
        "/api/v1", "/api/v1/organisation?limit=3", "/api/v1/organisation/port-nagia", "/api/v1/openapi.json",
        "/api/v1/organisation/port-nagia/history", "/api/v1/organisation.csv", "/ja/", "/en/organisation",
        "/en/organisation/port-nagia", "/ja/organisation/port-nagia/history",
    )

    def setUp(self):
        self.site = shared(HARBOUR)

    def test_unchanged_answers_are_304(self):
        for target in self.TARGETS:
            answer = self.site.get(target)
            self.assertEqual(200, answer.status, target)
            tag = answer.headers["etag"]
            self.assertRegex(tag, r'^"[0-9a-f-]+"$')
            for header in (tag, "W/" + tag, '"other", ' + tag, "*"):
                again = self.site.get(target, if_none_match=header)
                self.assertEqual((304, b""), (again.status, again.body), (target, header))
                self.assertEqual(tag, again.headers["etag"])
            self.assertEqual(200, self.site.get(target, if_none_match='"other"').status)

    def test_head_is_get_without_body(self):
        for target in self.TARGETS:
            get = self.site.get(target)
            head = self.site.get(target, method="HEAD")
            self.assertEqual((200, b""), (head.status, head.body))
            for name in ("etag", "content-type", "content-length", "cache-control"):
                self.assertEqual(get.headers.get(name), head.headers.get(name), (target, name))


class Problems(unittest.TestCase):
    CASES = (
        ("/api/v1/organisation?colour=red", 400, "unknown-parameter", "colour"),
        ("/api/v1/organisation?limit=0", 400, "invalid-value", "limit"),
        ("/api/v1/organisation?limit=1001", 400, "invalid-value", "limit"),
        ("/api/v1/organisation?limit=1&limit=2", 400, "repeated-parameter", "limit"),
        ("/api/v1/organisation?kind=submarine", 400, "invalid-value", "kind"),
        ("/api/v1/organisation?sort=website", 400, "invalid-value", "sort"),
        ("/api/v1/organisation?on=yesterday", 400, "invalid-value", "on"),
        ("/api/v1/organisation?on=2022-02-30", 400, "invalid-value", "on"),
        ("/api/v1/organisation?as_of=2022", 400, "invalid-value", "as_of"),
        ("/api/v1/organisation?as_of=seq:999999999", 400, "invalid-value", "as_of"),
        ("/api/v1/organisation?as_of=seq:99999999999999999999999", 400, "invalid-value", "as_of"),
        ("/api/v1/organisation?lang=fr", 400, "invalid-value", "lang"),
        ("/api/v1/organisation?cursor=nonsense", 400, "invalid-value", "cursor"),
        ("/api/v1/organisation?owner=", 400, "invalid-value", "owner"),
        ("/api/v1/need?budget=1", 400, "unknown-parameter", "budget"),
        ("/api/v1/organisation/port-nagia?on=2022", 400, "unknown-parameter", "on"),
        ("/api/v1/organisation/port-nagia/history?cursor=x", 400, "invalid-value", "cursor"),
        ("/api/v1/openapi.json?pretty=1", 400, "unknown-parameter", "pretty"),
        ("/api/v1?limit=3", 400, "unknown-parameter", "limit"),
        ("/api/v1/organisation/no-such", 404, "no-record", None),
        ("/api/v1/organisation/%00", 400, None, None),
        ("/api/v1/organisation/no-such/history", 404, "no-record", None),
        ("/api/v1/nonsense", 404, "no-register", None),
        ("/api/v1/nonsense/x", 404, "no-register", None),
        ("/api/v1/organisation.pdf", 404, "no-form", None),
        ("/api/v1/organisation.ics", 404, "no-form", None),
        ("/api/v1/organisation/port-nagia.csv", 404, "no-record", None),
        ("/api/v1/organisation/port-nagia/history/x", 404, "not-found", None),
        ("/api/v2", 404, "not-found", None),
    )

    def setUp(self):
        self.site = shared(HARBOUR)

    def test_problem_documents_name_the_field_and_what_is_allowed(self):
        for target, status, kind, field in self.CASES:
            answer = self.site.get(target)
            self.assertEqual((status, "application/problem+json"), (answer.status, answer.kind()), target)
            document = answer.json()
            self.assertEqual(status, document["status"])
            self.assertTrue(document["title"])
            self.assertTrue(document["detail"])
            if kind is not None:
                self.assertEqual("urn:musubi:problem:" + kind, document["type"], target)
            self.assertEqual(field, document.get("field"), target)
            if field not in (None, "cursor", "pretty") and kind != "repeated-parameter":
                self.assertIn("Allowed:", document["detail"], target)

    def test_everything_that_is_allowed_is_listed(self):
        allowed = self.site.get("/api/v1/organisation?colour=red").json()["allowed"]
        for name in ("kind", "sort", "limit", "cursor", "on", "as_of", "owner", "lang"):
            self.assertIn(name, allowed)
        self.assertIn("university", self.site.get("/api/v1/organisation?kind=x").json()["allowed"])

    def test_private_fields_are_not_named(self):
        allowed = self.site.get("/api/v1/need?colour=red").json()["allowed"]
        self.assertNotIn("budget", allowed)

    def test_writing_is_refused_clearly(self):
        for target in ("/api/v1/organisation", "/api/v1/organisation/port-nagia", "/en/organisation", "/healthz"):
            for method in ("POST", "PUT", "DELETE"):
                answer = self.site.get(target, method=method)
                self.assertEqual(405, answer.status, (method, target))
                self.assertIn("GET", answer.headers["allow"])
                if target.startswith("/api"):
                    self.assertEqual("application/problem+json", answer.kind())
                    self.assertIn("read only", answer.json()["detail"])
            self.assertIn(self.site.get(target, method="BREW").status, (405, 501))

    def test_garbage_is_answered_with_4xx(self):
        paths = ("/", "/api/v1/", "/api/v1/organisation", "/api/v1/organisation/", "/en/", "/ja/organisation/",
                 "/static/", "/api/v1/organisation.")
        tails = ("%", "%zz", "%ff%fe", "%2e%2e/%2e%2e/etc/passwd", "..%2f", "x" * 3000, "%E2%80%AE", "a%0d%0aSet-Cookie:x",
                 "?" + "&".join("a%d=%d" % (i, i) for i in range(200)), "?=&=&;", "?on=%00", "?sort=--name", "?%f0%9f=1",
                 "?kind[]=x", "?limit=1e3", "?limit=%EF%BC%91", "?cursor=" + "A" * 390, "?as_of=seq:-1", "'\"<script>")
        for path in paths:
            for tail in tails:
                answer = self.site.get(path + tail.replace(" ", "+"))
                self.assertTrue(answer.status < 500, (path + tail, answer.status))
                self.assertNotIn(b"<script>", answer.body)

    def test_hostile_headers_do_no_harm(self):
        for headers in ({"if_none_match": ",,,\"\"W/W/"}, {"accept_language": "ja;q=9,;;;q=,en;q=x"}, {"accept": "*" * 900},
                        {"host": "evil\" onload=x"}, {"if_none_match": "é"}):
            for target in ("/", "/en/", "/api/v1/organisation"):
                try:
                    answer = self.site.get(target, **headers)
                except UnicodeEncodeError:
                    continue
                self.assertTrue(answer.status < 500, (headers, target))
                self.assertNotIn(b"onload=x", answer.body)

    def test_long_values_are_cut_between_characters(self):
        answer = self.site.get("/api/v1/organisation?kind=" + urllib.parse.quote("東" * 100))
        self.assertEqual(400, answer.status)
        self.assertLess(len(answer.json()["detail"]), 600)


class Doors(unittest.TestCase):
    """CORS, security headers, forms, health."""

    def setUp(self):
        self.site = shared(HARBOUR)

    def test_any_site_may_read(self):
        for target in ("/api/v1", "/api/v1/organisation", "/api/v1/nonsense", "/api/v1/organisation.csv"):
            answer = self.site.get(target, origin="https://elsewhere.example")
            self.assertEqual("*", answer.headers["access-control-allow-origin"])
            self.assertIn("ETag", answer.headers["access-control-expose-headers"])
        answer = self.site.get("/api/v1/organisation", method="OPTIONS", origin="https://elsewhere.example",
                               access_control_request_method="GET", access_control_request_headers="if-none-match")
        self.assertEqual((204, b""), (answer.status, answer.body))
        self.assertIn("GET", answer.headers["access-control-allow-methods"])
        self.assertIn("If-None-Match", answer.headers["access-control-allow-headers"])
        self.assertNotIn("access-control-allow-origin", self.site.get("/en/").headers)

    def test_every_answer_carries_its_policy(self):
        for target in ("/", "/en/", "/ja/organisation", "/en/no", "/api/v1", "/api/v1/no", "/healthz", "/metrics"):
            answer = self.site.get(target)
            self.assertEqual("nosniff", answer.headers["x-content-type-options"], target)
            policy = answer.headers["content-security-policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertIn("referrer-policy", answer.headers)

    def test_forms_of_lists(self):
        csv = self.site.get("/api/v1/organisation.csv")
        self.assertEqual("text/csv", csv.kind())
        self.assertTrue(csv.body.startswith(b"\xef\xbb\xbf"))
        self.assertIn("attachment", csv.headers["content-disposition"])
        self.assertEqual(self.site.api("/organisation")["total"], len(csv.text().strip().splitlines()) - 1)
        one = self.site.get("/api/v1/organisation.csv?kind=university")
        self.assertEqual(self.site.api("/organisation", kind="university")["total"],
                         len(one.text().strip().splitlines()) - 1)
        self.assertEqual("FeatureCollection", self.site.get("/api/v1/organisation.geojson").json()["type"])
        self.assertIn("@context", self.site.get("/api/v1/organisation.jsonld").json())
        self.assertTrue(self.site.get("/api/v1/event.ics").body.startswith(b"BEGIN:VCALENDAR\r\n"))
        self.assertEqual("application/atom+xml", self.site.get("/api/v1/organisation.atom").kind())
        self.assertTrue(self.site.get("/api/v1/organisation.xlsx").body.startswith(b"PK"))

    def test_health_and_metrics(self):
        self.assertEqual({"status": "ok"}, self.site.get("/healthz").json())
        metrics = self.site.get("/metrics").text()
        for name in ("musubi_http_requests_total", "musubi_http_responses_total", "musubi_store_last_seq",
                     "musubi_http_handler_seconds_bucket"):
            self.assertIn("\n" + name, metrics)
        for line in metrics.splitlines():
            if not line.startswith("#"):
                self.assertRegex(line, r'^[a-z_]+(\{[a-z]+="[^"]*"\})? -?[0-9.e+]+$')

    def test_slashes_are_mended(self):
        for target, status, location in (
                ("/api/v1/", 308, "/api/v1"), ("/api/v1/organisation/?limit=2", 308, "/api/v1/organisation?limit=2"),
                ("/ja", 301, "/ja/"), ("/en/organisation/", 301, "/en/organisation")):
            answer = self.site.get(target)
            self.assertEqual((status, location), (answer.status, answer.headers.get("location")), target)
