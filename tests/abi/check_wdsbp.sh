#!/bin/bash
# Holds wdsbp.dll and its .def files against wdsbp.txt. Usage: check_wdsbp.sh WDSBP_DLL
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: check_wdsbp.sh WDSBP_DLL" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
def=$here/../../def

table=$(sed '/^#/d' "$here/wdsbp.txt" | awk '{ print $1, $3 }')
decorated=$(sed '/^#/d' "$here/wdsbp.txt" | awk '{ print $1, $3 "@" $2 }')
[ "$(wc -l <<<"$table")" -eq 7 ]
# NAME @ORDINAL lines of a .def file as "ordinal name"
names() { sed 's/;.*//' "$1" | awk '$2 ~ /^@[0-9]+$/ { print substr($2, 2), $1 }'; }
exported=$(objdump -p "$1" | awk '
    /Ordinal base/ || /^Ordinal Base/ { base = $NF }
    /\[Ordinal\/Name Pointer\] Table/ { inside = 1; next }
    inside && /^\t\[ *[0-9]+\]/ { gsub(/[][]/, " "); print $1 + 1, $2 }
    inside && /^$/ { inside = 0 }')
diff <(echo "$table") <(echo "$exported")
diff <(echo "$table") <(names "$def/wdsbp.def")
diff <(echo "$decorated") <(names "$def/wdsbp-x86.def")
echo "7 exports of wdsbp.dll are as wdsbp.txt says"
