// The demand page: keys, tools, paste and copy, the panel of the selection, the way from exception to exception.
import { ask } from "./demand-dialog.js";
import { gesture, load, redo, say, undo } from "./demand-edits.js";
import { parseNumber, state, topmost } from "./demand-rows.js";
import { foldAll, isEditable, repaint, reveal, selection, shown, table } from "./demand-table.js";

const page = document.getElementById("demand");
const grid = document.getElementById("grid");
const sumLine = document.getElementById("grid-sum"); // apart from what the page says: selecting must not wipe an answer
const monthOf = (position) => state.months[position][0];
const milli = (value) => Math.round(value * 100) * 10;

/** Says why nothing can be typed: the words stand in the toolbar (demand/_lock.html), with the way on. */
function locked() {
  return say(state.editable
    ? "Dollars are computed from units: press u to type in units"
    : document.getElementById("lock-why")?.textContent.trim().replace(/\s+/g, " ") ?? "The plan is read only now");
}

/** From dollars to units, on the same plan. */
function toUnits() {
  if (state.inUnits) return;
  const address = new URL(location.href);
  address.searchParams.set("show", "units");
  location.assign(address);
}

function whenEdited(cell) {
  const row = state.rows.get(cell.getData().id);
  const position = Number(cell.getField().slice(1));
  const value = parseNumber(cell.getValue());
  row[`m${position}`] = row.raw[position] / 1000;
  repaint([row]);
  grid.querySelector(".tabulator-tableholder").focus();
  if (value === null || value < 0) return say("That is not a number of 0 or more");
  if (milli(value) === row.raw[position]) return undefined;
  const instruction = { nodes: [row.node], months: [monthOf(position)], value: milli(value) };
  return gesture({ mode: "set", label: `${row.name} ${state.months[position][1]}: ${shown(value)}`, instructions: [instruction] });
}

/** A block from a spreadsheet, or one value over the whole selection, as one gesture; computed parents are left out. */
function paste(text) {
  const { rows, positions } = selection();
  if (!rows.length || !positions.length) return undefined;
  const block = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
  const all = table.getRows("display").map((row) => state.rows.get(row.getData().id));
  const from = all.indexOf(rows[0]);
  const height = block.length === 1 ? rows.length : block.length;
  const width = block[0].length === 1 ? positions.length : block[0].length;
  const targets = all.slice(from, from + height).filter(Boolean);
  const leaves = targets.filter((row) => !targets.some((other) => isAbove(row, other)));
  const instructions = [];
  let skipped = 0;
  leaves.forEach((row) => {
    const line = block[(all.indexOf(row) - from) % block.length];
    for (let k = 0; k < width; k += 1) {
      const position = positions[0] + k;
      const value = parseNumber(line[k % line.length] ?? "");
      if (position >= state.months.length || value === null || value < 0) skipped += 1;
      else if (milli(value) !== row.raw[position]) {
        instructions.push({ nodes: [row.node], months: [monthOf(position)], value: milli(value) });
      }
    }
  });
  if (skipped) say(`${skipped} cells are outside the plan or no numbers; they were left out`);
  return gesture({ mode: "set", label: "Paste", instructions });
}

function isAbove(row, other) {
  for (let up = other.parent; up; up = up.parent) if (up === row) return true;
  return false;
}

function copied() {
  const { rows, positions } = selection();
  return rows.map((row) => positions.map((position) => row[`m${position}`]).join("\t")).join("\r\n");
}

async function useTool(tool) {
  if (tool === "undo") return undo();
  if (tool === "redo") return redo();
  if (tool === "fold") return foldAll();
  const { rows, positions } = selection();
  if (!rows.length || !positions.length) return say("Select cells first");
  const nodes = topmost(rows).map((row) => row.node);
  const months = positions.map(monthOf);
  if (tool === "scale") {
    const words = await ask({ title: "Adjust by %", text: `${nodes.length} rows × ${months.length} months`, amountLabel: "Percent, for example 5 or −10" });
    const percent = words && parseNumber(words.amount);
    if (percent === null || !words) return words && say("That is not a number");
    const instructions = nodes.map((node) => ({ nodes: [node], months, value: Math.round(percent * 100) }));
    return gesture({ mode: "scale", label: `Adjust by ${percent} %`, instructions, words });
  }
  if (tool === "spread") {
    if (!state.inUnits) return locked();
    const words = await ask({ title: "Spread a total", text: "By the present plan, else the baseline, else last year", amountLabel: "Total units for the selection" });
    const total = words && parseNumber(words.amount);
    if (total === null || !words) return words && say("That is not a number");
    return gesture({ mode: "set", label: `Spread ${shown(total)}`, instructions: [{ nodes, months, value: milli(total) }], words });
  }
  const label = tool === "reset" ? "Reset to baseline" : "Copy last year";
  return gesture({ mode: tool, label, instructions: nodes.map((node) => ({ nodes: [node], months })) });
}

