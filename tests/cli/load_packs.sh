# Several packs are one change set: all or nothing.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a b c
printf 'id,name_en,parent\none,One,two\n' >a/organisation.csv
printf 'id,name_en,parent\ntwo,Two,one\n' >b/organisation.csv
printf 'id,name_en,parent\nthree,Three,four\n' >c/organisation.csv
pack a
pack b
pack c
m load a || echo "exit $?"
m load a b c || echo "exit $?"
m load a a || echo "exit $?"
m --json load a b
m load b a
sed -i 's/One/Uno/' a/organisation.csv
m load a
m history organisation one
