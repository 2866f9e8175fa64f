// Practice: an article's page with its verdicts and evidence folded away, row by row, until they are asked for. The switch
// is in the address, so that a teacher can link to it; nothing is stored.
const rows = [...document.querySelectorAll("article.row")];
const bars = document.querySelector(".bars");
const place = document.querySelector("form.filters") ?? bars;
const button = document.createElement("button");
button.type = "button";
button.className = "practice";
place.before(button);

function set(on) {
  document.body.classList.toggle("practising", on);
  button.setAttribute("aria-pressed", String(on));
  button.textContent = on ? "End practice: show everything" : "Practice: hide the verdicts";
  for (const row of rows) {
    const apparatus = row.querySelector(".apparatus");
    let show = row.querySelector("button.reveal");
    if (!show) {
      show = document.createElement("button");
      show.type = "button";
      show.className = "reveal";
      show.textContent = "Show what was found";
      show.addEventListener("click", () => {
        apparatus.hidden = false;
        show.hidden = true;
        apparatus.tabIndex = -1;
        apparatus.focus();
      });
      apparatus.before(show);
    }
    apparatus.hidden = on;
    show.hidden = !on;
  }
}

const wanted = () => new URLSearchParams(location.search).has("practice");
button.addEventListener("click", () => {
  const state = new URLSearchParams(location.search);
  if (wanted()) state.delete("practice"); else state.set("practice", "");
  const query = state.toString().replace("practice=", "practice");
  history.pushState(null, "", query ? `?${query}` : location.pathname);
  set(wanted());
});
addEventListener("popstate", () => set(wanted()));
set(wanted());
