#!/usr/bin/env python3
"""Publishing the site as files, and reading an edition beside the present; called by script/bench.

usage: publish.py site MUSUBI DATA OUT        publishes DATA into OUT: seconds, pages a second, by tenths, most private memory
       publish.py edition MUSUBI DATA NAME    processor microseconds a record's page, present and edition in turns
"""
import http.client
import json
import os
import statistics
import subprocess
import sys
import time

ROUNDS = 5
PAGES = 2500


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


def pages_of(connection, target):
    connection.request("GET", target)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        sys.exit("publish.py: %s is answered with %d" % (target, answer.status))
    return body


def measure(process, name):
    """No page is asked for twice, so that none comes from the pages that are kept."""
    host = process.stdout.readline().split()[-1].rstrip("/").split("//")[1]
    connection = http.client.HTTPConnection(host)
    time.sleep(2)  # the search index is made
    spent = {"": [], "edition/%s/" % name: []}
    ids, cursor = [], ""
    while cursor is not None and len(ids) < PAGES:
        page = json.loads(pages_of(connection, "/api/v1/organisation?limit=1000" + cursor))
        ids += [item["id"] for item in page["items"]]
        cursor = page["next"] and "&cursor=" + page["next"]
    share = min(len(ids), PAGES) // ROUNDS
    for turn in range(ROUNDS):
        for base, figures in spent.items():
            before = processor_us(process.pid)
            for record in ids[turn * share:(turn + 1) * share]:
                pages_of(connection, "/en/%sorganisation/%s" % (base, record))
            figures.append((processor_us(process.pid) - before) / share)
    present, past = spent.values()
    return {"present_us": statistics.median(present), "edition_us": statistics.median(past),
            "ratio": statistics.median(b / a for a, b in zip(present, past))}


def edition(musubi, data, name):
    process = subprocess.Popen([musubi, "serve", "--data", data, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        print(json.dumps(measure(process, name)))
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    {"site": site, "edition": edition}[sys.argv[1]](*sys.argv[2:])
