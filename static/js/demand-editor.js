// Typing into a cell: what a key starts, what ends it, and in which direction the selection goes on.
import { slots, held } from "./demand-cells.js";
import { shownExactly } from "./demand-numbers.js";

let firstKey = "";
/** The next editor that opens starts with this key instead of what the cell holds. */
export const startWith = (key) => { firstKey = key; };

const LEAVES = { Enter: [1, 0], Tab: [0, 1] };
const ARROWS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function whereTo(event, isTyped) {
  const leave = LEAVES[event.key] ?? (isTyped ? ARROWS[event.key] : undefined);
  if (!leave || !event.shiftKey || !LEAVES[event.key]) return leave;
  return leave.map((by) => -by);
}

/** Tabulator's editor of one cell. It never writes: it hands over what was typed as the event `celltyped`. */
export function editor(cell, onRendered, success, cancel) {
  const row = cell.getData();
  const slot = slots.get(cell.getField());
  const input = document.createElement("input");
  const isTyped = firstKey !== "";
  input.setAttribute("aria-label", `${row.name}, ${slot.span}`);
  input.setAttribute("inputmode", "decimal");
  input.autocomplete = "off";
  input.value = firstKey || shownExactly(held(row, slot).amount);
  firstKey = "";
  let isOver = false;
  const end = (move) => {
    if (isOver) return;
    isOver = true;
    const { value } = input;
    cancel();
    if (move) document.dispatchEvent(new CustomEvent("celltyped", { detail: { row, slot, text: value, move } }));
  };
  input.addEventListener("keydown", (event) => {
    const move = whereTo(event, isTyped);
    if (event.key !== "Escape" && !move) return event.stopPropagation();
    event.preventDefault();
    event.stopPropagation();
    return end(event.key === "Escape" ? null : move);
  });
  input.addEventListener("blur", () => end([0, 0]));
  onRendered(() => {
    input.focus();
    if (!isTyped) input.select();
  });
  return input;
}
