# Editions: refused while something is missing, then kept as they are, whatever comes later.
. "$ROOT/tests/cli/files/lib.sh"
m edition list || echo "exit $?"
mkdir a
cat >a/organisation.csv <<'CSV'
id,name_ja,name_en,kind,sales
one,一,One,company,10億円
two,二,,,
three,三,Three,,
CSV
pack a
m load a
echo "-- gaps"
m edition freeze 2025 || echo "exit $?"
m --json edition freeze 2025 2>/dev/null || echo "exit $?"
m edition freeze 2025 --allow-gaps --note 'The first one' --author somebody
m edition freeze 2025 --allow-gaps 2>/dev/null || echo "exit $?"
m edition freeze 'No name' --allow-gaps || echo "exit $?"
m edition freeze present --allow-gaps || echo "exit $?"
m export --out first
echo "-- one changes, one leaves, one comes, one gets another id"
cat >a/organisation.csv <<'CSV'
id,name_ja,name_en,kind,sales,sources
one,一,One,company,12億円,"[{""basis"": ""stated""}]"
four,四,Four,,,
three,三,Three,,,
CSV
m load --prune a
m rename organisation three drei --reason 'Its own name'
m edition freeze 2026
m edition list
m edition diff 2025 2026
m --json edition diff 2025 present
m edition diff 2026 2026
m edition diff 2026 2025 || echo "exit $?"
m edition diff 2024 2026 || echo "exit $?"
echo "-- the first edition's export is what it was"
m export --edition 2025 --out again
diff -r -x catalog.jsonld first again && echo same
cat again/catalog.jsonld
m export --edition 2024 --out other || echo "exit $?"
m check
echo "-- an erratum stands beside it"
m edition erratum 2025 --ja '売上は9億円' --en 'Sales are 900 million yen' --about organisation/one --day 2026-04-02
m edition erratum 2025 --ja '売上は9億円' --en 'Sales are 900 million yen' --about organisation/one --day 2026-04-02
m edition erratum 2025 --en 'No such record' --about organisation/nobody || echo "exit $?"
m edition erratum 2024 --en 'No such edition' || echo "exit $?"
m edition erratum 2025 || echo "exit $?"
m export --edition 2025 --out once-more
diff -r again once-more && echo same
echo "-- apart from a redaction, which says so"
m redact organisation one kind --reason 'Asked to be forgotten'
m export --edition 2025 --out redacted
diff again redacted || true
m check
