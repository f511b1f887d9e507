# The mapping of a sender: remembered with the first spreadsheet, used for the next one, replaced by another, not kept when tried or refused.
. "$ROOT/tests/cli/files/import_lib.sh"
cat >first.csv <<'CSV'
整理番号,技術の名前,持っている所,TRL
s-1,抗体のつなぎ目を変える技術,one,3
CSV
cat >second.csv <<'CSV'
整理番号,技術の名前,持っている所,TRL
s-1,抗体のつなぎ目を変える技術,one,4
s-2,乾かしても生きる細胞,two,2
CSV
cat >seeds.json <<'J'
{ "register": "seed", "columns": { "整理番号": "id", "技術の名前": "title_ja", "持っている所": "owners", "TRL": "trl" } }
J
echo '-- nobody is known yet'
musubi import sheet --as 一番製薬 first.csv || echo "exit $?"
echo '-- tried, not kept'
musubi import sheet --as 一番製薬 --map seeds.json --dry-run first.csv
musubi import sheet --as 一番製薬 first.csv || echo "exit $?"
echo '-- refused, not kept'
sed 's/"trl"/"trll"/' seeds.json >wrong.json
musubi import sheet --as 一番製薬 --map wrong.json first.csv || echo "exit $?"
musubi import sheet --as 一番製薬 first.csv || echo "exit $?"
echo '-- given once, used for the next'
musubi import sheet --as 一番製薬 --map seeds.json first.csv
musubi import sheet --as 一番製薬 second.csv
musubi import sheet --as 一番製薬 --map seeds.json second.csv
echo '-- another sender has none'
musubi import sheet --as 二番化学 second.csv || echo "exit $?"
echo '-- the table changed: which heading, and another mapping takes its place'
sed '1s/TRL/成熟度/' second.csv >third.csv
musubi import sheet --as 一番製薬 third.csv || echo "exit $?"
sed 's/"TRL"/"成熟度"/' seeds.json >other.json
musubi import sheet --as 一番製薬 --map other.json third.csv
musubi import sheet --as 一番製薬 --json third.csv | grep -o '"mapping_remembered": *[a-z]*'
echo '-- for sheets alone, and never public'
musubi import gbizinfo --as 一番製薬 gbizinfo.json || echo "exit $?"
musubi export --out out
test ! -e out/sheet-mapping.csv && columns out/seed.csv id title_ja trl
musubi check
