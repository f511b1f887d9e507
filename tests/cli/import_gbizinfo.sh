# gBizINFO: only the year whose end is stated comes in; the others are told.
. "$ROOT/tests/cli/files/import_lib.sh"
musubi import gbizinfo gbizinfo.json
musubi import gbizinfo gbizinfo.json | tail -1
musubi export --out out
columns out/company-result.csv id title_ja title_en fiscal_year_end fiscal_year months consolidated accounting sales sales_currency sales_period document filed restated sources
musubi import gbizinfo documents.json || echo "exit $?"
