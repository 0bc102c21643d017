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
const known = new Map(); // name → {label, leaves, above}, of one revision and display

async function load(name) {
  const show = state.inUnits ? "units" : "value";
  const key = `${name} ${show} ${state.seen}`;
  if (known.has(key)) return known.get(key);
  const answer = await readJson(`${page.dataset.grid}compare/?with=${name}&show=${show}`);
  if (!answer) return null;
  const value = ([units, cents]) => (state.inUnits ? units : cents);
  const made = {
    label: answer.label,
    leaves: new Map(answer.series.map(([item, market, ...both]) => [`s${item}.${market}`, value(both)])),
    above: new Map(answer.above.map(([id, ...both]) => [id, value(both)])),
  };
  [...known.keys()].filter((old) => old.startsWith(`${name} `)).forEach((old) => known.delete(old));
  known.set(key, made);
  return made;
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

function linesOf({ label, sums }, rows) {
  const values = [...slots.values()].map((slot) => [slot, valueIn(sums, slot)]);
  const width = (slot) => `num w-${slot.kind}`;
  const plan = (slot) => rows.reduce((sum, row) => sum + held(row, slot).amount, 0);
  const differences = values.map(([slot, value]) => {
    if (value === null) return cell("td", width(slot), "");
    const gap = plan(slot) - value;
    const share = value ? shownShare(gap / Math.abs(value)) : shownChange(gap);
    return cell("td", `${width(slot)} ${gap > 0 ? "good" : gap < 0 ? "bad" : "quiet"}`, share);
  });
  const shownValues = values.map(([slot, value]) => cell("td", width(slot), value === null ? (slot.kind === "past" ? "" : "n/a") : shown(value)));
  const lines = [lineOf(label, shownValues), lineOf(`Plan against ${label.toLowerCase()}`, differences)];
  lines[1].className = "is-gap";
  return lines;
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
  body.replaceChildren(...ready.flatMap((one) => {
    const parts = rows.map((row) => comparedWith(row, one));
    const sums = state.months.map((_, position) => parts.reduce((sum, part) => (part[position] === null ? sum : (sum ?? 0) + part[position]), null));
    return linesOf({ label: one.label, sums }, rows);
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
