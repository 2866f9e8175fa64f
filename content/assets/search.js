// The search page: our own form over Pagefind's index. The whole state is in the address, so that a search can be linked
// to, survives a reload, and the back button works. The index is fetched in small parts, as a search needs them.
const PAGE = 20;
const form = document.querySelector("form.search");
const field = form.elements.q;
const facets = document.querySelector(".facets");
const results = document.querySelector(".results");
const list = results.querySelector("ol");
const said = results.querySelector("[role=status]");
const more = results.querySelector(".more");
const start = results.querySelector(".start");
const boxes = [...facets.querySelectorAll("input[type=checkbox]")];
const names = [...new Set(boxes.map((box) => box.name))];
const base = document.title;

/* ---- what is asked: form, address, index ---- */

const asked = () => field.value.trim();

function chosen() {
  const values = new Map();
  for (const box of boxes) if (box.checked) values.set(box.name, [...(values.get(box.name) ?? []), box.value]);
  return values;
}

/** The address's query for what the form holds. */
function query() {
  const state = new URLSearchParams();
  if (asked()) state.append("q", asked());
  for (const [name, values] of chosen()) for (const value of values) state.append(name, value);
  return state.toString();
}

/** Fill the form from the address. */
function read() {
  const state = new URLSearchParams(location.search);
  field.value = state.get("q") ?? "";
  for (const box of boxes) box.checked = state.getAll(box.name).includes(box.value);
}

/** Any of the values of one filter, and all of the filters; without `but`, to count what its other values would give. */
const filters = (values, but) =>
  Object.fromEntries([...values].filter(([name]) => name !== but).map(([name, any]) => [name, { any }]));

let opened;
function engine() {
  opened ??= (async () => {
    const { createInstance } = await import(new URL("../pagefind/pagefind.js", import.meta.url).href);
    // in this thread: the search itself takes milliseconds, and a worker would fetch its program a second time
    const made = createInstance({
      noWorker: true,
      excerptLength: 32,
      baseUrl: new URL("../", import.meta.url).pathname,
      ranking: { metaWeights: { title: 1, about: 0.3 } },  // the title counts as a heading of the page already
    });
    await made.init();
    return { search: made.search, all: await made.filters() };
  })();
  opened.catch(() => { opened = undefined; });  // the next search tries again
  return opened;
}

/* ---- what is shown ---- */

/** The word that the facets have for a value. */
const word = (name, value) =>
  boxes.find((box) => box.name === name && box.value === value)?.closest("label").querySelector(".word");

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child != null));
  return made;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Text with nothing but its marks, from Pagefind's HTML: without the title, and with dots where the text goes on. */
function snippet(html, whole, title) {
  const parsed = new DOMParser().parseFromString(html, "text/html").body;
  const text = parsed.textContent;
  let over = text.startsWith(title) ? title.length + /^[.\s]*/.exec(text.slice(title.length))[0].length : 0;
  const nodes = [];
  for (const node of parsed.childNodes) {
    const rest = node.textContent.slice(over).replace(/\s+·/g, "");  // between links, which are not indexed
    over = Math.max(0, over - node.textContent.length);
    if (rest) nodes.push(node.nodeName === "MARK" ? element("mark", "", rest) : rest);
  }
  if (!nodes.length) return null;
  const start = whole.startsWith(text) ? "" : "… ";
  const end = whole.endsWith(text) || /[.?!]$/.test(text) ? "" : " …";
  return element("p", "snippet", start, ...nodes, end);
}

function verdict(label, name, value) {
  const found = word(name, value);
  if (!found) return null;
  const copy = element("span", `verdict ${found.dataset.tone}`, ...found.cloneNode(true).childNodes);
  return element("div", "", element("dt", "", label), element("dd", "", copy));
}

function result({ url, excerpt, content, meta, filters: of }) {
  const [page] = of.page;
  const link = element("a", "", meta.title);
  link.href = url;
  const lang = of.language?.[0];
  if (lang && lang !== "en") { link.lang = lang; link.dir = "auto"; }
  const line = element("p", "meta", capital(page));
  const item = element("li", "", element("h2", "says", link), line);
  if (page === "statement") {
    const [, para, withdrawn] = /^p(\d+)( withdrawn)?/.exec(meta.about);
    const title = word("article", of.article[0])?.cloneNode(true) ?? of.article[0];
    line.append(" · ", word("kind", of.kind[0])?.textContent ?? of.kind[0], " · ", title,
      para === "0" ? " · headline" : ` · paragraph\u00a0${para}`, withdrawn ? " · withdrawn" : "");
    if (!withdrawn) {
      item.append(element("dl", "chips", verdict("Attribution", "attribution", of.attribution[0]),
        verdict("Record", "record", of.record[0])));
    }
  } else if (meta.about) {
    line.append(" · ", meta.about);
  }
  const words = snippet(excerpt, content, meta.title);
  if (words) item.append(words);
  return item;
}

const number = (count) => count.toLocaleString("en");
const pages = (count) => `${number(count)} ${count === 1 ? "page" : "pages"}`;

