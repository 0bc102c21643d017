// The dialog that asks why: a reason code and a comment, and an amount where one is needed. The latest are remembered.

const dialog = document.getElementById("reason-dialog");
const form = document.getElementById("reason-form");
const field = document.getElementById("amount-field");
const known = document.getElementById("known-reasons");
const KEY = "demand-reasons";
const KEPT = 8;
let settle = null;

const remembered = () => JSON.parse(localStorage.getItem(KEY) ?? "[]");

function remember({ code, reason, kind }) {
  const others = remembered().filter((one) => one.reason !== reason || one.code !== code);
  localStorage.setItem(KEY, JSON.stringify([{ code, reason, kind }, ...others].slice(0, KEPT)));
}

function choose(select, value) {
  if ([...select.options].some((option) => option.value === value)) select.value = value;
}

/** The latest words stand in the fields, older comments are offered below theirs. */
function offerKnown() {
  const list = remembered();
  const comments = [...new Set(list.map(({ reason }) => reason).filter(Boolean))];
  known.replaceChildren(...comments.map((value) => Object.assign(document.createElement("option"), { value })));
  if (form.elements.code.value || !list.length) return;
  choose(form.elements.code, list[0].code);
  choose(form.elements.kind, list[0].kind);
  form.elements.reason.value = list[0].reason;
}

form?.addEventListener("submit", () => {
  const { code, reason, kind, amount } = form.elements;
  const words = { code: code.value, reason: reason.value.trim(), kind: kind.value, amount: field.hidden ? "" : amount.value };
  remember(words);
  settle?.(words);
  settle = null;
});
form?.addEventListener("keydown", (event) => { // Enter saves from a select too; Space and Alt+arrow open its list
  if (event.key !== "Enter" || event.target.tagName !== "SELECT") return;
  event.preventDefault();
  form.requestSubmit();
});
dialog?.addEventListener("close", () => {
  settle?.(null);
  settle = null;
});

/** Asks; resolves with {code, reason, kind, amount}, or null when the person thinks better of it. */
export async function ask({ title, text = "", amountLabel = "" }) {
  await new Promise((resolve) => { setTimeout(resolve); }); // the Enter that ended the typing must not answer
  document.getElementById("reason-title").textContent = title;
  document.getElementById("reason-text").textContent = text;
  document.getElementById("amount-label").textContent = amountLabel;
  field.hidden = !amountLabel;
  form.elements.amount.required = Boolean(amountLabel);
  form.elements.amount.value = "";
  offerKnown();
  dialog.showModal();
  const { amount, code, reason } = form.elements;
  const first = amountLabel ? amount : code.value ? reason : code;
  first.focus();
  first.select?.();
  return new Promise((resolve) => { settle = resolve; });
}
