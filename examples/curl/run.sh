#!/bin/bash
# Every request of the API reference that this server serves, as curl sends it, one after the other; of each, the status and
# the shape of the answer are checked. One line each; it ends with an error at the first that is not as the reference says.
#
#   examples/curl/run.sh                           starts a server of its own for it: VIZROOM_BIN, or what `cargo build` made
#   examples/curl/run.sh http://localhost:8000     asks one that runs
#
# VERBOSE=1 also prints what is sent and answered. Needs curl and jq.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
WORK=$(mktemp -d)
SERVER=
trap '[ -z "$SERVER" ] || kill "$SERVER" 2>/dev/null; rm -rf "$WORK"' EXIT
LOG=
COUNT=0

# Its mail goes to the log, and one may sign in by a provider, who is nobody here.
start() {
  local program=${VIZROOM_BIN:-$HERE/../../target/debug/vizroom}
  cat >"$WORK/config.toml" <<'TOML'
default_tier = "unlimited"
[tiers.anonymous]
[oauth.example]
client_id = "curl"
client_secret = "secret"
auth_url = "https://provider.example/authorize"
token_url = "https://provider.example/token"
userinfo_url = "https://provider.example/user"
TOML
  LOG=$WORK/log
  : >"$WORK/out"
  env $(env | sed -n 's/^\(VIZROOM_[A-Z_]*\)=.*/-u \1/p') "$program" serve --config "$WORK/config.toml" \
    --listen 127.0.0.1:0 --data-dir "$WORK/data" >"$WORK/out" 2>"$LOG" &
  SERVER=$!
  until URL=$(sed -n 's#^vizroom listening on ##p' "$WORK/out") && [ -n "$URL" ]; do
    kill -0 "$SERVER" 2>/dev/null || { echo "the server did not start:" >&2; cat "$LOG" >&2; exit 1; }
    sleep 0.05
  done
}

title() { echo; echo "# $1"; }

# ask STATUS METHOD PATH SHAPE [curl's arguments…]: sends it as TOKEN, if there is one. SHAPE is what jq finds true of the
# answer; of one that is no JSON, `text:` and words that stand in it, or `-` for nothing.
ask() {
  local expected=$1 method=$2 path=$3 shape=$4 status wrong=
  shift 4
  status=$(curl -sS --max-time 60 -o "$WORK/body" -D "$WORK/head" -w '%{http_code}' -X "$method" "$URL$path" \
    ${TOKEN:+-H "Authorization: Bearer $TOKEN"} "$@") || status="no answer"
  case $shape in
    -) ;;
    text:*) grep -qF -- "${shape#text:}" "$WORK/body" || wrong="has no ${shape#text:}" ;;
    *) jq -e "$shape" "$WORK/body" >/dev/null 2>&1 || wrong="is not $shape" ;;
  esac
  if [ "$status" != "$expected" ] || [ -n "$wrong" ] || [ -n "${VERBOSE:-}" ]; then
    echo "curl -X $method $URL$path ${*@Q}"
    head -c 2000 "$WORK/body"
    echo
  fi
  [ "$status" = "$expected" ] || { echo "$method $path answered $status, not $expected" >&2; exit 1; }
  [ -z "$wrong" ] || { echo "the answer to $method $path $wrong" >&2; exit 1; }
  COUNT=$((COUNT + 1))
  echo "$status $method $path"
}

# json STATUS METHOD PATH SHAPE BODY
json() { ask "$1" "$2" "$3" "$4" -H "Content-Type: application/json" -d "$5"; }

# said FILTER: of the last answer.
said() { jq -r "$1" "$WORK/body"; }

# is HEADER VALUE: of the last answer, in any case.
is() { grep -qi "^$1: $2" "$WORK/head" || { echo "$1 is not $2:" >&2; cat "$WORK/head" >&2; exit 1; }; }

# The envelope of every answer that is not shaped otherwise.
DONE='(keys_unsorted == ["success", "data", "errors", "warnings", "execution_time_ms"]) and .success and .errors == []
  and .warnings == [] and (.execution_time_ms | type) == "number"'
# envelope FILTER: the envelope, and this of its data.
envelope() { echo "($DONE) and (.data | $1)"; }
refused() { echo "(.success | not) and .data == null and .errors[0].code == \"$1\" and (.errors[0].message | length) > 0"; }

TOKEN=
URL=${1:-}
[ -n "$URL" ] || start
WHO=curl-$$-$RANDOM@example.com
PASSWORD="correct horse"

