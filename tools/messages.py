#!/usr/bin/env python3
"""Turn locale/messages/*.po into the table that src/base/message.h declares, or look what is missing in them.

usage: messages.py --root DIR --out FILE     writes the table; refuses translations that take other arguments
       messages.py --root DIR --check        prints messages of the code without a translation, and translations that no
                                             code uses; exit code 1 when there is one

Messages are the first texts in calls of the functions below, and rows of the tables of commands and options. What people
who write a model or run a server's machine read stays English, as their files and logs are; UNTRANSLATED lists it.
"""

import argparse
import glob
import os
import re
import sys

CALLS = "err_set err_set_field err_prefix check_problem record_problems_add problems_add import_note cli_say cli_print cell_problem complain message_text"
UNTRANSLATED = [
    "src/web/",
    "src/model/model_read.c",
    "src/model/reader.c",
    "src/base/json_read.c",
]

LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
CONVERSION = re.compile(r"%(?:(?P<at>\d+)\$)?(?P<flags>[-+ #0]*)(?P<width>\*(?:(?P<width_at>\d+)\$)?|\d+)?"
                        r"(?:\.(?P<precision>\*(?:(?P<precision_at>\d+)\$)?|\d+)?)?(?P<size>hh|h|ll|l|z|j|t)?(?P<kind>[a-zA-Z%])")
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Mistake(Exception):
    pass


def unescape(text):
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match.group(1), match.group(0)), text)


def read_po(path):
    """[(line, msgid, msgstr)] without the header."""
    entries, current, line_of = [], None, 0
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.strip()
        keyword = re.match(r"(msgid|msgstr) ", line)
        texts = "".join(unescape(match.group(1)) for match in LITERAL.finditer(line))
        if not line or line.startswith("#"):
            continue
        if keyword and keyword.group(1) == "msgid":
            current, line_of = "id", number
            entries.append([number, texts, ""])
        elif keyword:
            current = "str"
            entries[-1][2] += texts
        elif line.startswith('"') and current:
            entries[-1][1 if current == "id" else 2] += texts
        else:
            raise Mistake("%s:%d: neither msgid, msgstr nor text" % (path, number))
    return [tuple(entry) for entry in entries if entry[1]]


def arguments(text):
    """{position: type} of what a format takes."""
    taken, following, numbered = {}, 1, None
    for match in CONVERSION.finditer(text):
        if match.group("kind") == "%":
            continue
        stars = [(match.group(name), match.group(name + "_at")) for name in ("width", "precision")]
        parts = [(at, "int") for star, at in stars if star and star.startswith("*")]
        parts.append((match.group("at"), (match.group("size") or "") + match.group("kind").replace("i", "d")))
        for at, kind in parts:
            if numbered not in (None, at is not None):
                raise Mistake("mixes numbered arguments with others")
            numbered = at is not None
            position = int(at) if at else following
            following += 1
            if taken.setdefault(position, kind) != kind:
                raise Mistake("takes argument %d in two types" % position)
    return taken


def check_translation(english, translated):
    """Those that are taken are of the same types; leaving some out is allowed at the end alone."""
    given, taken = arguments(english), arguments(translated)
    for position, kind in taken.items():
        if given.get(position) != kind:
            raise Mistake("argument %d is %s, in the original %s" % (position, kind, given.get(position, "not there")))
    if sorted(taken) != list(range(1, len(taken) + 1)):
        raise Mistake("leaves out an argument before others")


def read_catalogue(path):
    messages = {}
    for line, english, translated in read_po(path):
        try:
            if english in messages:
                raise Mistake("stands here twice")
            if not translated:
                raise Mistake("has no translation")
            check_translation(english, translated)
        except Mistake as mistake:
            raise Mistake('%s:%d: "%s": %s' % (path, line, english, mistake)) from None
        messages[english] = translated
    return messages


def quote(text):
    return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else "\\%03o" % b for b in text.encode()) + '"'


def catalogues(root):
    paths = sorted(glob.glob(os.path.join(root, "locale/messages/*.po")))
    return [(os.path.basename(path)[:-3], read_catalogue(path)) for path in paths]


