# Every wrong cell is told with its file, line and column, and nothing is loaded.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
cat >a/organisation.csv <<'CSV'
id,name_ja,name_en,kind,parent,number,place_lat,place_lon,founded,sales,staff,listed,partners,contact,from,to,attested_on,visibility,sources
"two
lines",,Broken id,,,,,,,,,,,,,,,,
no-name,,,,,,,,,,,,,,,,,,
kind,,Kind,shop,,,,,,,,,,,,,,,
parent,,Parent,,No Such,,,,,,,,,,,,,,
number,,Number,,,1234567890123,,,,,,,,,,,,,
place,,Place,,,,95,139,,,,,,,,,,,
half-place,,Half a place,,,,35,,,,,,,,,,,,
founded,,Founded,,,,,,2022-02-30,,,,,,,,,,
sales,,Sales,,,,,,,about lots,,,,,,,,,
staff,,Staff,,,,,,,,-1,,,,,,,,
staff2,,Staff,,,,,,,,1.5,,,,,,,,
listed,,Listed,,,,,,,,,perhaps,,,,,,,
contact,,Contact,,,,,,,,,,,nobody,,,,,
long,,An organisation whose name is longer than the sixty characters that are allowed,,,,,,,,,,,,,,,,
time,,Time,,,,,,,,,,,,2022,2021,,,
attested,,Attested,,,,,,,,,,,,,,soon,,
visibility,,Visibility,,,,,,,,,,,,,,,friends,
sources,,Sources,,,,,,,,,,,,,,,,not json
source,,Source,,,,,,,,,,,,,,,,"[{""source"":""x"",""confidence"":""total""}]"
short,,Short
CSV
printf 'control,,A \abell,,,,,,,,,,,,,,,,\n' >>a/organisation.csv
pack a
m load a
