# What is not there is not called sound, and a table with an unusual name is not passed over.
. "$ROOT/tests/cli/files/lib.sh"
m check || echo "exit $?"
m backup copy || echo "exit $?"
[ -e copy ] || [ -e var ] || echo "nothing was made"
mkdir a b
printf 'id,name_en\nx,X\n' | tee a/ORG.CSV >b/organisation.txt
pack a '{ "name": "orgs", "path": "ORG.CSV", "musubi:register": "organisation" }'
pack b '{ "name": "organisation", "path": "organisation.txt" }' '{ "name": "picture", "path": "picture.svg" }'
m load a
m load b
m check || echo "exit $?"
