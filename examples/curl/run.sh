#!/bin/bash
# The requests of the API reference, one after the other, against a running server:
#
#   examples/curl/run.sh [http://localhost:8000]
#
# Each is printed as it is sent, with what was answered. It stops at the first that does not succeed.
set -euo pipefail
URL=${1:-http://localhost:8000}
HERE=$(cd "$(dirname "$0")" && pwd)
TOKEN=
LAST=$(mktemp)
trap 'rm -f "$LAST"' EXIT

# ask METHOD PATH [curl's arguments…]: sends it as whoever is signed in.
ask() {
  local method=$1 path=$2
  shift 2
  echo
  echo "\$ curl -X $method $URL$path ${*@Q}"
  curl -sS --fail-with-body --max-time 60 -X "$method" "$URL$path" \
    ${TOKEN:+-H "Authorization: Bearer $TOKEN"} "$@" -o "$LAST" || { cat "$LAST" >&2; exit 1; }
  head -c 600 "$LAST"
  echo
}

# json METHOD PATH BODY
json() { ask "$1" "$2" -H "Content-Type: application/json" -d "$3"; }

# said NAME: the first text of that name in the last answer.
said() { grep -o "\"$1\": *\"[^\"]*\"" "$LAST" | head -1 | sed 's/.*: *"\(.*\)"/\1/'; }

has() { grep -q "$1" "$LAST" || { echo "the answer has no $1" >&2; exit 1; }; }

echo "# Authentication"
WHO=curl-$$-$RANDOM
json POST /server/auth/register "{\"email\": \"$WHO@example.com\", \"password\": \"correct horse\"}"
json POST /server/auth/login "{\"email\": \"$WHO@example.com\", \"password\": \"correct horse\"}"
json POST /server/auth/refresh "{\"refresh_token\": \"$(said refresh_token)\"}"
TOKEN=$(said access_token)
REFRESH=$(said refresh_token)

echo "# Rooms"
json POST /server/rooms/create '{"name": "Sales"}'
ROOM=$(said id)
ask GET /server/rooms/list
ask GET "/server/room/status?room_id=$ROOM"
json POST "/server/rooms/$ROOM/members" '{"email": "colleague@example.com", "role": "viewer"}'

echo "# Data"
ask POST /server/data/upload -F "room_id=$ROOM" -F "file=@$HERE/sales.csv"
FILE=$(said id)
ask GET /server/data/list
ask POST "/server/data/$FILE/reupload" -F "file=@$HERE/sales.csv"
json POST "/server/rooms/$ROOM/link-files" "{\"file_ids\": [\"$FILE\"]}"

echo "# Chat"
json POST /server/chat/messages "{\"room_id\": \"$ROOM\", \"content\": \"Which region is ahead?\"}"
ask GET "/server/get_history?room_id=$ROOM&limit=20"

echo "# Dashboard generation stream"
json POST /dashboard/generate/stream '{
"user_prompt": "Show daily revenue metrics breakdown across northern sales regions",
"connection_name": "files",
"max_charts": 4,
"theme": "slate"
}'
has '"type":"progress","stage":"strategy","progress":25'
has '"type":"complete"'
SESSION=$(said session_id)

echo "# Refinement"
json POST /dashboard/refine "{
\"session_id\": \"$SESSION\",
\"new_feedback\": \"Update chart 1 to use a multi-series bar layout\",
\"target_chart_id\": \"chart_1\"
}"
has '"success":true'

echo "# Drill-down"
json POST /dashboard/filter "{
\"session_id\": \"$SESSION\",
\"filter_state\": {
\"sales_region\": \"North\",
\"fiscal_quarter\": \"Q4\"
}
}"
has '"success":true'

echo "# Retrieve a dashboard"
ask GET "/api/dashboard/$SESSION/"
has '"chart_blocks"'

echo "# Interactive documentation"
for page in /openapi.json /docs /redoc /asyncapi.json /asyncapi; do ask GET "$page"; done

echo "# And what was made goes again"
ask DELETE "/server/data/$FILE"
ask DELETE "/server/rooms/$ROOM/delete"
json POST /server/auth/logout "{\"refresh_token\": \"$REFRESH\"}"
echo
echo "every request was answered"
