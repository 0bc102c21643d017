// Who else looks at this plan, and at which row: told every 10 s and when the row changes, heard live.
import { read } from "./demand-load.js";
import { session } from "./demand-edits.js";
import { state } from "./demand-rows.js";
import { others, repaint, selection } from "./demand-table.js";

const page = document.getElementById("demand");
const list = document.getElementById("present");
const BEAT_MS = 10000;
const LEAST_MS = 1000;
const GONE_MS = 25000;
const people = new Map(); // session → {name, row, editing, at}
let last = { row: null, at: 0 };

const initialsOf = (name) => name.split(/\s+/).map((part) => part[0]).join("").slice(0, 2).toUpperCase();

function tell(body, { isLast = false } = {}) {
  return read(page.dataset.presence, {
    method: "POST", keepalive: isLast, body: JSON.stringify({ session, ...body }),
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf },
  });
}

function hear({ name, session: who, row, editing, gone }) {
  if (who === session) return;
  if (gone) people.delete(who);
  else people.set(who, { name, row, editing, at: Date.now() });
}

function show() {
  const rows = new Set(others.keys());
  others.clear();
  people.forEach((who, key) => { if (Date.now() - who.at > GONE_MS) people.delete(key); });
  people.forEach(({ name, row }) => {
    if (row) others.set(row, [...(others.get(row) ?? []), { name, initials: initialsOf(name) }]);
  });
  others.forEach((_, id) => rows.add(id));
  const touched = [...rows].map((id) => state.rows.get(id)).filter(Boolean);
  if (touched.length) repaint(touched);
  const names = new Map([...people.values()].map((who) => [who.name, who]));
  list.hidden = !names.size;
  list.querySelector("ul").replaceChildren(...[...names.values()].map(personLine));
}

function personLine({ name, row, editing }) {
  const line = document.createElement("li");
  const face = document.createElement("span");
  const where = state.rows.get(row);
  const words = `${name}${where ? ` ${editing ? "types in" : "looks at"} ${where.name}` : ""}`;
  face.className = `avatar${editing ? " is-editing" : ""}`;
  face.setAttribute("aria-hidden", "true");
  face.textContent = initialsOf(name);
  const text = document.createElement("span");
  text.className = "visually-hidden";
  text.textContent = words;
  line.title = words;
  line.append(face, text);
  return line;
}

async function beat() {
  if (document.hidden) return;
  const { rows: [row] } = selection();
  const editing = document.querySelector("#grid .tabulator-editing") !== null;
  last = { row: row?.id ?? "", editing, at: Date.now() };
  const answer = await tell({ row: last.row, editing });
  if (!answer) return;
  people.clear();
  answer.others.forEach(hear);
  show();
}

let waiting = 0;
/** The row changed, or typing began or ended: told at most once a second. */
function moved() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const { rows: [row] } = selection();
    const editing = document.querySelector("#grid .tabulator-editing") !== null;
    if ((row?.id ?? "") !== last.row || editing !== last.editing) beat();
  }, Math.max(300, last.at + LEAST_MS - Date.now()));
}

/** Starts telling and hearing; ends with the page. */
export function wirePresence() {
  if (!page.dataset.presence) return;
  document.addEventListener("gridselected", moved);
  document.body.addEventListener("present", (event) => { hear(event.detail); show(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
  addEventListener("pagehide", () => tell({ gone: true }, { isLast: true }));
  setInterval(beat, BEAT_MS);
  beat();
}
