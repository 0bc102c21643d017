// The dialog that asks for the reason of a gesture, and for its amount where it needs one. Reasons given are remembered.

const dialog = document.getElementById("reason-dialog");
const form = document.getElementById("reason-form");
const field = document.getElementById("amount-field");
const known = document.getElementById("known-reasons");
const KEY = "demand-reasons";
const KEPT = 8;
let settle = null;

const remembered = () => JSON.parse(localStorage.getItem(KEY) ?? "[]");

function remember({ reason, kind }) {
  localStorage.setItem(KEY, JSON.stringify([{ reason, kind }, ...remembered().filter((one) => one.reason !== reason)].slice(0, KEPT)));
}

function offerKnown() {
  const list = remembered();
  known.replaceChildren(...list.map(({ reason }) => Object.assign(document.createElement("option"), { value: reason })));
  if (form.elements.reason.value || !list.length) return;
  form.elements.reason.value = list[0].reason;
  if ([...form.elements.kind.options].some((option) => option.value === list[0].kind)) form.elements.kind.value = list[0].kind;
}

form?.addEventListener("submit", () => {
  const { reason, kind, amount } = form.elements;
  const words = { reason: reason.value.trim(), kind: kind.value, amount: field.hidden ? "" : amount.value };
  remember(words);
  settle?.(words);
  settle = null;
});
dialog?.addEventListener("close", () => {
  settle?.(null);
  settle = null;
});

/** Asks; resolves with {reason, kind, amount}, or null when the person thinks better of it. */
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
  const first = amountLabel ? form.elements.amount : form.elements.reason;
  first.focus();
  first.select();
  return new Promise((resolve) => { settle = resolve; });
}
