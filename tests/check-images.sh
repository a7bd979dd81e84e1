#!/bin/bash
# Looks at the built files as Windows' loader will: machine, hardening, and that they import nothing
# but functions that the system's DLLs have. Wine's DLLs, which can be asked, stand in for Windows'.
#   check-images.sh x64|x86|arm64 FILE...
set -euo pipefail
export LC_ALL=C
[ $# -ge 2 ] || { echo "usage: check-images.sh x64|x86|arm64 FILE..." >&2; exit 2; }
readonly SYSTEM_DLLS="advapi32 crypt32 iphlpapi kernel32 msvcrt ntdll rpcrt4 ucrtbase winhttp ws2_32"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
flags="DYNAMIC_BASE NX_COMPAT HIGH_ENTROPY_VA"
wine=/usr/lib/x86_64-linux-gnu/wine/x86_64-windows
case $1 in
x64) format=COFF-x86-64 ;;
x86)
    format=COFF-i386 flags=${flags% *} wine=$root/build/wine32/i386-windows
    "$root/tools/fetch-wine32" "$root/build/wine32"
    ;;
arm64) format=COFF-ARM64 ;;
*) echo "check-images.sh: unknown architecture '$1'" >&2; exit 2 ;;
esac
shift
[ -f "$wine/kernel32.dll" ] || { echo "check-images.sh: no $wine/kernel32.dll" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
broken=0
imported=0

broken()
{
    echo "FAIL $*"
    broken=$((broken + 1))
}

# What a DLL exports, one name a line, in order. Each is asked once.
exports()
{
    [ -e "$work/$1" ] ||
        llvm-readobj --coff-exports "$wine/$1" | awk '$1 == "Name:" { print $2 }' | sort >"$work/$1"
    cat "$work/$1"
}

# "dll name" lines; an import by number has the name "-".
imports()
{
    llvm-readobj --coff-imports "$1" | awk '
        $1 == "Name:" { dll = tolower($2) }
        $1 == "Symbol:" { print dll, ($2 ~ /^\(/ ? "-" : $2) }'
}

check_imports()
{
    local file=$1 dll missing
    imports "$file" >"$work/imports"
    while read -r dll; do
        if [[ " $SYSTEM_DLLS " != *" ${dll%.dll} "* ]]; then
            broken "${file##*/} imports from $dll"
            continue
        fi
        missing=$(comm -13 <(exports "$dll") <(sed -n "s/^$dll //p" "$work/imports" | sort) | xargs)
        [ -z "$missing" ] || broken "${file##*/} imports what $dll has not: $missing"
    done < <(cut -d' ' -f1 "$work/imports" | grep -vx wdspxe.dll | sort -u)
    imported=$((imported + $(wc -l <"$work/imports")))
}

for file in "$@"; do
    header=$(llvm-readobj --file-headers "$file")
    grep -q "^Format: $format\$" <<<"$header" || broken "${file##*/} is not $format"
    for flag in $flags; do
        grep -q "IMAGE_DLL_CHARACTERISTICS_$flag " <<<"$header" || broken "${file##*/}: no $flag"
    done
    check_imports "$file"
done
[ "$imported" -gt 0 ] || broken "no import was seen: the check looks at nothing"
echo "$# files, $imported imports looked at, $broken faults"
[ "$broken" -eq 0 ]
