# A meeting's papers: prepared by a proposal, closed parts for the secretariat only, decisions entered afterwards.
export MUSUBI_NOW=2026-11-27T03:00:00Z MUSUBI_DATA=$PWD/var
musubi load --sample "$ROOT/data/gtb" "$ROOT/tests/packs/progress" | sed "s/^[0-9]* created/so many created/"
cat >prepare.json <<'J'
{
  "author": "secretariat",
  "reason": "Preparing the second general meeting",
  "changes": [
    { "register": "meeting", "record": {
      "id": "council-2", "name": {"ja": "第2回総会（架空）", "en": "Second general meeting (invented)"}, "kind": "council", "organisation": "council",
      "number": 2, "starts": "2027-01-20", "agenda": {"ja": "1. 指標", "en": "1. Indicators"},
      "closed_agenda": {"ja": "2. 人事", "en": "2. Appointments"}, "sources": [{"basis": {"ja": "試験", "en": "test"}}] } },
    { "register": "attendance", "record": {
      "title": {"ja": "東京都", "en": "Tokyo"}, "meeting": "council-2", "seat": "council.tokyo-metro", "presence": "proxy",
      "proxy": {"ja": "架空 太郎（部長）", "en": "Taro KAKU, director"}, "sources": [{"basis": {"ja": "試験", "en": "test"}}] } },
    { "register": "meeting", "id": "council-general-meeting-1", "set": {"decisions": {"ja": "規約を定めた（架空）", "en": "Adopted the rules (invented)"}} }
  ]
}
J
musubi change propose prepare.json
musubi change accept 2
musubi papers council-2 --lang en >secretariat.html
musubi papers council-2 --lang en --public >public.html
musubi papers council-2 >ja.html
for what in 'Second general meeting' 'Indicators</li>' 'Appointments' 'Taro KAKU' 'Represented by proxy' 'Miyasaka' \
    'Adopted the rules' 'Report whose next date has passed' 'trillion yen' '<script' 'http-equiv' '@media print'; do
    printf '%-34s secretariat %s, public %s\n' "$what" "$(grep -ci -- "$what" secretariat.html)" "$(grep -ci -- "$what" public.html)"
done
grep -c '東京都' ja.html >/dev/null && echo 'in Japanese too'
python3 - secretariat.html <<'P'
import re, sys
rows = re.findall(r'<tr><td>\s*(\d+)\s*</td>', open(sys.argv[1], encoding='utf-8').read())
print('seats in order:', rows == sorted(rows, key=int), len(rows))
P
echo 'afterwards:'
cat >after.json <<'J'
{ "reason": "Minutes", "changes": [ { "register": "meeting", "id": "council-2", "set": {
  "decisions": {"ja": "指標を了承した", "en": "The indicators were accepted"}, "closed_decisions": {"ja": "人事", "en": "A person was appointed"} } } ] }
J
musubi change propose after.json
musubi change accept 3
musubi papers council-2 --lang en | grep -c -e 'The indicators were accepted' -e 'A person was appointed'
musubi papers council-2 --lang en --public | grep -c -e 'The indicators were accepted' -e 'A person was appointed'
echo 'refused:'
musubi papers nothing || echo "exit $?"
musubi papers council-2 --lang fr || echo "exit $?"
echo '{"reason": "x", "changes": [{"register": "meeting", "id": "council-2", "set": {"colour": "red"}}]}' >bad.json
musubi change propose bad.json || echo "exit $?"
echo '{"changes": [{"register": "meeting", "id": "council-2", "delete": true}]}' >bad.json
musubi change propose bad.json || echo "exit $?"
echo '{"reason": "x", "changes": []}' >bad.json
musubi change propose bad.json || echo "exit $?"
musubi check | sed "s/[0-9]*$/N/"
