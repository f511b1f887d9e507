"""A served store with an enquiry form, and how a person or a robot uses it."""

import html.parser
import http.client
import json
import os
import re
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "site"))

from served import GTB, MUSUBI, Answer, Served  # noqa: E402


class Page(html.parser.HTMLParser):
    """What a browser would make of a form: fields with their values, labels, what is hidden."""

    def __init__(self, text):
        super().__init__()
        self.fields, self.labels, self.attributes, self.ids = {}, {}, {}, []
        self.select = self.area = self.label = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag in ("input", "select", "textarea") and "name" in attributes:
            self.attributes[attributes["name"]] = attributes
        if tag == "input":
            ticked = attributes.get("type") != "checkbox" or "checked" in attributes
            self.fields[attributes["name"]] = attributes.get("value", "") if ticked else ""
        elif tag == "select":
            self.select = attributes["name"]
            self.fields.setdefault(self.select, "")
        elif tag == "option" and "selected" in attributes:
            self.fields[self.select] = attributes["value"]
        elif tag == "textarea":
            self.area = attributes["name"]
            self.fields[self.area] = ""
        elif tag == "label":
            self.label = attributes["for"]
            self.labels[self.label] = ""

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.fields[self.area] = self.fields[self.area].removeprefix("\n")
            self.area = None
        elif tag == "label":
            self.label = None

    def handle_data(self, data):
        if self.area:
            self.fields[self.area] += data
        elif self.label:
            self.labels[self.label] += data


GOOD = {
    "topic": "investment",
    "message": "I should like to see your laboratories.\nIs there room?",
    "name": "Jane Doe",
    "email": "jane@example.org",
    "organisation": "Example Ventures",
    "country": "US",
    "language": "en",
    "consent": "yes",
}


class Desk(Served):
    """env are settings: form_least_ms=0 …"""

    def __init__(self, **env):
        env = {"form_least_ms": 0, **env}
        before = dict(os.environ)
        os.environ.update({"MUSUBI_" + name.upper(): str(value) for name, value in env.items()})
        try:
            super().__init__(GTB)
        finally:
            os.environ.clear()
            os.environ.update(before)

    def command(self, *arguments):
        """Its two words first, as people type them."""
        done = subprocess.run([MUSUBI, *arguments, "--data", self.data], capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError("%s: %s" % (" ".join(arguments), done.stderr.decode()))
        return done.stdout.decode()

    def form(self, lang="en", query=""):
        return Page(self.get("/%s/contact%s" % (lang, query)).text())

    def post(self, body, lang="en", headers=None, path=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
        try:
            connection.request("POST", path or "/%s/contact" % lang, body,
                               {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def send(self, lang="en", headers=None, query="", **changed):
        """Fills in a fresh form and sends it."""
        return self.post({**self.form(lang, query).fields, **GOOD, **changed}, lang, headers)

    def number(self, answer):
        return re.search(r"number=([0-9-]+)", answer.headers["location"]).group(1)

    def enquiry(self, number):
        return json.loads(self.command("enquiry", "show", number, "--json"))

    def count(self):
        return sum(len(json.loads(self.command("enquiry", "list", "--state", state, "--json")))
                   for state in ("new", "assigned", "answered", "closed", "spam"))
