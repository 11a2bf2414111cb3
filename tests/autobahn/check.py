"""Judges a report of the Autobahn test suite: every case is passed, or says only how things are, or stands below."""
import collections, json, pathlib, sys

# Cases that may be passed non-strictly, each with the reason.
EXCEPTIONS = {}

report = pathlib.Path(sys.argv[1])
cases = json.loads((report / "index.json").read_text())["vizroom"]
counts = collections.Counter()
wrong = []
for name, case in sorted(cases.items(), key=lambda c: [int(part) for part in c[0].split(".")]):
    outcomes = {case["behavior"], case["behaviorClose"]}
    counts[case["behavior"]] += 1
    allowed = {"OK", "INFORMATIONAL"} | ({"NON-STRICT"} if name in EXCEPTIONS else set())
    if outcomes - allowed:
        detail = json.loads((report / case["reportfile"]).read_text())
        wrong.append(f"{name}: {case['behavior']} (close: {case['behaviorClose']}): {detail['result']} {detail['resultClose']}")
    elif name in EXCEPTIONS and "NON-STRICT" not in outcomes:
        wrong.append(f"{name} is passed strictly now: it is no exception any more")
print("\n".join(wrong))
print(f"autobahn: {len(cases)} cases, " + ", ".join(f"{n} {outcome}" for outcome, n in counts.most_common()))
sys.exit(bool(wrong or not cases))