def render(root):
    out = ["/* Made by tools/messages.py; change locale/messages/ instead. */", '#include "base/message.h"', ""]
    rows = []
    for lang, messages in catalogues(root):
        out.append("static const struct message_translation messages_%s[] = {" % lang)
        for english in sorted(messages, key=lambda text: text.encode()):
            out.append("    {%s,\n     %s}," % (quote(english), quote(messages[english])))
        out.append("};\n")
        rows.append('    {"%s", messages_%s, %d},' % (lang, lang, len(messages)))
    out.append("const struct message_catalogue message_catalogues[] = {\n%s\n};" % "\n".join(rows or ["    {0}"]))
    out.append("const size_t message_catalogue_count = %d;\n" % len(rows))
    return "\n".join(out)


# ---- what the code says ----


def first_text(source, start):
    """The first text among a call's own arguments, from behind its opening parenthesis; None when it has none."""
    depth, at, begin, found = 1, start, start, []
    while depth:
        literal = LITERAL.match(source, at)
        if literal:
            at = literal.end()
            continue
        letter = source[at]
        depth += (letter in "([{") - (letter in ")]}")
        if (letter == "," and depth == 1) or depth == 0:
            argument = source[begin:at]
            texts = [unescape(match.group(1)) for match in LITERAL.finditer(argument)]
            if argument.strip().startswith('"'):
                return ["".join(texts)]
            if "?" in argument and texts:  # either of two
                found = texts
            begin = at + 1
        at += 1
    return found


def has_words(text):
    """Not the program's name, and not a path alone."""
    rest = CONVERSION.sub("", text).replace("musubi", "")
    return re.search(r"[A-Za-z]{3}", rest) is not None and not re.fullmatch(r"[a-z]*[./][a-z.]+(: )?", rest)


def spoken(root):
    """{message: place} of all that should have a translation."""
    found = {}
    for path in sorted(glob.glob(os.path.join(root, "src/**/*.c"), recursive=True)):
        name = os.path.relpath(path, root)
        if name.startswith(tuple(UNTRANSLATED)) and not name.startswith("src/web/publish"):
            continue
        source = open(path, encoding="utf-8").read()
        for match in re.finditer(r"\b(?:%s)\(" % CALLS.replace(" ", "|"), source):
            for text in first_text(source, match.end()):
                if has_words(text):
                    found.setdefault(text, "%s:%d" % (name, source.count("\n", 0, match.start()) + 1))
        if name.startswith("src/cli/"):
            for row in re.finditer(r'^    \{"[^{}]*\}', source, re.M):
                for text in help_texts(row.group(0)) if "CLI_" in row.group(0) else []:
                    found.setdefault(text, "%s:%d" % (name, source.count("\n", 0, row.start()) + 1))
    return found


def help_texts(row):
    """The texts of a table's row that are sentences: the summary of a command, the help of an option."""
    texts = [unescape(match.group(1)) for match in LITERAL.finditer(re.sub(r'"\s*\n\s*"', "", row))]
    return [text for text in texts[1:] if " " in text and re.search("[a-z]{2},? [A-Za-z]", text)]


def check(root):
    wanted, wrong = spoken(root), 0
    everything = "".join(open(path, encoding="utf-8").read() for path in glob.glob(os.path.join(root, "src/**/*.[ch]"), recursive=True))
    everything = re.sub(r'"\s*\n\s*"', "", everything)
    for lang, messages in catalogues(root):
        for text, place in wanted.items():
            if text not in messages:
                print('%s: has no translation in locale/messages/%s.po: "%s"' % (place, lang, text.replace("\n", "\\n")))
                wrong += 1
        for text in messages:
            if text not in wanted and text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") not in everything:
                print('locale/messages/%s.po: nothing in the code says: "%s"' % (lang, text.replace("\n", "\\n")))
                wrong += 1
    return 1 if wrong else 0


def write_if_changed(path, text):
    if not os.path.exists(path) or open(path, encoding="utf-8").read() != text:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def main():
    parser = argparse.ArgumentParser(description="messages in other languages")
    parser.add_argument("--root", required=True)
    parser.add_argument("--out")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    try:
        if options.check:
            return check(options.root)
        write_if_changed(options.out, render(options.root))
    except Mistake as mistake:
        print("messages: %s" % mistake, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
