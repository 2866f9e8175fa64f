// The projector view: arrow keys turn from one statement to the next, Enter shows or hides its verdicts. Without a script
// the links below each statement do the same, and the page scrolls.
const slides = [...document.querySelectorAll(".slide")];
document.querySelector(".keys-said").hidden = false;
const at = () => Math.max(0, slides.findIndex((slide) => `#${slide.id}` === location.hash));

function turn(step) {
  const next = slides[Math.min(slides.length - 1, Math.max(0, location.hash ? at() + step : 0))];
  history.replaceState(null, "", `#${next.id}`);
  next.scrollIntoView();
  next.focus({ preventScroll: true });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const step = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    turn(step);
  } else if (event.key === "Enter" && !event.target.closest("a,summary,button")) {
    const details = slides[at()].querySelector("details");
    details.open = !details.open;
  }
});