/** Put a count at each value, and leave out those that would find nothing. */
function count(counts) {
  for (const box of boxes) {
    const found = counts(box.name)?.[box.value] ?? 0;
    const label = box.closest("label");
    label.querySelector(".n").textContent = number(found);
    label.hidden = !found && !box.checked && box !== document.activeElement;
  }
  for (const facet of facets.querySelectorAll("fieldset")) fold(facet);
  const active = boxes.filter((box) => box.checked).length;
  facets.querySelector("summary").textContent = `Narrow the search${active ? ` (${active})` : ""}`;
  facets.hidden = false;
}

/** A long list of values starts with the first of them; what is ticked always shows. */
function fold(facet, few = 7) {
  const labels = [...facet.querySelectorAll("label")].filter((label) => !label.hidden);
  facet.hidden = labels.length === 0;
  let button = facet.querySelector("button");
  const open = button?.getAttribute("aria-expanded") === "true";
  const long = labels.length > few + 1;
  labels.forEach((label, at) => {
    label.classList.toggle("folded", long && !open && at >= few && !label.querySelector("input").checked);
  });
  if (!button && long) {
    button = element("button", "");
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => {
      button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
      fold(facet);
    });
    facet.append(button);
  }
  if (button) {
    button.hidden = !long;
    button.textContent = open ? "fewer" : `all ${labels.length}`;
  }
}

let turn = 0;
let found = [];
let shown = 0;

/** Add the next results to the list; returns the first of them. */
async function extend(most) {
  const mine = turn;
  const batch = await Promise.all(found.slice(shown, shown + most).map((one) => one.data()));
  if (mine !== turn) return null;
  const items = batch.map(result);
  list.append(...items);
  shown += items.length;
  more.hidden = shown >= found.length;
  more.textContent = `${Math.min(PAGE, found.length - shown)} more of ${number(found.length)}`;
  return items[0];
}

/** Search for what the form holds and show what is found. */
async function show(most = PAGE) {
  const mine = ++turn;
  const values = chosen();
  const term = asked() || null;
  document.title = term ? `${term} · ${base}` : base;
  results.setAttribute("aria-busy", "true");
  try {
    const { search, all } = await engine();
    const nothing = !term && !values.size;
    const sort = term ? {} : { order: "asc" };
    const [main, ...others] = nothing ? [{ results: [], filters: all }] : await Promise.all([
      search(term, { filters: filters(values), sort }),
      ...[...values.keys()].map((name) => search(term, { filters: filters(values, name) })),
    ]);
    if (mine !== turn) return;
    const apart = new Map([...values.keys()].map((name, at) => [name, others[at]]));
    count((name) => (apart.get(name) ?? main).filters[name]);
    found = main.results;
    shown = 0;
    const everything = Object.values(all.page ?? {}).reduce((sum, one) => sum + one, 0);
    const before = list.childElementCount;
    if (before) list.replaceChildren();
    await extend(most);
    if (mine !== turn) return;
    start.hidden = !nothing;
    said.textContent = nothing ? `${pages(everything)} can be searched.`
      : `${found.length ? pages(found.length) : "No page"} found${term ? ` for “${term}”` : ""}.${found.length ? "" : " Fewer or other words may find more."}`;
  } catch (error) {
    if (mine !== turn) return;
    console.warn(error);
    said.textContent = "The index could not be fetched. Try again, or use the lists of articles, topics and sources.";
  } finally {
    if (mine === turn) results.removeAttribute("aria-busy");
  }
}

/* ---- what the reader does ---- */

let typing = 0;

/** Put the form's state into the address: a new entry of the history, or the last one while words are being typed. */
function keep(typed = false) {
  const state = query();
  if (state !== location.search.slice(1)) {
    history[typed && typing ? "replaceState" : "pushState"]({}, "", state ? `?${state}` : location.pathname);
  }
  typing = typed;
}

let pause;
field.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(() => { keep(true); show(); }, 200);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pause);
  keep();
  show();
});
facets.addEventListener("change", () => { clearTimeout(pause); keep(); show(); });
form.addEventListener("reset", () => setTimeout(() => { clearTimeout(pause); keep(); show(); field.focus(); }));
more.addEventListener("click", async () => {
  const first = await extend(PAGE);
  history.replaceState({ ...history.state, shown }, "");
  first?.querySelector("a").focus();
});
// coming back from a result finds the list as long as it was, and the place in it
list.addEventListener("click", () => history.replaceState({ shown, at: scrollY }, ""));
addEventListener("popstate", () => {
  clearTimeout(pause);
  typing = false;
  read();
  show(history.state?.shown);
});

/* ---- the start ---- */

const tongue = new Intl.DisplayNames(["en"], { type: "language" });
for (const box of boxes) if (box.name === "language") word("language", box.value).textContent = tongue.of(box.value);
facets.open = matchMedia("(min-width: 60.01rem)").matches;
read();
if (!location.search) field.focus();
await show(history.state?.shown);
if (history.state?.at) scrollTo(0, history.state.at);
