// The script of the pages with charts: the bars of one are one stop of Tab, and the arrows move among them.
"use strict";

for (const bars of document.querySelectorAll(".bars")) {
  const all = [...bars.querySelectorAll("a")], stop = all.find((a) => a.ariaCurrent) ?? all.at(-1);
  for (const a of all) a.tabIndex = a === stop ? 0 : -1;
  bars.addEventListener("keydown", (e) => {
    const at = all.indexOf(e.target.closest("a"));
    const to = all[{ ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[e.key]];
    if (!to || at < 0 || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    all[at].tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });
}
