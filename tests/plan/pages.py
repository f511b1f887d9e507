"""The pages of the plan over the real binary: the community's own pack with invented reports on some of its actions, on a fixed day."""
import csv
import io
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile

ROOT = os.environ["ROOT"]
MUSUBI = os.environ["MUSUBI"]
os.environ["MUSUBI_NOW"] = "2026-11-27T03:00:00Z"
number = 0


def ok(name, passed, why=""):
    global number
    number += 1
    print("%s %d - %s" % ("ok" if passed else "not ok", number, name))
    if not passed and why:
        print("# " + str(why).replace("\n", "\n# "))


def run(*arguments):
    return subprocess.run([MUSUBI, *arguments], capture_output=True, text=True, check=False)


def serve(data):
    server = subprocess.Popen([MUSUBI, "serve", "--data", data, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    line = server.stdout.readline()
    return server, re.search(r"http://\S*[^\s/]", line)[0]


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def section(page, anchor):
    found = re.search(r'<section id="%s">(.*?)</section>' % anchor, page, re.S)
    return found[1] if found else ""


def tally(page):
    return dict((text, int(re.sub(r"<[^>]*>", "", value)))
                for text, value in re.findall(r"<dt>([^<]*)</dt><dd>(.*?)</dd>", page))


def check_community_alone(url):
    status, page = get(url + "/en/plan")
    counts = tally(page)
    ok("the plan of the community alone", status == 200 and counts["Actions"] == 39 and counts["With a report"] == 0, counts)
    ok("its loose ends: an action of nobody, a goal without action", counts["Loose ends of the plan"] == 2, counts)
    _, page = get(url + "/en/plan/attention")
    loose = section(page, "loose")
    ok("an action that names nobody is told", "1-4b.action.1.2" in loose and "Names nobody" in loose, loose)
    ok("a goal without action is told", "1-1.goal.2" in loose and "Goal without action" in loose, loose)
    ok("nothing is late without a report", "None." in section(page, "late"))
    status, page = get(url + "/ja/roadmap")
    ok("the roadmap has seven streams", page.count('<figure class="chart"') == 7, page.count("<figure"))
    ok("no end has come yet: nothing is late", 'data-state="late"' not in page)


def check_reports(url):
    status, page = get(url + "/en/plan")
    counts = tally(page)
    wanted = {"Actions": 40, "With a report": 4, "Closed": 1, "Late": 2, "No report for a year": 1, "Nothing reported yet": 36,
              "Loose ends of the plan": 4}
    ok("with reports the numbers follow", counts == wanted, counts)
    ok("a report's state, date and next date stand by its action",
       re.search(r"2-1\.action\.1\.2.*?Under way|Report whose next date has passed", page, re.S) is not None)
    _, page = get(url + "/en/plan/attention")
    late, silent, loose = section(page, "late"), section(page, "silent"), section(page, "loose")
    ok("late: the next date has passed", "1-1.action.1" in late and "2-1.action.1.2" in late)
    ok("not late: closed, or due in the future", "1-4a.action.1.1" not in late and "1-4a.action.2.3" not in late)
    ok("silent for a year, unless closed", "1-1.action.1" in silent and "1-4a.action.1.1" not in silent)
    ok("a goal of a stream without action, an action of a stream without goal",
       "loose.goal" in loose and "loose.action" in loose and "Action without goal" in loose)
    _, page = get(url + "/ja/roadmap")
    streams = re.findall(r'<section id="i-(rm[^"]*)">(.*?)</section>', page, re.S)
    bars = dict((name, body) for name, body in streams)
    ok("a bar is late when what it follows is", 'data-state="late"' in bars["rm.joint-research"])
    ok("a dated report is a milestone", "最初の報告" in bars["rm.joint-research"])
    ok("an event of the axis is a milestone, one before it is not",
       "biojapan-2023" in bars["rm.overseas-investment"] and "biojapan-2008" not in bars["rm.overseas-investment"])


def check_bodies(url):
    _, page = get(url + "/en/plan/body/jba")
    named = page[page.index("Named in the plan"):page.index("As one of a group")]
    group = page[page.index("As one of a group"):]
    ok("what names the body", "1-4a.action.1.1" in named and "1-1.action.2" not in named)
    ok("what names its sector, or all members", "1-1.action.2" in group and "1-4a.action.2.1" in group)
    _, page = get(url + "/en/plan/body/chugai")
    ok("a company is one of the companies at large, no member", "1-3.action.1.3" in page and "1-4a.action.2.1" not in page)
    _, page = get(url + "/en/organisation/jba")
    ok("the body's page leads there", '/en/plan/body/jba"' in page)
    ok("an unknown body is not found", get(url + "/en/plan/body/nobody")[0] == 404)
    _, page = get(url + "/en/plan/matrix")
    row = re.search(r'<tr><th scope="row"><a href="/en/plan-item/1-4b\.action\.2\.2".*?</tr>', page, re.S)[0]
    ok("the matrix: one body, one mark", row.count("●") == 1)
    heads = re.findall(r'<th scope="col"', page)
    ok("the matrix: as many cells as columns", row.count("<td>") == len(heads) - 1)


def table(url):
    status, text = get(url)
    return status, list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))


