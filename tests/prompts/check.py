"""Runs the table of prompts against the planner alone, without a server.

    python tests/prompts/check.py DATA_FOLDER [--held-out] [--tables FOLDER] [--plan PATH] [--engine duckdb|datafusion] [-v] [words…]

DATA_FOLDER holds the files the tables name (see README.md). Needs duckdb, and datafusion for the other engine.
The planner is `cargo run --example plan`, or the program given with --plan. Words select prompts that contain them.
"""
import argparse, datetime, decimal, json, math, pathlib, subprocess, sys, tomllib

import duckdb

HERE = pathlib.Path(__file__).parent

# What stands for an absent number there.
ABSENT = {"flights.csv": "NA", "weather.csv": "NA"}


def tables(held_out, folder=HERE):
    """The files of the table, and the share each belongs to: those kept aside are not looked at while the planner is developed."""
    shares = {"*.toml": "developed"} | ({"held/*.toml": "kept aside", "held/known/*.toml": "kept aside, data known"} if held_out else {})
    return [(path, share) for pattern, share in shares.items() for path in sorted(folder.glob(pattern))]


def cases(spec):
    """Each prompt and each refinement of a file, with what is said; `also` are other ways to say the same."""
    for case in spec.get("prompt", []):
        for ask in [case["ask"], *case.get("also", [])]:
            yield ask, case | {"ask": ask}
    for case in spec.get("refine", []):
        for say in [case["say"], *case.get("also", [])]:
            yield f"{case['start']} → {say}", case | {"say": say}


def title_wrong(want, title):
    """None if a title says what it must, in words for people."""
    said = title.lower()
    wanted = want.get("title", [])
    absent = [word for word in ([wanted] if isinstance(wanted, str) else wanted) if word.lower() not in said]
    if absent or "_" in title:
        return f"is called “{title}”" + (f", without {' and '.join(absent)}" if absent else "")
    return None


def name_of(file):
    stem = file.split(".")[0]
    return "".join(c if c.isalnum() else "_" for c in stem.lower())


def load(con, folder, file):
    """The file as DuckDB reads it, `raw` for the expectations; text dates made dates for the profile and the plan."""
    name, path = name_of(file), folder / file
    reader = "read_json_auto" if file.endswith("json") else "read_csv_auto"
    absent = f", nullstr = ['', '{ABSENT[file]}']" if file in ABSENT else ""
    con.execute(f"""CREATE SCHEMA IF NOT EXISTS raw; CREATE SCHEMA IF NOT EXISTS typed""")
    con.execute(f'CREATE OR REPLACE TABLE raw."{name}" AS SELECT * FROM {reader}(\'{path}\'{absent})')
    parts = []
    for column, kind, *_ in con.execute(f'DESCRIBE raw."{name}"').fetchall():
        q = '"' + column.replace('"', '""') + '"'
        if kind == "JSON":
            con.execute(f"""ALTER TABLE raw."{name}" ALTER {q} TYPE VARCHAR USING {q} ->> '$'""")
            parts.append(q)
        elif kind == "VARCHAR":
            good, full = con.execute(f"""SELECT count(try_strptime({q}, '%b %d %Y')), count({q}) FROM raw."{name}" """).fetchone()
            if full and good == full:
                parts.append(f"CAST(strptime({q}, '%b %d %Y') AS DATE) AS {q}")
            else:
                parts.append(q)
        elif "TIMESTAMP" in kind:
            parts.append(f"CAST({q} AS TIMESTAMP) AS {q}")
        elif kind == "DOUBLE" or kind.startswith("DECIMAL"):
            parts.append(f"CAST({q} AS DOUBLE) AS {q}")
        else:
            parts.append(q)
    con.execute(f'CREATE OR REPLACE TABLE typed."{name}" AS SELECT {", ".join(parts)} FROM raw."{name}"')
    return name


KINDS = {"BOOLEAN": "boolean", "DATE": "date", "VARCHAR": "text", "DOUBLE": "number"}


