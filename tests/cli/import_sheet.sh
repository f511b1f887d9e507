# A plain spreadsheet with a mapping, in CP932: a million yen a unit, hidden from the public.
. "$ROOT/tests/cli/files/import_lib.sh"
musubi import sheet sheet.csv || echo "exit $?"
musubi import sheet --map map.json sheet.csv
musubi import sheet --map map.json sheet.csv | tail -1
musubi history company-result one-2025-03-31-true
musubi export --out out
test ! -e out/company-result.csv && echo 'not in the public export'
sed 's/売上（百万円）/売上高/' map.json >other.json
musubi import sheet --map other.json sheet.csv || echo "exit $?"
sed 's/"sales"/"sale"/' map.json >other.json
musubi import sheet --map other.json sheet.csv || echo "exit $?"
