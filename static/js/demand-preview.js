// The first look at a gesture: what its cells will most likely become, until the ledger answers.
import { centsOfChange, leavesOf, state } from "./demand-rows.js";

/** The open cells of an instruction: [leaf, position, what it holds now]. */
function cellsOf({ rows, positions }) {
  return rows.flatMap(leavesOf).flatMap((leaf) => positions
    .map((position) => [leaf, position, leaf.units[position] + leaf.draftUnits[position]])
    .filter(([, position, now]) => now || (leaf.from <= position && position <= leaf.to)));
}

/** Spreads a total over cells by what they hold, else equally; largest remainder, in planning steps. */
function spread(cells, total) {
  const step = Math.max(1, Math.min(...cells.map(([leaf]) => leaf.step)));
  const held = cells.reduce((sum, [, , now]) => sum + now, 0);
  const shares = cells.map(([, , now]) => total * (held ? now / held : 1 / cells.length) / step);
  const target = shares.map(Math.floor);
  let rest = Math.round(total / step) - target.reduce((sum, one) => sum + one, 0);
  const order = shares.map((share, k) => [share - target[k], k]).sort((a, b) => b[0] - a[0]);
  for (let k = 0; k < order.length && rest > 0; k += 1, rest -= 1) target[order[k][1]] += 1;
  return target.map((one) => one * step);
}

/** Milli-units that an amount of money comes to: by the price where one cell is typed, in proportion above it. */
function unitsFor(cells, cents) {
  const money = cells.reduce((sum, [leaf, position]) => sum + leaf.cents[position] + leaf.draftCents[position], 0);
  if (cells.length === 1 && cells[0][0].prices?.[cells[0][1]]) return cents * 1e7 / cells[0][0].prices[cells[0][1]];
  return money ? cents / money * cells.reduce((sum, [, , now]) => sum + now, 0) : null;
}

function totalOf({ mode, unit }, cells, value) {
  const now = cells.reduce((sum, [, , held]) => sum + held, 0);
  if (mode === "scale") return now * (1 + value / 10000);
  const asked = unit === "value" ? unitsFor(cells, value) : value;
  if (asked === null) return null;
  return mode === "change" ? now + asked : asked;
}

/** The changes that a gesture makes in the leaves, [leaf, position, milli-units, cents], as far as they can be told here. */
export function previewOf(gesture) {
  return gesture.instructions.flatMap((instruction) => {
    const cells = cellsOf(instruction);
    if (!cells.length) return [];
    const targets = gesture.mode === "fill" ? filled(cells, instruction) : targetsOf(gesture, cells, instruction.value);
    return (targets ?? []).flatMap((target, k) => {
      const [leaf, position, now] = cells[k];
      return target === now ? [] : [[leaf, position, target - now, centsOfChange(leaf, position, target - now)]];
    });
  });
}

function targetsOf(gesture, cells, value) {
  if (!["set", "change", "scale"].includes(gesture.mode)) return null; // what was sold, and the baseline, only the ledger knows
  const total = totalOf(gesture, cells, value);
  return total === null || total < 0 ? null : spread(cells, total);
}

function filled(cells, { positions }) {
  const first = new Map(cells.filter(([, position]) => position === positions[0]).map(([leaf, , now]) => [leaf, now]));
  return cells.map(([leaf, , now]) => first.get(leaf) ?? now);
}

/** What changes move in all: milli-units and cents. */
export const sumOf = (changes) => changes.reduce(([units, cents], [, , u, c]) => [units + u, cents + c], [0, 0]);

/** Which rows an instruction's total stands in now, for the words of a conflict. */
export const nowOf = (instruction) => cellsOf(instruction).reduce((sum, [, , now]) => sum + now, 0);
export const knowsMoney = () => state.hasCents || Boolean(state.hasPrices);
