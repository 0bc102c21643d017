// The dialog that asks for the reason of a gesture, and for its amount where it needs one.

const dialog = document.getElementById("reason-dialog");
const form = document.getElementById("reason-form");
const field = document.getElementById("amount-field");
let settle = null;

form?.addEventListener("submit", () => {
  const { reason, kind, amount } = form.elements;
  settle?.({ reason: reason.value.trim(), kind: kind.value, amount: field.hidden ? "" : amount.value });
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
  dialog.showModal();
  const first = amountLabel ? form.elements.amount : form.elements.reason;
  first.focus();
  first.select();
  return new Promise((resolve) => { settle = resolve; });
}
