# --json puts everything a machine wants on standard output, also when a command fails.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
printf 'id,name_en,staff\none,One,many\n' >a/organisation.csv
pack a
m --json load a 2>/dev/null || echo "exit $?"
sed -i 's/many/1/' a/organisation.csv
m load --json --dry-run a
m load --json a
m load --json --if-empty a
m --json history organisation nobody 2>/dev/null || echo "exit $?"
m --json export --out out
m --json rename organisation one two --reason r
m --json change list
m --json check
m --json model check
