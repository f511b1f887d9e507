"""What the torture tests share: a pack whose every record says which version of it was loaded, and looks at the result."""

import csv
import json
import os
import pathlib
import shutil
import subprocess

MUSUBI = os.environ["MUSUBI"]
SCRATCH = pathlib.Path(os.environ["TEST_TMP"])


def write_pack(folder, version, rows):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "organisation.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "kind", "name_ja", "name_en"])
        for row in range(rows):
            writer.writerow([f"o{row}", "company", f"版{version}", f"Version {version} of {row}"])
    fields = [{"name": name, "type": "string"} for name in ("id", "kind", "name_ja", "name_en")]
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "torture",
        "resources": [
            {"name": "organisation", "path": "organisation.csv", "type": "table", "schema": {"fields": fields}}
        ],
    }
    (folder / "datapackage.json").write_text(json.dumps(package))
    return folder


def run(*arguments, data, env=None, timeout=120):
    return subprocess.run(
        [MUSUBI, *map(str, arguments), "--data", str(data)],
        capture_output=True, text=True, timeout=timeout, env={**os.environ, **(env or {})},
    )


def killed(arguments, data, delay_s, served=False):
    """Runs a command that is killed after a while, or with `served` the server that does its work; True when it was acknowledged
    before. An answer may have been on its way when the server died: then it counts."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = None
    if served:
        server = subprocess.Popen([MUSUBI, "serve", "--listen", "127.0.0.1:0", "--data", str(data)],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        server.stdout.readline()
    command = subprocess.Popen([MUSUBI, *map(str, arguments), "--data", str(data)], **quiet)
    try:
        command.wait(timeout=delay_s)
    except subprocess.TimeoutExpired:
        (server or command).kill()
    if server:
        server.kill()
        server.wait()
        server.stdout.close()
    return command.wait() == 0


def check(data):
    """The findings of `musubi check`, or an empty string."""
    result = run("check", data=data, timeout=600)
    return "" if result.returncode == 0 else result.stdout + result.stderr


def versions(data):
    """The set of versions that the records of the store say; a sound store has one, or none when it is empty."""
    out = SCRATCH / "exported"
    shutil.rmtree(out, ignore_errors=True)
    result = run("export", "--out", out, data=data)
    if result.returncode != 0:
        raise AssertionError("export: " + result.stderr)
    path = out / "organisation.csv"
    if not path.exists():
        return set()
    with open(path, encoding="utf-8-sig", newline="") as file:
        return {int(row["name_en"].split()[1]) for row in csv.DictReader(file)}


class Cases:
    """Counts what was tried, in TAP."""

    def __init__(self):
        self.number = 0

    def say(self, ok, name, detail=""):
        self.number += 1
        print(f"{'ok' if ok else 'not ok'} {self.number} - {name}", flush=True)
        if not ok:
            for line in detail.splitlines():
                print("# " + line)

    def end(self):
        print(f"1..{self.number}")
