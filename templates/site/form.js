"use strict";
/* The page of questions: reads the answers, shows the documents, saves files. See writing.js for the documents. */
(() => {
  const page = document.getElementById("form-page");
  const form = document.getElementById("questions");
  const preview = document.getElementById("preview");
  const shown = document.getElementById("shown");
  const progress = document.getElementById("progress");
  const changedIn = document.getElementById("changed-in");
  const openList = document.getElementById("open-questions");
  const leftOut = document.getElementById("left-out");
  const elsewhere = document.getElementById("elsewhere");
  const words = page.dataset;
  const questions = [...form.querySelectorAll("[data-key]")];
  const documentList = document.getElementById("documents");
  const boxes = [...documentList.querySelectorAll("input")];
  const KEPT = `aupgen ${aupgen.profile.extends} ${aupgen.year}`;
  const UNREAD = `${KEPT} unread`;
  const byKey = new Map(aupgen.questions.map((one) => [one.key, one]));
  let picked = new Map(); // the documents that the school turned on or off itself; its phase decides on the others
  let aside = {}; // what this browser keeps and this page has no place for: it stays kept
  let last = null; // what this browser keeps, as this tab read or wrote it
  let waiting = 0; // until the page shows what was typed last
  let school = null;
  let before = new Set();
  let pages = new Map(); // the page of each document, as it was

  /* ---------------------------------------------------------------- answers */

  const part = (field, name) => field.querySelector(`[data-part="${name}"]`);
  const answerField = (field) => field.querySelector(":is(input[type=text], textarea, select)");
  const listed = (text) => writing.lines(text.split("\n"));

  const reading = {
    choice: (field) => field.querySelector("input:checked")?.value || "",
    roles: (field) => [...new Set([...field.querySelectorAll("select")].map((one) => one.value).filter(Boolean))],
    words: (field) => listed(answerField(field).value),
    hours: (field) => ({
      from: part(field, "from").value,
      to: part(field, "to").value,
      places: listed(part(field, "places").value),
      times: listed(part(field, "times").value),
    }),
    reach: (field) => (part(field, "in-person").checked ? "in person" : writing.line(answerField(field).value)),
    phase: (field) => answerField(field).value,
    text: (field) => writing.line(answerField(field).value),
  };
  const clock = (text) => (text ? text.replace(".", ":").padStart(5, "0") : "");
  const showing = {
    choice: (field, value) => field.querySelectorAll("input").forEach((one) => (one.checked = one.value === value)),
    roles: (field, value) => field.querySelectorAll("select").forEach((one, n) => (one.value = value[n] || "")),
    words: (field, value) => (answerField(field).value = value.join("\n")),
    hours: (field, value) => {
      for (const name of ["from", "to"]) part(field, name).value = clock(value[name] || "");
      for (const name of ["places", "times"]) part(field, name).value = (value[name] || []).join("\n");
    },
    reach: (field, value) => {
      part(field, "in-person").checked = value === "in person";
      answerField(field).value = value === "in person" ? "" : value;
    },
    text: (field, value) => (answerField(field).value = value),
  };
  const kindOf = { flag: "choice", name: "text", person: "text", number: "text", duration: "text" };
  const of = (table, field) => table[field.dataset.kind] || table[kindOf[field.dataset.kind]] || table.text;

  /** What is typed and picked, whether it holds or not; what holds anyway is not spoken of. */
  function read() {
    const answers = {};
    for (const field of questions) {
      const one = byKey.get(field.dataset.key);
      const value = of(reading, field)(field);
      const isEmptied = writing.isNothing(value) && one.usual !== null;
      if (!writing.isUsual(one, value) && (isEmptied || !writing.isNothing(value))) answers[one.key] = value;
      const fault = writing.faultOf(one, value);
      if (fault) mark(field, words[`fault${fault[0].toUpperCase()}${fault.slice(1)}`]);
      else mark(field, "", isEmptied ? words.leftEmpty.replace("{usual}", () => inWords(field, one.usual)) : "");
    }
    const usual = writing.issued(answers);
    const ids = boxes.map((box) => box.value).filter((id) => picked.get(id) ?? usual.includes(id));
    if (ids.length !== usual.length || ids.some((id) => !usual.includes(id))) answers.documents = ids;
    mark(documentList, ids.length ? "" : words.faultDocuments);
    return answers;
  }

  /** Tell at a field what is wrong with it, or else what is good to know of it. */
  function mark(field, fault, note = "") {
    const line = document.getElementById(`${field.id}-fault`);
    const message = fault || note;
    if (line.textContent !== message) line.textContent = message;
    line.className = fault ? "fault" : "help";
    line.hidden = !message;
    for (const input of field.querySelectorAll("input[type=text], input[type=time], textarea")) {
      if (fault) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }

  /** An answer as people read it: a post by its title. */
  function inWords(field, answer) {
    const title = (id) => [...(field?.querySelectorAll("option") ?? [])].find((option) => option.value === id)?.textContent;
    const texts = typeof answer === "object" && answer !== null ? Object.values(answer).flat() : [answer];
    return texts.map((text) => title(text) ?? String(text)).filter(Boolean).join("; ");
  }

  /** Put answers into the page; what they do not speak of becomes what holds anyway. */
  function show(answers) {
    for (const field of questions) {
      const one = byKey.get(field.dataset.key);
      const none = { roles: [], words: [], hours: {} }[one.kind] ?? "";
      of(showing, field)(field, answers[one.key] ?? one.usual ?? none);
    }
    const usual = writing.issued({ phase: answers.phase });
    const { documents = {} } = answers;
    picked = Array.isArray(documents)
      ? new Map(boxes.map(({ value }) => [value, documents.includes(value)]).filter(([id, on]) => on !== usual.includes(id)))
      : new Map(Object.entries(documents));
  }

  /* ---------------------------------------------------------------- the documents */

  function update() {
    clearTimeout(waiting);
    waiting = 0;
    const answers = read();
    school = writing.settled(answers);
    boxes.forEach((box) => (box.checked = school.issued.includes(box.value)));
    const needed = new Set(["name", "phase"]);
    for (const id of school.issued) for (const key of dependsOn(id)) needed.add(key);
    for (const field of questions) field.hidden = !needed.has(field.dataset.key);
    const now = new Map(school.issued.map((id) => [id, writing.page(id, school)]));
    const waits = waitsFor(answers, now);
    const count = waits.length;
    const text = count === 0 ? words.openNone : count === 1 ? words.openOne : words.openMany.replace("{n}", count);
    if (progress.textContent !== text) progress.textContent = text;
    openList.replaceChildren(...waits.map(link));
    openList.hidden = count === 0;
    for (const button of page.querySelectorAll("[data-download]")) {
      button.disabled = button.dataset.download !== "profile" && count > 0;
    }
    document.getElementById("not-yet").hidden = count === 0;
    for (const option of shown.options) option.hidden = option.disabled = !school.issued.includes(option.value);
    if (!school.issued.includes(shown.value)) shown.value = school.issued[0] || "";
    draw();
    tellChanged(now);
    keep();
  }

  /** Name the other documents that the last answer changed, where it did not change most of them. */
  function tellChanged(now) {
    const changed = [...now].filter(([id, { html }]) => id !== shown.value && pages.has(id) && pages.get(id).html !== html);
    pages = now;
    changedIn.hidden = changed.length === 0 || changed.length > now.size / 2;
    changedIn.replaceChildren(changedIn.dataset.text);
    for (const [id] of changed) {
      const button = withText("button", [...shown.options].find((option) => option.value === id).textContent);
      button.type = "button";
      button.addEventListener("click", () => {
        shown.value = id;
        shown.dispatchEvent(new Event("change"));
        preview.focus();
      });
      changedIn.append(" ", button);
    }
  }

  const known = new Map();

  /** The questions that any of a document's words depend on. */
  function dependsOn(id) {
    if (!known.has(id)) {
      const { formats, strings } = aupgen.documents[id];
      const names = formats.html.flatMap(([switches]) => switches.map((n) => aupgen.switches[n][0]));
      const slots = strings.flatMap((text) => [...text.matchAll(/\ue002([\ue100-\uf8ff])/g)].map((m) => aupgen.slots[m[1].charCodeAt(0) - 0xe100]));
      known.set(id, new Set([...names, ...slots.map((name) => name.replace(/^open (\S+) .*$/, "$1").split("#")[0])]));
    }
    return known.get(id);
  }

  /** The questions that are still open, in the order of the page: unanswered, or answered wrongly. */
  function waitsFor(answers, now) {
    const open = new Set();
    for (const { waits } of now.values()) for (const key of waits) open.add(key);
    for (const [key, one] of byKey) if (answers[key] && writing.faultOf(one, answers[key])) open.add(key);
    for (const key of ["name", "phase"]) if (!answers[key]) open.add(key);
    if (!school.issued.length) open.add(documentList.id);
    return [...form.querySelectorAll(".question")].filter((field) => !field.hidden && open.has(field.dataset.key ?? field.id));
  }

  const titleOf = (field) => field.querySelector("legend, label").textContent;

  function withText(name, text = "") {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  }

  function link(field) {
    const item = withText("li");
    const anchor = withText("a", titleOf(field));
    anchor.href = `#${field.id}`;
    anchor.addEventListener("click", (event) => {
      event.preventDefault();
      const input = field.querySelector("input, select, textarea");
      input.focus({ preventScroll: true });
      field.scrollIntoView({ block: "center" });
    });
    item.append(anchor);
    return item;
  }

  /** Show the document; what an answer changed is marked, and brought into sight where it was out of it. */
  function draw() {
    const id = shown.value;
    if (!id) return preview.replaceChildren();
    const { html, print } = writing.page(id, school);
    const made = document.createElement("template");
    made.innerHTML = html.slice(html.indexOf("<main>") + 6, html.indexOf("</main>"));
    const tree = made.content;
    for (const element of tree.querySelectorAll("[id]")) element.id = `shown-${element.id}`;
    for (const element of tree.querySelectorAll("[aria-labelledby]")) {
      element.setAttribute("aria-labelledby", element.getAttribute("aria-labelledby").replace(/\S+/g, "shown-$&"));
    }
    for (const element of tree.querySelectorAll('a[href^="#"]')) element.hash = `#shown-${element.hash.slice(1)}`;
    for (const element of tree.querySelectorAll("h1, h2, h3, h4")) element.setAttribute("aria-level", Number(element.tagName[1]) + 2);
    for (const element of tree.querySelectorAll("input")) element.disabled = true;
    const now = new Set();
    let first = null;
    for (const element of tree.querySelectorAll("h1, h2, h3, p, li, td, th")) {
      const text = `${id} ${element.outerHTML.replace(print, "")}`; // of which every answer changes the fingerprint
      now.add(text);
      if (before.size && before.id === id && !before.has(text)) {
        element.classList.add("changed");
        first ??= element;
      }
    }
    now.id = id;
    before = now;
    preview.replaceChildren(tree);
    if (first) {
      const [inside, at] = [preview.getBoundingClientRect(), first.getBoundingClientRect()];
      if (at.top < inside.top || at.bottom > inside.bottom) preview.scrollTop += at.top - inside.top - inside.height / 3;
    }
  }

  /* ---------------------------------------------------------------- files */

  function save(name, data, type) {
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(new Blob([data], { type }));
    anchor.download = name;
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000);
  }

  const TYPES = {
    docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    html: "text/html",
    md: "text/markdown",
    txt: "text/plain",
  };
  const formatsOf = (id) => ["docx", "html", "md", ...(aupgen.formats[id].includes("txt") ? ["txt"] : [])];

  function download(what) {
    const slug = writing.slug(school.answers.name);
    const id = shown.value;
    if (what === "profile") save(`${slug}.yaml`, writing.profile(school), "application/yaml");
    else if (what !== "all") save(`${id}.${what}`, writing.file(id, what, school), TYPES[what]);
    else {
      const files = school.issued.flatMap((one) => formatsOf(one).map((format) =>
        writing.member(`${slug}/${aupgen.year}/${one}.${format}`, writing.file(one, format, school))));
      const profile = writing.member(`${slug}/${slug}.yaml`, new TextEncoder().encode(writing.profile(school)));
      save(`${slug}-${aupgen.year}.zip`, writing.zip([...files, profile]), "application/zip");
    }
  }

  /** The answers as `aupgen init --answers` reads them, too; those that do not hold yet stand apart. */
  function answersText() {
    const answers = {}, unfinished = {};
    for (const [key, value] of Object.entries(school.answers)) {
      if (key === "documents" || writing.isGiven(byKey.get(key), value)) answers[key] = value;
      else if (!writing.isNothing(value)) unfinished[key] = value;
    }
    const all = Object.keys(unfinished).length ? { ...answers, unfinished } : answers;
    return `${JSON.stringify(all, null, 2)}\n`;
  }

  const isBlock = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isTexts = (value) => Array.isArray(value) && value.every((one) => typeof one === "string");

  /** Whether an answer is one that its question takes: of its kind, and among those that may be chosen. */
  function fits(one, value) {
    switch (one.kind) {
      case "phase":
      case "choice":
      case "flag":
        return value !== "open" && one.states.includes(value);
      case "words":
        return isTexts(value);
      case "roles":
        return isTexts(value) && value.length <= one.most && value.every((id) => Object.hasOwn(aupgen.posts, id));
      case "hours":
        return isBlock(value) && isTexts(value.places) && isTexts(value.times) &&
          [value.from, value.to].every((time) => time === "" || writing.clockTime(time) !== null);
      default:
        return typeof value === "string";
    }
  }

  /** What was saved or kept here: the answers that this page has a place for, and the others by key; null for any other
      text. Documents are a list of those issued, or say of some whether they are. */
  function saved(text) {
    let data;
    try {
      data = JSON.parse(text);
    } catch {
      return null;
    }
    if (!isBlock(data)) return null;
    const { unfinished, ...finished } = data;
    const answers = {}, others = [];
    for (const [key, value] of [...Object.entries(finished), ...Object.entries(isBlock(unfinished) ? unfinished : {})]) {
      if (key === "documents" && (isTexts(value) || (isBlock(value) && Object.values(value).every((on) => typeof on === "boolean")))) {
        answers.documents = value;
        const gone = (isBlock(value) ? Object.keys(value) : value).filter((id) => !Object.hasOwn(aupgen.formats, id));
        if (gone.length) others.push([key, gone]);
      } else if (byKey.has(key) && fits(byKey.get(key), value)) answers[key] = value;
      else others.push([key, value]);
    }
    return { answers, others };
  }

  /** Name what could not be taken back: what is asked no more, and what is asked otherwise now. */
  function tellLeftOut(others) {
    const told = (isAsked, one, many) => {
      const items = others.filter(([key]) => byKey.has(key) === isAsked).map(([key, value]) => {
        const field = questions.find((question) => question.dataset.key === key);
        const name = field ? titleOf(field) : `${key.replace(/^(parameters|contacts)\./, "").replace(/[._-]/g, " ")}:`;
        return withText("li", `${name} ${inWords(field, value)}`.slice(0, 300));
      });
      if (!items.length) return [];
      const list = withText("ul");
      list.append(...items);
      return [withText("p", items.length === 1 ? one : many.replace("{n}", items.length)), list];
    };
    leftOut.replaceChildren(...told(false, words.goneOne, words.goneMany), ...told(true, words.unfitOne, words.unfitMany));
    leftOut.hidden = !others.length;
  }

  /** Keep in the browser what is typed, unless another tab has changed what is kept: then the person is to choose. */
  function keep() {
    const all = { ...aside, ...school.answers };
    if (picked.size) all.documents = Object.fromEntries(picked);
    const text = Object.keys(all).length ? JSON.stringify(all) : null;
    try {
      const now = localStorage.getItem(KEPT);
      elsewhere.hidden = now === last || now === text;
      if (!elsewhere.hidden) return;
      if (text === null) localStorage.removeItem(KEPT);
      else localStorage.setItem(KEPT, text);
      last = text;
    } catch {
      // the browser keeps nothing for this page: the answers stay until it is closed
    }
  }

  /** Take what the browser keeps. What cannot be read is put by, and told. */
  function takeKept(message) {
    let text = null;
    try {
      text = localStorage.getItem(KEPT);
      if (text !== null && !saved(text)) localStorage.setItem(UNREAD, text);
    } catch {
      // as above
    }
    last = text;
    const found = text === null ? { answers: {}, others: [] } : saved(text);
    aside = Object.fromEntries(found?.others.filter(([key]) => key !== "documents") ?? []);
    take(found ?? { answers: {}, others: [] }, found ? text && message : words.unread);
  }

  /** Put answers into the page, and say what came of them. */
  function take({ answers, others }, message) {
    before = new Set();
    pages = new Map();
    show(answers);
    tellLeftOut(others);
    update();
    if (message) progress.textContent = `${message} ${progress.textContent}`;
  }

  /** Take answers from the text of a file that somebody chose. */
  function takeFile(text) {
    const found = saved(text);
    if (!found || !Object.keys(found.answers).length) {
      progress.textContent = /^extends:/m.test(text) ? words.isProfile : words.notAnswers;
    } else if (!Object.keys(school.answers).length || window.confirm(words.replace)) {
      aside = {};
      take(found, words.loaded);
    }
  }

  /* ---------------------------------------------------------------- events */

  /** Let what was typed last hold at once. */
  const settle = () => waiting && update();

  /** Remember what the school says of a document itself, where that is not what its phase says. */
  function pick({ value, checked }) {
    settle();
    if (writing.issued({ phase: school.answers.phase }).includes(value) === checked) picked.delete(value);
    else picked.set(value, checked);
  }

  form.addEventListener("input", ({ target }) => {
    if (boxes.includes(target)) pick(target);
    clearTimeout(waiting);
    waiting = setTimeout(update, 120);
  });
  form.addEventListener("change", settle);
  page.addEventListener("click", settle, { capture: true });
  window.addEventListener("pagehide", settle);
  window.addEventListener("storage", ({ key }) => (key === KEPT || key === null) && keep());
  shown.addEventListener("change", draw);
  page.addEventListener("click", (event) => {
    const what = event.target.dataset?.download;
    if (what) download(what);
  });
  shown.addEventListener("change", () => {
    page.querySelector('[data-download="txt"]').hidden = !formatsOf(shown.value).includes("txt");
  });
  document.getElementById("save").addEventListener("click", () => {
    save(`${writing.slug(school.answers.name)}.answers.yaml`, answersText(), "application/yaml");
  });
  document.getElementById("load").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    const text = file && file.size < 1_000_000 ? await file.text() : "";
    event.target.value = "";
    settle();
    takeFile(text);
  });
  document.getElementById("clear").addEventListener("click", () => {
    if (!window.confirm(words.sure)) return;
    aside = {};
    try {
      localStorage.removeItem(UNREAD);
    } catch {
      // as above
    }
    take({ answers: {}, others: [] }, words.cleared);
  });
  document.getElementById("take-other").addEventListener("click", () => takeKept(words.taken));
  document.getElementById("keep-own").addEventListener("click", () => {
    last = localStorage.getItem(KEPT);
    keep();
  });

  page.hidden = false;
  takeKept(words.restored);
})();
