#!/usr/bin/env python3
"""Publishing the site as files, and reading an edition beside the present; called by script/bench.

usage: publish.py site MUSUBI DATA OUT        publishes DATA into OUT: seconds, pages a second, by tenths, most private memory
       publish.py edition MUSUBI DATA NAME    ids on standard input: processor microseconds a page, present and edition in turns
"""
import http.client
import json
import os
import statistics
import subprocess
import sys
import time

ROUNDS = 5


def private_kib(pid):
    try:
        with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Private_"))
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0


def site(musubi, data, out):
    process = subprocess.Popen([musubi, "publish", "--data", data, "--out", out, "--url", "https://site.example", "--json"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, private_kib(process.pid))
        time.sleep(0.2)
    told = json.loads(process.stdout.read())
    print(json.dumps({**told, "private_kib": most}))


def processor_us(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000000 / os.sysconf("SC_CLK_TCK")


def edition(musubi, data, name):
    """No page is asked for twice, so that none comes from the pages that are kept."""
    ids = sys.stdin.read().split()
    process = subprocess.Popen([musubi, "serve", "--data", data, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    host = process.stdout.readline().split()[-1].rstrip("/").split("//")[1]
    connection = http.client.HTTPConnection(host)
    spent = {"": [], "edition/%s/" % name: []}
    share = len(ids) // ROUNDS
    time.sleep(2)  # the search index is made
    for turn in range(ROUNDS):
        for base, figures in spent.items():
            before = processor_us(process.pid)
            for record in ids[turn * share:(turn + 1) * share]:
                connection.request("GET", "/en/%sorganisation/%s" % (base, record))
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    sys.exit("publish.py: %s is answered with %d" % (record, answer.status))
            figures.append((processor_us(process.pid) - before) / share)
    process.terminate()
    process.wait()
    present, past = spent.values()
    print(json.dumps({"present_us": statistics.median(present), "edition_us": statistics.median(past),
                      "ratio": statistics.median(b / a for a, b in zip(present, past))}))


if __name__ == "__main__":
    {"site": site, "edition": edition}[sys.argv[1]](*sys.argv[2:])
