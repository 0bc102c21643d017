// What the plan is compared with: chosen comparisons, their figures rolled up the tree, and the rows that show them.
import { held } from "./demand-cells.js";
import { read } from "./demand-load.js";
import { shown, shownChange, shownMoney, shownShare } from "./demand-numbers.js";
import { state } from "./demand-rows.js";
import { say } from "./demand-troubles.js";

const page = document.getElementById("demand");
const KEY = "demand-compare";
const LASTING = ["baseline", "budget", "last_cycle"]; // edits do not move them
const STREAMS = ["override", "promotion", "pipeline", "new_product", "carried", "system"]; // parts of the plan, nothing to measure it by
const known = new Map(); // name → {stamp, tree, loading}

export const choice = { names: [], isOn: true, isBelow: false, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
if (!Array.isArray(choice.names)) choice.names = [];
export const remember = () => localStorage.setItem(KEY, JSON.stringify(choice));
/** Whether comparisons stand beneath each row of the grid. */
export const isInRows = () => choice.isOn && !choice.isBelow && choice.names.length > 0;

/** Adds what is given at a row to it and to the rows above; a month in which nothing is given anywhere stays n/a. */
function put(values, row, given) {
  given?.forEach((value, position) => {
    if (value === null) return;
    for (let up = row; up; up = up.parent) {
      if (!values.has(up.id)) values.set(up.id, Array(state.months.length).fill(null));
      const sums = values.get(up.id);
      sums[position] = (sums[position] ?? 0) + value / (state.inUnits ? 1000 : 100);
    }
  });
}

async function ask(name, show) {
  const answer = await read(`${page.dataset.grid}compare/?with=${name}&show=${show}`);
  if (!answer) return null;
  const values = new Map();
  const given = (units, cents) => (show === "units" ? units : cents);
  answer.series.forEach(([item, market, units, cents]) => {
    const leaf = state.rows.get(`s${item}.${market}`) ?? state.rows.get(`i${item}`);
    if (leaf) put(values, leaf, given(units, cents));
  });
  answer.above.forEach(([id, units, cents]) => { if (state.rows.has(id)) put(values, state.rows.get(id), given(units, cents)); });
  return { name, label: answer.label, values };
}

/** One comparison, asked for once as long as it holds. */
function load(name) {
  const show = state.inUnits ? "units" : "value";
  const stamp = `${show} ${state.baseline} ${LASTING.includes(name) ? "" : state.seen}`;
  const entry = known.get(name);
  if (entry?.stamp === stamp && entry.tree === state.rows) return entry.loading;
  const loading = ask(name, show).then((found) => {
    if (!found) known.delete(name);
    else if (known.get(name)?.loading === loading) ready.set(name, found);
    return found;
  });
  known.set(name, { stamp, tree: state.rows, loading });
  return loading;
}

const ready = new Map(); // name → the figures that are shown

/** Reads what is chosen as the plan is now; resolves when all of it can be shown. */
export async function loadChosen() {
  const found = await Promise.all(choice.names.map(load));
  if (found.some((one) => !one)) say("A comparison could not be loaded; choose it again");
  return found.filter(Boolean);
}

const made = new Map(); // "row id|name" → row of the grid
/** The rows that stand beneath a row of the plan. */
export function compareRows(row) {
  return isInRows() ? choice.names.map((name) => {
    const id = `${row.id}|${name}`;
    if (made.get(id)?.of !== row) made.set(id, { id, of: row, compared: name, level: "compare", depth: row.depth + 1, children: [] });
    return made.get(id);
  }) : [];
}

export const labelOf = (name) => ready.get(name)?.label ?? document.querySelector(`[data-compare][value="${name}"]`)?.parentElement.textContent.trim() ?? name;

/** What a row compares with in a slot: null where it is not given for every month of it (n/a is never 0). */
export function valueOf(row, { name, values }, slot) {
  if (slot.kind === "past") return null;
  const sums = values.get(row.id);
  const missing = STREAMS.includes(name) ? 0 : null; // what no edit of a stream touches, it adds nothing to
  const parts = slot.positions.map((position) => sums?.[position] ?? missing);
  return parts.includes(null) ? null : parts.reduce((sum, value) => sum + value, 0);
}

function small(css, text) {
  return Object.assign(document.createElement("small"), { className: css, textContent: text });
}

/** How far the plan stands from what it is compared with, as a share of that; the amount is its title. */
export function gapOf(plan, value) {
  const gap = plan - value;
  const share = value ? gap / Math.abs(value) : 0;
  const isEven = value ? Math.abs(share) < 0.0005 : !gap;
  const made = small(isEven ? "quiet" : gap > 0 ? "good" : "bad", isEven ? "=" : value ? shownShare(share) : shownChange(gap));
  made.title = `Plan ${state.inUnits ? shownChange(gap) : shownMoney(gap * 100, { signed: true })}`;
  return made;
}

/** The figure of a comparison, and below it the gap; streams are parts of the plan and have none. */
export function figureOf(rows, one, slot) {
  const found = rows.map((row) => valueOf(row, one, slot)).filter((value) => value !== null);
  const holder = document.createDocumentFragment();
  if (slot.kind === "past") return holder;
  const value = found.length ? found.reduce((sum, part) => sum + part, 0) : null;
  holder.append(value === null ? "n/a" : shown(value));
  if (value !== null && !STREAMS.includes(one.name)) holder.append(gapOf(rows.reduce((sum, row) => sum + held(row, slot).amount, 0), value));
  return holder;
}

/** What a cell of a compare row shows; nothing until it is loaded. */
export const comparedCell = (row, slot) => (ready.has(row.compared) ? figureOf([row.of], ready.get(row.compared), slot) : "");
