#!/bin/bash
# Asks our own DLLs: each answer must be the choice that the program prints. Then lets it ask a DLL
# that crashes, hangs and damages the provider list, to see that it finds out and repairs.
#   check.sh CONFORMANCE.exe WDSPXE.dll WDSBP.dll ODD.dll QUESTIONS.md RUNNER...
# WDSBP.dll may be empty. The list of PXE providers in the runner's registry is deleted.
set -euo pipefail
[ $# -ge 6 ] || { echo "usage: see the head of $0" >&2; exit 2; }
program=$1 wdspxe=$2 wdsbp=$3 odd=$4 document=$5
runner=("${@:6}")
host_key='HKLM\SYSTEM\CurrentControlSet\Services\WDSServer'
key="$host_key\\Providers\\WDSPXE"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "check.sh: $*" >&2
    exit 1
}

# Into a file: a wineserver that stays would keep a pipe open for ever. Prints the exit code.
run() {
    local output=$1 rc=0
    shift
    "${runner[@]}" "$@" >"$work/raw" 2>"$work/stderr" </dev/null || rc=$?
    tr -d '\r' <"$work/raw" >"$output"
    echo "$rc"
}

ask() {
    local output=$1
    shift
    run "$output" "$program" "$@"
}

registry_state() {
    run "$1" reg query "$host_key" /s >/dev/null
}

expect_line() {
    grep -qE -- "$2" "$1" || { cat "$1" >&2; fail "expected: $2"; }
}

list_delete() {
    run "$work/deleted" reg delete "$host_key" /f >/dev/null
}

list_seed() {
    list_delete
    for name in alpha beta; do
        run "$work/added" reg add "$key\\Providers\\$name" /v ProviderDLL /t REG_SZ \
            /d "C:\\$name.dll" /f >/dev/null
    done
    run "$work/added" reg add "$key" /v ProvidersOrder /t REG_MULTI_SZ /d 'alpha\0beta' /f \
        >/dev/null
    run "$work/added" reg add "$key" /v UseDhcpPorts /t REG_DWORD /d 0 /f >/dev/null
}

# The documentation lists the questions as the program does.
[ "$(ask "$work/list" --list)" = 0 ] || fail "--list failed"
grep '^|' "$document" >"$work/documented" || fail "$document has no table"
diff -u "$work/documented" "$work/list" ||
    fail "$document is not what --list prints"
rows=$(($(wc -l <"$work/list") - 2))
[ -z "$(cut -d'|' -f2 "$work/list" | sort | uniq -d)" ] || fail "an identifier is used twice"

# Our DLLs, on a machine that has a provider list.
options=(--registry)
[ -z "$wdsbp" ] || options+=(--wdsbp "$wdsbp")
list_seed
registry_state "$work/before"
grep -q beta "$work/before" || fail "the provider list could not be made"
rc=$(ask "$work/answers" "$wdspxe" --limit 30 "${options[@]}")
registry_state "$work/after"
grep -v '| same$' "$work/answers" || true
[ "$(grep -c ' | ' "$work/answers")" -eq $((rows + 1)) ] || fail "not every question has its line"
grep -qE '\| (differs|not asked \((no --registry|not allowed))' "$work/answers" &&
    fail "an answer differs, or was not asked"
[ "$rc" = 0 ] || fail "exit code $rc"
asked=$(sed -n 's/^# \([0-9]*\) asked: \1 same, 0 differ; [0-9]* not asked$/\1/p' "$work/answers")
[ "${asked:-0}" -ge 40 ] || fail "only ${asked:-0} questions were asked"
if [ -n "$wdsbp" ] && [ "$asked" -ne "$rows" ]; then
    fail "only $asked of $rows questions were asked"
fi
diff -u "$work/before" "$work/after" || fail "the registry was not put back"

# JSON says the same, and without --registry nothing is changed.
[ "$(ask "$work/json" "$wdspxe" --json --only list-)" = 0 ] || fail "--json failed"
python3 - "$work/json" <<'PYTHON' || fail "--json is wrong"
import json, sys
report = json.load(open(sys.argv[1], encoding="utf-8"))
by_verdict = {"same": [], "not asked": []}
for question in report["questions"]:
    by_verdict[question["verdict"]].append(question)
assert report["same"] == report["asked"] == len(by_verdict["same"]) > 5
assert report["not_asked"] == len(by_verdict["not asked"]) > 5
assert all(q["did"] == q["choice"] for q in by_verdict["same"])
assert all(q["reason"] == "no --registry" for q in by_verdict["not asked"])
PYTHON

# The odd DLL.
odd_ask() {
    ask "$work/odd" "$odd" --limit "${2:-30}" --registry --only "$1"
}
[ "$(odd_ask v4-init-len)" = 1 ] || fail "a crash is no difference"
expect_line "$work/odd" '\| crashed 0xC0000005 \| differs$'
[ "$(odd_ask tracev-null-h 5)" = 1 ] || fail "no return is no difference"
expect_line "$work/odd" '\| no return within 5 s \| differs$'
[ "$(odd_ask v4-raw-null)" = 1 ] || fail "an end of the process is no difference"
expect_line "$work/odd" '\| ended the process \| differs$'
[ "$(odd_ask v4-valid-no-end)" = 1 ] || fail "another answer is no difference"
expect_line "$work/odd" '\| 0, flag not written \| differs$'
[ "$(odd_ask info-null)" = 0 ] || fail "text of the DLL disturbs"
expect_line "$work/odd" '^info-null-buffer \|.*\| 87 \| same$'
[ "$(odd_ask v6-add-null)" = 0 ] || fail "a missing function is a difference"
expect_line "$work/odd" '\| - \| not asked \(PxeDhcpv6AppendOption is not exported\)$'
expect_line "$work/odd" '^# 0 asked: 0 same, 0 differ; 3 not asked$'
[ "$(odd_ask list-register-b)" = 1 ] || fail "a crash while registering is no difference"
expect_line "$work/odd" '^list-register-bottom .* crashed 0xC0000005 \| differs$'
[ "$(odd_ask list-unregister-u)" = 1 ] || fail "another answer is no difference"
registry_state "$work/after"
diff -u "$work/before" "$work/after" || fail "the registry was not repaired"

# The same on a machine without a provider list; and what a killed run has left is cleaned up.
list_delete
[ "$(odd_ask list-register-null-k)" = 1 ] || fail "a crash while registering is no difference"
registry_state "$work/after"
grep -q WDSPXE "$work/after" && fail "keys were left on a machine that had none"
list_seed
run "$work/added" reg add "$key" /v ProvidersOrder /t REG_MULTI_SZ \
    /d 'alpha\0wdspxe-conformance-1-a\0beta' /f >/dev/null
run "$work/added" reg add "$key\\Providers\\wdspxe-conformance-1-a\\Below" /f >/dev/null
odd_ask export >/dev/null
registry_state "$work/after"
diff -u "$work/before" "$work/after" || fail "what a killed run has left was not cleaned up"

# No such DLL, no arguments.
[ "$(ask "$work/odd" "$odd.none")" = 2 ] || fail "a missing DLL is no failure"
expect_line "$work/stderr" 'cannot be loaded: error'
[ "$(ask "$work/odd")" = 2 ] || fail "no arguments are no failure"
list_delete
echo "check.sh: $asked questions asked, all answers as documented"
