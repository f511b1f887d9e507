"""PocketBase with the same records, beside this server: one record and a list of twenty, neither kept."""

import json
import signal
import subprocess
import time
import urllib.error
import urllib.request

MAIL, WORD = "bench@example.org", "bench-bench-bench"


def ask(url, content=None, token=None):
    headers = {"Content-Type": "application/json", **({"Authorization": token} if token else {})}
    data = None if content is None else json.dumps(content).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=data, headers=headers), timeout=30) as answer:
        return json.load(answer)


def begin(binary, folder, port, start):
    for command in (["migrate", "up"], ["admin", "create", MAIL, WORD]):
        subprocess.run([binary, *command, "--dir", str(folder)], check=True, capture_output=True)
    server = start([binary, "serve", "--http", f"127.0.0.1:{port}", "--dir", str(folder)], stdout=subprocess.DEVNULL)
    for _ in range(200):
        try:
            ask(f"http://127.0.0.1:{port}/api/health")
            return server
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    server.send_signal(signal.SIGTERM)
    raise SystemExit("PocketBase does not answer")


def fill(url, records, wanted):
    """A collection that anybody may read, a field for each member; the record `wanted`'s address and the list's."""
    token = ask(url + "/api/admins/auth-with-password", {"identity": MAIL, "password": WORD})["token"]
    names = sorted({name for record in records for name in record if name != "id"})
    texts = [name for name in names if all(isinstance(record.get(name, ""), str) for record in records)]
    schema = [{"name": "m_" + name, "type": "text" if name in texts else "json",
               "options": {} if name in texts else {"maxSize": 2000000}} for name in names]
    schema.append({"name": "slug", "type": "text", "options": {}})
    ask(url + "/api/collections", {"name": "organisation", "type": "base", "listRule": "", "viewRule": "", "schema": schema},
        token)
    place = url + "/api/collections/organisation/records"
    address = None
    for record in records:
        made = ask(place, {"slug": record["id"], **{"m_" + name: record[name] for name in names if name in record}}, token)
        if record["id"] == wanted:
            address = f"{place}/{made['id']}"
    return address, f"{place}?perPage=20"
