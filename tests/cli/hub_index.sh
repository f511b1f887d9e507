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
# An indicator that a measure computes: as many as there are facilities. Two that cannot be computed say why.
"$ROOT/tests/gen/hubs" --hubs 4 --indicators 4 computed
python3 - <<'PYTHON'
import collections, csv
with open("computed/hub-indicator.csv", encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
for row, measure in zip(rows, ("facilities-by-hub", "no-such-measure", "ecosystem-rank-life-science", "member-companies")):
    row["measure"] = measure
with open("computed/hub-indicator.csv", "w", encoding="utf-8", newline="") as file:
    writer = csv.DictWriter(file, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
with open("computed/facility.csv", encoding="utf-8", newline="") as file:
    there = collections.Counter(row["hub"] for row in csv.DictReader(file) if row["state"] not in ("planned", "building", "closed"))
print("facilities", sorted(there.items()))
PYTHON
MUSUBI_DATA=$PWD/computed-var musubi load --sample computed
MUSUBI_DATA=$PWD/computed-var musubi hub-index --json >computed.json
MUSUBI_DATA=$PWD/computed-var musubi hub-index --json --year 2025 >earlier.json
python3 - <<'PYTHON'
import json
for name in ("computed.json", "earlier.json"):
    answer = json.load(open(name))
    print(answer["year"], [(hub["id"], hub["figures"].get("indicator-01", {}).get("year")) for hub in answer["hubs"]][:2])
print(sorted((hub["id"], hub["figures"]["indicator-01"]["value"]) for hub in json.load(open("computed.json"))["hubs"] if "indicator-01" in hub["figures"]))
PYTHON
