# A long text stands in pages of its own; redacted, it is in no page of the file.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
text=$(for i in {1..700}; do printf 'LONGSECRET%d ' "$i"; done)
printf 'id,name_ja,name_en,kind,description_en\no,ア,A,company,%s\n' "$text" >a/organisation.csv
pack a
musubi load a
[ "$(grep -aoE 'LONGSECRET[0-9]+' var/store.db* | sort -u | wc -l)" -gt 600 ] && echo "it is there"
musubi redact organisation o description --reason 'Asked to be forgotten'
grep -aoE 'LONGSECRET[0-9]+' var/store.db* | sort -u | wc -l
musubi check
