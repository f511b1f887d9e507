#!/usr/bin/env python3
"""The house rules that no off-the-shelf tool checks, over the files that git tracks.

usage: lint.py [ROOT]

  floors      a folder of src/ includes itself and lower floors only (tools/floors.txt)
  function    fewer than 70 lines from the opening to the closing brace
  complexity  at most 15: one, and one for each if, for, while, case, && || and ?
  file        fewer than 600 lines of C
  banned      strcpy sprintf strcat gets strtok atoi system, and their like
  text        no tab or blank at a line's end, a line break at a file's end, no unfinished work
  lock        package-lock.json names no registry
  generated   checked-in generated files are what their command makes now (tools/generated.txt)

Writes one TAP line a rule and the findings as comments. tools/lint-exceptions.txt holds what is over a limit.
Functions are found by the layout that clang-format gives them: a brace in the first column opens and closes a body.
"""

import json
import os
import re
import subprocess
import sys

MAX_FUNCTION_LINES = 69
MAX_COMPLEXITY = 15
MAX_FILE_LINES = 599

BANNED = re.compile(
    r"(?<![\w.>])(strcpy|stpcpy|sprintf|vsprintf|strcat|gets|strtok|atoi|atol|atoll|atof|system|popen|alloca|"
    r"tmpnam|mktemp)\s*\("
)
BRANCH = re.compile(r"\b(?:if|for|while|case)\b|&&|\|\||\?")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|PLACEHOLDER)\b")
TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)
CODE_SUFFIXES = (".c", ".h", ".py")
TEXT_SUFFIXES = CODE_SUFFIXES + (".md", ".json", ".txt", ".build", ".html", ".css", ".ts", ".js", ".mjs", ".po")


class Findings:
    """Findings of each rule, with the exceptions that the checked-in list grants."""

    def __init__(self, exceptions):
        self.by_rule = {}
        self.exceptions = exceptions
        self.used = set()

    def begin(self, rule):
        self.by_rule.setdefault(rule, [])

    def add(self, rule, where, message):
        self.by_rule.setdefault(rule, []).append("%s: %s" % (where, message))

    def over(self, rule, key, where, measure, limit, what):
        """Something measured is over its limit, unless its exception says exactly this measure."""
        if measure <= limit:
            return
        if self.exceptions.get((rule, key)) == measure:
            self.used.add((rule, key))
            return
        self.add(rule, where, "%s is %d, the limit is %d" % (what, measure, limit))

    def unused_exceptions(self):
        return sorted(set(self.exceptions) - self.used)


def read(path):
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return file.read()


def read_list(path):
    """Lines of a list file without comments and empty lines."""
    return [line.strip() for line in read(path).splitlines() if line.strip() and not line.startswith("#")]


def tracked_files():
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True).stdout
    return [path for path in listed.decode().split("\0") if path and os.path.isfile(path)]


def blank(match):
    """A comment or a literal as spaces, so that lines and columns stay."""
    text = match.group(0)
    inner = re.sub(r"[^\n]", " ", text)
    return '"' + inner[2:] + '"' if text[0] == '"' else inner


def functions(code):
    """Yields (name, first line, lines, complexity) of every function body in blanked code."""
    lines = code.split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start:
            head = "\n".join(lines[max(0, start - 12) : start - 1])
            head = re.split(r"\n\s*\n|\n[}#][^\n]*\n|;", head)[-1]
            name = re.search(r"(\w+)\s*\(", re.sub(r"__attribute__\s*\(\(.*?\)\)", "", head, flags=re.S))
            body = "\n".join(lines[start:number])
            yield (name[1] if name else "?"), start, number - start + 1, 1 + len(BRANCH.findall(body))
            start = None


def read_floors(path):
    """Folder to the set of folders it may include."""
    allowed = {}
    below = set()
    for line in read_list(path):
        folders = line.split()
        for folder in folders:
            allowed[folder] = below | {folder}
        below |= set(folders)
    return allowed


