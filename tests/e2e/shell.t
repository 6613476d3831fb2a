#!/bin/sh
# shell.t: pipelines as people type them, with the fake as a program of its own.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib.sh
. "$here/../lib.sh"

: "${GCPRESENCE:=gcpresence}" "${PYTHON:=python3}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
GENESYSCLOUD_OAUTHCLIENT_ID=the-client
GENESYSCLOUD_OAUTHCLIENT_SECRET=canary-secret
export GENESYSCLOUD_OAUTHCLIENT_ID GENESYSCLOUD_OAUTHCLIENT_SECRET
# Nobody: a mistake in here must not send anything to the real service.
GENESYSCLOUD_API_URL=http://127.0.0.1:1
export GENESYSCLOUD_API_URL
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY

# fake SCRIPT: plays it in the background; sets pid, and who is to be asked.
fake() {
	rm -f "$work/ready"
	mkfifo "$work/ready"
	"$PYTHON" "$here/../fake/fake.py" "$1" >"$work/ready" &
	pid=$!
	# The reading end stays open, so that the fake never meets a closed one.
	exec 9<"$work/ready"
	read -r line <&9
	GENESYSCLOUD_API_URL=$(printf '%s\n' "$line" | jq -r .url)
}

cat >"$work/events" <<'END'
expect POST /oauth/token
answer 200 ${TOKEN a}
expect GET /api/v2/analytics/events?token=canary-a
upgrade
receive ${SUBSCRIBE user-id-1 user-id-2}
frame ${EVENT user-id-1 AVAILABLE 09:00:00}
frame ${EVENT user-id-2 "On Queue" 09:00:01}
frame ${EVENT user-id-1 BUSY 09:00:02}
disconnected
END

plan 7

# The contract's first example.
fake "$work/events"
ID1=user-id-1 ID2=user-id-2
printf '%s\n' "$ID1" "$ID2" | "$GCPRESENCE" --protocol events -n 3 |
	jq -r '[.userId, .state] | @tsv' >"$work/got"
printf '%s\t%s\n' user-id-1 AVAILABLE user-id-2 ON_QUEUE user-id-1 BUSY >"$work/want"
same "$work/want" "$work/got" "IDs in, columns out"
wait "$pid"
ok $? "the service got what it expects"

# The second: a file of users in, lines appended to a file.
fake "$work/events"
printf 'users:\n  - user-id-1\n  - {id: user-id-2, name: Bob}\nprotocol: events\n' >"$work/team.yaml"
echo '{"old":true}' >"$work/presence.ndjson"
"$GCPRESENCE" -f "$work/team.yaml" -n 3 >>"$work/presence.ndjson"
ok $? "appending to a file ends with 0"
wait "$pid"
jq -c '[.old, .userId, .name, .state, .previousState]' "$work/presence.ndjson" >"$work/got"
cat >"$work/want" <<'END'
[true,null,null,null,null]
[null,"user-id-1",null,"AVAILABLE",null]
[null,"user-id-2","Bob","ON_QUEUE",null]
[null,"user-id-1",null,"BUSY","AVAILABLE"]
END
same "$work/want" "$work/got" "what was in the file is still there, the new lines follow"

# A writer that stays: tail -f.
fake "$work/events"
printf 'user-id-1\nuser-id-2\n' >"$work/ids"
mkfifo "$work/pipe"
tail -n +1 -f "$work/ids" >"$work/pipe" &
tail=$!
"$GCPRESENCE" --protocol events <"$work/pipe" 2>"$work/said" | head -n 2 | jq -r .state >"$work/got"
kill "$tail" 2>/dev/null
printf '%s\n' AVAILABLE ON_QUEUE >"$work/want"
same "$work/want" "$work/got" "tail -f | gcpresence | head ends with head"
wait "$pid"
[ ! -s "$work/said" ]
ok $? "and says nothing"

# No service at all.
export GENESYSCLOUD_API_URL=http://127.0.0.1:1
"$GCPRESENCE" -q --max-retries 1 --retry-base 0.01 user-1 >"$work/got" 2>"$work/said"
status=$?
[ "$status" -eq 69 ] && [ ! -s "$work/got" ] && [ "$(wc -l <"$work/said")" -eq 1 ]
ok $? "nobody there: 69 and one line"

tap_end
