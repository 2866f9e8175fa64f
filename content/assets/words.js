// Pagefind in a thread of its own, for search.js: asked for a term, it answers with the names of the pages that have it,
// best first; asked for one of these pages, with its text and an excerpt.
import { createInstance } from "../pagefind/pagefind.js";

const engine = (async () => {
  const { init, search } = createInstance({
    noWorker: true,  // this is one
    excerptLength: 32,
    baseUrl: new URL("../", import.meta.url).pathname,
    ranking: { metaWeights: { title: 1, about: 0.3 } },  // the title counts as a heading of the page already
  });
  await init();
  return search;
})();
let found = new Map();

onmessage = async ({ data: { id, term, page } }) => {
  try {
    const search = await engine;
    if (term === undefined) return postMessage({ id, answer: await found.get(page).data() });
    const { results } = await search(term);
    found = new Map(results.map((result) => [result.id, result]));
    postMessage({ id, answer: [...found.keys()] });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
};
