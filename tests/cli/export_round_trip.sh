# What is exported loads back and gives the same bytes; what is not public is not in it.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
cat >a/organisation.csv <<'CSV'
id,name_ja,name_en,kind,place_lat,place_lon,place_approximate,founded,sales,partners,contact,visibility,owner
one,"一, ""二""",One,company,35.7,139.7,true,2022-02,約3～5億円,two;外|Out\;side,one@example.org,,one
two,二,,university,,,,,103兆円,,,,
three,,Three,,,,,,,two,,secretariat,
CSV
printf 'host,day,from,to\none,2022-02-21,2022,2022-12\nthree,2022-02-21,,\n' >a/meeting.csv
pack a
m load a
m export --out out
ls out
tr -d '\r' <out/organisation.csv
MUSUBI_DATA=$PWD/other m load out || echo "exit $?"
printf 'host,day,from,to\none,2022-02-21,2022,2022-12\n' >a/meeting.csv
m load --prune a
m export --out out
MUSUBI_DATA=$PWD/other m load out
MUSUBI_DATA=$PWD/other m export --out out2
diff -r out out2 && echo same
mkdir other/things && touch other/things/file
m export --out other/things || echo "exit $?"
m export || echo "exit $?"
