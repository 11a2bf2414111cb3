"""What compression costs and saves: one room, many members, with and without.

    python tests/load/compression.py [--server PROGRAM] [--members 1000] [--messages 200] [--rate 20]

Members only count what they receive; the server's time is its own word, from /proc. Needs `make test-parts`.
"""
import argparse, base64, json, os, pathlib, selectors, socket, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests/prompts"))
from run import Caller, Server

WORDS = """the northern stores sold more than planned in every quarter but western margins fell and Anna asks which
products returns discounts and regions explain it please look at chart revenue by month grows 12 percent over 2025""".split()


def text(size, seed):
    """Sentences that are not all the same."""
    said = []
    while sum(map(len, said)) + len(said) < size:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        said.append(WORDS[(seed >> 33) % len(WORDS)])
    return " ".join(said)[:size]


class Member:
    def __init__(self, address, token, room, compression):
        self.socket = socket.create_connection(address)
        self.received = 0
        offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" if compression else ""
        self.socket.sendall((
            f"GET /ws/events HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{offer}"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n"
            f"Authorization: {token}\r\n\r\n").encode())
        self.until(b"connection.ready")
        self.call("room.join", room_id=room)
        self.until(b"reply")

    def call(self, kind, **data):
        payload = json.dumps({"type": kind, "data": data, "metadata": {"id": 1}}).encode()
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xFE" + len(payload).to_bytes(2, "big")
        self.socket.sendall(b"\x81" + size + bytes(4) + payload)

    def until(self, words):
        heard = b""
        while words not in heard:
            part = self.socket.recv(65536)
            assert part, heard
            heard += part


def measured(options, compression, size):
    """Bytes sent to the members, and the server's processor time in seconds."""
    with tempfile.TemporaryDirectory() as folder, Server(options.server, pathlib.Path(folder)) as server:
        caller = Caller(server.base)
        room = caller.call("room.create", name="Load")["id"]
        token, port = caller.http.headers["Authorization"], int(server.base.rsplit(":", 1)[1])
        members = [Member(("127.0.0.1", port), token, room, compression) for _ in range(options.members)]
        waiting = selectors.DefaultSelector()
        for member in members:
            member.socket.setblocking(False)
            waiting.register(member.socket, selectors.EVENT_READ, member)

        def read(until, enough=None):
            while (left := until - time.monotonic()) > 0:
                for key, _ in waiting.select(left):
                    key.data.received += len(key.fileobj.recv(262144))
                if enough and enough():
                    return

        read(time.monotonic() + 1)
        before, started = spent(server.process.pid), time.monotonic()
        for member in members:
            member.received = 0
        for n in range(options.messages):
            caller.call("chat.send", room_id=room, content=text(size, n))
            read(max(started + (n + 1) / options.rate, time.monotonic() + 0.001))
        last = -1
        while (now := sum(member.received for member in members)) != last:
            last = now
            read(time.monotonic() + 0.5)
        assert len({member.received for member in members}) == 1, "every member has received the same"
        return now, spent(server.process.pid) - before


def spent(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", default=ROOT / "target/debug/vizroom")
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20)
    options = parser.parse_args()
    os.environ["VIZROOM_DEFAULT_TIER"] = "unlimited"
    print("| body | compression | bytes per delivery | processor time per delivery |\n|---|---|---|---|")
    for size in (200, 2000):
        for compression in (False, True):
            sent, seconds = measured(options, compression, size)
            deliveries = options.members * options.messages
            print(f"| {size} B | {'on' if compression else 'off'} | {sent / deliveries:.0f} B |"
                  f" {1e6 * seconds / deliveries:.2f} µs |", flush=True)


if __name__ == "__main__":
    main()
