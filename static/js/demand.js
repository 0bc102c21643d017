// The demand page: keys, tools, clipboard, and who tells whom.
import { drawAll } from "./charts.js";
import { redo, retryAll, takeUp, undo } from "./demand-edits.js";
import { chosenCells, clear, copied, fillRight, paste, typed, useTool } from "./demand-input.js";
import { lockOf, slots, view } from "./demand-cells.js";
import { startWith } from "./demand-editor.js";
import { load, showIn, toggleHistory } from "./demand-load.js";
import { drawCompare, toggleCompare, wireCompare } from "./demand-compare.js";
import { goTo, goToAddress, nextException, refreshPanel, showAll, tellSum, whenSelected } from "./demand-panel.js";
import { wirePresence } from "./demand-presence.js";
import { isInRows } from "./demand-beside.js";
import { state } from "./demand-rows.js";
import { draw, focusGrid, fold, foldLevel, reveal, select, selection, snap, step, table } from "./demand-table.js";
import { keepMine, nextRejected, say, takeTheirs } from "./demand-troubles.js";

const page = document.getElementById("demand");
const grid = document.getElementById("grid");

let block = null; // the cells that were selected when typing began: the grid itself then selects the one typed into

function startEdit(key) {
  const { rows, chosen } = selection();
  if (!rows.length || !chosen.length) return undefined;
  const lock = lockOf(rows[0], chosen[0]);
  if (lock) return say(lock);
  block = rows.length * chosen.length > 1 ? { rows, chosen, cells: chosenCells() } : null;
  startWith(key);
  return table.getRanges()[0].getCells()[0][0].edit();
}

/** What was typed goes to the ledger; the selection goes on as in a spreadsheet, a block stays selected. */
async function whenTyped({ detail }) {
  const { rows, chosen, cells } = block ?? {};
  block = null;
  const sent = cells ? typed(detail, cells) : typed(detail);
  if (cells) await select(rows[0].id, chosen[0].field, { toId: rows.at(-1).id, toField: chosen.at(-1).field, follow: false });
  else await step(...detail.move);
  focusGridUnlessAsked();
  return sent;
}
const focusGridUnlessAsked = () => { if (!document.querySelector("dialog[open]")) focusGrid(); };

async function toggleQuarters() {
  view.quarters = !view.quarters;
  await draw();
  say(view.quarters ? "Totals of quarters are shown; type into them to spread" : "Totals of quarters are hidden");
}

const toEdge = (isEnd) => {
  const { rows: [row] } = selection();
  if (row) select(row.id, isEnd ? [...slots.keys()].at(-1) : "m0");
};

const foldHere = (open) => { const [row] = selection().rows; if (row) fold(row.id, open); };
const tryAgain = () => (retryAll({ isAsked: true }) ? undefined : say("Everything typed here is saved"));
const search = () => document.getElementById("search").focus();
const help = () => document.getElementById("shortcuts").showModal();

const PLAIN = {
  n: nextException, a: showAll, g: focusGrid, u: () => switchDisplay(), k: keepMine, t: takeTheirs, j: nextRejected, r: tryAgain, c: toggleCompare, h: () => toggleHistory(), q: toggleQuarters,
  s: () => useTool("spread"), p: () => useTool("scale"), l: () => useTool("last_year"), b: () => useTool("reset"),
  "]": () => foldLevel(1), "[": () => foldLevel(-1), " ": () => foldHere(), "/": search, "?": help,
  Home: () => toEdge(false), End: () => toEdge(true), Delete: () => ifOpen(clear), Backspace: () => ifOpen(clear),
  ArrowDown: () => step(1, 0), ArrowUp: () => step(-1, 0),
  F2: () => startEdit(""), Enter: () => startEdit(""),
};
const EVERYWHERE = ["u", "k", "t", "j", "r", "g", "c", "a"]; // also while the grid has no focus
const WITH_CTRL = { z: (event) => (event.shiftKey ? redo() : undo()), y: redo, r: () => ifOpen(fillRight) };
const ifOpen = (act) => (state.editable ? act() : say(lockOf(state.top, { kind: "month" })));

