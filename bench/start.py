#!/usr/bin/env python3
"""From starting `musubi serve` to its first answer, and the memory that is its own.

usage: start.py MUSUBI DATA      prints: seconds to the first page, private KiB then, private KiB after some hundred requests
"""
import subprocess
import sys
import time
import urllib.request

PATHS = ["/api/v1/organisation?limit=20", "/ja/", "/en/organisation", "/api/v1", "/ja/organisation", "/api/v1/membership"]


def private_kib(pid):
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_"))


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        answer.read()


def main():
    musubi, data = sys.argv[1:]
    urllib.request.build_opener()  # its own start is not measured
    began = time.monotonic()
    server = subprocess.Popen([musubi, "--data", data, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE)
    try:
        url = server.stdout.readline().decode().strip().rstrip("/")
        get(url + PATHS[0])
        first = time.monotonic() - began
        memory_first = private_kib(server.pid)
        for number in range(300):
            get(url + PATHS[number % len(PATHS)])
        print("%.4f %d %d" % (first, memory_first, private_kib(server.pid)))
    finally:
        server.terminate()
        server.wait(20)
    return 0


if __name__ == "__main__":
    sys.exit(main())
