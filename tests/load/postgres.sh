# Sourced by run.sh: a PostgreSQL of our own, in a temporary folder, on a Unix socket, gone when its input ends.
PG_BIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
PG_KEEPER='
set -e
dir=$(mktemp -d)
trap '\''"$1/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1; rm -rf "$dir"'\'' EXIT
"$1/initdb" -D "$dir/data" -U postgres --auth=trust --no-locale -E UTF8 >/dev/null
"$1/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k $dir -c listen_addresses=" start >/dev/null
echo "$dir"
cat >/dev/null'

# Starts it (its cores are left to the system) and seeds a database that the servers get copies of.
start_postgres() {
  [ -n "$PG_BIN" ] || { echo "PostgreSQL is not installed (Debian: apt install postgresql)" >&2; exit 1; }
  local user=; [ "$(id -u)" = 0 ] && user="runuser -u postgres --"
  coproc KEEPER { cd / && exec $user sh -c "$PG_KEEPER" keeper "$PG_BIN"; }
  read -r PG_DIR <&"${KEEPER[0]}" || { echo "PostgreSQL did not start" >&2; exit 1; }
  "$PG_BIN/createdb" -h "$PG_DIR" -U postgres seed
  PG_SEED=$OUT/seed-pg
  # What is seeded need not survive a power cut.
  seed "$PG_SEED" --database-url "$(database_url seed)&options[synchronous_commit]=off"
}

export PGOPTIONS='-c client_min_messages=warning'
database_url() { echo "postgres://postgres@localhost/$1?host=$PG_DIR"; }

# A fresh copy of the seeded database; prints its address. That of the server before goes.
fresh_database() {
  "$PG_BIN/dropdb" -h "$PG_DIR" -U postgres --if-exists --force run &&
    "$PG_BIN/createdb" -h "$PG_DIR" -U postgres --template seed run && database_url run
}
