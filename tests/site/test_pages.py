"""The pages: whole in both languages, well-formed, without a broken link."""

import html.parser
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from served import GTB, HARBOUR, ROOT, Served, shared

VOID = {"meta", "link", "br", "input", "img", "hr"}


class Page(html.parser.HTMLParser):
    """What a page holds; `faults` lists what a browser would have to mend."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.faults, self.open = [], [], [], []
        self.headings, self.labels, self.alternates = [], [], {}
        self.lang = self.title = self.canonical = None
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append("not closed: %s" % self.open)
        for name in set(self.ids):
            if self.ids.count(name) > 1:
                self.faults.append("id twice: " + name)
        for label in self.labels:
            if label not in self.ids:
                self.faults.append("label for nothing: " + label)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if (tag == "script" and "src" not in given) or tag == "style" or "style" in given or any(name.startswith("on") for name in given):
            self.faults.append("inline script or style: " + tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "html":
            self.lang = given.get("lang")
        elif tag == "a":
            self.links.append(given["href"])
        elif tag == "label":
            self.labels.append(given["for"])
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        elif tag == "link" and given["rel"] == "alternate":
            self.alternates[given["hreflang"]] = given["href"]
        elif tag == "link":
            self.links.append(given["href"])
            self.canonical = given["href"] if given["rel"] == "canonical" else self.canonical

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append("closed out of turn: " + tag)

    def handle_data(self, data):
        if self.open and self.open[-1] == "title":
            self.title = (self.title or "") + data


def is_made_up_by_its_query(target):
    """Pages whose links lead to ever more combinations of what can be asked: only those that others link to are read."""
    path, _, query = target.partition("?")
    return query != "" and path.split("/")[2:3] and path.split("/")[2] in ("search", "map", "compare", "value-chain")


def crawl(site, start):
    """Every page and form that can be reached within the site: {path: (answer, page)}."""
    found, waiting = {}, list(start)
    while waiting:
        target = waiting.pop()
        if target in found:
            continue
        answer = site.get(target)
        page = Page(answer.text()) if answer.kind() == "text/html" else None
        found[target] = (answer, page)
        if page is None or "as_of=" in target:
            continue  # of the past, the pages that the present links to are enough
        links = [] if is_made_up_by_its_query(target) else page.links
        for link in links + list(page.alternates.values()):
            if link.startswith(site.url):
                link = link[len(site.url):]
            if link.startswith("/"):
                waiting.append(link.split("#")[0])
    return found


class Crawl(unittest.TestCase):
    """The invented community's whole site."""

    @classmethod
    def setUpClass(cls):
        cls.site = shared(HARBOUR)
        cls.found = crawl(cls.site, ["/en/", "/ja/"])

    def pages(self):
        return [(target, page) for target, (_, page) in self.found.items() if page is not None and target != "/"]

    def test_no_link_is_broken(self):
        self.assertGreater(len(self.found), 300)
        broken = {target: answer.status for target, (answer, _) in self.found.items()
                  if answer.status != 200 and target != "/"}
        self.assertEqual({}, broken)

    def test_every_record_has_its_page(self):
        for entry in self.site.api("")["registers"]:
            for item in self.site.api("/" + entry["name"], limit=1000)["items"]:
                for lang in ("ja", "en"):
                    self.assertIn("/%s/%s/%s" % (lang, entry["name"], item["id"]), self.found)

    def test_pages_are_well_formed(self):
        for target, page in self.pages():
            self.assertEqual([], page.faults, target)
            self.assertEqual(1, page.headings.count(1), target)
            self.assertTrue(page.title.strip(), target)
            for before, after in zip(page.headings, page.headings[1:]):
                self.assertLessEqual(after, before + 1, (target, page.headings))

    def test_languages_are_said_and_point_at_each_other(self):
        for target, page in self.pages():
            lang = target[1:3]
            self.assertEqual(lang, page.lang, target)
            self.assertEqual({"ja", "en", "x-default"}, set(page.alternates), target)
            self.assertEqual(page.canonical, page.alternates[lang], target)
            other = {"ja": "en", "en": "ja"}[lang]
            there = self.found[page.alternates[other][len(self.site.url):]][1]
            self.assertEqual(page.alternates, there.alternates, target)

    def test_nothing_is_asked_of_other_hosts(self):
        for target, (answer, page) in self.found.items():
            if page is not None:
                self.assertNotRegex(answer.text(), r'<(img|script|iframe|link rel="stylesheet")[^>]*(src|href)="https?:',
                                    target)

    def test_no_word_of_the_interface_is_missing(self):
        with open(os.path.join(ROOT, "locale", "en.po"), encoding="utf-8") as file:
            msgids = {line for line in re.findall(r'^msgid "(.*)"$', file.read(), re.M) if "-" in line}
        for target, (answer, page) in self.found.items():
            if page is not None:
                text = re.sub(r"<[^>]*>", "\n", answer.text())
                self.assertEqual(set(), msgids.intersection(line.strip() for line in text.split("\n")), target)
                self.assertNotIn("%(", text, target)

    def test_nu_checker_finds_nothing(self):
        jar = os.path.join(ROOT, "node_modules", "vnu-jar", "build", "dist", "vnu.jar")
        if not os.path.exists(jar):
            self.skipTest("vnu-jar is not installed")
        folder = os.path.join(self.site.folder, "pages")
        os.makedirs(folder, exist_ok=True)
        names = []
        # One of each kind of page in each language, and every page of the English side that is a list.
        wanted = [t for t, _ in self.pages() if t.count("/") == 2 or "/history" in t or "port-nagia" in t or "/kpi" in t]
        for number, target in enumerate(wanted[:160]):
            names.append(os.path.join(folder, "%d.html" % number))
            with open(names[-1], "wb") as file:
                file.write(self.found[target][0].body)
        done = subprocess.run(["java", "-jar", jar, "--errors-only", *names], capture_output=True, text=True)
        self.assertEqual("", done.stderr[:3000])


