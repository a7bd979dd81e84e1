#!/usr/bin/python3
"""The sample services of docs/examples, asked as webpxe asks them, and the page of the larger one in a browser.

    test_webpxe_services.py [CHROMIUM]
"""
import http.client
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
EXAMPLES = os.path.join(ROOT, "docs", "examples")
SCHEMA = json.load(open(os.path.join(ROOT, "docs", "webpxe", "answer.schema.json"), encoding="utf-8"))
CHROMIUM = sys.argv.pop(1) if len(sys.argv) > 1 else ""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Service:
    """A running sample service; ended at the end of the with block."""

    def __init__(self, *arguments, port):
        self.port = port
        self.process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def __enter__(self):
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()

    def post(self, path, body, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, body, {"Content-Type": kind})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text

    def ask(self, asks="server", xid=1, mac="52-54-00-00-00-01", **client):
        """An answer, held against the schema as far as no library for that is here."""
        question = {"version": 1, "asks": asks, "server": {"address": "10.0.0.2", "port": 67},
                    "client": {"mac": mac, "family": 4, "boot": "pxe", "ipxe": False, "architecture": 7,
                               "architecture_name": "x64", "architectures": [7], "user_classes": [], "relays": 0,
                               **client},
                    "message": {"type": 1, "transaction": f"0x{xid:08x}", "seconds": 0, "options": []}}
        status, text = self.post("/boot", json.dumps(question))
        answer = json.loads(text)
        assert status == 200 and answer["do"] in SCHEMA["properties"]["do"]["enum"], text
        assert set(answer) <= set(SCHEMA["properties"]), text
        return answer


class AlwaysTheSame(unittest.TestCase):
    def test_file_by_architecture(self):
        port = free_port()
        with Service(os.path.join(EXAMPLES, "webpxe-always.py"), str(port), port=port) as service:
            self.assertEqual(service.ask(), {"do": "answer", "file": "x64.efi"})
            self.assertEqual(service.ask(architecture_name="bios")["file"], "bios.0")
            self.assertEqual(service.ask(architecture_name="arm64"), {"do": "pass"})


