"""Lets the Nth write to the store's files fail, as on a full disk (ENOSPC, from then on) or a dying one (EIO, once). A load must
then say so clearly and leave everything as it was, or succeed and have done everything; the same load must succeed once the
disk is well again.

    failing.py SHIM STEP        SHIM: failing_io.so; tries every STEPth call
"""

import errno
import shutil
import sys

from store import SCRATCH, Cases, check, run, versions, write_pack

ROWS = 300


def environment(shim, nth, number, later, count):
    return {
        "LD_PRELOAD": shim, "FAILING_PATH": "/store.db", "FAILING_NTH": str(nth), "FAILING_ERRNO": str(number),
        "FAILING_LATER": "1" if later else "0", "FAILING_COUNT": str(count),
    }


def main():
    shim, step = sys.argv[1], int(sys.argv[2])
    cases = Cases()
    before = SCRATCH / "before"
    counted = SCRATCH / "count"
    old = write_pack(SCRATCH / "old", 1, ROWS)
    new = write_pack(SCRATCH / "new", 2, ROWS)
    assert run("load", old, data=before).returncode == 0
    data = SCRATCH / "data"
    shutil.copytree(before, data)
    assert run("load", new, data=data, env=environment(shim, 0, 0, False, counted)).returncode == 0
    calls = int(counted.read_text())
    cases.say(calls > 10, f"the writes are seen ({calls})")
    for number, later in ((errno.ENOSPC, True), (errno.EIO, False)):
        for nth in range(1, calls + 1, step):
            shutil.rmtree(data)
            shutil.copytree(before, data)
            result = run("load", new, data=data, env=environment(shim, nth, number, later, counted))
            findings, found = check(data), versions(data)
            done = result.returncode == 0
            said = bool(result.stderr.strip()) and "Traceback" not in result.stderr
            right = found == {2} if done else found in ({1}, {2}) and said
            again = run("load", new, data=data)
            ok = not findings and right and result.returncode in (0, 1) and again.returncode == 0 and versions(data) == {2}
            cases.say(ok, f"call {nth} of {calls} fails with {errno.errorcode[number]}",
                      f"exit {result.returncode}\n{result.stderr}\n{findings}\nversions {found}\n{again.stderr}")
    cases.end()


main()