@unittest.skipUnless(os.environ.get("ALL") == "1", "the community's whole site is walked by script/test --all")
class WholeCrawl(unittest.TestCase):
    def test_no_link_is_broken_and_every_page_is_well_formed(self):
        found = crawl(shared(GTB), ["/en/", "/ja/"])
        self.assertGreater(len(found), 3000)
        for target, (answer, page) in found.items():
            if target != "/":
                self.assertEqual(200, answer.status, target)
                self.assertEqual([], page.faults if page is not None else [], target)


class Words(unittest.TestCase):
    """What pages say in each language."""

    def setUp(self):
        self.site = shared(GTB)

    def test_front_door_follows_accept_language(self):
        for header, lang in (("ja,en;q=0.5", "ja"), ("en-GB,en;q=0.9,ja;q=0.8", "en"), ("fr,ja;q=0.3", "ja"), ("fr", "en"),
                             ("", "en"), ("ja-JP", "ja"), ("ja;q=0,en;q=0.1", "en")):
            answer = self.site.get("/", accept_language=header)
            self.assertEqual((302, "/%s/" % lang), (answer.status, answer.headers["location"]), header)
            self.assertIn("Accept-Language", answer.headers["vary"])

    def test_figures_are_written_as_each_language_does(self):
        japanese = self.site.get("/ja/kpi/sales").text()
        english = self.site.get("/en/kpi/sales").text()
        for figure in ("103兆円", "147兆円", "2030年"):
            self.assertIn(figure, japanese)
        for figure in ("103 trillion yen", "147 trillion yen", "3.6%"):
            self.assertIn(figure, english)
        for lang, path, words in (
                ("en", "fact/university-startups-bio-2021", "1,022 companies (FY2021, Apr 2021–Mar 2022)"),
                ("ja", "fact/university-startups-bio-2021", "1,022社（2021（令和3）年度）"),
                ("en", "fact/sales-area-2020", "about 965 billion US dollars"),
                ("ja", "fact/sales-area-2020", "約9,650億米ドル"), ("en", "about/organisation", ">NAGAYAMA Osamu<")):
            self.assertIn(words, self.site.get("/%s/%s" % (lang, path)).text())

    def test_names_come_from_the_record(self):
        self.assertIn("<h1>Greater Tokyo Biocommunity</h1>", self.site.get("/en/").text())
        self.assertNotIn("Tokyo", shared(HARBOUR).get("/en/").text())

    def test_a_text_that_is_missing_is_marked(self):
        page = self.site.get("/ja/organisation/utokyo").text()
        self.assertIn('<p class="other-name" lang="en">The University of Tokyo</p>', page)
        page = shared(HARBOUR).get("/ja/membership/circle.guest-abroad").text()
        self.assertRegex(page, r'<span lang="en">Institut des Embruns</span>\s*<span class="mark">日本語は未整備</span>')

    def test_switch_stays_on_the_page(self):
        page = self.site.get("/en/membership?organisation=council&on=2022-02-21&sort=&role=").text()
        self.assertIn('href="/ja/membership?organisation=council&amp;on=2022-02-21"', page)

    def test_however_an_address_is_spelt_it_is_one(self):
        page = Page(self.site.get("/%65n/org%61nisation/utokyo").text())
        self.assertEqual(self.site.url + "/en/organisation/utokyo", page.canonical)
        self.assertEqual(self.site.url + "/ja/organisation/utokyo", page.alternates["ja"])

    def test_lists_narrow_and_say_so(self):
        page = self.site.get("/en/membership?organisation=council&on=2022-02-21").text()
        self.assertIn("43 records", page)
        self.assertIn("As of: 21 February 2022", page)
        self.assertIn('href="/en/membership?on=2022-02-21"', page)
        self.assertIn('/api/v1/membership.csv?organisation=council&amp;on=2022-02-21&amp;lang=en', page)

    def test_no_heading_stands_alone_and_counts_are_grouped(self):
        chart = self.site.get("/en/about/organisation").text()
        advisers = chart[chart.index('id="u-advisers"'):]
        self.assertIn("Who belongs to it is not on record.", advisers[:advisers.index("</section>")])
        council = chart[chart.index('id="u-council"'):]
        self.assertNotIn("not on record", council[:council.index("</section>")])
        self.assertRegex(self.site.get("/en/about").text(), r">\d,\d{3} records, with every change")

    def test_problems_are_pages_in_the_right_language(self):
        for target, status, lang, words in (
                ("/ja/nonsense", 404, "ja", "見つかりません"), ("/en/organisation/none", 404, "en", "Not found"),
                ("/ja/organisation?on=x", 400, "ja", "指定できません"), ("/en/organisation?kind=x", 400, "en", "Allowed:"),
                ("/nonsense", 404, "en", "Not found")):
            answer = self.site.get(target)
            self.assertEqual((status, "text/html"), (answer.status, answer.kind()), target)
            page = Page(answer.text())
            self.assertEqual((lang, []), (page.lang, page.faults))
            self.assertIn(words, answer.text())
        self.assertEqual("ja", Page(self.site.get("/nonsense", accept_language="ja").text()).lang)

    def test_parameters_of_others_do_no_harm(self):
        for target in ("/en/?utm_source=x", "/en/organisation?fbclid=1", "/en/organisation/utokyo?gclid=1"):
            self.assertEqual(200, self.site.get(target).status, target)
        self.assertEqual("/en/?utm_source=x", self.site.get("/?utm_source=x").headers["location"])

    def test_past_is_marked(self):
        page = self.site.get("/en/organisation/utokyo?as_of=seq:%d" % self.site.api("")["seq"]).text()
        self.assertIn("You are reading what was known after revision", page)

    def test_style_sheet_may_be_kept_for_ever(self):
        path = re.search(r'rel="stylesheet" href="([^"]+)"', self.site.get("/en/").text()).group(1)
        self.assertRegex(path, r"^/static/site\.[0-9a-f]{12}\.css$")
        answer = self.site.get(path)
        self.assertEqual("text/css", answer.kind())
        self.assertIn("immutable", answer.headers["cache-control"])
        self.assertEqual(404, self.site.get("/static/site.000000000000.css").status)


