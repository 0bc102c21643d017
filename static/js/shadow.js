// The shadow-model check: `n` and its button go to the next open difference and put the focus on its first verb.

function openRows() {
  return [...document.querySelectorAll("#deltas > [data-state='open']")];
}

function next() {
  const rows = openRows();
  if (!rows.length) return;
  const here = document.activeElement?.closest("#deltas > li");
  const after = here ? rows.find((row) => here.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING) : rows[0];
  const row = after ?? rows[0];
  row.scrollIntoView({ block: "center" });
  (row.querySelector("[data-first]") ?? row).focus();
}

document.addEventListener("nextexception", next);
document.getElementById("next-open")?.addEventListener("click", next);
