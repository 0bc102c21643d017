// Columns of the grid as slots (a month, a quarter, a year: the positions that it adds up), and how a cell looks.
import { comparedCell, labelOf } from "./demand-beside.js";
import { shown, shownMoney } from "./demand-numbers.js";
import { state } from "./demand-rows.js";

export const slots = new Map();
export const view = { quarters: false, history: false };
export const isEditable = (cell) => state.editable && cell.getData().level !== "compare";

const spanOf = (positions) => {
  const label = (position) => `${state.months[position][1]} ${state.months[position][2]}`;
  return positions.length > 1 ? `${label(positions[0])} – ${label(positions.at(-1))}` : label(positions[0]);
};

function groups(keyOf) {
  const found = new Map();
  state.months.forEach((month, position) => {
    const key = keyOf(month);
    found.set(key, [...(found.get(key) ?? []), position]);
  });
  return found;
}

function addSlot(field, title, year, positions, kind = "month") {
  slots.set(field, { field, title, year, positions, kind, span: kind === "past" ? title : spanOf(positions) });
}

/** Lays out the slots anew: history, then month by month with the totals of quarters (when wanted) and years. */
export function layOutSlots() {
  slots.clear();
  if (view.history) state.past.forEach(([, label, year], position) => addSlot(`h${position}`, `${label} ${String(year).slice(2)}`, year, [position], "past"));
  const years = groups(([, , year]) => year);
  const quarters = groups(([month]) => Math.floor(month / 3));
  state.months.forEach(([month, label, year], position) => {
    addSlot(`m${position}`, label, year, [position]);
    const quarter = quarters.get(Math.floor(month / 3));
    const isLast = (positions) => positions.at(-1) === position && positions.length > 1;
    if (view.quarters && isLast(quarter)) addSlot(`q${position}`, `Q${Math.floor((month % 12) / 3) + 1}`, year, quarter, "sum");
    if (isLast(years.get(year))) addSlot(`y${position}`, String(year), year, years.get(year), "sum");
  });
}

const sum = (values, positions) => positions.reduce((total, position) => total + values[position], 0);

/** What a row holds in a slot: `amount` in units or whole currency, what is unsaved in it, edited and unpriced cells. */
export function held(row, slot, inUnits = state.inUnits) {
  const { positions } = slot;
  if (slot.kind === "past") return { amount: sum(inUnits ? row.pastUnits : row.pastCents, positions) / (inUnits ? 1000 : 100), moved: 0, unpriced: 0, pending: 0 };
  const [stored, drafted] = inUnits ? [row.units, row.draftUnits] : [row.cents, row.draftCents];
  return {
    amount: (sum(stored, positions) + sum(drafted, positions)) / (inUnits ? 1000 : 100),
    moved: sum(row.moved, positions),
    unpriced: inUnits ? 0 : sum(row.unpriced, positions),
    pending: sum(row.pending, positions),
  };
}

/** Whether the item of a row is on the market in a month of the slot; families and above always are. */
export const isOnMarket = (row, slot) => (
  !["item", "leaf"].includes(row.level) || slot.positions.some((position) => row.from <= position && position <= row.to)
);

/** The words of the toolbar (demand/_lock.html); what has changed since the page was opened is said by the server. */
function wordsOfLock() {
  const told = document.getElementById("lock-why")?.textContent.trim().replace(/\s+/g, " ");
  return told || state.lock?.text || "The plan is read only now";
}

/** Why a cell cannot be typed into; "" when it can. */
export function lockOf(row, slot) {
  if (!state.editable) return wordsOfLock();
  if (slot.kind === "past") return `${slot.span} is closed: sales as booked, they come from the data stage`;
  if (isOnMarket(row, slot)) return "";
  const name = row.level === "leaf" ? row.parent.name : row.name;
  if (row.from > row.to) return `${name} is not on the market in these months`;
  const label = ([, month, year]) => `${month} ${year}`;
  return `${name} is on the market from ${label(state.months[row.from])} to ${label(state.months[row.to])} only`;
}

function wordsOf(row, { amount, unpriced }) {
  const text = shown(amount);
  if (!unpriced) return text;
  return row.level === "leaf" ? "no price" : `${text} + ?`;
}

/** Writes one cell as it is now: a text, or what a comparison shows. */
export function paintCell(cell) {
  const row = cell.getData();
  const slot = slots.get(cell.getField());
  const element = cell.getElement();
  if (row.level === "compare") {
    element.classList.add("is-compared");
    element.classList.toggle("is-sum", slot.kind === "sum");
    element.setAttribute("aria-readonly", "true");
    return comparedCell(row, slot);
  }
  const now = held(row, slot);
  const isLocked = !state.editable || slot.kind === "past" || !isOnMarket(row, slot);
  const classes = {
    "is-total": row.level === "category" || (row.level === "family" && !row.depth), "is-family": row.level === "family", "is-group": row.level === "item", "is-sum": slot.kind === "sum", "is-past": slot.kind === "past",
    "is-locked": isLocked, "is-flagged": row.level === "leaf" && now.moved > 0, "is-changed": now.moved > 0, "is-unsaved": now.pending !== 0,
  };
  Object.entries(classes).forEach(([name, on]) => element.classList.toggle(name, on));
  if (isLocked) element.setAttribute("aria-readonly", "true");
  else element.removeAttribute("aria-readonly");
  return slot.kind !== "past" && !isOnMarket(row, slot) && !now.amount ? "" : wordsOf(row, now);
}

/** Writes the name of a row: its fold, its name, what it is, and who else stands there. */
export function paintName(cell, unfolded, others) {
  const row = cell.getData();
  const name = document.createElement("span");
  name.className = `grid-name depth-${row.depth}`;
  if (row.level === "compare") {
    name.append(part("span", "fold-gap", ""), part("i", "", labelOf(row.compared)));
    cell.getElement().classList.add("is-compared");
    cell.getElement().title = `${row.of.name} · ${labelOf(row.compared)}`;
    return name;
  }
  name.append(row.children.length ? foldOf(row, unfolded.has(row.id)) : part("span", "fold-gap", ""));
  name.append(part("span", "", row.name));
  if (row.sub) name.append(part("i", "", row.sub));
  const here = others.get(row.id);
  if (here) name.append(part("b", "here", here.map((who) => who.initials).join(" ")));
  cell.getElement().title = [row.name, row.sub, here && `here: ${here.map((who) => who.name).join(", ")}`].filter(Boolean).join(" · ");
  return name;
}

function part(tag, css, text) {
  const made = document.createElement(tag);
  if (css) made.className = css;
  made.textContent = text;
  return made;
}

function foldOf(row, isOpen) {
  const fold = part("button", "fold", "");
  fold.type = "button";
  fold.tabIndex = -1; // the grid is one stop; Space folds the row of the selected cell
  fold.dataset.row = row.id;
  fold.setAttribute("aria-expanded", String(isOpen));
  fold.setAttribute("aria-label", row.name);
  return fold;
}

export const shownAmount = (amount) => (state.inUnits ? shown(amount) : shownMoney(amount * 100));
