"""Publishing that is killed, or whose disk is full: no file may ever be there in part, and publishing again must put everything
right. And editions: the same bytes after many revisions, and freezing that is killed.

    publish.py SHIM KILLS STEP REVISIONS
"""

import errno
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

from store import MUSUBI, SCRATCH, Cases, check, run, write_pack

ROWS = 120


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*")) if path.is_file() and ".musubi-publish" not in path.parts
    }


def publish(data, out, env=None):
    return run("publish", "--out", out, "--url", "https://site.example", data=data, env=env, timeout=600)


def only_whole_files(site, old, new):
    """Files that are neither the old ones nor the new ones."""
    return [name for name, digest in digests(site).items() if digest not in (old.get(name), new.get(name))]


def torture_publish(cases, shim, kills, step):
    data = SCRATCH / "data"
    old_site, new_site, site = SCRATCH / "old-site", SCRATCH / "new-site", SCRATCH / "site"
    assert run("load", write_pack(SCRATCH / "old", 1, ROWS), data=data).returncode == 0
    assert publish(data, old_site).returncode == 0
    old = digests(old_site)
    again = publish(data, old_site)
    cases.say("0 written" in again.stdout and "0 removed" in again.stdout, "publishing again writes nothing", again.stdout)
    (old_site / "CNAME").write_text("site.example\n")
    assert run("load", write_pack(SCRATCH / "new", 2, ROWS - 20), "--prune", data=data).returncode == 0
    began = time.monotonic()
    assert publish(data, new_site).returncode == 0
    took = time.monotonic() - began
    new = digests(new_site)
    cases.say(len(old) > len(new) > 100, f"there is something to publish ({len(old)}, {len(new)} files)")

    def settle(what):
        wrong = only_whole_files(site, {**old, "CNAME": digests(site).get("CNAME")}, new)
        cases.say(not wrong, f"{what}: every file is whole", "\n".join(wrong[:10]))
        after = publish(data, site)
        left = digests(site)
        foreign = left.pop("CNAME", None)
        cases.say(after.returncode == 0 and left == new and foreign is not None,
                  f"{what}: publishing again puts it right and leaves what is not ours",
                  after.stderr[-500:] + str(sorted(set(left) ^ set(new))[:5]))

    chance = random.Random(1)
    for i in range(kills):
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(old_site, site)
        process = subprocess.Popen([MUSUBI, "publish", "--out", site, "--url", "https://site.example", "--data", data],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.05, took))
        process.send_signal(signal.SIGKILL)
        process.wait()
        settle(f"kill {i + 1}")

    counted = SCRATCH / "count"
    faults = {"LD_PRELOAD": shim, "FAILING_PATH": "/.musubi-publish/part", "FAILING_ERRNO": str(errno.ENOSPC),
              "FAILING_LATER": "1", "FAILING_COUNT": str(counted)}
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(old_site, site)
    publish(data, site, {**faults, "FAILING_NTH": "0"})
    calls = int(counted.read_text())
    for nth in range(1, calls + 1, max(1, calls // step)):
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(old_site, site)
        full = publish(data, site, {**faults, "FAILING_NTH": str(nth)})
        cases.say(full.returncode == 1 and "No space left" in full.stderr, f"write {nth} of {calls}: a full disk is told of",
                  f"exit {full.returncode} {full.stderr[-300:]}")
        settle(f"write {nth} of {calls} finds a full disk")


def editions_keep(cases, revisions):
    """An edition's JSON and its export are the same bytes after many revisions."""
    data = SCRATCH / "edition-data"
    rows = 1000
    assert run("load", write_pack(SCRATCH / "e0", 0, rows), data=data).returncode == 0
    frozen = run("edition", "freeze", "2026", data=data)
    cases.say(frozen.returncode == 0, "an edition is frozen", frozen.stderr)
    assert run("export", "--edition", "2026", "--out", SCRATCH / "x0", data=data).returncode == 0
    before = digests(SCRATCH / "x0")
    json_before = read_json(data)
    for version in range(1, revisions // rows + 1):
        assert run("load", write_pack(SCRATCH / "e1", version, rows), data=data, timeout=600).returncode == 0
    assert run("export", "--edition", "2026", "--out", SCRATCH / "x1", data=data).returncode == 0
    cases.say(digests(SCRATCH / "x1") == before, f"its export is the same {revisions} revisions later")
    cases.say(read_json(data) == json_before, "and so is the JSON of its records and its lists")
    findings = check(data)
    cases.say(not findings, "the store is sound", str(findings))


def read_json(data):
    server = subprocess.Popen([MUSUBI, "serve", "--data", data, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        url = server.stdout.readline().strip().rstrip("/")
        paths = ["organisation", "organisation?kind=company&limit=7", "organisation/o7", "organisation?sort=-name&limit=1000"]
        answers = [subprocess.run(["curl", "-sf", f"{url}/api/v1/edition/2026/{path}"], capture_output=True, check=True).stdout
                   for path in paths]
        return [json.dumps(json.loads(answer), sort_keys=True) for answer in answers]
    finally:
        server.terminate()
        server.wait()


def freezing_is_killed(cases, kills):
    data = SCRATCH / "edition-data"
    chance = random.Random(2)
    known = 1
    for i in range(kills):
        process = subprocess.Popen([MUSUBI, "edition", "freeze", f"killed-{i}", "--data", data], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        time.sleep(chance.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        said = "is frozen" in process.communicate()[0]
        names = {edition["name"] for edition in json.loads(run("edition", "list", "--json", data=data).stdout)}
        there = f"killed-{i}" in names
        known += there
        cases.say((there or not said) and len(names) == known and not check(data),
                  f"kill {i + 1} while freezing: all of it or nothing, and what was told stays", str(names))


def main():
    shim, kills, step, revisions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    os.environ["MUSUBI_NOW"] = "2026-04-01T00:00:00Z"
    cases = Cases()
    editions_keep(cases, revisions)
    freezing_is_killed(cases, kills)
    torture_publish(cases, shim, kills, step)
    cases.end()


main()
