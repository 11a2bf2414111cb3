"""Asks DuckDB what the engine was asked: TPC-H and reports, over the same small tables, row by row.

    python tests/guard/check.py
"""

import json
import math
import os
import subprocess
import sys
import tempfile

import duckdb

TEST = ["cargo", "test", "--quiet", "--workspace", "--features", "vizroom-protocol/client", "--lib"]


def plain(value):
    """As the protocol writes values: dates as text, decimals as numbers, what is no number as null."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return float(value)


def day(value):
    """Midnight is its day: engines differ in what a month begins with."""
    return value.removesuffix("T00:00:00") if isinstance(value, str) else value


def same(a, b):
    a, b = day(plain(a)), day(plain(b))
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return a == b


def key(row):
    return [(value is None, str(round(value, 6) if isinstance(value, float) else value)) for value in map(day, map(plain, row))]


def main():
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "VIZROOM_ANSWERS": folder}
        subprocess.run([*TEST, "tpch_and_reports_run"], check=True, env=environment, stdout=subprocess.DEVNULL)
        other = duckdb.connect()
        for file in sorted(os.listdir(folder)):
            if file.endswith(".csv"):
                path = os.path.join(folder, file)
                other.execute(f"CREATE TABLE {file[:-4]} AS SELECT * FROM read_csv('{path}')")
        with open(os.path.join(folder, "answers.json"), encoding="utf-8") as answers:
            asked = json.load(answers)
    wrong = 0
    for answer in asked:
        expected = sorted(other.execute(answer["sql"]).fetchall(), key=key)
        rows = sorted(answer["rows"], key=key)
        alike = len(rows) == len(expected) and all(
            len(a) == len(b) and all(map(same, a, b)) for a, b in zip(rows, expected)
        )
        if not alike:
            wrong += 1
            print(answer["sql"], f"\n  here {rows[:3]}\n  DuckDB {expected[:3]}\n")
    print(f"{len(asked) - wrong} of {len(asked)} answers are DuckDB's")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
