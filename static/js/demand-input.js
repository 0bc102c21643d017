// From what a person does in the grid to gestures: typing, pasting, filling, clearing, copying, and the tools.
import { ask } from "./demand-dialog.js";
import { gesture } from "./demand-edits.js";
import { held, lockOf, slots } from "./demand-cells.js";
import { parseNumber, parseTyped, pointOf, shown, shownChange, shownMoney } from "./demand-numbers.js";
import { leavesOf, state, topmost } from "./demand-rows.js";
import { reveal, selection, visibleRows } from "./demand-table.js";
import { listRejected, say } from "./demand-troubles.js";
import { nameOf } from "./demand-words.js";

const unit = () => (state.inUnits ? "units" : "value");
/** The stored integer of an amount as the grid shows it: milli-units to the planning hundredth, or cents. */
const stored = (amount) => (state.inUnits ? Math.round(amount * 100) * 10 : Math.round(amount * 100));
const amountOf = (amount) => (state.inUnits ? shown(amount) : shownMoney(amount * 100));

/** The selected cells as instructions, one per row and slot; closed months and rows below chosen ones are left out. */
export function chosenCells() {
  const { rows, chosen } = selection();
  const open = chosen.filter((slot) => slot.kind !== "past");
  const covered = (slot) => slot.kind === "sum" && open.some((other) => other !== slot && slot.positions.includes(other.positions[0]));
  const own = open.filter((slot) => !covered(slot));
  return topmost(rows).flatMap((row) => own.map((slot) => ({ rows: [row], positions: slot.positions, field: slot.field, row, slot })));
}

/** What somebody typed into a cell, for that cell or (with a block selected) for every cell of the block. */
export function typed({ row, slot, text }, cells = [{ rows: [row], positions: slot.positions, field: slot.field, row, slot }]) {
  const asked = parseTyped(text);
  if (!asked) return undefined;
  if (asked.problem) return say(asked.problem);
  const { mode, amount } = asked;
  if (mode === "set" && amount < 0) return say("Demand cannot go below zero: type a number of 0 or more");
  if (mode === "scale" && amount < -100) return say("Demand cannot go below zero");
  const value = mode === "scale" ? Math.round(amount * 100) : stored(amount);
  const isSame = (cell) => mode === "set" && stored(held(cell.row, cell.slot).amount) === value;
  const moving = cells.filter((cell) => !isSame(cell) && !lockOf(cell.row, cell.slot));
  if (!moving.length) return cells.every(isSame) ? undefined : say(lockOf(cells[0].row, cells[0].slot));
  const told = { set: amountOf(amount), change: state.inUnits ? shownChange(amount) : shownMoney(amount * 100, { signed: true }), scale: `${shownChange(amount)}%` }[mode];
  const where = cells.length > 1 ? `${moving.length} cells` : `${nameOf(row)} ${slot.title}`;
  return gesture({ mode, unit: unit(), label: `${where}: ${told}`, instructions: moving.map((cell) => ({ ...cell, value, typed: text })) });
}

/** A block from a spreadsheet, or one value over the whole selection, as one gesture; what cannot be taken is listed. */
export function paste(text) {
  const { rows, chosen } = selection();
  if (!rows.length || !chosen.length) return undefined;
  const block = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
  const point = pointOf(block.flat());
  const all = visibleRows();
  const from = all.indexOf(rows[0]);
  const fields = [...slots.values()].filter((slot) => slot.kind !== "sum" || slot === chosen[0]); // spreadsheets bring months
  const left = fields.indexOf(chosen[0]);
  const height = block.length === 1 ? rows.length : block.length;
  const width = block[0].length === 1 ? chosen.filter((slot) => fields.includes(slot)).length : Math.max(...block.map((line) => line.length));
  const found = { instructions: [], skipped: [], empty: 0 };
  const targets = new Set(all.slice(from, from + height));
  for (let line = 0; line < height; line += 1) {
    const values = block[line % block.length];
    for (let k = 0; k < width; k += 1) {
      pasteCell({ row: all[from + line], slot: fields[left + k], text: (values[k % values.length] ?? "").trim() }, { found, point, targets, line, k });
    }
  }
  return finishPaste(found, { height, width, point });
}

