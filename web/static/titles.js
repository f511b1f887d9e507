/* Search over the titles of a site that was published as files (src/web/publish_titles.c says how its index lies). */
"use strict";
(() => {
  const root = document.getElementById("titles");
  if (!root) return;
  const { lang, none, short, many, failed } = root.dataset;
  const SHOWN = 50;
  const LOOKED_AT = 2000;
  const kept = new Map();

  const read = (path) => {
    if (!kept.has(path)) {
      kept.set(path, fetch(`${root.dataset.site}search/${path}`).then((answer) => {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      }));
    }
    return kept.get(path);
  };

  const plain = (text) =>
    text.normalize("NFKC").replace(/[A-Z]/g, (c) => c.toLowerCase()).replace(/[\u0000- ]+/g, " ");

  const hashOf = (points) => {
    let hash = 2166136261;
    for (const point of points) hash = Math.imul(hash ^ point, 16777619) >>> 0;
    return hash;
  };

  /* The pairs of letters of what is looked for; a single letter beyond ASCII stands for itself. */
  const hashesOf = (words) => {
    const hashes = new Set();
    for (const word of words) {
      const points = Array.from(word, (c) => c.codePointAt(0));
      for (let i = 1; i < points.length; i++) hashes.add(hashOf([points[i - 1], points[i]]));
      if (points.length === 1 && points[0] >= 0x80) hashes.add(hashOf(points));
    }
    return [...hashes];
  };

  const titlesOf = async (hash, bits) => {
    const file = bits === 0 ? 0 : hash >>> (32 - bits);
    const deltas = (await read(`g/${file}.json`))[hash.toString(16)] || [];
    let number = 0;
    return deltas.map((delta) => (number += delta));
  };

  const candidates = async (hashes, bits) => {
    let found = null;
    for (const hash of hashes) {
      const numbers = await titlesOf(hash, bits);
      found = found === null ? numbers : found.filter(((set) => (n) => set.has(n))(new Set(numbers)));
      if (found.length === 0) break;
    }
    return found || [];
  };

  const look = async (asked) => {
    const words = plain(asked).split(" ").filter((word) => word.length > 0);
    const hashes = hashesOf(words);
    if (hashes.length === 0) return null;
    const head = await read("titles.json");
    const hits = [];
    for (const number of (await candidates(hashes, head.bits)).slice(0, LOOKED_AT)) {
      const entry = (await read(`t/${Math.floor(number / head.chunk)}.json`))[number % head.chunk];
      const both = plain(`${entry[2]} ${entry[3]}`);
      if (words.every((word) => both.includes(word))) hits.push(entry);
      if (hits.length > SHOWN) break;
    }
    return { hits, registers: head.registers };
  };

  const list = root.querySelector("ol");
  const status = root.querySelector("[role=status]");

  const show = (answer) => {
    list.replaceChildren();
    if (answer === null) { status.textContent = short; return; }
    status.textContent = answer.hits.length === 0 ? none : answer.hits.length > SHOWN ? many : "";
    for (const [register, id, ja, en] of answer.hits.slice(0, SHOWN)) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const own = lang === "ja" ? ja : en;
      link.href = `${root.dataset.site}${lang}/${register}/${id}/`;
      link.textContent = own || ja || en || id;
      if (!own && (ja || en)) link.lang = lang === "ja" ? "en" : "ja";
      const kind = document.createElement("span");
      kind.className = "count";
      kind.textContent = ` ${(answer.registers[register] || {})[lang] || register}`;
      item.append(link, kind);
      list.append(item);
    }
  };

  const asked = new URLSearchParams(location.search).get("q") || "";
  const input = root.querySelector("input[name=q]");
  if (asked) {
    input.value = asked;
    look(asked).then(show, () => { status.textContent = failed; });
  }
  document.documentElement.classList.add("can-search");
})();
