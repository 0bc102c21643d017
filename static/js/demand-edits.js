// Gestures: shown at once, sent to the ledger one after the other, answered with what was saved; undo and redo.
import { ask } from "./demand-dialog.js";
import { load, query, read, sending } from "./demand-load.js";
import { shown, shownMoney } from "./demand-numbers.js";
import { nowOf, previewOf, sumOf } from "./demand-preview.js";
import { absorb, draft, state } from "./demand-rows.js";
import { focusGrid, repaint, reveal } from "./demand-table.js";
import { listRejected, offerConflict, say, tellUnsaved } from "./demand-troubles.js";
import { keepTyped, letGo, typedBefore } from "./demand-unsaved.js";
import { count, effect, nameOf, rejection, typedOf } from "./demand-words.js";

const page = document.getElementById("demand");
export const session = crypto.randomUUID();
const done = [];
const undone = [];
const waiting = new Set(); // gestures whose save failed: their values stay on screen
let line = Promise.resolve();
let stacksRead = Promise.resolve();

/** Does one thing after all before it; what others did meanwhile is read when nothing is on its way any more. */
function inLine(act) {
  sending.count += 1;
  line = line.then(act).finally(() => {
    sending.count -= 1;
    if (sending.count || !sending.hasMoved) return;
    sending.hasMoved = false;
    load();
  });
  return line;
}

async function post(address, body) {
  const response = await fetch(address + query(), {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf },
    body: JSON.stringify({ session, ...body }),
  }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (answer?.saved) return { answer };
  const isGone = !response || response.status >= 500 || response.status === 401 || response.status === 429;
  if (!isGone) return { refused: answer?.error?.text ?? `The server answered ${response.status}.` };
  return { lost: response?.status === 401 ? "You are signed out; sign in in another window." : "The server cannot be reached." };
}

/** Takes an answer into the grid. Another one's revision in between: what has moved is read too. */
async function take(answer) {
  const touched = absorb(answer.series);
  const others = answer.revision > state.seen + (answer.edit ? 1 : 0);
  if (!others && touched) state.revision = state.seen = answer.revision;
  if (touched) repaint(touched);
  if (others || !touched || answer.refused.length) await load({ isOwn: true });
  showStacks();
  if (answer.edit) countEdit();
  document.dispatchEvent(new CustomEvent("gesturesaved"));
}

function showStacks() {
  document.querySelector("[data-tool=undo]")?.toggleAttribute("disabled", !done.length);
  document.querySelector("[data-tool=redo]")?.toggleAttribute("disabled", !undone.length);
}

/** What this person did before the page was opened can be undone here too. */
async function readStacks() {
  if (!state.editable) return;
  const answer = await read(`${page.dataset.edits}mine/`);
  if (!answer || done.length || undone.length) return;
  done.push(...answer.done);
  undone.push(...answer.undone);
  showStacks();
}

/** The number of edits in the plan, which every saved gesture and every undo raises. */
function countEdit() {
  const chip = document.getElementById("edit-count");
  chip.dataset.count = Number(chip.dataset.count) + 1;
  chip.textContent = `${chip.dataset.count} ${chip.dataset.count === "1" ? "edit" : "edits"}`;
  chip.classList.add("is-info");
}

const monthOf = (position) => state.months[position][0];

function payloadOf({ mode, unit, instructions, isBlock, base, words }) {
  const head = { mode, unit, base_revision: base, reason: words.reason, reason_code: words.code, kind: words.kind };
  if (isBlock) return { ...head, cells: instructions.map(({ rows, positions, value }) => [rows[0].id, monthOf(positions[0]), value]) };
  return { ...head, instructions: instructions.map(({ rows, positions, value = 0 }) => ({ nodes: rows.map((row) => row.node), months: positions.map(monthOf), value })) };
}

function show(gesture) {
  gesture.changes = previewOf(gesture);
  gesture.before = gesture.instructions.map(nowOf);
  repaint(draft(gesture.changes, 1));
  gesture.expected = gesture.instructions.map(nowOf);
}

function hide(gesture) {
  const touched = draft(gesture.changes, -1);
  gesture.changes = [];
  return touched;
}

/** Shows one gesture at once, asks for its reason, and sends it: mode, and instructions {rows, positions, value}. */
export async function gesture({ mode, unit = "units", label, instructions, words = null, base = state.revision, isBlock = false, skipped = [] }) {
  if (!instructions.length) return say("Nothing to change there.");
  const one = { mode, unit, label, instructions, isBlock, skipped, base, words };
  show(one);
  const told = one.changes.length ? effect(...sumOf(one.changes)) : "";
  say([label, told].filter(Boolean).join(" · "));
  one.words ??= await ask({ title: label, text: [count(instructions), told].filter(Boolean).join(" · ") });
  if (!one.words) {
    repaint(hide(one));
    return say(`${label}: left as it was`);
  }
  focusGrid();
  return inLine(() => send(one));
}

async function send(one) {
  keepTyped(one);
  const { answer, refused, lost } = await post(page.dataset.edits, payloadOf(one));
  if (lost) return keep(one, lost);
  letGo(one);
  const taken = hide(one);
  if (refused) {
    repaint(taken);
    listRejected(one.instructions.map((instruction) => rejection(instruction, one, { reason: refused })), { title: `${one.label}: not taken`, goTo: reveal });
    return say(`${one.label}: not taken. ${refused}`);
  }
  if (answer.edit) {
    done.push({ id: answer.edit, label: one.label });
    undone.length = 0;
  }
  repaint(taken);
  await take(answer);
  tell(one, answer);
  return undefined;
}