title "Accounts (002)"
TOKENS='.token_type == "Bearer" and (.access_token | length) > 100 and (.refresh_token | length) > 20 and .expires_in == 900'
json 200 POST /server/auth/register "$(envelope ".user.email == \"$WHO\" and $TOKENS")" \
  "{\"email\": \"$WHO\", \"password\": \"$PASSWORD\"}"
json 409 POST /server/auth/register "$(refused CONFLICT)" "{\"email\": \"$WHO\", \"password\": \"$PASSWORD\"}"
json 200 POST /server/auth/login "$(envelope "$TOKENS")" "{\"email\": \"$WHO\", \"password\": \"$PASSWORD\"}"
json 401 POST /server/auth/login "$(refused UNAUTHORIZED)" "{\"email\": \"$WHO\", \"password\": \"wrong\"}"
json 200 POST /server/auth/login "$(envelope "$TOKENS")" "{\"email\": \"$WHO\", \"password\": \"$PASSWORD\"}"
json 200 POST /server/auth/refresh "$(envelope "$TOKENS")" "{\"refresh_token\": \"$(said .data.refresh_token)\"}"
json 202 POST /server/auth/forgot-password "$(envelope '. == {}')" "{\"email\": \"$WHO\"}"
json 202 POST /server/auth/forgot-password "$(envelope '. == {}')" '{"email": "nobody@example.com"}'
if [ -n "$LOG" ]; then
  # In development the mail is printed to the log; the token stands behind the last slash of its link.
  for _ in $(seq 200); do
    RESET=$(grep -o '#/reset[^ "\\]*' "$LOG" | head -1 | sed 's#.*/##') && [ -n "$RESET" ] && break
    sleep 0.05
  done
  PASSWORD="battery staple"
  json 200 POST /server/auth/reset-password "$DONE" "{\"token\": \"$RESET\", \"password\": \"$PASSWORD\"}"
fi
json 400 POST /server/auth/reset-password "$(refused INVALID_REQUEST)" '{"token": "used", "password": "correct horse"}'
json 200 POST /server/auth/login "$(envelope "$TOKENS")" "{\"email\": \"$WHO\", \"password\": \"$PASSWORD\"}"
TOKEN=$(said .data.access_token)
REFRESH=$(said .data.refresh_token)
ask 200 GET /server/auth/me "$(envelope ".email == \"$WHO\"")"
json 403 POST /server/auth/change-password "$(refused FORBIDDEN)" '{"old_password": "wrong", "password": "staple battery"}'
json 200 POST /server/auth/change-password "$(envelope '. == {}')" "{\"old_password\": \"$PASSWORD\", \"password\": \"staple battery\"}"
if [ -n "$LOG" ]; then
  ask 302 GET /server/auth/oauth/example -
  is location 'https://provider.example/authorize?.*code_challenge_method=S256'
  is set-cookie 'vizroom_sign_in=.*HttpOnly'
fi
ask 404 GET /server/auth/oauth/nobody "$(refused NOT_FOUND)"
ask 401 GET "/server/auth/oauth/example/callback?state=x&code=y" "$(refused UNAUTHORIZED)"
json 200 POST /server/auth/invitations "$(envelope '(.invitation | length) > 20 and (.expires_at | length) > 19')" '{}'

title "Settings and keys (002)"
json 200 POST /server/user/settings "$(envelope '. == {"theme": "dark"}')" '{"theme": "dark"}'
ask 200 GET /server/user/settings "$(envelope '. == {"theme": "dark"}')"
json 200 POST /api/v1/keys "$(envelope '(.key | startswith("vizroom_")) and (.id | length) == 36')" \
  '{"name": "nightly", "scopes": ["read", "ai"]}'
KEY=$(said .data.key)
KEY_ID=$(said .data.id)
ask 200 GET /api/v1/keys "$(envelope ".keys[0].id == \"$KEY_ID\" and (.keys[0] | has(\"key\") | not)")"

title "Rooms (002)"
json 200 POST /server/rooms/create "$(envelope '.name == "Sales" and .role == "owner"')" '{"name": "Sales"}'
ROOM=$(said .data.id)
ask 200 GET /server/rooms/list "$(envelope ".rooms[0].id == \"$ROOM\"")"
json 200 POST "/server/rooms/$ROOM/update" "$(envelope '.name == "Sales" and .description == "Weekly numbers"')" '{"description": "Weekly numbers"}'
ask 200 GET "/server/room/status?room_id=$ROOM" "$(envelope ".room.id == \"$ROOM\"")"
json 200 POST "/server/rooms/$ROOM/members" "$(envelope '(.invitation.invitation | length) > 20')" \
  '{"email": "colleague@example.com", "role": "viewer"}'

