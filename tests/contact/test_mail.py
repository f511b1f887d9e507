"""Mail about enquiries: what is sent, to whom, and what happens when the server of mail does not do its part."""

import os
import signal
import subprocess
import time
import unittest

from desk import MUSUBI, Desk
from smtp import Smtp, certificate


def until(check, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.1)
    return False


class Mail(unittest.TestCase):
    def desk(self, url, **settings):
        desk = Desk(smtp_url=url, mail_from="desk@example.jp", mail_retry_ms=300, **settings)
        self.addCleanup(desk.stop)
        return desk

    def server(self, **arguments):
        server = Smtp(**arguments)
        self.addCleanup(server.close)
        return server

    def states(self, desk, number):
        return {mail["kind"]: mail["state"] for mail in desk.enquiry(number)["mails"]}

    def test_desk_and_sender_are_told_and_answered(self):
        server = self.server()
        desk = self.desk(server.url)
        number = desk.number(desk.send(name="山田 花子", message="line one\n.\nline three", language="ja"))
        mails = {mail["To"]: mail for mail in server.wait(2)}
        self.assertEqual(2, len(mails))
        receipt = mails.pop("<jane@example.org>", None) or mails.pop("jane@example.org")
        notice = list(mails.values())[0]
        self.assertIn(number, notice["Subject"])
        self.assertIn("line one\n.\nline three", notice.get_content().replace("\r\n", "\n"))
        self.assertIn("山田 花子", notice.get_content())
        self.assertIn("jane@example.org", notice["Reply-To"])
        self.assertEqual("auto-generated", notice["Auto-Submitted"])
        self.assertIn(number, receipt["Subject"])
        self.assertNotIn("line one", receipt.get_content())
        self.assertNotIn("山田", receipt.get_content())
        self.assertIn("desk@example.jp", receipt["From"])
        self.assertRegex(receipt["Message-ID"], r"^<[\w.-]+@example\.jp>$")
        for _, recipients, body in server.messages:
            self.assertEqual(1, len(recipients))
            head = body.split(b"\r\n\r\n")[0]
            self.assertTrue(head.isascii())
            self.assertLessEqual(max(map(len, body.split(b"\r\n"))), 998)
        desk.command("enquiry", "answer", number, "--text", "お答えします。")
        answer = server.wait(3)[2]
        self.assertIn("お答えします。", answer.get_content())
        self.assertTrue(until(lambda: set(self.states(desk, number).values()) == {"sent"}))

    def test_a_dead_server_holds_up_nobody_and_is_tried_again(self):
        server = Smtp()
        port = server.port
        server.close()
        desk = self.desk("smtp://127.0.0.1:%d" % port)
        began = time.monotonic()
        number = desk.number(desk.send())
        self.assertLess(time.monotonic() - began, 3)
        self.assertTrue(until(lambda: any(mail.get("tries", 0) >= 2 for mail in desk.enquiry(number)["mails"])))
        self.assertIn("not reached", desk.enquiry(number)["mails"][0]["trouble"])
        server = self.server(port=port)
        self.assertEqual(2, len(server.wait(2, 30)))

    def test_a_silent_server_holds_up_neither_requests_nor_the_end(self):
        server = self.server(silent=True)
        desk = self.desk(server.url)
        began = time.monotonic()
        desk.send()
        self.assertTrue(server.wait_connections(1))
        self.assertEqual(303, desk.send().status)
        self.assertLess(time.monotonic() - began, 10)
        began = time.monotonic()
        desk.process.send_signal(signal.SIGTERM)
        self.assertEqual(0, desk.process.wait(timeout=15))
        self.assertLess(time.monotonic() - began, 8)

    def test_what_waits_is_sent_after_a_new_start(self):
        server = Smtp()
        port = server.port
        server.close()
        desk = self.desk("smtp://127.0.0.1:%d" % port)
        number = desk.number(desk.send())
        desk.process.send_signal(signal.SIGKILL)
        desk.process.wait()
        server = self.server(port=port)
        environment = {**os.environ, "MUSUBI_SMTP_URL": server.url, "MUSUBI_MAIL_FROM": "desk@example.jp"}
        again = subprocess.Popen([MUSUBI, "serve", "--data", desk.data, "--listen", "127.0.0.1:0"], env=environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.assertEqual(2, len(server.wait(2, 30)))
            self.assertTrue(until(lambda: set(self.states(desk, number).values()) == {"sent"}))
        finally:
            again.terminate()
            again.wait(timeout=20)

    def test_what_is_refused_for_good_is_not_tried_again(self):
        server = self.server(answer="550 <jane@example.org> is unknown here")
        desk = self.desk(server.url)
        number = desk.number(desk.send())
        self.assertTrue(until(lambda: set(self.states(desk, number).values()) == {"given-up"}), desk.enquiry(number))
        for mail in desk.enquiry(number)["mails"]:
            self.assertIn("550", mail["trouble"])
            self.assertNotIn("jane", mail["trouble"])

    def test_what_is_refused_for_now_is_tried_again(self):
        server = self.server(answer="451 later")
        desk = self.desk(server.url)
        number = desk.number(desk.send())
        self.assertTrue(server.wait_connections(3))
        server.answer = "250 ok"
        self.assertEqual(2, len(server.wait(2, 30)))
        self.assertTrue(until(lambda: set(self.states(desk, number).values()) == {"sent"}))

    def test_what_is_redacted_is_not_sent(self):
        server = Smtp()
        port = server.port
        server.close()
        desk = self.desk("smtp://127.0.0.1:%d" % port)
        number = desk.number(desk.send(message="forget-me"))
        desk.command("redact", "enquiry", number, "--reason", "asked for")
        server = self.server(port=port)
        self.assertTrue(until(lambda: self.states(desk, number) == {"notice": "sent", "receipt": "given-up"}, 30))
        self.assertNotIn("forget-me", server.wait(1)[0].get_content())

    def test_the_log_names_nobody(self):
        server = self.server(answer="550 <jane@example.org> unknown")
        desk = self.desk(server.url, log_requests="yes", smtp_user="someone", smtp_password_file=self.password())
        desk.send()
        self.assertTrue(server.wait_connections(1))
        time.sleep(1)
        desk.errors.flush()
        with open(desk.errors.name, encoding="utf-8") as log:
            text = log.read()
        for word in ("jane", "Jane", "hunter2", "gtb@"):
            self.assertNotIn(word, text)

    def password(self):
        path = os.path.join(os.environ["TEST_TMP"], "password")
        with open(path, "w", encoding="utf-8") as file:
            file.write("hunter2\n")
        return path

    # The name of a server that is not known to be this machine: then a login needs TLS.
    AWAY = "smtp://LOCALHOST:%d"

    def keys(self, name="mail"):
        return certificate(os.environ["TEST_TMP"], name)

    def signed_in(self, url, server_keys, **settings):
        return self.desk(url, smtp_user="someone", smtp_password_file=self.password(), smtp_ca_file=server_keys[0],
                         **settings)

    def test_logs_in_behind_starttls(self):
        keys = self.keys()
        server = self.server(tls=keys, login=("someone", "hunter2"))
        desk = self.signed_in(self.AWAY % server.port, keys)
        number = desk.number(desk.send())
        self.assertEqual(2, len(server.wait(2)))
        self.assertTrue(until(lambda: set(self.states(desk, number).values()) == {"sent"}))
        self.assertEqual({(True, "someone", "hunter2")}, set(server.logins))
        said = b"".join(server.lines).upper()
        self.assertIn(b"STARTTLS", said)
        self.assertNotIn(b"AUTH", said)
        self.assertNotIn(b"MAIL", said)

    def test_logs_in_over_tls_from_the_beginning(self):
        keys = self.keys("smtps")
        server = self.server(tls=keys, implicit=True, login=("someone", "hunter2"))
        desk = self.signed_in("smtps://localhost:%d" % server.port, keys)
        desk.send()
        self.assertEqual(2, len(server.wait(2)))
        self.assertEqual([], server.lines)

    def test_the_password_is_never_said_without_tls(self):
        server = self.server(login=("someone", "hunter2"))
        desk = self.signed_in(self.AWAY % server.port, self.keys("unused"))
        number = desk.number(desk.send())
        self.assertTrue(until(lambda: any(mail.get("tries", 0) >= 1 for mail in desk.enquiry(number)["mails"])))
        self.assertEqual(([], []), (server.logins, server.messages))
        self.assertNotIn(b"AUTH", b"".join(server.lines).upper())
        self.assertNotIn("sent", self.states(desk, number).values())

    def test_a_stranger_s_certificate_is_not_trusted(self):
        server = self.server(tls=self.keys("stranger"), login=("someone", "hunter2"))
        desk = self.signed_in(self.AWAY % server.port, self.keys("known"))
        number = desk.number(desk.send())
        self.assertTrue(until(lambda: any(mail.get("tries", 0) >= 1 for mail in desk.enquiry(number)["mails"])))
        self.assertEqual(([], []), (server.logins, server.messages))
        self.assertNotIn("given-up", self.states(desk, number).values())

    def test_a_wrong_password_loses_no_mail(self):
        keys = self.keys("late")
        server = self.server(tls=keys, login=("someone", "another"))
        desk = self.signed_in(self.AWAY % server.port, keys)
        number = desk.number(desk.send())
        self.assertTrue(until(lambda: any(mail.get("tries", 0) >= 1 for mail in desk.enquiry(number)["mails"])))
        self.assertNotIn("given-up", self.states(desk, number).values())
        server.login = ("someone", "hunter2")
        self.assertEqual(2, len(server.wait(2, 30)))

    def test_wrong_settings_are_said(self):
        for settings in ({"MUSUBI_SMTP_URL": "http://x", "MUSUBI_MAIL_FROM": "a@example.org"},
                         {"MUSUBI_SMTP_URL": "smtp://x", "MUSUBI_MAIL_FROM": ""},
                         {"MUSUBI_SMTP_PASSWORD_FILE": "/nowhere"}):
            done = subprocess.run([MUSUBI, "serve", "--data", os.path.join(os.environ["TEST_TMP"], "empty"), "--listen",
                                   "127.0.0.1:0"], env={**os.environ, **settings}, capture_output=True, timeout=30)
            self.assertEqual(1, done.returncode, settings)
