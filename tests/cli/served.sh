# A command on a folder that is being served is run by the server, with the caller's folder and streams.
. "$ROOT/tests/cli/files/lib.sh"

serve() {
    rm -f address
    musubi --model "$ROOT/tests/cli/files/model" serve --listen 127.0.0.1:0 >address 2>log &
    server=$!
    for _ in $(seq 200); do
        [ -s address ] && return
        sleep 0.1
    done
    cat log
    return 1
}
trap 'kill -9 $server 2>/dev/null || true' EXIT
pidless() {
    sed -E 's/number [0-9]+/number N/'
}

mkdir a
printf 'id,name_en,staff\none,One,1\n' >a/organisation.csv
pack a
serve
stat -c '%A %n' var/socket
musubi load a
(cd a && musubi --json load ../a/)
musubi load nowhere || echo "exit $?"
musubi history organisation one
musubi export --out out | cat
ls out
musubi backup copy.db && ls copy.db
musubi load || echo "exit $?"
echo "-- the sitemap names no page that this model has nothing for"
python3 - "$(sed 's/.* //' address)" <<'PYTHON'
import re, sys, urllib.request
text = urllib.request.urlopen(sys.argv[1].rstrip("/") + "/sitemap/site.xml").read().decode()
paths = re.findall(r"<loc>http://[^/]*/en/([^<]*)</loc>", text)
print([path for path in paths if path in ("map", "value-chain", "compare", "compare/regions")], "about" in paths)
PYTHON
echo "-- not for somebody else"
m load a || echo "exit $?"
musubi serve 2>&1 | pidless || echo "exit $?"
echo "-- the results of many callers do not mix"
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do musubi history organisation one >"h$i" & callers[i]=$!; done
wait "${callers[@]}"
cat h* | sort | uniq -c | sed 's/^ *//'
echo "-- a caller who hangs up, one who says nothing, one who says nonsense"
python3 - <<'PYTHON'
import socket, struct
for request in [b"", b"MUSU", b"nonsense....", b"MUSUBI2\n" + struct.pack("<I", 1 << 30), b"MUSUBI2\n" + struct.pack("<II", 8, 1)]:
    s = socket.socket(socket.AF_UNIX)
    s.connect("var/socket")
    s.sendall(request)
    s.shutdown(socket.SHUT_WR)
    print(len(request), s.recv(4))
    s.close()
PYTHON
musubi check
echo "-- a server that was killed leaves nothing in the way"
disown $server # or the shell would tell of its death
kill -9 $server
while kill -0 $server 2>/dev/null; do sleep 0.1; done
ls var/socket
m load a
serve
musubi load a
kill -TERM $server
wait $server && echo "exit 0"
ls var/socket 2>&1 || true
m check
echo "-- a folder with a long name"
long=$(printf 'x%.0s' $(seq 150))
mkdir -p "$long"
export MUSUBI_DATA=$PWD/$long/var
serve
musubi check
kill -TERM $server
wait $server
