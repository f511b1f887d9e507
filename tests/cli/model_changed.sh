# A model that changed: the tables follow in place, or nothing starts and the reason is said; then the old model still does.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
printf 'id,name_en,kind,number,staff\none,One,company,7010001008844,12\ntwo,Two,,,\n' >a/organisation.csv
pack a
m load a
changed() {
    rm -rf model
    cp -r "$ROOT/tests/cli/files/model" model
    sed -i "$1" model/"${2:-organisation.json}"
}
look() {
    musubi --model model history organisation one 2>&1 | tail -n 1 || true
    musubi --model model check 2>&1 || echo "exit $?"
}
echo "-- a field that came, and one that is called otherwise"
changed 's/"name": "staff",/"name": "people", "was": "staff",/; s/    { "name": "listed"/    { "name": "motto", "type": "string", "title": { "ja": "標語", "en": "Motto" } },\n&/'
look
musubi --model model export --out out | head -n 1
tr -d '\r' <out/organisation.csv | sed 's/^\xef\xbb\xbf//' | tr , '\n' | grep -nE 'people|motto|^12$'
echo "-- back to the former name"
changed 's/"name": "staff",/"name": "staff", "was": "people",/'
look
echo "-- text that is to be a number: a value would be lost"
changed 's/"name": "number", "type": "string", "check": "corporate-number", "constraints": { "unique": true }/"name": "number", "type": "integer"/'
look
musubi --model model serve --listen 127.0.0.1:0 2>&1 || echo "exit $?"
echo "-- a code that a record has goes"
changed '/"company"/d' vocabulary/kind.json
look
echo "-- nothing was lost"
m check
m history organisation one | tail -n 1
