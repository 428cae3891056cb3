"use strict";
// Everything works without this: it asks before what can't be taken back, keeps the page up to date, and knows keys.
const main = document.getElementById("main"), live = document.getElementById("live"), address = document.body.dataset.live;
let stream = null, wanted = true, latest = null;

document.addEventListener("submit", event => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

// The page is replaced whole, except while it is being written on or read in part.
function isWritten(element) { return /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) && element.type !== "checkbox"; }
function isInUse() {
  const inside = main.contains(document.activeElement) && isWritten(document.activeElement);
  return inside || (!getSelection().isCollapsed && main.contains(getSelection().anchorNode));
}
function show() {
  if (latest === null || isInUse()) return;
  const open = [...main.querySelectorAll("details[open][id]")].map(one => one.id), focused = document.activeElement?.id;
  const chosen = main.querySelector("tr.chosen a")?.getAttribute("href");
  const boxes = new Set([...main.querySelectorAll("input:checked")].map(one => one.value)), box = document.activeElement?.value;
  const hadBox = document.activeElement?.type === "checkbox";
  main.innerHTML = latest;
  latest = null;
  for (const id of open) main.querySelector("#" + CSS.escape(id))?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus();
  for (const one of main.querySelectorAll("input[type=checkbox]")) {
    one.checked = boxes.has(one.value);
    if (hadBox && one.value === box) one.focus();
  }
  if (chosen) for (const link of main.querySelectorAll("tr a")) if (link.getAttribute("href") === chosen) { choose(link.closest("tr")); break; }
}
function follow() {
  if (stream || !wanted || document.hidden || !address) return;
  stream = new EventSource(address);
  stream.addEventListener("page", event => { live.classList.remove("lost"); latest = event.data; show(); });
  stream.addEventListener("problem", event => { live.classList.add("lost"); live.title = event.data; });
  stream.onerror = () => live.classList.add("lost");
  stream.onopen = () => live.classList.remove("lost");
}
function pause() { stream?.close(); stream = null; }
function toggle() {
  wanted = !wanted;
  live.setAttribute("aria-pressed", String(wanted));
  live.textContent = wanted ? "Live" : "Paused";
  wanted ? follow() : pause();
}
if (address) {
  live.hidden = false;
  live.addEventListener("click", toggle);
  document.addEventListener("visibilitychange", () => document.hidden ? pause() : follow());
  document.addEventListener("selectionchange", show);
  main.addEventListener("focusout", () => setTimeout(show));
  follow();
}

// Keys: g and a letter leads to a page, / to the search, j and k choose a row, Enter opens it, x ticks its box, p stops what is live.
let leading = false;
function choose(row) {
  main.querySelector("tr.chosen")?.classList.remove("chosen");
  row.classList.add("chosen");
  row.scrollIntoView({ block: "nearest" });
}
function step(by) {
  const rows = [...main.querySelectorAll("tbody tr")], now = rows.findIndex(row => row.classList.contains("chosen"));
  const row = rows[Math.max(0, Math.min(rows.length - 1, now + by))];
  if (row) choose(row);
}
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isWritten(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
  if (leading) {
    leading = false;
    document.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`)?.click();
  } else if (event.key === "g") leading = true;
  else if (event.key === "/") { event.preventDefault(); document.querySelector(".find input").focus(); }
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "Enter" && event.target === document.body) main.querySelector("tr.chosen a")?.click();
  else if (event.key === "x") main.querySelector("tr.chosen input[type=checkbox]")?.click();
  else if (event.key === "p" && address) toggle();
});
