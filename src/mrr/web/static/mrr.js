// Charts, tables of cells, keys, theme and the live ledger. A plain module; Vega-Embed (window.vegaEmbed) is the only library.
const $ = (s, root = document) => root.querySelector(s), $$ = (s, root = document) => [...root.querySelectorAll(s)];
const root = document.documentElement, narrow = matchMedia("(max-width: 720px)");

// ----- charts: specs name roles instead of colours, so a change of theme and print need no new drawing
const views = new Map();

async function draw(el) {
  const url = new URL(el.dataset.spec, location.href);
  if (narrow.matches && el.dataset.narrow) url.searchParams.set("months", el.dataset.narrow);
  el.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(answer.status === 401 ? "You are logged out." : "The chart cannot be drawn now.");
    const spec = await answer.json();
    // What stands there stays until the new one does, so that nothing jumps.
    const place = document.createElement("div");
    place.className = "drawing";
    if (el.clientHeight > 1) el.style.setProperty("min-height", `${el.clientHeight}px`);
    el.append(place);
    const { view } = await window.vegaEmbed(place, spec, { renderer: "svg", actions: false, ast: true, defaultStyle: false, tooltip: { disableDefaultStyle: true } });
    views.get(el)?.finalize();
    views.set(el, view);
    el.replaceChildren(place);
    el.style.removeProperty("min-height");
    const svg = $("svg", el);
    svg?.setAttribute("role", "img");
    el.dataset.label ??= el.getAttribute("aria-label") ?? spec.description ?? "chart";
    svg?.setAttribute("aria-label", el.dataset.label);
    el.removeAttribute("aria-label");
    // It is one picture; its figures are read in the table beside it.
    for (const part of svg ? $$("[role], [aria-roledescription]", svg) : []) ["role", "aria-roledescription", "aria-label"].forEach(name => part.removeAttribute(name));
    if (el.classList.contains("over")) view.addEventListener("pointermove", (_, item) => lit(item?.datum?.period));
    if (el.classList.contains("over")) view.addEventListener("click", (_, item) => open(item?.datum));
  } catch (trouble) { failed(el, trouble.message); }
  el.removeAttribute("aria-busy");
}

function failed(el, why) {
  const told = document.createElement("p"), again = document.createElement("button");
  told.className = "quiet failed";
  again.className = "btn";
  again.type = "button";
  again.textContent = "Try again";
  again.addEventListener("click", () => { el.replaceChildren(); draw(el); });
  told.append(`${why} `, again);
  el.replaceChildren(told);
}

// Chart and table share their columns: what is pointed at in one lights up in both.
let pointed;
function lit(period) {
  if (period === pointed) return;
  pointed = period;
  $$(".roll [data-m]").forEach(cell => cell.classList.toggle("hot", cell.dataset.m === period));
  for (const [el, view] of views) if (el.classList.contains("over")) view.signal("lit", period ?? "").run();
}
function open(datum) {
  const name = datum?.class?.toLowerCase();
  if (datum?.period) $(`.roll [data-m="${datum.period}"] a[href*="class=${name}"]`)?.click();
}
$$(".rollwrap").forEach(wrap => {
  wrap.addEventListener("pointerover", event => lit(event.target.closest("[data-m]")?.dataset.m ?? (event.target.closest("svg") ? pointed : undefined)));
  wrap.addEventListener("pointerleave", () => lit(undefined));
});
// The newest periods stand at the right end of a roll-forward.
$$(".rollwrap[data-end]").forEach(one => { one.scrollLeft = one.scrollWidth; });

// ----- parts of a page that come when the rest stands
async function load(el) {
  try {
    const answer = await fetch(el.dataset.load);
    if (!answer.ok) throw new Error();
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    el.replaceChildren(...part.body.childNodes);
  } catch { failed(el, "This cannot be loaded now."); $("button", el)?.addEventListener("click", () => load(el)); }
  el.removeAttribute("aria-busy");
}

const drawn = $$("[data-spec]"), loads = $$("[data-load]");
Promise.allSettled([...drawn.map(draw), ...loads.map(load)]).then(() => { root.dataset.ready = ""; });

// ----- a table of cells: one stop for the tab key, arrows move, Enter opens
function grid() {
  const table = $("table.roll");
  if (!table) return;
  const rows = $$("tbody tr", table).map(row => $$("td", row));
  const cell = (r, c) => rows[r]?.[c] && ($("a", rows[r][c]) ?? rows[r][c]);
  const every = rows.flatMap((row, r) => row.map((_, c) => cell(r, c)));
  const first = $("td.sel a", table) ?? every.findLast(one => one.matches("a")) ?? every[0];
  every.forEach(one => { one.tabIndex = one === first ? 0 : -1; });
  table.onkeydown = event => {
    const at = event.target.closest("td"), r = rows.findIndex(row => row.includes(at)), c = rows[r]?.indexOf(at);
    const to = { ArrowRight: [r, c + 1], ArrowLeft: [r, c - 1], ArrowDown: [r + 1, c], ArrowUp: [r - 1, c], Home: [r, 0], End: [r, rows[0].length - 1] }[event.key];
    const next = to && cell(...to);
    if (!next) return;
    event.preventDefault();
    every.forEach(one => { one.tabIndex = one === next ? 0 : -1; });
    next.focus();
    lit(next.closest("td").dataset.m);
  };
}
grid();
// The same in a list of movements: up and down.
$$(".movelist").forEach(list => list.addEventListener("keydown", event => {
  const links = $$("a", list), at = links.indexOf(event.target), next = { ArrowDown: links[at + 1], ArrowUp: links[at - 1] }[event.key];
  if (next) { event.preventDefault(); next.focus(); }
}));

