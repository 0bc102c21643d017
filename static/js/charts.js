// Draws every [data-chart] on the page: a plotly figure (JSON) whose colours are names like var(--up).
// The figure stands in <script type="application/json" id="…"> (Django's json_script); data-chart names that id.

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

/** The colour that a token has now, light or dark, as plotly can read it. */
export function colour(token) {
  probe.style.color = token;
  return getComputedStyle(probe).color;
}

/** A copy of `value` in which every "var(--x)" is the colour of this theme. */
function withColours(value) {
  if (typeof value === "string") return value.startsWith("var(--") ? colour(value) : value;
  if (Array.isArray(value)) return value.map(withColours);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withColours(inner)]));
  }
  return value;
}

const FACE = '"Inter Variable", system-ui, sans-serif';

const NARROW = 520;

function layoutOf(figure, isNarrow) {
  const axis = {
    gridcolor: colour("var(--line-soft)"),
    linecolor: colour("var(--line-strong)"),
    zerolinecolor: colour("var(--line)"),
    tickfont: { size: 11, color: colour("var(--ink-3)") },
    automargin: true,
    fixedrange: true,
  };
  const given = withColours(figure.layout ?? {});
  const axes = Object.keys(given).filter((key) => /^[xy]axis\d*$/.test(key));
  const merged = { ...given };
  new Set([...axes, "xaxis", "yaxis"]).forEach((key) => { merged[key] = { ...axis, ...given[key] }; });
  if (isNarrow) {
    const asNarrow = merged.xaxis.type === "category"
      ? { tickangle: -90, tickfont: { ...merged.xaxis.tickfont, size: 10 } }
      : { tickangle: 0, nticks: 5 };
    merged.xaxis = { ...merged.xaxis, ...asNarrow };
  }
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 48, r: 12, t: 12, b: 36 },
    showlegend: false,
    hoverlabel: { bgcolor: colour("var(--card)"), bordercolor: colour("var(--line)"), font: { family: FACE, size: 12, color: colour("var(--ink)") } },
    ...merged,
    font: { family: FACE, size: 12, color: colour("var(--ink-2)"), ...given.font },
  };
}

/** Draws or redraws one chart; a click on a point sends "chartpick" with its customdata. */
export function draw(holder, paper = null) {
  const source = document.getElementById(holder.dataset.chart);
  if (!source || !window.Plotly) return;
  const figure = JSON.parse(source.textContent);
  const config = { displayModeBar: false, responsive: true, ...figure.config };
  const layout = layoutOf(figure, !paper && holder.clientWidth < NARROW);
  window.Plotly.react(holder, withColours(figure.data), paper ? onPaper(layout, paper) : layout, config);
  if (holder.dataset.listens) return;
  holder.dataset.listens = "yes";
  holder.on("plotly_click", (event) => {
    const point = event.points[0];
    holder.dispatchEvent(new CustomEvent("chartpick", { bubbles: true, detail: { label: point.x, value: point.y, data: point.customdata } }));
  });
}

/** The same layout at the size it has on paper, with smaller labels that do not run into each other. */
function onPaper(layout, { width, height }) {
  const isSteps = layout.xaxis.type === "category";
  const xaxis = { ...layout.xaxis, tickfont: { ...layout.xaxis.tickfont, size: 10 }, tickangle: isSteps ? -35 : 0 };
  return { ...layout, xaxis, width, height, autosize: false };
}

// The printable width of A4 in CSS pixels (Letter is wider); a page may say in --paper how far it is scaled down.
const SHEET = 719;
const root = document.documentElement;
let shownTheme = null;

/** Before printing the page has its screen's size and colours still: every chart is drawn anew for white paper. */
function toPaper() {
  shownTheme ??= root.dataset.theme ?? "";
  root.dataset.theme = "light";
  const main = document.querySelector("main");
  const sheet = SHEET / (Number.parseFloat(getComputedStyle(main).getPropertyValue("--paper")) || 1);
  document.querySelectorAll("[data-chart]").forEach((holder) => {
    const inColumn = main.matches(".one-sheet") && holder.closest(".columns");
    draw(holder, { width: (inColumn ? (sheet - 8) * 0.6 : sheet) - 26, height: main.matches(".one-sheet") ? 200 : 260 });
  });
}

function fromPaper() {
  if (shownTheme === null) return;
  if (shownTheme) root.dataset.theme = shownTheme;
  else delete root.dataset.theme;
  shownTheme = null;
  document.querySelectorAll("[data-chart]").forEach((holder) => {
    draw(holder);
    window.Plotly?.Plots.resize(holder);
  });
}

/** Draws every chart inside `scope`. */
export function drawAll(scope = document) {
  scope.querySelectorAll("[data-chart]").forEach((holder) => draw(holder));
}

drawAll();
addEventListener("beforeprint", toPaper);
addEventListener("afterprint", fromPaper);
document.addEventListener("themechange", () => drawAll());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
document.body.addEventListener("htmx:afterSettle", (event) => drawAll(event.detail.elt.parentElement ?? document));
