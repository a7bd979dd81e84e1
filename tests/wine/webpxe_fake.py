#!/usr/bin/env python3
"""A web service that is wrong, slow, dead, huge or lies, to test webpxe with.

  webpxe_fake.py capture FILE [CASE]...
                                   writes a capture with one DISCOVER of a machine for each case, or these
  webpxe_fake.py cases             prints a line for each case: number, name, who ends the request (first,
                                   second or nobody), how many lines the trace has about it
  webpxe_fake.py serve PORT_FILE LOG [CERTIFICATE KEY]
                                   serves on a free port of 127.0.0.1, which it writes to PORT_FILE; writes
                                   a line with case, path and token of each question to LOG, and the
                                   question to LOG.questions
  webpxe_fake.py questions FILE    holds the questions of such a file against their schema
  webpxe_fake.py answers           holds the answers of all cases against theirs: good ones fit, wrong ones do not

The last two bytes of a machine's MAC address are the number of its case. The first case is a good answer.
"""
import http.server
import json
import pathlib
import ssl
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from wire import PXE_X64, dhcp4, option, udp4

MEGABYTES = 50 * 1024 * 1024
SLOW_SECONDS = 6  # longer than any time limit of the test; then the thread ends by itself


def say(handler, body, status=200, **headers):
    """Sends a whole answer, as a good service does."""
    raw = body if isinstance(body, bytes) else body.encode()
    handler.send_response(status)
    for name, value in ({"Content-Type": "application/json", "Content-Length": len(raw)} | headers).items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
    handler.wfile.write(raw)


def plan(**members):
    return json.dumps({"do": "answer", "file": "x64.efi"} | members)


def send_then_close(handler, raw):
    handler.wfile.write(raw)
    handler.close_connection = True


