#!/usr/bin/env python3
"""Print a script of the pages, bundled from TypeScript: what web/static/NAME.js is checked in as.

usage: bundle.py NAME

web/NAME.ts and the npm packages it imports become one file by esbuild. The first line tells the digest of all that the
bundle is made of: our sources, this program, and the locked versions of the packages. Where esbuild is not installed in its
locked version (a machine that only builds the product), a bundle of the right digest is printed as it is, so that a
stale one is still found; a wrong digest is an error.
"""

import hashlib
import json
import os
import re
import subprocess
import sys

NOTICES = {"charts": """\
/*! charts: AGPL-3.0-or-later. Contains Apache ECharts (c) The Apache Software Foundation, Apache-2.0;
 * zrender (c) Baidu Inc., BSD-3-Clause; tslib (c) Microsoft Corp., 0BSD; d3 parts (c) Mike Bostock, BSD-3-Clause. */
""", "search": "/*! search: AGPL-3.0-or-later. */\n"}
PACKAGES_OF = {"charts": ("echarts", "zrender", "tslib", "esbuild"), "search": ("esbuild",)}


def sources(name):
    yield "web/%s.ts" % name
    for base, _, files in os.walk("web/" + name):
        for file in sorted(files):
            yield os.path.join(base, file)
    yield "tools/bundle.py"


def made_of(name):
    with open("package-lock.json", encoding="utf-8") as file:
        locked = json.load(file)["packages"]
    digest = hashlib.sha256()
    for package in PACKAGES_OF[name]:
        digest.update(("%s %s\n" % (package, locked["node_modules/" + package]["integrity"])).encode())
    for path in sources(name):
        with open(path, "rb") as file:
            content = file.read()
        digest.update(("%s %d\n" % (path, len(content))).encode() + content)
    return digest.hexdigest()[:32], {package: locked["node_modules/" + package]["version"] for package in PACKAGES_OF[name]}


def installed(versions):
    for package, version in versions.items():
        try:
            with open("node_modules/%s/package.json" % package, encoding="utf-8") as file:
                if json.load(file)["version"] != version:
                    return False
        except FileNotFoundError:
            return False
    return True


def bundle(name):
    command = ["node_modules/.bin/esbuild", "web/%s.ts" % name, "--bundle", "--minify", "--format=iife",
               "--target=es2020", "--legal-comments=none", "--charset=utf8", "--log-level=warning"]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # House rules for text: nothing at the ends of lines but in template strings, and those have none today.
    return made if made.endswith("\n") else made + "\n"


def main():
    if len(sys.argv) != 2 or not re.fullmatch(r"[a-z]+", sys.argv[1]):
        sys.exit("usage: bundle.py NAME")
    name = sys.argv[1]
    if name not in NOTICES:
        sys.exit("bundle.py: there is no bundle %s" % name)
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    digest, versions = made_of(name)
    head = "/*! made by tools/bundle.py from web/%s.ts: %s */\n" % (name, digest)
    if installed(versions):
        sys.stdout.write(head + NOTICES[name] + bundle(name))
        return
    with open("web/static/%s.js" % name, encoding="utf-8") as file:
        present = file.read()
    if not present.startswith(head):
        sys.exit("web/static/%s.js is not of the present sources, and esbuild is not installed here "
                 "(script/setup --for-tests)" % name)
    sys.stdout.write(present)


if __name__ == "__main__":
    main()
