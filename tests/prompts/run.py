"""Runs the table of prompts through a real server, and compares what every card shows with an independent engine.

    python tests/prompts/run.py [--server PROGRAM] [--held-out] [words…]

Needs `make page demo-data test-parts` and a built server. For each prompt the server, begun on an empty data folder, generates a
dashboard of the uploaded files over HTTP; DuckDB computes the expected rows from the original files. `card` in the
tables says what is expected; see check.py, which holds the planner alone against the same tables. With `--held-out` the
prompts kept aside run as well, and their share is told apart. Words select prompts that contain them. Every chart's spec is held against the Vega-Lite schema as well (tests/page/specs.mjs).
"""
import argparse, json, os, pathlib, subprocess, sys, tempfile, time, tomllib

import duckdb
import requests

from check import ABSENT, HERE, cases, cell, compare, name_of, tables, title_wrong

ROOT = HERE.parent.parent
FILES = ROOT / "examples/demo-data/files"
# What the tables call otherwise than the package that ships it.
SHIPPED_AS = {"superstore.csv": "SampleSuperstore.csv"}

# Shares that are right, in per cent; less fails.
FLOOR = {"developed": 82, "kept aside": 60, "kept aside, data known": 82}
# Prompts that are known to be answered wrongly, by table, and what they give instead. They count as wrong in the shares.
KNOWN_WRONG = json.loads((HERE / "known_wrong.json").read_text())

PATIENCE_S = 60


