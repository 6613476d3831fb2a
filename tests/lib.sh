# lib.sh: TAP for tests that are shell scripts.
#
#   plan N               how many tests there are; first of all
#   ok STATUS CLAIM      one test: it is good when STATUS is 0
#   same WANT GOT CLAIM  one test: two files are the same; else shows how not
#   tap_end              last of all: fails where a test has
# shellcheck shell=sh

plan() {
	echo "1..$1"
	tap_count=0
	tap_failed=0
}

ok() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $2"
	fi
}

same() {
	if tap_difference=$(diff -u "$1" "$2"); then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf '%s\n' "$tap_difference" | sed 's/^/# /'
	fi
}

tap_end() {
	[ "$tap_failed" -eq 0 ]
}
