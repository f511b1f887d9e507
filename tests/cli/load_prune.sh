# Rows that are gone stay, unless asked for; then they are deleted when nobody changed them.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
cat >a/organisation.csv <<'CSV'
id,name_en,parent,contact
one,One,,
two,Two,three,
three,Three,two,
four,Four,,four@example.org
five,Five,,
CSV
printf 'host,day\nfive,2022\n' >a/meeting.csv
pack a
m load a
printf 'id,name_en\none,One\n' >a/organisation.csv
m load a
m redact organisation four --reason 'asked to'
m load --prune --dry-run a || echo "exit $?"
printf 'host,day\none,2022\n' >a/meeting.csv
m load --prune a
m --json load a
m history organisation four
m history organisation two
echo "-- it comes back"
printf 'id,name_en\none,One\nfive,Five\n' >a/organisation.csv
m load a
m check
