# Corporate numbers: what our records lack is filled, what differs is told and stays ours.
. "$ROOT/tests/cli/files/import_lib.sh"
musubi import corporate-number numbers.csv
musubi import corporate-number numbers.csv
musubi history organisation two
musubi import corporate-number short.csv || echo "exit $?"
musubi import corporate-number documents.json || echo "exit $?"