function tell(one, answer) {
  const { units = 0, cents = 0, unpriced = 0 } = answer.change ?? {};
  const moved = answer.edit ? ` · ${effect(units, cents, unpriced)}` : "";
  say(`${one.label}: ${answer.saved.length} saved${answer.refused.length ? `, ${answer.refused.length} refused` : ""}${moved} · revision ${answer.revision}`);
  const lost = answer.refused.filter(({ code = "conflict" }) => code === "conflict");
  lost.forEach((refusal) => offer(refusal, one, answer.revision));
  const others = answer.refused.filter(({ code = "conflict" }) => code !== "conflict").map((refusal) => rejection(one.instructions[refusal.instruction], one, refusal));
  if (others.length) listRejected([...one.skipped, ...others], { title: `${one.label}: cells not taken`, goTo: reveal });
}

function offer(refusal, one, revision) {
  const instruction = one.instructions[refusal.instruction];
  const at = new Date(refusal.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const inMoney = one.unit === "value" && refusal.cents_now !== undefined && refusal.cents_now !== null;
  const now = inMoney ? shownMoney(refusal.cents_now) : shown(refusal.value_now / 1000);
  offerConflict({
    text: `${nameOf(instruction.rows[0])}: ${refusal.by} changed this to ${now} at ${at} while you were editing. Yours: ${typedOf(instruction, one)}.`,
    keep: () => gesture({ mode: one.mode, unit: one.unit, label: one.label, words: one.words, instructions: [instruction], base: revision }),
  });
}

/** A save that did not arrive: its values stay in their cells, marked, until they are sent or given up. */
function keep(one, why) {
  waiting.add(one);
  const end = () => { close(); waiting.delete(one); };
  const close = tellUnsaved({
    text: `Not saved: ${one.label}. ${why} What you typed stays here.`,
    retry: () => one.retry(),
    discard: () => { end(); letGo(one); repaint(hide(one)); say(`${one.label}: given up`); focusGrid(); },
  });
  one.retry = () => { end(); return inLine(() => again(one)); };
  say(`${one.label}: not saved. ${why}`);
}

/** Sends once more. The first time may have arrived after all: a change (±, %) whose cells hold it already is not made twice. */
async function again(one) {
  repaint(hide(one));
  await load({ isOwn: true });
  const hasArrived = ["change", "scale"].includes(one.mode) && one.instructions.every((instruction, k) => {
    const now = nowOf(instruction);
    return Math.abs(now - one.expected[k]) < Math.abs(now - one.before[k]);
  });
  if (hasArrived) {
    letGo(one);
    return say(`${one.label}: it had been saved`);
  }
  show(one);
  return send(one);
}

/** Everything that waits is sent again, in its order; what was typed before a reload only when the person asks for it. */
export function retryAll({ isAsked = false } = {}) {
  const ready = [...waiting].filter((one) => isAsked || !one.isFromBefore);
  ready.forEach((one) => one.retry());
  return ready.length;
}

/** After a reload: what this window had not saved stands in its cells again, and what can be undone is known. */
export function takeUp() {
  stacksRead = readStacks();
  const found = typedBefore();
  if (!found.length) return;
  const cells = found.reduce((sum, one) => sum + one.instructions.length, 0);
  const gone = found.reduce((sum, one) => sum + one.gone, 0);
  found.filter((one) => one.instructions.length).forEach((one) => {
    const { before, expected } = one;
    show(one);
    Object.assign(one, { before, expected, isFromBefore: true }); // what the cells held when it was typed tells whether it had arrived
    keepTyped(one);
    keep(one, "It was typed before this page was loaded.");
  });
  say(`${cells} ${cells === 1 ? "value" : "values"} typed here ${cells === 1 ? "is" : "are"} not saved${gone ? `; ${gone} more had a row that is no longer in the plan` : ""}`);
}
addEventListener("online", () => retryAll());
addEventListener("beforeunload", (event) => { if (waiting.size) event.preventDefault(); });

async function step(from, onto, verb) {
  await stacksRead;
  const last = from.pop();
  if (!last) return say(`Nothing to ${verb}`);
  const { answer, refused, lost } = await post(`${page.dataset.edits}${last.id}/undo/`, { base_revision: state.revision });
  if (!answer) {
    if (lost) from.push(last);
    return say(`${last.label}: not ${verb === "undo" ? "undone" : "redone"}. ${refused ?? lost}`);
  }
  if (answer.edit) onto.push({ id: answer.edit, label: last.label });
  await take(answer);
  const [winner] = answer.refused;
  if (winner) return say(`${winner.by} has changed this since; nothing was taken back`);
  const moved = answer.change ? ` · ${effect(answer.change.units, answer.change.cents, answer.change.unpriced)}` : "";
  return say(`${verb === "undo" ? "Undone" : "Redone"}: ${last.label}${moved}`);
}

export const undo = () => inLine(() => step(done, undone, "undo"));
export const redo = () => inLine(() => step(undone, done, "redo"));
