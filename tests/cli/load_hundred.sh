# A hundred problems are told and the others counted.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
{
    echo id,name_en,staff
    for i in $(seq 1000); do echo "x$i,X,many"; done
} >a/organisation.csv
pack a
m load a 2>err || echo "exit $?"
head -2 err
tail -3 err
wc -l <err
