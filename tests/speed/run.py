"""Times dashboards against DuckDB: the same queries on the same Parquet file, one after the other in one run.

    pip install -r tests/speed/requirements.txt && make release
    python tests/speed/run.py [--server PROGRAM] [--repeats 5] [--folder FOLDER] [cards filter upload …]

`lineitem` of TPC-H is uploaded to a fresh server; DuckDB reads the Parquet file that the server made of it. Each repeat is
a new server process and a new DuckDB connection, because a server remembers results; both have the file in the system's
cache, and the server has answered about another, tiny file. Prints a line per figure: ours, DuckDB's, ratio, goal.
"""
import argparse, json, pathlib, shutil, statistics, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "prompts"))
from run import ROOT, Caller, Server  # noqa: E402

PROMPT = "total l_extendedprice by l_shipmode, average l_quantity by l_returnflag, count by month of l_shipdate, top 10 l_suppkey by total l_extendedprice"
FILTER = {"l_shipinstruct": "DELIVER IN PERSON"}
MEMBERS = 50
TINY = "kind,n\na,1\nb,2\n"


def lineitem(folder, scale, kind):
    """TPC-H's largest table, 6 million rows for a scale of 1, as `kind` (parquet, csv)."""
    path = folder / f"lineitem-{scale}.{kind}"
    if not path.exists():
        out = folder / f"made-{scale}-{kind}"
        generator = pathlib.Path(sys.executable).parent / "tpchgen-cli"
        subprocess.run([generator, kind, "-s", str(scale), "--tables", "lineitem", "--output-dir", out], check=True)
        made, = (file for file in out.rglob(f"*.{kind}"))
        made.rename(path)
        shutil.rmtree(out)
    return path


