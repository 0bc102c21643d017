// Arrow keys move between the links of the table: heads, names, and cells that lead to a cell of the plan.
const table = document.getElementById("gap-table");

function linkAt(row, column) {
  return row?.children[column]?.querySelector("a") ?? null;
}

function step(row, column, down, right) {
  const rows = [...table.rows];
  let place = rows.indexOf(row) + down;
  let at = column + right;
  while (rows[place] && at >= 0 && at < rows[place].children.length) {
    const link = linkAt(rows[place], at);
    if (link) return link;
    place += down;
    at += right;
  }
  return null;
}

table?.addEventListener("keydown", (event) => {
  const way = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  const cell = event.target.closest("th, td");
  if (!way || !cell || !event.target.matches("a")) return;
  const next = step(cell.parentElement, cell.cellIndex, ...way);
  if (!next) return;
  event.preventDefault();
  next.focus();
});