function onKey(event) {
  if (event.target.matches("input, button")) return;
  const isCtrl = event.ctrlKey || event.metaKey;
  const act = isCtrl ? WITH_CTRL[event.key.toLowerCase()] : PLAIN[event.key];
  if (event.key.startsWith("Arrow") && (event.shiftKey || !isInRows())) return; // the grid itself walks and widens the block
  const isStart = !isCtrl && /^[0-9.,=+\-*(−]$/.test(event.key);
  if (event.altKey || (!act && !isStart)) return;
  event.preventDefault();
  event.stopPropagation();
  if (act) act(event);
  else startEdit(event.key);
}

function switchDisplay(display = state.inUnits ? "value" : "units") {
  if ((display === "units") !== state.inUnits) showIn(display);
}

/** The address, the switch in the top bar and the words above the grid follow what is shown. */
function whenDisplayMoved({ detail: display }) {
  const address = new URL(location.href);
  address.searchParams.set("show", display);
  history.replaceState(history.state, "", address);
  document.body.dataset.show = display;
  document.querySelectorAll(".switch a").forEach((link) => {
    link.toggleAttribute("aria-current", false);
    if (new URL(link.href).searchParams.get("show") === display) link.setAttribute("aria-current", "true");
  });
  document.querySelectorAll("[data-shown-in]").forEach((part) => { part.hidden = part.dataset.shownIn !== display; });
  const headline = document.getElementById("demand-headline");
  headline.setAttribute("hx-get", `${headline.dataset.url}?show=${display}`);
  window.htmx.process(headline);
  document.body.dispatchEvent(new Event("displayMoved"));
  document.body.dispatchEvent(new CustomEvent("rememberdisplay", { detail: display }));
}

function wireTable() {
  table.on("rangeChanged", () => { snap(); whenSelected(); });
  table.on("cellEditing", () => document.dispatchEvent(new CustomEvent("gridselected")));
}

function onClick(event) {
  const target = event.target.closest("[data-tool], [data-view], [data-next-exception], [data-goto], .fold");
  if (!target) return event.target.closest(".tabulator-calcs-bottom .tabulator-row-header") ? showAll() : undefined;
  if (target.matches(".fold")) return fold(target.dataset.row);
  if (target.matches("[data-next-exception]")) return nextException();
  if (target.matches("[data-goto]")) {
    event.preventDefault();
    return goTo(target.closest("[data-exception]"));
  }
  const acts = { undo, redo, history: () => toggleHistory(), quarters: toggleQuarters, compare: toggleCompare, more: () => foldLevel(1), less: () => foldLevel(-1) };
  const name = target.dataset.tool ?? target.dataset.view;
  return acts[name] ? acts[name]() : useTool(name);
}

const inGrid = () => grid.contains(document.activeElement) && !document.activeElement.matches("input");

function wirePage() {
  grid.addEventListener("keydown", onKey, true);
  grid.addEventListener("mousedown", (event) => {
    block = null;
    if (event.target.matches(".fold")) event.stopPropagation();
  }, true);
  page.addEventListener("click", onClick);
  document.addEventListener("paste", (event) => {
    if (!inGrid()) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain");
    ifOpen(() => paste(text));
  });
  document.addEventListener("copy", (event) => {
    if (!inGrid()) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", copied());
    say("Copied");
  });
  document.querySelectorAll(".switch a").forEach((link) => link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    switchDisplay(new URL(link.href).searchParams.get("show"));
  }));
  document.addEventListener("keydown", (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const isBusy = event.target.closest("input, textarea, select, dialog[open], .tabulator");
    if (isPlain && !isBusy && EVERYWHERE.includes(event.key)) PLAIN[event.key]();
  });
}

function wireEvents() {
  document.addEventListener("celltyped", whenTyped);
  document.addEventListener("gridbuilt", wireTable);
  document.addEventListener("gridpainted", tellSum);
  document.addEventListener("gesturesaved", refreshPanel);
  document.addEventListener("nextexception", nextException);
  document.addEventListener("displaymoved", whenDisplayMoved);
  document.addEventListener("displaymoved", drawCompare);
  document.body.addEventListener("planMoved", () => { load(); retryAll(); });
  document.body.addEventListener("exceptionsMoved", () => document.getElementById("dialog").close());
}

/** `?q=` in the address leads to the first row of that name, or else of a name that begins so. */
async function goToAsked() {
  const asked = new URL(location.href).searchParams.get("q")?.trim().toLowerCase();
  if (!asked) return;
  const rows = [...state.rows.values()];
  const found = rows.find((row) => row.name.toLowerCase() === asked) ?? rows.find((row) => row.name.toLowerCase().startsWith(asked));
  if (found) await reveal(found.id);
  else say(`Nothing in this plan is called “${asked}”`);
}

/** Everything of the page listens: the parts beside the grid are asked for after that, else their sign is lost. */
const isListening = new Promise((resolve) => { document.addEventListener("DOMContentLoaded", () => setTimeout(resolve), { once: true }); });

/** The library of charts is large and no row needs it: it comes after them. */
function loadCharts() {
  const script = document.createElement("script");
  script.src = page.dataset.charts;
  script.addEventListener("load", () => drawAll());
  document.head.append(script);
}

if (page) {
  state.inUnits = document.body.dataset.show === "units";
  wirePage();
  wireEvents();
  wireCompare();
  load().then(async () => {
    await goToAsked();
    await isListening;
    document.body.dispatchEvent(new Event("gridReady"));
    focusGridUnlessAsked();
    loadCharts();
    takeUp();
    goToAddress();
    wirePresence();
  });
}
