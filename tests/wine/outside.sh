# For tests of wdspxectl from outside; sourced. Before: `exe` is the program, `tmp` a folder of the
# test's own. The environment gives WINEPREFIX.
# shellcheck source-path=SCRIPTDIR/../.. source=tools/debian-first.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../tools/debian-first.sh"
export LC_ALL=C.UTF-8 WINEDEBUG=${WINEDEBUG:--all}
unset DISPLAY
failures=0
checks=0
rc=0
: >"$tmp/out"
: >"$tmp/err"

# Output goes to files: a wineserver that stays would keep a pipe open for ever.
ctl() {
    # Wine now and then starts no program while another one is being ended, with or without a word; ours
    # never fails in silence. That passes.
    local end=$((SECONDS + 60))
    while true; do
        (cd "$tmp" && exec timeout "${CTL_TIMEOUT:-60}" wine "$exe" "$@") >"$tmp/out" \
            2>"$tmp/err" </dev/null
        rc=$?
        { [ "$rc" -ne 0 ] && [ ! -s "$tmp/out" ] && [ ! -s "$tmp/err" ]; } ||
            grep -q 'ShellExecuteEx failed' "$tmp/out" "$tmp/err" || break
        [ "$SECONDS" -lt "$end" ] || break
        sleep 0.2
    done
}

fail() {
    failures=$((failures + 1))
    echo "FAIL: $1"
    sed 's/^/  out: /' "$tmp/out" | head -5
    sed 's/^/  err: /' "$tmp/err" | head -5
}

check() { # description, command...
    local description=$1
    shift
    checks=$((checks + 1))
    "$@" || fail "$description"
}

becomes_true() { # command...: within a minute
    local end=$((SECONDS + 60))
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

expect() { # exit code, arguments of wdspxectl...
    local wanted=$1
    shift
    ctl "$@"
    checks=$((checks + 1))
    [ "$rc" -eq "$wanted" ] || fail "exit code $rc, expected $wanted: $*"
}

out_has() { grep -qF -- "$1" "$tmp/out"; }
out_lacks() { ! out_has "$1"; }
out_matches() { tr -d '\r' <"$tmp/out" | grep -qE -- "$1"; }
err_has() { grep -qF -- "$1" "$tmp/err"; }
err_is_one_line() { [ "$(wc -l <"$tmp/err")" -eq 1 ]; }
out_is_empty() { [ ! -s "$tmp/out" ]; }

out_is_json() { python3 -m json.tool <"$tmp/out" >"$tmp/pretty"; }

# Evaluates a Python expression over the JSON value `j` in the last output; `p` is $prefix.
json_holds() {
    python3 - "$tmp/out" "$1" "${prefix:-}" <<'PY'
import json, sys
j = json.load(open(sys.argv[1], encoding="utf-8"))
p = sys.argv[3]
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)
PY
}

usage_error() { # what the line must say, arguments...
    local wanted=$1
    shift
    expect 2 "$@"
    check "one line for: $*" err_is_one_line
    check "'$wanted' for: $*" err_has "$wanted"
    check "where to look for: $*" err_has '--help"'
    check "nothing on standard output for: $*" out_is_empty
}

# The same over the values of the last output, one per line: the list `e`; `f` are those of findings.
events_hold() {
    python3 - "$tmp/out" "$1" <<'PY'
import json, sys
e = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
f = [x for x in e if x["event"] == "finding"]
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)
PY
}

# Prints the prefix of the compiler for the machine type in the header of the exe.
exe_machine() {
    python3 - "$exe" <<'PY'
import struct, sys
b = open(sys.argv[1], "rb").read(4096)
at = struct.unpack_from("<I", b, 60)[0]
print({0x8664: "x86_64", 0x14c: "i686", 0xaa64: "aarch64"}[struct.unpack_from("<H", b, at + 4)[0]])
PY
}

# Sends DISCOVERs, and junk, to a server: see tests/support/discover.py.
discover() { # port, options...
    PYTHONDONTWRITEBYTECODE=1 python3 "$(dirname "${BASH_SOURCE[0]}")/../support/discover.py" "$@"
}

free_ports() {
    python3 - <<'PY'
import socket
s = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
for x in s:
    x.bind(("127.0.0.1", 0))
print(*[x.getsockname()[1] for x in s])
PY
}

# The first run may have to start a wineserver, whose output must not go into a pipe. Then a program
# stays until this script ends: Wine's service manager goes away with the last program, and one that
# starts meanwhile finds it dying.
start_wine() {
    wine cmd /c exit </dev/null >/dev/null 2>&1
    tail -f --pid=$$ /dev/null | (cd / && exec wine cmd /c 'set /p line=') >/dev/null 2>&1 &
    ctl version
    if [ "$rc" -ne 0 ] || ! grep -q '^wdspxectl [0-9]' "$tmp/out" ||
        ! grep -q '^wdspxe.dll ' "$tmp/out"; then
        fail "wine did not run $exe (exit code $rc)"
        exit 1
    fi
}

finish() {
    echo "$checks checks, $failures failed"
    [ "$failures" -eq 0 ] && [ "$checks" -gt 10 ]
}