title "Data (002)"
FILE_SHAPE='.name == "sales.csv" and .format == "csv" and (.datasets[0].columns | length) > 2'
ask 200 POST /server/data/upload "$(envelope "$FILE_SHAPE and .version == 1")" -F "room_id=$ROOM" -F "file=@$HERE/sales.csv"
FILE=$(said .data.id)
ask 200 GET /server/data/list "$(envelope ".files[0].id == \"$FILE\"")"
ask 200 GET "/server/data/$FILE" "$(envelope "$FILE_SHAPE")"
ask 200 POST "/server/data/$FILE/reupload" "$(envelope "$FILE_SHAPE and .version == 2")" -F "file=@$HERE/sales.csv"
ask 200 GET "/server/data/$FILE/download" -
cmp "$HERE/sales.csv" "$WORK/body"
is content-disposition 'attachment; filename="sales.csv"'
ask 206 GET "/server/data/$FILE/download" - -H "Range: bytes=0-9"
cmp <(head -c 10 "$HERE/sales.csv") "$WORK/body"
ask 304 GET "/server/data/$FILE/download" - -H "If-None-Match: $(grep -i '^etag:' "$WORK/head" | sed 's/^[^"]*//; s/\r//')"
SIZE=$(wc -c <"$HERE/sales.csv")
ask 201 POST /server/data/tus - -H "Tus-Resumable: 1.0.0" -H "Upload-Length: $SIZE" \
  -H "Upload-Metadata: filename $(printf sales.csv | base64)"
PLACE=$(grep -i '^location:' "$WORK/head" | sed 's/^[^ ]* //; s/\r//')
ask 204 PATCH "${PLACE#"$URL"}" - -H "Tus-Resumable: 1.0.0" -H "Content-Type: application/offset+octet-stream" \
  -H "Upload-Offset: 0" --data-binary "@$HERE/sales.csv"
ask 200 GET "${PLACE#"$URL"}" "$(envelope '.stage == "done"')" -H "Tus-Resumable: 1.0.0"
COPY=$(said .data.file.id)
json 200 POST "/server/rooms/$ROOM/link-files" "$(envelope ".files[0].id == \"$FILE\"")" "{\"file_ids\": [\"$FILE\"]}"

title "Chat (002)"
json 200 POST /server/chat/messages "$(envelope '(.message_id | length) == 36 and .seq > 0')" \
  "{\"room_id\": \"$ROOM\", \"content\": \"Which region is ahead?\"}"
ask 200 GET "/server/get_history?room_id=$ROOM&limit=20" \
  "$(envelope '.events | map(select(.type == "chat.message")) | .[0].data.content == "Which region is ahead?"')"

title "Generation, refinement, drill-down (000)"
json 200 POST /dashboard/generate/stream 'text:{"type":"progress","stage":"strategy","progress":25,"message":' '{
"user_prompt": "Show daily revenue metrics breakdown across northern sales regions",
"connection_name": "files",
"max_charts": 4,
"theme": "slate"
}'
is content-type text/event-stream
sed -n 's/^data: //p' "$WORK/body" | jq -s 'last' >"$WORK/last"
jq -e '.type == "complete" and (.result | keys_unsorted == ["session_id", "dashboard_spec"])' "$WORK/last" >/dev/null
SESSION=$(jq -r .result.session_id "$WORK/last")
RESPONSE="keys_unsorted == [\"success\", \"session_id\", \"dashboard\", \"error\"] and .success and .error == null
  and .session_id == \"$SESSION\" and (.dashboard | (.title | length) > 0 and (.individual_specs | length) > 0 and .layout_config.columns == 12)"
json 200 POST /dashboard/refine "($RESPONSE) and (.dashboard.changes | length) > 0" "{
\"session_id\": \"$SESSION\",
\"new_feedback\": \"Update chart 1 to use a multi-series bar layout\",
\"target_chart_id\": \"chart_1\"
}"
json 200 POST /dashboard/filter "($RESPONSE) and .dashboard.filter_state.sales_region == \"North\"" "{
\"session_id\": \"$SESSION\",
\"filter_state\": {
\"sales_region\": \"North\",
\"fiscal_quarter\": \"Q4\"
}
}"