def plain(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value


def profile(con, name):
    columns = []
    rows = con.execute(f'SELECT count(*) FROM typed."{name}"').fetchone()[0]
    for column, kind, *_ in con.execute(f'DESCRIBE typed."{name}"').fetchall():
        q = '"' + column.replace('"', '""') + '"'
        kind = "timestamp" if "TIMESTAMP" in kind else KINDS.get(kind, "integer" if "INT" in kind else "text")
        mean = f"avg({q})" if kind in ("integer", "number") else "NULL"
        distinct, nulls, low, high, mean = con.execute(
            f'SELECT count(DISTINCT {q}), count(*) - count({q}), min({q}), max({q}), {mean} FROM typed."{name}"').fetchone()
        top = con.execute(f'SELECT {q} FROM typed."{name}" WHERE {q} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {2000 if kind == "text" and distinct <= 2000 else 50}').fetchall()
        columns.append({"name": column, "type": kind, "nulls": nulls, "distinct": distinct, "min": plain(low),
                        "max": plain(high), "mean": mean, "top": [plain(t[0]) for t in top]})
        columns[-1] = {k: v for k, v in columns[-1].items() if v is not None}
    return {"name": name, "rows": rows, "columns": columns}


def cell(value):
    value = plain(value)
    if isinstance(value, str) and value.endswith("T00:00:00"):
        return value[:10]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return float(value) if not isinstance(value, (list, dict)) else str(value)


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, str) and isinstance(b, str):
        return a.strip() == b.strip()
    return a == b


def sort_key(row):
    return tuple((0, "") if v is None else (1, f"{v:.9g}") if isinstance(v, float) else (2, str(v)) for v in row)


def equal(got, want, ordered):
    if len(got) != len(want):
        return f"{len(got)} rows instead of {len(want)}"
    width = len(want[0]) if want else 0
    got = [r[:width] for r in got]
    if not ordered:
        got, want = sorted(got, key=sort_key), sorted(want, key=sort_key)
    for g, w in zip(got, want):
        if len(g) != len(w) or not all(same(a, b) for a, b in zip(g, w)):
            return f"{g} instead of {w}"
    return None


def compare(card, rows, run):
    """None if the rows are what the card's query gives, else the first difference."""
    wrong = None
    for sql in [card["sql"], *card.get("or", [])]:
        want = [[cell(v) for v in r] for r in run(sql)]
        check = card.get("check", "equal")
        if check == "equal":
            wrong = equal(rows, want, card.get("ordered", False))
        elif check == "total":
            total = sum(r[-1] for r in rows)
            wrong = None if total == want[0][0] else f"bins hold {total} of {want[0][0]}"
        elif check == "subset":
            all_rows = {sort_key(r) for r in want}
            width = len(want[0])
            stray = [r for r in rows if sort_key(r[:width]) not in all_rows]
            wrong = "no rows" if not rows else f"{stray[0]} is no row of the data" if stray else None
        if wrong is None:
            return None
    return wrong


class Planner:
    def __init__(self, program):
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


class Table:
    def __init__(self, path, folder, engine):
        self.spec = tomllib.loads(path.read_text())
        self.con = duckdb.connect()
        names = [load(self.con, folder, f) for f in self.spec["files"]]
        self.profiles = [profile(self.con, n) for n in names]
        self.engine = engine
        if engine == "datafusion":
            import datafusion
            self.df = datafusion.SessionContext()
            for n in names:
                t = self.con.execute(f'SELECT * FROM typed."{n}"').to_arrow_table()
                self.df.register_record_batches(n, [t.to_batches()])

    def expected(self, sql):
        self.con.execute("SET search_path = 'raw'")
        return self.con.execute(sql).fetchall()

    def planned(self, sql):
        if self.engine == "datafusion":
            table = self.df.sql(sql).to_arrow_table()
            rows = zip(*[c.to_pylist() for c in table.columns]) if table.num_columns else []
        else:
            self.con.execute("SET search_path = 'typed'")
            rows = self.con.execute(sql).fetchall()
        return [[cell(v) for v in r] for r in rows]

    def knows_date(self, column):
        return any(c["name"] == column and c["type"] in ("date", "timestamp") for p in self.profiles for c in p["columns"])


def check_card(table, card, goal, sql):
    if "type" in card and goal["kind"] not in card["type"]:
        return f"is a {goal['kind']}, not {' or '.join(card['type'])}"
    if wrong := title_wrong(card, goal["title"]):
        return wrong
    try:
        rows = table.planned(sql)
    except Exception as error:
        return f"{error} in {sql}"
    if "sql" not in card:
        return None
    wrong = compare(card, rows, table.expected)
    return wrong and f"{wrong}\n        {sql}"


