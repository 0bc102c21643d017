// Roles of the grid's parts, for screen readers.
const holder = document.getElementById("grid");

/** Roles that the grid's own markup lacks, so that screen readers walk it as one table. */
export function giveRoles() {
  const set = (selector, role) => holder.querySelectorAll(selector).forEach((part) => {
    part.setAttribute("role", role);
    ["aria-title", "aria-sort"].forEach((name) => part.removeAttribute(name));
  });
  set(".tabulator-tableholder", "rowgroup");
  set(".tabulator-table", "presentation");
  set(".tabulator-col-group", "presentation");
  set(".tabulator-footer", "rowgroup");
  set(".tabulator-calcs-holder", "presentation");
  set(".tabulator-header-contents", "presentation");
  holder.querySelector(".tabulator-range-overlay")?.setAttribute("aria-hidden", "true");
}
