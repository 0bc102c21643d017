// The secret of a new key: one press copies it; where the clipboard is closed, it is marked for Ctrl+C.
import { toast } from "./shell.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    toast(button.dataset.said, "success");
  } catch {
    field.focus();
  }
});
