#!/bin/bash
# Holds the codec, the negotiation and the reactor (src/room/examples/echo.rs) against the Autobahn test suite.
#
#     tests/autobahn/run.sh [all]
#
# Without `all`, what takes less than a minute: all of the protocol, and of limits and compression a few of each.
# The suite is a program for Python 2.7, whatever its version number; where there is none, nothing is tested.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
PARTS=$ROOT/target/autobahn
# The first that is there by name may be a stand-in that leads nowhere.
PYTHON=
for candidate in python2.7 "$HOME"/.pyenv/versions/2.7*/bin/python2.7; do
  if "$candidate" -c 'import zlib, ssl' 2>/dev/null; then PYTHON=$candidate; break; fi
done
[ -n "$PYTHON" ] || { echo "autobahn: skipped, there is no Python 2.7"; exit 0; }

if ! [ -e "$PARTS/.ready" ]; then
  rm -rf "$PARTS/lib"
  "$PYTHON" -m pip install --quiet --no-warn-script-location --target "$PARTS/lib" -r "$HERE/requirements.txt" 2>&1 |
    { grep -v -e DEPRECATION -e 'newer pip' -e "upgrading via" -e "already exists" || true; }
  # A namespace package, which pip does not finish in a folder of its own.
  touch "$PARTS/lib/zope/__init__.py" "$PARTS/.ready"
fi

cargo build --quiet --manifest-path "$ROOT/Cargo.toml" --workspace --features vizroom-protocol/client --example echo
WORK=$(mktemp -d)
"$ROOT/target/debug/examples/echo" >"$WORK/address" 2>"$WORK/log" &
PID=$!
trap 'kill $PID 2>/dev/null || true; rm -rf "$WORK"' EXIT
until [ -s "$WORK/address" ]; do
  kill -0 $PID 2>/dev/null || { cat "$WORK/log" >&2; exit 1; }
  sleep 0.05
done

case ${1:-some} in
  all) CASES='"*"' ;;
  some) CASES='"1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*", "9.1.1", "9.2.1", "9.3.4", "9.5.6", "9.7.1", "9.8.1",
    "12.1.1", "12.1.4", "12.2.4", "12.1.11", "13.1.4", "13.2.4", "13.3.4", "13.4.4", "13.5.4", "13.6.4", "13.7.4"' ;;
  *) echo "usage: $0 [all]" >&2; exit 2 ;;
esac
cat >"$WORK/spec.json" <<SPEC
{"outdir": "$WORK/report", "cases": [$CASES], "exclude-cases": [], "exclude-agent-cases": {},
 "servers": [{"agent": "vizroom", "url": "$(cat "$WORK/address")", "options": {"version": 18}}]}
SPEC
PYTHONPATH=$PARTS/lib "$PYTHON" -W ignore -c 'from autobahntestsuite.wstest import run; run()' \
  -m fuzzingclient -s "$WORK/spec.json" >"$WORK/suite.log" 2>&1 || { tail -20 "$WORK/suite.log" >&2; exit 1; }
[ ! -s "$WORK/log" ] || { echo "the server complained:" >&2; head -20 "$WORK/log" >&2; exit 1; }
python3 "$HERE/check.py" "$WORK/report"
