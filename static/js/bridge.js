// A bar of a bridge leads where its row in the table leads: into the drill on this page, or to the drill's own page.
import { drawAll } from "./charts.js";

document.body.addEventListener("chartpick", (event) => {
  const card = event.target.closest(".card");
  const key = event.detail.data;
  if (!card || !key) return;
  const link = card.querySelector(`a[data-step="${CSS.escape(key)}"]`);
  if (!link) return;
  const drill = document.getElementById("drill");
  if (!drill || !link.pathname.endsWith("/drill/")) {
    location.assign(link.href);
    return;
  }
  window.htmx.ajax("GET", link.href, { target: "#drill", swap: "innerHTML" });
  drill.scrollIntoView({ behavior: "smooth", block: "start" });
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "bridge") drawAll(document);
});
