# The generated table: order, escapes, what stays out, and no rewriting of what is the same already.
mkdir -p data/b data/.hidden
printf 'x"y\\z?\0\377\n1' >data/b/odd
: >data/a-empty
echo no >data/README.md
echo no >data/.hidden/file
embed() { "$ROOT/tools/embed.py" --root . --out out.c data absent; }
embed
cat out.c
touch -d 2001-01-01 out.c
embed
stat -c %y out.c | cut -c 1-4
echo more >data/c
embed
grep -c 'data_2' out.c
