"""Indicators as people meet them: pages in both languages, the API, CSV and XLSX, over an invented pack in which each figure that
must come out is known; and over the community's own facts alone."""

import csv
import http.client
import io
import json
import os
import re
import subprocess
import tempfile
import threading
import time
import unittest
import zipfile

from served import GTB, MUSUBI, ROOT, Served, shared

NOW = "2026-11-27T03:00:00Z"
TABLES = {
    "organisation": ["id", "name_ja", "name_en", "kind", "prefecture", "country", "hubs"],
    "membership": ["id", "organisation", "member", "role", "seat_ja", "seat_en"],
    "company-result": ["id", "title_ja", "title_en", "company", "fiscal_year_end", "months", "consolidated", "sales",
                       "sales_currency", "visibility"],
    "exchange-rate": ["id", "title_ja", "title_en", "base", "quote", "rate", "kind", "from", "to"],
    "investment": ["id", "title_ja", "title_en", "venture", "date", "round", "money_kind", "amount", "amount_currency",
                   "countable", "investors"],
    "investment-part": ["id", "title_ja", "title_en", "investment", "investor", "country", "date", "amount",
                        "amount_currency"],
    "kpi": ["id", "name_ja", "name_en", "no", "standing", "direction", "unit", "currency", "definition", "baseline",
            "baseline_period", "baseline_currency", "baseline_unit", "target_currency", "target_unit", "target_low", "target_high", "target", "target_period", "path"],
    "kpi-definition": ["id", "name_ja", "name_en", "kpi", "version", "counts_ja", "counts_en", "measure", "year_axis",
                       "associations", "prefectures", "home_countries", "threshold", "threshold_currency", "decided_on", "from"],
    "joint-research": ["id", "title_ja", "title_en", "announced", "countable", "amount", "amount_currency",
                       "partners", "kind"],
    "kpi-value": ["id", "title_ja", "title_en", "kpi", "definition", "kind", "year", "value", "value_unit",
                  "value_currency", "state"],
    "translation-count": ["id", "day", "texts", "both"],
}
NAMED = {"organisation": "name", "membership": "seat", "kpi": "name", "kpi-definition": "name"}


