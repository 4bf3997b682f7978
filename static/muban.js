// Muban's one script. Every page works without it; with it, checks and previews
// follow the hand. It sends the form that is on the page and puts back the parts
// that the server draws, so there is no second copy of any rule in here.
"use strict";

const root = document.documentElement;
root.classList.add("js");

const announce = (text) => {
  const box = document.getElementById("announce");
  if (box) box.textContent = text ?? "";
};

// --- Live forms: form[data-live] is posted as it changes; the answer's elements
// replace those of the same id. None of them is ever typed in. A check is given up
// for a newer one. An act (a button) is not: it waits for the one before it and
// starts from what that one has drawn, so no click is lost on a slow line.

const pending = new WeakMap(); // form → {timer, abort, acts}

const stateOf = (form) => pending.get(form) ?? pending.set(form, { acts: Promise.resolve() }).get(form);

function newest(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.abort?.abort();
  state.abort = new AbortController();
  return state;
}

function check(form) {
  const state = newest(form), { signal } = state.abort;
  state.acts.then(() => signal.aborted || send(form, null, signal));
}

function press(form, button) {
  const state = newest(form);
  state.acts = state.acts.then(() => send(form, button));
}

// send posts form as if button had been pressed and swaps the parts of the answer.
async function send(form, button, signal) {
  const body = new URLSearchParams(new FormData(form));
  body.set("do", button?.value ?? "check");
  let answer, html;
  try {
    answer = await fetch(form.dataset.live || form.action, {
      method: "POST", body, headers: { "X-Fragment": "1" }, signal, redirect: "error",
    });
    html = await answer.text();
  } catch { /* given up, or no network */ }
  if (signal?.aborted) return;
  if (!answer?.ok && answer?.status !== 422 || html === undefined) return button && submitPlainly(form, button);
  swap(html);
  const url = answer.headers.get("X-URL");
  if (url) history.replaceState(null, "", url);
  if (form.hasAttribute("data-guard") && button && button.value !== "check") form.dataset.dirty = "1";
}

// submitPlainly lets the browser do what it would have done without us. The page
// is on its way out, so the acts behind this one wait for ever.
function submitPlainly(form, button) {
  if (button.form !== form) { // a dragged row has none, a drawn one is there anew
    button.hidden = true;
    form.append(button);
  }
  form.dataset.plain = "1";
  form.requestSubmit(button);
  return new Promise(() => {});
}

function swap(html) {
  const focused = document.activeElement?.id;
  const scroll = document.getElementById("chips")?.scrollTop;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const part of [...parsed.body.children]) {
    const old = document.getElementById(part.id);
    if (!old || old.contains(document.activeElement) && isTyping(document.activeElement)) continue;
    for (const open of old.querySelectorAll("details[open]")) {
      part.querySelector("details")?.toggleAttribute("open", open.open);
    }
    const plain = old.querySelector("#plain");
    if (plain?.checked) part.querySelector("#plain")?.toggleAttribute("checked", true);
    old.replaceWith(part);
  }
  const chips = document.getElementById("chips");
  if (chips && scroll) chips.scrollTop = scroll;
  refresh(document);
  if (focused && document.activeElement?.id !== focused) restoreFocus(focused);
  const said = document.querySelector("#preflight > .overall, #preview > .away, #preview > .finding");
  if (said) announce(said.textContent.trim());
}

const isTyping = (el) => el?.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");

// restoreFocus keeps the keyboard where it was: on the same button, or, when it
// went away or was disabled, on its nearest neighbour.
function restoreFocus(id) {
  const el = document.getElementById(id);
  if (el && !el.disabled) { el.focus(); return; }
  const row = el?.closest("li");
  const next = row?.querySelector("button:enabled") ?? document.querySelector("#order button:enabled") ?? document.querySelector("#chips button");
  next?.focus();
}

function later(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => check(form), 120);
}

const liveForm = (el) => el.closest?.("form[data-live]");

document.addEventListener("input", (e) => {
  if (e.target.matches("[data-filter]")) { if (!e.isComposing) filter(e.target); return; }
  if (e.target.matches("[data-colour]")) {
    const hex = document.getElementById(e.target.dataset.colour);
    hex.value = e.target.value.toUpperCase();
  }
  const guarded = e.target.closest?.("form[data-guard]");
  if (guarded && e.target.id !== "process") guarded.dataset.dirty = "1";
  const form = liveForm(e.target);
  if (!form || e.target.name === "key" || e.target.id === "process") return; // nothing of what is written
  if (e.isComposing) return; // the input method is still at it
  if (e.target.name === "c") followColour(e.target);
  later(form);
});
document.addEventListener("compositionend", (e) => {
  if (e.target.matches("[data-filter]")) { filter(e.target); return; }
  const form = liveForm(e.target);
  if (form) later(form);
});

