// What every page needs: theme, remembered display, dialogs, menus, toasts and the few keys that work everywhere.
import "./live.js";

const root = document.documentElement;
const body = document.body;

/** Sends one preference of the person; the page has already changed, so nothing waits for the answer. */
function remember(name, value) {
  const form = new FormData();
  form.set(name, value);
  return fetch(body.dataset.preferences, {
    method: "POST",
    body: form,
    headers: { "X-CSRFToken": body.dataset.csrf },
  });
}

export function isDark() {
  return root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Shows a line at the foot of the page; tone is success, error, warning or info. */
export function toast(text, tone = "info") {
  const form = document.getElementById("toast-form").content.firstElementChild.cloneNode(true);
  form.classList.add(`is-${tone}`);
  form.querySelector("p").textContent = text;
  document.getElementById("toasts").append(form);
  if (tone !== "error") setTimeout(() => form.remove(), 7000);
}

function toggleTheme() {
  const theme = isDark() ? "light" : "dark";
  root.dataset.theme = theme;
  remember("theme", theme);
  document.dispatchEvent(new CustomEvent("themechange", { detail: theme }));
}

function toggleRail(button) {
  const open = body.classList.toggle("is-nav-open");
  button.setAttribute("aria-expanded", String(open));
}

/** The display stands in the address, so that a copied link shows the same; the last choice is remembered. */
function keepDisplay() {
  const { show, remembered } = body.dataset;
  const url = new URL(location.href);
  if (!url.searchParams.has("show")) {
    url.searchParams.set("show", show);
    history.replaceState(history.state, "", url);
  } else if (remembered && show !== remembered) {
    remember("display", show);
  }
}

function onClick(event) {
  const target = event.target.closest("button, a, summary, dialog");
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  if (body.classList.contains("is-nav-open") && !event.target.closest(".rail, [data-nav]")) {
    toggleRail(document.querySelector("[data-nav]"));
  }
  if (!target) return;
  if (target.matches("[data-theme-toggle]")) toggleTheme();
  else if (target.matches("[data-nav]")) toggleRail(target);
  else if (target.matches("[data-dismiss]")) target.closest(".toast").remove();
  else if (target.matches("[data-close]")) target.closest("dialog").close();
  else if (target.matches("[data-print]")) window.print();
  else if (target.matches("[data-opens]")) document.getElementById(target.dataset.opens).showModal();
  else if (target.matches("[data-fills]")) fillForm(target);
  else if (target.tagName === "DIALOG" && event.target === target) target.close();
}

/** Puts the values of a button's data-fills (JSON: field name → value) into its form. */
function fillForm(button) {
  const form = document.getElementById(button.getAttribute("form"));
  Object.entries(JSON.parse(button.dataset.fills)).forEach(([name, value]) => {
    form.elements[name].value = value;
  });
}

function isTyping(element) {
  return element.closest("input, textarea, select, [contenteditable], .tabulator, dialog[open]");
}

function onKey(event) {
  if (event.key === "Escape") {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => { menu.open = false; });
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("search").focus();
  } else if (event.key === "?") {
    document.getElementById("shortcuts").showModal();
  } else if (event.key === "n") {
    document.dispatchEvent(new CustomEvent("nextexception"));
  }
}

/** A partial that htmx puts into one of the two dialogs opens it; an empty one closes it. */
function onSwap(event) {
  const target = event.detail.target;
  if (target?.id !== "dialog" && target?.id !== "drawer") return;
  if (!target.innerHTML.trim()) target.close();
  else if (!target.open) target.showModal();
}

function onServerError(event) {
  const status = event.detail.xhr?.status;
  toast(
    status
      ? `The server answered with an error (${status}). Nothing was changed; reload the page and try again.`
      : "The server cannot be reached. Nothing was changed.",
    "error",
  );
}

document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
document.addEventListener("submit", (event) => { // what somebody typed and did not save is not for the next one here
  if (!event.target.matches("[data-sign-out]")) return;
  Object.keys(sessionStorage).filter((key) => key.startsWith("demand-unsaved ")).forEach((key) => sessionStorage.removeItem(key));
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
body.addEventListener("htmx:afterSwap", onSwap);
body.addEventListener("htmx:responseError", onServerError);
body.addEventListener("htmx:sendError", onServerError);
body.addEventListener("rememberdisplay", (event) => remember("display", event.detail));
body.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
if (body.dataset.remembered !== undefined) keepDisplay();
