# Samples, empty stores, dry runs, who and why.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
printf 'id,name_en\none,One\n' >a/organisation.csv
pack a
sed -i 's/"name": "a",/"name": "a", "version": "1.2", "musubi:sample": true,/' a/datapackage.json
m load a || echo "exit $?"
m load --sample --dry-run a
m load --sample --if-empty --author 'A person' --reason 'A try' a
m load --if-empty no-such-pack
m history organisation one
sed -i 's/One/Uno/' a/organisation.csv
m load --sample a
m history --limit=1 organisation one
m load --prune
