#!/usr/bin/env python3
"""Kills a serving process at any moment while records change and the search index follows; afterwards index and store must agree.

usage: search_kill.py MUSUBI FOLDER ROUNDS
Writes TAP.
"""
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request

MUSUBI, FOLDER, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
DATA = os.path.join(FOLDER, "var")
RANDOM = random.Random(20221127)
WORDS = ["antibody", "yeast", "抗体", "酵母", "enzyme", "酵素", "hydrogen", "水素", "robot", "ロボット"]


def pack(number):
    folder = os.path.join(FOLDER, "pack")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "datapackage.json"), "w", encoding="utf-8") as file:
        json.dump({"name": "p", "resources": [{"name": "organisation", "path": "organisation.csv"}]}, file)
    with open(os.path.join(folder, "organisation.csv"), "w", encoding="utf-8") as file:
        file.write("id,name_ja,name_en,kind\n")
        for i in range(120):
            words = RANDOM.sample(WORDS, 2)
            file.write("o%d,%s%d %s,%s %d %s,company\n" % (i, words[0], number, words[1], words[1], number, words[0]))
    return folder


def serve():
    process = subprocess.Popen([MUSUBI, "serve", "--data", DATA, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    return process, process.stdout.readline().strip()


def damage(number):
    """Every third time the index itself suffers: gone, cut short, or full of something else."""
    path = os.path.join(DATA, "search.db")
    if number % 3 or not os.path.exists(path):
        return
    kind = RANDOM.randrange(3)
    if kind == 0:
        os.unlink(path)
    elif kind == 1:
        os.truncate(path, os.path.getsize(path) // 2)
    else:
        with open(path, "r+b") as file:
            file.seek(RANDOM.randrange(max(1, os.path.getsize(path) - 4096)))
            file.write(os.urandom(4096))


def searchable(url, seconds):
    """The page answers all the while; within the time also the search."""
    until = time.time() + seconds
    while time.time() < until:
        with urllib.request.urlopen(url + "en/") as answer:
            assert answer.status == 200
        try:
            with urllib.request.urlopen(url + "api/v1/search?q=antibody&limit=1") as answer:
                return json.load(answer)["total"] >= 0
        except urllib.error.HTTPError as error:
            assert error.code == 503, error.code
        time.sleep(0.05)
    return False


def main():
    failed = 0
    for number in range(ROUNDS):
        damage(number)
        server, url = serve()
        came = searchable(url, 60)
        load = subprocess.Popen([MUSUBI, "load", "--data", DATA, pack(number)], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        time.sleep(RANDOM.random() * 0.8)
        server.send_signal(signal.SIGKILL)
        server.wait()
        load.wait()
        result = subprocess.run([MUSUBI, "check", "--data", DATA], capture_output=True, text=True)
        good = came and result.returncode == 0
        failed += not good
        print("%sok %d - killed, index and store agree" % ("" if good else "not ", number + 1))
        if not good:
            print("# " + ("" if came else "search did not come back; ") + (result.stdout + result.stderr).replace("\n", "\n# "))
    print("1..%d" % ROUNDS)
    sys.exit(1 if failed else 0)


main()
