// The switch between light and dark. Everything else on these pages works without a script.
const button = document.querySelector("button.scheme");
const dark = matchMedia("(prefers-color-scheme: dark)");
const current = () => document.documentElement.dataset.scheme ?? (dark.matches ? "dark" : "light");
const label = () => { button.textContent = current() === "dark" ? "Light" : "Dark"; };
if (button) {
  button.hidden = false;
  label();
  dark.addEventListener("change", label);
  button.addEventListener("click", () => {
    const next = current() === "dark" ? "light" : "dark";
    document.documentElement.dataset.scheme = next;
    try { localStorage.setItem("scheme", next); } catch { /* it holds for this page */ }
    label();
  });
}

// The key / leads to the search, or into its field where it is on the page; the search page has a switch for it.
const slash = {
  get on() { try { return localStorage.getItem("slash") !== "off"; } catch { return true; } },
  set on(on) { try { on ? localStorage.removeItem("slash") : localStorage.setItem("slash", "off"); } catch { /* it stays on */ } },
};
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !slash.on) return;
  if (event.target.closest?.("input:not([type=checkbox]),textarea,select,[contenteditable]")) return;
  const field = document.querySelector("form.search input[type=search]");
  const link = document.querySelector('header a[aria-keyshortcuts="/"]');
  if (!field && !link) return;
  event.preventDefault();
  if (field) { field.focus(); field.select(); } else { location.assign(link.href); }
});
const keys = document.querySelector(".keys");
if (keys) {
  keys.hidden = false;
  keys.querySelector("input").checked = slash.on;
  keys.querySelector("input").addEventListener("change", (event) => { slash.on = event.target.checked; });
}

// Which depth the address names is shown by style; this says it to those who don't see it.
const depths = [...document.querySelectorAll(".depths a")];
function named() {
  const at = depths.find((link) => link.hash === location.hash) ?? depths.at(-1);
  for (const link of depths) { if (link === at) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current"); }
}
if (depths.length) { named(); addEventListener("hashchange", named); }

// Buttons that copy the part before them, and say so; where the browser doesn't let them, the part is selected instead.
for (const button of document.querySelectorAll("button.copy")) {
  const part = button.parentElement.querySelector("[data-copy]");
  const label = [...button.childNodes];
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(part.textContent.trim());
      button.textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(part);
      button.textContent = "Selected: copy it now";
    }
    setTimeout(() => { button.replaceChildren(...label); }, 4000);
  });
}
