#!/bin/bash
# Holds the includes of src/ against the table in HACKING.md: who may include whom.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

checked=0
broken=0

# check FOLDER ALLOWED-PREFIX-PATTERN: every quoted include of FOLDER must match.
check()
{
    local folder=$1 allowed=$2 line
    while IFS= read -r line; do
        checked=$((checked + 1))
        if [[ ! ${line##*:} =~ \#include\ \"($allowed)\" ]]; then
            echo "$line: $folder may not include this" >&2
            broken=$((broken + 1))
        fi
    done < <(grep -rn '#include "' "$folder" --include='*.c' --include='*.h')
}

# portable FOLDER: no Windows and no sockets.
portable()
{
    if grep -rnE '#include <(windows|winsock2|ws2tcpip|sys/socket|unistd)\.h>' "$1"; then
        echo "$1 is portable: it may not include these" >&2
        broken=$((broken + 1))
    fi
}

check src/base 'base/[a-z0-9_]+\.h'
check src/dhcp '(base|dhcp)/[a-z0-9_]+\.h'
check src/registry '(base|registry)/[a-z0-9_]+\.h'
check src/engine '(base|dhcp|engine)/[a-z0-9_]+\.h'
check src/win32 '(base|engine|registry|win32|net_native)/[a-z0-9_]+\.h|wdspxe(_ext)?\.h'
check src/net_native 'net_native/[a-z_]+\.h|win32/net_backend\.h'
check src/api '(base|dhcp|engine|registry|win32)/[a-z0-9_]+\.h|wdspxe(_ext)?\.h'
check src/wdsbp '(base|dhcp|wdsbp)/[a-z0-9_]+\.h|wdsbp\.h'
check src/staticpxe '[a-z0-9]+\.h'
check tools/wdspxectl '[a-z0-9_]+\.h'
for folder in src/base src/dhcp src/registry src/engine; do
    portable "$folder"
done
# What CMakeLists.txt builds as wdspxectl_core, and its headers.
core=$(awk '/^add_library\(wdspxectl_core/ { inside = 1; next } /^target/ { inside = 0 }
    inside { gsub(/[ )]/, ""); print "tools/wdspxectl/" $0 }' tools/wdspxectl/CMakeLists.txt)
[ "$(wc -w <<<"$core")" -gt 20 ] || { echo "wdspxectl_core is not found" >&2; exit 1; }
for file in $core; do
    portable "$file"
    [ ! -e "${file%.c}.h" ] || portable "${file%.c}.h"
done
[ "$checked" -gt 50 ] || { echo "only $checked includes found: the check looks at nothing" >&2; exit 1; }
echo "$checked includes checked, $broken broken rules"
[ "$broken" -eq 0 ]
