// Words for what a gesture does: its cells, what it comes to, and cells of it that were not taken.
import { shown, shownChange, shownMoney } from "./demand-numbers.js";
import { knowsMoney } from "./demand-preview.js";
import { state } from "./demand-rows.js";

/** “+10 units, +$1,000”: what changes come to, in both; what has no price is said, never counted as 0. */
export function effect(units, cents, unpriced = 0) {
  const money = knowsMoney() && (cents || !unpriced) ? [shownMoney(cents, { signed: true })] : [];
  if (unpriced) money.push(`${shown(unpriced)} cells without a price`);
  return [`${shownChange(units / 1000)} units`, ...money].join(", ");
}

export function count(instructions) {
  const cells = instructions.reduce((sum, one) => sum + one.rows.length * one.positions.length, 0);
  return cells === 1 ? "" : `${cells} cells`;
}

const fieldOf = ({ field, positions }) => field ?? `m${positions[0]}`;
export const typedOf = ({ typed, value = 0 }, { mode, unit }) => typed ?? (mode === "scale" ? `${value / 100}%` : shown(value / (unit === "value" ? 100 : 1000)));

/** One line of the list of cells that were not taken. */
export function rejection(instruction, one, { row = "", month = "", reason, remedy = "" }) {
  const [first] = instruction.rows;
  const [, name, year] = state.months[instruction.positions[0]];
  return {
    id: first.id, field: fieldOf(instruction), row: row || nameOf(first), month: month || `${name} ${year}`,
    value: typedOf(instruction, one), reason, remedy,
  };
}

export const nameOf = (row) => (row.level === "leaf" ? `${row.parent.name} · ${row.name}` : row.name);
