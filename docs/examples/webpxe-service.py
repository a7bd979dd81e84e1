#!/usr/bin/env python3
"""A service for webpxe: installs each machine once, then leaves it to its disk. A page lists the machines,
with buttons "install again" and "rescue". Standard library and SQLite; any number of PXE servers share it.
   webpxe-service.py [--port 8080] [--address 127.0.0.1] [--database machines.db] [--files files.json]
files.json: {"install": {architecture_name: file, "x64": {a whole "answer"}, ...}, "rescue": {...}}."""
import argparse
import html
import http.server
import json
import socket
import sqlite3
import time
import urllib.parse

FILES = {"install": {"bios": "install.0", "x64": "install.efi"}, "rescue": {"bios": "rescue.0", "x64": "rescue.efi"}}


def database():
    db = sqlite3.connect(options.database, timeout=10, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE IF NOT EXISTS machine (name TEXT PRIMARY KEY, arch TEXT, wish TEXT, boot TEXT, seen REAL)")
    return db


def decide(asked):
    """A wish is served for one boot. That boot begins with a question for a server, and all that belongs to it (the
    same transaction again, its question for the file, iPXE that its firmware has loaded) gets the same."""
    client, transaction = asked["client"], asked["message"]["transaction"]
    name, arch = client.get("mac") or client.get("duid") or client.get("guid"), client.get("architecture_name", "?")
    if name is None:
        return {"do": "pass", "note": "it has no name"}
    db = database()
    db.execute("BEGIN IMMEDIATE")  # two servers may ask about one machine at the same time
    db.execute("INSERT OR IGNORE INTO machine VALUES (?, ?, 'install', '', 0)", (name, arch))
    wish, boot, seen = db.execute("SELECT wish, boot, seen FROM machine WHERE name = ?", (name,)).fetchone()
    boots = transaction + (" of iPXE" if client["ipxe"] else "")  # iPXE may as well be the machine's own ROM
    loaded = client["ipxe"] and "iPXE" not in boot and time.time() - seen < 600
    begins = asked["asks"] == "server" and not loaded and boots != boot
    serving = wish.removesuffix(", booting")
    if begins and wish.endswith(", booting"):
        serving = wish = "disk"  # it has had its boot
    elif wish != "disk" and (asked["asks"] == "file" or client["boot"] == "http"):
        wish = serving + ", booting"
    db.execute("UPDATE machine SET wish = ?, boot = ?, seen = ? WHERE name = ?",
               (wish, boots if begins else boot, time.time(), name))
    db.execute("COMMIT")
    file = options.table.get(serving, {}).get(arch)
    if file is None:
        return {"do": "ignore" if serving == "disk" else "pass", "note": f"{name}: {serving}"}
    plan = file if isinstance(file, dict) else {"http_url" if client["boot"] == "http" else "file": file}
    return {"do": "answer", "note": serving, **plan}


def page():
    rows = "".join(
        f"<tr><td>{html.escape(name)}<td>{html.escape(arch)}<td>{html.escape(wish)}"
        f"<td>{time.strftime('%F %T', time.localtime(seen))}<td><form method=post action=/wish>"
        f"<input type=hidden name=name value='{html.escape(name)}'><button name=wish value=install>install again"
        "</button> <button name=wish value=rescue>rescue</button></form>"
        for name, arch, wish, seen in database().execute("SELECT name, arch, wish, seen FROM machine ORDER BY name"))
    return ("<!doctype html><html lang=en><meta charset=utf-8><title>Machines</title><h1>Machines</h1><table>"
            f"<tr><th>machine<th>architecture<th>next boot<th>seen<th>{rows}</table>")


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version, wbufsize = "HTTP/1.1", -1  # connections are kept, an answer is one packet

    def reply(self, status, kind, text, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(text.encode()), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(text.encode())
        self.wfile.flush()  # and "Fast answers" in docs/webpxe
        self.connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, "TCP_QUICKACK", socket.TCP_NODELAY), 1)

    def do_GET(self):
        self.reply(200, "text/html", page())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/wish":
            form = dict(urllib.parse.parse_qsl(body))
            if form.get("wish") in options.table:
                database().execute("UPDATE machine SET wish = ? WHERE name = ?", (form["wish"], form.get("name")))
            return self.reply(303, "text/plain", "", Location="/")
        answer = json.dumps(decide(json.loads(body)))
        print("asked", body, "\nanswer", answer, flush=True)
        return self.reply(200, "application/json", answer)


parser = argparse.ArgumentParser()
for option, value in {"port": 8080, "address": "127.0.0.1", "database": "machines.db", "files": ""}.items():
    parser.add_argument("--" + option, default=value, type=type(value))
options = parser.parse_args()
options.table = json.load(open(options.files, encoding="utf-8")) if options.files else FILES
print(f"serving on http://{options.address}:{options.port}/", flush=True)
http.server.ThreadingHTTPServer.request_queue_size = 1000  # a building that is switched on
http.server.ThreadingHTTPServer((options.address, options.port), Service).serve_forever()