class Sample(unittest.TestCase):
    """Invented records are told from real ones wherever the store goes."""

    NOTICES = {"en": "These are invented records", "ja": "架空の記録です"}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="sample.", dir=os.environ.get("TEST_TMP"))
        cls.pack = os.path.join(cls.folder, "pack")
        shutil.copytree(HARBOUR, cls.pack)
        path = os.path.join(cls.pack, "datapackage.json")
        with open(path, encoding="utf-8") as file:
            package = json.load(file)
        package["name"], package["musubi:sample"] = "invented", True
        with open(path, "w", encoding="utf-8") as file:
            json.dump(package, file)
        # A served store takes personal data out of old enquiries, so these would not be the same records any more; nor the
        # case that came from one.
        for name in ("enquiry.csv", "case.csv"):
            path = os.path.join(cls.pack, name)
            with open(path, encoding="utf-8") as file:
                head = file.readline()
            with open(path, "w", encoding="utf-8") as file:
                file.write(head)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def announced(self, site):
        """Whether all pages say so; they must not disagree."""
        said = {self.NOTICES[lang] in site.get("/" + lang + path).text()
                for lang in ("en", "ja") for path in ("/", "/organisation", "/organisation/port-nagia", "/data", "/none")}
        said.add(site.api("")["sample"])
        self.assertEqual(1, len(said))
        return said.pop()

    def test_said_as_soon_as_they_are_loaded(self):
        site = Served(HARBOUR)
        self.assertFalse(self.announced(site))
        with self.assertRaisesRegex(RuntimeError, "holds invented records"):
            site.command("load", self.pack)
        site.command("load", "--sample", "--dry-run", self.pack)
        self.assertFalse(self.announced(site))
        # The same records under another name: nothing changes but what they are taken for.
        self.assertTrue(site.command("load", "--sample", self.pack).startswith("0 created, 0 updated"))
        self.assertTrue(self.announced(site))
        self.assertEqual(0, site.stop())

    def test_said_after_restoring_and_by_exports(self):
        site = Served(self.pack, load=["--sample"])
        copy, export = os.path.join(self.folder, "copy.db"), os.path.join(self.folder, "export")
        site.command("backup", copy)
        site.command("export", "--out", export)
        self.assertEqual(0, site.stop())
        with open(os.path.join(export, "datapackage.json"), encoding="utf-8") as file:
            self.assertIs(True, json.load(file)["musubi:sample"])
        data = os.path.join(self.folder, "restored")
        os.mkdir(data)
        os.rename(copy, os.path.join(data, "store.db"))
        restored = Served(data=data)
        self.assertTrue(self.announced(restored))
        self.assertEqual(0, restored.stop())


