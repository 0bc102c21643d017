// The Tabulator of the demand page: the visible rows of the tree, the selection, and the way to any cell.
import { choice, compareRows } from "./demand-beside.js";
import { editor } from "./demand-editor.js";
import { held, isEditable, layOutSlots, paintCell, paintName, slots } from "./demand-cells.js";
import { shown } from "./demand-numbers.js";
import { giveRoles } from "./demand-roles.js";
import { state } from "./demand-rows.js";

const holder = document.getElementById("grid");
const unfolded = new Set();
export const others = new Map(); // row id → who else stands there
export let table = null;
let components = new Map();

const LEVELS = ["category", "family", "item"]; // that can be unfolded
const NAME_WIDTH = innerWidth < 600 ? 148 : 236; // as .compare th in demand.css
const isOpen = (row) => unfolded.has(row.id) && row.children.length > 0;

/** The rows that are not folded away, from top to bottom. */
export function visibleRows(rows = state.roots, found = []) {
  rows.forEach((row) => {
    found.push(row);
    if (isOpen(row)) visibleRows(row.children, found);
  });
  return found;
}

/** The rows of the table: those of the plan, beneath each what it is compared with. */
const tableRows = () => visibleRows().flatMap((row) => [row, ...compareRows(row)]);

function column(slot) {
  const widths = { month: 77, past: 77, sum: 88 };
  return {
    title: slot.title, field: slot.field, width: widths[slot.kind] + (state.inUnits ? 0 : 19), hozAlign: "right", headerSort: false, formatter: paintCell,
    cssClass: { sum: "is-sum-column", past: "is-past-column" }[slot.kind] ?? "", headerTooltip: slot.span,
    editor, editable: isEditable, bottomCalc: () => held(state.top, slot), bottomCalcFormatter: (cell) => total(cell.getValue()),
  };
}

const total = ({ amount, unpriced }) => `${shown(amount)}${unpriced ? " + ?" : ""}`;

function columns() {
  layOutSlots();
  const years = new Map();
  slots.forEach((slot) => {
    const title = slot.kind === "past" ? `${slot.year} sold` : String(slot.year);
    years.set(title, [...(years.get(title) ?? []), column(slot)]);
  });
  return [...years].map(([title, months]) => ({ title, columns: months }));
}

const noteRows = () => { components = new Map(table.getRows().map((row) => [row.getData().id, row])); };

function options() {
  return {
    data: tableRows(), index: "id", height: "100%", rowHeight: 27, columns: columns(), reactiveData: false, history: false, clipboard: false,
    rowHeader: {
      title: "Family, item, market", field: "name", frozen: true, width: NAME_WIDTH, headerSort: false, resizable: false,
      formatter: (cell) => paintName(cell, unfolded, others), bottomCalc: () => "All", bottomCalcFormatter: (cell) => cell.getValue(),
    },
    autoResize: false, selectableRange: 1, selectableRangeColumns: true, selectableRangeRows: true, selectableRangeClearCells: false,
    editTriggerEvent: "dblclick", columnDefaults: { resizable: false, headerSort: false },
  };
}

/** Draws again when the grid's place has another size; Tabulator's own watch would draw everything twice at the start. */
function followSize() {
  const size = () => `${holder.clientWidth} ${holder.clientHeight}`;
  let seen = size();
  new ResizeObserver(() => {
    if (size() === seen) return;
    seen = size();
    table.redraw();
  }).observe(holder);
}

async function drawFirst() {
  state.roots.filter((row) => row.level === "category").forEach((row) => unfolded.add(row.id));
  table = new Tabulator(holder, options());
  await new Promise((resolve) => { table.on("tableBuilt", resolve); });
  followSize();
}

async function drawAgain() {
  const place = placeNow();
  table.setColumns(columns());
  await table.replaceData(tableRows());
  noteRows();
  await restore(place);
}

let drawing = Promise.resolve();
/** Draws the table of the present state, where it was, one drawing after the other; resolves when it stands. */
export function draw() {
  drawing = drawing.then(async () => {
    const isFirst = table === null;
    await (isFirst ? drawFirst() : drawAgain());
    giveRoles();
    noteRows();
    document.dispatchEvent(new CustomEvent(isFirst ? "gridbuilt" : "gridpainted"));
  });
  return drawing;
}

/** Puts the rows as `unfolded` and the comparisons say now; the selection stays on its row, or goes to the one it was folded into. */
export async function redrawRows() {
  const place = placeNow();
  await table.replaceData(tableRows());
  noteRows();
  await restore(place);
}

export async function fold(id, open = !unfolded.has(id)) {
  const row = state.rows.get(id);
  if (!row?.children.length || unfolded.has(id) === open) return;
  if (open) unfolded.add(id);
  else unfolded.delete(id);
  await redrawRows();
}

/** One level more (`step` 1) or less (−1) of the whole tree. */
export async function foldLevel(step) {
  const groups = [...state.rows.values()].filter((row) => row.children.length && row !== state.top);
  const levels = LEVELS.filter((level) => groups.some((row) => row.level === level));
  const deepest = Math.max(-1, ...groups.filter((row) => unfolded.has(row.id)).map((row) => levels.indexOf(row.level)));
  const wanted = Math.min(Math.max(deepest + step, -1), levels.length - 1);
  unfolded.clear();
  groups.forEach((row) => { if (levels.indexOf(row.level) <= wanted) unfolded.add(row.id); });
  await redrawRows();
}