class InstallOnce(unittest.TestCase):
    def setUp(self):
        # pylint: disable=consider-using-with
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        self.service = Service(os.path.join(EXAMPLES, "webpxe-service.py"), "--port", str(self.port), "--database",
                               os.path.join(self.folder.name, "machines.db"), port=self.port)
        self.service.__enter__()

    def tearDown(self):
        self.service.__exit__()
        self.folder.cleanup()

    def boot(self, xid, file, mac="52-54-00-00-00-01"):
        """One boot: each question comes twice, as from a machine that is in a hurry."""
        for asks in ("server", "server", "file", "file"):
            answer = self.service.ask(asks, xid, mac)
            self.assertEqual(answer.get("file"), file, answer)
            self.assertEqual(answer["do"], "answer" if file else "ignore")

    def wish(self, wish, mac="52-54-00-00-00-01"):
        status, _ = self.service.post("/wish", f"name={mac}&wish={wish}", "application/x-www-form-urlencoded")
        self.assertEqual(status, 303)

    def page(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/")
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def test_second_boot_goes_to_the_disk(self):
        self.boot(1, "install.efi")
        self.boot(2, None)
        self.boot(3, None)
        self.boot(1, "install.efi", "52-54-00-00-00-02")

    def test_who_never_asked_for_its_file_has_not_booted(self):
        self.service.ask("server", 1)
        self.boot(2, "install.efi")
        self.boot(3, None)

    def test_wishes(self):
        self.boot(1, "install.efi")
        self.wish("rescue")
        self.boot(2, "rescue.efi")
        self.boot(3, None)
        self.wish("install")
        self.boot(4, "install.efi")
        self.boot(5, None)
        self.wish("nonsense")
        self.boot(6, None)

    def test_ipxe_belongs_to_the_boot_that_loaded_it(self):
        self.boot(1, "install.efi")
        for asks in ("server", "file"):
            self.assertEqual(self.service.ask(asks, 9, ipxe=True)["file"], "install.efi")
        self.boot(2, None)

    def test_ipxe_as_the_rom_of_the_machine(self):
        """It begins a boot by itself: nothing has loaded it."""
        def boot(xid, file):
            for asks in ("server", "server", "file"):
                self.assertEqual(self.service.ask(asks, xid, ipxe=True).get("file"), file)
        boot(1, "install.efi")
        boot(2, None)
        boot(3, None)
        self.wish("rescue")
        boot(4, "rescue.efi")
        boot(5, None)

    def test_http_boot_asks_once(self):
        for _ in range(2):
            self.assertEqual(self.service.ask("server", 1, boot="http")["http_url"], "install.efi")
        self.assertEqual(self.service.ask("server", 2, boot="http")["do"], "ignore")

    def test_machines_without_a_name_or_a_file(self):
        self.assertEqual(self.service.ask(mac=None, guid=None)["do"], "pass")
        self.assertEqual(self.service.ask(mac="52-54-00-00-00-09", architecture_name="arm64")["do"], "pass")

    def test_many_servers_at_a_time(self):
        """They see one state: of the boots of one machine exactly the first installs."""
        answers = []

        def one(xid):
            answers.append((xid, self.service.ask("file", xid).get("file")))

        self.service.ask("server", 1)
        threads = [threading.Thread(target=one, args=(1,)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [(1, "install.efi")] * 16)
        self.boot(2, None)

    def test_names_cannot_be_markup(self):
        self.service.ask(mac="<script>x</script>'><b>", architecture_name="<i>")
        self.assertNotRegex(self.page(), "<script>|<b>|<i>")

    def test_restart_keeps_the_state(self):
        self.boot(1, "install.efi")
        self.service.__exit__()
        self.service = Service(*self.service.process.args[1:], port=self.port)
        self.service.__enter__()
        self.boot(2, None)

    @unittest.skipUnless(CHROMIUM, "no browser is given")
    def test_page_in_a_browser(self):
        """A click on "rescue" of the second machine, in the page as a browser shows it."""
        self.boot(1, "install.efi")
        self.boot(1, "install.efi", "52-54-00-00-00-02")
        script = """<script>addEventListener("load", () => {
            const row = [...document.querySelectorAll("tr")].find(r => r.textContent.includes("00-02"));
            const button = [...row.querySelectorAll("button")].find(b => b.textContent == "rescue");
            const box = button.getBoundingClientRect();
            if (box.width > 10 && box.height > 10 && document.documentElement.scrollWidth <= innerWidth)
                button.click();
        });</script>"""
        with Through(self.port, script) as port:
            seen = self.browse(f"http://127.0.0.1:{port}/probe")
        rows = re.findall(r"<tr><td>([-0-9a-f]+)</td><td>(\w+)</td><td>([^<]*)</td>", seen)
        self.assertEqual(rows, [("52-54-00-00-00-01", "x64", "install, booting"),
                                ("52-54-00-00-00-02", "x64", "rescue")], seen)
        self.boot(2, "rescue.efi", "52-54-00-00-00-02")
        self.boot(2, None)

    def browse(self, url):
        with tempfile.TemporaryDirectory() as profile:
            return subprocess.run(
                [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                 f"--user-data-dir={profile}", "--window-size=1000,800", "--virtual-time-budget=10000", "--dump-dom",
                 url], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300, check=True).stdout.decode()


class Through:
    """A server in front of the service, whose page /probe is the service's with a script in it."""

    def __init__(self, port, script):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def forward(self, body=None):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request(self.command, self.path if self.path != "/probe" else "/", body,
                                   {"Content-Type": self.headers.get("Content-Type", "")})
                response = connection.getresponse()
                page = response.read() + (outer.script if self.path == "/probe" else b"")
                connection.close()
                self.send_response(response.status)
                for name in ("Content-Type", "Location"):
                    if response.headers[name]:
                        self.send_header(name, response.headers[name])
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def do_GET(self):
                self.forward()

            def do_POST(self):
                self.forward(self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, format, *args):  # pylint: disable=redefined-builtin
                pass

        self.script = script.encode()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server.server_address[1]

    def __exit__(self, *unused):
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    unittest.main()
