#!/bin/sh
# packages.t: what the packages say of the program is what it says itself.
set -u
: "${srcdir:=.}" "${builddir:=.}"
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib.sh
. "$here/../lib.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
formula=$srcdir/scripts/homebrew/gcpresence.rb
version=$(sed -n 's/^AC_INIT(\[gcpresence\], \[\(.*\)\])$/\1/p' "$srcdir/configure.ac")

plan 6

[ "$("$GCPRESENCE" --version)" = "gcpresence $version" ]
ok $? "the program is of the version that configure.ac says"

sed -n '1s/^gcpresence (\(.*\)-[^-]*) .*/\1/p' "$srcdir/scripts/debian/changelog" >"$work/got"
echo "$version" >"$work/want"
same "$work/want" "$work/got" "Debian's package is of this version"

sed -n 's/^ *url .*gcpresence-\(.*\)\.tar\.xz"$/\1/p' "$formula" >"$work/got"
same "$work/want" "$work/got" "Homebrew's formula is of this version"

# The development packages that bootstrap installs are those that Debian needs.
sed -n '/^debian_packages/,/^}/p' "$srcdir/scripts/bootstrap" |
	sed '/want/,$d' | grep -o 'lib[a-z0-9.-]*-dev' | sort >"$work/want"
sed -n '/^Build-Depends/,/^[A-Z]/p' "$srcdir/scripts/debian/control" |
	grep -o 'lib[a-z0-9.-]*-dev' | sort >"$work/got"
same "$work/want" "$work/got" "Debian's package is built with what bootstrap installs"

# Each library that configure demands, by the name that Homebrew has for it.
sed -n 's/^gcp_need(\[[A-Z]*\], \[\([^ ]*\) .*/\1/p' "$srcdir/configure.ac" |
	sed 's/^libcurl$/curl/; s/^yaml-0.1$/libyaml/; s/^openssl$/openssl@3/
		s/^smartcols$/util-linux/; s/^ncursesw$/ncurses/' |
	sort >"$work/want"
sed -n 's/^ *depends_on "\([^"]*\)".*/\1/p' "$formula" |
	grep -v '^pkg-config$' | sort >"$work/got"
same "$work/want" "$work/got" "Homebrew's formula names the libraries that configure needs"

if command -v ruby >/dev/null; then
	ruby -c "$formula" >"$work/said" 2>&1
	ok $? "Homebrew's formula is Ruby"
else
	ok 0 "Homebrew's formula is Ruby # SKIP ruby is not installed"
fi
tap_end
