#!/bin/bash
# A few seconds of load at a low rate: everything published must arrive, once, in order, also after a reconnect.
# Does nothing where the load generator is absent. The server: VIZROOM_BIN, or what `cargo build` made.
set -eu
. "$(dirname "$0")/common.sh"
[ -f "$PEERBENCH/lib.sh" ] || { echo "load smoke: skipped, there is no load generator at PEERBENCH=$PEERBENCH"; exit 0; }
SERVER=${VIZROOM_BIN:-$ROOT/target/debug/vizroom}
cargo build --quiet --manifest-path "$ROOT/Cargo.toml" --bin vizroom --example load-seed
generator
WORK=$(mktemp -d)
PID=
: >"$WORK/out"
trap 'kill $PID 2>/dev/null || true; rm -rf "$WORK"' EXIT
export LOAD_SEED=$WORK/seed
seed "$LOAD_SEED" --users 120 --rooms 20
fresh "$WORK/data"
env $(env | sed -n 's/^\(VIZROOM_[A-Z_]*\)=.*/-u \1/p') "$SERVER" serve --config "$LOAD/server.toml" \
  --listen 127.0.0.1:0 --data-dir "$WORK/data" >"$WORK/out" 2>"$WORK/log" &
PID=$!
until ADDR=$(sed -n 's#^vizroom listening on http://##p' "$WORK/out") && [ -n "$ADDR" ]; do
  kill -0 $PID 2>/dev/null || { echo "the server did not start:" >&2; cat "$WORK/log" >&2; exit 1; }
  sleep 0.05
done

bench() { # bench TARGET SCENARIO ARGS…
  local target=$1 scenario=$2; shift 2
  timeout 30 "$BUILT/peerbench" "$scenario" "$@" --target "$target" --addr "$ADDR" --pid $PID --secs 1 --warm 0.2 >>"$WORK/results"
}
timeout 30 "$BUILT/verify" --target vizroom --addr "$ADDR" --messages 500
timeout 30 "$BUILT/verify" --target vizroom-durable --addr "$ADDR" --messages 500
bench vizroom fanout --members 50 --pubs 8 --rate 40
bench vizroom-durable fanout --members 50 --pubs 8 --rate 40
bench vizroom fanout --rooms 20 --members 2 --pubs 2 --rate 200
bench vizroom-durable fanout --rooms 20 --members 2 --pubs 2 --rate 200
bench vizroom-ack fanout --rooms 20 --members 1 --pubs 1 --window 40 --case durable
bench vizroom-durable storm --rooms 4 --members 10
[ ! -s "$WORK/log" ] || { echo "the server complained:" >&2; head -20 "$WORK/log" >&2; exit 1; }
python3 "$LOAD/report.py" --check 6 "$WORK/results"
