// Conversations and the bell: @ lists people by keyboard, Ctrl+Enter sends, b opens the notifications, live refresh.
const found = new Map(); // address of a subject's people → promise of them
let box = null; // the text box whose list is open
let chosen = 0;

/** The people who may be named at a text box; asked once per subject and page. */
function peopleOf(textarea) {
  const address = textarea.dataset.people;
  if (!found.has(address)) {
    found.set(address, fetch(address).then((answer) => (answer.ok ? answer.json() : { people: [] })).then((body) => body.people));
  }
  return found.get(address);
}

/** The part of a name that is being typed before the cursor, null when there is none; an address names nobody. */
function typedName(textarea) {
  const before = textarea.value.slice(0, textarea.selectionStart);
  return before.match(/(?:^|[^\p{L}\p{N}_.@+\-/])@([\p{L}\p{N}_.@+-]*)$/u)?.[1] ?? null;
}

const listOf = (textarea) => textarea.parentElement.querySelector(".people");

function closeList() {
  if (!box) return;
  listOf(box).hidden = true;
  box.removeAttribute("aria-activedescendant");
  box = null;
}

function option(person, place, list) {
  const line = document.createElement("li");
  line.id = `${list.id}-${place}`;
  line.role = "option";
  line.dataset.username = person.username;
  const [name, rest] = [document.createElement("b"), document.createElement("span")];
  name.textContent = person.name;
  rest.textContent = `@${person.username} · ${person.roles}`;
  rest.className = "quiet";
  line.append(name, rest);
  return line;
}

function mark(place) {
  const lines = [...listOf(box).children];
  chosen = (place + lines.length) % lines.length;
  lines.forEach((line, number) => line.setAttribute("aria-selected", String(number === chosen)));
  box.setAttribute("aria-activedescendant", lines[chosen].id);
  lines[chosen].scrollIntoView({ block: "nearest" });
}

async function suggest(textarea) {
  const typed = typedName(textarea);
  if (typed === null) return closeList();
  const everybody = await peopleOf(textarea);
  if (document.activeElement !== textarea || typedName(textarea) !== typed) return undefined;
  const wanted = typed.toLocaleLowerCase();
  const fits = (text) => text.toLocaleLowerCase().includes(wanted);
  const people = everybody.filter((one) => fits(one.username) || fits(one.name)).slice(0, 8);
  const said = textarea.parentElement.querySelector("[data-people-said]");
  if (!people.length) {
    said.textContent = "Nobody of this name sees this.";
    return closeList();
  }
  box = textarea;
  const list = listOf(textarea);
  list.replaceChildren(...people.map((person, place) => option(person, place, list)));
  list.hidden = false;
  said.textContent = `${people.length} people; arrows choose, Enter takes.`;
  return mark(0);
}

/** Puts the chosen person's name in the place of what was typed of it. */
function take(line) {
  const end = box.selectionStart;
  const start = end - typedName(box).length;
  box.setRangeText(`${line.dataset.username} `, start, end, "end");
  closeList();
}

function onListKey(event) {
  const lines = listOf(box).children;
  if (event.key === "ArrowDown") mark(chosen + 1);
  else if (event.key === "ArrowUp") mark(chosen - 1);
  else if (event.key === "Enter" || event.key === "Tab") take(lines[chosen]);
  else if (event.key === "Escape") closeList();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function onKey(event) {
  const { target } = event;
  if (box && target === box && !event.ctrlKey && !event.metaKey) onListKey(event);
  else if (target.matches("[data-people]") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    target.form.requestSubmit();
  } else if (event.key === "b" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(target)) {
    document.getElementById("bell")?.click();
  }
}

function isTyping(element) {
  return element.closest("input, textarea, select, [contenteditable], .tabulator, dialog[open]");
}

/** Somebody wrote: show it, unless a reply is being typed here; then offer it. */
function onCommented(event) {
  const { plan, kind, key } = event.detail;
  const talk = document.querySelector(`.talk[data-talk="${CSS.escape(`${plan}|${kind}|${key}`)}"]`);
  if (!talk) return;
  const isWriting = [...talk.querySelectorAll("textarea, input[name=text]")].some((field) => field.value !== field.defaultValue);
  if (isWriting) talk.querySelector(".talk-news").hidden = false;
  else window.htmx.trigger(talk, "refresh");
}

/** A link to a thread moves the focus there, so that the next key acts in it. */
function showThread() {
  const thread = /^#thread-\d+$/.test(location.hash) && document.querySelector(location.hash);
  if (!thread) return;
  thread.focus();
  thread.scrollIntoView({ block: "start" });
}

/** After a gesture the keyboard goes on where it was: in the thread's own reply, else in the new comment. */
function onSwapped(event) {
  const talk = event.detail.elt;
  if (!talk.matches?.(".talk")) return;
  const refused = talk.querySelector("[aria-invalid=true]");
  if (refused) refused.focus();
  else if (document.activeElement === document.body) talk.querySelector("#text-new")?.focus({ preventScroll: true });
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-people]")) suggest(event.target);
});
document.addEventListener("keydown", onKey, true);
document.addEventListener("focusout", (event) => {
  if (event.target === box) closeList();
});
document.addEventListener("pointerdown", (event) => {
  const line = event.target.closest(".people > li");
  if (!line || !box) return;
  event.preventDefault();
  take(line);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-talk-refresh]");
  if (button) window.htmx.trigger(button.closest(".talk"), "refresh");
});
document.body.addEventListener("commented", onCommented);
document.body.addEventListener("htmx:afterSettle", onSwapped);
showThread();
