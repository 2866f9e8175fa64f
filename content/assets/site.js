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
