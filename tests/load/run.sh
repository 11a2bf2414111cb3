#!/bin/bash
# Measures vizroom and its peers side by side, in one run, on this machine, over loopback; prints one table.
#   tests/load/run.sh [-r REPEATS] [-s "CASES"] [-o RESULTS.jsonl] [PEER…]
# Peers: those of the generator (limit-auto is the ceiling), and vizroom[-2cores][-pg][-durable]:
#   vizroom           passing events (presence.signal), which is what the peers offer
#   vizroom-durable   chat messages: stored, then told
# The server is pinned to core 0, the generator to core 1; vizroom-2cores has both. Cases, with members × rooms:
#   s1max    1000 × 1, closed loop: sustained maximum     s1rate   50 messages/s: latency, CPU      s1half  half of s1max
#   s1n100, s1n10000  s1max with 100 and 10 000 members   r100, r10000  50 000 deliveries/s with 100 and 10 000
#   s2max    5 × 1000, closed loop                        s2rate   5000 messages/s
#   s3       10 000 idle connections (s3max: 19 000)      s4       2000 clients cut off, 10 messages missed, reconnect
#   durable  1 × 100, closed loop: messages acknowledged, which is to say stored (only …-durable)
# In the environment: PEERBENCH the generator's folder, BENCH_WORK where things are built, VIZROOM_BIN the server (built
# with the profile `load` if absent), WINDOW the messages in flight of the closed loops.
set -u
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/postgres.sh"
[ -f "$PEERBENCH/lib.sh" ] || {
  echo "The load generator is not there: PEERBENCH=$PEERBENCH. It is no part of this repository; name its folder." >&2
  exit 1
}
. "$PEERBENCH/lib.sh"

REPEATS=3 CASES="s3 s1rate s1max s1half s2max s2rate s4 durable" RESULTS=
while getopts r:s:o: flag; do
  case $flag in r) REPEATS=$OPTARG ;; s) CASES=$OPTARG ;; o) RESULTS=$OPTARG ;; *) exit 2 ;; esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- limit-auto uwsjs nchan proto vizroom vizroom-durable
mkdir -p "$OUT/results"
RESULTS=${RESULTS:-$OUT/results/$(date +%Y%m%d-%H%M%S).jsonl}

# What is missing of the peers is built and installed by their own script.
peers() {
  local n missing=
  [ -x "$BENCH/limit" ] || missing=limit
  for n; do
    case $n in
      uwsjs | ws | socketio*) [ -d "$W/node/node_modules" ] || missing+=" $n" ;;
      nchan) [ -f "$W/nginx.conf" ] || missing+=" $n" ;;
      proto | naive*) [ -x "$BENCH/${n%-feed}" ] || missing+=" $n" ;;
    esac
  done
  [ -z "$missing" ] || "$PEERBENCH/setup.sh" $missing
}

server() {
  SERVER=${VIZROOM_BIN:-$ROOT/target/load/vizroom}
  cargo build --quiet --manifest-path "$ROOT/Cargo.toml" --example load-seed || exit 1
  [ -n "${VIZROOM_BIN:-}" ] || cargo build --quiet --manifest-path "$ROOT/Cargo.toml" --profile load || exit 1
  seed "$OUT/seed"
}

# Replaces lib.sh's: our generator, and a core of its own where there is one.
bench() {
  local core=1
  case $n in *-2cores*) [ "$(nproc)" -gt 2 ] && core=2 ;; esac
  taskset -c $core timeout 180 "$BUILT/peerbench" "$@" --target $TARGET --addr $ADDR --pid $PID --label $n --case $c
}

# Messages in flight: the best of 32, 128, 512 for each.
window() {
  case $n in vizroom*) echo "${WINDOW:-512}" ;; *) win $n ;; esac
}

half_of_max() {
  python3 "$LOAD/report.py" --half "$n" "$RESULTS"
}

# One run of case $c on the server that is up.
measure() {
  case $c in
    s1max) bench fanout --window $(window) --warm 1 ;;
    s1rate) bench fanout --rate 50 --warm 1 ;;
    s1half) bench fanout --rate $(half_of_max) --warm 1 ;;
    s1n100) bench fanout --members 100 --pause-us 100 --window $(window) --warm 1 ;;
    s1n10000) bench fanout --members 10000 --window 64 --warm 2 ;;
    r100) bench fanout --members 100 --rate 500 --warm 1 ;;
    r10000) bench fanout --members 10000 --rate 5 --warm 2 ;;
    s2max) bench fanout --rooms 1000 --members 5 --pubs 5 --window 2000 --warm 1 ;;
    s2rate) bench fanout --rooms 1000 --members 5 --pubs 5 --rate 5000 --warm 1 ;;
    s3) bench idle --conns 10000 ;;
    s3max) bench idle --conns 19000 ;;
    s4) # only what is stored, or kept, can be missed
      case $n in nchan) TARGET=nchan-rec ;; vizroom*) TARGET=vizroom-durable ;; esac
      bench storm ;;
    durable)
      TARGET=vizroom-ack
      bench fanout --rooms 100 --members 1 --pubs 1 --window ${WINDOW:-4000} --pause-us 100 --warm 1 ;;
    *) echo "unknown case $c" >&2 ;;
  esac | tee -a "$RESULTS" | python3 "$LOAD/report.py" --line
}

# Whether case $c says something about peer $n.
applies() {
  case $n:$c in
    vizroom*-durable:durable) ;;
    *:durable | vizroom*-durable:s3* | vizroom*-durable:s4) return 1 ;;
  esac
}

up() {
  local t=${BENCH_TARGETS:-}
  case $n in vizroom*) t=$LOAD/targets ;; esac
  export LOAD_SEED=$OUT/seed
  case $n in *-pg*) LOAD_SEED=$PG_SEED ;; esac
  BENCH_TARGETS=$t start $n
}

generator || exit 1
peers "$@" || exit 1
server
case " $* " in *-pg*) start_postgres ;; esac
trap '[ -z "${PID:-}" ] || stop' EXIT

# Repeats are outermost: a machine that changes meanwhile changes for all.
for _ in $(seq $REPEATS); do
  for n; do
    for c in $CASES; do
      case $c in s3*) applies && up && { measure; stop; } ;; esac
    done
    up || continue
    for c in $CASES; do
      case $c in s3*) ;; *) applies && measure ;; esac
    done
    stop
    PID=
  done
done
python3 "$LOAD/report.py" "$RESULTS"
