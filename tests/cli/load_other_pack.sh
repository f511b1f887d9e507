# A record that another pack made: the same is shared, something else is a conflict.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a b
printf 'id,name_en,staff\none,One,1\ntwo,Two,2\n' >a/organisation.csv
printf 'id,name_en,staff\ntwo,Two,2\nthree,Three,3\n' >b/organisation.csv
pack a
pack b
m load a || echo "exit $?"
m load b || echo "exit $?"
sed -i 's/^two,Two,2/two,Two,20/' b/organisation.csv
m load b || echo "exit $?"
m load a || echo "exit $?"
sed -i 's/^two,Two,2/two,Two,200/' a/organisation.csv
m load a || echo "exit $?"
