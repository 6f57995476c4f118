// The search of the site. It runs in the browser alone: the index is a script, so that it loads from a disk, too.
(() => {
  "use strict";
  const MOST = 20;
  const root = document.body.dataset.root;
  const place = document.querySelector(".search");
  const box = place.querySelector("input");
  const panel = place.querySelector(".search-panel");
  const count = place.querySelector("#site-count");
  const said = place.querySelector("[role=status]"); // always there, so that screen readers notice what it says
  const results = place.querySelector("#site-results");
  const kinds = { document: "Document", clause: "Clause", page: "Page" };
  let index = null;

  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[’']/g, "");

  function load(then) {
    if (index) return then();
    const script = document.createElement("script");
    script.src = root + "assets/search-index.js";
    script.addEventListener("load", () => {
      index ??= window.aupgenSearchIndex.map(([kind, path, title, shown, more]) => ({
        kind, path, title, shown, in: [plain(title), plain(title + " " + shown), plain([title, shown, more].join(" "))],
      }));
      then();
    });
    document.head.append(script);
  }

  // What is in the title counts most, then what is shown, then the rest; a word that begins so before one that holds it.
  function worth(entry, words) {
    let sum = 0;
    for (const word of words) {
      const where = entry.in.findIndex((text) => text.includes(word));
      if (where < 0) return 0;
      const begins = new RegExp("(^|[^a-z0-9])" + word.replace(/[^a-z0-9]/g, "\\$&")).test(entry.in[where]);
      sum += [12, 6, 2][where] * (begins ? 2 : 1);
    }
    return sum + (entry.kind === "document" ? 1 : 0);
  }

  function show() {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    results.replaceChildren();
    panel.hidden = words.length === 0;
    said.textContent = "";
    if (panel.hidden) return;
    const found = index
      .map((entry) => ({ entry, worth: worth(entry, words) }))
      .filter((one) => one.worth)
      .sort((one, other) => other.worth - one.worth);
    const more = found.length > MOST ? `, the first ${MOST} are shown` : "";
    const number = found.length === 1 ? "1 result" : `${found.length} results${more}`;
    said.textContent = count.textContent = found.length ? number : "Nothing found. Try fewer or other words.";
    for (const { entry } of found.slice(0, MOST)) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = root + entry.path;
      link.textContent = entry.title;
      item.append(link);
      for (const [name, text] of [["kind", kinds[entry.kind]], ["shown", entry.shown]]) {
        if (!text) continue;
        const line = document.createElement("span");
        line.className = name;
        line.textContent = text.length > 160 ? text.slice(0, 157) + "…" : text;
        item.append(line);
      }
      results.append(item);
    }
  }

  function close(back) {
    panel.hidden = true;
    if (back) box.focus();
  }

  box.addEventListener("focus", () => load(() => {}));
  box.addEventListener("input", () => load(show));
  place.addEventListener("keydown", (event) => {
    const links = [...results.querySelectorAll("a")];
    const here = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
      if (panel.hidden) box.value = "";
      close(true);
    } else if (event.key === "ArrowDown" && links.length && !panel.hidden) {
      links[Math.min(here + 1, links.length - 1)].focus();
    } else if (event.key === "ArrowUp" && here >= 0) {
      (links[here - 1] ?? box).focus();
    } else if (event.key === "Enter" && event.target === box && links.length && !panel.hidden) {
      links[0].click();
    } else {
      return;
    }
    event.preventDefault();
  });
  document.addEventListener("focusin", (event) => {
    if (!place.contains(event.target)) close(false);
  });
  document.addEventListener("click", (event) => {
    if (!place.contains(event.target)) close(false);
  });
  place.hidden = false;
})();
