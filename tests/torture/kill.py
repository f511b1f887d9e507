"""Kills loader and server with SIGKILL at random moments. After each kill the store must be sound, hold one whole version of the
pack, and that must be no older than the last one whose load was acknowledged.

    kill.py ROUNDS [SEED]
"""

import random
import signal
import subprocess
import sys
import time

from store import MUSUBI, SCRATCH, Cases, check, run, versions, write_pack

ROWS = 600


def kill_loader(data, pack, delay_s):
    """Loads in a process that is killed after a while; True when it had finished well before."""
    loader = subprocess.Popen([MUSUBI, "load", str(pack), "--data", str(data)], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        return loader.wait(timeout=delay_s) == 0
    except subprocess.TimeoutExpired:
        loader.kill()
        loader.wait()
        return False


def kill_server(data, pack, delay_s):
    """Loads by way of a server that is killed after a while; True when the load was acknowledged."""
    server = subprocess.Popen([MUSUBI, "serve", "--listen", "127.0.0.1:0", "--data", str(data)],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    server.stdout.readline()
    loader = subprocess.Popen([MUSUBI, "load", str(pack), "--data", str(data)], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    acknowledged = False
    try:
        acknowledged = loader.wait(timeout=delay_s) == 0
    except subprocess.TimeoutExpired:
        pass
    server.send_signal(signal.SIGKILL)
    server.wait()
    # An answer may have been on its way when the server died: then it counts as acknowledged.
    return loader.wait() == 0 or acknowledged


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
        way = chance.choice([kill_loader, kill_server])
        if way(data, pack, chance.uniform(0, 1.5 * usual_s)):
            acknowledged = version
        findings = check(data)
        found = versions(data)
        ok = not findings and len(found) == 1 and max(found) >= acknowledged
        cases.say(ok, f"round {version}, {way.__name__}", f"{findings}\nversions {found}, acknowledged {acknowledged}")
        if found:
            acknowledged = max(found)
    cases.end()


main()
