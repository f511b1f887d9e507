# Which public texts stand in both languages: nothing there, something missing, all complete; what is not public does not count.
. "$ROOT/tests/cli/files/lib.sh"
m completeness || echo "exit $?"
mkdir a
cat >a/organisation.csv <<'CSV'
id,name_ja,name_en,owner,visibility
one,一,One,,public
two,二,,one,public
three,,Three,one,public
four,四,Four,two,public
five,五,,two,secretariat
CSV
pack a
m load a
m completeness --worklist
m --json completeness --worklist
echo "-- all complete"
sed -i -e 's/^two,二,,/two,二,Two,/' -e 's/^three,,/three,三,/' a/organisation.csv
m load a
m completeness --worklist
m --json completeness
