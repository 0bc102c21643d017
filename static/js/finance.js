// The bridge on the pre-S&OP page: a click on a driver's bar opens the drill with that driver in view.
import { drawAll } from "./charts.js";

document.body.addEventListener("chartpick", (event) => {
  const drill = document.getElementById("drill");
  if (!drill || event.target.dataset.chart !== "bridge-figure") return;
  drill.scrollIntoView({ behavior: "smooth", block: "start" });
  const heads = [...drill.querySelectorAll("thead th")];
  const column = heads.findIndex((head) => head.textContent.trim() === String(event.detail.label).replaceAll("<br>", " "));
  drill.querySelectorAll("tr > .is-flagged").forEach((cell) => cell.classList.remove("is-flagged"));
  if (column < 0) return;
  drill.querySelectorAll("tr").forEach((row) => row.children[column]?.classList.add("is-flagged"));
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "bridge") drawAll(document);
});
