"""Raw clients for testing the HTTP seam: they send the bytes they are told to, nothing else. Python's standard library only."""

import json
import os
import re
import signal
import socket
import subprocess
import time

SERVER = os.environ["HTTP_TEST_SERVER"]


class Answer:
    """One answer: status, headers (names in lower case), body."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class Client:
    """One connection."""

    def __init__(self, server, source=None, receive_buffer=None):
        self.buffer = bytearray()
        self.socket = socket.socket(socket.AF_INET6 if ":" in server.host else socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.settimeout(10)
        self.socket.connect((server.host, server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        """Sends all; a server that has closed already is no failure of the test."""
        try:
            self.socket.sendall(data)
        except OSError:
            pass

    def fill(self):
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionError:
            data = b""
        self.buffer += data
        return len(data) > 0

    def read_until(self, end):
        while end not in self.buffer:
            if not self.fill():
                return None
        head, self.buffer = self.buffer.split(end, 1)
        return bytes(head)

    def read(self, head_only=False):
        """The next answer, or None when the connection is at its end."""
        head = self.read_until(b"\r\n\r\n")
        if head is None:
            return None
        lines = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 ([1-5][0-9][0-9]) [A-Za-z0-9 ]+", lines[0])
        assert match, lines[0]
        headers = {}
        for line in lines[1:]:
            name, value = line.split(": ", 1)
            assert name.lower() not in headers, head
            headers[name.lower()] = value
        length = 0 if head_only else int(headers.get("content-length", 0))
        while len(self.buffer) < length:
            assert self.fill(), "the body ends early"
        body, self.buffer = bytes(self.buffer[:length]), self.buffer[length:]
        return Answer(int(match[1]), headers, body)

    def at_end(self):
        """True when the server has closed and nothing is left to read."""
        return not self.buffer and not self.fill()

    def is_open(self):
        self.socket.settimeout(0.05)
        try:
            return self.fill() and True
        except (TimeoutError, socket.timeout):
            return True
        finally:
            self.socket.settimeout(10)


class Server:
    """A running test server; settings as in struct http_config."""

    def __init__(self, **settings):
        arguments = [SERVER] + ["%s=%s" % pair for pair in settings.items()]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        match = re.fullmatch(r"http://(?:\[([0-9a-f:]+)\]|([0-9.]+)):(\d+)/\n", line)
        assert match, "the server did not start: %r" % line
        self.host = match[1] or match[2]
        self.port = int(match[3])
        self.last_line = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """Ends the server; a leaked body, thread or byte makes it end with another code than 0."""
        if self.process.poll() is None:
            self.terminate()
        self.last_line = self.process.communicate(timeout=60)[0].strip()
        assert self.process.returncode == 0, (self.process.returncode, self.last_line)

    def client(self, **options):
        return Client(self, **options)

    def ask(self, data, **options):
        """The first answer to these bytes."""
        with self.client(**options) as client:
            client.send(data)
            return client.read()

    def get(self, target, **options):
        return self.ask(b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % target.encode(), **options)

    def counters(self):
        return self.get("/counters").json()

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid, encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def private_kib(self):
        with open("/proc/%d/smaps_rollup" % self.process.pid, encoding="ascii") as file:
            return int(re.search(r"Private_Dirty:\s+(\d+)", file.read())[1])


def wait_until(condition, seconds):
    """True as soon as the condition holds, False when it does not within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()
