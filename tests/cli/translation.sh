# Translations: what is said of them, which are older than their originals, what confirms them, and the share as a measure.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
cat >a/organisation.csv <<'CSV'
id,name_ja,name_en,kind
one,一,One,company
two,二,Two,company
three,三,Three,company
CSV
echo "-- English is the editors' translation, but for one official name"
cat >a/translation.csv <<'CSV'
id,of_register,of_record,of_field,language,state
all,,,,en,own
one,organisation,one,name,en,official
CSV
pack a
musubi load a
musubi completeness --worklist
echo "-- an original changes, a translation follows, another is confirmed"
sed -i -e 's/^one,一,/one,壱,/' -e 's/^two,二,Two,/two,弐,Two,/' -e 's/^three,三,Three,/three,参,Third,/' a/organisation.csv
musubi load a
musubi completeness --worklist
musubi --json completeness --worklist | grep -o '"worklist".*'
musubi translation mark organisation one name --state checked
musubi translation mark organisation one kind || echo "exit $?"
musubi translation mark organisation none || echo "exit $?"
musubi translation mark organisation one --state fine || echo "exit $?"
musubi translation mark organisation one --lang fr || echo "exit $?"
musubi completeness --worklist
echo "-- the confirmation holds for that original alone, also in another store"
musubi export --out kept
musubi --data elsewhere load kept
musubi --data elsewhere completeness --worklist | tail -1
sed -i -e 's/^one,壱,/one,ひとつ,/' a/organisation.csv
musubi load a
musubi completeness --worklist | tail -3
echo "-- the counts as a measure"
musubi completeness --record >counted
musubi measure share-in-both-languages
musubi measure translations-out-of-date
musubi completeness --record >counted
musubi export --out again
cat again/translation-count.csv
musubi check
