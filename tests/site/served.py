"""A store filled with packs and served by the real binary, and what tests ask of it. Python's standard library only."""

import atexit
import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse

ROOT = os.environ.get("ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MUSUBI = os.environ.get("MUSUBI") or os.path.join(ROOT, "build", "musubi")
GTB = os.path.join(ROOT, "data", "gtb")
HARBOUR = os.path.join(ROOT, "tests", "packs", "harbour")


class Answer:
    """Status, headers (names in lower case) and body of one answer."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode("utf-8")

    def kind(self):
        """The media type without parameters."""
        return self.headers.get("content-type", "").split(";")[0]


class Served:
    """Loads the packs into a store of its own, or takes the data folder there is, and serves it until stop()."""

    def __init__(self, *packs, load=(), serve=(), data=None):
        self.folder = tempfile.mkdtemp(prefix="site.", dir=os.environ.get("TEST_TMP"))
        self.data = data or os.path.join(self.folder, "data")
        if packs:
            self.command("load", *load, *packs)
        self.errors = open(os.path.join(self.folder, "errors"), "w+b")
        self.process = subprocess.Popen(
            [MUSUBI, "serve", "--data", self.data, "--listen", "127.0.0.1:0", *serve],
            stdout=subprocess.PIPE, stderr=self.errors)
        line = self.process.stdout.readline().decode()
        if not line:
            self.errors.seek(0)
            raise RuntimeError("not served: " + self.errors.read().decode())
        self.url = line.split()[-1].rstrip("/")
        self.port = int(self.url.rsplit(":", 1)[1])
        self.connection = None
        atexit.register(self.stop)
        self.wait_for_index()

    def wait_for_index(self):
        """The search index is made after the start; until then searches answer 503."""
        for _ in range(600):
            if self.get("/api/v1/search?q=a").status != 503:
                return
            time.sleep(0.1)
        raise RuntimeError("the search index was not made within a minute")

    def command(self, *arguments):
        """A command on this store, also while it is served."""
        done = subprocess.run([MUSUBI, arguments[0], "--data", self.data, *arguments[1:]], capture_output=True)
        if done.returncode != 0:
            raise RuntimeError("%s: %s" % (" ".join(arguments), done.stderr.decode()))
        return done.stdout.decode()

    def get(self, target, method="GET", **headers):
        """Header names are written with underscores: if_none_match=…"""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = self.connection is not None
        if not kept:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            self.connection.request(method, target, headers=headers)
            return Answer(self.connection.getresponse())
        except (http.client.HTTPException, OSError) as error:
            self.connection.close()
            self.connection = None
            # A connection that was idle for long has been closed by the server, as it may.
            if kept and isinstance(error, (http.client.RemoteDisconnected, ConnectionError)):
                return self.get(target, method, **headers)
            raise

    def api(self, path, **query):
        """The JSON of a call that is answered; query as keywords."""
        target = "/api/v1" + path
        if query:
            target += "?" + urllib.parse.urlencode(query)
        answer = self.get(target)
        if answer.status != 200:
            raise AssertionError("%s: %d %s" % (target, answer.status, answer.body[:300]))
        return answer.json()

    def stop(self):
        """Returns the exit code."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.stop)
        return code


_shared = {}


def shared(pack):
    """One server a pack for all tests that only read."""
    if pack not in _shared:
        _shared[pack] = Served(pack)
    return _shared[pack]
