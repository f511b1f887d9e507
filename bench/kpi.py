"""An indicator's page made anew beside a record's page made anew, for script/bench kpi: over the invented pack of 1,500 member
companies, ten financial years, five associations, with a target, so that path, status and fan are drawn. The server keeps no
answers (MUSUBI_CACHE_BYTES=0), only what it computed. CPU time of the server, five rounds in turns.

usage: kpi.py MUSUBI PACK FOLDER     prints: name, milliseconds a request
"""
import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROUNDS = 5
CALLS = 100
RECORD = "/en/organisation/company-%06d"
PAGES = {"page_en": "/en/kpi/sales", "page_ja": "/ja/kpi/sales", "api": "/api/v1/kpi/sales", "tree": "/en/kpi",
         "year": "/en/kpi/sales/year/2020", "workbook": "/en/kpi/sales/workbook.xlsx"}


def cpu_ms(pid):
    """Nanoseconds are added up by the scheduler, thread by thread; the ticks of /proc/PID/stat are too coarse."""
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/schedstat" % (pid, task), encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e6


class Server:
    def __init__(self, musubi, data):
        self.process = subprocess.Popen([musubi, "--data", data, "serve", "--listen", "127.0.0.1:0", "--threads", "1"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "MUSUBI_CACHE_BYTES": "0"})
        self.url = self.process.stdout.readline().decode().split()[-1].rstrip("/")
        while True:
            try:
                self.get("/api/v1/search?q=a")
                break
            except urllib.error.HTTPError:
                time.sleep(0.1)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return answer.read()

    def cost(self, paths):
        before = cpu_ms(self.process.pid)
        for path in paths:
            self.get(path)
        return (cpu_ms(self.process.pid) - before) / len(paths)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def main():
    musubi, pack, folder = sys.argv[1:]
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([musubi, "--data", folder, "load", "--sample", pack], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    firsts = []
    for _ in range(3):
        server = Server(musubi, folder)
        server.cost([RECORD % number for number in range(20)])
        firsts.append(server.cost([PAGES["page_en"]]))
        if len(firsts) < 3:
            server.stop()
    print("first %.3f" % statistics.median(firsts))
    server.cost(list(PAGES.values()))
    figures = {name: [] for name in ["record", *PAGES]}
    for _ in range(ROUNDS):
        figures["record"].append(server.cost([RECORD % (number * 7) for number in range(CALLS)]))
        for name, path in PAGES.items():
            figures[name].append(server.cost([path] * CALLS))
    server.stop()
    for name, values in figures.items():
        ratios = [value / record for value, record in zip(values, figures["record"])]
        print("%s %.3f" % (name, statistics.median(values)))
        print("%s_ratio %.3f" % (name, statistics.median(ratios)))


if __name__ == "__main__":
    main()
