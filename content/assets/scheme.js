// Before the first paint: the scheme that the reader chose, if any. Without a choice the system decides.
try {
  const chosen = localStorage.getItem("scheme");
  if (chosen) document.documentElement.dataset.scheme = chosen;
} catch { /* no storage: the system decides */ }
