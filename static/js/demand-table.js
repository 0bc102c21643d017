// The Tabulator of the demand page: columns by year, families folded, cells that look as they are.
import { state } from "./demand-rows.js";

const holder = document.getElementById("grid");
const whole = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumFractionDigits: 2 });
const unfolded = new Set();
export let table = null;

export const shown = (value) => (Math.abs(value) < 10 && !Number.isInteger(value) ? fine : whole).format(value);
export const isEditable = () => state.editable && state.inUnits;

function paintCell(cell) {
  const row = cell.getData();
  const position = Number(cell.getField().slice(1));
  const classes = cell.getElement().classList;
  classes.toggle("is-total", row.level === "family");
  classes.toggle("is-group", row.level === "item");
  classes.toggle("is-locked", !isEditable());
  classes.toggle("is-flagged", row.level === "leaf" && row.moved[position] > 0);
  classes.toggle("is-changed", row.moved[position] > 0);
  if (!isEditable()) cell.getElement().setAttribute("aria-readonly", "true");
  const value = cell.getValue();
  if (value === undefined) return "";
  if (!row.unpriced[position]) return shown(value);
  return row.level === "leaf" ? "no price" : `${shown(value)} + ?`;
}

function paintName(cell) {
  const row = cell.getData();
  const name = document.createElement("span");
  name.className = "grid-name";
  const main = document.createElement("span");
  main.textContent = row.name;
  name.append(main);
  if (row.sub) {
    const sub = document.createElement("i");
    sub.textContent = row.sub;
    name.append(sub);
  }
  return name;
}

function monthColumn([, label], position) {
  const field = `m${position}`;
  return {
    title: label, field, width: state.inUnits ? 77 : 96, hozAlign: "right", headerSort: false, formatter: paintCell,
    editor: "input", editorParams: { selectContents: true }, editable: isEditable,
    bottomCalc: () => state.roots.reduce((sum, row) => sum + row.raw[position], 0) / (state.inUnits ? 1000 : 100),
    bottomCalcFormatter: (cell) => whole.format(cell.getValue()),
  };
}

function columns() {
  const years = new Map();
  state.months.forEach((month, position) => {
    if (!years.has(month[2])) years.set(month[2], []);
    years.get(month[2]).push(monthColumn(month, position));
  });
  return [...years].map(([year, months]) => ({ title: String(year), columns: months }));
}

/** Roles that the grid's own markup lacks, so that screen readers walk it as one table. */
function giveRoles() {
  const set = (selector, role) => holder.querySelectorAll(selector).forEach((part) => {
    part.setAttribute("role", role);
    ["aria-title", "aria-sort"].forEach((name) => part.removeAttribute(name));
  });
  set(".tabulator-tableholder", "rowgroup");
  set(".tabulator-table", "presentation");
  set(".tabulator-col-group", "presentation");
  set(".tabulator-footer", "rowgroup");
  set(".tabulator-calcs-holder", "presentation");
  set(".tabulator-header-contents", "presentation");
  holder.querySelector(".tabulator-range-overlay")?.setAttribute("aria-hidden", "true");
}

/** Draws the table of the present state; resolves when it stands. */
export function draw() {
  table?.destroy();
  table = new Tabulator(holder, {
    data: state.roots, index: "id", height: "100%", columns: columns(), reactiveData: false, history: false,
    clipboard: false, dataTree: true, dataTreeElementColumn: "name", dataTreeFilter: false,
    dataTreeStartExpanded: (row) => unfolded.has(row.getData().id),
    rowHeader: { title: "Family, item, market", field: "name", frozen: true, width: 236, headerSort: false, resizable: false, formatter: paintName },
    selectableRange: 1, selectableRangeColumns: true, selectableRangeRows: true, selectableRangeClearCells: false,
    editTriggerEvent: "dblclick", columnDefaults: { resizable: "header", headerSort: false },
  });
  table.on("dataTreeRowExpanded", (row) => unfolded.add(row.getData().id));
  table.on("dataTreeRowCollapsed", (row) => unfolded.delete(row.getData().id));
  return new Promise((resolve) => table.on("tableBuilt", () => {
    giveRoles();
    document.dispatchEvent(new CustomEvent("gridbuilt"));
    resolve();
  }));
}

/** Paints touched rows anew, and the totals; `isNews` marks the leaves for a moment: somebody else changed them. */
export function repaint(touched, isNews = false) {
  const ids = new Set([...touched].map((row) => row.id));
  table.blockRedraw();
  table.getRows("display").forEach((row) => {
    if (!ids.has(row.getData().id)) return;
    row.reformat();
    if (isNews && row.getData().level === "leaf") mark(row.getElement());
  });
  table.restoreRedraw();
  table.recalc();
}

function mark(element) {
  element.classList.add("is-news");
  setTimeout(() => element.classList.remove("is-news"), 6000);
}

/** What is selected: rows of the tree and positions of months, first to last. */
export function selection() {
  const range = table?.getRanges()[0];
  if (!range) return { rows: [], positions: [] };
  const fields = range.getColumns().map((column) => column.getField()).filter((field) => /^m\d+$/.test(field ?? ""));
  return {
    rows: range.getRows().map((row) => state.rows.get(row.getData().id)).filter(Boolean),
    positions: fields.map((field) => Number(field.slice(1))).sort((a, b) => a - b),
  };
}

export function foldAll() {
  unfolded.clear();
  table.getRows().forEach((row) => row.treeCollapse());
}

/** Unfolds down to a row and brings it into view. */
export async function reveal(id) {
  const row = state.rows.get(id);
  if (!row) return;
  const above = [];
  for (let up = row.parent; up; up = up.parent) above.unshift(up);
  for (const up of above) table.getRow(up.id)?.treeExpand();
  await table.scrollToRow(id, "center", true).catch(() => undefined);
}
