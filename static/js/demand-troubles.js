// What did not go as typed, above the grid: conflicts, values that are not saved yet, cells that were not taken.
const said = document.getElementById("grid-said");
const conflicts = document.getElementById("conflicts");
const unsaved = document.getElementById("unsaved");
const rejected = document.getElementById("rejected");
const LISTED = 200;

export const say = (text) => { said.textContent = text; };

function made(tag, css, text = "") {
  const element = document.createElement(tag);
  if (css) element.className = css;
  element.textContent = text;
  return element;
}

function button(text, key, press) {
  const one = made("button", "btn btn-small", text);
  one.type = "button";
  if (key) one.append(made("kbd", "", key));
  one.addEventListener("click", press);
  return one;
}

function line(bar, text, buttons) {
  const one = made("div", "conflict");
  const row = made("span", "row");
  row.append(...buttons);
  one.append(made("p", "", text), row);
  bar.append(one);
  bar.hidden = false;
  return () => { one.remove(); bar.hidden = !bar.children.length; };
}

const open = []; // conflicts that wait for an answer, oldest first

/** One conflict: who won with what, yours, and the two ways on, also by the keys k and t. */
export function offerConflict({ text, keep }) {
  const answer = { keep: () => settle(keep), take: () => settle(() => say("Theirs stays")) };
  const close = line(conflicts, text, [button("Keep mine", "k", answer.keep), button("Take theirs", "t", answer.take)]);
  function settle(act) {
    close();
    open.splice(open.indexOf(answer), 1);
    return act();
  }
  open.push(answer);
}
export const keepMine = () => (open[0] ? open[0].keep() : say("No conflict waits for you"));
export const takeTheirs = () => (open[0] ? open[0].take() : say("No conflict waits for you"));

/** A change that could not be sent: it stays in its cells until it is. Returns what closes the line. */
export const tellUnsaved = ({ text, retry, discard }) => line(unsaved, text, [
  button("Try again", "r", retry), button("Discard", "", discard),
]);

let listed = [];
let at = -1;
let jump = null;

/** Lists cells that were not taken: {id, field, row, month, value, reason, remedy}, with a way to each; empty hides the list. */
export function listRejected(cells, { title, goTo }) {
  [listed, at, jump] = [cells, -1, goTo];
  rejected.hidden = !cells.length;
  if (!cells.length) return;
  rejected.querySelector("h2").textContent = title;
  rejected.querySelector("p").textContent = cells.length > LISTED ? `The first ${LISTED} of ${cells.length}; the key j goes to each of them.` : "The key j goes to the next of them.";
  rejected.querySelector("tbody").replaceChildren(...cells.slice(0, LISTED).map((cell, position) => rejectedRow(cell, position)));
}

function rejectedRow(cell, position) {
  const row = document.createElement("tr");
  const head = made("th", "", cell.row);
  head.scope = "row";
  const why = made("td", "", [cell.reason, cell.remedy].filter(Boolean).join(" "));
  const way = document.createElement("td");
  if (cell.id) {
    const go = made("button", "link", "Go there");
    go.type = "button";
    go.addEventListener("click", () => goToRejected(position));
    way.append(go);
  }
  row.append(head, made("td", "nowrap", cell.month), made("td", "num", cell.value), why, way);
  return row;
}

function goToRejected(position) {
  at = position;
  const cell = listed[position];
  say(`${cell.row}, ${cell.month}: ${cell.value} was not taken. ${cell.reason}`);
  if (cell.id) jump(cell.id, cell.field);
}

export function nextRejected() {
  if (!listed.length) return say("No cell was refused");
  return goToRejected((at + 1) % listed.length);
}

rejected?.querySelector("[data-close-list]").addEventListener("click", () => listRejected([], {}));
