"""The enquiry form as people and robots meet it."""

import datetime
import json
import re
import unittest

from desk import GOOD, Desk, Page


class Form(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.desk = Desk(enquiries_each_an_hour=1000, enquiries_an_hour=1000)

    @classmethod
    def tearDownClass(cls):
        cls.desk.stop()

    def refused(self, answer, *wrong):
        """The page again, with these fields marked wrong and everything else as it was."""
        self.assertEqual(422, answer.status, answer.text()[:2000])
        page = Page(answer.text())
        marked = sorted(name for name, attributes in page.attributes.items() if attributes.get("aria-invalid") == "true")
        self.assertEqual(sorted(wrong), marked)
        for name in wrong:
            described = page.attributes[name]["aria-describedby"].split()
            self.assertIn("contact-%s-error" % name, described)
            self.assertTrue(all(id in page.ids for id in described), described)
            self.assertIn('href="#contact-%s"' % name, answer.text())
        self.assertIn("no-store", answer.headers["cache-control"])
        return page

    # ---- as it should be ----

    def test_every_field_has_a_label_and_ids_are_unique(self):
        for lang in ("en", "ja"):
            page = self.desk.form(lang, "?about=organisation/utokyo")
            self.assertEqual(len(page.ids), len(set(page.ids)))
            for name, attributes in page.attributes.items():
                if attributes.get("type") != "hidden":
                    self.assertTrue(page.labels[attributes["id"]].strip(), name)

    def test_it_is_taken_and_answered_with_number_and_day(self):
        for lang, words in (("en", "We have received your enquiry"), ("ja", "受け付けました")):
            answer = self.desk.send(lang, language=lang)
            self.assertEqual(303, answer.status, answer.text()[:2000])
            self.assertEqual("no-store", answer.headers["cache-control"])
            page = self.desk.get(answer.headers["location"])
            self.assertEqual(200, page.status)
            self.assertIn(words, page.text())
            self.assertIn(self.desk.number(answer), page.text())
            self.assertEqual("no-store", page.headers["cache-control"])
            self.assertEqual("noindex", page.headers["x-robots-tag"])
            self.assertNotIn("jane@", page.text())

    def test_it_is_kept_as_it_was_written(self):
        message = "<script>alert('x')</script> & \"more\"\n\n.\n二行目 🧬"
        record = self.desk.enquiry(self.desk.number(self.desk.send(message=message, name="  O'Neill <b>  ")))
        self.assertEqual(message, record["body"])
        self.assertEqual("O'Neill <b>", record["sender_name"])
        self.assertEqual(("new", "investment", "US", "en", "jane@example.org", "Example Ventures"),
                         tuple(record[name] for name in ("state", "topic", "country", "language", "sender_email",
                                                         "sender_organisation")))
        self.assertEqual("secretariat", record["visibility"])
        received = datetime.datetime.fromisoformat(record["received"].replace("Z", "+00:00"))
        day = received.astimezone(datetime.timezone(datetime.timedelta(hours=9))).date()
        left = 5
        while left:
            day += datetime.timedelta(days=1)
            left -= day.weekday() < 5
        self.assertEqual(day.isoformat(), record["due"])

    def test_it_goes_to_whom_it_concerns(self):
        secretariat = self.desk.enquiry(self.desk.number(self.desk.send()))
        self.assertEqual({"id": "jba"}, secretariat["assigned_to"])
        about = self.desk.enquiry(self.desk.number(self.desk.send(query="?about=organisation/utokyo")))
        self.assertEqual("organisation/utokyo", about["about"])
        self.assertIn("The University of Tokyo", about["subject"])
        none = self.desk.enquiry(self.desk.number(self.desk.send(query="?about=organisation/nobody")))
        self.assertNotIn("about", none)

    def test_a_link_may_choose_topic_and_record_and_nothing_else(self):
        page = self.desk.form("en", "?topic=partner&about=organisation/utokyo&name=Mallory&message=Buy")
        self.assertEqual(("partner", "organisation/utokyo", "", ""),
                         tuple(page.fields[name] for name in ("topic", "about", "name", "message")))

    def test_nobody_in_public_sees_it(self):
        number = self.desk.number(self.desk.send(message="unheard-of-words"))
        for path in ("/api/v1/enquiry", "/api/v1/enquiry.csv", "/api/v1/mail", "/en/enquiry", "/api/v1/enquiry.atom"):
            answer = self.desk.get(path)
            self.assertNotIn(number, answer.text(), path)
            self.assertNotIn("jane@example.org", answer.text(), path)
        self.assertEqual(404, self.desk.get("/api/v1/enquiry/" + number).status)
        self.assertEqual(404, self.desk.get("/en/enquiry/" + number).status)

    def test_no_address_stands_on_the_pages(self):
        for path in ("/en/contact", "/ja/contact", "/en/contact?about=organisation/jba"):
            text = self.desk.get(path).text()
            self.assertEqual(["name@example.org"] * text.count("name@example.org"),
                             re.findall(r"[\w.+-]+@[\w.-]+\w", text))

    # ---- mistakes ----

    def test_each_mistake_is_said_beside_its_field_and_what_was_typed_stays(self):
        for lang in ("en", "ja"):
            for name, value in (("topic", ""), ("topic", "no-such"), ("message", " "), ("message", "x" * 5001), ("name", ""),
                                ("name", "x" * 201), ("email", ""), ("email", "jane"), ("email", "jane@host"),
                                ("email", "a@b@example.org"), ("email", "ja ne@example.org"), ("email", "ジェーン@example.org"),
                                ("country", "XX"), ("language", ""), ("language", "lt"), ("consent", "")):
                with self.subTest(lang=lang, name=name, value=value[:20]):
                    page = self.refused(self.desk.send(lang, **{name: value}), name)
                    for other, typed in GOOD.items():
                        if other != name:
                            self.assertEqual(typed, page.fields[other], other)

    def test_all_mistakes_are_said_at_once(self):
        self.refused(self.desk.post({"token": self.desk.form().fields["token"]}), "topic", "message", "name", "email",
                     "language", "consent")

    def test_what_was_typed_is_escaped(self):
        answer = self.desk.send(name='"><script>alert(1)</script>', message="</textarea><img src=x>", email="")
        self.assertNotIn("<script>alert", answer.text())
        self.assertNotIn("<img src=x", answer.text())
        self.assertEqual('"><script>alert(1)</script>', Page(answer.text()).fields["name"])

    # ---- robots and other sites ----

    def test_a_robot_that_fills_in_everything_is_stopped_and_a_person_is_told(self):
        page = self.desk.form()
        self.assertIn("website", page.fields)
        answer = self.desk.send(website="https://spam.example")
        self.refused(answer, "website")
        self.assertNotRegex(answer.text(), r'<div class="part" hidden>')
        self.assertIn("hidden", self.desk.get("/en/contact").text())

    def test_a_form_without_a_good_token_is_not_taken(self):
        token = self.desk.form().fields["token"]
        forged = ("", "x", "-", token[:-1] + ("0" if token[-1] != "0" else "1"), "9" + token, token + "0",
                  "1-00-" + "0" * 32, "99999999999999999999" + token[10:])
        before = self.desk.count()
        for bad in forged:
            with self.subTest(token=bad):
                page = self.refused(self.desk.send(token=bad))
                self.assertNotEqual(bad, page.fields["token"])
                self.assertEqual(303, self.desk.post(page.fields).status, "the new one is good")
        self.assertEqual(before + len(forged), self.desk.count())

    def test_sent_twice_is_stored_once(self):
        fields = {**self.desk.form().fields, **GOOD}
        first, second = self.desk.post(fields), self.desk.post(fields)
        self.assertEqual((303, first.headers["location"]), (second.status, second.headers["location"]))

    def test_other_sites_cannot_send_it(self):
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                        {"Sec-Fetch-Site": "same-site"},
                        {"Origin": "http://127.0.0.1:%d" % self.desk.port, "Sec-Fetch-Site": "cross-site"}):
            self.assertEqual(403, self.desk.send(headers=headers).status, headers)
        own = {"Origin": "http://127.0.0.1:%d" % self.desk.port, "Sec-Fetch-Site": "same-origin"}
        self.assertEqual(303, self.desk.send(headers=own).status)

    def test_the_page_of_arrival_says_only_what_was_so(self):
        place = self.desk.send().headers["location"]
        for changed in (place.replace("number=2", "number=3"), re.sub("due=....", "due=1999", place), place[:-1],
                        "/en/contact/received", "/en/contact/received?number=1&due=2026-01-01&seal="):
            self.assertEqual(404, self.desk.get(changed).status, changed)

    # ---- hostile input ----

    def test_other_bodies_are_refused(self):
        token = self.desk.form().fields["token"]
        for status, body, kind in ((413, b"message=" + b"x" * (10 << 20), None), (400, b"name=a%00b&token=" + token.encode(), None),
                                   (400, b"name=%FF%FE", None), (400, b"name=%ED%A0%80", None), (400, b"name=a%1Bb", None),
                                   (422, b"&".join(b"a=1" for _ in range(200)), None), (415, b"{}", "application/json"),
                                   (415, b"--x--", "multipart/form-data; boundary=x")):
            answer = self.desk.post(body, headers={"Content-Type": kind} if kind else None)
            self.assertEqual(status, answer.status, body[:40])
            self.assertEqual("text/html", answer.kind())

    def test_line_breaks_do_not_reach_a_header(self):
        for name, value in (("email", "jane@example.org\r\nBcc: all@example.org"), ("name", "Jane\r\nBcc: all@example.org"),
                            ("email", "jane@example.org,all@example.org"), ("organisation", "a\nb")):
            self.refused(self.desk.send(**{name: value}), name)

    def test_methods_are_named(self):
        answer = self.desk.get("/en/contact", method="DELETE")
        self.assertEqual((405, "GET, HEAD, POST, OPTIONS"), (answer.status, answer.headers["allow"]))
        answer = self.desk.post({}, path="/en/organisation")
        self.assertEqual((405, "GET, HEAD, OPTIONS"), (answer.status, answer.headers["allow"]))
        self.assertEqual("GET, HEAD, POST, OPTIONS", self.desk.get("/en/contact", method="OPTIONS").headers["allow"])

    def test_the_form_is_never_kept(self):
        first, second = self.desk.get("/en/contact"), self.desk.get("/en/contact")
        self.assertEqual("no-store", first.headers["cache-control"])
        self.assertNotIn("etag", first.headers)
        self.assertNotEqual(Page(first.text()).fields["token"], Page(second.text()).fields["token"])
        self.assertNotIn("set-cookie", first.headers)