def sheets(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        book = zipfile.ZipFile(io.BytesIO(answer.read()))
    return len([name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]), book.read("xl/sharedStrings.xml").decode()


def check_files(url):
    """What a page shows is in its files, as a table and as a workbook."""
    _, page = get(url + "/en/plan")
    status, rows = table(url + "/en/plan.csv")
    shown = re.findall(r'<li id="i-([^"]*)"', page)
    ok("the plan as CSV has the items of the page, in its order", status == 200 and [row[2] for row in rows[1:]] == shown)
    items = {row[2]: dict(zip(rows[0], row)) for row in rows[1:]}
    one = items["1-1.action.1"]
    ok("each with its state, who is responsible, what needs attention, its dates",
       "Academia" in one["Responsible groups"] and "Late" in one["Needs attention"] and one["Last report"] and one["Next date"]
       and one["Part of"] and one["Address"] == url + "/en/plan-item/1-1.action.1", one)
    ok("an action without report says so", items["1-1.action.2"]["State"] == "State not reported", items["1-1.action.2"])
    ok("a group of the tree is deeper than what it stands under", int(items["1-1.action.1"]["Level"]) > 2)
    count, words = sheets(url + "/ja/plan.xlsx")
    ok("the workbook has the plan and the matrix, in Japanese", count == 2 and "担当機関" in words and "先端シーズ" in words)
    _, page = get(url + "/en/plan/matrix")
    _, rows = table(url + "/en/plan/matrix.csv")
    ok("the matrix as CSV has as many marks as the page", sum(row[2:].count("1") for row in rows[1:]) == page.count("●") > 50)
    ok("and its columns", len(rows[0]) == len(re.findall(r'<th scope="col"', page)) + 1 and "Japan Bioindustry Association" in rows[0][2:]
       , rows[0])
    _, page = get(url + "/en/plan/attention")
    _, rows = table(url + "/en/plan/attention.csv")
    listed = set(re.findall(r'href="/en/plan-item/([^"]*)"', page[page.index('<section id="late"'):]))
    ok("what needs attention as CSV", {row[2] for row in rows[1:]} == listed, listed ^ {row[2] for row in rows[1:]})
    _, page = get(url + "/en/plan/body/jba")
    _, rows = table(url + "/en/plan.csv?body=jba")
    ours = set(re.findall(r'<p class="what">.*?href="/en/plan-item/([^"]*)"', page))
    ok("what is ours as CSV", {row[2] for row in rows[1:]} == ours, ours ^ {row[2] for row in rows[1:]})
    ok("of nobody it is not found", get(url + "/en/plan.csv?body=nobody")[0] == 404)
    _, page = get(url + "/en/roadmap")
    _, rows = table(url + "/en/roadmap.csv")
    ok("the roadmap as CSV has a row for each of the page", len(rows) - 1 == page.count("data-state-text") > 20
       and any(row[5] == "Late" for row in rows[1:]))
    ok("each page offers its files", all(('href="/en/%s"' % path) in get(url + "/en/" + where)[1] for path, where in (
        ("plan.csv", "plan"), ("plan/matrix.csv", "plan/matrix"), ("roadmap.csv", "roadmap"), ("plan.xlsx?body=jba", "plan/body/jba"))))
    ok("a file of the past", table(url + "/en/plan.csv?as_of=seq:1")[0] == 200)


def check_ledger(url):
    status, page = get(url + "/en/plan/investment")
    ok("the ledger lists every round with its sources", status == 200 and page.count('<th scope="row"><a href="/en/investment/') == 83,
       page.count('<th scope="row"><a href="/en/investment/'))
    ok("it says that they are examples and never summed", "never added up" in page and "not the region" in page)
    ok("exits are counted", re.search(r'exit=ipo"[^>]*>[^<]*</a></th><td data-value="13">', page) is not None)
    ok("a sum stands in both currencies", "converted" in page)


def main():
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMP")) as folder:
        loaded = run("load", "--data", folder + "/d", ROOT + "/data/gtb")
        ok("the pack loads", loaded.returncode == 0, loaded.stderr)
        server, url = serve(folder + "/d")
        try:
            check_community_alone(url)
            loaded = run("load", "--data", folder + "/d", "--sample", ROOT + "/tests/packs/progress")
            ok("reports load while it serves", loaded.returncode == 0, loaded.stderr)
            check_reports(url)
            check_bodies(url)
            check_files(url)
            check_ledger(url)
        finally:
            server.terminate()
            server.wait()
        print("1..%d" % number)


sys.exit(main())
