# Publishing from the command line: not a store of invented records, not into a folder of something else; again, nothing is written.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
printf 'id,name_ja,name_en,kind\none,一,One,company\n' >a/organisation.csv
pack a
sed -i 's/"name": "a",/"name": "a", "musubi:sample": true,/' a/datapackage.json
MUSUBI_DATA=$PWD/sample musubi load --sample a
MUSUBI_DATA=$PWD/sample musubi publish --out files || echo "exit $?"
ls files 2>/dev/null || echo "no files"
sed -i 's/"musubi:sample": true,//' a/datapackage.json
musubi load a
mkdir other && touch other/file
musubi publish --out other 2>&1 || echo "exit $?"
musubi publish || echo "exit $?"
musubi publish --out files --edition 2024 || echo "exit $?"
musubi publish --out files --url https://site.example 2>/dev/null | sed 's/[0-9]* bytes/so many bytes/; s/[0-9]* pages, [0-9]* files/so many/; s/[0-9]* written/all written/'
musubi publish --out files --url https://site.example 2>/dev/null | grep -o ' 0 written'
# What the descriptions of the data lead to is there.
grep -oh '"https://site.example/api/[^"]*"' files/data/datapackage.json files/data/catalog.jsonld | sort -u | tr -d '"' | while read -r url; do
    [ -f "files/${url#https://site.example/}" ] && echo "there: $url" || echo "missing: $url"
done
grep -o '<h1>[^<]*' files/en/organisation/one/index.html
# A page's folder where a file is to stand gives way to it.
file=$(cd files && find en -name '*.csv' | sort | head -1)
rm "files/$file" && mkdir "files/$file" && touch "files/$file/index.html"
musubi publish --out files --url https://site.example 2>&1 | tail -1 | sed 's/.*: //'
[ -f "files/$file/index.html" ] && echo 'not ours to remove'
echo "$file/index.html" >>files/.musubi-publish/files
musubi publish --out files --url https://site.example 2>/dev/null | grep -o ' 1 written'
[ -f "files/$file" ] && echo 'a file'
