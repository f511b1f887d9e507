"""Random conversations: pipelined requests of every kind, cut anywhere, some broken off. Each answer must be the one to its
request. The seed is fixed; HTTP_TEST_SEED and HTTP_TEST_ROUNDS make it another or a longer run."""

import os
import random
import threading
import unittest

import raw

SEED = int(os.environ.get("HTTP_TEST_SEED", "20260401"))
ROUNDS = int(os.environ.get("HTTP_TEST_ROUNDS", "150"))


def request(rng, number):
    """Bytes, and a check for the answer."""
    kind = rng.randrange(8)
    mark = b"%d-%d" % (number, rng.randrange(1000000))
    if kind == 0:
        return b"GET /tiny HTTP/1.1\r\nHost: a\r\n\r\n", lambda a: a.body == b"ok\n"
    if kind == 1:
        size = rng.choice([0, 1, 1000, 70000, 3000000])
        path = rng.choice([b"big", b"owned", b"arena"])
        return b"GET /%s?n=%d HTTP/1.1\r\nHost: a\r\n\r\n" % (path, size), lambda a: len(a.body) == size
    if kind == 2:
        code = rng.choice([200, 204, 304, 404, 500])
        return b"GET /status?code=%d HTTP/1.1\r\nHost: a\r\n\r\n" % code, lambda a: a.status == code
    if kind == 3:
        return b"GET /slow?ms=%d HTTP/1.1\r\nHost: a\r\n\r\n" % rng.randrange(3), lambda a: a.body == b"ok\n"
    if kind == 4:
        return (b"\r\nGET /echo?m=%s HTTP/1.1\r\nHost: a\r\n\r\n" % mark,
                lambda a: a.json()["query"] == [["m", mark.decode()]])
    body = mark * rng.choice([1, 10, 1000, 9000])
    method = rng.choice([b"POST", b"PUT"])
    if kind == 5:
        chunks = b""
        at = 0
        while at < len(body):
            size = rng.randrange(1, 20000)
            part = body[at:at + size]
            chunks += b"%x%s\r\n%s\r\n" % (len(part), rng.choice([b"", b";x=y"]), part)
            at += size
        framing = b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n" + rng.choice([b"", b"T: x\r\n"]) + b"\r\n"
    else:
        framing = b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    return method + b" /echo HTTP/1.1\r\nHost: a\r\n" + framing, lambda a: a.json()["body"].encode() == body


def pieces(rng, data):
    at = 0
    largest = rng.choice([3, 50, 3000, 1 << 20])
    while at < len(data):
        size = rng.randrange(1, largest + 1) if len(data) < 2000 or largest > 50 else rng.randrange(1, 3000)
        yield data[at:at + size]
        at += size


class Conversations(unittest.TestCase):
    def converse(self, server, rng):
        asked = [request(rng, number) for number in range(rng.randrange(1, 25))]
        data = b"".join(bytes_ for bytes_, _ in asked)
        breaks_off = rng.random() < 0.2
        if breaks_off:
            data = data[:rng.randrange(len(data))]
        with server.client() as client:
            def send():
                for piece in pieces(rng, data):
                    client.send(piece)
            thread = threading.Thread(target=send)
            thread.start()
            if breaks_off:
                if rng.random() < 0.5 and len(data) >= len(asked[0][0]):
                    client.read()
                client.close()
            else:
                for number, (bytes_, check) in enumerate(asked):
                    answer = client.read()
                    self.assertIsNotNone(answer)
                    self.assertTrue(check(answer), (number, bytes_[:60], answer.status, answer.body[:60]))
            thread.join()

    def test_every_answer_is_the_one_to_its_request(self):
        failures = []
        with raw.Server(threads=2, slow_threads=3) as server:
            def run(seed):
                rng = random.Random(seed)
                for _ in range(ROUNDS // 3):
                    try:
                        self.converse(server, rng)
                    except Exception as failure:  # pylint: disable=broad-except
                        failures.append((seed, repr(failure)))
                        return
            threads = [threading.Thread(target=run, args=(SEED + i,)) for i in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])
            self.assertTrue(raw.wait_until(lambda: server.counters()["now"] == 1, 10))
            counters = server.counters()
            self.assertEqual(counters["taken"], counters["released"])


if __name__ == "__main__":
    unittest.main()
