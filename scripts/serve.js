// For `python -m scripts serve` alone; no page of the site has this. It loads the page again when the page has changed,
// and says how many problems the record has.
const { tag, root } = document.currentScript.dataset;
const note = document.createElement("a");
note.href = `${root}__serve__/`;
note.style.cssText =
  "position:fixed;left:1rem;bottom:1rem;z-index:9;padding:.5rem .75rem;border-radius:4px;background:#8f1d14;color:#fff;font:600 1rem/1.2 sans-serif";
new EventSource(`${root}__serve__/events`).onmessage = async (event) => {
  const { problems } = JSON.parse(event.data);
  note.textContent = problems === 1 ? "1 problem" : `${problems} problems`;
  if (problems && !location.pathname.endsWith("/__serve__/")) document.body.append(note);
  else note.remove();
  const answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store" });
  if (answer.headers.get("X-Version") !== tag) location.reload();
};