class Limits(unittest.TestCase):
    def test_one_address_may_send_only_so_many(self):
        desk = Desk(enquiries_each_an_hour=2, trusted_proxy="127.0.0.1")
        try:
            def send(address):
                return desk.send(headers={"X-Forwarded-For": address})
            self.assertEqual([303, 303, 429], [send("192.0.2.1").status for _ in range(3)])
            answer = send("192.0.2.1")
            self.assertTrue(0 < int(answer.headers["retry-after"]) <= 1801, answer.headers)
            self.assertEqual(GOOD["message"], Page(answer.text()).fields["message"])
            self.assertEqual(303, send("192.0.2.2").status)
            self.assertEqual([303, 303, 429], [send("2001:db8::%d" % i).status for i in range(1, 4)])
            self.assertEqual(303, send("2001:db8:0:1::1").status)
        finally:
            desk.stop()

    def test_all_together_may_send_only_so_many(self):
        desk = Desk(enquiries_an_hour=3, trusted_proxy="127.0.0.1")
        try:
            statuses = [desk.send(headers={"X-Forwarded-For": "192.0.2.%d" % i}).status for i in range(5)]
            self.assertEqual([303, 303, 303, 429, 429], statuses)
            self.assertEqual(422, desk.send(message="").status)
        finally:
            desk.stop()

    def test_what_comes_back_at_once_was_not_filled_in(self):
        desk = Desk(form_least_ms=60000)
        try:
            fields = {**desk.form().fields, **GOOD}
            answer = desk.post(fields)
            self.assertEqual(422, answer.status)
            self.assertEqual(fields["token"], Page(answer.text()).fields["token"], "waiting is enough")
            self.assertEqual(0, desk.count())
        finally:
            desk.stop()


