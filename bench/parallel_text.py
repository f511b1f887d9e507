"""Debian's package descriptions in English and Japanese: public text that says the same in both.

A folder of apt's package indices with Translation-ja and -en is read (`lists`: fetched by apt itself, from where this machine fetches
its packages, into a folder of its own)."""
import glob
import os
import re
import subprocess
import unicodedata

STOP = set("a an the of for to in on and or is are be with by from as at this that it its which can also you your has have not "
           "but into such other more than some all any will was were may used use using their they these those if when via no so "
           "only one most both between about there each provides package contains based".split())


def fetch(folder):
    """The folder, filled when it is not yet."""
    if not glob.glob(os.path.join(folder, "*Translation-ja*")):
        os.makedirs(os.path.join(folder, "partial"), exist_ok=True)
        subprocess.run(["apt-get", "-o", "Dir::State::Lists=" + folder, "-o", "Acquire::Languages=ja,en", "update"], check=True,
                       stdout=subprocess.DEVNULL)
    return folder


def cat(path):
    return subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", path], capture_output=True, check=False).stdout.decode(
        "utf-8", "replace")


def read(lists, lang):
    """Descriptions by the digest of the English one."""
    found = {}
    for path in sorted(glob.glob(os.path.join(lists, "*Translation-%s*" % lang))):
        for part in cat(path).split("\n\n"):
            digest = re.search(r"^Description-md5: *(\S+)", part, re.M)
            text = re.search(r"^Description-%s: *(.*(?:\n .*)*)" % lang, part, re.M)
            if digest and text:
                found.setdefault(digest.group(1), text.group(1))
    return found


def pairs(lists):
    """(English first sentence, Japanese description without its Latin text, the sentence's words that say something)."""
    ja, en, made, seen = read(lists, "ja"), read(lists, "en"), [], set()
    for digest in sorted(set(ja) & set(en)):
        _, _, body = en[digest].partition("\n")
        query = re.match(r"(.{25,}?[.!?:])(?:\s|$)", " ".join(x.strip() for x in body.split("\n")).split(" . ")[0] + " ")
        query = query.group(1) if query else " ".join(x.strip() for x in body.split("\n"))[:300]
        target = re.sub(r"\s+", "", ja[digest].replace("\n .", "\n"))
        target = re.sub(r"[A-Za-z0-9][A-Za-z0-9.+_/-]*", " ", unicodedata.normalize("NFKC", target))
        words = [w for w in re.findall(r"[a-z]+", query.lower()) if w not in STOP]
        if len(words) < 4 or len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]", target)) < 20 or query in seen or target in seen:
            continue
        seen.update((query, target))
        made.append((query, target, words))
    return made


def sentences(lists, lang):
    """Every sentence of them, once."""
    mark, least = (r"(?<=。)", 15) if lang == "ja" else (r"(?<=[.!?])\s+", 30)
    found = {}
    for text in read(lists, lang).values():
        for part in re.split(r"\n \.\n|\n \.$", text.partition("\n")[2]):
            lines = [line.strip() for line in part.split("\n")]
            for sentence in re.split(mark, ("" if lang == "ja" else " ").join(lines)):
                sentence = re.sub(r"[\s,\"]+", " ", sentence).strip()
                if least <= len(sentence) <= 300 and (lang == "en" or len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]", sentence)) > 7):
                    found[sentence] = True
    return sorted(found)
