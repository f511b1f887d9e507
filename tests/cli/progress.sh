# How far a load and a backup are is shown on a terminal, on a line that is gone at the end, and nowhere else.
. "$ROOT/tests/cli/files/lib.sh"
mkdir a
{
    echo id,name_en,kind
    for i in $(seq 3000); do echo "o$i,Name $i,company"; done
} >a/organisation.csv
pack a

# Runs with standard error on a terminal, and says what came there: every line as it was written over.
on_terminal() {
    python3 - "$@" <<'PYTHON'
import os, pty, subprocess, sys
ours, theirs = pty.openpty()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=theirs)
os.close(theirs)
text = b""
while True:
    try:
        piece = os.read(ours, 4096)
    except OSError:
        break
    if not piece:
        break
    text += piece
process.wait()
print("exit", process.returncode)
shown = text.decode().split("\r")
print("lines that say how far it is:", any("%" in line for line in shown))
print("in the end the line is empty:", shown[-1] == "\033[K")
PYTHON
}
echo "-- load"
on_terminal musubi --model "$ROOT/tests/cli/files/model" load a
echo "-- backup"
on_terminal musubi --model "$ROOT/tests/cli/files/model" backup copy.db
echo "-- not on a terminal"
m load a 2>&1 | cat
m backup again.db 2>&1 | cat
