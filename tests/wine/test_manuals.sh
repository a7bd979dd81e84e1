#!/bin/bash
# Man pages and completions: made of the tables of the program that was built, and taken by the
# programs that read them.
#
#   test_manuals.sh WDSPXECTL_EXE
#
# The environment gives WINEPREFIX. Needs python3, groff, bash, zsh.
set -u

[ $# -eq 1 ] && [ -f "$1" ] || { echo "usage: $0 WDSPXECTL_EXE" >&2; exit 2; }
exe=$(realpath "$1")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/wine/outside.sh
. "$root/tests/wine/outside.sh"
manuals=(python3 -B "$root/tools/manuals/manuals.py")

start_wine

# --- the tables -----------------------------------------------------------------------------------

expect 0 tables
cp "$tmp/out" "$tmp/tables.json"
check "commands.json is what the program says" "${manuals[@]}" compare "$tmp/tables.json"
sed "0,/\"name\": \"json\"/s//\"name\": \"jsonn\"/" "$tmp/tables.json" >"$tmp/other.json"
check "another option would be seen" bash -c '! "$@" 2>/dev/null' - "${manuals[@]}" compare "$tmp/other.json"
check "it is hidden" bash -c '! grep -q "\"tables\"" "$1"' - "$tmp/tables.json"

# --- man pages ------------------------------------------------------------------------------------

check "pages are made" "${manuals[@]}" make 9.8.7 "$tmp/made"
check "and twice the same bytes" bash -c '"${@:2}" make 9.8.7 "$1/again" && diff -r "$1/made" "$1/again"' \
    - "$tmp" "${manuals[@]}"
pages=("$tmp"/made/man[358]/*)
check "there is a page for each command, and three more" [ "${#pages[@]}" -ge 13 ]
# read_page NAME SECTION: into out, what is bold as plain text; into err, what groff has against it.
read_page() {
    groff -man -ww -Tascii -P-c "$tmp/made/man$2/$1.$2" 2>"$tmp/err" | sed 's/.\x08//g' >"$tmp/out"
}
for page in "${pages[@]}"; do
    read_page "$(basename "${page%.*}")" "${page##*.}"
    check "groff has nothing against $(basename "$page")" [ ! -s "$tmp/err" ]
    check "$(basename "$page") has a name" out_matches '^NAME$'
done
read_page wdspxectl-provider 8
check "options are in it" out_has '--critical'
check "and their words" out_has 'the server does not start without it'
read_page wdspxectl 8
check "exit codes are in it" out_has 'replies differ from the golden file'
read_page staticpxe.ini 5
check "keys are in it" out_has 'ipxe_file'
read_page wdspxe 3
check "functions are in it" out_has 'PxeDhcpGetOptionValue'
check "and what they return" out_has 'ERROR_INVALID_PARAMETER (87)'

# --- completions ----------------------------------------------------------------------------------

# completes WANTED WORD...: what bash offers for the last word.
completes() {
    local wanted=$1 got
    shift
    got=$(bash -c '. "$1"; shift; COMP_WORDS=(wdspxectl "$@") COMP_CWORD=$#
        _wdspxectl wdspxectl "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"; echo "${COMPREPLY[*]}"' \
        - "$tmp/made/completions/wdspxectl.bash" "$@")
    check "bash completes '$*' to '$wanted', not '$got'" [ "$got" = "$wanted" ]
}
completes provider pro
completes "add remove list move show --help" provider ""
completes --before provider add x --be
completes --json provider list --js
completes --version --v
touch "$tmp/lab.pcap"
completes "$tmp/lab.pcap" replay x.dll "$tmp/la"
completes "$tmp/lab.pcap" serve --capture "$tmp/la"
check "zsh takes its own" zsh -n "$tmp/made/completions/_wdspxectl"
check "zsh's has the options" grep -q -- '--critical\[' "$tmp/made/completions/_wdspxectl"

finish
