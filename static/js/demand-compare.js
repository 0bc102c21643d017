// The band under the grid: what the selected rows compare with, month by month, in the columns of the grid.
import { held, slots } from "./demand-cells.js";
import { read as readJson } from "./demand-load.js";
import { shown, shownChange, shownShare } from "./demand-numbers.js";
import { leavesOf, state, topmost } from "./demand-rows.js";
import { selection, table } from "./demand-table.js";
import { say } from "./demand-troubles.js";

const page = document.getElementById("demand");
const band = document.getElementById("compare");
const body = band?.querySelector("tbody");
const head = band?.querySelector("thead tr");
const boxes = [...document.querySelectorAll("[data-compare]")];
const KEY = "demand-compare";
const known = new Map(); // name, display and revision → what comes of {label, leaves, above}

/** One comparison of the present revision, asked for once. */
function load(name) {
  const show = state.inUnits ? "units" : "value";
  const key = `${name} ${show} ${state.seen}`;
  if (!known.has(key)) {
    [...known.keys()].filter((old) => old.startsWith(`${name} `)).forEach((old) => known.delete(old));
    known.set(key, ask(name, show).then((answer) => { if (!answer) known.delete(key); return answer; }));
  }
  return known.get(key);
}

async function ask(name, show) {
  const answer = await readJson(`${page.dataset.grid}compare/?with=${name}&show=${show}`);
  const value = ([units, cents]) => (show === "units" ? units : cents);
  return answer && {
    name,
    label: answer.label,
    leaves: new Map(answer.series.map(([item, market, ...both]) => [`s${item}.${market}`, value(both)])),
    above: new Map(answer.above.map(([id, ...both]) => [id, value(both)])),
  };
}

/** What one row compares with per position: null where nothing is given (n/a is never 0). */
function comparedWith(row, { leaves, above }) {
  const sums = Array(state.months.length).fill(null);
  const put = (values) => values?.forEach((value, position) => {
    if (value !== null) sums[position] = (sums[position] ?? 0) + value / (state.inUnits ? 1000 : 100);
  });
  leavesOf(row).forEach((leaf) => put(leaves.get(leaf.id)));
  const under = (one) => { put(above.get(one.id)); one.children.forEach(under); };
  under(row);
  return sums;
}

function valueIn(sums, slot) {
  if (slot.kind === "past") return null;
  const known = slot.positions.map((position) => sums[position]).filter((value) => value !== null);
  return known.length === slot.positions.length ? known.reduce((sum, value) => sum + value, 0) : null;
}

function cell(tag, css, text) {
  const made = document.createElement(tag);
  made.className = css;
  made.textContent = text;
  return made;
}

function lineOf(label, cells) {
  const line = document.createElement("tr");
  const name = cell("th", "", label);
  name.scope = "row";
  line.append(name, ...cells);
  return line;
}

const STREAMS = ["override", "promotion", "pipeline", "new_product", "carried", "system"]; // parts of the plan, nothing to measure it by

/** One comparison: its value per slot, and below it how far the plan stands from it. */
function lineFor({ label, sums, name }, rows) {
  const cells = [...slots.values()].map((slot) => {
    const css = `num w-${slot.kind}`;
    if (slot.kind === "past") return cell("td", css, "");
    const value = valueIn(sums, slot);
    const made = cell("td", css, value === null ? "n/a" : shown(value));
    if (value !== null && !STREAMS.includes(name)) made.append(gapOf(rows.reduce((sum, row) => sum + held(row, slot).amount, 0) - value, value));
    return made;
  });
  return lineOf(label, cells);
}

function gapOf(gap, value) {
  const share = value ? gap / Math.abs(value) : 0;
  const isEven = value ? Math.abs(share) < 0.0005 : !gap;
  return cell("small", isEven ? "quiet" : gap > 0 ? "good" : "bad", isEven ? "=" : value ? shownShare(share) : shownChange(gap));
}

function follow() {
  const holder = document.querySelector("#grid .tabulator-tableholder");
  band.querySelector(".compare-scroll").scrollLeft = holder?.scrollLeft ?? 0;
}

let asked = 0;
/** Draws the band for what is selected now; nothing chosen hides it. */
export async function drawCompare() {
  const names = boxes.filter((box) => box.checked).map((box) => box.value);
  const rows = topmost(selection().rows);
  const turn = ++asked;
  band.hidden = !names.length || !rows.length;
  if (band.hidden) return;
  const found = await Promise.all(names.map(load));
  if (turn !== asked) return;
  const ready = found.filter(Boolean);
  if (ready.length < names.length) say("A comparison could not be loaded; choose it again");
  band.classList.toggle("is-value", !state.inUnits);
  band.querySelector("caption").textContent = rows.length > 1 ? `${rows.length} rows compared` : `${rows[0].name} compared`;
  head.replaceChildren(cell("th", "", "Month"), ...[...slots.values()].map((slot) => cell("th", `num w-${slot.kind}`, `${slot.title} ${slot.year}`)));
  body.replaceChildren(...ready.map((one) => {
    const parts = rows.map((row) => comparedWith(row, one));
    const sums = state.months.map((_, position) => parts.reduce((sum, part) => (part[position] === null ? sum : (sum ?? 0) + part[position]), null));
    return lineFor({ label: one.label, sums, name: one.name }, rows);
  }));
  follow();
}

let settling = 0;
const soon = () => { clearTimeout(settling); settling = setTimeout(drawCompare, 60); };

/** Remembers the choice, and opens or closes the band. */
export function wireCompare() {
  const chosen = JSON.parse(localStorage.getItem(KEY) ?? "[]");
  boxes.forEach((box) => {
    box.checked = chosen.includes(box.value);
    box.addEventListener("change", () => {
      localStorage.setItem(KEY, JSON.stringify(boxes.filter((one) => one.checked).map((one) => one.value)));
      drawCompare();
    });
  });
  document.addEventListener("gridselected", soon);
  document.addEventListener("gridpainted", soon);
  document.addEventListener("gridbuilt", () => { table.on("scrollHorizontal", follow); soon(); });
}
