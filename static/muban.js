// The script of all pages; desk.js is for those where a message is written or read over, board.js for those with charts.
// Every page works without them.
"use strict";

const root = document.documentElement;
root.classList.add("js");

const announce = (text) => {
  const box = document.getElementById("announce");
  if (box) box.textContent = text ?? "";
};

// --- Parts: what the server draws again takes the place of what has the same id. None of it is ever typed in.

function swap(html) {
  const focused = document.activeElement?.id, row = document.activeElement?.closest?.("[data-reorder] > li");
  const at = row ? [...row.parentElement.children].indexOf(row) : -1;
  const scroll = document.getElementById("chips")?.scrollTop;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const part of [...parsed.body.children]) {
    const old = document.getElementById(part.id);
    if (!old || old.contains(document.activeElement) && isTyping(document.activeElement)) continue;
    for (const open of old.querySelectorAll("details[open]")) {
      part.querySelector("details")?.toggleAttribute("open", open.open);
    }
    if (part.matches("textarea") && rewrite(old, part.value)) continue;
    if (part.matches("button")) renew(old, part);
    else old.replaceWith(part);
  }
  const chips = document.getElementById("chips");
  if (chips && scroll) chips.scrollTop = scroll;
  refresh(document);
  if (focused && document.activeElement?.id !== focused) restoreFocus(focused, at);
  const said = document.querySelector("#went strong, #preflight .overall, #preview > .panel > .away, " +
    "#preview > .panel > .finding, #preview > p.sum, .sum > summary, #range");
  if (said) announce(said.textContent.trim());
}

// renew makes a button like another one. It stays the same element, so that a press which has begun is not lost.
function renew(button, like) {
  for (const name of button.getAttributeNames()) button.removeAttribute(name);
  for (const { name, value } of like.attributes) button.setAttribute(name, value);
  button.replaceChildren(...like.childNodes);
}

// rewrite puts a text into a field as typing would, so that Ctrl-Z takes it back.
function rewrite(field, text) {
  field.focus();
  field.select();
  return document.execCommand("insertText", false, text);
}

const isTyping = (el) => el?.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");

// restoreFocus keeps the keyboard where it was: on the same button, or, when it
// went away or was disabled, on its like in the row that took the place.
function restoreFocus(id, at) {
  const el = document.getElementById(id), [act, keyword] = id.split("-");
  if (el && !el.disabled) { el.focus(); return; }
  const rows = [...document.querySelectorAll("[data-reorder] > li")];
  const row = el?.closest("li") ?? rows[Math.min(at, rows.length - 1)];
  const next = row?.querySelector(`[id^="${act}-"]:enabled`) ?? row?.querySelector("button:enabled") ??
    document.getElementById("chip-" + keyword) ?? document.querySelector("#chips button:enabled");
  next?.focus();
}

// --- Posting: a second click does not submit again; the server refuses it too. What desk.js sends is seen to.

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (e.defaultPrevented) return;
  if (form.dataset.plain) delete form.dataset.plain;
  else delete form.dataset.dirty;
  once(form, e.submitter, e);
});

function once(form, button, e) {
  if (!button?.hasAttribute("data-once")) return;
  if (form.dataset.busy) { e.preventDefault(); return; }
  form.dataset.busy = "1";
  form.setAttribute("aria-busy", "true");
}
addEventListener("pageshow", (e) => {
  if (e.persisted) sessionStorage.removeItem("sent"); // nobody knows what became of it
  for (const form of document.querySelectorAll("form[data-busy]")) {
    delete form.dataset.busy;
    form.removeAttribute("aria-busy");
  }
});

// --- Keys

// Where a form was refused, the keyboard goes on from what has to be mended.
if (!document.querySelector("[autofocus]")) document.querySelector("main [role=alert][tabindex]")?.focus();

document.addEventListener("keydown", (e) => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
  const menu = e.key === "Escape" && document.querySelector("#menu:checked");
  if (menu) {
    menu.checked = false;
    menu.focus();
  }
  if (isTyping(document.activeElement)) return;
  if (e.key === "/" && palette) {
    e.preventDefault();
    openPalette();
  } else if (e.key === "?" && palette) {
    shortcuts();
  }
});

// The list of keys is asked for when it is first shown: it stands on the palette's own page.
let keys = document.getElementById("shortcuts");

async function shortcuts() {
  try {
    const page = keys ?? await (await fetch(wanted.form.action)).text();
    keys ??= document.body.appendChild(new DOMParser().parseFromString(page, "text/html").getElementById("shortcuts"));
    keys.showModal();
  } catch { /* no network, or signed out */ }
}

// --- The palette: "/" or Ctrl-K finds anything. The choices are the server's; the
// field keeps the focus and the arrows move among them. A second "/" leads to the
// page's own search.

const palette = document.getElementById("palette");
const wanted = document.getElementById("palette-q");
let question; // the one under way
let answered; // the text that the choices are for

const choices = () => [...palette.querySelectorAll("[role=option]")];

function openPalette() {
  if (palette.open) return;
  palette.showModal();
  wanted.select();
  look();
}

