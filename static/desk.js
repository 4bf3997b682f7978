// The script of the pages where a message is written or read over. It stands before muban.js, which has what all pages
// need, so nothing of that is called before something happens. Checks and previews follow the hand: the form that is on
// the page is sent, and the parts that the server draws are put back, so there is no second copy of any rule in here.
"use strict";

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
  const swaps = button?.hasAttribute("data-swap"), live = form.dataset.live || form.action;
  let answer, html;
  try {
    answer = await fetch(swaps ? button.getAttribute("formaction") ?? form.action : live, {
      method: "POST", body, headers: { "X-Fragment": "1" }, signal, redirect: "error",
    });
    html = await answer.text();
  } catch { /* given up, or no network */ }
  if (signal?.aborted) return;
  if (swaps) delete form.dataset.busy;
  if (!answer?.ok && ![409, 422].includes(answer?.status) || html === undefined) return button && submitPlainly(form, button);
  if (swaps) rest(form);
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

function later(form) {
  const state = newest(form); // an answer to what stood there before would be drawn over what is typed
  state.timer = setTimeout(() => check(form), 120);
}

const liveForm = (el) => el.closest?.("form[data-live]");

document.addEventListener("input", (e) => {
  if (e.target.matches("[data-colour]")) {
    const hex = document.getElementById(e.target.dataset.colour);
    hex.value = e.target.value.toUpperCase();
  }
  const form = liveForm(e.target);
  if (!form || e.target.name === "key" || e.target.id === "process") return; // nothing of what is written
  if (e.isComposing) return; // the input method is still at it
  if (e.target.name === "c") followColour(e.target);
  if (e.target.name === "v") count(e.target);
  later(form);
});
document.addEventListener("compositionend", (e) => {
  const form = liveForm(e.target);
  if (form) later(form);
});

// count goes ahead of the server's count of a value, which takes a moment. It counts code points, as WeChat does.
function count(field) {
  const box = field.parentElement.querySelector(".counter"), { most, uncounted } = box?.dataset ?? {};
  if (!+most) return;
  const n = [...field.value.replace(new RegExp(uncounted, "gu"), "")].length;
  box.textContent = `${n} / ${most}`;
  box.classList.toggle("past", n > most);
}