def check_floors(findings, path, text, allowed):
    parts = path.split("/")
    if parts[0] != "src" or len(parts) < 3:
        return
    if parts[1] not in allowed:
        findings.add("floors", path, "src/%s is not in tools/floors.txt" % parts[1])
        return
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match:
            continue
        target = match[1].split("/")[0]
        if "/" not in match[1]:
            findings.add("floors", "%s:%d" % (path, number), 'include "%s" by its folder' % match[1])
        elif target in allowed and target not in allowed[parts[1]]:
            findings.add("floors", "%s:%d" % (path, number), "%s may not know %s" % (parts[1], target))


def check_c(findings, path, allowed):
    text = read(path)
    code = TOKEN.sub(blank, text)
    check_floors(findings, path, text, allowed)
    findings.over("file", path, path, text.count("\n"), MAX_FILE_LINES, "lines of the file")
    for name, line, length, complexity in functions(code):
        where = "%s:%d" % (path, line)
        key = "%s:%s" % (path, name)
        findings.over("function", key, where, length, MAX_FUNCTION_LINES, "lines of %s" % name)
        findings.over("complexity", key, where, complexity, MAX_COMPLEXITY, "complexity of %s" % name)
    for number, line in enumerate(code.split("\n"), 1):
        for match in BANNED.finditer(line):
            findings.add("banned", "%s:%d" % (path, number), match[1])


def check_text(findings, path):
    """Data that tests read may be as odd as it likes; what people write may not."""
    is_code = path.endswith(CODE_SUFFIXES)
    if not path.endswith(TEXT_SUFFIXES) or (path.startswith("tests/") and not is_code):
        return
    text = read(path)
    if text and not text.endswith("\n"):
        findings.add("text", path, "no line break at the end")
    for number, line in enumerate(text.split("\n"), 1):
        where = "%s:%d" % (path, number)
        if line.rstrip() != line:
            findings.add("text", where, "white space at the end of the line")
        if "\t" in line and is_code:
            findings.add("text", where, "a tab")
        if is_code and path != "tools/lint.py" and UNFINISHED.search(line):
            findings.add("text", where, "unfinished work")


def check_lock(findings):
    packages = json.loads(read("package-lock.json"))["packages"]
    for name, package in packages.items():
        if "resolved" in package:
            findings.add("lock", "package-lock.json", "%s names where it was fetched from" % name)


def check_generated(findings, binary):
    for line in read_list("tools/generated.txt"):
        path, command = line.split(":", 1)
        environment = dict(os.environ, MUSUBI=binary)
        made = subprocess.run(["bash", "-c", command], capture_output=True, env=environment, check=False)
        if made.returncode != 0:
            findings.add("generated", path, "its command failed: " + made.stderr.decode(errors="replace").strip())
            continue
        with open(path, "rb") as file:
            if file.read() != made.stdout:
                findings.add("generated", path, "differs from what `%s` makes" % command.strip())


def read_exceptions(path):
    exceptions = {}
    for line in read_list(path):
        rule, key, measure = line.split()
        exceptions[rule, key] = int(measure)
    return exceptions


def main():
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), ".."))
    findings = Findings(read_exceptions("tools/lint-exceptions.txt"))
    for rule in "floors function complexity file banned text lock generated exceptions".split():
        findings.begin(rule)
    allowed = read_floors("tools/floors.txt")
    for path in tracked_files():
        if path.endswith((".c", ".h")):
            check_c(findings, path, allowed)
        check_text(findings, path)
    check_lock(findings)
    check_generated(findings, os.environ.get("MUSUBI", os.path.abspath("build/musubi")))
    for rule, key in findings.unused_exceptions():
        findings.add("exceptions", "tools/lint-exceptions.txt", "%s %s is needed no more or has changed" % (rule, key))
    for rule, found in findings.by_rule.items():
        print("%s - %s" % ("not ok" if found else "ok", rule))
        for finding in found:
            print("# " + finding)
    return 1 if any(findings.by_rule.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