function followColour(hex) {
  const picker = document.querySelector(`[data-colour="${hex.id}"]`);
  const colour = hex.value || "#000000"; // none is the default, black
  if (picker && /^#[0-9a-f]{6}$/i.test(colour)) picker.value = colour;
}

// --- The buttons of live forms that only change or check act without a reload.

const quick = /^(add|remove|up|down|move|emphasis|check|filter):?/;

document.addEventListener("submit", (e) => {
  const form = e.target, button = e.submitter;
  if (form.dataset.plain) { delete form.dataset.plain; once(form, button, e); return; }
  if (form.matches("[data-live]") && button && (quick.test(button.value) || previews(form, button))) {
    e.preventDefault();
    press(form, button);
    return;
  }
  delete form.dataset.dirty;
  once(form, button, e);
});

// previews tells whether the button only asks for what the live form shows anyway:
// Enter in a field presses it.
const previews = (form, button) =>
  button.hasAttribute("formaction") && form.dataset.live !== "" && button.getAttribute("formaction") === form.dataset.live;

// once keeps a second click from submitting again; the server refuses it too.
function once(form, button, e) {
  if (!button?.hasAttribute("data-once")) return;
  if (form.dataset.busy) { e.preventDefault(); return; }
  form.dataset.busy = "1";
  form.setAttribute("aria-busy", "true");
}
addEventListener("pageshow", () => {
  for (const form of document.forms) pending.delete(form);
  for (const form of document.querySelectorAll("form[data-busy]")) {
    delete form.dataset.busy;
    form.removeAttribute("aria-busy");
  }
});

function filter(box) {
  const text = box.value.trim().toLowerCase();
  const items = [...document.getElementById(box.dataset.filter).children];
  const none = items.find((item) => item.matches("[data-none]"));
  for (const item of items) {
    item.hidden = text !== "" && !item.textContent.toLowerCase().includes(text);
  }
  if (none) none.hidden = items.some((item) => item !== none && !item.hidden);
}

// Enter in the filter narrows the list that is already narrowed: nothing to send.
document.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && !e.isComposing && e.target.matches("[data-filter]")) e.preventDefault();
});

// Dragging: pointer events on the document, so that nothing is lost when a row is
// drawn anew; the order is the server's, asked for when the row is let go.
let drag = null; // {id, form}
const rowsOf = (form) => [...form.querySelectorAll("[data-reorder] > li")];
document.addEventListener("pointerdown", (e) => {
  const row = e.target.closest?.(".grip")?.closest("[data-reorder] > li");
  if (!row || e.button !== 0) return;
  e.preventDefault();
  drag = { id: row.dataset.id, form: row.closest("form") };
  row.classList.add("held");
});
document.addEventListener("pointermove", (e) => {
  if (!drag) return;
  const rows = rowsOf(drag.form);
  const away = (li) => { const box = li.getBoundingClientRect(); return Math.abs(e.clientY - box.top - box.height / 2); };
  const nearest = rows.reduce((a, b) => away(b) < away(a) ? b : a);
  for (const li of rows) li.classList.toggle("over", li === nearest && li.dataset.id !== drag.id);
});
const letGo = (e) => {
  if (!drag) return;
  const { id, form } = drag;
  drag = null;
  const rows = rowsOf(form);
  const over = rows.findIndex((li) => li.classList.contains("over"));
  for (const li of rows) li.classList.remove("over", "held");
  if (e.type !== "pointerup" || over < 0) return;
  const button = document.createElement("button"); // one that is not on the page
  button.name = "do";
  button.value = `move:${id}:${over + 1}`;
  press(form, button);
};
document.addEventListener("pointerup", letGo);
document.addEventListener("pointercancel", letGo);

// --- Keys

document.addEventListener("keydown", (e) => {
  if (e.isComposing || e.ctrlKey || e.metaKey) return;
  if (e.altKey && (e.key === "ArrowUp" || e.key === "ArrowDown")) {
    const row = e.target.closest?.("[data-reorder] > li");
    const button = row?.querySelector(`[id^="${e.key === "ArrowUp" ? "up" : "down"}-"]`);
    if (!button) return;
    e.preventDefault();
    button.focus(); // nothing at the end of the list
    press(button.form, button);
    return;
  }
  if (e.altKey || isTyping(document.activeElement)) return;
  if (e.key === "/" && palette) {
    e.preventDefault();
    openPalette();
  } else if (e.key === "?") {
    document.getElementById("shortcuts")?.showModal();
  }
});

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
  if (!part) return;
  if (!document.hidden) {
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

addEventListener("beforeunload", (e) => {
  if (document.querySelector("form[data-guard][data-dirty]")) e.preventDefault();
});

document.addEventListener("change", (e) => {
  const form = e.target.closest?.("form[data-submit-on-change]");
  if (form) form.requestSubmit();
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
    if (t.dataset.ago === undefined) t.textContent = "seconds" in t.dataset ? exact : minute;
    t.dataset.local = "1";
    seen.set(t, performance.now());
  }
  for (const box of scope.querySelectorAll("[data-filter]")) filter(box);
}
refresh(document);

setInterval(() => {
  for (const t of document.querySelectorAll("time[data-ago]")) {
    const s = +t.dataset.ago + (performance.now() - seen.get(t)) / 1000;
    const [unit, size] = units.find(([, , from]) => s >= from) ?? [];
    if (unit) t.textContent = counted.format(-Math.floor(s / size), unit).replace(/^(\d+)(?=\p{Script=Han})/u, "$1 ");
  }
}, 30000);
