// The grid's rows as a tree category → family → item → market. Stored integers (milli-units and cents) are kept per
// month at every level; what moves a leaf moves everything above it by the difference, so that totals stay exact sums.

export const state = {
  revision: 0, seen: 0, baseline: "", editable: false, lock: null, currency: "", historyFrom: null,
  inUnits: true, hasCents: false, months: [], past: [], rows: new Map(), roots: [], top: null,
};

const H = () => state.months.length;
const numbers = (length = H()) => new Float64Array(length);

function newRow(id, { name, sub = "", level, node, parent = null, ...other }) {
  const row = {
    id, name, sub, level, node, parent, children: [], depth: parent?.parent ? parent.depth + 1 : 0,
    units: numbers(), cents: numbers(), moved: numbers(), unpriced: numbers(), pending: numbers(),
    draftUnits: numbers(), draftCents: numbers(), pastUnits: null, pastCents: null, from: 0, to: -1, step: 10, ...other,
  };
  state.rows.set(id, row);
  parent?.children.push(row);
  return row;
}

/** Adds `change` at one month to one of the arrays of a row and of everything above it. */
function add(leaf, name, position, change, touched) {
  if (!change) return;
  for (let row = leaf; row; row = row.parent) {
    row[name][position] += change;
    touched?.add(row);
  }
}

/** Cents of milli-units at a price in millionths per unit, half away from zero; null when there is no price. */
function centsAt(leaf, position, units) {
  const price = leaf.prices?.[position] ?? null;
  if (price === null) return units ? null : 0;
  const cents = units * price / 1e7;
  return Math.sign(cents) * Math.round(Math.abs(cents));
}

function putMoney(leaf, position, cents, touched) {
  add(leaf, "cents", position, (cents ?? 0) - leaf.cents[position], touched);
  add(leaf, "unpriced", position, Number(cents === null) - leaf.unpriced[position], touched);
}

/** One series as the server sends it: [item, market, units, positions of edited months, cents or null]. */
function putSeries([item, market, units, moved, cents], touched) {
  const leaf = state.rows.get(`s${item}.${market}`);
  if (!leaf) return false;
  const edited = new Set(moved);
  units.forEach((value, position) => {
    add(leaf, "units", position, value - leaf.units[position], touched);
    add(leaf, "moved", position, Number(edited.has(position)) - leaf.moved[position], touched);
    if (cents) putMoney(leaf, position, cents[position] < 0 ? null : cents[position], touched);
    else if (leaf.prices) putMoney(leaf, position, centsAt(leaf, position, value), touched);
  });
  return true;
}

function buildGroups(answer) {
  state.top = newRow("all", { name: "All", level: "all", node: {} });
  const used = new Set(answer.families.map(([, , category]) => category ?? null));
  const categories = new Map((answer.categories ?? []).filter(([id]) => used.has(id)).map(([id, name]) => (
    [id, newRow(`c${id}`, { name, level: "category", node: { category: id }, parent: state.top })]
  )));
  return new Map(answer.families.map(([id, name, category]) => (
    [id, newRow(`f${id}`, { name, level: "family", node: { family: id }, parent: categories.get(category) ?? state.top })]
  )));
}

/** Builds the whole tree from the grid's answer. */
export function build(answer) {
  const { revision, baseline, editable, months, lock = null, currency = "", history_from: historyFrom = null } = answer;
  Object.assign(state, { revision, seen: revision, baseline, editable, months, lock, currency, historyFrom, past: [], rows: new Map() });
  const families = buildGroups(answer);
  const markets = new Map(answer.markets.map(([id, code, region = ""]) => [id, { code, region }]));
  const items = new Map(answer.items.map(([id, ...rest]) => [id, rest]));
  answer.series.forEach(([item, market]) => {
    const [code, name, family, from = 0, to = H() - 1, step = 10] = items.get(item);
    const parent = state.rows.get(`i${item}`)
      ?? newRow(`i${item}`, { name: code, sub: name, level: "item", node: { item }, parent: families.get(family), from, to, step });
    const { code: marketCode, region } = markets.get(market);
    newRow(`s${item}.${market}`, { name: marketCode, sub: region, level: "leaf", node: { item, market }, parent, from, to, step });
  });
  state.hasCents = answer.series.some(([, , , , cents]) => cents);
  answer.series.forEach((one) => putSeries(one));
  state.roots = state.top.children.filter((row) => row.children.length);
}

/** Takes net prices, for the first look at an edit's dollars; dollars that the server has sent are kept. */
export function takePrices(prices) {
  prices.forEach(([item, market, steps]) => {
    const leaf = state.rows.get(`s${item}.${market}`);
    if (!leaf) return;
    leaf.prices = Array(H()).fill(null);
    steps.forEach(([from, price]) => leaf.prices.fill(price, from));
    if (!state.hasCents) leaf.units.forEach((units, position) => putMoney(leaf, position, centsAt(leaf, position, units)));
  });
  state.hasPrices = true;
}

/** Sales of closed months before the plan, for the columns on the left. */
export function takeHistory({ months, series }) {
  state.past = months;
  state.rows.forEach((row) => Object.assign(row, { pastUnits: numbers(months.length), pastCents: numbers(months.length) }));
  series.forEach(([item, market, units, cents]) => {
    const leaf = state.rows.get(`s${item}.${market}`);
    units.forEach((value, position) => {
      if (leaf) add(leaf, "pastUnits", position, value);
      if (leaf && cents) add(leaf, "pastCents", position, cents[position]);
    });
  });
}

/** Puts moved series into the tree; returns the touched rows, or null when one of them is not in the tree yet. */
export function absorb(series) {
  const touched = new Set();
  return series.every((one) => putSeries(one, touched)) ? touched : null;
}

/** Shows (`sign` 1) or takes back (−1) changes that are not saved: [leaf, position, milli-units]. Returns the touched rows. */
export function draft(changes, sign) {
  const touched = new Set();
  changes.forEach(([leaf, position, change, cents]) => {
    add(leaf, "draftUnits", position, sign * change, touched);
    add(leaf, "draftCents", position, sign * cents, touched);
    add(leaf, "pending", position, sign, touched);
  });
  return touched;
}

/** The cents that a change of milli-units makes at a leaf; 0 where there is no price (the page says so beside it). */
export function centsOfChange(leaf, position, change) {
  const now = leaf.units[position] + leaf.draftUnits[position];
  return (centsAt(leaf, position, now + change) ?? 0) - (centsAt(leaf, position, now) ?? 0);
}

/** All leaves below a row, itself when it is one. */
export function leavesOf(row) {
  return row.level === "leaf" ? [row] : row.children.flatMap(leavesOf);
}

/** The rows without those that have an ancestor among them. */
export function topmost(rows) {
  const chosen = new Set(rows);
  const covered = (row) => { for (let up = row.parent; up; up = up.parent) if (chosen.has(up)) return true; return false; };
  return rows.filter((row) => !covered(row));
}
