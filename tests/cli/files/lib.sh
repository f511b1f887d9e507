# What the cases here share: an invented community's model, a fixed clock, and packs made of CSV files.
export MUSUBI_NOW=2026-04-01T00:00:00Z MUSUBI_DATA=$PWD/var

m() {
    musubi --model "$ROOT/tests/cli/files/model" "$@"
}

# pack FOLDER [RESOURCE-JSON...]: writes FOLDER/datapackage.json; without resources, one for each CSV file there.
pack() {
    local folder=$1 file name
    shift
    mkdir -p "$folder"
    if [ $# = 0 ]; then
        for file in "$folder"/*.csv; do
            name=$(basename "$file" .csv)
            set -- "$@" "{ \"name\": \"$name\", \"path\": \"$name.csv\" }"
        done
    fi
    {
        printf '{\n  "name": "%s",\n  "resources": [\n' "$(basename "$folder")"
        local comma=
        for name; do
            printf '%s    %s' "$comma" "$name"
            comma=$',\n'
        done
        printf '\n  ]\n}\n'
    } >"$folder/datapackage.json"
}
