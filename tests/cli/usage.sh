# Wrong usage is exit code 2 and says what is right.
. "$ROOT/tests/cli/files/lib.sh"
try() {
    echo "\$ musubi $*"
    musubi "$@" || echo "exit $?"
}
try
try nonsense
try --nonsense
try load
try load --nonsense
try load -x
try load --author
try load --dry-run=yes a
try history organisation x --limit few
try check more
try change
try change nonsense
try change --help
try model check --help
try definitions oracle
try rename organisation a b
try load --help
