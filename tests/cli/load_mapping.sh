# A file in its own shape: no header, other values, one column for two fields, more columns than are known.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
cat >a/list.csv <<'CSV'
1;7000012050002;三和;301;x;2015-10-05;new column
2;5000012010024;若草;201;y;2015-10-05;new column
3;1;broken;301;y;2015-13-05;new column
4;7000012010001;short;301
CSV
pack a '{ "name": "list", "path": "list.csv", "musubi:register": "organisation", "dialect": { "header": false, "delimiter": ";" },
      "musubi:defaults": { "listed": "false" },
      "schema": { "fieldsMatch": "subset", "fields": [
        { "name": "no", "musubi:field": "" },
        { "name": "法人番号", "musubi:field": ["id", "number"] },
        { "name": "商号", "musubi:field": "name_ja" },
        { "name": "種別", "musubi:field": "kind", "musubi:values": { "301": "company", "201": "" } },
        { "name": "other", "musubi:field": "" },
        { "name": "指定年月日", "musubi:field": "from" } ] } }'
m load a || echo "exit $?"
sed -i '3,$d' a/list.csv
m load a
m export --out out
tr -d '\r' <out/organisation.csv
