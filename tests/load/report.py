"""What the load generator measured (one JSON object a line), as one table in Markdown.

report.py RESULTS.jsonl              the table
report.py --line                     each line of standard input in short
report.py --half PEER RESULTS.jsonl  half of the peer's s1max, in messages/s
report.py --check N RESULTS.jsonl    fails unless there are N results and nothing was lost, doubled or out of order
"""
import json
import statistics
import sys

# Per case: (field, name, factor, digits, whether more is better)
RATE = ("deliv_s", "deliveries/s", 1, 0, True)
MESSAGES = ("msgs_s", "messages/s", 1, 0, True)
ACKNOWLEDGED = ("deliv_s", "acknowledged/s", 1, 0, True)
CPU = ("cpu_s_per_m", "CPU s per million", 1, 3, False)
P50 = ("p50_us", "p50 ms", 1e-3, 2, False)
P99 = ("p99_us", "p99 ms", 1e-3, 2, False)
OPENED = [("conns_s", "connects/s", 1, 0, True), ("mem_kib_per_conn", "KiB a connection", 1, 1, False),
          ("idle_cpu_pct", "idle CPU %", 1, 1, False)]
CASES = {
    "s1max": ("1 room × 1000, most", [RATE, CPU, P99]),
    "s1n100": ("1 room × 100, most", [RATE, CPU, P99]),
    "s1n10000": ("1 room × 10 000, most", [RATE, CPU, P99]),
    "s1rate": ("1 room × 1000, 50 messages/s", [CPU, P50, P99]),
    "s1half": ("1 room × 1000, half of its most", [CPU, P50, P99]),
    "r100": ("1 room × 100, 500 messages/s", [CPU, P50, P99]),
    "r10000": ("1 room × 10 000, 5 messages/s", [CPU, P50, P99]),
    "s2max": ("1000 rooms × 5, most", [MESSAGES, CPU, P99]),
    "s2rate": ("1000 rooms × 5, 5000 messages/s", [CPU, P50, P99]),
    "s3": ("10 000 idle", OPENED),
    "s3max": ("19 000 idle", OPENED),
    "s4": ("2000 cut off and back", [("total_ms", "ms until all are back", 1, 0, False),
                                     ("cpu_ms_per_client", "CPU ms a client", 1, 3, False),
                                     ("recovered", "recovered of 20 000", 1, 0, None)]),
    "durable": ("100 rooms × 1, stored, most", [ACKNOWLEDGED, CPU, P50, P99]),
}
BAD = ("failed", "lost", "gaps", "disorder", "mismatch", "closed", "refused", "with_duplicates")


def read(path):
    return [json.loads(line) for line in open(path) if line.startswith("{")]


def bad(result):
    """What a server may not do, with how often it did."""
    # Acknowledgements come as they are done; only events have an order.
    promised = [k for k in BAD if result["case"] != "durable" or k not in ("gaps", "disorder")]
    found = {k: result[k] for k in promised if result.get(k)}
    if result.get("recovers") and result["recovered"] != result["missed_needed"]:
        found["not recovered"] = result["missed_needed"] - result["recovered"]
    if result.get("scenario") == "fanout" and not result.get("samples"):
        found["failed"] = "nothing was timed"
    return found


def starved(result):
    """Whether a closed loop was held up by neither end, nor by a disk: somebody else had the cores."""
    if result["label"].endswith("-durable"):
        return False
    return result.get("window", 0) > 0 and result["server_cpu_pct"] < 60 and result["gen_busy_pct"] < 60


def values(results, case, peer, field):
    return [r[field] for r in results if r["case"] == case and r["label"] == peer and field in r]


def number(v, digits):
    return f"{v:,.{digits}f}".replace(",", " ")


def cell(v, factor, digits):
    if not v:
        return "–"
    middle = statistics.median(v) * factor
    spread = (max(v) - min(v)) / 2 * factor / middle * 100 if len(v) > 1 and middle else 0
    return number(middle, digits) + (f" ±{spread:.0f}%" if spread >= 0.5 else "")


def table(results):
    labels = list(dict.fromkeys(r["label"] for r in results))
    ours = [p for p in labels if p.startswith("vizroom")]
    ceilings = [p for p in labels if p.startswith("limit")]
    # `proto` is a sketch: no rights, no store, nothing but the fan-out. A mark to aim at, not a peer.
    peers = [p for p in labels if p not in ours and p not in ceilings and p != "proto"]
    labels = [p for p in labels if p not in ours] + ours
    head = ["case", "measure", *[h for p in labels for h in ([p, "÷ best · ceiling"] if p in ours else [p])]]
    lines = ["| " + " | ".join(head) + " |", "|---|---|" + "---:|" * (len(head) - 2)]
    for case in [c for c in CASES if any(r["case"] == c for r in results)]:
        about, measures = CASES[case]
        for field, name, factor, digits, more in measures:
            found = {p: values(results, case, p, field) for p in labels}
            middle = {p: statistics.median(v) for p, v in found.items() if v}
            # Coming back is another thing with what was missed than without.
            alike = [p for p in peers if p in middle and (case != "s4" or any(values(results, case, p, "recovers")))]
            best = (max if more else min)([middle[p] for p in alike], default=None)
            ceiling = next((middle[p] for p in ceilings if p in middle and case != "s4"), None)

            def over(p, other):
                return f"{middle[p] / other:.2f}" if p in middle and other and more is not None else "–"

            row = [about, name]
            for p in labels:
                row.append(cell(found[p], factor, digits))
                if p in ours:
                    row.append(f"{over(p, best)} · {over(p, ceiling)}")
            lines.append("| " + " | ".join(row) + " |")
            about = ""
    runs = max(len(values(results, c, p, "case")) for c in CASES for p in labels)
    lines += ["", f"Medians of up to {runs} runs, ± half their range. ÷ best · ceiling: the best of those that are neither `limit-…` (the "
              "ceiling) nor `proto` (a sketch without rights or store); above 1 is better for rates, below 1 for all else."]
    for r in (r for r in results if bad(r)):
        lines.append(f"- {r['label']}, {r['case']}: " + ", ".join(f"{k} {v}" for k, v in bad(r).items()))
    if any(map(starved, results)):
        lines.append("- The machine was busy with something else: in some closed loops neither end was; only CPU figures hold.")
    return "\n".join(lines)


def short(result):
    fields = "deliv_s msgs_s p50_us p99_us cpu_s_per_m server_cpu_pct gen_busy_pct conns_s mem_kib_per_conn total_ms recovered"
    known = [f"{k}={result[k]:.6g}" for k in fields.split() if k in result]
    return " ".join([f"{result['label']:<24} {result['case']:<8}", *known, *[f"{k}={v}!" for k, v in bad(result).items()]])


def main():
    match sys.argv[1:]:
        case ["--line"]:
            for line in sys.stdin:
                print(short(json.loads(line)) if line.startswith("{") else line.rstrip(), file=sys.stderr)
        case ["--half", peer, path]:
            most = values(read(path), "s1max", peer, "msgs_s")
            print(statistics.median(most) / 2 if most else 1)
        case ["--check", count, path]:
            results = read(path)
            wrong = [short(r) for r in results if bad(r)]
            if len(results) != int(count):
                wrong.append(f"{len(results)} results of {count}")
            if wrong:
                sys.exit("load smoke: FAILED\n" + "\n".join(wrong))
            print(f"load smoke: {count} scenarios, nothing lost, doubled or out of order")
        case [path]:
            print(table(read(path)))
        case _:
            sys.exit(__doc__)


main()
