# EDINET: a day's list and archives of documents; matched by corporate number, the newest filing stands, twice changes nothing.
. "$ROOT/tests/cli/files/import_lib.sh"
musubi import edinet --dry-run documents.json S100*.zip 2>&1 | tail -1
musubi import edinet documents.json S100AAA1.zip S100AAA2.zip S100CCC1.zip
musubi import edinet documents.json S100AAA1.zip S100AAA2.zip S100CCC1.zip | tail -1
echo "the archive that was missing comes:"
musubi import edinet documents.json S100BBB1.zip S100AAA2.zip
musubi export --out out
columns out/company-result.csv id title_ja title_en fiscal_year_end fiscal_year months consolidated accounting sales sales_currency sales_period document filed restated sources
musubi --json import edinet documents.json S100AAA2.zip | python3 -c 'import json,sys; a=json.load(sys.stdin); print(a["read"], a["created"], a["updated"], a["unchanged"], a["unmatched"], a["skipped"])'
echo "an older filing alone:"
musubi import edinet documents.json S100AAA1.zip | tail -2
echo "refused:"
for file in utf8 bomb none cut; do
    musubi import edinet documents.json $file/S100AAA1.zip || echo "exit $?"
done
musubi import edinet known/organisation.csv || echo "exit $?"
musubi import edinet gbizinfo.json || echo "exit $?"
musubi import shares documents.json || echo "exit $?"
musubi check
