#!/bin/bash
# Runs the commands of docs/testing-providers.md, in their order, as somebody would who reads it. The
# blocks marked "sh" are run; the ones without a language are not.
#
#   test_testing_doc.sh DOCUMENT SOURCE_FOLDER WINEPREFIX
set -euo pipefail
[ $# -eq 3 ] || { echo "usage: $0 DOCUMENT SOURCE_FOLDER WINEPREFIX" >&2; exit 2; }
document=$1
export WDSPXE=$2 WINEPREFIX=$3 LC_ALL=C.UTF-8
unset DISPLAY
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$document" >"$tmp/commands"
commands=$(grep -c wdspxectl "$tmp/commands")
[ "$commands" -ge 6 ] || { echo "only $commands commands found in $document" >&2; exit 1; }

# Into files: a wineserver that stays would keep a pipe open for ever.
(cd "$tmp" && bash -euxo pipefail commands) >"$tmp/out" 2>"$tmp/err" </dev/null || {
    cat "$tmp/out" "$tmp/err"
    exit 1
}
for made in minimal.dll report.html golden.json; do
    [ -s "$tmp/$made" ] || { echo "$made was not made" >&2; exit 1; }
done
[ ! -e "$tmp/crashes" ] || { echo "the README's provider has findings" >&2; exit 1; }
echo "$commands commands ran"
