#!/bin/bash
# Every route of /openapi.json, called with what its description allows and what it does not (schemathesis): no failure of
# ours, no answer that is not described, none of another shape. A minute; `tests/http/run.sh all` takes hundreds of examples
# a route, for at most so many seconds as a second word says. VIZROOM_BIN names the server, or it is what `cargo build` made.
set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
SERVER=${VIZROOM_BIN:-$ROOT/target/debug/vizroom}
SEED=${VIZROOM_SEED:-20260101}
case ${1:-few} in
  all) examples=300 seconds=${2:-3600} ;;
  *) examples=6 seconds=60 ;;
esac
WORK=$(mktemp -d)
PID=
trap 'kill $PID 2>/dev/null || true; rm -rf "$WORK"' EXIT
: >"$WORK/out"
env $(env | sed -n 's/^\(VIZROOM_[A-Z_]*\)=.*/-u \1/p') "$SERVER" serve --config "$ROOT/tests/http/server.toml" --listen 127.0.0.1:0 --data-dir "$WORK/data" >"$WORK/out" 2>"$WORK/log" &
PID=$!
until URL=$(sed -n 's#^vizroom listening on ##p' "$WORK/out") && [ -n "$URL" ]; do
  kill -0 $PID 2>/dev/null || { echo "the server did not start:" >&2; cat "$WORK/log" >&2; exit 1; }
  sleep 0.05
done

said() { grep -o "\"$1\": *\"[^\"]*\"" | head -1 | sed 's/.*: *"\(.*\)"/\1/'; }
TOKEN=$(curl -sS "$URL/server/auth/register" --json '{"email": "ada@example.org", "password": "correct horse"}' | said access_token)
as_ada() { curl -sS --fail-with-body -H "Authorization: Bearer $TOKEN" "$@"; }
ROOM=$(as_ada "$URL/server/rooms/create" --json '{"name": "Room"}' | said id)
FILE=$(as_ada -F "room_id=$ROOM" -F "file=@$ROOT/examples/curl/sales.csv" "$URL/server/data/upload" | said id)
DASHBOARD=$(as_ada -N "$URL/dashboard/generate/stream" --json "{\"room_id\": \"$ROOM\", \"user_prompt\": \"revenue by region\"}" | said session_id)

# Hours later it is still good, which a token is for 15 minutes.
KEY=$(as_ada "$URL/api/v1/keys" --json '{"name": "all", "scopes": ["read", "write", "rooms", "dashboards", "ai", "admin"]}' | said key)

# What is there, so that not all is "not found"; it is not deleted, so that it stays.
sed -e "s/ROOM/$ROOM/; s/FILE/$FILE/; s/DASHBOARD/$DASHBOARD/" "$ROOT/tests/http/schemathesis.toml" >"$WORK/schemathesis.toml"
# Streams do not end while the room lives, a WebSocket is none of HTTP, and who signs out is out.
# It remembers what failed where it runs.
cd "$WORK"
"${SCHEMATHESIS:-$ROOT/.venv/bin/schemathesis}" --config-file "$WORK/schemathesis.toml" run "$URL/openapi.json" \
  --url "$URL" --header "Authorization: Bearer $KEY" \
  --exclude-path /ws/events --exclude-path '/api/v1/rooms/{room_id}/events' \
  --max-examples $examples --max-time $seconds --request-timeout 20 --seed "$SEED" --continue-on-failure \
  --output-truncate true
if grep -v '^$' "$WORK/log" | grep -q 'ERROR\|panicked'; then
  echo "the server complained:" >&2
  grep 'ERROR\|panicked' "$WORK/log" | head -20 >&2
  exit 1
fi
