// Comparisons: the menu, the rows beneath each row of the grid, and the band under it (all rows, or the selection).
import { choice, figureOf, isInRows, loadChosen, remember } from "./demand-beside.js";
import { slots } from "./demand-cells.js";
import { state, topmost } from "./demand-rows.js";
import { redrawRows, repaintCompared, selection, table } from "./demand-table.js";
import { say } from "./demand-troubles.js";

const band = document.getElementById("compare");
const body = band?.querySelector("tbody");
const head = band?.querySelector("thead tr");
const boxes = [...document.querySelectorAll("[data-compare]")];
const place = document.querySelector("[data-compare-below]");

function cell(tag, css, ...parts) {
  const made = document.createElement(tag);
  made.className = css;
  made.append(...parts);
  return made;
}

function lineFor(one, rows) {
  const line = document.createElement("tr");
  const name = cell("th", "", one.label);
  name.scope = "row";
  line.append(name, ...[...slots.values()].map((slot) => cell("td", `num w-${slot.kind}`, figureOf(rows, one, slot))));
  return line;
}

function follow() {
  const holder = document.querySelector("#grid .tabulator-tableholder");
  band.querySelector(".compare-scroll").scrollLeft = holder?.scrollLeft ?? 0;
}

let asked = 0;
/** Brings rows and band up to what is chosen and selected now. */
export async function drawCompare() {
  const turn = ++asked;
  const rows = choice.isBelow ? topmost(selection().rows) : [state.top];
  band.hidden = !choice.isOn || !choice.names.length || !rows.length;
  if (band.hidden) return;
  const found = await loadChosen();
  if (turn !== asked) return;
  if (isInRows()) repaintCompared();
  const name = rows.length > 1 ? `${rows.length} rows` : rows[0].name;
  band.classList.toggle("is-value", !state.inUnits);
  band.querySelector("caption").textContent = `${name} compared`;
  head.replaceChildren(cell("th", "", "Month"), ...[...slots.values()].map((slot) => cell("th", `num w-${slot.kind}`, `${slot.title} ${slot.year}`)));
  body.replaceChildren(...found.map((one) => lineFor(one, rows)));
  follow();
}

let settling = 0;
const soon = () => { clearTimeout(settling); settling = setTimeout(drawCompare, 60); };

async function choose() {
  choice.names = boxes.filter((box) => box.checked).map((box) => box.value);
  choice.isOn = true;
  choice.isBelow = place.checked;
  remember();
  await redrawRows();
  drawCompare();
}

/** The key c: comparisons on and off; without any chosen, last year. */
export async function toggleCompare() {
  if (!choice.names.length) {
    choice.names = ["last_year"];
    boxes.forEach((box) => { box.checked = choice.names.includes(box.value); });
    choice.isOn = false;
  }
  choice.isOn = !choice.isOn;
  remember();
  await redrawRows();
  drawCompare();
  say(choice.isOn ? `Compared with ${boxes.filter((box) => box.checked).map((box) => box.parentElement.textContent.trim().toLowerCase()).join(", ")}` : "Comparisons are hidden");
}

/** Takes up what was chosen before, and follows the menu and the grid. */
export function wireCompare() {
  boxes.forEach((box) => {
    box.checked = choice.names.includes(box.value);
    box.addEventListener("change", choose);
  });
  place.checked = choice.isBelow;
  place.addEventListener("change", choose);
  document.addEventListener("gridselected", () => { if (choice.isBelow) soon(); });
  document.addEventListener("gridpainted", soon);
  document.addEventListener("gridbuilt", () => { table.on("scrollHorizontal", follow); soon(); });
}
