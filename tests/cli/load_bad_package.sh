# What is wrong with a datapackage.json is told with its line and column.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a b c d
m load a || echo "exit $?"
echo '{ "name": "b", }' >b/datapackage.json
m load b || echo "exit $?"
cat >c/datapackage.json <<'JSON'
{
  "name": "No Good",
  "musubi:sample": "yes",
  "resources": [
    { "path": "x.csv" },
    { "name": "shop", "path": "x.csv" },
    { "name": "organisation" },
    { "name": "organisation", "path": "/etc/passwd.csv" },
    { "name": "organisation", "path": "../x.csv" },
    { "name": "organisation", "path": "a/./x.csv" },
    { "name": "organisation", "path": "https://example.org/x.csv" },
    { "name": "organisation", "path": ["x.csv", "y.csv"] },
    { "name": "organisation", "path": "x.csv", "encoding": "latin1" },
    { "name": "organisation", "path": "x.csv", "format": "ods", "type": "table" },
    { "name": "organisation", "path": "x.csv", "dialect": { "delimiter": "::", "quoteChar": "'", "header": false, "colour": 1 } },
    { "name": "organisation", "path": "x.csv", "dialect": { "header": "no" } },
    { "name": "organisation", "path": "x.csv", "schema": "schema.json" },
    { "name": "organisation", "path": "x.csv", "schema": { "fields": [] } },
    { "name": "organisation", "path": "x.csv", "schema": { "fields": [ { "name": 1 }, { "name": "a", "musubi:field": 1, "musubi:values": { "a": 1 } }, 2 ] } },
    { "name": "organisation", "path": "x.csv", "musubi:defaults": { "kind": 1 } },
    { "name": "organisation", "data": [] },
    { "name": "organisation", "path": "x.csv", "musubi:register": "" },
    { "name": "picture", "path": "picture.png" },
    3
  ]
}
JSON
m load c || echo "exit $?"
echo '[]' >d/datapackage.json
m load d/datapackage.json || echo "exit $?"
echo '{ "name": "d", "resources": [] }' >d/datapackage.json
m load d || echo "exit $?"