def send_endless(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(MEGABYTES // 65536):
        handler.wfile.write(b" " * 65536)
    handler.close_connection = True


def drip(handler, raw):
    """A byte now and then: no single wait is long."""
    end = time.monotonic() + SLOW_SECONDS
    for byte in raw * 1000:
        if time.monotonic() > end:
            break
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.1)
    handler.close_connection = True


def stay_silent(handler):
    time.sleep(SLOW_SECONDS)
    handler.close_connection = True


def answer(raw, **arguments):
    return lambda handler: say(handler, raw, **arguments)


# What is wrong with these no schema tells: which codes are the server's own, how many bytes fit, what the request lacks.
NO_SCHEMA_TELLS = {"option-reserved", "option-value", "option-too-many", "menu-long", "other-way", "twice"}

CASES = [
    ("good", answer(plan(unknown={"is": ["left alone"]}))),
    ("truncated-json", answer(plan()[:-7])),
    ("truncated-message", lambda h: send_then_close(h, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")),
    ("huge-announced", lambda h: send_then_close(h, b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n{")),
    ("huge-sent", send_endless),
    ("html", answer("<html><h1>It works!</h1></html>")),
    ("empty", answer("")),
    ("array", answer("[]")),
    ("number", answer("1e999")),
    ("nothing-to-do", answer('{"file": "x64.efi"}')),
    ("do-number", answer('{"do": 5}')),
    ("do-unknown", answer('{"do": "reboot"}')),
    ("file-number", answer(plan(file=7))),
    ("file-long", answer(plan(file="x" * 300))),
    ("file-control", answer(plan(file="x\r\ny"))),
    ("file-nul", answer('{"do": "answer", "file": "x64.efi\\u0000.txt"}')),
    ("file-unicode", answer(plan(file="x\u202e.efi"))),
    ("file-format", answer('{"do": "answer", "file": "%s%n%s%n\\u0001"}')),
    ("url-scheme", answer(plan(url="file:///etc/passwd"))),
    ("server-name", answer(plan(next_server="10.0.0.300"))),
    ("server-long", answer(plan(server_name="x" * 64))),
    ("option-number", answer(plan(options={"300": "u8:1"}))),
    ("option-reserved", answer(plan(options={"53": "u8:5"}))),
    ("option-value", answer(plan(options={"66": "ip:nowhere"}))),
    ("option-list", answer(plan(options=[1, 2]))),
    ("option-too-many", answer(plan(options={str(n): "hex:" + "00" * 200 for n in range(128, 134)}))),
    ("keep-negative", answer(plan(keep=-1))),
    ("keep-huge", answer(plan(keep=10**30))),
    ("version-other", answer(plan(version=2))),
    ("twice", answer('{"do": "pass", "do": "answer", "file": "x64.efi"}')),
    ("deep", answer("[" * 100000)),
    ("not-utf8", answer(b'{"do": "answer", "file": "\xff\xfe"}')),
    ("more-behind", answer(plan() + "x")),
    ("menu-long", answer(plan(menu={"items": [{"title": "x" * 200, "type": 1}] * 2}))),
    ("menu-empty", answer(plan(menu={"items": []}))),
    ("menu-many", answer(plan(menu={"items": [{"title": "x", "type": 1}] * 100}))),
    ("no-file", answer('{"do": "answer"}')),
    ("other-way", answer('{"do": "answer", "http_url": "http://10.0.0.1/x64.efi"}')),
    ("redirect-away", answer("", status=302, Location="http://127.0.0.2:1/stolen")),
    ("redirect-here", answer("", status=307, Location="/stolen")),
    ("status-500", answer(plan(), status=500)),
    ("status-401", answer(plan(), status=401, WWW_Authenticate='Basic realm="x"')),
    ("status-404", answer(plan(), status=404)),
    ("no-http", lambda h: send_then_close(h, b"\x00\x01\x02 what?\r\n\r\n")),
    ("closed", lambda h: send_then_close(h, b"")),
    ("slow-body", lambda h: drip(h, b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + b" " * 900)),
    ("slow-headers", lambda h: drip(h, b"HTTP/1.1 200 OK\r\nX: " + b"y" * 900)),
    ("silent", stay_silent),
    ("late", lambda h: (time.sleep(0.5), say(h, plan()))),
    ("kept", answer(plan(keep=600))),
    ("pass", answer('{"do": "pass"}')),
    ("no-content", answer("", status=204)),
    ("ignore", answer('{"do": "ignore", "note": "not now"}')),
    ("later", answer('{"do": "later", "keep": 1}')),
]
# Who ends a request, where it is not the next provider; and those that are no problem.
ENDS = {"good": "first", "late": "first", "kept": "first", "ignore": "nobody", "later": "nobody"}
QUIET = {*ENDS, "pass", "no-content"}


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[3] + ".questions", "ab") as questions:
            questions.write(body + b"\n")
        number = int(json.loads(body)["client"].get("mac", "0").replace("-", "")[-4:], 16)
        name, act = CASES[number if number < len(CASES) else 0]
        with open(sys.argv[3], "a", encoding="utf-8") as log:
            log.write(f"{name} {self.path} {self.headers.get('Authorization', '-')}\n")
        try:
            act(self)
        except OSError:
            self.close_connection = True  # who asked has gone

    def do_GET(self):
        with open(sys.argv[3], "a", encoding="utf-8") as log:
            log.write(f"GET {self.path} {self.headers.get('Authorization', '-')}\n")
        self.send_error(404)

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    if len(sys.argv) > 4:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[4], sys.argv[5])
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(f"{server.server_address[1]}\n")
    server.serve_forever()


def discover(number):
    """An Ethernet frame with the DISCOVER of a UEFI x64 machine (RFC 2131, RFC 4578)."""
    mac = bytes([0x52, 0x54, 0, 0x19, number >> 8, number & 255])
    packet = dhcp4(1, mac, xid=0x19000000 + number, flags=0x8000, vendor_class=PXE_X64, uuid=bytes(10) + mac,
                   options=option(94, b"\x01\x03\x10"))
    return b"\xff" * 6 + mac + b"\x08\x00" + udp4("0.0.0.0", 68, "255.255.255.255", 67, packet)


def capture():
    with open(sys.argv[2], "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for number, (name, _) in enumerate(CASES):
            if len(sys.argv) > 3 and name not in sys.argv[3:]:
                continue
            frame = discover(number)
            file.write(struct.pack("<IIII", 1700000000 + number, 0, len(frame), len(frame)) + frame)


def cases():
    for number, (name, _) in enumerate(CASES):
        print(number, name, ENDS.get(name, "second"), int(name not in QUIET))


def validator(name):
    from jsonschema import Draft202012Validator  # nothing else here needs it
    path = pathlib.Path(__file__).resolve().parents[2] / "docs" / "webpxe" / f"{name}.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return schema, Draft202012Validator


def closed(schema):
    """The same schema, in which what it does not name is wrong: a member that is sent is described."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    return made | ({"additionalProperties": False} if "properties" in made and made.get("type") == "object" else {})


def questions():
    schema, kind = validator("question")
    kind = kind(closed(schema))
    seen = set()
    for line in open(sys.argv[2], encoding="utf-8"):
        question = json.loads(line)
        for error in kind.iter_errors(question):
            sys.exit(f"{error.json_path}: {error.message} in {line}")
        client = question["client"]
        seen.add((client["family"], client["boot"], client["ipxe"], client["relays"] > 0, question["asks"]))
    print(*sorted(map(str, seen)), sep="\n")


class Recorder:
    """In the place of a handler: keeps status and body of an answer."""

    def __init__(self, act):
        self.status, self.body, self.wfile = 0, b"", self
        act(self)

    def send_response(self, status):
        self.status = status

    def send_header(self, *unused):
        pass

    def end_headers(self):
        pass

    def write(self, raw):
        self.body += raw


def answers():
    schema, kind = validator("answer")
    kind = kind(schema)
    for name, act in CASES:
        if not act.__qualname__.startswith("answer."):
            continue  # what goes wrong is below JSON
        got = Recorder(act)
        try:
            fits = got.status == 200 and kind.is_valid(json.loads(got.body))
        except (ValueError, RecursionError):
            fits = False
        if fits != (name in QUIET - {"no-content"} or name in NO_SCHEMA_TELLS):
            sys.exit(f"the schema says that the answer {name} is {'good' if fits else 'wrong'}: {got.body[:200]}")


if __name__ == "__main__":
    {"capture": capture, "cases": cases, "serve": serve, "questions": questions, "answers": answers}[sys.argv[1]]()
