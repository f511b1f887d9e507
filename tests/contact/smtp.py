"""A server of mail for tests: keeps what it is given, or refuses it, or says nothing at all."""

import email
import email.policy
import socket
import threading


class Smtp:
    """`answer` is what RCPT is answered with; `silent` servers take connections and never say a word."""

    def __init__(self, port=0, answer="250 ok", silent=False):
        self.answer = answer
        self.silent = silent
        self.messages = []  # (sender, [recipients], bytes)
        self.connections = 0
        self.arrived = threading.Condition()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.url = "smtp://127.0.0.1:%d" % self.port
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with self.arrived:
                self.connections += 1
                self.arrived.notify_all()
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        if self.silent:
            peer.recv(1)  # until the other side has had enough
            return
        lines = peer.makefile("rb")
        sender, recipients = None, []

        def say(text):
            peer.sendall(text.encode() + b"\r\n")

        say("220 test")
        for line in lines:
            word = line.strip().upper()
            if word.startswith((b"EHLO", b"HELO")):
                say("250 test")
            elif word.startswith(b"MAIL"):
                sender, recipients = line.strip(), []
                say("250 ok")
            elif word.startswith(b"RCPT"):
                recipients.append(line.strip())
                say(self.answer)
            elif word == b"DATA":
                say("354 go on")
                self._take(lines, sender, recipients)
                say("250 taken")
            elif word == b"QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
        peer.close()

    def _take(self, lines, sender, recipients):
        body = b""
        for line in lines:
            if line == b".\r\n":
                break
            body += line[1:] if line.startswith(b".") else line
        with self.arrived:
            self.messages.append((sender, recipients, body))
            self.arrived.notify_all()

    def wait(self, count, seconds=15):
        """The messages once there are so many, parsed."""
        with self.arrived:
            self.arrived.wait_for(lambda: len(self.messages) >= count, seconds)
            return [email.message_from_bytes(body, policy=email.policy.default) for _, _, body in self.messages]

    def wait_connections(self, count, seconds=15):
        with self.arrived:
            return self.arrived.wait_for(lambda: self.connections >= count, seconds)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
