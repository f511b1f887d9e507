"""Kills loader and server with SIGKILL at random moments. After each kill the store must be sound, hold one whole version of the
pack, and that must be no older than the last one whose load was acknowledged.

    kill.py ROUNDS [SEED]
"""

import random
import sys
import time

from store import SCRATCH, Cases, check, killed, run, versions, write_pack

ROWS = 600


def main():
    rounds = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30)
    print(f"# seed {seed}", flush=True)
    chance = random.Random(seed)
    cases = Cases()
    data = SCRATCH / "data"
    started = time.monotonic()
    first = write_pack(SCRATCH / "pack", 0, ROWS)
    assert run("load", first, data=data).returncode == 0
    usual_s = time.monotonic() - started
    acknowledged = 0
    for version in range(1, rounds + 1):
        pack = write_pack(SCRATCH / "pack", version, ROWS)
        served = chance.choice([False, True])
        if killed(["load", pack], data, chance.uniform(0, 1.5 * usual_s), served):
            acknowledged = version
        findings = check(data)
        found = versions(data)
        ok = not findings and len(found) == 1 and max(found) >= acknowledged
        cases.say(ok, f"round {version}, {'the server' if served else 'the loader'}", f"{findings}\nversions {found}, acknowledged {acknowledged}")
        if found:
            acknowledged = max(found)
    cases.end()


main()
