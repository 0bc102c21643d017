// Reads the grid, what has moved in it, prices and history; draws it anew only when its rows are others than before.
import { say } from "./demand-troubles.js";
import { view } from "./demand-cells.js";
import { absorb, build, state, takeHistory, takePrices } from "./demand-rows.js";
import { draw, repaint, showColumn } from "./demand-table.js";

const page = document.getElementById("demand");
const HISTORY_MONTHS = 24;
/** Dollars are asked for when they are shown, or have been: both are kept in step from then on. */
export const query = () => `?show=${state.inUnits && !state.hasCents ? "units" : "value"}`;

/** Gestures on their way: what has moved is read when they have arrived, else one's own change would be seen twice. */
export const sending = { count: 0, hasMoved: false };

let postponed = 0;
/** Somebody types: what others did waits until the cell is left, so that no typed value and no conflict is lost. */
function waitsForTyping() {
  if (!document.querySelector("#grid .tabulator-editing")) return false;
  say("The plan has moved; it is shown when you leave this cell");
  clearTimeout(postponed);
  postponed = setTimeout(load, 700);
  return true;
}

/** What an address answers, null when it does not (also then the body is read: an unread one keeps its connection). */
export async function read(address, request) {
  const response = await fetch(address, request).catch(() => null);
  const answer = await response?.json().catch(() => null);
  return response?.ok ? answer : null;
}

async function drawWhole(answer) {
  build(answer);
  await draw();
  say(`${answer.families.length} families, ${answer.series.length} series at revision ${answer.revision}`);
  if (view.history) await toggleHistory(true);
  loadPrices();
}

/** Reads the grid, or what has moved in it since. */
export async function load({ whole = false, isOwn = false } = {}) {
  const known = !whole && state.rows.size > 0;
  sending.hasMoved ||= sending.count > 0 && !isOwn;
  if (sending.count && !isOwn) return undefined;
  if (known && waitsForTyping()) return undefined;
  const answer = await read(`${page.dataset.grid}${query()}${known ? `&since=${state.seen}&baseline=${state.baseline}` : ""}`);
  if (!answer) return known ? undefined : say("The plan could not be loaded; reload the page.");
  if (answer.unchanged || (known && waitsForTyping())) return undefined;
  if (sending.count && !isOwn) { sending.hasMoved = true; return undefined; } // sent while this was read
  if (!known || !answer.by) return drawWhole(answer);
  const touched = answer.editable === state.editable ? absorb(answer.series) : null;
  if (!touched) return load({ whole: true, isOwn });
  state.revision = state.seen = answer.revision;
  state.baseline = answer.baseline ?? state.baseline;
  repaint(touched, answer.by.length > 0);
  if (answer.by.length) say(`${answer.by.join(", ")} changed ${answer.series.length} series; revision ${answer.revision}`);
  return undefined;
}

/** Net prices, for the dollars of an edit while it is on its way. */
async function loadPrices() {
  const answer = await read(`${page.dataset.grid}prices/`);
  if (!answer) return;
  takePrices(answer.prices);
  document.dispatchEvent(new CustomEvent("gridpainted"));
}

/** Shows or hides the closed months on the left. */
export async function toggleHistory(wanted = !view.history) {
  if (wanted && state.historyFrom === null) return say("There are no sales before this plan");
  if (wanted) {
    const answer = await read(`${page.dataset.grid}history/?months=${HISTORY_MONTHS}&show=value`);
    if (!answer) return say("The sales before this plan could not be loaded; try again");
    takeHistory(answer);
  }
  view.history = wanted;
  await draw();
  if (wanted) showColumn(`h${state.past.length - 2}`);
  return say(wanted ? `${state.past.length} closed months are shown on the left` : "Closed months are hidden");
}

/** The same cells in units or in value: address, switch and headline follow, the selection stays where it is. */
export async function showIn(display) {
  if (display === "value" && !state.hasCents) {
    const answer = await read(`${page.dataset.grid}?show=value`);
    if (!answer) return say("The dollars could not be loaded; try again");
    build(answer);
    if (view.history) takeHistory(await read(`${page.dataset.grid}history/?months=${HISTORY_MONTHS}&show=value`));
    loadPrices();
  }
  state.inUnits = display === "units";
  document.dispatchEvent(new CustomEvent("displaymoved", { detail: display }));
  await draw();
  return say(state.inUnits ? "Shown in units" : `Shown in ${state.currency || "value"} at net prices`);
}
