# Sourced by peerbench's lib.sh with the peer's name in $n: starts the server on a fresh copy of the seeded data.
# vizroom[-2cores][-pg][-durable]: the same server; the name says how many cores it gets, which database, and
# (for the generator's adapter) what a publish is.
ADDR=127.0.0.1:9112 TARGET=vizroom
case $n in *-durable) TARGET=vizroom-durable ;; esac
CORES=0
case $n in *-2cores*) CORES=0,1 ;; esac
DATABASE=
case $n in *-pg*) DATABASE=$(fresh_database) || return 1 ;; esac
fresh "$OUT/data"
# Its own settings only: every VIZROOM_* is one.
env $(env | sed -n 's/^\(VIZROOM_[A-Z_]*\)=.*/-u \1/p') taskset -c $CORES "$SERVER" serve --config "$LOAD/server.toml" \
  --listen $ADDR --data-dir "$OUT/data" ${DATABASE:+--database-url "$DATABASE"} >"$W/logs/$n.log" 2>&1 &
