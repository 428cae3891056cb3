"""A Redis connection that breaks where it is told to: a proxy between a bridge and its server.

It knows the protocol's frames and nothing of the scripts, but that the same script has the same SHA-1.
"""
import asyncio
import collections
import hashlib
import socket
import threading

BEFORE, DURING, AFTER = "before", "during", "after"  # a request is executed only in the last case; no reply in any


def request_end(buffer, start=0):
    """(end, arguments) of the request that begins there; None while it is not whole."""
    line = buffer.find(b"\r\n", start)
    if line < 0:
        return None
    count, at, arguments = int(buffer[start + 1:line]), line + 2, []
    for _ in range(count):
        line = buffer.find(b"\r\n", at)
        if line < 0:
            return None
        length = int(buffer[at + 1:line])
        at = line + 2 + length + 2
        if len(buffer) < at:
            return None
        arguments.append(bytes(buffer[line + 2:at - 2]))
    return at, arguments


def reply_end(buffer, start=0):
    """Where the reply ends that begins there; None while it is not whole."""
    line = buffer.find(b"\r\n", start)
    if line < 0:
        return None
    kind, at = buffer[start:start + 1], line + 2
    if kind in b"+-:":
        return at
    count = int(buffer[start + 1:line])
    if kind == b"$":
        at += count + 2 if count >= 0 else 0
        return at if len(buffer) >= at else None
    for _ in range(count):
        at = reply_end(buffer, at)
        if at is None:
            return None
    return at


def script(arguments):
    """The SHA-1 of the script a request calls; None when it calls none."""
    name = arguments[0].upper()
    if name == b"EVALSHA":
        return arguments[1].decode().lower()
    return hashlib.sha1(arguments[1]).hexdigest() if name == b"EVAL" else None


class Proxy:
    """Listens on a port of its own. `plan(arguments)` says of each request where to cut its connection: BEFORE, DURING,
    AFTER, or None to let it pass; `on_cut()` is called at the cut, while nobody has heard of it."""

    def __init__(self, server, plan=lambda arguments: None, on_cut=lambda: None):
        self._to, self.plan, self.on_cut = server.port, plan, on_cut
        self.cuts = 0
        self._loop = asyncio.new_event_loop()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._socket))
        self._loop.run_forever()

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        if left := asyncio.all_tasks(self._loop):
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.wait(left))
        self._loop.close()
        self._socket.close()

    async def _serve(self, client, to_client):
        try:
            server, to_server = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            to_client.close()
            return
        awaited = collections.deque()  # of each request under way, whether its reply is lost

        def cut():
            if not (to_client.is_closing() or to_server.is_closing()):
                self.cuts += 1
                self.on_cut()
            to_client.close()
            to_server.close()

        halves = [asyncio.ensure_future(self._requests(client, to_server, awaited, cut)),
                  asyncio.ensure_future(self._replies(server, to_client, awaited, cut))]
        await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        to_client.close()
        to_server.close()
        await asyncio.wait(halves)

    async def _requests(self, client, to_server, awaited, cut):
        buffer = bytearray()
        try:
            while chunk := await client.read(1 << 16):
                buffer += chunk
                start = 0
                while start < len(buffer) and (whole := request_end(buffer, start)):
                    end, arguments = whole
                    where = self.plan(arguments)
                    if where == BEFORE or where == DURING:
                        to_server.write(bytes(buffer[start:(start + end) // 2 if where == DURING else start]))
                        await to_server.drain()
                        return cut()
                    awaited.append(where == AFTER)
                    to_server.write(bytes(buffer[start:end]))
                    start = end
                del buffer[:start]
                await to_server.drain()
        except OSError:
            pass

    async def _replies(self, server, to_client, awaited, cut):
        buffer = bytearray()
        try:
            while chunk := await server.read(1 << 16):
                buffer += chunk
                start = 0
                while start < len(buffer) and (end := reply_end(buffer, start)):
                    if awaited and awaited.popleft():
                        return cut()
                    to_client.write(bytes(buffer[start:end]))
                    start = end
                del buffer[:start]
                await to_client.drain()
        except OSError:
            pass
