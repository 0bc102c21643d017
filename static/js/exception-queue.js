// The queue of exceptions on its own page: `n` goes to the next open one, Enter on its title leads to the plan.

function nextException() {
  const open = [...document.querySelectorAll("[data-exception]:not([data-answered])")];
  if (!open.length) return;
  const line = open[(open.findIndex((one) => one.hasAttribute("data-current")) + 1) % open.length];
  document.querySelectorAll("[data-exception]").forEach((one) => one.toggleAttribute("data-current", one === line));
  line.scrollIntoView({ block: "nearest" });
  line.querySelector("[data-goto]").focus();
}

document.addEventListener("nextexception", nextException);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-next-exception]")) nextException();
  const change = event.target.closest("button[data-goto]");
  if (change) change.addEventListener("htmx:afterRequest", (sent) => {
    if (sent.detail.successful) location.assign(change.closest("[data-exception]").querySelector("a[data-goto]").href);
  }, { once: true });
});
document.body.addEventListener("exceptionsMoved", () => document.getElementById("dialog").close());