async function look() {
  clearTimeout(look.timer);
  question?.abort();
  question = new AbortController();
  const { signal } = question, text = wanted.value;
  try {
    const answer = await fetch(wanted.form.action + "?q=" + encodeURIComponent(text), { headers: { "X-Fragment": "1" }, signal, redirect: "error" });
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (signal.aborted) return;
    if (!parsed.body.children.length) { location.reload(); return; } // signed out meanwhile
    for (const part of parsed.body.children) document.getElementById(part.id).replaceChildren(...part.childNodes);
  } catch { return; } // given up, or no network
  answered = text;
  choose(0);
}

function choose(at) {
  const all = choices();
  all.forEach((one, i) => one.setAttribute("aria-selected", i === at));
  wanted.setAttribute("aria-expanded", all.length > 0);
  if (!all[at]) { wanted.removeAttribute("aria-activedescendant"); return; }
  wanted.setAttribute("aria-activedescendant", all[at].id);
  all[at].scrollIntoView({ block: "nearest" });
}

async function go() {
  if (answered !== wanted.value) await look();
  const chosen = choices().find((one) => one.ariaSelected === "true");
  if (!chosen) { wanted.form.submit(); return; }
  palette.close();
  chosen.click();
}

wanted?.addEventListener("input", (e) => {
  clearTimeout(look.timer);
  if (!e.isComposing) look.timer = setTimeout(look, 80);
});
wanted?.addEventListener("compositionend", look);
wanted?.addEventListener("keydown", (e) => {
  if (e.isComposing) return; // the input method's own arrows and Enter
  const all = choices(), at = all.findIndex((one) => one.ariaSelected === "true");
  const own = document.querySelector("[data-search]");
  if (e.key === "ArrowDown") choose((at + 1) % all.length);
  else if (e.key === "ArrowUp") choose((at + all.length - 1) % all.length);
  else if (e.key === "Enter") go();
  else if (e.key === "/" && wanted.value === "" && own) { palette.close(); own.focus(); own.select(); }
  else return;
  e.preventDefault();
});
palette?.addEventListener("click", (e) => { if (e.target === palette) palette.close(); }); // beside it
document.getElementById("find")?.addEventListener("click", (e) => {
  if (e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  openPalette();
});
document.addEventListener("keydown", (e) => {
  if (!palette || e.isComposing || !(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey || e.key.toLowerCase() !== "k") return;
  e.preventDefault();
  openPalette();
});

// --- Progress: what has data-poll is asked for again every second, until it is
// drawn without. What it says aloud is said when it changes.

let lastSaid = document.querySelector("[data-say]")?.dataset.say;

async function poll() {
  const part = document.querySelector("[data-poll]");
  if (part && !document.hidden) {
    try {
      const answer = await fetch(part.dataset.poll, { headers: { "X-Fragment": "1" }, redirect: "error" });
      if (answer.ok) swap(await answer.text());
    } catch { /* the next time */ }
    const said = document.querySelector("[data-say]")?.dataset.say;
    if (said !== lastSaid) announce(lastSaid = said);
  }
  setTimeout(poll, 1000);
}
setTimeout(poll, 1000);

// --- The library: it is searched as one types, and the row with the focus, or under a
// resting pointer, has its preview. The address says what is shown, and an answer that
// comes too late is dropped.

const found = { abort: null, timer: 0 };

async function show(url) {
  clearTimeout(found.timer);
  found.abort?.abort();
  const { signal } = found.abort = new AbortController();
  try {
    const answer = await fetch(url, { headers: { "X-Fragment": "1" }, signal, redirect: "error" });
    const html = await answer.text();
    if (signal.aborted || !answer.ok && answer.status !== 422) return;
    history.replaceState(null, "", url);
    swap(html);
  } catch { /* given up, or no network: Enter loads the page */ }
}

function search(e) {
  const form = e.target.closest?.("[data-search-form]");
  if (!form || e.isComposing) return;
  const filled = [...new FormData(form)].filter(([, value]) => value);
  clearTimeout(found.timer);
  found.timer = setTimeout(show, 120, form.action + "?" + new URLSearchParams(filled));
}
document.addEventListener("input", search);
document.addEventListener("compositionend", search);

for (const [event, wait] of [["focusin", 120], ["pointerover", 300]]) {
  document.addEventListener(event, (e) => {
    const row = e.target.closest?.(".titles tbody tr"), peek = row?.querySelector(".peek-at");
    if (!peek || row.matches(".on") || !document.getElementById("peek").checkVisibility()) return;
    const url = new URL(peek.href);
    url.hash = "";
    clearTimeout(found.timer);
    found.timer = setTimeout(() => {
      for (const other of document.querySelectorAll(".titles tbody tr")) other.classList.toggle("on", other === row);
      show(url);
    }, wait);
  });
}

// --- Copying, leaving, choosing an app

document.addEventListener("click", async (e) => {
  const button = e.target.closest?.("[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy);
  button.classList.add("pressed");
  announce(document.getElementById("announce")?.dataset.copied);
  setTimeout(() => button.classList.remove("pressed"), 1200);
});

// copy also serves pages on plain http beyond localhost, where there is no
// clipboard API.
async function copy(text) {
  if (navigator.clipboard) {
    try { await navigator.clipboard.writeText(text); return; } catch { /* not allowed: fall through */ }
  }
  const focused = document.activeElement, box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
  focused?.focus();
}

// --- What is typed stays in this tab until it was posted and taken: through a reload,
// a link, and a session that ends. It is kept by person and page, and never a password.

const whose = document.documentElement.dataset.person;
const shelf = (form) => `typed ${whose} ${location.pathname} ${form.getAttribute("action")}`;
const isTick = (el) => el.type === "checkbox" || el.type === "radio";
const typed = (form) => [...form.elements].filter((el) =>
  el.name && !el.readOnly && !/^(hidden|password|file|search|submit|button|fieldset)$/.test(el.type));
const store = (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* full, or not allowed */ } };
const keeps = (form) => whose && form?.method === "post" && !form.matches(".preferences, .switcher, [data-unkept]");

function keepTyped(e) {
  const form = e.target.form;
  if (keeps(form)) store(shelf(form), JSON.stringify(typed(form).map((el) => [el.name, isTick(el) ? el.checked : el.value])));
}
document.addEventListener("input", keepTyped);
document.addEventListener("change", keepTyped);

// A page that follows a post shows that it was taken, unless it says that it was not.
function settleTyped() {
  const [visit] = performance.getEntriesByType("navigation"), sent = sessionStorage.getItem("sent");
  if (!whose || !sent) return;
  const refused = "unsaved" in document.documentElement.dataset && !(visit?.responseStatus < 400);
  if (visit?.type === "navigate" && !refused) sessionStorage.removeItem(sent);
  sessionStorage.removeItem("sent");
}

function restoreTyped(form) {
  const kept = JSON.parse(sessionStorage.getItem(shelf(form)) ?? "[]");
  let changed = false;
  for (const el of typed(form)) {
    const at = kept.findIndex(([name]) => name === el.name), what = isTick(el) ? "checked" : "value";
    const [, value] = at < 0 ? [] : kept.splice(at, 1)[0];
    if (value === undefined || value === el[what]) continue;
    el[what] = value;
    changed = true;
  }
  if (!changed) return;
  if (form.hasAttribute("data-guard")) form.dataset.dirty = "1";
  const note = document.getElementById("typed").cloneNode(true);
  form.before(Object.assign(note, { id: "", hidden: false, className: "banner warn", role: "status" }));
  note.querySelector("button").addEventListener("click", () => {
    sessionStorage.removeItem(shelf(form));
    form.reset();
    delete form.dataset.dirty;
    location.reload();
  });
  if (form.matches("[data-live]")) later(form);
}

settleTyped();
for (const form of document.forms) if (keeps(form)) restoreTyped(form);
document.addEventListener("submit", (e) => {
  if (e.defaultPrevented || !whose) return;
  if (new URL(e.target.action).pathname.endsWith("/sign-out")) sessionStorage.clear();
  else if (keeps(e.target)) store("sent", shelf(e.target));
});
document.addEventListener("click", (e) => {
  if (e.target.closest?.("[data-unsent]")) sessionStorage.removeItem("sent");
});

document.addEventListener("input", (e) => {
  const guarded = e.target.closest?.("form[data-guard]");
  if (guarded && e.target.id !== "process" && e.target.type !== "search") guarded.dataset.dirty = "1";
});
addEventListener("beforeunload", (e) => {
  if (document.querySelector("form[data-guard][data-dirty]")) e.preventDefault();
});

document.addEventListener("change", (e) => {
  const form = e.target.closest?.("form[data-submit-on-change]");
  const text = e.target.matches("input:is(:not([type]), [type=text], [type=search])"); // is sent by Enter, not on leaving it
  if (form && !text) form.requestSubmit();
});

// --- Times in the reader's zone, and how long ago they are

const counted = new Intl.RelativeTimeFormat(document.documentElement.lang);
const units = [["day", 86400, 172800], ["hour", 3600, 3600], ["minute", 60, 60]];
const seen = new WeakMap(); // since when a time is on the page

function refresh(scope) {
  const two = (n) => String(n).padStart(2, "0");
  for (const t of scope.querySelectorAll("time[datetime]:not([data-local])")) {
    const at = new Date(t.dateTime);
    const minute = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
    const exact = `${minute}:${two(at.getSeconds())}`;
    t.title = exact;
    if (t.dataset.ago === undefined) t.textContent = "seconds" in t.dataset ? exact : "clock" in t.dataset ? exact.slice(11) : minute;
    t.dataset.local = "1";
    seen.set(t, performance.now());
  }
}
refresh(document);

setInterval(() => {
  for (const t of document.querySelectorAll("time[data-ago]")) {
    const s = +t.dataset.ago + (performance.now() - seen.get(t)) / 1000;
    const [unit, size] = units.find(([, , from]) => s >= from) ?? [];
    if (unit) t.textContent = counted.format(-Math.floor(s / size), unit).replace(/^(\d+)(?=\p{Script=Han})/u, "$1 ");
  }
}, 30000);
