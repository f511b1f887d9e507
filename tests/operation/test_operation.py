"""The files for operators, tried: the settings, the nginx configuration in a real nginx, the systemd unit's hardening, the log."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
import unittest

MUSUBI = os.environ["MUSUBI"]
ROOT = pathlib.Path(os.environ["ROOT"])
SCRATCH = pathlib.Path(os.environ["TEST_TMP"])


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def musubi(*arguments, env=None):
    return subprocess.run([MUSUBI, *map(str, arguments)], capture_output=True, text=True, env={**os.environ, **(env or {})})


class Settings(unittest.TestCase):
    def write(self, text):
        path = SCRATCH / "musubi.conf"
        path.write_text(text)
        return path

    def shown(self, *arguments, env=None):
        result = musubi("config", "--json", *arguments, env=env)
        self.assertEqual(result.returncode, 0, result.stderr)
        return {row["name"]: row for row in json.loads(result.stdout)}

    def test_later_sources_win_and_are_named(self):
        path = self.write('threads = 3 # comment\npublic_url = "https://example.org"\n')
        shown = self.shown("--config", path, env={"MUSUBI_THREADS": "5"})
        self.assertEqual((shown["threads"]["value"], shown["threads"]["from"]), ("5", "environment"))
        self.assertEqual((shown["public_url"]["value"], shown["public_url"]["from"]), ("https://example.org", f"{path}:2"))
        self.assertEqual(shown["grace_ms"]["from"], "default")

    def test_every_mistake_is_said_with_its_place(self):
        path = self.write("threads = many\nnonsense = 1\njust words\nlog_requests = perhaps\ngrace_ms = 1\ngrace_ms = 2\n"
                          'listen = "open\nlog_level = loud\n')
        result = musubi("config", "--config", path)
        self.assertEqual(result.returncode, 1)
        said = result.stderr
        for words in (":1:11: \"many\" is not allowed for threads; allowed is a whole number from 0 to 256", ":2:1: there is no setting",
                      ":3:1: not a setting", ":4:16: ", ":6:12: this setting stands here twice", ":7:10: a quote", ":8:13: "):
            self.assertIn(words, said)

    def test_the_example_is_the_defaults(self):
        example = musubi("config", "--example").stdout
        uncommented = re.sub(r"^#(\w+ =)", r"\1", example, flags=re.M)
        shown = self.shown("--config", self.write(uncommented))
        for row in shown.values():
            self.assertEqual(row["value"], row["default"])
            self.assertIn(row["help"], example)

    def test_the_documented_file_is_up_to_date(self):
        self.assertEqual((ROOT / "docs/musubi.conf").read_text(), musubi("config", "--example").stdout,
                         "run: build/musubi config --example > docs/musubi.conf")


class Behind(unittest.TestCase):
    """musubi behind nginx, as packaging/nginx.conf has it but for names, ports and paths."""

    @classmethod
    def setUpClass(cls):
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        if not os.path.exists(nginx):
            raise unittest.SkipTest("no nginx here")
        data = SCRATCH / "data"
        load = musubi("load", ROOT / "tests/packs/harbour", "--data", data)
        assert load.returncode == 0, load.stderr
        cls.tls, cls.plain, own = free_port(), free_port(), free_port()
        conf = SCRATCH / "served.conf"
        conf.write_text(f"listen = 127.0.0.1:{own}\npublic_url = https://musubi.example.org\ntrusted_proxy = 127.0.0.1\n"
                        "log_requests = yes\n")
        cls.log = open(SCRATCH / "log", "w")
        cls.server = subprocess.Popen([MUSUBI, "serve", "--config", conf, "--data", data], stdout=subprocess.PIPE,
                                      stderr=cls.log, text=True)
        cls.server.stdout.readline()
        cls.own = own
        key, certificate = SCRATCH / "privkey.pem", SCRATCH / "fullchain.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", key, "-out",
                        certificate, "-subj", "/CN=musubi.example.org"], check=True, capture_output=True)
        site = (ROOT / "packaging/nginx.conf").read_text()
        site = site.replace("127.0.0.1:8080", f"127.0.0.1:{own}").replace("/etc/ssl/musubi", str(SCRATCH))
        site = re.sub(r"listen \[::\].*\n", "", site)
        site = site.replace("listen 80;", f"listen 127.0.0.1:{cls.plain};").replace("listen 443 ", f"listen 127.0.0.1:{cls.tls} ")
        whole = SCRATCH / "nginx.conf"
        temporary = "".join(f"{kind}_temp_path {SCRATCH}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        whole.write_text(f"pid {SCRATCH}/nginx.pid;\nerror_log {SCRATCH}/nginx.log;\nevents {{}}\n"
                         f"http {{\naccess_log off;\n{temporary}{site}\n}}\n")
        SCRATCH.chmod(0o755)
        cls.nginx = subprocess.Popen([nginx, "-c", whole, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", cls.tls), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError((SCRATCH / "nginx.log").read_text())

    @classmethod
    def tearDownClass(cls):
        for process in (cls.nginx, cls.server):
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        cls.server.stdout.close()
        cls.log.close()

    def get(self, path, **headers):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.tls, context=context, timeout=20)
        connection.request("GET", path, headers={"Host": "musubi.example.org", **headers})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), body

    def test_pages_come_through_tls(self):
        status, headers, body = self.get("/en/organisation", **{"Accept-Encoding": "gzip"})
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Encoding"], "gzip")
        self.assertIn("Strict-Transport-Security", headers)
        self.assertEqual(self.get("/en/organisation", **{"If-None-Match": headers["ETag"]})[0], 304)

    def test_links_name_the_site_as_the_outside_does(self):
        self.assertIn(b"https://musubi.example.org/en/organisation", self.get("/en/organisation")[2])

    def test_http_2_is_spoken(self):
        curl = subprocess.run(["curl", "-sk", "--http2", "-o", "/dev/null", "-w", "%{http_version}", "--resolve",
                               f"musubi.example.org:{self.tls}:127.0.0.1", f"https://musubi.example.org:{self.tls}/en/"],
                              capture_output=True, text=True)
        self.assertEqual(curl.stdout, "2")

    def test_plain_http_leads_to_tls(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=20)
        connection.request("GET", "/en/hub?a=b", headers={"Host": "musubi.example.org"})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.getheader("Location")), (301, "https://musubi.example.org/en/hub?a=b"))
        connection.close()

    def test_the_log_is_json_without_addresses_or_queries(self):
        self.get("/en/organisation?q=secretword")
        time.sleep(0.2)
        lines = (SCRATCH / "log").read_text().splitlines()
        requests = [line for line in map(json.loads, lines) if line.get("event") == "request"]
        self.assertTrue(requests)
        self.assertTrue(all({"method", "path", "status", "took_us"} <= set(line) for line in requests))
        self.assertNotIn("secretword", "\n".join(lines))
        self.assertNotIn("127.0.0.1", "\n".join(lines))


class Unit(unittest.TestCase):
    def test_the_unit_is_hardened(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze here")
        result = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager",
                                 ROOT / "packaging/musubi.service"], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout[-600:] + result.stderr)


unittest.main(verbosity=2)