class Desk:
    """A server whose data folder outlives its processes, with one file uploaded."""

    def __init__(self, program, folder):
        self.program, self.folder, self.caller = program, folder, None

    def __enter__(self):
        self.server = Server(self.program, self.folder).__enter__()
        if self.caller is None:
            self.caller = Caller(self.server.base)
            self.room = self.caller.call("room.create", name="Speed")["id"]
            tiny = self.folder / "tiny.csv"
            tiny.write_text(TINY)
            self.tiny = self.caller.upload(self.room, tiny, "tiny.csv")["id"]
        self.caller.base = self.server.base
        self.generate([self.tiny], "total n by kind")
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)

    def upload(self, path):
        """Streams the file, and answers its id once it can be queried, and the seconds that took."""
        started = time.perf_counter()
        status = subprocess.run(
            ["curl", "-sS", "-H", f"Authorization: {self.caller.http.headers['Authorization']}", "-F", f"room_id={self.room}",
             "-F", f"file=@{path};filename=lineitem{path.suffix}", self.server.base + "/server/data/upload"],
            capture_output=True, check=True, text=True)
        took = time.perf_counter() - started
        answer = json.loads(status.stdout)
        if not answer["success"]:
            sys.exit(f"the upload failed: {answer}")
        return answer["data"]["id"], took

    def stored(self):
        """The largest Parquet file that the server holds."""
        return max(self.folder.rglob("*.parquet"), key=lambda file: file.stat().st_size)

    @property
    def headers(self):
        return {"Content-Type": "application/json", "Authorization": self.caller.http.headers["Authorization"]}

    def connection(self):
        """To the server, by the least that speaks HTTP: with `requests` the client takes longer than the server."""
        http = HTTPConnection(self.server.base.removeprefix("http://"))
        http.connect()
        return http

    def generate(self, files, prompt):
        """The dashboard, the seconds until it was complete and until the first word of it."""
        request = {"room_id": self.room, "file_ids": files, "user_prompt": prompt, "max_charts": 4}
        http = self.connection()
        started, first = time.perf_counter(), None
        http.request("POST", "/dashboard/generate/stream", json.dumps(request), self.headers)
        answer = http.getresponse()
        while line := answer.readline():
            if line.startswith(b"data:"):
                first, last = first or time.perf_counter() - started, line
        took = time.perf_counter() - started
        http.close()
        last = json.loads(last[5:])
        if last["type"] != "complete":
            sys.exit(f"the stream ended with {last}")
        return last["result"]["session_id"], took, first

    def board(self, dashboard):
        cards = self.caller.call("dashboard.get", dashboard_id=dashboard)["cards"]
        failed = [card["error"] for card in cards if card.get("error")]
        if failed:
            sys.exit(f"cards failed: {failed}")
        return cards

    def filter(self, dashboard, **more):
        request = json.dumps({"session_id": dashboard, "filter_state": FILTER, **more})
        http = self.connection()
        started = time.perf_counter()
        http.request("POST", "/api/v1/call/dashboard.filter", request, self.headers)
        answer = http.getresponse().read()
        took = time.perf_counter() - started
        http.close()
        if not json.loads(answer)["success"]:
            sys.exit(f"the filter failed: {answer}")
        return took

    def queries_run(self):
        metrics = self.caller.http.get(self.server.base + "/metrics").text
        return sum(float(line.split()[-1]) for line in metrics.splitlines() if line.startswith('vizroom_queries_total{outcome="run"'))

    def peak_mb(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024


def duck(parquet, queries, condition="true"):
    """Seconds that DuckDB takes for all queries, one after the other, and how many rows they give."""
    con = duckdb.connect()
    con.execute(f"CREATE VIEW lineitem AS SELECT * FROM '{parquet}' WHERE {condition}")
    started = time.perf_counter()
    rows = [len(con.execute(sql).fetchall()) for sql in queries]
    return time.perf_counter() - started, rows


def show(what, ours, theirs, goal):
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    ratio = ours / theirs
    print(f"{what:44} {ours * 1e3:9.1f} ms   DuckDB {theirs * 1e3:9.1f} ms   {ratio:5.2f}   goal {goal}", flush=True)


def show_ms(what, seconds, goal):
    ms = [one * 1e3 for one in seconds]
    print(f"{what:44} {statistics.median(ms):9.1f} ms   (worst of {len(ms)}: {max(ms):.1f})   goal {goal}", flush=True)


def queries_of(cards):
    return [card["sql"] for card in cards if card.get("sql") and card["type"] != "insight"]


def cards(desk, data, repeats):
    """Four cards on a million rows, and the first word of them."""
    with desk:
        file, _ = desk.upload(lineitem(data, 0.1667, "parquet"))
    ours, theirs, first = [], [], []
    for _ in range(repeats):
        with desk:
            dashboard, took, began = desk.generate([file], PROMPT)
            queries = queries_of(desk.board(dashboard))
        assert len(queries) == 4, queries
        ours.append(took), first.append(began)
        theirs.append(duck(desk.stored(), queries)[0])
    show("4 cards, 1 M rows", ours, theirs, "1.5")
    show_ms("first event", first, "50 ms")


def filtered(desk, data, repeats):
    """A filter on ten million rows, the same again, and by many at once."""
    with desk:
        file, _ = desk.upload(lineitem(data, 1.667, "parquet"))
        dashboard, took, _ = desk.generate([file], PROMPT)
        queries = queries_of(desk.board(dashboard))
    print(f"4 cards, 10 M rows: {took * 1e3:.0f} ms; DuckDB {duck(desk.stored(), queries)[0] * 1e3:.0f} ms")
    condition = " AND ".join(f"{column} = '{value}'" for column, value in FILTER.items())
    ours, theirs, again, shared = [], [], [], []
    for _ in range(repeats):
        with desk:
            desk.caller.call("dashboard.filter", session_id=dashboard, filter_state={})
            ours.append(desk.filter(dashboard))
            again += [desk.filter(dashboard) for _ in range(20)]
            peak = desk.peak_mb()
        theirs.append(duck(desk.stored(), queries, condition)[0])
    show("filter of 4 cards, 10 M rows", ours, theirs, "1.3")
    show_ms("the same filter again", again, "5 ms")
    with desk:
        desk.caller.call("dashboard.filter", session_id=dashboard, filter_state={})
        before = desk.queries_run()
        with ThreadPoolExecutor(MEMBERS) as members:
            shared = list(members.map(lambda _: desk.filter(dashboard, private=True), range(MEMBERS)))
        ran = desk.queries_run() - before
    show_ms(f"{MEMBERS} at once: {ran:.0f} queries run", shared, "4 queries")
    print(f"  peak memory of the server {peak:.0f} MB")


def upload(desk, data, repeats):
    """A gigabyte of CSV until it can be queried."""
    csv = lineitem(data, 1.39, "csv")
    print(f"CSV of {csv.stat().st_size / 1e9:.2f} GB")
    ours, theirs = [], []
    for _ in range(max(1, repeats // 2)):
        with desk:
            before = desk.peak_mb()
            file, took = desk.upload(csv)
            peak = desk.peak_mb()
            desk.caller.call("file.delete", file_id=file)
        ours.append(took)
        con, target = duckdb.connect(), desk.folder / "theirs.parquet"
        started = time.perf_counter()
        con.execute(f"COPY (SELECT * FROM read_csv_auto('{csv}')) TO '{target}'")
        theirs.append(time.perf_counter() - started)
        target.unlink()
    show("1 GB CSV, uploaded and queryable", ours, theirs, "1.5")
    print(f"  peak memory of the server {peak:.0f} MB, {before:.0f} MB before")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["cards", "filtered", "upload"])
    parser.add_argument("--server", type=pathlib.Path, default=ROOT / "target/release/vizroom")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=pathlib.Path, help="keeps the generated data for the next run")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        data = args.folder or pathlib.Path(temporary)
        data.mkdir(parents=True, exist_ok=True)
        for part in args.parts:
            folder = pathlib.Path(temporary) / part
            folder.mkdir()
            {"cards": cards, "filtered": filtered, "upload": upload}[part](Desk(args.server.resolve(), folder), data, args.repeats)


if __name__ == "__main__":
    main()