// ----- theme: that of the system until told otherwise
const kept = () => { try { return localStorage.theme; } catch { return undefined; } };
if (kept()) root.dataset.theme = kept();
function flip() {
  const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  try { localStorage.theme = root.dataset.theme; } catch { /* private windows keep nothing */ }
}
$("[data-theme-toggle]")?.addEventListener("click", flip);

// ----- single keys
const help = $(".keys-help");
$$("[data-help]").forEach(one => one.addEventListener("click", () => help.showModal()));
let lead = "";
addEventListener("keydown", event => {
  if (event.target.matches("input, select, textarea") || event.metaKey || event.ctrlKey || event.altKey || help?.open) return;
  const place = $(`.rail a[data-key="${CSS.escape(event.key)}"]`);
  if (lead === "g" && place) place.click();
  else if (event.key === "/") { event.preventDefault(); $("[data-bar] input:not([type=hidden]), [data-bar] select, .field select, .field input")?.focus(); }
  else if (event.key === "?") help?.showModal();
  else if (event.key === "t") flip();
  else if (event.key === "Escape") $("[data-close]")?.click();
  lead = event.key;
});

// ----- filter bars: choosing goes there; what is empty stays out of the URL
$$("form[data-bar]").forEach(form => {
  $$("select", form).forEach(one => one.addEventListener("change", () => form.requestSubmit()));
  form.addEventListener("submit", () => $$("input, select", form).forEach(one => { one.disabled ||= one.value === "" || (one.name === "ledger" && one.value === "now") || (one.name === "interval" && one.value === "month"); }));
});
addEventListener("pageshow", () => $$("form[data-bar] :disabled").forEach(one => { one.disabled = false; }));
$$("[data-copy]").forEach(one => {
  one.hidden = false;
  one.addEventListener("click", async () => { await navigator.clipboard.writeText(location.href); one.textContent = "Copied"; });
});

// ----- how long ago the last entry was told
const UNITS = [[86_400, "days"], [3_600, "h"], [60, "min"]];
function ago() {
  const el = $("[data-ago]");
  if (!el) return;
  const seconds = Math.max(0, Math.floor(Date.now() / 1000 - Number(el.dataset.ago) / 1e6));
  const [size, unit] = UNITS.find(([size]) => seconds >= 2 * size) ?? [1, "s"];
  el.textContent = `${Math.floor(seconds / size)}\u202f${unit} ago`;
}
setInterval(ago, 1000);

// ----- the ledger goes on: fetch this page again and put the new figures in the place of the old, without a jump
const seq = $("[data-seq]"), said = $("[data-said]"), stale = $("[data-stale]");

async function fresh() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of [seq, ...$$("[data-live]")]) {
    const now = old === seq ? $("[data-seq]", page) : $(`[data-live="${old.dataset.live}"]`, page);
    if (!now) continue;
    if (old.matches("[data-feed]")) feed(old, now);
    else if (old.innerHTML !== now.innerHTML) swap(old, now);
  }
  const told = $("[data-ago]", page);
  if (told) { $("[data-ago]").dataset.ago = told.dataset.ago; ago(); }
  grid();
  await Promise.allSettled(drawn.map(draw));
}

// A cell that has the focus keeps it.
function swap(old, now) {
  const path = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const figure = $('[data-figure="mrr.ending"]', now)?.textContent;
  old.replaceChildren(...now.childNodes);
  if (path) $(`a[href="${CSS.escape(path)}"]`, old)?.focus();
  if (figure) said.textContent = `Ending MRR is now ${figure.trim()}`;
}

// New movements come on top at once, unless somebody points at the list: then they wait, and are counted.
let latest = null;
function feed(old, now) {
  const known = new Set($$("[data-id]", old).map(one => one.dataset.id)), coming = $$("[data-id]", now).filter(one => !known.has(one.dataset.id));
  latest = now;
  if (!coming.length || !old.matches(":hover, :focus-within")) return show(old);
  waiting(`${coming.length} new ·`);
}
function show(list) {
  if (!latest) return;
  list.replaceChildren(...latest.childNodes);
  latest = null;
  waiting("");
}
const list = $("[data-feed]");
for (const event of ["pointerleave", "focusout"]) list?.addEventListener(event, left => { if (!list.contains(left.relatedTarget)) show(list); });
function waiting(text) {
  const el = $("[data-held]");
  if (el) { el.textContent = text; el.hidden = !text; }
}

let going = false, again = false;
async function follow() {
  if (going) { again = true; return; }
  going = true;
  do { again = false; await fresh().catch(() => {}); } while (again);
  going = false;
}
if (seq) {
  const stream = new EventSource("/v1/stream");
  stream.addEventListener("posted", event => {
    const told = Number(JSON.parse(event.data).seq), shown = Number(seq.textContent.replace(/\D/g, ""));
    if (told > shown) follow();
  });
  stream.addEventListener("open", () => { stale.hidden = true; $("[data-dot]")?.removeAttribute("hidden"); });
  stream.addEventListener("error", () => {
    const clock = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    if (stale.hidden) stale.textContent = `▲ not live since ${clock}`;
    stale.hidden = false;
    $("[data-dot]")?.setAttribute("hidden", "");
  });
}
