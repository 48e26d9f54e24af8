// Charts, keys, theme and the live ledger. A plain module; Vega-Embed (window.vegaEmbed) is the only library.
const $ = (s, root = document) => root.querySelector(s), $$ = (s, root = document) => [...root.querySelectorAll(s)];

async function draw(el) {
  const months = matchMedia("(max-width: 720px)").matches ? 9 : 25;
  const answer = await fetch(`${el.dataset.spec}&months=${months}`);
  if (!answer.ok) { el.textContent = "The chart cannot be drawn now."; return; }
  const spec = await answer.json();
  await window.vegaEmbed(el, spec, { renderer: "svg", actions: false, ast: true, defaultStyle: false, tooltip: { disableDefaultStyle: true } });
  const svg = $("svg", el);
  svg?.setAttribute("role", "img");
  svg?.setAttribute("aria-label", spec.description ?? "chart");
}
Promise.allSettled($$("[data-spec]").map(draw)).then(() => { document.documentElement.dataset.ready = ""; });

// The newest periods stand at the right end of a roll-forward.
$$(".rollwrap").forEach(one => { one.scrollLeft = one.scrollWidth; });

// Theme: that of the system until told otherwise.
const root = document.documentElement;
const kept = () => { try { return localStorage.theme; } catch { return undefined; } };
if (kept()) root.dataset.theme = kept();
function flip() {
  const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  try { localStorage.theme = root.dataset.theme; } catch { /* private windows keep nothing */ }
}
$("[data-theme-toggle]")?.addEventListener("click", flip);

// Single keys: "/" the first filter, "t" the theme, "g" and a letter a page.
let lead = "";
addEventListener("keydown", event => {
  if (event.target.matches("input, select, textarea") || event.metaKey || event.ctrlKey || event.altKey) return;
  const place = $(`.rail a[data-key="${CSS.escape(event.key)}"]`);
  if (lead === "g" && place) place.click();
  else if (event.key === "/") { event.preventDefault(); $(".field select, .field input")?.focus(); }
  else if (event.key === "t") flip();
  lead = event.key;
});

// A select in a form of tools is a link: choosing goes there.
$$("form.tools select").forEach(one => one.addEventListener("change", () => one.form.requestSubmit()));

// The ledger goes on: fetch this page again and put the new figures in the place of the old, without a jump.
const seq = $("[data-seq]");
if (seq) {
  const stream = new EventSource("/v1/stream");
  stream.addEventListener("posted", async event => {
    const told = Number(JSON.parse(event.data).seq), shown = Number(seq.textContent.replace(/\D/g, ""));
    if (!(told > shown)) return;
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    for (const place of ["[data-seq]", ".kpis", "[data-feed]", "table.roll", "main > .head .sub"]) {
      const fresh = $(place, page), old = $(place);
      if (fresh && old) old.replaceChildren(...fresh.childNodes);
    }
    await Promise.allSettled($$("[data-spec]").map(draw));
  });
}
