# References may point at rows of another file; those that point nowhere are told one by one.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
cat >a/organisation.csv <<'CSV'
id,name_en,parent,partners,owner,sources
x,X,y,nobody;y,,
y,Y,,|Nobody;x,stranger,"[{""source"":""nothing""}]"
z,Z,gone,,x,
CSV
printf 'host,day\nx,2022\nnowhere,2022\n' >a/meeting.csv
pack a
m load a || echo "exit $?"
sed -i -e 's/nobody;y/y/' -e 's/stranger//' -e 's/gone//' -e 's/"\[.*\]"//' a/organisation.csv
sed -i 's/nowhere/z/' a/meeting.csv
m load a
