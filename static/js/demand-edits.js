// Gestures: sent to the ledger, answered with what was saved and what somebody else was faster with; undo and redo.
import { toast } from "./shell.js";
import { ask } from "./demand-dialog.js";
import { absorb, build, state } from "./demand-rows.js";
import { draw, repaint, shown } from "./demand-table.js";

const page = document.getElementById("demand");
const bar = document.getElementById("conflicts");
const said = document.getElementById("grid-said");
const session = crypto.randomUUID();
const done = [];
const undone = [];

export const say = (text) => { said.textContent = text; };
const query = () => `?show=${document.body.dataset.show}`;

let postponed = 0;
/** Somebody types: what others did waits until the cell is left, so that no typed value and no conflict is lost. */
function waitsForTyping() {
  if (!document.querySelector("#grid .tabulator-editing")) return false;
  say("The plan has moved; it is shown when you leave this cell");
  clearTimeout(postponed);
  postponed = setTimeout(load, 700);
  return true;
}

/** Reads the grid, or what has moved in it; draws it anew only when its rows are others than before. */
export async function load({ whole = false } = {}) {
  const known = !whole && state.rows.size > 0;
  if (known && waitsForTyping()) return undefined;
  const response = await fetch(`${page.dataset.grid}${query()}${known ? `&since=${state.seen}&baseline=${state.baseline}` : ""}`);
  if (!response.ok) return say("The plan could not be loaded; reload the page.");
  const answer = await response.json();
  if (answer.unchanged || (known && waitsForTyping())) return undefined;
  const touched = known && answer.editable === state.editable ? absorb(answer.series) : null;
  if (touched) {
    state.revision = state.seen = answer.revision;
    state.baseline = answer.baseline ?? state.baseline;
    repaint(touched, answer.by?.length > 0);
    if (answer.by?.length) return say(`${answer.by.join(", ")} changed ${answer.series.length} series; revision ${answer.revision}`);
  } else if (answer.by) {
    return load({ whole: true });
  } else {
    build(answer, document.body.dataset.show === "units");
    await draw();
  }
  say(`${state.roots.length} families, ${answer.series.length} series at revision ${answer.revision}`);
  return undefined;
}

async function post(url, body, base = state.revision) {
  const response = await fetch(url + query(), {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf },
    body: JSON.stringify({ base_revision: base, session, ...body }),
  }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (answer?.saved) return answer;
  toast(answer?.error?.text ?? "The server cannot be reached. Nothing was changed.", "error");
  return null;
}

/** Takes an answer into the grid. Another one's revision in between: the grid is read again. */
async function take(answer) {
  const touched = absorb(answer.series);
  const others = answer.revision > state.seen + (answer.edit ? 1 : 0);
  if (!others && touched) state.seen = answer.revision;
  if (touched) repaint(touched);
  if (others || !touched || answer.refused.length) await load();
  tell();
}

function tell() {
  document.querySelector("[data-tool=undo]")?.toggleAttribute("disabled", !done.length);
  document.querySelector("[data-tool=redo]")?.toggleAttribute("disabled", !undone.length);
}

/** Asks for the reason and sends one gesture: mode, and instructions {nodes, months, value}. */
export async function gesture({ mode, label, instructions, words = null }) {
  if (!instructions.length) return say("Nothing to change there.");
  const base = state.revision; // what was on screen when the value was typed, not when its reason was given
  const given = words ?? await ask({ title: label, text: count(instructions) });
  if (!given) return say(`${label}: left as it was`);
  const answer = await post(page.dataset.edits, { mode, instructions, reason: given.reason, kind: given.kind }, base);
  if (!answer) return undefined;
  if (answer.edit) {
    done.push({ id: answer.edit, label });
    undone.length = 0;
  }
  await take(answer);
  say(`${label}: ${answer.saved.length} saved${answer.refused.length ? `, ${answer.refused.length} refused` : ""}, revision ${answer.revision}`);
  answer.refused.forEach((refusal) => offer(refusal, { mode, label, words: given, instruction: instructions[refusal.instruction] }));
  return undefined;
}

function count(instructions) {
  const cells = instructions.reduce((sum, one) => sum + one.nodes.length * one.months.length, 0);
  return cells === 1 ? "" : `${cells} cells`;
}

/** One line of the conflict bar: who won with what, yours, and the two ways on. */
function offer(refusal, { mode, label, words, instruction }) {
  const line = document.createElement("div");
  line.className = "conflict";
  const text = document.createElement("p");
  const yours = mode === "set" ? ` Yours: ${shown(instruction.value / 1000)}.` : "";
  const at = new Date(refusal.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  text.textContent = `${refusal.by} changed this to ${shown(refusal.value_now / 1000)} at ${at} while you were editing.${yours}`;
  const buttons = document.createElement("span");
  buttons.className = "row";
  const close = () => { line.remove(); bar.hidden = !bar.children.length; };
  buttons.append(
    button("Keep mine", () => { close(); gesture({ mode, label, words, instructions: [instruction] }); }),
    button("Take theirs", close),
  );
  line.append(text, buttons);
  bar.append(line);
  bar.hidden = false;
}

function button(text, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-small";
  made.textContent = text;
  made.addEventListener("click", press);
  return made;
}

async function step(from, onto, verb) {
  const last = from.pop();
  if (!last) return say(`Nothing to ${verb}`);
  const answer = await post(`${page.dataset.edits}${last.id}/undo/`, {});
  if (!answer) return undefined;
  if (answer.edit) onto.push({ id: answer.edit, label: last.label });
  await take(answer);
  const winner = answer.refused[0];
  say(winner ? `${winner.by} has changed this since; nothing was taken back` : `${verb === "undo" ? "Undone" : "Redone"}: ${last.label}`);
  return undefined;
}

export const undo = () => step(done, undone, "undo");
export const redo = () => step(undone, done, "redo");
