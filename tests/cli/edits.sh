# Renaming, merging and redacting stand in the history.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
cat >a/organisation.csv <<'CSV'
id,name_en,parent,contact
one,One,,one@example.org
two,Two,one,
uno,One again,,
three,Three,uno,
CSV
pack a
m load a
m rename organisation one eins --reason 'Its own name' --author somebody
m merge organisation uno eins --reason 'They are the same'
m redact organisation eins --reason 'Asked to be forgotten'
m --json redact organisation eins name --reason 'This too'
m history organisation eins
m history organisation three
m rename organisation nobody x --reason y || echo "exit $?"
m rename shop nobody x --reason y || echo "exit $?"
m redact organisation eins colour --reason y || echo "exit $?"
m redact meeting eins --reason y || echo "exit $?"
m history organisation nobody || echo "exit $?"
m change list
m change show 7 || echo "exit $?"
m change accept seven || echo "exit $?"
m backup copy.db
m backup copy.db || echo "exit $?"
m --json check