function followColour(hex) {
  const picker = document.querySelector(`[data-colour="${hex.id}"]`);
  const colour = hex.value || "#000000"; // none is the default, black
  if (picker && /^#[0-9a-f]{6}$/i.test(colour)) picker.value = colour;
}

addEventListener("pageshow", () => {
  for (const form of document.forms) pending.delete(form);
});

// --- The buttons of live forms that only change or check act without a reload.

const quick = /^(add|remove|up|down|move|emphasis|undo|copy|check|filter|mend):?/;

document.addEventListener("submit", (e) => {
  const form = e.target, button = e.submitter;
  if (form.dataset.plain) return;
  if (form.matches("[data-live]") && button && (quick.test(button.value) || previews(form, button))) {
    e.preventDefault();
    press(form, button);
  } else if (button?.hasAttribute("data-swap")) {
    once(form, button, e);
    if (!e.defaultPrevented) press(form, button);
    e.preventDefault();
  }
});

// previews tells whether the button only asks for what the live form shows anyway:
// Enter in a field presses it.
const previews = (form, button) =>
  button.hasAttribute("formaction") && form.dataset.live !== "" && button.getAttribute("formaction") === form.dataset.live;

// --- A test send (data-swap) is drawn in its place. For half a second more no press counts: the second one of a
// double click must not find the next message's button. An id that is typed is the one that is used.

function rest(form) {
  form.removeAttribute("aria-busy");
  form.dataset.busy = "1";
  setTimeout(() => delete form.dataset.busy, 500);
}

document.addEventListener("input", (e) => {
  if (e.target.id === "form_id") e.target.form.querySelector("[name=right][value=id]").checked = true;
  else if (e.target.name === "right" && e.target.value !== "id") e.target.form.querySelector("#form_id").value = "";
});

// --- The order of keywords: a row is dragged by its grip, and a keyword into the list. The
// row moves with the pointer; the order is the server's, asked for when it is let go. The
// events are the document's, so that nothing is lost when a row is drawn anew.

let drag = null; // {id, row, form, start: its place, x, y}; a keyword has no place, and a row once it moves
const listOf = (form) => form.querySelector("[data-reorder]");
const placeOf = (row) => [...row.parentElement.children].indexOf(row) + 1;

document.addEventListener("pointerdown", (e) => {
  const from = e.button === 0 && e.target.closest?.(".grip, [data-chip]:enabled");
  if (!from || from.matches("button") && e.pointerType !== "mouse") return; // a finger scrolls the list
  const row = from.closest("[data-reorder] > li");
  if (row) e.preventDefault();
  row?.classList.add("held");
  drag = { id: row?.dataset.id ?? from.dataset.chip, row, form: from.closest("form"), start: row ? placeOf(row) : 0, x: e.clientX, y: e.clientY, from };
});
document.addEventListener("pointermove", (e) => {
  if (!drag || !drag.row && Math.hypot(e.clientX - drag.x, e.clientY - drag.y) < 6) return;
  const list = listOf(drag.form);
  if (!drag.row) {
    drag.row = document.createElement("li");
    drag.row.className = "held";
    drag.row.textContent = drag.from.textContent;
  }
  if (drag.start && !drag.row.isConnected) drag.row = list.querySelector(`[data-id="${drag.id}"]`) ?? drag.row;
  const box = document.getElementById("order").getBoundingClientRect();
  if (!drag.start && (e.clientX < box.left || e.clientX > box.right)) { drag.row.remove(); return; }
  const rows = [...list.children], at = rows.indexOf(drag.row);
  const next = rows.find((li, i) => { // it goes past a row that the pointer has two thirds of
    const { top, height } = li.getBoundingClientRect();
    return i !== at && e.clientY < top + height * (i < at ? 2 : 1) / 3;
  });
  if (!drag.row.isConnected || drag.row.nextElementSibling !== (next ?? null)) list.insertBefore(drag.row, next ?? null);
});
const letGo = (e) => {
  if (!drag) return;
  const { id, row, form, start } = drag;
  drag = null;
  row?.classList.remove("held");
  if (!row?.isConnected) return;
  const place = placeOf(row);
  if (!start) row.remove();
  else if (e.type !== "pointerup") listOf(form).insertBefore(row, listOf(form).children[start - 1 + (place < start)] ?? null);
  if (e.type !== "pointerup" || place === start) return;
  const button = document.createElement("button"); // one that is not on the page
  button.name = "do";
  button.value = `${start ? "move" : "add"}:${id}:${place}`;
  press(form, button);
};
document.addEventListener("pointerup", letGo);
document.addEventListener("pointercancel", letGo);

// A drawer that its address opens without us is a dialog: the focus stays in it, and Esc
// closes it.
document.addEventListener("click", (e) => {
  const link = e.target.closest?.("[data-drawer], dialog[open] [data-close]");
  if (e.target.matches?.("dialog.drawer")) e.target.close(); // beside it
  if (!link) return;
  e.preventDefault();
  if (link.matches("[data-close]")) link.closest("dialog").close();
  else document.querySelector(link.hash).showModal();
});

// --- Keys of the builder: Ctrl-Z takes the last step back, Alt and an arrow moves the row with the focus.

document.addEventListener("keydown", (e) => {
  const undo = (e.ctrlKey || e.metaKey) && e.key === "z" && !isTyping(document.activeElement) && document.querySelector("[data-undo]:enabled");
  if (undo) {
    e.preventDefault();
    press(undo.form, undo);
  }
  if (e.isComposing || e.ctrlKey || e.metaKey || !e.altKey || e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
  const row = e.target.closest?.("[data-reorder] > li");
  const button = row?.querySelector(`[id^="${e.key === "ArrowUp" ? "up" : "down"}-"]`);
  if (!button) return;
  e.preventDefault();
  button.focus(); // nothing at the end of the list
  press(button.form, button);
});

// --- A review: the bar names the reasons that are written, and an opened place is
// ready to be typed in.

const verdict = document.getElementById("verdict");

function nameReasons() {
  const some = document.getElementById("reasons"), no = document.getElementById("reject");
  const rows = [...verdict.querySelectorAll("li")].filter((li) => li.querySelector("textarea")?.value.trim());
  const said = (box, none) => box && (box.textContent = rows.length ? box.dataset.some.replace("#", rows.length) : none);
  said(some, "");
  said(no, no.dataset.none);
  document.getElementById("reason-places").replaceChildren(...rows.map((li) => {
    const link = document.createElement("a");
    link.href = `#${li.id}`;
    link.textContent = li.querySelector(".k").textContent;
    return link;
  }));
}

verdict?.addEventListener("input", nameReasons);
verdict?.addEventListener("click", (e) => {
  const why = e.target.closest("summary")?.parentElement;
  if (why && !why.open) setTimeout(() => why.querySelector("textarea").focus());
});
document.addEventListener("DOMContentLoaded", () => { // what was typed before the page was left is there again
  if (!verdict) return;
  for (const why of verdict.querySelectorAll("details")) why.open ||= why.querySelector("textarea").value.trim() !== "";
  nameReasons();
});
