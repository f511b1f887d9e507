# Loading again compares with what the pack last loaded.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
cat >a/organisation.csv <<'CSV'
id,name_en,staff,contact
one,One,1,one@example.org
two,Two,2,two@example.org
three,Three,3,three@example.org
four,Four,4,four@example.org
CSV
pack a
m load a || echo "exit $?"
echo "-- the same again"
m load a || echo "exit $?"
echo "-- a row that the pack changed and nobody else"
sed -i 's/^one,One,1,/one,One,10,/' a/organisation.csv
m load --dry-run a
m load a || echo "exit $?"
m history organisation one
echo "-- a record that somebody changed and the pack did not"
m redact organisation two --reason 'asked to'
m load a || echo "exit $?"
m history organisation two --json | grep -o '"after":{[^}]*}'
echo "-- changed by both"
sed -i 's/^two,Two,2,/two,Two,20,/' a/organisation.csv
sed -i 's/^three,Three,3,/three,Three,30,/' a/organisation.csv
m load a || echo "exit $?"
m history organisation three
echo "-- changed by both, to the same"
sed -i 's/^two,.*/two,Two,2,/' a/organisation.csv
m load a || echo "exit $?"
echo "-- renamed by somebody, changed by the pack"
m rename organisation four vier --reason 'German'
m load a || echo "exit $?"
sed -i 's/^four,Four,4,/four,Four,40,/' a/organisation.csv
m load a || echo "exit $?"
m check