/** Writes a row's cells as they are now, but the one that is typed into; a row out of sight when it comes into sight. */
function paintRow(component) {
  const { isConnected, childElementCount } = component.getElement();
  if (!isConnected && childElementCount) component.reformat();
  if (isConnected) component.getCells().forEach((cell) => {
    const element = cell.getElement();
    if (!slots.has(cell.getField())) element.replaceChildren(paintName(cell, unfolded, others));
    else if (!element.classList.contains("tabulator-editing")) element.replaceChildren(paintCell(cell));
  });
}

/** Paints touched rows anew, and the totals; `isNews` marks the leaves for a moment: somebody else changed them. */
export function repaint(touched, isNews = false) {
  touched.forEach((row) => {
    const component = components.get(row.id);
    if (component) paintRow(component);
    choice.names.forEach((name) => { if (components.has(`${row.id}|${name}`)) paintRow(components.get(`${row.id}|${name}`)); });
    if (isNews && row.level === "leaf" && component) mark(component.getElement());
  });
  holder.querySelectorAll(".tabulator-calcs-bottom .tabulator-cell").forEach((cell) => {
    const slot = slots.get(cell.getAttribute("tabulator-field"));
    if (slot) cell.textContent = total(held(state.top, slot));
  });
  document.dispatchEvent(new CustomEvent("gridpainted"));
}

/** Paints what the rows are compared with, when it has come or moved. */
export const repaintCompared = () => components.forEach((component, id) => { if (!state.rows.has(id)) paintRow(component); });

function mark(element) {
  element.classList.add("is-news");
  setTimeout(() => element.classList.remove("is-news"), 6000);
}

/** What is selected: rows of the tree, slots, and the months below the slots, first to last. */
export function selection() {
  const range = table?.getRanges()[0];
  if (!range) return { rows: [], chosen: [], positions: [] };
  const chosen = range.getColumns().map((one) => slots.get(one.getField())).filter(Boolean);
  const months = chosen.filter((slot) => slot.kind !== "past").flatMap((slot) => slot.positions);
  return {
    rows: range.getRows().map((row) => state.rows.get(row.getData().id)).filter(Boolean),
    chosen, positions: [...new Set(months)].sort((a, b) => a - b),
  };
}

/** A row to compare with is no place to stand: the selection goes to the row above it that it belongs to. */
export function snap() {
  const range = table.getRanges()[0];
  const rows = range?.getRows().map((row) => row.getData()) ?? [];
  const field = range?.getColumns()[0]?.getField();
  if (rows.length && slots.has(field) && rows.every((row) => row.level === "compare")) select(rows[0].of.id, field, { follow: false });
}

function placeNow() {
  const { rows, chosen } = selection();
  if (!rows.length || !chosen.length) return null;
  const scroll = holder.querySelector(".tabulator-tableholder");
  return { ids: [rows[0].id, rows.at(-1).id], fields: [chosen[0].field, chosen.at(-1).field], left: scroll.scrollLeft, top: scroll.scrollTop };
}

const standIn = (id) => { for (let row = state.rows.get(id); row; row = row.parent) if (components.has(row.id)) return row.id; return null; };

async function restore(place) {
  if (!place) return;
  const scroll = holder.querySelector(".tabulator-tableholder");
  scroll.scrollTop = place.top;
  scroll.scrollLeft = place.left;
  const [first, last] = place.ids.map(standIn);
  if (first && last) await select(first, place.fields[0], { toId: last, toField: place.fields[1], follow: false });
}

/** Scrolls sideways until a cell stands beside the frozen names. */
function bringIntoView({ offsetLeft, offsetWidth }) {
  const scroll = holder.querySelector(".tabulator-tableholder");
  if (offsetLeft - NAME_WIDTH < scroll.scrollLeft) scroll.scrollLeft = offsetLeft - NAME_WIDTH;
  else if (offsetLeft + offsetWidth > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = offsetLeft + offsetWidth - scroll.clientWidth;
}

/** Brings a column into view; the selection stays where it is. */
export function showColumn(field) {
  const cell = [...components.values()][0]?.getCell(field);
  if (cell) bringIntoView(cell.getElement());
}

/** Selects a cell or a block; brings it into view unless told not to. */
export async function select(id, field, { toId = id, toField = field, follow = true } = {}) {
  const [from, to] = [components.get(id)?.getCell(field), components.get(toId)?.getCell(toField)];
  if (!from || !to) return false;
  if (follow) {
    await table.scrollToRow(toId, "nearest", false).catch(() => undefined);
    bringIntoView(to.getElement());
  }
  table.getRanges()[0]?.setBounds(from, to);
  return true;
}

/** Moves the selection by rows and columns, as Enter and Tab do. */
export async function step(rows, fields) {
  const { rows: [row], chosen: [slot] } = selection();
  const [ids, names] = [[...components.keys()].filter((id) => state.rows.has(id)), [...slots.keys()]];
  const at = (list, one, by) => list[Math.min(Math.max(list.indexOf(one) + by, 0), list.length - 1)];
  if (row && slot) await select(at(ids, row.id, rows), at(names, slot.field, fields));
}

/** Unfolds down to a row, selects it in the slot (else where the selection stands) and brings it into view. */
export async function reveal(id, field = selection().chosen[0]?.field ?? "m0") {
  const row = state.rows.get(id);
  if (!row) return;
  let isNew = false;
  for (let up = row.parent; up && up !== state.top; up = up.parent) {
    isNew ||= !unfolded.has(up.id);
    unfolded.add(up.id);
  }
  if (isNew) await redrawRows();
  await select(id, field);
}

export const focusGrid = () => holder.querySelector(".tabulator-tableholder")?.focus();
