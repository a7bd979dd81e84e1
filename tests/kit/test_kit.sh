#!/bin/bash
# The kit for Windows, made of this build and run by Wine's cmd: its summary, its ZIP, a foreign wdspxe.dll in
# System32, and what a run that was cut short has left.
#   test_kit.sh BIN_FOLDER RUNNER...
set -uo pipefail
[ $# -ge 2 ] || { echo "usage: $0 BIN_FOLDER RUNNER..." >&2; exit 2; }
bin=$1
runner=("${@:2}")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export LC_ALL=C.UTF-8
services='HKLM\SYSTEM\CurrentControlSet\Services'
key="$services\\WDSServer\\Providers\\WDSPXE"
tmp=$(mktemp -d)
failures=0
checks=0

# Into a file: a wineserver that stays would keep a pipe open for ever.
wine_run() { # OUTPUT PROGRAM ARGUMENT...
    local output=$1
    shift
    (cd "$tmp" && exec "${runner[@]}" "$@") >"$tmp/raw" 2>"$tmp/err" </dev/null
    rc=$?
    tr -d '\r' <"$tmp/raw" >"$output"
}

check() { # DESCRIPTION COMMAND...
    checks=$((checks + 1))
    "${@:2}" || {
        failures=$((failures + 1))
        echo "FAIL: $1"
        tail -n 12 "$tmp/out"
    }
}

registry() {
    wine_run "$tmp/queried" reg query "$services\\WDSServer" /s
    cat "$tmp/queried"
}

clean_up() {
    [ ! -n "${foreign:-}" ] || rm -f "$foreign"
    wine_run "$tmp/out" "$kit/bin/wdspxectl.exe" service uninstall
    wine_run "$tmp/out" reg delete "$services\\WDSServer" /f
    rm -rf "$tmp"
}

run_kit() { # WANTED_CODE OPTION...
    local wanted=$1
    shift
    wine_run "$tmp/out" cmd /c "$windows\\run.cmd" "$@"
    check "exit code $rc, expected $wanted: run.cmd $*" [ "$rc" -eq "$wanted" ]
}

says() { grep -qE -- "$1" "$tmp/out"; }
as_before() { diff -u <(echo "$before") <(echo "$(registry)"); }

"$root/tools/packaging/windows/kit" "$bin" "$tmp" >"$tmp/made" || exit 1
unzip -q "$tmp/wdspxe-windows-kit.zip" -d "$tmp" || exit 1
kit=$tmp/wdspxe-windows-kit
windows="Z:${kit//\//\\}"
trap clean_up EXIT

check "every test program is in it" [ "$(ls "$kit"/bin/test_*.exe | wc -l)" -eq "$(ls "$bin"/test_*.exe | wc -l)" ]
# One that starts a program of the tests beside it.
run_kit 0 --only test_robustness
check "what tests start is in it" says '^passed +test_robustness +[0-9]+ tests, 0 skipped'
run_kit 2 --frobnicate
check "what it takes" grep -q '^usage: run.cmd' "$tmp/err"

# A machine that has providers keeps them, and a foreign DLL is asked.
wine_run "$tmp/out" reg add "$key\\Providers\\alpha" /v ProviderDLL /t REG_SZ /d 'C:\alpha.dll' /f
wine_run "$tmp/out" reg add "$key" /v ProvidersOrder /t REG_MULTI_SZ /d alpha /f
wine_run "$tmp/out" reg add "$key" /v UseDhcpPorts /t REG_DWORD /d 0 /f
before=$(registry)
check "the list could be made" grep -q alpha <<<"$before"
run_kit 0 --only service
check "the service lived" says '^passed +service +installed, started, answered, stopped, uninstalled$'
check "as it was" says '^passed +registry '
check "the list is there" as_before
run_kit 0 --only minidump
check "a dump" says '^passed +minidump +[0-9]+ bytes, .*\.dmp$'
check "a ZIP" unzip -tqq "$kit/report.zip"
check "the dump is in it" grep -q '^results/dumps/.*\.dmp$' <(unzip -Z1 "$kit/report.zip")
check "the summary is in it" diff <(tr -d '\r' <"$kit/results/summary.txt") <(unzip -p "$kit/report.zip" results/summary.txt | tr -d '\r')

# tools/wine-run's prefix.
foreign=${WDSPXE_WINEPREFIX:-$root/build/wineprefix}/drive_c/windows/system32/wdspxe.dll
rm -f "$foreign" # of a run that was killed
run_kit 0 --only conformance-s
check "no foreign DLL" says '^skipped +conformance-system32 +there is no wdspxe.dll in System32'
cp "$bin/wdspxe.dll" "$foreign"
run_kit 0 --only conformance-s --questions list-
check "the foreign DLL was asked" says '^passed +conformance-system32 +[0-9]+ asked: [0-9]+ same, 0 differ; '
check "it is that one" grep -qi '^# wdspxe: .*system32.wdspxe.dll' <(tr -d '\r' <"$kit/results/conformance-system32.txt")
# Other answers than ours are findings, not failures.
cp "$bin/providers/odd_wdspxe.dll" "$foreign"
run_kit 0 --only conformance-s --questions v4-valid-no-end
check "one that differs was asked" says '^passed +conformance-system32 +1 asked: 0 same, 1 differ'
run_kit 0 --only conformance-o --questions v4-init
check "ours was asked" says '^passed +conformance-ours +[0-9]+ asked: [0-9]+ same, 0 differ; '
rm -f "$foreign"
check "the list is there still" as_before

# A test that fails is told, and so is one that dies without a word.
cp "$bin/test_dhcp6.exe" "$kit/bin/test_x_good.exe"
cp "$bin/wdspxectl.exe" "$kit/bin/test_x_silent.exe"
run_kit 1 --only test_x
check "a good one" says '^passed +test_x_good +[0-9]+ tests'
check "one that runs no test" says '^FAILED +test_x_silent +exit code'
check "the sum" says '^2 passed, 1 failed, 0 skipped$'

# Cut short with the list away: the next run puts it back.
mkdir -p "$kit/results"
wine_run "$tmp/out" reg export "$services\\WDSServer" "$windows\\results\\before-0.reg" /y
echo saved >"$kit/results/before.txt"
wine_run "$tmp/out" reg delete "$services\\WDSServer" /f
run_kit 0 --only nothing
check "put back" says '^passed +registry +put back as it was before$'
check "the list is there again" as_before
check "nothing is kept of it" [ ! -e "$kit/results/before-0.reg" ]
echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ] && [ "$checks" -gt 20 ]