function pasteCell({ row, slot, text }, { found, point, targets, line, k }) {
  const refuse = (reason, remedy = "") => found.skipped.push({
    id: row?.id, field: slot?.field, row: row ? nameOf(row) : `Line ${line + 1} of the block`, month: slot?.span ?? `Column ${k + 1}`, value: text, reason, remedy,
  });
  if (text === "") { found.empty += 1; return; }
  if (!row || !slot) { refuse("It lies outside the plan.", "Paste further up or to the left."); return; }
  if (row.children.some((child) => targets.has(child))) return; // a total of what is pasted below it
  const value = parseNumber(text, point);
  const lock = lockOf(row, slot);
  if (lock) refuse(lock);
  else if (value === null) refuse("It is not a number.", `Decimals are read with “${point}” in this block.`);
  else if (value < 0) refuse("Demand cannot go below zero.", "Write 0 or more.");
  else if (stored(value) !== stored(held(row, slot).amount)) found.instructions.push({ rows: [row], positions: slot.positions, field: slot.field, value: stored(value), typed: text });
}

function finishPaste({ instructions, skipped, empty }, { height, width, point }) {
  listRejected(skipped, { title: "Paste: cells not taken", goTo: reveal });
  const left = [skipped.length && `${skipped.length} not taken`, empty && `${empty} empty`].filter(Boolean).join(", ");
  if (!instructions.length) return say(left ? `Nothing was pasted: ${left}` : "Nothing to change there: the block holds what the plan holds");
  const decimals = point === "," ? ", decimal comma" : "";
  return gesture({ mode: "set", unit: unit(), label: `Paste ${height} × ${width}${decimals}${left ? ` (${left})` : ""}`, instructions, isBlock: true, skipped });
}

/** The selected block for a spreadsheet: plain numbers, tabs and lines; months without the totals between them. */
export function copied() {
  const { rows, chosen } = selection();
  const months = chosen.filter((slot) => slot.kind !== "sum");
  return rows.map((row) => (months.length ? months : chosen).map((slot) => held(row, slot).amount).join("\t")).join("\r\n");
}

export function clear() {
  const cells = chosenCells().filter((cell) => !lockOf(cell.row, cell.slot));
  return gesture({ mode: "set", label: "Clear to 0", instructions: cells.map((cell) => ({ ...cell, value: 0 })) });
}

/** The first selected month's value into the others, series by series. */
export function fillRight() {
  const { rows, chosen } = selection();
  const positions = chosen.filter((slot) => slot.kind === "month").map((slot) => slot.positions[0]);
  if (positions.length < 2) return say("Select the month to copy from and the months to its right first");
  return gesture({ mode: "fill", label: `Fill ${positions.length - 1} months to the right`, instructions: topmost(rows).map((row) => ({ rows: [row], positions })) });
}

async function amountFor({ title, text, amountLabel }) {
  const words = await ask({ title, text, amountLabel });
  if (!words) return {};
  const amount = parseNumber(words.amount.replace("%", ""));
  if (amount === null) say("That is not a number");
  return { words, amount };
}

async function scale(rows, positions) {
  const { words, amount } = await amountFor({ title: "Adjust by %", text: `${rows.length} rows × ${positions.length} months`, amountLabel: "Percent, for example 5 or −10" });
  if (!words || amount === null) return undefined;
  const instructions = rows.flatMap((row) => positions.map((position) => ({ rows: [row], positions: [position], value: Math.round(amount * 100) })));
  return gesture({ mode: "scale", label: `Adjust by ${shownChange(amount)}%`, instructions, words });
}

async function spread(rows, positions) {
  const now = rows.reduce((sum, row) => sum + positions.reduce((part, position) => part + held(row, slots.get(`m${position}`)).amount, 0), 0);
  const { words, amount } = await amountFor({
    title: "Spread a total", text: `Over ${positions.length} months by the present plan, else the baseline, else last year. Now ${amountOf(now)}.`,
    amountLabel: state.inUnits ? "Total units for the selection" : `Total ${state.currency} for the selection`,
  });
  if (!words || amount === null) return undefined;
  if (amount < 0) return say("Demand cannot go below zero");
  return gesture({ mode: "set", unit: unit(), label: `Spread ${amountOf(amount)}`, instructions: [{ rows, positions, value: stored(amount) }], words });
}

/** One tool over the selection: scale, spread, last_year, reset, fill. */
export function useTool(tool) {
  if (!state.editable) return say(lockOf(state.top, { kind: "month" }));
  const { rows, positions } = selection();
  const chosen = topmost(rows);
  if (!chosen.length || !positions.length) return say("Select cells of the plan first");
  if (tool === "fill") return fillRight();
  if (tool === "scale") return scale(chosen, positions);
  if (tool === "spread") return spread(chosen, positions);
  const label = tool === "reset" ? "Reset to baseline" : "Copy last year";
  return gesture({ mode: tool, label: `${label}: ${chosen.length === 1 ? nameOf(chosen[0]) : `${chosen.length} rows`}`, instructions: chosen.map((row) => ({ rows: [row], positions })) });
}
