"""Imports of every kind under a full or dying disk, and under kill -9. Whatever happens, the store must be sound and hold one whole
import (the old one or the new one), an acknowledged one is never gone, and the same import succeeds as soon as it is let.

    imports.py failing SHIM TRIES     SHIM: failing_io.so; so many of the writes of each kind of import are let fail
    imports.py kill ROUNDS [SEED]
"""

import csv
import errno
import json
import random
import shutil
import sys
import time
import zipfile

from store import SCRATCH, Cases, check, killed, run

COMPANIES = 40


def corporate_number(n):
    base = f"{100000000000 + n:012d}"
    odd_and_even = sum(int(digit) * (1 + i % 2) for i, digit in enumerate(reversed(base)))
    return f"{9 - odd_and_even % 9}{base}"


NUMBERS = [corporate_number(n) for n in range(COMPANIES)]


def write_companies(folder):
    folder.mkdir(parents=True)
    with open(folder / "organisation.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "kind", "name_ja", "name_en", "corporate_number"])
        for n, number in enumerate(NUMBERS):
            writer.writerow([f"c{n}", "company", f"会社{n}", f"Company {n}", number])
    (folder / "datapackage.json").write_text(
        json.dumps({"name": "known", "resources": [{"name": "organisation", "path": "organisation.csv"}]}))
    return folder


# ---- a file or files of each kind, in which every figure or text says its version ----


def write_edinet(folder, version):
    day = f"{2024 + version // 336}-{1 + version // 28 % 12:02d}-{1 + version % 28:02d} 09:00"
    listed = []
    for n, number in enumerate(NUMBERS):
        doc = f"S{version % 1000:03d}{n:04d}"
        listed.append({"docID": doc, "JCN": number, "filerName": f"会社{n}", "docTypeCode": "120" if version == 0 else "130",
                       "periodStart": "2023-04-01", "periodEnd": "2024-03-31", "submitDateTime": day})
        rows = [["要素ID", "項目名", "コンテキストID", "相対年度", "連結・個別", "期間・時点", "ユニットID", "単位", "値"],
                ["jpdei_cor:AccountingStandardsDEI", "会計基準", "FilingDateInstant", "", "", "", "", "", "Japan GAAP"],
                ["jpdei_cor:CurrentFiscalYearStartDateDEI", "", "FilingDateInstant", "", "", "", "", "", "2023-04-01"],
                ["jpdei_cor:CurrentFiscalYearEndDateDEI", "", "FilingDateInstant", "", "", "", "", "", "2024-03-31"],
                ["jpcrp_cor:NetSalesSummaryOfBusinessResults", "売上高", "CurrentYearDuration", "", "", "", "JPY", "円",
                 str(1000000 + version)]]
        text = "".join("\t".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)
        with zipfile.ZipFile(folder / f"{doc}.zip", "w") as file:
            file.writestr("XBRL_TO_CSV/jpcrp030000-asr-001_E00000-000.csv", text.encode("utf-16"))
    (folder / "documents.json").write_text(json.dumps({"results": listed}))


def write_gbizinfo(folder, version):
    infos = [{"corporate_number": number, "name": f"会社{n}", "finance": {
        "accounting_standards": "IFRS", "fiscal_year_cover_page": "第1期（自　2024年4月1日　至　2025年3月31日）",
        "management_index": [{"period": "第1期", "net_sales_summary_of_business_results": 1000000 + version}]}}
        for n, number in enumerate(NUMBERS)]
    (folder / "gbizinfo.json").write_text(json.dumps({"hojin-infos": infos}))


def write_numbers(folder, version):
    with open(folder / "numbers.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        for n, number in enumerate(NUMBERS):
            writer.writerow([n + 1, number, "01", "0", "2024-01-10", "2024-01-05", f"会社{n}", "", "301", "東京都", "千代田区",
                             f"架空町{1000000 + version}番地", "", "13", "101", "1000000", "", "", "", "", "", "", "2015-10-05", "1", "",
                             "", "", "", "", "0"])


def write_sheet(folder, version):
    with open(folder / "sheet.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["法人番号", "期末", "売上"])
        for number in NUMBERS:
            writer.writerow([number, "2026-03-31", 1000000 + version])
    (folder / "map.json").write_text(json.dumps({
        "register": "company-result", "number": "法人番号", "defaults": {"consolidated": "true"},
        "fields": {"company": "company", "title": "title", "end": "fiscal_year_end"},
        "title": {"ja": "%(company)：%(end)期", "en": "%(company): year to %(end)"},
        "columns": {"期末": "fiscal_year_end", "売上": "sales"},
        "source": {"id": "survey", "title": {"ja": "調査", "en": "Survey"}, "publisher": {"ja": "事務局", "en": "Secretariat"},
                   "kind": "other"}}))


# Kind: what writes its files, the register and column that then say the version, and whose records.
KINDS = {
    "edinet": (write_edinet, "company-result", "sales", "2024-03-31"),
    "gbizinfo": (write_gbizinfo, "company-result", "sales", "2025-03-31"),
    "corporate-number": (write_numbers, "organisation", "address_ja", ""),
    "sheet": (write_sheet, "company-result", "sales", "2026-03-31"),
}


def files(kind, version):
    folder = SCRATCH / "files" / f"{kind}-{version}"
    if not folder.exists():
        folder.mkdir(parents=True)
        KINDS[kind][0](folder, version)
    return [str(path) for path in arguments_of(kind, folder)]


def arguments_of(kind, folder):
    if kind == "edinet":
        return [folder / "documents.json", *sorted(folder.glob("*.zip"))]
    if kind == "sheet":
        return ["--map", folder / "map.json", folder / "sheet.csv"]
    return sorted(folder.iterdir())


def versions(kind, data):
    """What versions of a kind of import the store has, with how many companies say so."""
    _, register, column, end = KINDS[kind]
    out = SCRATCH / "exported"
    shutil.rmtree(out, ignore_errors=True)
    result = run("export", "--out", out, data=data)
    assert result.returncode == 0, result.stderr
    seen = {}
    path = out / f"{register}.csv"
    if not path.exists():
        return seen
    with open(path, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            digits = "".join(c for c in row[column] if c.isdigit())
            if digits and (not end or row["fiscal_year_end"] == end):
                seen[int(digits) - 1000000] = seen.get(int(digits) - 1000000, 0) + 1
    return seen


def whole(version):
    return {version: COMPANIES}


def import_again(kind, version, data):
    """It succeeds, then changes nothing more; what was wrong, or an empty string."""
    first = run("import", kind, *files(kind, version), data=data)
    seen = versions(kind, data)
    second = run("--json", "import", kind, *files(kind, version), data=data)
    if first.returncode or second.returncode:
        return first.stderr + second.stderr
    counts = json.loads(second.stdout)
    ok = seen == whole(version) and counts["created"] == counts["updated"] == 0 and counts["unchanged"] == COMPANIES
    return "" if ok else f"seen {seen}, then {second.stdout}"


def failing(shim, tries):
    cases = Cases()
    before = SCRATCH / "before"
    assert run("load", write_companies(SCRATCH / "known"), data=before).returncode == 0
    for kind in KINDS:
        done = run("import", kind, *files(kind, 1), data=before)
        assert done.returncode == 0, done.stderr
    data, counted = SCRATCH / "data", SCRATCH / "count"

    def tried(kind, nth, number, later):
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(before, data)
        return run("import", kind, *files(kind, 2), data=data, env={
            "LD_PRELOAD": shim, "FAILING_PATH": "/store.db", "FAILING_NTH": str(nth), "FAILING_ERRNO": str(number),
            "FAILING_LATER": "1" if later else "0", "FAILING_COUNT": str(counted)})

    for kind in KINDS:
        assert tried(kind, 0, 0, False).returncode == 0
        calls = int(counted.read_text())
        cases.say(calls > 3 and versions(kind, data) == whole(2), f"{kind}: its {calls} writes are seen")
        for number, later in ((errno.ENOSPC, True), (errno.EIO, False)):
            for nth in sorted({1 + (2 * i + 1) * calls // (2 * tries) for i in range(tries)}):
                result = tried(kind, nth, number, later)
                findings, seen = check(data), versions(kind, data)
                said = result.returncode == 0 or bool(result.stderr.strip())
                right = seen == whole(2) if result.returncode == 0 else seen in (whole(1), whole(2))
                wrong = import_again(kind, 2, data)
                cases.say(not findings and said and right and result.returncode in (0, 1) and not wrong,
                          f"{kind}: call {nth} of {calls} fails with {errno.errorcode[number]}",
                          f"exit {result.returncode}\n{result.stderr}\n{findings}\nseen {seen}\n{wrong}")
    cases.end()


def kill(rounds, seed):
    print(f"# seed {seed}", flush=True)
    chance = random.Random(seed)
    cases = Cases()
    data = SCRATCH / "data"
    assert run("load", write_companies(SCRATCH / "known"), data=data).returncode == 0
    newest, usual_s = {}, {}
    for kind in KINDS:
        started = time.monotonic()
        wrong = import_again(kind, 0, data)
        usual_s[kind] = (time.monotonic() - started) / 3
        cases.say(not wrong, f"{kind}: imported", wrong)
        newest[kind] = 0
    for number in range(1, rounds + 1):
        kind, served = chance.choice(sorted(KINDS)), chance.random() < 0.3
        version = newest[kind] + 1
        acknowledged = killed(["import", kind, *files(kind, version)], data, chance.uniform(0, 1.5 * usual_s[kind]), served)
        findings, seen = check(data), versions(kind, data)
        right = seen == whole(version) or (seen == whole(version - 1) and not acknowledged)
        wrong = import_again(kind, version, data)
        newest[kind] = version
        others = [other for other in KINDS if versions(other, data) != whole(newest[other])]
        cases.say(not findings and right and not wrong and not others,
                  f"round {number}, {kind}{', by way of a server' if served else ''}",
                  f"{findings}\nseen {seen}, acknowledged {acknowledged}\n{wrong}\nothers {others}")
    cases.end()


if sys.argv[1] == "failing":
    failing(sys.argv[2], int(sys.argv[3]))
else:
    kill(int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30))