function onKey(event) {
  if (event.target.matches("input")) return;
  const mod = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const act = (action) => { event.preventDefault(); event.stopPropagation(); action(); };
  if (mod && key === "z") act(event.shiftKey ? redo : undo);
  else if (mod && key === "y") act(redo);
  else if (mod || event.altKey) return;
  else if (key === "n") act(nextException);
  else if (key === "u") act(toUnits);
  else if (/^[0-9.\-]$/.test(event.key) || event.key === "F2") act(() => startEdit(event.key));
  else if (event.key === "Delete" || event.key === "Backspace") act(clear);
}

function startEdit(key) {
  if (!isEditable()) return locked();
  const cell = table.getRanges()[0]?.getCells()[0]?.[0];
  if (!cell) return undefined;
  cell.edit();
  const input = cell.getElement().querySelector("input");
  if (input && key !== "F2") input.value = key;
  return undefined;
}

function clear() {
  if (!isEditable()) return locked();
  const { rows, positions } = selection();
  const instructions = topmost(rows).map((row) => ({ nodes: [row.node], months: positions.map(monthOf), value: 0 }));
  return gesture({ mode: "set", label: "Clear to 0", instructions });
}

let waiting = 0;
function showPanel(node) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const query = new URLSearchParams(Object.entries(node).filter(([, id]) => id));
    window.htmx.ajax("GET", `${page.dataset.panel}?${query}`, { target: "#selection", swap: "innerHTML" });
  }, 250);
}

let settling = 0;
/** The grid tells of ranges half-way through a click; what counts is the one that stands afterwards. */
function whenSelected() {
  clearTimeout(settling);
  settling = setTimeout(tellSelection, 40);
}

function tellSelection() {
  const { rows, positions } = selection();
  if (!rows.length || !positions.length) return;
  showPanel(rows[0].node);
  const chosen = topmost(rows);
  const sum = chosen.reduce((total, row) => total + positions.reduce((part, position) => part + row[`m${position}`], 0), 0);
  const cells = rows.length * positions.length;
  const [, month, year] = state.months[positions[0]];
  sumLine.textContent = cells > 1
    ? `${cells} cells · Sum ${shown(sum)}`
    : `${rows[0].name}, ${month} ${year}: ${shown(sum)}`;
}

function goTo(line) {
  const { family, item, market, lead } = line.dataset;
  showPanel({ family, item, market });
  reveal(lead && market ? `s${lead}.${market}` : `f${family}`);
  document.querySelectorAll("[data-exception]").forEach((other) => other.toggleAttribute("data-current", other === line));
  line.scrollIntoView({ block: "nearest" });
}

function nextException() {
  const open = [...document.querySelectorAll("[data-exception]:not([data-answered])")];
  if (!open.length) return say("No open exception");
  return goTo(open[(open.findIndex((line) => line.hasAttribute("data-current")) + 1) % open.length]);
}

function wire() {
  table.on("cellEdited", whenEdited);
  table.on("rangeChanged", whenSelected);
}

if (page) {
  grid.addEventListener("keydown", onKey, true);
  const inGrid = () => grid.contains(document.activeElement) && !document.activeElement.matches("input");
  document.addEventListener("paste", (event) => {
    if (!inGrid()) return;
    event.preventDefault();
    if (isEditable()) paste(event.clipboardData.getData("text/plain"));
    else locked();
  });
  document.addEventListener("copy", (event) => {
    if (!inGrid()) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", copied());
    say("Copied");
  });
  page.addEventListener("click", (event) => {
    const tool = event.target.closest("[data-tool]");
    if (tool) useTool(tool.dataset.tool);
    else if (event.target.closest("[data-next-exception]")) nextException();
    else if (event.target.closest("[data-goto]")) {
      event.preventDefault();
      goTo(event.target.closest("[data-exception]"));
    }
  });
  document.addEventListener("nextexception", nextException);
  document.addEventListener("keydown", (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const isBusy = event.target.closest("input, textarea, select, dialog[open], .tabulator");
    if (event.key === "u" && isPlain && !isBusy) toUnits();
  });
  document.addEventListener("gridbuilt", wire);
  document.body.addEventListener("planMoved", () => load());
  document.body.addEventListener("exceptionsMoved", () => document.getElementById("dialog").close());
  load().then(() => document.body.dispatchEvent(new Event("gridReady")));
}