def check_prompt(table, case, answer):
    plan = answer["plan"]
    asked_back = plan.get("clarification")
    if "or_card" in case and not asked_back:
        case = {"card": case["or_card"], "warns": -1}
    if "clarify" in case:
        if not asked_back:
            return "was answered: " + "; ".join(g["title"] for g in plan["goals"])
        missing = [m.lower() for m in asked_back["missing"]]
        absent = [w for w in case["clarify"] if not any(w.lower() in m for m in missing)]
        return f"names {missing} as missing, not {absent}" if absent else None
    if asked_back:
        return "asked back: " + asked_back["message"]
    warns = case.get("warns", 0 if case.get("card") else -1)
    if "warns" in case and warns >= 0 and len(plan["warnings"]) != warns:
        return f"{len(plan['warnings'])} warnings: {plan['warnings']}"
    if "count" in case:
        low, high = case["count"]
        kinds = {g["kind"] for g in plan["goals"]}
        if not low <= len(plan["goals"]) <= high or len(kinds) < case.get("kinds", 1):
            return f"{len(plan['goals'])} cards of kinds {sorted(kinds)}"
        for goal, sql in zip(plan["goals"], answer["sql"]):
            wrong = check_card(table, {}, goal, sql)
            if wrong:
                return wrong
        for card in case.get("among", []):
            wrongs = [check_card(table, card, goal, sql) for goal, sql in zip(plan["goals"], answer["sql"])]
            if all(wrongs):
                return "none of the cards is as expected: " + "; ".join(wrongs)
        return None
    cards = case["card"]
    if len(plan["goals"]) != len(cards):
        return f"{len(plan['goals'])} cards instead of {len(cards)}: " + "; ".join(g["title"] for g in plan["goals"])
    for n, (card, goal, sql) in enumerate(zip(cards, plan["goals"], answer["sql"]), 1):
        wrong = check_card(table, card, goal, sql)
        if wrong:
            return f"card {n} “{goal['title']}” {wrong}"
    return None


def check_refine(table, case, answer):
    refinement = answer["refinement"]
    changes = refinement["changes"]
    if case["change"] == "clarify":
        return None if refinement["clarification"] and not changes else f"changed {[c['said'] for c in changes]}"
    if refinement["clarification"]:
        return "asked back: " + refinement["clarification"]["message"]
    if len(changes) != 1 or changes[0]["change"] != case["change"]:
        return f"did {[(c['change'], c['said']) for c in changes]}"
    change = changes[0]
    for field in ("key", "theme", *(["title"] if case["change"] == "retitle" else [])):
        wanted = case.get(field)
        if field in case and change.get(field) not in (wanted if isinstance(wanted, list) else [wanted]):
            return f"{field} is {change.get(field)!r}"
    if "goal" not in change:
        return None
    wrong = check_card(table, case, change["goal"], answer["refined_sql"][0])
    return wrong and f"“{change['goal']['title']}” {wrong}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--tables", type=pathlib.Path, default=HERE, help="another folder of prompts")
    parser.add_argument("--plan", default="cargo run -q --example plan")
    parser.add_argument("--engine", choices=["duckdb", "datafusion"], default="duckdb")
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    planner = Planner(args.plan.split())
    passed, total = {}, {}
    for path, share in tables(args.held_out, args.tables):
        table = Table(path, args.folder, args.engine)
        for said, case in cases(table.spec):
            kind = "prompt" if "ask" in case else "refine"
            if not all(w.lower() in said.lower() for w in args.words):
                continue
            if "needs" in case and not table.knows_date(case["needs"]):
                continue
            request = {"datasets": table.profiles, "prompt": case.get("ask") or case["start"], "max_charts": case.get("max_charts")}
            if kind == "refine":
                request |= {"feedback": case["say"], "target": case.get("target")}
            answer = planner.ask(**request)
            wrong = (check_prompt if kind == "prompt" else check_refine)(table, case, answer)
            total[kind, share] = total.get((kind, share), 0) + 1
            passed[kind, share] = passed.get((kind, share), 0) + (wrong is None)
            if wrong:
                print(f"FAIL {path.stem}: {said}\n     {wrong}")
            if args.v:
                goals = answer["plan"]["goals"] if kind == "prompt" else [c["goal"] for c in answer["refinement"]["changes"] if "goal" in c]
                print(f"     {'ok  ' if not wrong else ''}{said}")
                for goal, sql in zip(goals, answer["sql"] if kind == "prompt" else answer["refined_sql"]):
                    print(f"       [{goal['kind']}] {goal['title']} — {goal['description']}\n         {sql}")
                if kind == "refine":
                    print("      ", [c["said"] for c in answer["refinement"]["changes"]], answer["refinement"]["clarification"])
                elif answer["plan"]["clarification"]:
                    print("      ", answer["plan"]["clarification"])
                elif answer["plan"]["warnings"]:
                    print("      ", answer["plan"]["warnings"])
    for key in sorted(total):
        print(f"{key[0]:7} {key[1]:22} {passed[key]}/{total[key]}")
    sys.exit(passed != total)


if __name__ == "__main__":
    main()
