# Whoever works in Japanese is spoken to in Japanese: help, results, every mistake of a pack; also by a server that itself
# speaks English.
. "$ROOT/tests/cli/files/lib.sh"
# Not by an export: bash itself would look for the locale, which need not be there.
ja() {
    env LC_ALL=ja_JP.UTF-8 musubi "$@"
}
jam() {
    ja --model "$ROOT/tests/cli/files/model" "$@"
}

ja || echo "exit $?"
ja nonsense || echo "exit $?"
ja load --help
ja history organisation x --limit few || echo "exit $?"
ja check || echo "exit $?"

mkdir good bad
printf 'id,name_ja,name_en,staff\none,一,One,1\n' >good/organisation.csv
printf 'id,name_ja,name_en,staff,founded\none,一,One,many,\ntwo words,二,Two,2,soon\nthree,,,-1,\n' >bad/organisation.csv
pack good
pack bad
jam load --dry-run good
jam load good
jam load bad || echo "exit $?"
jam load bad --json 2>/dev/null | head -c 41; echo
jam rename organisation one || echo "exit $?"
jam rename organisation one one --reason なぜ || echo "exit $?"

m serve --listen 127.0.0.1:0 >address 2>log &
server=$!
trap 'kill -9 $server 2>/dev/null || true' EXIT
for _ in $(seq 200); do
    [ -s address ] && break
    sleep 0.1
done
ja load good
ja load bad || echo "exit $?"
ja rename organisation one one --reason なぜ || echo "exit $?"
musubi rename organisation one one --reason why || echo "exit $?"
env LC_ALL=C musubi load good
