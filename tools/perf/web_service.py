#!/usr/bin/python3
"""A service for webpxe that takes a given time for each answer, on one thread; for tools/perf/web. Ended by
   SIGTERM it prints how many questions it has answered.
   web_service.py PORT MILLISECONDS      -1: it never answers"""
import asyncio
import signal
import socket
import sys

PORT, DELAY = int(sys.argv[1]), int(sys.argv[2])
COUNT = [0]
BODY = b'{"do": "answer", "file": "boot.0"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


async def serve(reader, writer):
    try:
        while True:
            # Else a question waits 40 ms for its second half: docs/webpxe, "Fast answers".
            writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.split(b"content-length:")[1].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            await asyncio.sleep(3600 if DELAY < 0 else DELAY / 1000)
            writer.write(ANSWER)
            await writer.drain()
            COUNT[0] += 1
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", PORT, backlog=4096)
    print("serving", flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    print("answered", COUNT[0], flush=True)
    server.close()


asyncio.run(main())
