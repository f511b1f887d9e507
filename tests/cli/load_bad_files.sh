# Files that cannot be read as tables, and columns that fill nothing.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
printf '' >a/empty.csv
printf 'id,name_en,colour\nx,X,red\n' >a/unknown.csv
printf 'id,name_en,name_en\nx,X,Y\n' >a/twice.csv
printf 'id,name_en\nx,"X\ny,Y\n' >a/open.csv
printf 'id,name_en\nx,"X"Y\n' >a/after.csv
printf 'id,name_en\nx,A\0B\n' >a/nul.csv
printf 'id,name_ja\nx,\xe6\x9d\xb1\xe4\xba\xac\ny,\xe6\x9d\n' >a/utf8.csv
printf 'id,name_ja\nx,\x93\x8c\x8b\x9e\ny,\x80\xff\n' >a/cp932.csv
printf '\xff\xfei\0d\0,\0\n' >a/utf16.csv
printf 'id,name_en\nx,X,more\ny\n' >a/ragged.csv
mkfifo a/pipe.csv
resources=()
for file in empty unknown twice open after nul utf8 cp932 utf16 ragged pipe missing; do
    resources+=("{ \"name\": \"$file\", \"path\": \"$file.csv\", \"musubi:register\": \"organisation\" }")
done
resources+=('{ "name": "defaults", "path": "utf8.csv", "encoding": "cp932", "musubi:register": "organisation", "musubi:defaults": { "id": "z", "colour": "red" } }')
resources+=('{ "name": "schema", "path": "ragged.csv", "musubi:register": "organisation", "schema": { "fields": [ { "name": "id", "musubi:field": "nothing" }, { "name": "name_en", "musubi:field": ["id", "number"] }, { "name": "absent" } ] } }')
pack a "${resources[@]}"
m load a
