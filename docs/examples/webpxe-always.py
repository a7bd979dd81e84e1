#!/usr/bin/env python3
"""The smallest service for webpxe: every machine gets the same file, by its architecture.
   webpxe-always.py [PORT]"""
import http.server
import json
import sys

FILES = {"bios": "bios.0", "x64": "x64.efi"}


class Service(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        file = FILES.get(asked["client"].get("architecture_name"))
        answer = json.dumps({"do": "answer", "file": file} if file else {"do": "pass"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


http.server.ThreadingHTTPServer(("127.0.0.1", int((sys.argv + ["8080"])[1])), Service).serve_forever()
