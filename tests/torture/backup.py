"""Backups that fail or are killed at any moment: a file of the name that was asked for is whole, or there is none. What could not be
written is said and leaves nothing behind; a process that was killed leaves at most a file whose name says that it is a part.

    backup.py SHIM STEP KILLS        SHIM: failing_io.so; tries every STEPth call
"""

import errno
import random
import shutil
import stat
import sys
import time

from store import SCRATCH, Cases, check, killed, run, versions, write_pack

ROWS = 2000


def is_whole(copy):
    """Whether a store made of it is sound and holds what was loaded."""
    folder = SCRATCH / "restored"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(copy, folder / "store.db")
    return not check(folder) and versions(folder) == {1}


def failing_writes(cases, data, shim, step):
    folder = SCRATCH / "failing"
    folder.mkdir()
    copy, counted = folder / "copy.db", SCRATCH / "count"

    def backup(nth, number, later):
        return run("backup", copy, data=data, env={
            "LD_PRELOAD": shim, "FAILING_PATH": "/copy.db", "FAILING_NTH": str(nth), "FAILING_ERRNO": str(number),
            "FAILING_LATER": "1" if later else "0", "FAILING_COUNT": str(counted)})

    result = backup(0, 0, False)
    calls = int(counted.read_text())
    cases.say(result.returncode == 0 and calls > 10, f"the writes are seen ({calls})", result.stderr)
    cases.say(is_whole(copy), "a backup is whole")
    cases.say(stat.S_IMODE(copy.stat().st_mode) == 0o600, "nobody but its owner can read it")
    again = backup(0, 0, False)
    cases.say(again.returncode != 0 and "exists already" in again.stderr, "it is not written over", again.stderr)
    copy.unlink()
    for number, later in ((errno.ENOSPC, True), (errno.EIO, False)):
        for nth in range(1, calls + 1, step):
            result = backup(nth, number, later)
            left = [path.name for path in folder.iterdir()]
            if result.returncode == 0:
                right = left == ["copy.db"] and is_whole(copy)
                copy.unlink()
            else:
                right = left == [] and "copy.db" in result.stderr
            cases.say(right, f"call {nth} of {calls} fails with {errno.errorcode[number]}",
                      f"exit {result.returncode}\n{result.stderr}\n{left}")


def kills(cases, data, rounds):
    folder = SCRATCH / "killed"
    folder.mkdir()
    chance = random.Random(20221127)
    began = time.monotonic()
    assert run("backup", folder / "usual.db", data=data).returncode == 0
    usual_s = time.monotonic() - began
    for number in range(rounds):
        copy = folder / f"copy-{number}.db"
        served = number % 2 == 1
        killed(["backup", copy], data, chance.uniform(0, 1.2 * usual_s), served)
        others = [path.name for path in folder.iterdir()
                  if path.name.startswith(copy.name) and path != copy and ".part-" not in path.name]
        cases.say((not copy.exists() or is_whole(copy)) and not others, f"round {number}, {'the server' if served else 'the command'}", str(others))
    cases.say(check(data) == "", "the store itself is sound")


def main():
    shim, step, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    cases = Cases()
    data = SCRATCH / "data"
    assert run("load", write_pack(SCRATCH / "pack", 1, ROWS), data=data).returncode == 0
    failing_writes(cases, data, shim, step)
    kills(cases, data, rounds)
    cases.end()


main()
