"""What the guard lets through and what it refuses, byte by byte, over real sockets."""

import unittest

import raw

GET = b"GET /tiny HTTP/1.1\r\n"
POST = b"POST /echo HTTP/1.1\r\nHost: a\r\n"
HOST = b"Host: a\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

REFUSED = {
    "the same Content-Length twice": (400, POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    "two Content-Lengths": (400, POST + b"Content-Length: 0\r\nContent-Length: 36\r\n\r\n" + SMUGGLED),
    "a list of Content-Lengths": (400, POST + b"Content-Length: 0, 36\r\n\r\n" + SMUGGLED),
    "Content-Length and Transfer-Encoding":
        (400, POST + b"Content-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED),
    "Transfer-Encoding and Content-Length":
        (400, POST + b"Transfer-Encoding: chunked\r\nContent-Length: 40\r\n\r\n0\r\n\r\n" + SMUGGLED),
    "an unknown transfer coding": (400, POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED),
    "identity as transfer coding": (400, POST + b"Transfer-Encoding: identity\r\n\r\n" + SMUGGLED),
    "a transfer coding after a tab in the name": (400, POST + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"),
    "a transfer coding hidden by a vertical tab": (400, POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    "two transfer codings": (400, POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "chunked in HTTP/1.0": (400, b"POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a signed Content-Length": (400, POST + b"Content-Length: +5\r\n\r\nhello"),
    "a huge Content-Length": (413, POST + b"Content-Length: 99999999999999999999999\r\n\r\nhello"),
    "a too large Content-Length": (413, POST + b"Content-Length: 99999999\r\n\r\nhello"),
    "a space before the colon": (400, GET + b"Host : a\r\n\r\n"),
    "bare LF": (400, b"GET /tiny HTTP/1.1\nHost: a\n\n"),
    "bare LF in one line": (400, GET + b"Host: a\nX: b\r\n\r\n"),
    "bare LF as the last line": (400, GET + HOST + b"\n"),
    "bare CR in a value": (400, GET + HOST + b"X: a\rb\r\n\r\n"),
    "no Host": (400, GET + b"\r\n"),
    "two Hosts": (400, GET + HOST + b"Host: b\r\n\r\n"),
    "an empty Host": (400, GET + b"Host: \r\n\r\n"),
    "NUL in a header": (400, GET + HOST + b"X: a\x00b\r\n\r\n"),
    "NUL in a name": (400, GET + HOST + b"X\x00: a\r\n\r\n"),
    "NUL in the target": (400, b"GET /ti\x00ny HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an encoded NUL in the path": (400, b"GET /tiny%00.x HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a folded header": (400, GET + HOST + b"X: a\r\n b\r\n\r\n"),
    "a folded first header": (400, GET + b" Host: a\r\n\r\n"),
    "a long header": (431, GET + HOST + b"X: " + b"a" * 100000 + b"\r\n\r\n"),
    "many headers": (431, GET + HOST + b"X: a\r\n" * 101 + b"\r\n"),
    "a long target": (414, b"GET /tiny?" + b"a" * 60000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a target over half of the header": (414, b"GET /tiny?" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "dot segments": (400, b"GET /../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n"),
    "encoded dot segments": (400, b"GET /a/%2e%2e/b HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an encoded slash": (400, b"GET /a%2fb HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an empty segment": (400, b"GET //evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a malformed escape": (400, b"GET /a%zz HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a malformed escape in the query": (400, b"GET /a?b=%2 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a path that is not UTF-8": (400, b"GET /a%ff HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an overlong slash": (400, b"GET /a%c0%af HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an absolute target": (400, b"GET http://a/tiny HTTP/1.1\r\n" + HOST + b"\r\n"),
    "the target *": (400, b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a proxy request": (405, b"CONNECT a:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an unknown method": (405, b"FOO /tiny HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a method in small letters": (405, b"get /tiny HTTP/1.1\r\n" + HOST + b"\r\n"),
    "TRACE": (405, b"TRACE /tiny HTTP/1.1\r\n" + HOST + b"\r\n"),
    "no method": (400, b" /tiny HTTP/1.1\r\n" + HOST + b"\r\n"),
    "HTTP/0.9": (400, b"GET /tiny\r\n\r\n"),
    "HTTP/1.2": (400, b"GET /tiny HTTP/1.2\r\n" + HOST + b"\r\n"),
    "HTTP/2 without negotiation": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "a TLS greeting": (400, b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\n"),
    "an unknown expectation": (417, POST + b"Expect: miracles\r\nContent-Length: 1\r\n\r\na"),
    "a chunk size that is none": (400, POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n"),
    "a chunk without its end": (400, POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n"),
    "a chunk with bare LF": (400, POST + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"),
    "a chunk extension with bare LF":
        (400, POST + b"Transfer-Encoding: chunked\r\n\r\n5;a\nhello\r\n0\r\n\r\n" + SMUGGLED),
    "a chunk of more than 60 bits": (400, POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"),
    "a negative chunk": (400, POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n"),
    "a bad trailer": (400, POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nA\x00: b\r\n\r\n"),
    "chunks that add up to too much":
        (413, POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"4000\r\n" + b"a" * 0x4000 + b"\r\n") * 70 + b"0\r\n\r\n"),
}


class Guard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = raw.Server(max_body_bytes=1000000)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def check_refused(self, status, data, pieces):
        with self.server.client() as client:
            for start in range(0, len(data), pieces):
                client.send(data[start:start + pieces])
            answer = client.read()
            self.assertIsNotNone(answer, "closed without an answer")
            self.assertEqual(answer.status, status)
            self.assertEqual(answer.headers["content-type"], "application/problem+json")
            self.assertEqual(answer.headers["connection"], "close")
            problem = answer.json()
            self.assertEqual(problem["status"], status)
            self.assertTrue(problem["detail"])
            self.assertIn("title", problem)
            self.assertTrue(client.at_end(), "something follows the refusal")

    def test_refusals(self):
        for name, (status, data) in REFUSED.items():
            with self.subTest(name):
                before = self.server.counters()
                self.check_refused(status, data, 1 << 20)
                after = self.server.counters()
                self.assertEqual(after["requests"] - before["requests"], 1, "the handler was called")
                self.assertEqual(after["refused"] - before["refused"], 1)

    def test_refusals_of_bytes_that_come_one_by_one(self):
        for name, (status, data) in REFUSED.items():
            if len(data) < 1000:
                with self.subTest(name):
                    self.check_refused(status, data, 1)

    def test_nothing_after_a_refusal_is_served(self):
        with self.server.client() as client:
            client.send(GET + HOST + b"\r\n" + GET + b"\r\n" + GET + HOST + b"\r\n")
            self.assertEqual(client.read().status, 200)
            self.assertEqual(client.read().status, 400)
            self.assertTrue(client.at_end())

    def test_unknown_methods_are_told_what_there_is(self):
        answer = self.server.ask(b"BREW /tiny HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(answer.headers["allow"], "GET, HEAD, POST, PUT, DELETE, OPTIONS")

    def test_what_reaches_the_handler(self):
        answer = self.server.ask(b"\r\nGET /echo?a=%E6%9D%B1+b&c HTTP/1.1\r\nHost: a:80\r\nX:  y z\t\r\nx-b:\r\n\r\n")
        # The path is /echo for the handler to find; a decoded one is checked in the unit tests.
        seen = answer.json()
        self.assertEqual(seen["method"], "GET")
        self.assertEqual(seen["path"], "/echo")
        self.assertEqual(seen["query"], [["a", "東 b"], ["c", ""]])
        self.assertEqual(seen["headers"], [["Host", "a:80"], ["X", "y z"], ["x-b", ""]])
        self.assertEqual(seen["peer"], "127.0.0.1")
        self.assertFalse(seen["https"])
        self.assertTrue(seen["thread"])

    def test_bodies(self):
        chunked = POST + b"Transfer-Encoding: Chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: z\r\n\r\n"
        for name, data in {
            "length": POST + b"Content-Length: 5\r\n\r\nhello",
            "zeros before": POST + b"Content-Length: 0005\r\n\r\nhello",
            "chunked": chunked,
            "PUT, on a slow thread": chunked.replace(b"POST", b"PUT"),
        }.items():
            for pieces in (1, 7, 1000):
                with self.subTest(name, pieces=pieces), self.server.client() as client:
                    for start in range(0, len(data), pieces):
                        client.send(data[start:start + pieces])
                    self.assertEqual(client.read().json()["body"], "hello")
                    client.send(GET + HOST + b"\r\n")
                    self.assertEqual(client.read().status, 200)

    def test_a_large_body(self):
        body = bytes(range(97, 123)) * 38000
        with self.server.client() as client:
            client.send(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body + GET + HOST + b"\r\n")
            self.assertEqual(client.read().json()["body"].encode(), body)
            self.assertEqual(client.read().body, b"ok\n")

    def test_a_client_that_waits_for_100_continue(self):
        with self.server.client() as client:
            client.send(POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            self.assertEqual(client.read().status, 100)
            client.send(b"hello")
            self.assertEqual(client.read().json()["body"], "hello")
        self.assertEqual(self.server.ask(POST + b"Content-Length: 9999999\r\nExpect: 100-continue\r\n\r\n").status, 413)

    def test_a_handler_s_value_cannot_split_the_answer(self):
        answer = self.server.get("/inject?v=a%0d%0aX-Evil:%20b")
        self.assertEqual(answer.status, 500)
        self.assertNotIn("x-evil", answer.headers)
        self.assertEqual(self.server.get("/inject?v=fine").headers["x-injected"], "fine")


if __name__ == "__main__":
    unittest.main()