class Pack:
    """Rows of invented tables, written as a pack."""

    def __init__(self):
        self.rows = {name: [] for name in TABLES}

    def add(self, register, record_id, **fields):
        named = NAMED.get(register, "title")
        row = {"id": record_id, **fields}
        if named + "_ja" in TABLES[register]:
            row = {"id": record_id, named + "_ja": record_id + "（架空）", named + "_en": record_id + " (invented)", **fields}
        assert set(row) <= set(TABLES[register]), row
        self.rows[register].append(row)

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        used = [name for name, rows in self.rows.items() if rows]
        for name in used:
            with open(os.path.join(folder, name + ".csv"), "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, TABLES[name], lineterminator="\n")
                writer.writeheader()
                writer.writerows(self.rows[name])
        with open(os.path.join(folder, "datapackage.json"), "w", encoding="utf-8") as file:
            json.dump({"name": "indicators-for-tests", "title": "Invented indicators", "version": "1", "musubi:sample": True,
                       "resources": [{"name": name, "type": "table", "path": name + ".csv"} for name in used]}, file)
        return folder


def indicator(pack, name, measure="", definitions=1, **fields):
    for figure in ("baseline", "target"):
        if figure in fields or figure + "_low" in fields:
            told = "currency" if "currency" in fields else "unit"
            fields[f"{figure}_{told}"] = fields[told]
    pack.add("kpi", name, no=len(pack.rows["kpi"]) + 1, standing="adopted", definition=name + ".1",
             **{"direction": "up", "path": "unstated", **fields})
    for number in range(definitions):
        pack.add("kpi-definition", f"{name}.{number + 1}", kpi=name, version=number + 1, counts_ja="数えるもの", counts_en="What counts",
                 **({"measure": measure} if measure and number == 0 else {}))
    return pack.rows["kpi-definition"][-definitions:]


def entered(pack, name, definition, values, unit="companies", **fields):
    told = "value_currency" if unit == "JPY" else "value_unit"
    for year, value in values.items():
        pack.add("kpi-value", f"{definition}.{year}", kpi=name, definition=definition, kind="actual", year=year, value=value,
                 **{told: unit, "state": "confirmed", **fields})


def companies(pack):
    """Fourteen members with open results, of which one stops to report; three whose results only the secretariat sees."""
    pack.add("organisation", "assoc", kind="industry-association")
    for i in range(17):
        name = f"firm-{i:02d}"
        pack.add("organisation", name, kind="company", prefecture="13" if i % 2 else "14")
        pack.add("membership", "assoc." + name, organisation="assoc", member=name, role="member")
        for year in range(2019, 2026):
            if i == 13 and year == 2025:
                continue  # silent
            pack.add("company-result", f"{name}.{year}", company=name, fiscal_year_end=f"{year}-03-31", months=12,
                     consolidated="false", sales=sales(i, year), sales_currency="JPY",
                     visibility="secretariat" if i > 13 else "public")


def sales(i, year):
    return (1000 + 100 * i) * 1000000 + (year - 2019) * 37000000 + i * 7


def rounds(pack):
    pack.add("exchange-rate", "usd-2023", base="USD", quote="JPY", rate=140, kind="average", **{"from": "2023", "to": "2023"})
    pack.add("exchange-rate", "usd-2024", base="USD", quote="JPY", rate=150, kind="average", **{"from": "2024", "to": "2024"})
    # Inside the year, over a shorter time; and a later one that the day asked for does not lie in.
    pack.add("exchange-rate", "usd-2024-03", base="USD", quote="JPY", rate=148, kind="average",
             **{"from": "2024-03", "to": "2024-03"})
    pack.add("exchange-rate", "usd-2024-h2", base="USD", quote="JPY", rate=155, kind="average",
             **{"from": "2024-07", "to": "2024-12"})
    pack.add("organisation", "fund-jp", kind="fund", country="JP")
    pack.add("organisation", "fund-us", kind="fund", country="US")
    for name in ("venture-a", "venture-b", "venture-c"):
        pack.add("organisation", name, kind="venture")

    def a_round(name, venture, date, kind, amount, currency, money):
        pack.add("investment", name, venture=venture, date=date, round=kind, money_kind=money, amount=amount,
                 amount_currency=currency, countable="true")

    a_round("seed-a", "venture-a", "2024-03-10", "seed", 1000000, "USD", "venture-capital")  # the month's: 148 million yen
    a_round("a-b", "venture-b", "2024", "a", 2000000, "USD", "venture-capital")  # the year's: 300 million yen
    a_round("corp-c", "venture-c", "2024-05-01", "b", 50000000, "JPY", "corporate")
    a_round("sold-a", "venture-a", "2024-12-01", "acquisition", 4000000, "USD", "acquisition")  # the half-year's: 620 million
    a_round("old-a", "venture-a", "2023-06-01", "seed", 1000000, "USD", "venture-capital")
    pack.add("investment-part", "seed-a.jp", investment="seed-a", investor="fund-jp", date="2024-03-10", amount=400000,
             amount_currency="USD")
    pack.add("investment-part", "seed-a.us", investment="seed-a", investor="fund-us", date="2024-03-10", amount=600000,
             amount_currency="USD")


def invented():
    pack = Pack()
    companies(pack)
    rounds(pack)
    for definition in indicator(pack, "sales", "member-sales", definitions=2, currency="JPY", baseline=20000000000,
                                baseline_period=2019, target=40000000000, target_period=2030, path="compound"):
        definition.update(year_axis="own-fiscal-year", associations="assoc", prefectures="13;14")
    entered(pack, "sales", "sales.2", {2020: 99000000000}, "JPY")  # of another definition
    for name, measure in (("venture-capital", "investment-venture-capital"), ("investment", "investment-all"),
                          ("with-acquisitions", "investment-with-acquisitions")):
        indicator(pack, name, measure, currency="JPY")
    indicator(pack, "from-abroad", "investment-from-abroad", currency="JPY")[0].update(home_countries="JP")
    indicator(pack, "by-origin", "investment-by-origin", currency="JPY")[0].update(home_countries="JP")
    indicator(pack, "large", "new-large-joint-research", unit="projects-per-year", target_low=5, target_high=10,
              target_period=2030, path="yearly", direction="range")
    indicator(pack, "decided", "new-large-joint-research", unit="projects-per-year")[0].update(
        version=2, threshold=300000000, threshold_currency="JPY", decided_on="2026-02-12", **{"from": "2026-04-01"})
    for name, amount in (("joint-a", 300000000), ("joint-b", 299999999)):
        pack.add("joint-research", name, announced="2025-06-01", countable="true", amount=amount, amount_currency="JPY",
                 partners="fund-jp", kind="licence")
    indicator(pack, "within", unit="projects-per-year", target_low=5, target_high=10, target_period=2030, path="yearly",
              direction="range")
    entered(pack, "within", "within.1", {2022: 3, 2023: 4, 2024: 7}, "projects-per-year")
    indicator(pack, "both-languages", "share-in-both-languages", unit="percent")
    pack.add("translation-count", "count-2025", day="2025-12-31", texts=200, both=150)
    indicator(pack, "rank", unit="rank", target=2, target_period=2030, direction="down")
    entered(pack, "rank", "rank.1", {2021: 9, 2022: 7, 2023: 6, 2024: 5}, "rank")
    indicator(pack, "passed", unit="companies", target=100, target_period=2030)
    entered(pack, "passed", "passed.1", {2021: 80, 2022: 95, 2023: 120})
    indicator(pack, "below-zero", currency="JPY", target=50, target_period=2030, path="linear")
    entered(pack, "below-zero", "below-zero.1", {2020: -20, 2021: 0, 2023: 20}, "JPY")  # and 2022 is missing
    indicator(pack, "restated", unit="companies", target=100, target_period=2030)
    entered(pack, "restated", "restated.1", {2023: 50}, state="provisional")
    return pack


_kept = {}


def site():
    """The invented community, served; one for all tests that only read."""
    if not _kept:
        os.environ["MUSUBI_NOW"] = NOW
        try:
            folder = tempfile.mkdtemp(prefix="kpi.", dir=os.environ.get("TEST_TMP"))
            _kept["site"] = Served(invented().write(os.path.join(folder, "pack")), load=["--sample"])
        finally:
            del os.environ["MUSUBI_NOW"]
    return _kept["site"]


def series(name, **query):
    return {point["year"]: point for point in site().api("/kpi/" + name, **query)["series"]}


def page(path):
    answer = site().get(path)
    assert answer.status == 200, (path, answer.status, answer.body[:300])
    return answer.text()


def sheets(body):
    """Each sheet of a workbook as its rows of texts and numbers."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        shared_texts = re.findall(r"<si><t[^>]*>(.*?)</t></si>", book.read("xl/sharedStrings.xml").decode(), re.S)
        names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
        found = {}
        for number, name in enumerate(names):
            text = book.read(f"xl/worksheets/sheet{number + 1}.xml").decode()
            found[name] = [[shared_texts[int(value)] if kind == "s" else float(value)
                            for kind, value in re.findall(r'<c r="[^"]*"(?: s="\d+")?(?: t="(\w+)")?><v>([^<]*)</v>', row)]
                           for row in re.findall(r"<row [^>]*>(.*?)</row>", text, re.S)]
        return found, [name for name in book.namelist() if "chart" in name]


class Sums(unittest.TestCase):
    def test_the_top_indicator_adds_what_is_open_exactly_and_rounds_the_rest(self):
        for year, point in series("sales").items():
            if not 2019 <= year <= 2025:
                continue
            visible = sum(sales(i, year) for i in range(14) if not (i == 13 and year == 2025))
            hidden = sum(sales(i, year) for i in range(14, 17))
            self.assertEqual(5000000000, point["rounded_to"], year)
            self.assertLessEqual(abs(point["actual"] - visible - hidden), 2500000000, year)
            self.assertEqual(0, (point["actual"] - visible) % 5000000000, year)

    def test_who_is_silent_stands_beside_it_and_is_carried_forward_as_an_estimate_only(self):
        point = series("sales")[2025]
        self.assertEqual((17, 16), (point["coverage"]["expected"], point["coverage"]["reported"]))
        self.assertEqual(sales(13, 2024), point["coverage"]["silent_last_year"])
        self.assertEqual(point["actual"] + sales(13, 2024), point["coverage"]["carried_forward"])

    def test_values_of_another_definition_are_not_in_the_series(self):
        self.assertNotEqual(99000000000, series("sales")[2020]["actual"])
        self.assertIn("99 billion", page("/en/kpi/sales/definition/sales.2"))
        self.assertNotIn("99 billion", re.search(r"<figure.*?</figure>", page("/en/kpi/sales"), re.S).group(0))
        self.assertRegex(page("/en/kpi/sales"), r'href="/en/kpi-value/sales.2.2020"[^<]*</a>: 99 billion yen')

    def test_three_definitions_of_investment_and_a_dated_rate(self):
        venture_capital = 1000000 * 148 + 2000000 * 150
        self.assertEqual(venture_capital, series("venture-capital")[2024]["actual"])
        self.assertEqual(venture_capital + 50000000, series("investment")[2024]["actual"])
        self.assertEqual(venture_capital + 50000000 + 4000000 * 155, series("with-acquisitions")[2024]["actual"])

    def test_a_round_is_divided_by_each_investors_country(self):
        self.assertEqual(600000 * 148, series("from-abroad")[2024]["actual"])
        self.assertEqual(1000000 * 148, series("by-origin")[2024]["actual"])
        text = page("/en/kpi/by-origin/year/2024")
        for part, amount in (("Domestic", "59.2 million yen"), ("From abroad", "88.8 million yen")):
            row = re.search(r"<tr><th[^>]*>(?:<[^>]*>)*%s.*?</tr>" % part, text, re.S)
            self.assertIn(amount, row.group(0) if row else "no row of " + part)


class Standing(unittest.TestCase):
    def status(self, name):
        answer = site().api("/kpi/" + name)
        return answer["status"], answer["status_reason"]

    def test_a_target_already_passed(self):
        self.assertEqual(("reached", "met"), self.status("passed"))

    def test_a_range_each_year(self):
        self.assertEqual(("on-track", "yearly"), self.status("within"))
        self.assertEqual((5, 10), tuple(series("within")[2023][key] for key in ("path", "path_high")))

    def test_the_trend_is_a_line_without_an_interval(self):
        answer = site().api("/kpi/passed")
        found = [(point["year"], point["trend"]) for point in answer["series"] if point["trend"] is not None]
        self.assertEqual(list(range(2021, 2031)), [year for year, _ in found])
        # Least squares through the logarithms of 80, 95, 120.
        growth = (120 / 80) ** 0.5
        middle = (80 * 95 * 120) ** (1 / 3)
        for year, value in found:
            self.assertAlmostEqual(middle * growth ** (year - 2022), value, 5)
        text = page("/en/kpi/passed")
        self.assertEqual(1, text.count('data-role="trend"'))

    def test_a_rank_stays_whole_and_at_least_one(self):
        answer = site().api("/kpi/rank")
        self.assertIn(answer["status"], ("on-track", "behind"))
        ahead = [point for point in answer["series"] if point["forecast"] is not None]
        self.assertEqual(list(range(2025, 2031)), [point["year"] for point in ahead])
        for point in ahead:
            for number in [point["forecast"], *sum(point["fan"].values(), [])]:
                self.assertEqual((number, True), (int(number), number >= 1))
        self.assertLessEqual(0.1, answer["probability"])
        self.assertGreaterEqual(0.9, answer["probability"])
        shown = {0.1: "at most 10%", 0.9: "at least 90%"}.get(answer["probability"], "%d%%" % round(100 * answer["probability"]))
        self.assertIn(f'<a href="#kpi-how-forecast">{shown}</a>', page("/en/kpi/rank"))

    def test_zero_negative_and_missing_years_have_a_status_and_no_forecast(self):
        answer = site().api("/kpi/below-zero")
        self.assertEqual("on-track", answer["status"])
        self.assertEqual("yearly-change", answer["growth"]["kind"])
        self.assertAlmostEqual(40 / 3, answer["growth"]["so_far"], 5)
        self.assertIsNone(answer["probability"])
        self.assertIsNone(series("below-zero").get(2022, {"actual": None})["actual"])

    def test_a_decided_version_says_when_and_from_when_it_holds(self):
        text = page("/en/kpi/decided")
        for words in ("version 2", "in force from 1 April 2026", "decided on 12 February 2026"):
            self.assertIn(words, text)
        self.assertEqual(1, series("decided")[2025]["actual"])  # of two, the one at the threshold

    def test_what_the_council_has_not_defined_reads_not_defined(self):
        self.assertEqual(("not-enough-data", "undefined"), self.status("large"))
        self.assertIn("Threshold", page("/en/kpi/large"))
        self.assertIn("しきい値", page("/ja/kpi/large"))


class Opens(unittest.TestCase):
    def test_each_figure_of_the_series_leads_to_how_it_was_made(self):
        for name in ("sales", "venture-capital", "rank"):
            for language in ("en", "ja"):
                text = page(f"/{language}/kpi/{name}")
                cells = re.findall(r"<tr><th scope=\"row\">\d{4}</th>(.*?)</tr>", text)
                for cell in re.findall(r"<td data-value=\"[^\"]+\"[^>]*>(.*?)</td>", "".join(cells)):
                    self.assertRegex(cell, r'<a href="[^"]+"', (name, language))
                for link in set(re.findall(r'<td data-value="[^"]*"[^>]*><a href="([^"#]+)', text)):
                    self.assertEqual(200, site().get(link.replace("&amp;", "&")).status, link)

    def test_a_year_names_its_formula_its_records_and_their_shares(self):
        text = page("/en/kpi/sales/year/2024")
        self.assertIn("counts once however many associations", text)
        self.assertEqual(14, len(re.findall(r'href="/en/company-result/firm-\d\d.2024"', text)))
        for i in range(14, 17):
            self.assertNotIn(f"firm-{i}", text)

    def test_csv_and_xlsx_hold_the_same(self):
        answer = site().get("/en/kpi/sales/year/2024.csv")
        self.assertEqual("text/csv", answer.kind())
        rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
        self.assertEqual({f"firm-{i:02d}.2024": str(sales(i, 2024)) for i in range(14)},
                         {row["id"]: row["value"] for row in rows})
        found, _ = sheets(site().get("/en/kpi/sales/year/2024.xlsx").body)
        records = next(iter(found.values()))
        self.assertEqual({f"firm-{i:02d}.2024": float(sales(i, 2024)) for i in range(14)},
                         {row[0]: row[3] for row in records[1:]})
        self.assertNotIn("firm-15", str(found))

    def test_a_ratio_opens_to_the_records_of_both(self):
        self.assertEqual(75, series("both-languages")[2025]["actual"])
        text = page("/en/kpi/both-languages/year/2025")
        for name, number in (("Public texts in both languages", "150"), ("Public texts", "200")):
            self.assertRegex(text, r'href="/en/translation-count/count-2025".*?<td class="number">%s</td><td class="number"></td><td>%s · '
                             % (number, name))
        rows = list(csv.DictReader(io.StringIO(site().get("/en/kpi/both-languages/year/2025.csv").body.decode("utf-8-sig"))))
        self.assertEqual([("150", "", "texts-in-both-languages"), ("200", "", "public-texts")],
                         [(row["value"], row["share"], row["measure"]) for row in rows])
        found, _ = sheets(site().get("/en/kpi/both-languages/year/2025.xlsx").body)
        self.assertEqual([([150.0], "Public texts in both languages"), ([200.0], "Public texts")],
                         [([cell for cell in row if isinstance(cell, float)], row[-1]) for row in next(iter(found.values()))[1:]])

    def test_the_workbook_has_a_chart_and_the_same_numbers(self):
        for language in ("en", "ja"):
            found, charts = sheets(site().get(f"/{language}/kpi/sales/workbook.xlsx").body)
            self.assertTrue(charts)
            self.assertGreaterEqual(len(found), 3)
            years = {int(row[0]): row[1] for row in next(iter(found.values()))[1:] if len(row) > 1}
            for year in range(2019, 2026):
                self.assertEqual(float(series("sales")[year]["actual"]), years[year])

    def test_the_method_is_explained_in_both_languages(self):
        for language, words in (("en", "a chance of 50%"), ("ja", "五割")):
            text = page(f"/{language}/kpi/sales")
            self.assertIn(words, text)
            for anchor in set(re.findall(r'href="#(kpi-[a-z-]+)"', text)):
                self.assertEqual(1, text.count(f'id="{anchor}"'), anchor)

    def test_the_tree_shows_all_of_them_with_their_states(self):
        for language in ("en", "ja"):
            text = page(f"/{language}/kpi")
            for name in ("sales", "rank", "within", "large"):
                self.assertIn(f'href="/{language}/kpi/{name}"', text)


class Restated(unittest.TestCase):
    def test_the_new_value_is_shown_and_what_was_known_before_stays(self):
        before = site().api("/kpi/restated")
        self.assertEqual((50, "provisional"), tuple(series("restated")[2023][key] for key in ("actual", "state")))
        seq = json.loads(site().command("history", "kpi-value", "restated.1.2023", "--json"))[0]["seq"]
        again = Pack()
        entered(again, "restated", "restated.1", {2023: 57})
        with tempfile.TemporaryDirectory() as folder:
            site().command("load", "--sample", again.write(folder))
        self.assertEqual((57, "confirmed"), tuple(series("restated")[2023][key] for key in ("actual", "state")))
        self.assertIn("57", page("/en/kpi/restated"))
        self.assertEqual(before["series"], site().api("/kpi/restated", as_of=f"seq:{seq}")["series"])
        self.assertIn("50 companies", page(f"/en/kpi/restated?as_of=seq:{seq}"))

    def test_a_computed_number_follows_its_records_at_once(self):
        shown = series("venture-capital")[2024]["actual"]
        self.assertEqual(140000000, series("venture-capital")[2023]["actual"])
        for path in ("/en/kpi/venture-capital", "/ja/kpi/venture-capital", "/en/kpi/venture-capital/year/2024"):
            page(path)
        again = Pack()
        again.add("investment", "old-a", venture="venture-a", date="2023-06-01", round="seed", money_kind="venture-capital",
                  amount=3000000, amount_currency="USD", countable="true")
        with tempfile.TemporaryDirectory() as folder:
            site().command("load", "--sample", again.write(folder))
        self.assertEqual(420000000, series("venture-capital")[2023]["actual"])
        self.assertIn("420 million yen", page("/en/kpi/venture-capital"))
        self.assertIn("420 million yen", page("/en/kpi/venture-capital/year/2023"))
        self.assertEqual(shown, series("venture-capital")[2024]["actual"])


class Gated:
    """The invented community served so that its measures stand before a gate: tests/support/slow_measures.c."""

    _shim = None

    def __init__(self, **settings):
        self.folder = tempfile.mkdtemp(prefix="gate.", dir=os.environ.get("TEST_TMP"))
        if not Gated._shim:
            Gated._shim = os.path.join(self.folder, "slow_measures.so")
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o", Gated._shim,
                            os.path.join(ROOT, "tests", "support", "slow_measures.c"), "-ldl"], check=True)
        self.gate = os.path.join(self.folder, "gate")
        data = os.path.join(self.folder, "data")
        subprocess.run([MUSUBI, "load", "--sample", invented().write(os.path.join(self.folder, "pack")), "--data", data], check=True,
                       capture_output=True)
        changed = {"LD_PRELOAD": Gated._shim, "MEASURES_GATE": self.gate, "MUSUBI_NOW": NOW, **settings}
        before = {name: os.environ.get(name) for name in changed}
        os.environ.update(changed)
        try:
            self.served = Served(data=data)
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})

    def shut(self, how):
        with open(self.gate + ".new", "w", encoding="ascii") as file:
            file.write(how)
        os.rename(self.gate + ".new", self.gate)

    def open(self):
        os.remove(self.gate)

    def wait_until_begun(self):
        self.wait(lambda: os.path.exists(self.gate + ".begun"), "no measure was computed")

    @staticmethod
    def wait(holds, what):
        for _ in range(1500):
            if holds():
                return
            time.sleep(0.02)
        raise AssertionError(what + " within half a minute")


class WhileComputed(unittest.TestCase):
    def test_a_page_says_that_its_numbers_are_those_before_a_change_and_is_not_kept(self):
        gated = Gated()
        served = gated.served
        pages = ("/en/kpi/venture-capital", "/ja/kpi/venture-capital", "/en/kpi")
        for path in pages:
            self.assertNotRegex(served.get(path).text(), "being computed|再計算している", path)
        gated.shut("shut")
        again = Pack()
        again.add("investment", "old-a", venture="venture-a", date="2023-06-01", round="seed", money_kind="venture-capital",
                  amount=3000000, amount_currency="USD", countable="true")
        served.command("load", "--sample", again.write(os.path.join(gated.folder, "again")))
        gated.wait_until_begun()
        for _ in range(2):
            for path, words in zip(pages, ("being computed", "再計算している", "being computed")):
                answer = served.get(path)
                self.assertEqual("no-store", answer.headers["cache-control"], path)
                self.assertIn(words, answer.text(), path)
            self.assertIn("140 million yen", served.get(pages[0]).text())
        gated.open()
        gated.wait(lambda: "420 million yen" in served.get(pages[0]).text(), "the new number")
        for path in pages:
            gated.wait(lambda: "no-store" != served.get(path).headers["cache-control"], "the page without the notice")
            self.assertNotRegex(served.get(path).text(), "being computed|再計算している", path)
        self.assertEqual(0, served.stop())

    def test_what_is_computed_ahead_does_not_hold_up_the_end(self):
        gated = Gated(MUSUBI_GRACE_MS="600000")
        gated.shut("endless")
        gated.wait_until_begun()  # two seconds after the start nobody has asked for anything
        self.assertEqual(0, gated.served.stop())

    def test_what_a_reader_waits_for_has_its_grace_and_no_more(self):
        gated = Gated(MUSUBI_GRACE_MS="300")
        gated.shut("endless")
        ended = []

        def ask():
            connection = http.client.HTTPConnection("127.0.0.1", gated.served.port, timeout=60)
            try:
                connection.request("GET", "/en/kpi/sales/year/2024")
                ended.append(connection.getresponse().status)
            except (http.client.HTTPException, OSError) as exception:
                ended.append(repr(exception))
            connection.close()

        asking = threading.Thread(target=ask)
        asking.start()
        gated.wait_until_begun()
        self.assertEqual(0, gated.served.stop())
        asking.join()
        self.assertEqual([503], ended)


class Hidden(unittest.TestCase):
    """What can be taken from outside, in the present, the past and an edition, gives no unlisted company's figure away."""

    @classmethod
    def setUpClass(cls):
        subprocess.run([MUSUBI, "edition", "freeze", "2025", "--allow-gaps", "--data", site().data], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def everything(self, year):
        """All public numbers of a year's sales, by where they stand; fails when a hidden record is named anywhere."""
        numbers = {}
        seq = json.loads(site().command("history", "company-result", "firm-15.2024", "--json"))[0]["seq"]
        for place in ("/en/", "/ja/", "/en/edition/2025/"):
            for query in ("", f"?as_of=seq:{seq}") if "edition" not in place else ("",):
                for kind in ("", ".csv", ".xlsx"):
                    answer = site().get(f"{place}kpi/sales/year/{year}{kind}{query}")
                    self.assertEqual(200, answer.status, (place, kind, query))
                    text = str(sheets(answer.body)) if kind == ".xlsx" else answer.text()
                    for i in range(14, 17):
                        self.assertNotIn(f"firm-{i}", text, (place, kind, query))
                        self.assertNotIn(str(sales(i, year)), text, (place, kind, query))
                    if kind == "":
                        for at, value in enumerate(re.findall(r'data-value="(-?[\d.]+)"', text)):
                            numbers[place, query, at] = float(value)
        point = series("sales")[year]
        numbers["api"] = point["actual"]
        if point["coverage"]["carried_forward"] is not None:
            numbers["carried"] = point["coverage"]["carried_forward"]
        return numbers

    def test_no_difference_is_a_hidden_figure(self):
        found = {}
        for year in (2023, 2024):
            open_parts = {0.0, float(sum(sales(i, year) for i in range(14)))}
            open_parts |= {float(sum(sales(i, year) for i in range(14) if i % 2 == odd)) for odd in (0, 1)}
            for where, value in self.everything(year).items():
                found[year, where] = {value - part for part in open_parts}
        hidden = [sales(i, year) for i in range(14, 17) for year in (2023, 2024)]
        self.assertGreater(len(found), 10)
        values = [(where, value) for where, all_of_it in found.items() for value in all_of_it]
        for one, x in values:
            for other, y in [*values, ("alone", 0.0)]:
                for figure in hidden:
                    self.assertNotEqual(figure, round(abs(x - y)), (one, other))


class OwnFacts(unittest.TestCase):
    """With nothing but what the community published: one point and a target at most."""

    def test_every_page_says_what_is_missing_and_who_can_enter_it(self):
        for item in shared(GTB).api("/kpi?limit=50")["items"]:
            for language, words in (("en", "What is missing"), ("ja", "足りない")):
                answer = shared(GTB).get(f"/{language}/kpi/{item['id']}")
                self.assertEqual(200, answer.status, item["id"])
                text = answer.text()
                self.assertNotRegex(text, r"(?i)>\s*nan\b|>\s*inf\b|\{\{", item["id"])
                self.assertRegex(text, words + r'|class="kpi-status kpi-(reached|on-track|behind)"', item["id"])
                self.assertEqual(200, shared(GTB).get(f"/{language}/kpi/{item['id']}/workbook.xlsx").status)

    def test_one_page_says_where_each_stands_and_who_has_to_do_what(self):
        text = shared(GTB).get("/en/kpi").text()
        rows = {match[0]: match[1] for match in re.findall(r'<tr data-label="[^"]*" data-id="([^"]*)"(.*?)</tr>', text, re.S)}
        self.assertIn('<a href="/en/kpi-value/sales.area.2020">103 trillion yen (2020)</a>', rows["sales"])
        self.assertIn("Grow sales of member companies", rows["sales"])  # only the roadmap names it
        self.assertIn("5–10 projects a year (each year until 2030)", rows["joint-research"])
        self.assertIn('href="/en/plan-item/1-1.goal.1"', rows["joint-research"])
        self.assertIn("Actions of the same part of the plan: 3 (0 reported on, 0 late)", rows["joint-research"])
        self.assertEqual(1, len(re.findall(r'<span class="party">Academia\s*</span>', rows["joint-research"])))
        self.assertRegex(rows["venture-investment"], r'33 billion yen a year \(year not stated\)</a> <span class="mark">estimated</span>')
        self.assertIn('href="/en/organisation/jetro"', rows["overseas-venture-investment"])
        self.assertIn("No goal of the plan names it", rows["employment"])
        page = shared(GTB).get("/en/kpi/joint-research").text()  # its definition has no target: the indicator states it
        self.assertRegex(page, r'<a href="/en/kpi/joint-research#kpi-stated">5–10 projects')
        self.assertRegex(page, r'(?s)<div class="record-head" id="kpi-stated">.*?<dt>Target</dt>\n<dd>5–10 projects')
        self.assertIn("10件／年（2030年まで毎年）", shared(GTB).get("/ja/kpi").text())

    def test_the_page_says_above_the_series_that_it_is_not_bio_revenue(self):
        for language, words in (("en", "not their bio business alone"), ("ja", "バイオ事業の売上ではない")):
            head = shared(GTB).get(f"/{language}/kpi/sales").text().split("<figure")[0]
            self.assertIn(words, head)
            self.assertIn('href="#kpi-how-status"', head)

    def test_no_forecast_from_one_point(self):
        answer = shared(GTB).api("/kpi/sales")
        self.assertIsNone(answer["probability"])
        self.assertTrue(all(point["forecast"] is None for point in answer["series"]))
        self.assertEqual(103000000000000, [p for p in answer["series"] if p["year"] == 2020][0]["actual"])

    def test_a_meetings_papers_show_what_the_indicators_show(self):
        text = shared(GTB).get("/en/plan/meeting/council-general-meeting-1").text()
        row = re.search(r'<tr><th scope="row"><a href="/en/kpi/sales".*?</tr>', text, re.S).group(0)
        self.assertIn('<a href="/en/kpi-value/sales.area.2020">103 trillion yen (2020)</a>', row)
        self.assertIn("Not enough data", row)

    def test_definitions_that_rival_are_side_by_side(self):
        text = shared(GTB).get("/en/kpi/sales").text()
        for name in ("sales.area", "sales.head-office-tokyo", "sales.japan"):
            self.assertIn("/en/kpi-definition/" + name, text)
        self.assertRegex(text, r'href="/en/kpi-value/sales.japan.2020"[^<]*</a>: 156 trillion yen')


if __name__ == "__main__":
    unittest.main()
