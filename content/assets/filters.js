// The filters of an article's page. Their state is in the address, so that a view can be linked to and the back button
// works. Without a script the form stays hidden and every statement stands on the page.
const form = document.querySelector("form.filters");
const rows = [...document.querySelectorAll("article.row")];
const names = [...form.querySelectorAll("select")].map((select) => select.name);
const said = form.querySelector("[role=status]");

function read() {
  const wanted = new URLSearchParams(location.search);
  for (const name of names) {
    const select = form.elements[name];
    const value = wanted.get(name) ?? "";
    select.value = [...select.options].some((option) => option.value === value) ? value : "";
  }
}

function show() {
  const wanted = names.map((name) => [name, form.elements[name].value]).filter(([, value]) => value);
  let count = 0;
  for (const row of rows) {
    const fits = wanted.every(([name, value]) => (row.dataset[name] ?? "").split(" ").includes(value));
    row.hidden = !fits;
    count += fits;
  }
  said.textContent = wanted.length ? `${count} of ${rows.length} statements` : "";
}

function keep() {
  const state = new URLSearchParams(location.search);  // what is not ours in it stays
  for (const name of names) {
    if (form.elements[name].value) state.set(name, form.elements[name].value); else state.delete(name);
  }
  const query = state.toString();
  history.pushState(null, "", query ? `?${query}` : location.pathname);
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", () => { keep(); show(); });
form.addEventListener("reset", () => setTimeout(() => { keep(); show(); }));
addEventListener("popstate", () => { read(); show(); });
// a link to one statement shows it, whatever is filtered
addEventListener("hashchange", () => { form.reset(); });
form.hidden = false;
if (location.search) { read(); show(); }  // else every row stands there already, and nothing has to be laid out anew
