"""Small files as the outside sources give them, with invented companies and numbers. usage: import_files.py FOLDER"""
import json
import os
import sys
import zipfile

FOLDER = sys.argv[1]
ONE, TWO, STRANGER = "9000000000009", "1000000000008", "2000000000007"


def write(name, data):
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(data)


def facts(start, end, sales, standard="Japan GAAP"):
    rows = [["要素ID", "項目名", "コンテキストID", "相対年度", "連結・個別", "期間・時点", "ユニットID", "単位", "値"],
            ["jpdei_cor:AccountingStandardsDEI", "会計基準", "FilingDateInstant", "提出日時点", "その他", "時点", "－", "－", standard],
            ["jpdei_cor:CurrentFiscalYearStartDateDEI", "当会計期間開始日", "FilingDateInstant", "提出日時点", "その他", "時点", "－", "－", start],
            ["jpdei_cor:CurrentFiscalYearEndDateDEI", "当会計期間終了日", "FilingDateInstant", "提出日時点", "その他", "時点", "－", "－", end]]
    for element, context, value in sales:
        rows.append([element, "売上高、経営指標等", context, "当期", "連結", "期間", "JPY", "円", value])
    return "\r\n".join("\t".join('"%s"' % cell for cell in row) for row in rows) + "\r\n"


def archive(name, text, encoding="utf-16", entry="XBRL_TO_CSV/jpcrp030000-asr-001_E00000-000.csv"):
    path = os.path.join(FOLDER, name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo(entry, (2024, 1, 1, 0, 0, 0)), text.encode(encoding), zipfile.ZIP_DEFLATED)


def listed(doc, number, name, kind="120", submitted="2024-06-25 09:00"):
    return {"docID": doc, "JCN": number, "filerName": name, "docTypeCode": kind, "periodStart": "2023-04-01",
            "periodEnd": "2024-03-31", "submitDateTime": submitted}


SALES = "jpcrp_cor:NetSalesSummaryOfBusinessResults"
IFRS = "jpcrp_cor:RevenueIFRSSummaryOfBusinessResults"
PLAIN = "jppfs_cor:NetSales"
write("documents.json", json.dumps({"metadata": {"status": "200"}, "results": [
    listed("S100AAA1", ONE, "一番製薬株式会社"),
    listed("S100AAA2", ONE, "一番製薬株式会社", "130", "2024-08-01 10:00"),
    listed("S100BBB1", TWO, "二番化学株式会社"),
    listed("S100CCC1", STRANGER, "知らない会社株式会社"),
    listed("S100DDD1", None, "番号のない会社"),
    listed("S100EEE1", ONE, "一番製薬株式会社", "140"),
]}, ensure_ascii=False, indent=1).encode())
archive("S100AAA1.zip", facts("2023-04-01", "2024-03-31", [
    (PLAIN, "CurrentYearDuration_NonConsolidatedMember", "900"), (SALES, "Prior1YearDuration", "111"),
    (SALES, "CurrentYearDuration_NonConsolidatedMember", "1000"), (SALES, "CurrentYearDuration", "218400000000")]))
archive("S100AAA2.zip", facts("2023-04-01", "2024-03-31", [(SALES, "CurrentYearDuration", "218500000000")]))
archive("S100BBB1.zip", facts("2023-04-01", "2024-03-31", [
    (SALES, "CurrentYearDuration", "－"), (IFRS, "CurrentYearDuration_NonConsolidatedMember", "4500000000")], "IFRS"))
archive("S100CCC1.zip", facts("2023-04-01", "2024-03-31", [(SALES, "CurrentYearDuration", "1")]))
archive("utf8/S100AAA1.zip" if os.path.isdir(os.path.join(FOLDER, "utf8")) else "S100UTF8.zip",
        facts("2023-04-01", "2024-03-31", []), "utf-8")
archive("bomb/S100AAA1.zip", "\ufeff" + "0" * (40 << 20), "utf-8")
archive("none/S100AAA1.zip", "x", "utf-8", "readme.txt")
with open(os.path.join(FOLDER, "S100AAA1.zip"), "rb") as whole:
    write("cut/S100AAA1.zip", whole.read()[:300])

write("gbizinfo.json", json.dumps({"hojin-infos": [
    {"corporate_number": TWO, "name": "二番化学株式会社", "finance": {
        "accounting_standards": "IFRS", "fiscal_year_cover_page": "第12期（自　2024年4月1日　至　2025年3月31日）",
        "management_index": [
            {"period": "第11期", "net_sales_summary_of_business_results": 4400000000},
            {"period": "第12期", "net_sales_summary_of_business_results": "Null",
             "operating_revenue1_summary_of_business_results": 4700000000,
             "operating_revenue1_summary_of_business_results_unit_ref": "JPY"}]}},
    {"corporate_number": STRANGER, "name": "知らない会社株式会社", "finance": "Null"},
]}, ensure_ascii=False, indent=1).encode())


def corporation(number, name, latest="1", close="", successor="", furigana="", columns=30):
    row = ["1", number, "01", "0", "2024-01-10", "2024-01-05", name, "", "301", "東京都", "千代田区", "架空町1-1", "", "13", "101",
           "1000000", "", "", close, "", successor, "", "2015-10-05", latest, "", "", "", "", furigana, "0"]
    return ",".join('"%s"' % cell for cell in (row + ["", ""])[:columns])


write("numbers.csv", "\n".join([
    corporation(ONE, "一番製薬株式会社", furigana="イチバンセイヤク", columns=31),
    corporation(TWO, "二番化学株式会社", close="2024-09-30", successor=ONE),
    corporation(TWO, "二番化学株式会社", latest="0"),
    corporation(STRANGER, "知らない会社株式会社")]).encode("cp932"))
write("short.csv", b'"1","9000000000009","01"\n')
write("sheet.csv", ("法人番号,社名,期末,売上（百万円）,備考\n%s,一番製薬,2025年3月31日,226900,\n%s,知らない,2025/3/31,1,\n" % (ONE, STRANGER)).encode("cp932"))
write("map.json", json.dumps({
    "register": "company-result", "number": "法人番号",
    "fields": {"company": "company", "title": "title", "end": "fiscal_year_end"},
    "title": {"ja": "%(company)：%(end)期", "en": "%(company): year to %(end)"},
    "columns": {"期末": "fiscal_year_end", "売上（百万円）": {"column": "sales", "times": 1000000}},
    "defaults": {"consolidated": "true", "visibility": "secretariat"},
    "source": {"id": "survey-2025", "title": {"ja": "調査2025", "en": "Survey 2025"},
               "publisher": {"ja": "事務局", "en": "Secretariat"}, "kind": "other"},
}, ensure_ascii=False).encode())
