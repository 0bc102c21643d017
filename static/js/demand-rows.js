// The grid's rows as a tree family → item → market. Stored integers (milli-units or cents) are kept beside what is
// shown, so that totals are integer sums and an edit moves its parents by the difference.

export const state = { revision: 0, seen: 0, baseline: "", editable: false, inUnits: true, months: [], rows: new Map(), roots: [] };

const scale = () => (state.inUnits ? 1000 : 100);

function newRow(id, name, sub, level, node, parent) {
  const zeros = () => state.months.map(() => 0);
  const row = { id, name, sub, level, node, parent, raw: zeros(), moved: zeros(), unpriced: zeros() };
  state.rows.set(id, row);
  if (parent) (parent._children ??= []).push(row);
  else state.roots.push(row);
  return row;
}

function show(row, position) {
  row[`m${position}`] = row.raw[position] / scale();
}

/** Adds `value - now` to a leaf and to everything above it; collects the touched rows. */
function put(leaf, position, value, isMoved, touched) {
  const delta = value - leaf.raw[position];
  const mark = Number(isMoved) - leaf.moved[position];
  if (!delta && !mark) return;
  for (let row = leaf; row; row = row.parent) {
    row.raw[position] += delta;
    row.moved[position] += mark;
    show(row, position);
    touched?.add(row);
  }
}

/** Counts the cells below each row that have units but no price: their dollars are unknown, not 0. */
function markUnpriced(leaf, position, isUnpriced) {
  const change = Number(isUnpriced) - leaf.unpriced[position];
  for (let row = change ? leaf : null; row; row = row.parent) row.unpriced[position] += change;
}

/** Series as the server sends them: [item, market, units, positions of edited months, cents or null]. */
function putSeries([item, market, units, moved, cents], touched) {
  const leaf = state.rows.get(`s${item}.${market}`);
  if (!leaf) return false;
  const values = state.inUnits ? units : cents;
  const edited = new Set(moved);
  values.forEach((value, position) => {
    put(leaf, position, Math.max(value, state.inUnits ? value : 0), edited.has(position), touched);
  });
  state.months.forEach((_, position) => markUnpriced(leaf, position, !state.inUnits && cents[position] < 0));
  return true;
}

/** Builds the whole tree from the grid's answer. */
export function build(answer, inUnits) {
  Object.assign(state, { inUnits, editable: answer.editable, months: answer.months, rows: new Map(), roots: [] });
  state.revision = state.seen = answer.revision;
  state.baseline = answer.baseline;
  const markets = new Map(answer.markets);
  const families = new Map(answer.families.map(([id, name]) => [id, newRow(`f${id}`, name, "", "family", { family: id })]));
  const items = new Map(answer.items.map(([id, code, name, family]) => [id, { code, name, family }]));
  answer.series.forEach(([item, market]) => {
    const { code, name, family } = items.get(item);
    const parent = state.rows.get(`i${item}`)
      ?? newRow(`i${item}`, code, name, "item", { item }, families.get(family));
    newRow(`s${item}.${market}`, markets.get(market), "", "leaf", { item, market }, parent);
  });
  state.rows.forEach((row) => state.months.forEach((_, position) => show(row, position)));
  answer.series.forEach((one) => putSeries(one));
}

/** Puts moved series into the tree; returns the touched rows, or null when one of them is not in the tree yet. */
export function absorb(series) {
  const touched = new Set();
  return series.every((one) => putSeries(one, touched)) ? touched : null;
}

/** The rows without those that have an ancestor among them. */
export function topmost(rows) {
  const chosen = new Set(rows);
  const covered = (row) => { for (let up = row.parent; up; up = up.parent) if (chosen.has(up)) return true; return false; };
  return rows.filter((row) => !covered(row));
}

/** A number as people and spreadsheets write it; null when it is none. */
export function parseNumber(text) {
  let clean = String(text).trim().replace(/[\u00a0\u202f\s$€£%']/g, "").replace("−", "-");
  if (clean === "") return 0;
  const negative = /^\(.*\)$/.test(clean);
  if (negative) clean = clean.slice(1, -1);
  if (/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(clean)) clean = clean.replaceAll(",", "");
  else if (/^-?\d+,\d+$/.test(clean)) clean = clean.replace(",", ".");
  const value = clean === "" ? NaN : Number(clean);
  if (!Number.isFinite(value)) return null;
  return negative ? -value : value;
}