class Catalogue(unittest.TestCase):
    """Templates are checked when the server starts; what C says is checked here."""

    @staticmethod
    def msgids(lang):
        with open(os.path.join(ROOT, "locale", lang + ".po"), encoding="utf-8") as file:
            return set(re.findall(r'^msgid "(.+)"$', file.read(), re.M))

    @staticmethod
    def contents(folder, ending):
        folder = os.path.join(ROOT, folder)
        for name in sorted(os.listdir(folder)):
            if name.endswith(ending):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    yield file.read()

    def test_languages_have_the_same_words(self):
        self.assertEqual(self.msgids("ja"), self.msgids("en"))

    def test_every_word_is_used_and_every_used_one_is_there(self):
        code = "\n".join([*self.contents("src/web", ".c"), *self.contents("src/cli", ".c"), *self.contents("src/plan", ".c"),
                          *self.contents("src/exchange", ".c"), *self.contents("site", ".json")])
        templates = "\n".join(self.contents("templates", ".html"))
        said = set(re.findall(r'\b(?:SAY|say|display_row)\([^"();]*(?:\([^()]*\))?[^"();]*"([^"]+)"', code))
        families = "problem|rule|change|figure|order|confidence|records|point|form|valid|attested|fiscal|date"
        said |= set(re.findall(r'"((?:%s)-[a-z-]+)"' % families, code)) - {"date-time", "form-data"}
        used = said | set(re.findall(r"\{\{_ *([a-z0-9-]+)", templates))
        known = self.msgids("en")
        self.assertEqual(set(), used - known)
        # Words that the code puts together: "plan-list-%s-text".
        made = [re.compile(one.replace("%s", "[a-z-]+")) for one in re.findall(r'"([a-z]+(?:-[a-z]+|-%s)*-%s(?:-[a-z]+)*)"', code)]
        made.append(re.compile("kpi-(status|reason)-[a-z-]+"))  # how an indicator stands, and why
        made.append(re.compile("figure-(with-unit|about|at-least|at-most)-[a-z-]+"))  # a unit's own words
        self.assertEqual(set(), {word for word in known - used if '"%s"' % word not in code
                                 and not any(one.fullmatch(word) for one in made)})


class Stopping(unittest.TestCase):
    def test_stops_in_order(self):
        site = Served(HARBOUR)
        self.assertEqual(200, site.get("/healthz").status)
        self.assertEqual(0, site.stop())
