// Beside the grid: the panel of what is selected, the line with its sum, and the way from exception to exception.
import { held, lockOf, shownAmount, slots } from "./demand-cells.js";
import { shown, shownMoney } from "./demand-numbers.js";
import { knowsMoney } from "./demand-preview.js";
import { state, topmost } from "./demand-rows.js";
import { focusGrid, reveal, selection } from "./demand-table.js";
import { say } from "./demand-troubles.js";

const page = document.getElementById("demand");
const sumLine = document.getElementById("grid-sum"); // apart from what the page says: selecting must not wipe an answer

let waiting = 0;
let inPanel = null;
function showPanel(node, { again = false } = {}) {
  const query = String(new URLSearchParams(Object.entries(node).filter(([, id]) => id)));
  clearTimeout(waiting);
  if (query === inPanel && !again) return;
  waiting = setTimeout(() => {
    inPanel = query;
    window.htmx.ajax("GET", `${page.dataset.panel}?${query}`, { target: "#selection", swap: "innerHTML" });
  }, 250);
}

let settling = 0;
/** The grid tells of ranges half-way through a click; what counts is the one that stands afterwards. */
export function whenSelected() {
  clearTimeout(settling);
  settling = setTimeout(() => {
    tellSum();
    const [row] = selection().rows;
    if (row) showPanel(row.node);
    document.dispatchEvent(new CustomEvent("gridselected"));
  }, 40);
}

/** What is selected comes to: the number, or sum and average of a block; always in units and in dollars. */
export function tellSum() {
  const { rows, chosen, positions } = selection();
  if (!rows.length || !chosen.length) return;
  const top = topmost(rows);
  const parts = positions.length ? positions.map((position) => slots.get(`m${position}`)) : chosen;
  const total = (inUnits) => top.reduce((sum, row) => sum + parts.reduce((part, slot) => part + held(row, slot, inUnits).amount, 0), 0);
  const cells = rows.length * chosen.length;
  const other = state.inUnits ? shownMoney(total(false) * 100) : `${shown(total(true))} units`;
  const unpriced = top.some((row) => parts.some((slot) => slot.kind !== "past" && held(row, slot, false).unpriced));
  const money = state.inUnits && !knowsMoney() ? "" : ` · ${other}${unpriced ? " + ?" : ""}`;
  const sum = total(state.inUnits);
  sumLine.textContent = cells > 1
    ? `${cells} cells · Sum ${shownAmount(sum)} · Average ${shownAmount(sum / (top.length * chosen.length))}${money}`
    : `${rows[0].name}, ${chosen[0].span}: ${shownAmount(sum)}${money}`;
  const lock = state.editable && cells === 1 && lockOf(rows[0], chosen[0]);
  if (lock) sumLine.textContent += ` · locked: ${lock}`;
}

export async function goTo(line) {
  const { family, item, market, lead, month } = line.dataset;
  document.querySelectorAll("[data-exception]").forEach((other) => other.toggleAttribute("data-current", other === line));
  line.scrollIntoView({ block: "nearest" });
  showPanel({ family, item, market });
  const position = state.months.findIndex(([one]) => String(one) === month);
  await reveal(lead && market ? `s${lead}.${market}` : `f${family}`, position < 0 ? undefined : `m${position}`);
  focusGrid();
}

/** An address that names a node (…/?family=3&market=7) opens the grid on it. */
export async function goToAddress() {
  const asked = new URLSearchParams(location.search);
  const [category, family, item, market] = ["category", "family", "item", "market"].map((name) => asked.get(name));
  const ids = [item && market && `s${item}.${market}`, item && `i${item}`, family && `f${family}`, category && `c${category}`];
  const row = ids.find((id) => state.rows.has(id));
  if (category || family || item || market) showPanel({ category, family, item, market });
  if (row) await reveal(row);
}

/** The whole plan in the panel, whatever is selected. */
export function showAll() {
  showPanel({});
  say("The whole plan is shown beside the grid");
}

export function nextException() {
  const open = [...document.querySelectorAll("[data-exception]:not([data-answered])")];
  if (!open.length) return say("No open exception");
  return goTo(open[(open.findIndex((line) => line.hasAttribute("data-current")) + 1) % open.length]);
}

/** The panel follows the plan: after a save its figures are those of before. */
export const refreshPanel = () => { const [row] = selection().rows; if (row && inPanel !== null) showPanel(row.node, { again: true }); };
