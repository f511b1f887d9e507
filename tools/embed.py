#!/usr/bin/env python3
"""Turn folders into one C file that defines the table declared in src/base/embed.h.

usage: embed.py --root DIR --out FILE FOLDER...

The output is a function of the files' paths and bytes alone, and is rewritten only when it differs, so that the
build may call this every time. A folder that does not exist holds no files.
"""

import argparse
import os
import sys


def collect(root, folders):
    """Paths relative to root, sorted as bytes; dot files and Markdown pages are not part of the product."""
    found = set()
    for folder in folders:
        for base, names, files in os.walk(os.path.join(root, folder)):
            names[:] = [name for name in names if not name.startswith(".")]
            for name in files:
                if not name.startswith(".") and not name.endswith((".md", "~")):
                    found.add(os.path.relpath(os.path.join(base, name), root).replace(os.sep, "/"))
    return sorted(found, key=lambda path: path.encode())


# Printable bytes stand for themselves, others as three octal digits, which no following digit can lengthen.
# '?' is escaped too: "??=" would be read as a trigraph by a strict compiler.
ESCAPES = [chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else "\\%03o" % b for b in range(256)]


def literal(data):
    """C string literals, a hundred bytes a line."""
    lines = []
    for start in range(0, len(data), 100):
        lines.append('  "' + "".join(ESCAPES[b] for b in data[start : start + 100]) + '"')
    return "\n".join(lines) or '  ""'


def render(root, paths):
    out = ["/* Made by tools/embed.py; change the files it is made from instead. */", '#include "base/embed.h"', ""]
    table = []
    for index, path in enumerate(paths):
        with open(os.path.join(root, path), "rb") as file:
            data = file.read()
        out.append("static const unsigned char data_%d[] =\n%s;" % (index, literal(data)))
        table.append('  {%s, data_%d, %d},' % (literal(path.encode()).strip(), index, len(data)))
    out.append("\nconst struct embedded_file embedded_files[] = {")
    out.extend(table or ["  {0},"])
    out.append("};\nconst size_t embedded_file_count = %d;\n" % len(paths))
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser(description="embed files into a C source")
    parser.add_argument("--root", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    text = render(options.root, collect(options.root, options.folders))
    try:
        with open(options.out, encoding="ascii") as file:
            if file.read() == text:
                return 0
    except FileNotFoundError:
        pass
    partial = options.out + ".partial"
    with open(partial, "w", encoding="ascii") as file:
        file.write(text)
    os.replace(partial, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
