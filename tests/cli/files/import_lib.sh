# Companies that are known by their number, in the built-in model, and files about them.
export MUSUBI_NOW=2026-04-01T00:00:00Z MUSUBI_DATA=$PWD/var
mkdir -p known utf8 bomb none cut
cat >known/datapackage.json <<'J'
{ "name": "known", "resources": [ { "name": "organisation", "path": "organisation.csv" } ] }
J
cat >known/organisation.csv <<'CSV'
id,name_ja,name_en,kind,corporate_number,municipality_ja,municipality_en,visibility
one,一番製薬,First Pharma,company,9000000000009,千代田区,Chiyoda,public
two,二番化学,Second Chemicals,company,1000000000008,港区,Minato,public
nameless,番号なし,No Number,company,,,,public
CSV
python3 "$ROOT/tests/cli/files/import_files.py" .
musubi load known
# columns FILE NAME...: these columns of a CSV, a row a line.
columns() {
    python3 -c 'import csv,sys; [print(" | ".join(r[c] for c in sys.argv[2:])) for r in csv.DictReader(open(sys.argv[1], encoding="utf-8-sig"))]' "$@"
}
