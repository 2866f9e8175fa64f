// The search page: our own form over Pagefind's index of words and our own table of what a page can be narrowed by. The
// whole state is in the address, so that a search can be linked to, survives a reload, and the back button works. The
// index is fetched in small parts, as a search needs them. scripts/index.py makes both.
const PAGE = 20;
const WORDS = 32;  // of a page's text below its title
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

/* ---- the index: pages by number, in the order in which lists show them ---- */

/** A promise that is made when it is first asked for, and anew where it failed. */
function once(make) {
  let made;
  return () => {
    made ??= make();
    made.catch(() => { made = undefined; });  // the next search tries again
    return made;
  };
}

const bundle = new URL("../pagefind/", import.meta.url);

/** The bytes of one of the index's files, unpacked; a host may have done so on the way. */
async function unpacked(name, options) {
  const answer = await fetch(new URL(name, bundle), options);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.url}`);
  const bytes = await answer.arrayBuffer();
  if (new Uint8Array(bytes, 0, 2).join() !== "31,139") return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** How many pages there are, and for each value of each filter the numbers of its pages, ascending. */
const table = once(async () => {
  const { names, pages, filters } = JSON.parse(new TextDecoder().decode(await unpacked("filters.gz", { cache: "no-cache" })));
  for (const values of Object.values(filters)) {
    for (const [value, steps] of Object.entries(values)) {
      let at = 0;
      values[value] = Int32Array.from(steps, (step) => (at += step));
    }
  }
  return { names, pages, filters };
});

/** The last term and what was found for it. */
let last = { term: null };

/** Pagefind, in a thread of its own: a word that is on ten thousand pages takes it a second, and the page goes on. */
const words = {
  worker: null,
  busy: null,
  waiting: new Map(),
  count: 0,
  ask(what) {
    if (!this.worker) {
      this.worker = new Worker(new URL("words.js", import.meta.url), { type: "module" });
      this.worker.onmessage = ({ data: { id, answer, error } }) => {
        const [resolve, reject] = this.waiting.get(id);
        this.waiting.delete(id);
        error ? reject(new Error(error)) : resolve(answer);
      };
      this.worker.onerror = () => this.end();
    }
    return new Promise((resolve, reject) => {
      this.waiting.set(++this.count, [resolve, reject]);
      this.worker.postMessage({ id: this.count, ...what });
    });
  },
  /** Stop what it is at; the next question starts it anew. */
  end() {
    this.worker?.terminate();
    this.worker = null;
    last = { term: null };
    for (const [, reject] of this.waiting.values()) reject(new Error("the search has ended"));
    this.waiting.clear();
  },
  async search(term) {
    if (this.busy) this.end();  // nobody waits for the former word any more
    const mine = (this.busy = Symbol(term));
    try {
      return await this.ask({ term });
    } catch (error) {
      if (this.busy === mine) this.end();
      throw error;
    } finally {
      if (this.busy === mine) this.busy = null;
    }
  },
};

/** A page that no word was asked of: with the beginning of its text, in the form in which Pagefind gives it. */
async function beginning(number) {
  const name = (await table()).names + number.toString(36).padStart(4, "0");
  const text = new TextDecoder().decode(await unpacked(`fragment/${name}.pf_fragment`));
  const { url, content, meta } = JSON.parse(text.slice("pagefind_dcd".length));
  const excerpt = new Option(content.split(" ", WORDS).join(" ")).innerHTML;
  return { url: new URL(`..${url}`, import.meta.url).pathname, content, excerpt, meta };
}

/** The pages that have some words, best first, each with its number and what fetches it; without words every page. */
async function matches(term) {
  const { names, pages } = await table();
  if (!term || !pages) return Array.from({ length: pages }, (_, number) => ({ number, data: () => beginning(number) }));
  if (last.term !== term) {
    const found = await words.search(term);
    if (found.some((page) => !page.startsWith(names))) throw new Error("the index and its table are not of one build");
    last = { term, found: found.map((page) => ({ number: parseInt(page.slice(names.length), 36), data: () => words.ask({ page }) })) };
  }
  return last.found;
}

/** For each page whether it has any of the chosen values of each filter; the filter `but` is left out. */
function fitting({ pages, filters }, values, but) {
  const fits = new Uint8Array(pages).fill(1);
  for (const [name, wanted] of values) {
    if (name === but) continue;
    const any = new Uint8Array(pages);
    for (const value of wanted) for (const number of filters[name]?.[value] ?? []) any[number] = 1;
    for (let number = 0; number < pages; number++) fits[number] &= any[number];
  }
  return fits;
}

/** The values of a filter that a page has. */
const held = ({ filters }, name, number) =>
  Object.entries(filters[name] ?? {}).filter(([, numbers]) => numbers.includes(number)).map(([value]) => value);

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

function result({ url, excerpt, content, meta }, number, all) {
  const of = (name) => held(all, name, number)[0];
  const page = of("page");
  const link = element("a", "", meta.title);
  link.href = url;
  const lang = of("language");
  if (lang && lang !== "en") { link.lang = lang; link.dir = "auto"; }
  const line = element("p", "meta", capital(page));
  const item = element("li", "", element("h2", "says", link), line);
  if (page === "statement") {
    const [, para, withdrawn] = /^p(\d+)( withdrawn)?/.exec(meta.about);
    const title = word("article", of("article"))?.cloneNode(true) ?? of("article");
    line.append(" · ", word("kind", of("kind"))?.textContent ?? of("kind"), " · ", title,
      para === "0" ? " · headline" : ` · paragraph\u00a0${para}`, withdrawn ? " · withdrawn" : "");
    if (!withdrawn) {
      item.append(element("dl", "chips", verdict("Attribution", "attribution", of("attribution")),
        verdict("Record", "record", of("record"))));
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

/**
 * Put a count at each value, and leave out those that would find nothing. `fits` tells for each filter which pages have
 * the words and fit all other filters: the count says what ticking the value would find.
 */
function count({ filters }, fits) {
  const ones = new Map(names.map((name) => [name, fits(name)]));
  for (const box of boxes) {
    let found = 0;
    for (const number of filters[box.name]?.[box.value] ?? []) found += ones.get(box.name)[number];
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
  const [all, ...batch] = await Promise.all([table(), ...found.slice(shown, shown + most).map((one) => one.data())]);
  if (mine !== turn) return null;
  const items = batch.map((page, at) => result(page, found[shown + at].number, all));
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
    const all = await table();
    const nothing = !term && !values.size;
    const hits = nothing ? [] : await matches(term);
    if (mine !== turn) return;
    const having = new Uint8Array(all.pages).fill(term ? 0 : 1);
    if (term) for (const { number } of hits) having[number] = 1;
    const narrowed = (but) => fitting(all, values, but).map((one, number) => one & having[number]);
    const main = narrowed();
    count(all, (name) => (values.has(name) ? narrowed(name) : main));
    found = hits.filter(({ number }) => main[number]);
    shown = 0;
    const before = list.childElementCount;
    if (before) list.replaceChildren();
    await extend(most);
    if (mine !== turn) return;
    start.hidden = !nothing;
    said.textContent = nothing ? `${pages(all.pages)} can be searched.`
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

/** The page of a statement whose short form is asked for, such as bridge-2018/a21. */
async function named() {
  const id = /^[a-z0-9]+(?:-[a-z0-9]+)*\/a\d{2,4}$/.exec(asked())?.[0];
  if (!id) return null;
  const page = new URL(`../articles/${id}/`, location.href);
  const there = await fetch(page, { method: "HEAD" }).catch(() => null);
  return there?.ok ? page : null;
}

let typing = 0;
let address = location.search;  // what the list was made for

/** Put the form's state into the address: a new entry of the history, or the last one while words are being typed. */
function keep(typed = false) {
  const state = query();
  if (state !== location.search.slice(1)) {
    history[typed && typing ? "replaceState" : "pushState"]({}, "", state ? `?${state}` : location.pathname);
    address = location.search;
  }
  typing = typed;
}

let pause;
field.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(() => { keep(true); show(); }, 200);
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(pause);
  const page = await named();
  if (page) { location.assign(page); return; }
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
  if (location.search === address) return;  // the skip link, say: the list stays, and the focus in it
  address = location.search;
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
const page = await named();  // the forms on other pages lead here too
if (page) location.replace(page);
else await show(history.state?.shown);
if (history.state?.at) scrollTo(0, history.state.at);
