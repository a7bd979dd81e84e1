#!/bin/bash
# The reference (tools/reference/make): made twice the same; no link leads nowhere; every export has its page
# and can be searched for; a real browser shows it from disk, light and dark.
#   check-reference.sh [FOLDER]   the pictures go into FOLDER
set -euo pipefail
export LC_ALL=C.UTF-8
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail()
{
    echo "tests/check-reference.sh: $*" >&2
    exit 1
}

for tool in doxygen chromium python3; do
    command -v "$tool" >/dev/null || fail "'$tool' is not installed (tools/packages test installs it)"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
site=$work/site
pictures=${1:-$work}
mkdir -p "$pictures"

tools/reference/make "$site"
mv "$site" "$work/first"
tools/reference/make "$site"
diff -rq "$work/first" "$site" || fail "made twice, it is not the same"

python3 - "$site" <<'PY' || fail "see above"
import html.parser, os, sys, urllib.parse
site = sys.argv[1]

class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(open(path, encoding="utf-8").read())
    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            if name in ("href", "src") and value:
                self.links.append(value)

pages = {name: Page(os.path.join(site, name)) for name in os.listdir(site) if name.endswith(".html")}
dead = outside = 0
for name, page in sorted(pages.items()):
    for link in page.links:
        parts = urllib.parse.urlsplit(link)
        if parts.scheme in ("http", "https"):
            outside += 1
            continue
        if parts.scheme or link.startswith("javascript:"):
            continue
        target = urllib.parse.unquote(parts.path) or name
        if not os.path.exists(os.path.join(site, target)):
            print(f"{name}: no {link}")
            dead += 1
        elif parts.fragment and target in pages and \
                urllib.parse.unquote(parts.fragment) not in pages[target].anchors:
            print(f"{name}: no anchor {link}")
            dead += 1
print(f"{len(pages)} pages, {dead} dead links")
sys.exit(dead > 0 or len(pages) < 40)
PY

# Every function of the header, with its words.
reference=$site/wdspxe_8h.html
[ -e "$reference" ] || fail "there is no page of wdspxe.h"
names=$(grep -oE '^[A-Z]+ PXEAPI (Pxe\w+)' include/wdspxe.h | awk '{ print $3 }' | sort -u)
[ "$(wc -w <<<"$names")" -ge 28 ] || fail "few functions are found in wdspxe.h"
for name in $names; do
    grep -q ">$name<\|$name *(" "$reference" || fail "$name is not on the page of wdspxe.h"
    grep -rqF "'$name'" "$site/search" || fail "the search does not know $name"
done
grep -q 'ERROR_INSUFFICIENT_BUFFER (122)' "$reference" || fail "the errors of functions are not there"

! grep -qE '^\*  ' "$reference" || fail "the stars of comments are in the code on the page of wdspxe.h"

# browse SCHEME URL OPTION...: 0 is dark, 1 is light. Of the page as it is when its scripts have come to rest.
browse()
{
    local scheme=$1 url=$2
    shift 2
    timeout 300 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
        --disable-background-networking --user-data-dir="$work/profile" --virtual-time-budget=20000 \
        --blink-settings=preferredColorScheme="$scheme" --window-size=1200,900 "$@" "$url" 2>/dev/null
}

anchor=$(grep -oE 'href="wdspxe_8h\.html#[a-z0-9]+">PxeSendReply<' "$reference" | head -n 1 |
    sed 's/.*#\([a-z0-9]*\)">.*/\1/' || true)
[ -n "$anchor" ] || fail "PxeSendReply has no place of its own"
browse 1 "file://$site/index.html" --dump-dom >"$work/index.dom"
grep -q 'ABI-compatible' "$work/index.dom" || fail "the first page is not the README"
sed -n '/id="nav-tree-contents"/,/id="splitbar"/p' "$work/index.dom" | grep -q 'class="label".*Two commands' ||
    fail "the navigation is empty: scripts did not run from disk"
browse 1 "file://$site/index.html" --screenshot="$pictures/reference-first.png"
browse 0 "file://$site/index.html" --screenshot="$pictures/reference-dark.png"
browse 1 "file://$reference#$anchor" --screenshot="$pictures/reference-PxeSendReply.png"
for picture in first dark PxeSendReply; do
    [ "$(stat -c %s "$pictures/reference-$picture.png")" -gt 20000 ] || fail "the picture '$picture' shows nothing"
done
! cmp -s "$pictures/reference-first.png" "$pictures/reference-dark.png" || fail "dark is as light"
echo "the reference: $(wc -w <<<"$names") functions, pictures light and dark"