title "Dashboards, widgets and sharing (001)"
ask 200 GET /api/v1/bi/dashboards "$(envelope ".dashboards | map(.id) | index(\"$SESSION\") != null")"
json 200 POST /api/v1/bi/dashboards "$(envelope '.title == "BI" and .cards == []')" "{\"title\": \"BI\", \"room_id\": \"$ROOM\"}"
BI=/api/v1/bi/dashboards/$(said .data.id)
ask 200 GET "$BI" "$(envelope '.title == "BI"')"
json 200 PUT "$BI" "$(envelope '.title == "Better"')" '{"title": "Better"}'
json 200 POST "$BI/widgets" "$(envelope '.panel.key == "chart_1" and .revision == 3')" '{"prompt": "revenue by region"}'
WIDGET=$(said .data.panel.id)
ask 200 GET "$BI/widgets" "$(envelope ".widgets[0].id == \"$WIDGET\"")"
json 200 PUT "$BI/widgets/$WIDGET" "$(envelope '.panel.type == "pie"')" '{"type": "pie"}'
json 404 POST "$BI/share" "$(refused NOT_FOUND)" '{"email": "nobody@example.com", "role": "viewer"}'
ask 200 GET "$BI/share" "$(envelope '.shared_with == []')"
ask 200 DELETE "$BI/widgets/$WIDGET" "$(envelope '.cards == []')"
ask 200 DELETE "$BI" "$(envelope '. == {}')"
ask 404 GET "$BI" "$(refused NOT_FOUND)"

title "Dashboards and panels (002)"
ask 200 GET /dashboards "$(envelope ".dashboards | map(.id) | index(\"$SESSION\") != null")"
json 200 POST /dashboards/create "$(envelope '.title == "By hand" and .revision == 1')" "{\"title\": \"By hand\", \"room_id\": \"$ROOM\"}"
MADE=/dashboards/$(said .data.id)
json 200 POST "$MADE/add-panel" "$(envelope '.panel.type == "kpi" or .panel.key == "chart_1"')" '{"prompt": "total revenue"}'
PANEL=$(said .data.panel.id)
json 200 PUT "$MADE/layout" "$(envelope '.layout.items[0].w == 6')" \
  '{"layout": {"items": [{"key": "chart_1", "x": 0, "y": 0, "w": 6, "h": 3}]}}'
json 200 POST "$MADE/start" "$(envelope '(.cards | length) == 1 and (.stale | not)')" '{}'
ask 200 DELETE "$MADE/remove-panel/$PANEL" "$(envelope '.cards == []')"
ask 200 DELETE "$MADE" "$(envelope '. == {}')"

title "Save, publish, clone, refresh (003)"
ALL=/api/v1/analytics/dashboards
json 200 POST /dashboard/generate/stream 'text:"type":"complete"' "{\"user_prompt\": \"revenue by region\", \"room_id\": \"$ROOM\"}"
json 200 POST $ALL 'keys_unsorted == ["success", "dashboard"] and .success
  and (.dashboard | keys_unsorted == ["id", "title", "createdAt"] and .title == "Q3 Revenue Dashboard")' "{
  \"conversationId\": \"$ROOM\",
  \"title\": \"Q3 Revenue Dashboard\"
}"
SAVED=$ALL/$(said .dashboard.id)
ask 200 GET $ALL '.success and (.dashboards[0] | keys_unsorted == ["id", "title", "isDashboard", "isPublic", "createdAt"]
  and .isDashboard and (.isPublic | not))'
