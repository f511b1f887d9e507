"""A server of mail for tests: keeps what it is given, or refuses it, or says nothing at all. With a certificate it has
STARTTLS, or speaks TLS from the beginning, and asks for a login once TLS is there."""

import base64
import email
import email.policy
import os
import socket
import ssl
import subprocess
import threading


def certificate(folder, name="mail", host="DNS:localhost"):
    """A new key with a certificate that it signed itself: (path of the certificate, path of the key)."""
    paths = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", paths[1], "-out", paths[0], "-days", "2", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=" + host], check=True, capture_output=True)
    return paths


class Smtp:
    """`answer` is what RCPT is answered with; `silent` servers take connections and never say a word. `tls` is (certificate, key);
    with `implicit` there is no word before TLS. `login` is (user, password)."""

    def __init__(self, port=0, answer="250 ok", silent=False, tls=None, implicit=False, login=None):
        self.answer = answer
        self.tls, self.implicit, self.login = None, implicit, login
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*tls)
        self.logins = []  # (over TLS, user, password)
        self.lines = []  # what was said before TLS
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
        try:
            self._talk(peer)
        except OSError:  # whoever does not like the certificate is gone
            pass

    def _talk(self, peer):
        if self.implicit:
            peer = self.tls.wrap_socket(peer, server_side=True)
        secure = self.implicit
        lines = peer.makefile("rb")
        sender, recipients, known = None, [], not self.login

        def say(text):
            peer.sendall(text.encode() + b"\r\n")

        say("220 test")
        while line := lines.readline():
            word = line.strip().upper()
            if not secure:
                self.lines.append(line)
            if word.startswith((b"EHLO", b"HELO")):
                say("250-test")
                if self.tls and not secure:
                    say("250-STARTTLS")
                say("250 AUTH PLAIN" if self.login and (secure or not self.tls) else "250 8BITMIME")
            elif word == b"STARTTLS":
                say("220 go on")
                peer = self.tls.wrap_socket(peer, server_side=True)
                lines, secure = peer.makefile("rb"), True
            elif word.startswith(b"AUTH PLAIN"):
                known = self._log_in(line.split()[2:], secure, say, lines)
            elif not known:
                say("530 log in first")
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

    def _log_in(self, given, secure, say, lines):
        if not given:
            say("334 ")
            given = [lines.readline().strip()]
        _, user, password = base64.b64decode(given[0]).decode().split("\0")
        with self.arrived:
            self.logins.append((secure, user, password))
            self.arrived.notify_all()
        known = (user, password) == self.login
        say("235 welcome" if known else "535 who are you")
        return known

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
