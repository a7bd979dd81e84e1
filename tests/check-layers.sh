#!/bin/bash
# Holds the includes of src/ and tools/wdspxectl/ against the rooms in HACKING.md: who may include whom.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

checked=0
broken=0
rooms=""

# check FOLDER ALLOWED-PREFIX-PATTERN: every quoted include of FOLDER's own files must match.
check()
{
    local folder=$1 allowed=$2 line
    rooms+=" $folder"
    while IFS= read -r line; do
        checked=$((checked + 1))
        if [[ ! ${line##*:} =~ \#include\ \"($allowed)\" ]]; then
            echo "$line: $folder may not include this" >&2
            broken=$((broken + 1))
        fi
    done < <(grep -n '#include "' "$folder"/*.[ch])
}

# portable FOLDER: no Windows and no sockets.
portable()
{
    if grep -rnE '#include <(windows|winsock2|ws2tcpip|sys/socket|unistd)\.h>' "$1"; then
        echo "$1 is portable: it may not include these" >&2
        broken=$((broken + 1))
    fi
}

name='[a-z0-9_]+\.h'
check src/base "base/$name"
check src/os "(base|os)/$name"
check src/dhcp "(base|dhcp)/$name"
# What a request tells of its sender: for the server, the tool and the provider that ships.
check src/facts "(base|dhcp|facts)/$name"
check src/registry "(base|registry)/$name"
# The engine knows nothing of the verifier, which looks into the engine.
check src/engine "(base|dhcp|engine|facts)/$name|registry/rules\.h"
check src/verify "(base|dhcp|engine|verify)/$name"
check src/net/native 'net/native/(errors|half|port_holders|route|termination)\.h|net/(backend|interfaces)\.h'
check src/net "(base|os|net|net/native)/$name|dhcp/dhcp[46]\.h|engine/(abi|endpoint|ports)\.h|registry/rules\.h"
check src/win32/call "(base|os|win32/call)/$name|engine/(callback|ports)\.h|wdspxe_ext\.h"
check src/win32/registry "(base|os|registry|win32/registry)/$name"
check src/win32/log "(base|os|engine|win32/(call|registry|log))/$name"
check src/win32/server "(base|os|registry|engine|verify|net|win32/(call|registry|log|server))/$name|wdspxe_ext\.h"
check src/api "(base|os|dhcp|registry|engine|verify|win32/(call|registry|log|server)|api)/$name|wdspxe(_ext)?\.h"
check src/wdsbp "(base|dhcp|wdsbp)/$name|os/random\.h|wdsbp\.h"
# Providers know the public header, the facts of clients that server and tool know too, and how replies
# to them look.
check src/answer/values "$name|base/address\.h"
check src/answer "(answer(/values)?/)$name|facts/facts\.h|wdspxe\.h|base/error_words\.h"
check src/staticpxe "(rules/)?$name|answer/(answer|values/[a-z]+)\.h|base/error_words\.h|os/stack\.h"
check src/webpxe "$name|webpxe/wire/$name|answer/answer\.h|base/error_words\.h|os/(stack|wine)\.h"
check src/webpxe/wire "webpxe/wire/$name|answer/(plan|values/[a-z0-9_]+)\.h|facts/facts\.h|base/address\.h"
check src/staticpxe/rules "$name|answer/(plan|values/[a-z0-9_]+)\.h|facts/facts\.h|base/(address|error_words)\.h"

# room NAME MAY-INCLUDE: one room of the tool; "" for main.c and its like on top.
room()
{
    check "tools/wdspxectl/$1" "($1${2:+|$2})/$name|wdspxe_ext\.h|facts/facts\.h|base/(address|histogram|loss)\.h"
}

room text ''
room decode 'text'
room capture 'decode|text'
room cli 'capture|text'
room provider 'cli|text'
room config 'cli|text'
room exchange 'capture|decode|text'
# Under Wine the native half tells of SIGTERM.
check tools/wdspxectl/server "(server|config|cli|capture|decode|text)/$name|net/native_load\.h|wdspxe_ext\.h|facts/facts\.h|os/stack\.h|base/(address|histogram|loss)\.h"
room bench 'server|provider|exchange|cli|capture|decode|text'
room fuzz 'bench|exchange|cli|text'
room status 'server|cli|text'
check tools/wdspxectl/static "(static|cli|text)/$name|staticpxe/(rules/)?$name|answer/values/$name|facts/facts\.h|base/address\.h"
room service 'server|cli|text'
room share 'config|cli|text'
for folder in src/base src/dhcp src/facts src/registry src/engine src/verify src/answer/values src/webpxe/wire src/staticpxe/rules; do
    portable "$folder"
done
for file in intake pace; do
    portable "src/net/$file.c"
    portable "src/net/$file.h"
done

# A folder that no rule above names would be looked at by nobody.
while IFS= read -r folder; do
    case " $rooms " in
    *" $folder "*) ;;
    *) echo "$folder: no rule says what it may include" >&2 && broken=$((broken + 1)) ;;
    esac
done < <(find src tools/wdspxectl -name '*.[ch]' -printf '%h\n' | sort -u |
    grep -vxE 'src/crt|tools/wdspxectl')
# What CMakeLists.txt builds as wdspxectl_core, and its headers.
core=$(awk '/^add_library\(wdspxectl_core/ { inside = 1; next } /^target/ { inside = 0 }
    inside { gsub(/[ )]/, ""); print "tools/wdspxectl/" $0 }' tools/wdspxectl/CMakeLists.txt)
[ "$(wc -w <<<"$core")" -gt 20 ] || { echo "wdspxectl_core is not found" >&2; exit 1; }
for file in $core; do
    portable "$file"
    [ ! -e "${file%.c}.h" ] || portable "${file%.c}.h"
done
[ "$checked" -gt 500 ] || { echo "only $checked includes found: the check looks at nothing" >&2; exit 1; }
echo "$checked includes checked, $broken broken rules"
[ "$broken" -eq 0 ]
