# Everything a pack may say is read, whatever the file's encoding, and comes out again in one form.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
printf '\xef\xbb\xbfid,name_ja,name_en,kind,parent,number,place_lat,place_lon,founded,sales,staff,listed,partners,sources\r\n' >a/organisation.csv
cat >>a/organisation.csv <<'CSV'
aoba,"青葉
研究所",Aoba Institute,大学,,,３５．７,139.76,令和4年2月21日,"1,700億円","１，２００",true,若草大学|;wakakusa,"[{""source"":""paper"",""locator"":""p. 3"",""confidence"":""high""}]"
wakakusa, 若草大学 ,Wakakusa University,univ,aoba,,,,H31/4/30,20～30億円,12,はい,|Somebody Else,
sanwa,三和,Sanwa,Company,,7000012050002,,,2022-02,△5百万円,,,aoba,
CSV
printf 'id,title_ja,title_en,url\n"paper",\xe8\xab\x96\xe6\x96\x87,A paper,https://example.org/\n' >a/source.csv
printf 'name_ja\thost\tday\r\x91\x8d\x89\xef\taoba\t2022/2/21\r\x97\xe1\x89\xef\taoba\tR4.3.1\r' >a/meeting.tsv
pack a '{ "name": "organisation", "path": "organisation.csv" }' '{ "name": "source", "path": "source.csv" }' \
    '{ "name": "meeting", "path": "meeting.tsv", "musubi:defaults": { "name_en": "A meeting", "visibility": "members" } }'
m load a
m --json load a
m check
m export --out out
tr -d '\r' <out/organisation.csv
m history meeting aoba-2022-02-21 --json
