// What was typed and is not saved yet, kept in this window until it is: a reload brings it back, signing out drops it.
import { state } from "./demand-rows.js";

const page = document.getElementById("demand");
const KEY = `demand-unsaved ${page?.dataset.person} ${page?.dataset.grid}`; // shell.js drops what begins so at sign-out
const OURS = `demand-unsaved ${page?.dataset.person} `;
Object.keys(sessionStorage).filter((key) => key.startsWith("demand-unsaved ") && !key.startsWith(OURS)).forEach((key) => sessionStorage.removeItem(key));
const kept = new Map(); // gesture → its plain form

function write() {
  try {
    if (kept.size) sessionStorage.setItem(KEY, JSON.stringify([...kept.values()]));
    else sessionStorage.removeItem(KEY);
  } catch (error) {
    if (error.name !== "QuotaExceededError") throw error; // a very large paste lives in the open window only
    sessionStorage.removeItem(KEY);
  }
}

function plainOf({ mode, unit, label, isBlock, base, words, instructions, before, expected }) {
  return {
    mode, unit, label, isBlock, base, words, before, expected,
    instructions: instructions.map(({ rows, positions, value, typed, field }) => [rows.map((row) => row.id), positions, value, typed, field]),
  };
}

export function keepTyped(one) {
  kept.set(one, plainOf(one));
  write();
}

export function letGo(one) {
  if (kept.delete(one)) write();
}

/** The gestures of this window from before a reload; {gone} counts the rows of them that the plan has no more. */
export function typedBefore() {
  const found = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  return found.map(({ instructions, before = [], expected = [], ...head }) => {
    const read = instructions.map(([ids, positions, value, typed, field], k) => ({
      rows: ids.map((id) => state.rows.get(id)), positions, value, typed, field, before: before[k], expected: expected[k],
    }));
    const whole = read.filter(({ rows, positions }) => rows.every(Boolean) && positions.every((one) => one < state.months.length));
    return { ...head, skipped: [], changes: [], instructions: whole, before: whole.map((one) => one.before), expected: whole.map((one) => one.expected), gone: read.length - whole.length };
  });
}
