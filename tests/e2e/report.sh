#!/bin/bash
# End-to-end test: the report of wdspxectl replay in a real browser (chromium, headless).
# Usage: tests/e2e/report.sh [x64|x86] [FOLDER]     FOLDER: where page and pictures are left
# Needs the existing build. Makes reports of real captures, of a provider that breaks rules, and of a
# capture full of bytes that would be markup; looks at each page in light and dark, wide and narrow,
# with a script inside of it: tests/e2e/report_probe.js.
set -euo pipefail
export LC_ALL=C.UTF-8

fail()
{
    echo "tests/e2e/report.sh: $*" >&2
    exit 1
}

ARCH=${1:-x64}
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BIN=$ROOT/build/win-$ARCH/bin
WORK=$(mktemp -d)
OUT=${2:-$WORK/out}
BROWSER=$(command -v chromium) || fail "there is no chromium"
trap 'rm -rf "$WORK"' EXIT
mkdir -p "$OUT"
[ -e "$BIN/wdspxectl.exe" ] || fail "there is no $BIN/wdspxectl.exe: build it first"

windows_path() { printf 'Z:%s' "$1" | tr / '\\'; }

# report NAME PROVIDER EXIT-CODE ARGUMENT...
report()
{
    local name=$1 provider=$2 wanted=$3 rc=0
    local -a x86=()
    shift 3
    [ "$ARCH" != x86 ] || x86=(--x86)
    "$ROOT/tools/wine-run" ${x86[@]+"${x86[@]}"} "$BIN/wdspxectl.exe" replay \
        "$(windows_path "$BIN/$provider")" "$@" --quiet \
        --report "$(windows_path "$OUT/$name.html")" >"$WORK/$name.log" 2>&1 </dev/null || rc=$?
    [ "$rc" -eq "$wanted" ] || { cat "$WORK/$name.log"; fail "replay for $name ended with $rc"; }
}

# browse COLOUR-SCHEME WIDTH URL OPTION...: 0 is dark, 1 is light
browse()
{
    local scheme=$1 width=$2 url=$3
    shift 3
    timeout 120 "$BROWSER" --headless --no-sandbox --disable-gpu --hide-scrollbars \
        --disable-background-networking --user-data-dir="$WORK/profile" --enable-logging=stderr \
        --blink-settings=preferredColorScheme="$scheme" --window-size="$width,1400" "$@" "$url"
}

# look NAME COLOUR-SCHEME WIDTH: prints what the probe found, as JSON
look()
{
    local page=$WORK/$1-probed.html
    # The page as it is forbids scripts; the copy that is looked at has one more.
    python3 - "$OUT/$1.html" "$ROOT/tests/e2e/report_probe.js" "$page" <<'PY'
import re, sys
page = open(sys.argv[1], encoding="utf-8").read()
policy = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
assert policy == ["default-src 'none'; style-src 'unsafe-inline'"], policy
probe = open(sys.argv[2], encoding="utf-8").read()
page = page.replace('<meta http-equiv="Content-Security-Policy"', '<meta name="was-policy"')
errors = ("<script>window.probeErrors=[];"
          "addEventListener('error',e=>probeErrors.push(String(e.message)))</script>")
page = page.replace("<style>", errors + "<style>", 1)
head, tail = page.rsplit("</body>", 1)
probe = probe.replace('querySelectorAll("script").length === 1',
                      'querySelectorAll("script").length === 2')
open(sys.argv[3], "w", encoding="utf-8").write(head + "<script>" + probe + "</script></body>" + tail)
PY
    browse "$2" "$3" "file://$page" --dump-dom 2>"$WORK/look.log" |
        sed -n 's/.*<pre id="probe">\(.*\)<\/pre>.*/\1/p' | sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
}

# must_look_good NAME LADDERS PACKETS
must_look_good()
{
    local name=$1 light dark
    light=$(look "$name" 1 1280)
    dark=$(look "$name" 0 1280)
    python3 - "$name" "$2" "$3" "$light" "$dark" "$(look "$name" 1 400)" <<'PY' || fail "$name"
import json, sys
name, ladders, packets = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
looks = [json.loads(text) for text in sys.argv[4:]]
for look in looks:
    assert look["problems"] == [], look["problems"][:5]
    assert look["errors"] == [], look["errors"]
    assert look["ladders"] == ladders and look["packets"] == packets, look
light, dark = [sum(map(int, look["background"].strip("rgb()").split(","))) for look in looks[:2]]
assert light > 600 and dark < 150, (light, dark)
print(f"{name}: {ladders} ladders, {packets} packets; light, dark and narrow")
PY
    # The page as it is: nothing may appear on the console, such as a refused script or style.
    browse 1 1280 "file://$OUT/$name.html" --screenshot="$OUT/$name-light.png" 2>"$WORK/console.log"
    browse 0 1280 "file://$OUT/$name.html" --screenshot="$OUT/$name-dark.png" 2>>"$WORK/console.log"
    ! grep CONSOLE "$WORK/console.log" || fail "$name: the console has something to say"
    [ -s "$OUT/$name-light.png" ] && [ -s "$OUT/$name-dark.png" ] || fail "$name: no picture"
}

captures=("$ROOT"/tests/captures/{x64-a-binl,bios-ipxe,relay6-isc.br0}.pcap)
report good staticpxe.dll 0 "${captures[@]}" \
    --set "ConfigFile=$(windows_path "$ROOT/tests/golden/relay6-isc.br0.ini")"
report bad providers/prov_leak.dll 6 "${captures[0]}"
/usr/bin/python3 - "$ROOT/tests/captures/x64-a-binl.pcap" "$WORK/hostile.pcap" <<'PY'
import logging, sys
logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.all import IP, UDP, Raw, rdpcap, wrpcap
script = b"</td></table><script>window.hacked=1</script><img src=x onerror=window.hacked=2>"
frames = []
for packet in rdpcap(sys.argv[1]):
    payload = bytearray(bytes(packet[UDP].payload))
    if payload[0] != 1:
        continue
    payload[44:44 + 64] = script[:64]                       # server name
    payload[108:108 + len(script)] = script                 # boot file
    end = payload.rindex(255)
    payload[end:] = bytes([12, len(script)]) + script + b"\x0c\x04\xe2\x80\xae\x01\xff"
    frames.append(packet.__class__(bytes(packet)[:14]) / IP(src=packet[IP].src, dst=packet[IP].dst) /
                  UDP(sport=packet[UDP].sport, dport=packet[UDP].dport) / Raw(bytes(payload)))
wrpcap(sys.argv[2], frames)
PY
report hostile providers/prov_leak.dll 6 "$(windows_path "$WORK/hostile.pcap")" --name '<b onclick=x>'
must_look_good good 4 "$(grep -c '<details class="packet' "$OUT/good.html")"
must_look_good bad 1 6
# Three of them are requests whose server name has no end: they are there as received and as repaired.
must_look_good hostile 1 9
echo "tests/e2e/report.sh: ok"
