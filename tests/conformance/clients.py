"""Clients that others wrote, in a room of the real server, with compression: Python's `websockets`, the `ws` of npm.

    python tests/conformance/clients.py [--server PROGRAM]

They talk through a wire tap, which sees what the server really sends: with clients that inflate the same conversation
must take fewer bytes, in frames marked as deflated, and read the same. Needs a built server, `make test-parts`.
"""
import argparse, asyncio, json, os, pathlib, random, re, socket, string, subprocess, sys, tempfile

import websockets

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests/prompts"))
from run import Caller, Server

PATIENCE_S = 30
SAID = [f"{n}: what the northern stores sold by quarter, region by region, and what the plan was" for n in range(40)]


class Tap:
    """Hands bytes through and keeps what the server sends."""

    def __init__(self, port):
        self.port, self.conversations = port, []
        self.open = asyncio.Event()
        self.open.set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.carry, "127.0.0.1", 0)
        self.at = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def carry(self, reader, writer):
        # A small buffer, so that the server notices when this does not read.
        plug = socket.socket()
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        plug.connect(("127.0.0.1", self.port))
        upstream, downstream = await asyncio.open_connection(sock=plug)
        heard = bytearray()
        self.conversations.append(heard)

        async def pump(source, sink, keep=None):
            while await self.open.wait() and (data := await source.read(65536)):
                if keep is not None:
                    keep.extend(data)
                sink.write(data)
                await sink.drain()
            sink.close()

        await asyncio.gather(pump(reader, downstream), pump(upstream, writer, heard), return_exceptions=True)


def frames(heard):
    """The frames after the answer to the handshake: (deflated, opcode, length)."""
    head, _, rest = bytes(heard).partition(b"\r\n\r\n")
    assert b" 101 " in head, head
    found = []
    while rest:
        size, at = rest[1] & 0x7F, 2
        assert rest[1] < 0x80, "a server does not mask"
        if size > 125:
            at = 4 if size == 126 else 10
            size = int.from_bytes(rest[2:at], "big")
        found.append((bool(rest[0] & 0x40), rest[0] & 0x0F, size))
        rest = rest[at + size:]
    return head.decode(), found


async def python_client(port, token, room, compression):
    """Joins, says everything, and gives what it heard."""
    url, headers = f"ws://127.0.0.1:{port}/ws/events", {"Authorization": token}
    heard, calls = [], iter(range(1, 1000))
    async with websockets.connect(url, additional_headers=headers, compression=compression) as socket:
        async def call(kind, **data):
            number = next(calls)
            await socket.send(json.dumps({"type": kind, "data": data, "metadata": {"id": number}}))
            while (frame := json.loads(await socket.recv()))["metadata"].get("reply_to") != number:
                note(frame)
            assert frame["type"] != "error", frame
            return frame["data"]

        def note(frame):
            if frame["type"] == "chat.message":
                heard.append(frame["data"]["content"])

        await call("room.join", room_id=room)
        for content in SAID:
            await call("chat.send", room_id=room, content=content)
        while len(heard) < len(SAID):
            note(json.loads(await socket.recv()))
    return heard


async def node_client(port, token, room, compression):
    program = pathlib.Path(__file__).with_name("client.mjs")
    ask = json.dumps({"port": port, "token": token, "room": room, "compression": bool(compression), "said": SAID})
    process = await asyncio.create_subprocess_exec(
        "node", program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, _ = await process.communicate(ask.encode())
    assert process.returncode == 0, "the client failed"
    return json.loads(out)


async def held(name, client, caller):
    """The client's conversation is the same plain and deflated, and shorter deflated."""
    port, token = int(caller.base.rsplit(":", 1)[1]), caller.http.headers["Authorization"]
    lengths = {}
    for compression in (None, "deflate"):
        room = caller.call("room.create", name=f"{name} {compression}")["id"]
        async with Tap(port) as tap:
            heard = await asyncio.wait_for(client(tap.at, token, room, compression), PATIENCE_S)
            assert heard == SAID, f"{name} heard {heard}"
            (conversation,) = tap.conversations
            head, sent = frames(conversation)
        agreed = re.search("(?i)sec-websocket-extensions: (permessage-deflate[^\r]*)", head)
        assert bool(agreed) == bool(compression), head
        deflated = [frame for frame in sent if frame[0]]
        # Each message reaches its author as an event; replies are short and stay as they are.
        assert len(deflated) >= len(SAID) if compression else not deflated, f"{len(deflated)} frames are deflated"
        lengths[compression] = sum(size for _, _, size in sent)
        print(f"{name}: {len(sent)} frames, {len(deflated)} of them deflated, {lengths[compression]} bytes",
              f"({agreed[1]})" if agreed else "")
    assert lengths["deflate"] < 0.8 * lengths[None], f"{name}: {lengths}"


async def held_back(caller):
    """A reader that stops reading while much is said, more than memory keeps, misses nothing and is told."""
    port, token = int(caller.base.rsplit(":", 1)[1]), caller.http.headers["Authorization"]
    room = caller.call("room.create", name="Held back")["id"]
    said = ["".join(random.Random(n).choices(string.ascii_letters, k=15_000)) for n in range(600)]
    async with Tap(port) as tap:
        url, headers = f"ws://127.0.0.1:{tap.at}/ws/events", {"Authorization": token}
        async with websockets.connect(url, additional_headers=headers) as reader:
            await reader.send(json.dumps({"type": "room.join", "data": {"room_id": room}, "metadata": {"id": 1}}))
            while json.loads(await reader.recv())["metadata"].get("reply_to") != 1:
                pass
            tap.open.clear()
            for content in said:
                await asyncio.to_thread(caller.call, "chat.send", room_id=room, content=content)
            tap.open.set()
            heard, lags = [], []
            while len(heard) < len(said):
                frame = json.loads(await asyncio.wait_for(reader.recv(), PATIENCE_S))
                if frame["type"] == "chat.message":
                    heard.append(frame["data"]["content"])
                elif frame["type"] == "room.lag":
                    lags.append(frame["data"]["replayed"])
            assert heard == said, "something is missing, twice, or in another order"
            # What it catches up with comes from the store; then it is back, and what is said is deflated again.
            caller.call("chat.send", room_id=room, content="back")
            while (frame := json.loads(await asyncio.wait_for(reader.recv(), PATIENCE_S)))["type"] != "chat.message":
                lags += [frame["data"]["replayed"]] if frame["type"] == "room.lag" else []
            assert frame["data"]["content"] == "back" and sum(lags) > 0, lags
        (conversation,) = tap.conversations
        texts = [frame for frame in frames(conversation)[1] if frame[1] == 1]
        assert texts[-1][0], "the last one is deflated"
    print(f"held back: {len(heard)} messages heard, {sum(lags)} of them from the store")


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", default=ROOT / "target/debug/vizroom")
    program = parser.parse_args().server
    os.environ["VIZROOM_DEFAULT_TIER"] = "unlimited"
    os.environ["VIZROOM_LIMITS__ROOM_RING_BYTES_MAX"] = "200000"
    with tempfile.TemporaryDirectory() as folder, Server(program, pathlib.Path(folder)) as server:
        caller = Caller(server.base)
        await held("websockets (Python)", python_client, caller)
        await held("ws (npm)", node_client, caller)
        await held_back(caller)
    print("conformance: 3 passed, 0 failed")


if __name__ == "__main__":
    asyncio.run(main())
