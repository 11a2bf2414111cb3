# Sourced by run.sh and smoke.sh: where things are, and the generator with vizroom among its targets.
# PEERBENCH: the folder of the load generator, which is not part of this repository. OUT: everything made here.
LOAD=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$LOAD/../.." && pwd)
PEERBENCH=${PEERBENCH:-$ROOT/../shared/bench}
OUT=${BENCH_WORK:-$ROOT/target/peerbench}
BUILT=$OUT/build/release

# Builds a copy of the generator that knows vizroom; leaves it alone if it is the same as last time.
generator() {
  local copy=$OUT/generator new=$OUT/generator.new
  rm -rf "$new"
  mkdir -p "$new"
  cp -r "$PEERBENCH"/harness/* "$LOAD/vizroom.rs" "$new"
  mv "$new/vizroom.rs" "$new/src"
  printf '\n[workspace]\n' >>"$new/Cargo.toml" # it may lie inside of ours
  insert 's/^pub mod target;$/&\npub mod vizroom;/' "$new/src/lib.rs"
  insert 's/^        _ => return None,$/        name => return crate::vizroom::from_name(name),/' "$new/src/target.rs"
  diff -rq -x Cargo.lock "$copy" "$new" >/dev/null 2>&1 || { rm -rf "$copy"; mv "$new" "$copy"; }
  rm -rf "$new"
  # Not ours to find fault with.
  (cd "$copy" && env -u RUSTC_WORKSPACE_WRAPPER CARGO_TARGET_DIR="$OUT/build" cargo build --release --quiet)
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
