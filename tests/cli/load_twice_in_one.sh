# An id that comes twice, in a first load and in a later one; and two records that may not both be.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
printf 'id,name_en,number\none,One,7000012050002\none,One,7000012050002\none,Uno,\ntwo,Two,7000012050002\n' >a/organisation.csv
pack a
m load a || echo "exit $?"
printf 'id,name_en\none,One\ntwo,Two\n' >a/organisation.csv
m load a
printf 'id,name_en\none,One\none,One\ntwo,Two\ntwo,Deux\n' >a/organisation.csv
m load a || echo "exit $?"
