# Sourced by run.sh and smoke.sh: where things are, and the generator with vizroom among its targets.
# PEERBENCH: the folder of the load generator, which is not part of this repository. OUT: everything made here.
LOAD=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$LOAD/../.." && pwd)
PEERBENCH=${PEERBENCH:-$ROOT/../shared/bench}
OUT=${BENCH_WORK:-$ROOT/target/peerbench}
BUILT=$OUT/build/release

# Builds a copy of the generator that knows vizroom.
generator() {
  local copy=$OUT/generator
  mkdir -p "$copy"
  rm -rf "$copy/src"
  cp -r "$PEERBENCH"/harness/. "$copy"
  cp "$LOAD/vizroom.rs" "$copy/src/"
  insert 's/^pub mod target;$/&\npub mod vizroom;/' "$copy/src/lib.rs"
  insert 's/^        _ => return None,$/        name => return crate::vizroom::from_name(name),/' "$copy/src/target.rs"
  (cd "$copy" && CARGO_TARGET_DIR="$OUT/build" cargo build --release --quiet)
}

# insert SCRIPT FILE: edits with sed, and fails where that changes nothing or more than one place.
insert() {
  local before=$2.before
  mv "$2" "$before"
  sed "$1" "$before" >"$2"
  [ "$(diff "$before" "$2" | grep -c '^>.*vizroom')" = 1 ] || { echo "the generator has changed: no single place for vizroom in $2" >&2; exit 1; }
  rm "$before"
}

# seed FOLDER [ARGS…]: users, rooms, memberships and tokens. In memory first: every row is a transaction of its own.
seed() {
  local folder=$1 memory; shift
  memory=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
  "$ROOT/target/debug/examples/load-seed" "$memory" "$@" || { rm -rf "$memory"; exit 1; }
  rm -rf "$folder"
  mkdir -p "$folder"
  mv "$memory"/* "$folder"
  rmdir "$memory"
}

# fresh FOLDER: a copy of the seeded data for one server.
fresh() {
  rm -rf "$1"
  cp -r "$LOAD_SEED" "$1"
}
