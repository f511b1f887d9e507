#!/usr/bin/env python3
"""Turns Meson's log of the unit tests (one JSON object a test program) into one stream of TAP lines.

usage: unit-report.py BUILD LOG

A program that failed without naming a failed case (a crash, a sanitizer's finding, a time-out) is one failed case and
its output follows as comments. Exits 1 when anything failed or nothing ran.
"""

import json
import re
import sys


def report(build, test):
    name = test["name"].split(" / ")[-1]
    cases = failures = 0
    for line in test.get("stdout", "").splitlines():
        line = re.sub(r"^not ok (\d+) # SKIP (.*)", r"ok \1 - \2 # SKIP", line)  # cmocka 1.1.5 writes it so
        match = re.match(r"(ok|not ok) \d+ - (.*)", line)
        if match:
            cases += 1
            failures += match[1] == "not ok"
            print("%s - %s %s %s" % (match[1], build, name, match[2]))
        elif line.startswith("#"):
            print(line)
    if test["result"] not in ("OK", "SKIP") and failures == 0:
        failures = 1
        print("not ok - %s %s: %s" % (build, name, test["result"]))
    elif cases == 0:
        failures = 1
        print("not ok - %s %s: no case ran" % (build, name))
    if failures:
        for line in test.get("stderr", "").splitlines():
            print("# " + line)
    return failures


def main():
    build, path = sys.argv[1:3]
    with open(path, encoding="utf-8") as file:
        tests = [json.loads(line) for line in file]
    failures = sum([report(build, test) for test in tests])
    return 0 if tests and failures == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
