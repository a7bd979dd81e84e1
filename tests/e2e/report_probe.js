// Runs inside of a report, in a real browser, and writes what it finds into the page.
(function () {
    "use strict";
    const problems = [];
    const require = (condition, text) => { if (!condition) problems.push(text); };
    const box = (element) => element.getBoundingClientRect();

    const ladders = [...document.querySelectorAll("svg.ladder")];
    require(ladders.length > 0, "no ladder diagram");
    for (const ladder of ladders) {
        const view = ladder.viewBox.baseVal;
        require(box(ladder).width > 300 && box(ladder).height > 60, "a ladder without a size");
        require(ladder.querySelectorAll("line.arrow").length > 0, "a ladder without arrows");
        for (const text of ladder.querySelectorAll("text")) {
            const at = text.getBBox();
            require(at.width > 0 && at.x >= 0 && at.x + at.width <= view.width + 1 &&
                    at.y + at.height <= view.height, "text leaves the ladder: " + text.textContent);
        }
        for (const link of ladder.querySelectorAll("a")) {
            const target = document.getElementById(link.getAttribute("href").slice(1));
            require(target && target.closest("details"), "a link without a packet");
        }
    }

    const packets = [...document.querySelectorAll("details.packet")];
    require(packets.length > 0, "no packets");
    for (const packet of packets) {
        const inside = packet.querySelector(".inside");
        require(!packet.open && !inside.checkVisibility(), "a packet that is unfolded at first");
        packet.querySelector("summary").click();
        require(packet.open && inside.checkVisibility() && box(inside).height > 100,
                "a packet that does not unfold");
        require(packet.querySelectorAll(".fields tr").length > 3, "a packet without fields");
        require(/^0000  [0-9a-f]{2} /.test(packet.querySelector(".hex").textContent), "no bytes");
        packet.querySelector("summary").click();
        require(!packet.open, "a packet that does not fold");
    }

    // A click on an arrow unfolds its packet.
    const link = document.querySelector("svg.ladder a");
    if (link) {
        location.hash = link.getAttribute("href");
    }
    for (const element of document.querySelectorAll("[src],[href],[data],[action],[srcset]")) {
        const value = element.getAttribute("href") || element.getAttribute("src") || "?";
        require(value.startsWith("#"), "a reference to the outside: " + value);
    }
    require(performance.getEntriesByType("resource").length === 0, "something was loaded");
    require(document.querySelectorAll("script").length === 1, "a script in the page");
    require(window.hacked === undefined, "bytes of a packet ran as a script");
    require(document.documentElement.scrollWidth <= window.innerWidth, "wider than the window");

    const result = document.createElement("pre");
    result.id = "probe";
    result.textContent = JSON.stringify({
        ladders: ladders.length,
        packets: packets.length,
        background: getComputedStyle(document.body).backgroundColor,
        ink: getComputedStyle(document.body).color,
        errors: window.probeErrors,
        problems: problems,
    });
    document.body.appendChild(result);
})();
