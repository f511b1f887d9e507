# The composite index of invented hubs, by the default method and by an edition's, twice the same; and when it does not rank.
export MUSUBI_NOW=2026-04-01T00:00:00Z MUSUBI_DATA=$PWD/var
"$ROOT/tests/gen/hubs" pack
musubi load --sample pack
musubi hub-index
musubi hub-index --method second-way --runs 500 --seed 7 --json >first
musubi hub-index --method second-way --runs 500 --seed 7 --json >second
cmp first second && echo "the same seed gives the same"
python3 - <<'PYTHON'
import json
answer = json.load(open("first"))
print({key: value for key, value in answer.items() if key not in ("hubs", "indicators")})
for hub in answer["hubs"]:
    print(hub["id"], [hub.get(key) for key in ("rank", "rank_low", "rank_median", "rank_high", "rank_best", "rank_worst")])
PYTHON
musubi hub-index --year 2010 || echo "exit $?"
musubi hub-index --method nothing || echo "exit $?"
musubi hub-index --lang fr || echo "exit $?"
# Two hubs are too few, and nothing marked is nothing to rank.
"$ROOT/tests/gen/hubs" --hubs 3 --indicators 3 few
MUSUBI_DATA=$PWD/few-var musubi load --sample few
MUSUBI_DATA=$PWD/few-var musubi hub-index
sed -i '2,$s/,true,true,true,/,true,true,false,/' few/hub-indicator.csv
MUSUBI_DATA=$PWD/few-var musubi load --sample few
MUSUBI_DATA=$PWD/few-var musubi hub-index
MUSUBI_DATA=$PWD/none musubi hub-index
# An indicator that a measure computes: as many as there are facilities that have not ended, dated by the community's day. Those that
# cannot be computed say why, here and when the store is checked. A measure by fiscal years has whole ones, and so has a ratio.
"$ROOT/tests/gen/hubs" --hubs 4 --indicators 6 computed
cp -r "$ROOT/model" model
python3 - <<'PYTHON'
import collections, csv, json
def rows_of(name):
    with open("computed/%s.csv" % name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
def write(name, rows):
    with open("computed/%s.csv" % name, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
rows = rows_of("hub-indicator")
for row, measure in zip(rows, ("facilities-by-hub", "no-such-measure", "ecosystem-rank-life-science", "member-companies", "opened", "share-opened")):
    row["measure"] = measure
write("hub-indicator", rows)
write("hub-value", [row for row in rows_of("hub-value") if row["indicator"] not in ("indicator-05", "indicator-06")])
rows = rows_of("facility")
there = collections.Counter(row["hub"] for row in rows if row["state"] not in ("planned", "building", "closed"))
for i, row in enumerate(rows):
    row.update({"opened": "%d-05-01" % (2024 + i % 2), "to": "2020-03" if i == 0 else ""})
write("facility", rows)
print("facilities", sorted(there.items()), "of which one of", rows[0]["hub"], "ended in 2020")
with open("model/measure/facilities-by-hub.json", encoding="utf-8") as file:
    measure = json.load(file)
measure.update(name="opened", time={"field": "opened", "axis": "fiscal-year"})
with open("model/measure/opened.json", "w", encoding="utf-8") as file:
    json.dump(measure, file, ensure_ascii=False)
for key in ("register", "time", "where", "splits"):
    del measure[key]
measure.update(name="share-opened", aggregate="ratio", unit="percent", over="opened", under="opened", factor=100)
with open("model/measure/share-opened.json", "w", encoding="utf-8") as file:
    json.dump(measure, file, ensure_ascii=False)
PYTHON
export MUSUBI_DATA=$PWD/computed-var
our() {
    musubi --model model "$@"
}
our load --sample computed
our check
MUSUBI_NOW=2025-12-31T14:59:00Z our hub-index --json >old-year.json 2>/dev/null
MUSUBI_NOW=2025-12-31T15:00:00Z our hub-index --json >new-year.json 2>/dev/null
MUSUBI_NOW=2026-03-31T14:59:00Z our hub-index --json >march.json 2>/dev/null
our hub-index --json >april.json
our hub-index --json --year 2026 >asked.json 2>/dev/null
our hub-index --json --year 2025 >earlier.json 2>/dev/null
cmp april.json asked.json && echo "the newest year is as if it were asked for"
python3 - <<'PYTHON'
import json
for name in ("old-year", "new-year", "march", "april", "earlier"):
    answer = json.load(open(name + ".json"))
    print(name, answer["year"])
    for indicator in ("indicator-01", "indicator-05", "indicator-06"):
        print("  ", indicator, [(hub["id"], figure["value"], figure["year"]) for hub in sorted(answer["hubs"], key=lambda hub: hub["id"])
                                for figure in [hub["figures"].get(indicator)] if figure])
PYTHON