json 200 POST "$SAVED/publish" 'keys_unsorted == ["success", "slug", "publicUrl"] and .success
  and (.slug | startswith("q3-revenue-")) and .slug == (.publicUrl | split("/") | last)' '{
  "password": "optional-password"
}'
SLUG=$(said .slug)
json 200 POST "$SAVED/clone" '.success and (.dashboard | keys_unsorted == ["id", "title"] and .title == "Q3 Revenue Dashboard (Copy)")' ''
ask 200 GET "$SAVED/refresh" 'keys_unsorted == ["success", "refreshEnabled", "refreshInterval", "lastRefreshedAt"] and .success'
json 200 PUT "$SAVED/refresh" '.success and .refreshEnabled and .refreshInterval == 3600' '{
  "refreshEnabled": true,
  "refreshInterval": 3600
}'
json 400 PUT "$SAVED/refresh" '(.success | not) and .error == "invalid_request"' '{"refreshEnabled": true, "refreshInterval": 1}'
ask 200 POST "$SAVED/refresh" '.success and (.lastRefreshedAt | type) == "string"'
MINE=$TOKEN TOKEN=
json 403 POST "/api/v1/public/dashboards/$SLUG" '(.success | not) and .error == "password_required"' '{}'
json 200 POST "/api/v1/public/dashboards/$SLUG" '.success and (.dashboard.charts | length) > 0 and (.dashboard.charts[0].data.rows | length) > 0' '{
  "password": "optional-password"
}'
ask 200 GET "/public/dashboards/$SLUG" -
ask 401 GET $ALL '.error == "unauthorized"'
TOKEN=$MINE
ask 404 GET $ALL/dash_xyz789/refresh '.error == "not_found"'
ask 200 DELETE "$SAVED/publish" '.success'
json 404 POST "/api/v1/public/dashboards/$SLUG" '.error == "not_found"' '{"password": "optional-password"}'

title "Generate and retrieve, with a key (004)"
TOKEN=$KEY
STATED='keys_unsorted == ["status", "success", "message", "data"] and .status == "success" and .success'
json 200 POST /api/dashboard/generate/ "($STATED) and .data.status == \"completed\"" \
  "{\"instructions\": \"revenue by region\", \"dataset_id\": \"$FILE\"}"
BLOCKS=$(said .data.dashboard_id)
ask 200 GET "/api/dashboard/$BLOCKS/" "($STATED) and (.data | keys_unsorted == [\"id\", \"title\", \"description\", \"layout\",
  \"chart_blocks\", \"dataset\", \"visibility\", \"status\", \"created_at\", \"updated_at\", \"last_generated_at\"]
  and (.layout | keys_unsorted == [\"visualizations\", \"chart_order\", \"color_scheme\", \"narrative_snippets\"])
  and (.chart_blocks[0] | keys_unsorted == [\"id\", \"dashboard\", \"position\", \"type\", \"title\", \"description\", \"spec\",
    \"data_preview\", \"config\", \"created_at\", \"updated_at\"]))"
TOKEN=$MINE
ask 200 POST /api/dashboard/generate/ "($STATED) and .data.status == \"completed\"" \
  -F "instructions=total revenue and revenue by month" -F "file=@$HERE/sales.csv"
UPLOADED=$(said .data.dashboard_id)
ask 404 GET /api/dashboard/d6ad65c0-1234-5678-9abc-def012345678/ '.status == "error" and (.success | not)'
TOKEN=vizroom_wrong
ask 401 GET "/api/dashboard/$BLOCKS/" '.status == "error" and .code == "UNAUTHORIZED"'
TOKEN=$MINE

title "For programs (002)"
json 200 POST /api/v1/sdk/process "$(envelope '.status == "awaiting_clarification" and (.question | length) > 0')" \
  "{\"prompt\": \"unicorns by planet\", \"file_ids\": [\"$FILE\"]}"
ASKED=$(said .data.session_id)
json 200 POST /api/v1/sdk/process "$(envelope ".status == \"complete\" and .session_id == \"$ASKED\" and (.dashboard.cards | length) > 0")" \
  "{\"session_id\": \"$ASKED\", \"prompt\": \"revenue by region\"}"

title "Interactive documentation (001)"
TOKEN=
ask 200 GET /openapi.json '.openapi == "3.1.0" and (.paths | length) > 60'
ask 200 GET /docs 'text:<html'
ask 200 GET /redoc 'text:<html'
ask 200 GET /asyncapi.json '.channels | length > 0'
ask 200 GET /asyncapi 'text:<html'
for probe in healthz readyz; do ask 200 GET /$probe -; done

title "And what was made goes again"
TOKEN=$MINE
ask 200 DELETE "/api/v1/keys/$KEY_ID" "$(envelope '. == {}')"
for one in "$SESSION" "$BLOCKS" "$UPLOADED" "$ASKED"; do ask 200 DELETE "/dashboards/$one" "$(envelope '. == {}')"; done
for one in "$FILE" "$COPY"; do ask 200 DELETE "/server/data/$one" "$(envelope '. == {}')"; done
ask 200 DELETE "/server/rooms/$ROOM/delete" "$(envelope '. == {}')"
json 200 POST /server/auth/logout "$(envelope '. == {}')" "{\"refresh_token\": \"$REFRESH\"}"
echo
echo "all $COUNT requests were answered as the reference says"