class Server:
    """The built server on a free port with an empty data folder, for as long as the `with` lasts."""

    def __init__(self, program, folder):
        if not os.access(program, os.X_OK):
            sys.exit(f"there is no server at {program}: run `cargo build` first")
        self.log = open(folder / "server.log", "w+")
        command = [program, "serve", "--listen", "127.0.0.1:0", "--data-dir", folder / "data"]
        # A test is quicker than the people that limits are made for.
        limits = {"VIZROOM_DEFAULT_TIER": "unlimited", "VIZROOM_TIERS__ANONYMOUS__REQUESTS_PER_MINUTE": "1000000"}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=folder, env=os.environ | limits)
        line = self.process.stdout.readline()
        if "http://" not in line:
            self.process.wait()
            sys.exit(f"the server did not start:\n{self.said()}")
        self.base = line[line.index("http://"):].strip()

    def said(self):
        self.log.seek(0)
        return self.log.read()[-4000:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.log.close()


class Refused(Exception):
    """The server answered with an error."""


class Caller:
    """Somebody with an account."""

    def __init__(self, base):
        self.base, self.http = base, requests.Session()
        account = {"email": "prompts@example.com", "password": "a long enough one", "name": "Prompts"}
        self.http.headers["Authorization"] = "Bearer " + self.post("/server/auth/register", json=account)["access_token"]

    def post(self, path, **body):
        answer = self.http.post(self.base + path, timeout=PATIENCE_S, **body).json()
        if not answer.get("success"):
            raise Refused(f"{path}: {answer.get('errors') or answer}")
        return answer["data"]

    def call(self, operation, **data):
        return self.post(f"/api/v1/call/{operation}", json=data)

    def upload(self, room_id, path, name):
        with open(path, "rb") as file:
            return self.post("/server/data/upload", files={"room_id": (None, room_id), "file": (name, file)})

    def generate(self, **request):
        """Every event of the stream, and the dashboard it ended with."""
        events = []
        with self.http.post(self.base + "/dashboard/generate/stream", json=request, stream=True, timeout=PATIENCE_S) as answer:
            if answer.status_code != 200:
                raise Refused(f"generate: {answer.status_code} {answer.text}")
            for line in answer.iter_lines():
                if line.startswith(b"data:"):
                    events.append(json.loads(line[5:]))
        if not events or events[-1]["type"] != "complete":
            raise Refused(f"the stream ended with {events[-1:]}")
        return events, self.call("dashboard.get", dashboard_id=events[-1]["result"]["session_id"])


class Table:
    """One data set: its prompts, its files in a room of their own, and the same files in DuckDB."""

    def __init__(self, path, caller):
        self.name, self.spec = str(path.relative_to(HERE).with_suffix("")), tomllib.loads(path.read_text())
        self.caller, self.con = caller, duckdb.connect()
        self.room = caller.call("room.create", name=self.name)["id"]
        self.files = []
        for file in self.spec["files"]:
            load(self.con, file)
            self.files.append(caller.upload(self.room, original(file), file)["id"])

    def expected(self, sql):
        return self.con.execute(sql).fetchall()

    def generate(self, prompt, max_charts=None):
        return self.caller.generate(room_id=self.room, file_ids=self.files, user_prompt=prompt, max_charts=max_charts)

    def card_wrong(self, want, card):
        """None if a card is as expected, else what is wrong with it."""
        if card.get("error"):
            return f"failed: {card['error']['message']}"
        if "type" in want and card["type"] not in want["type"]:
            return f"is a {card['type']}, not {' or '.join(want['type'])}"
        if wrong := title_wrong(want, card["title"]):
            return wrong
        labels = [channel["label"] for channel in channels(card) if "_" in channel["label"]]
        if labels:
            return f"names columns as the file does: {labels}"
        rows = [[cell(v) for v in row] for row in card["data"]["rows"]]
        return compare(want, rows, self.expected) if "sql" in want else None


def channels(card):
    encoding = card["encoding"]
    return [channel for channel in [encoding.get("x"), encoding.get("series"), *encoding.get("y", [])] if channel]


def load(con, file):
    """The file as DuckDB reads it by itself, under the name that queries use."""
    name, path = name_of(file), original(file)
    absent = f", nullstr = '{ABSENT[file]}'" if file in ABSENT else ""
    reader = f"read_json_auto('{path}')" if file.endswith("json") else f"read_csv_auto('{path}'{absent})"
    con.execute(f"CREATE TABLE {name} AS SELECT * FROM {reader}")
    for column, kind, *_ in con.execute(f"DESCRIBE {name}").fetchall():
        if kind == "JSON":  # numbers and texts in one column
            con.execute(f"""ALTER TABLE {name} ALTER "{column}" TYPE VARCHAR USING "{column}" ->> '$'""")


def original(file):
    name = SHIPPED_AS.get(file, file)
    for folder in (FILES, FILES / "more", HERE / "data"):
        if (folder / name).exists():
            return folder / name
    sys.exit(f"there is no {name} in {FILES} or {HERE / 'data'}: run `make demo-data test-parts` first")


def stray_insights(cards):
    """Sentences about charts come unasked, where there is room: they are not counted, but must speak of a chart there is."""
    known = {f"Insight: {card['title']}" for card in charts(cards)}
    stray = [c["title"] for c in cards if c["type"] == "insight" and (c["title"] not in known or not c["description"])]
    return f"{stray} speaks of nothing there" if stray else None


def charts(cards):
    return [card for card in cards if card["type"] != "insight"]


def titles(cards):
    return "; ".join(f"[{card['type']}] {card['title']} ({len(card['data']['rows'])} rows)" for card in cards) or "no cards"


def prompt_wrong(table, case):
    """What is wrong with the answer to a prompt, the cards it gave, and a word on them."""
    events, board = table.generate(case["ask"], case.get("max_charts"))
    cards = board["cards"]
    asked_back = [event for event in events if event["type"] == "clarification"]
    warnings = [event["message"] for event in events if event["type"] == "warning"]
    if asked_back:
        shown = f"asks back: {asked_back[0]['message']}"
    else:
        shown = titles(cards) + "".join(f" ⚠ {warning}" for warning in warnings)
    return judged(table, case, cards, asked_back, warnings), cards, shown


def judged(table, case, cards, asked_back, warnings):
    if stray := stray_insights(cards):
        return stray
    cards = charts(cards)
    if "or_card" in case and not asked_back:
        case = {"card": case["or_card"], "warns": -1}
    if "clarify" in case:
        missing = [word.lower() for event in asked_back for word in event["missing"]]
        absent = [word for word in case["clarify"] if not any(word in m for m in missing)]
        if cards or not asked_back:
            return "should have asked back"
        return f"names {missing} as missing, not {absent}" if absent else None
    if asked_back:
        return "asked back"
    if case.get("warns", 0 if case.get("card") else -1) not in (-1, len(warnings)):
        return f"{len(warnings)} warnings"
    if "count" in case:
        low, high = case["count"]
        kinds = {card["type"] for card in cards}
        if not low <= len(cards) <= high or len(kinds) < case.get("kinds", 1):
            return f"{len(cards)} cards of {len(kinds)} kinds"
        wrong = next((wrong for wrong in (table.card_wrong({}, card) for card in cards) if wrong), None)
        for want in case.get("among", []):
            wrongs = [table.card_wrong(want, card) for card in cards]
            if wrong is None and all(wrongs):
                wrong = "none of the cards is as expected: " + "; ".join(wrongs)
        return wrong
    wanted = case["card"]
    if len(cards) != len(wanted):
        return f"{len(cards)} cards instead of {len(wanted)}"
    for want, card in zip(wanted, cards):
        if wrong := table.card_wrong(want, card):
            return f"{card['key']} “{card['title']}” {wrong}\n{card['sql']}"
    return None


def refine_wrong(table, case):
    _, before = table.generate(case["start"])
    target = {"target_chart_id": case["target"]} if "target" in case else {}
    answer = table.caller.call("dashboard.refine", session_id=before["id"], new_feedback=case["say"], **target)
    after = table.caller.call("dashboard.get", dashboard_id=before["id"])
    if asked_back := answer.get("clarification"):
        same = before["cards"] == after["cards"] and before["revision"] == after["revision"]
        wrong = None if case["change"] == "clarify" and same else "asked back" if same else "asked back, and changed something"
        return wrong, after["cards"], f"asks back: {asked_back['message']}"
    stored = rows_of(answer["dashboard"]) == rows_of(after)
    wrong = "the reply is not what is stored"
    if stored:
        wrong = stray_insights(after["cards"]) or change_wrong(table, case, before, after)
    return wrong, after["cards"], "; ".join(answer["changes"]) + " → " + titles(after["cards"])


def change_wrong(table, case, before, after):
    old, new = ({card["key"]: card for card in charts(board["cards"])} for board in (before, after))
    removed = [key for key in old if key not in new]
    changed = [key for key in new if key in old and facts(new[key]) != facts(old[key])]
    added = [key for key in new if key not in old]
    did = [(what, *keys) for what, keys in (("remove", removed), ("replace", changed), ("add", added)) if keys]
    change = case["change"]
    if change == "theme":
        same_rows = rows_of(before) == rows_of(after)
        return None if after["theme"] == case["theme"] and same_rows else f"theme is {after['theme']}, did {did}"
    # A change of title is one of the card, in which nothing else differs.
    wanted = "replace" if change == "retitle" else change
    # What is asked for may be so already: then nothing differs, and the card is as it must be.
    if wanted == "replace" and not did and len(old) == 1:
        return table.card_wrong(case, *new.values())
    if len(did) != 1 or did[0][0] != wanted or len(did[0]) != 2 or case.get("key", did[0][1]) != did[0][1]:
        return f"did {did}, not {change} {case.get('key', '')}"
    if change == "remove":
        return None
    card = new[did[0][1]]
    if change == "retitle" and card["data"] != old[card["key"]]["data"]:
        return "changed more than the title"
    wrong = table.card_wrong(case, card)
    return wrong and f"{card['key']} “{card['title']}” {wrong}\n{card['sql']}"


def rows_of(board):
    return [(card["key"], card["data"]["columns"], rounded(card["data"]["rows"])) for card in board["cards"]]


def rounded(rows):
    """A number's last digit may change on its way through the store."""
    return [[float(f"{value:.14g}") if isinstance(value, float) else value for value in row] for row in rows]


def facts(card):
    seen = {name: card[name] for name in ("type", "title", "sql")}
    return seen | {"rows": rounded(card["data"]["rows"])}


def run(table, said, case):
    try:
        return (prompt_wrong if "ask" in case else refine_wrong)(table, case)
    except (Refused, requests.RequestException) as error:
        return str(error), [], ""


def specs_wrong(specs):
    """Holds the specs against the Vega-Lite schema; what is wrong, a line each."""
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as file:
        for where, card in specs:
            file.write(json.dumps({"where": where, "spec": card["spec"], "columns": card["data"]["columns"]}) + "\n")
        file.flush()
        done = subprocess.run(["node", ROOT / "tests/page/specs.mjs", file.name], stdout=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()
    return [] if done.returncode == 0 else lines or ["the check of the specs broke off"]


def shares(results, key):
    """Prints how many of each group are right, and answers the groups' shares in per cent."""
    found = {}
    for result in results:
        for group in key(result):
            right, total = found.get(group, (0, 0))
            found[group] = (right + (result["wrong"] is None), total + 1)
    for group, (right, total) in sorted(found.items(), key=lambda one: one[0].startswith(" ")):  # data sets last
        print(f"  {group:34} {right:3} of {total:3}  {100 * right / total:5.1f} %")
    return {group: 100 * right / total for group, (right, total) in found.items()}


def all_cases(server, words, held_out):
    caller = Caller(server.base)
    for path, share in tables(held_out):
        table = Table(path, caller)
        for said, case in cases(table.spec):
            if all(word.lower() in said.lower() for word in words):
                wrong, cards, shown = run(table, said, case)
                yield {"table": table.name, "said": said, "share": share, "kind": "prompts" if "ask" in case else "refinements",
                       "wrong": wrong, "cards": cards, "shown": shown}


def known(result):
    """What a prompt gives instead of what is right, if it is known to be wrong."""
    return KNOWN_WRONG.get(result["table"], {}).get(result["said"])


def show(result):
    mark = "right" if result["wrong"] is None else "known" if known(result) else "WRONG"
    print(f"{mark}  {result['table']:15}  {result['said']}\n         {result['shown']}", flush=True)
    if result["wrong"]:
        print("         ✗ " + result["wrong"].replace("\n", "\n           "), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument("--held-out", action="store_true", help="run the prompts kept aside as well")
    parser.add_argument("--server", type=pathlib.Path, default=ROOT / "target/debug/vizroom")
    args = parser.parse_args()
    started = time.monotonic()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with Server(args.server, folder) as server:
            for result in all_cases(server, args.words, args.held_out):
                show(result)
                results.append(result)
    specs = [(f"{r['said']} · {card['key']}", card) for r in results for card in r["cards"] if card.get("spec")]
    bad_specs = specs_wrong(specs)
    print(f"\n{len(specs)} specs, {len(bad_specs)} not as they should be", *bad_specs, sep="\n  ")
    print("\nright:")
    reached = shares(results, lambda r: ["all", r["share"], f"{r['kind']}, {r['share']}", f"  {r['table']}"])
    # What was kept aside is held to its share as a whole: a prompt of it that is wrong is no prompt to mend.
    watched = [r for r in results if r["share"] == "developed"]
    failed = [f"wrong: {r['said']}" for r in watched if r["wrong"] and not known(r)] + bad_specs
    if not args.words:
        few = [(group, floor) for group, floor in FLOOR.items() if reached.get(group, 100) < floor]
        failed += [f"{group}: {reached[group]:.1f} % is under {floor} %" for group, floor in few]
    for result in results:
        if lacks := known(result):
            print(f"known wrong: {result['said']}: {lacks}" if result["wrong"] else f"wrong no longer: {result['said']}")
    passed = sum(r["wrong"] is None for r in results) + len(specs) - len(bad_specs)
    print(*(f"FAIL {line}" for line in failed), f"in {time.monotonic() - started:.0f} s", sep="\n")
    print(f"{passed} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