class AtTheDesk(unittest.TestCase):
    def test_an_enquiry_is_answered_step_by_step(self):
        desk = Desk()
        try:
            number = desk.number(desk.send())
            self.assertIn(number, desk.command("enquiry", "list"))
            self.assertNotIn("jane", desk.command("enquiry", "list"))
            self.assertIn("jane@example.org", desk.command("enquiry", "show", number))
            # The desk reads its community's first language.
            self.assertIn("番号: " + number, desk.command("enquiry", "show", number))
            self.assertIn("期限 ", desk.command("enquiry", "list"))
            desk.command("enquiry", "forward", number, "utokyo", "--reason", "a question about a laboratory")
            self.assertEqual(("assigned", {"id": "utokyo"}), (desk.enquiry(number)["state"], desk.enquiry(number)["assigned_to"]))
            self.assertIn(number, desk.command("enquiry", "list", "--for", "utokyo"))
            desk.command("enquiry", "answer", number, "--text", "There is room.", "--by", "utokyo")
            record = desk.enquiry(number)
            self.assertEqual(("answered", "There is room."), (record["state"], record["answer"]))
            desk.command("enquiry", "close", number)
            with self.assertRaisesRegex(RuntimeError, "is over"):
                desk.command("enquiry", "answer", number, "--text", "Again")
            with self.assertRaisesRegex(RuntimeError, "nobody"):
                desk.command("enquiry", "forward", number, "nobody")
            with self.assertRaisesRegex(RuntimeError, "there is no enquiry"):
                desk.command("enquiry", "close", "2026-99999")
            steps = [revision["after"]["state"] for revision in json.loads(desk.command("history", "enquiry", number, "--json"))]
            self.assertEqual(["closed", "answered", "assigned", "new"], steps)
            desk.command("redact", "enquiry", number, "--reason", "asked for")
            record = desk.enquiry(number)
            self.assertEqual([], [name for name in record if name.startswith("sender") or name in ("body", "answer")])
            self.assertNotIn("Jane", desk.command("history", "enquiry", number, "--json"))
            self.assertIn("sound", desk.command("check"))
        finally:
            desk.stop()

    def test_numbers_follow_each_other(self):
        desk = Desk()
        try:
            numbers = [desk.number(desk.send()) for _ in range(3)]
            self.assertEqual([n[:5] + "%05d" % i for i, n in enumerate(numbers, 1)], numbers)
        finally:
            desk.stop()
