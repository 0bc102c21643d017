// One live stream per page. While it is open, what happens arrives as events on the body; while it is not, the page
// asks by itself: `pollDue` every 2 s when something is being calculated, every 15 s otherwise.
const body = document.body;
const sign = document.getElementById("live");
const note = () => document.getElementById("active-runs");
const isBusy = () => document.querySelector("[data-active-run]") !== null;
const jitter = (least, most) => least + Math.random() * (most - least);
const tell = (name, detail = {}) => body.dispatchEvent(new CustomEvent(name, { detail }));

const BUSY_MS = 2000;
const IDLE_MS = 15000;
const GRACE_MS = 3000; // an ordinary reconnection is not worth a word
const HIDDEN_MS = 20000;
const SPACING_MS = 2500; // between two refreshes for what others do
const WINDOWS = 4; // streams of one browser: over HTTP/1.1 it has six connections, pages need the others

let source = null;
let release = null;
let isUp = false;
let last = "";
let refusals = 0;
const timers = {};

function later(name, milliseconds, act) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(() => { delete timers[name]; act(); }, milliseconds);
}

/** Asks the server what there is, at most every SPACING_MS, and not with all other pages in the same moment. */
let asked = 0;
function askSoon(spacing = SPACING_MS) {
  if (timers.ask) return;
  later("ask", Math.max(asked + spacing - Date.now(), 0) + jitter(50, 500), () => {
    asked = Date.now();
    tell("pollDue");
  });
}

function keepAsking() {
  later("poll", isBusy() ? BUSY_MS : IDLE_MS, () => {
    if (!isUp && !document.hidden) tell("pollDue");
    keepAsking();
  });
}

function show(state) {
  sign.dataset.state = state;
  const words = sign.querySelector("[data-words]");
  const text = sign.dataset[`say${state[0].toUpperCase()}${state.slice(1)}`];
  if (words.textContent !== text) words.textContent = sign.title = text;
}

function setUp(up) {
  isUp = up;
  clearTimeout(timers.grace);
  if (up) show("live");
  else later("grace", GRACE_MS, () => { show("waiting"); tell("pollDue"); keepAsking(); });
}

/** The page and the plan are compared at every greeting: what was missed meanwhile is asked for. */
function greet({ revision, running, missed, up }) {
  refusals = 0;
  setUp(up);
  const known = note()?.dataset ?? {};
  if (missed || known.revision !== String(revision) || known.running !== running || isBusy()) askSoon(0);
  if (missed) {
    tell("planMoved");
    tell("notified");
  }
}

function showRevision(revision) {
  const label = document.getElementById("plan-revision")?.lastChild;
  if (label) label.textContent = label.textContent.replace(/\d+(?!.*\d)/, revision);
}

const heard = {
  hello: greet,
  away: () => setUp(false),
  edited: (detail) => { showRevision(detail.revision); tell("edited", detail); askSoon(); },
  stage: (detail) => { tell("stageMoved", detail); later("stage", jitter(50, 500), () => tell("planMoved")); },
  imported: (detail) => { tell("imported", detail); askSoon(); },
  commented: (detail) => tell("commented", detail),
  notified: () => tell("notified"),
  present: (detail) => tell("present", detail),
  run(detail) {
    tell("runMoved", detail);
    const percent = document.querySelector(`[data-active-run="${detail.run}"] [data-percent]`);
    if (detail.state === "running" && percent) percent.textContent = `${detail.percent}%`;
    else askSoon(500);
  },
};

/** Holds one of the places that the windows of this browser share; false when all are taken. */
async function takePlace() {
  if (!navigator.locks) return true;
  for (let place = 0; place < WINDOWS && !release; place += 1) {
    await new Promise((decided) => {
      navigator.locks.request(`live-${place}`, { ifAvailable: true }, (lock) => {
        if (!lock) return decided();
        return new Promise((end) => { release = end; decided(); });
      });
    });
  }
  return release !== null;
}

async function open() {
  if (source || document.hidden) return;
  if (!await takePlace()) return setUp(false), later("open", IDLE_MS, open);
  if (source) return;
  source = new EventSource(`${sign.dataset.url}&last=${last}`);
  Object.entries(heard).forEach(([name, act]) => source.addEventListener(name, (event) => {
    last = event.lastEventId;
    act(JSON.parse(event.data));
  }));
  source.onerror = () => {
    if (isUp) setUp(false);
    if (source?.readyState !== EventSource.CLOSED) return;
    close();
    refusals += 1;
    later("open", Math.min(60000, 5000 * 2 ** (refusals - 1)), open); // refused: full, or signed out
  };
}

function close() {
  source?.close();
  release?.();
  source = release = null;
  isUp = false;
}

function whenShownOrHidden() {
  if (document.hidden) return later("hide", HIDDEN_MS, () => { close(); show("waiting"); });
  clearTimeout(timers.hide);
  if (source) return undefined;
  if (!isUp) tell("pollDue");
  return open();
}

if (note() || isBusy()) keepAsking();
if (sign) {
  addEventListener("load", () => setTimeout(open, 0));
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) whenShownOrHidden(); });
  document.addEventListener("visibilitychange", whenShownOrHidden);
}
