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
  const words = page.dataset;
  const questions = [...form.querySelectorAll("[data-key]")];
  const boxes = [...form.querySelectorAll("#documents input")];
  const KEPT = `aupgen ${aupgen.profile.extends} ${aupgen.year}`;
  const byKey = new Map(aupgen.questions.map((one) => [one.key, one]));
  let ownDocuments = false; // whether the school picked its documents, or its phase did
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
      places: listed(part(field, "places").value).slice(0, 3),
      times: listed(part(field, "times").value).slice(0, 3),
    }),
    reach: (field) => (part(field, "in-person").checked ? "in person" : writing.line(answerField(field).value)),
    phase: (field) => answerField(field).value,
    text: (field) => writing.line(answerField(field).value),
  };
  const showing = {
    choice: (field, value) => field.querySelectorAll("input").forEach((one) => (one.checked = one.value === value)),
    roles: (field, value) => field.querySelectorAll("select").forEach((one, n) => (one.value = value[n] || "")),
    words: (field, value) => (answerField(field).value = value.join("\n")),
    hours: (field, value) => {
      for (const name of ["from", "to"]) part(field, name).value = value[name] ? value[name].padStart(5, "0") : "";
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

  function read() {
    const answers = {};
    for (const field of questions) {
      const one = byKey.get(field.dataset.key);
      const value = of(reading, field)(field);
      if (!writing.isUsual(one, value)) answers[one.key] = value;
      mark(field, writing.faultOf(one, value));
    }
    if (ownDocuments) answers.documents = boxes.filter((box) => box.checked).map((box) => box.value);
    return answers;
  }

  function mark(field, fault) {
    const line = document.getElementById(`${field.id}-fault`);
    const message = fault ? words[`fault${fault[0].toUpperCase()}${fault.slice(1)}`] : "";
    if (line.textContent !== message) line.textContent = message;
    line.hidden = !message;
    for (const input of field.querySelectorAll("input[type=text], input[type=time], textarea")) {
      if (message) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }

  /** Put answers into the page; what they do not speak of becomes what holds anyway. */
  function show(answers) {
    for (const field of questions) {
      const one = byKey.get(field.dataset.key);
      const none = { roles: [], words: [], hours: {} }[one.kind] ?? "";
      of(showing, field)(field, answers[one.key] ?? one.usual ?? none);
    }
    ownDocuments = Array.isArray(answers.documents);
    if (ownDocuments) boxes.forEach((box) => (box.checked = answers.documents.includes(box.value)));
  }

  /* ---------------------------------------------------------------- the documents */

  function update() {
    const answers = read();
    school = writing.settled(answers);
    if (!ownDocuments) boxes.forEach((box) => (box.checked = school.issued.includes(box.value)));
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
      button.disabled = button.dataset.download !== "profile" && (count > 0 || school.issued.length === 0);
    }
    document.getElementById("not-yet").hidden = count === 0;
    for (const option of shown.options) option.hidden = option.disabled = !school.issued.includes(option.value);
    if (!school.issued.includes(shown.value)) shown.value = school.issued[0] || "";
    draw();
    tellChanged(now);
    keep(answers);
  }

  /** Name the other documents that the last answer changed, where it did not change most of them. */
  function tellChanged(now) {
    const changed = [...now].filter(([id, { html }]) => id !== shown.value && pages.has(id) && pages.get(id).html !== html);
    pages = now;
    changedIn.hidden = changed.length === 0 || changed.length > now.size / 2;
    changedIn.replaceChildren(changedIn.dataset.text);
    for (const [id] of changed) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = [...shown.options].find((option) => option.value === id).textContent;
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
    return questions.filter((field) => open.has(field.dataset.key));
  }

  function link(field) {
    const item = document.createElement("li");
    const anchor = document.createElement("a");
    anchor.href = `#${field.id}`;
    anchor.textContent = field.querySelector("legend, label").textContent;
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

  const answersText = () => `${JSON.stringify(given(), null, 2)}\n`;

  /** The answers that say something, as `aupgen init --answers` reads them, too. */
  function given() {
    return Object.fromEntries(Object.entries(school.answers).filter(([key, value]) => key === "documents" || writing.isGiven(byKey.get(key), value)));
  }

  /** Answers that were saved here; null for anything else. */
  function checked(text) {
    let data;
    try {
      data = JSON.parse(text);
    } catch {
      return null;
    }
    if (typeof data !== "object" || data === null || Array.isArray(data)) return null;
    const isTexts = (value) => Array.isArray(value) && value.every((one) => typeof one === "string");
    const answers = {};
    for (const [key, value] of Object.entries(data)) {
      const kind = key === "documents" ? "words" : byKey.get(key)?.kind;
      const fits =
        kind === "words" || kind === "roles"
          ? isTexts(value)
          : kind === "hours"
            ? value && typeof value === "object" && isTexts(value.places) && isTexts(value.times) &&
              typeof value.from === "string" && typeof value.to === "string"
            : kind && typeof value === "string";
      if (!fits) return null;
      answers[key] = value;
    }
    return answers;
  }

  function keep(answers) {
    try {
      if (Object.keys(answers).length) localStorage.setItem(KEPT, answersText());
      else localStorage.removeItem(KEPT);
    } catch {
      // the browser keeps nothing for this page: the answers stay until it is closed
    }
  }

  function kept() {
    try {
      return checked(localStorage.getItem(KEPT) || "");
    } catch {
      return null;
    }
  }

  function take(answers, message) {
    before = new Set();
    pages = new Map();
    show(answers);
    update();
    progress.textContent = `${message} ${progress.textContent}`;
  }

  /* ---------------------------------------------------------------- events */

  let waiting = 0;
  form.addEventListener("input", (event) => {
    if (boxes.includes(event.target)) ownDocuments = true;
    clearTimeout(waiting);
    waiting = setTimeout(update, 120);
  });
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
    const answers = file && file.size < 1_000_000 ? checked(await file.text()) : null;
    event.target.value = "";
    if (answers) take(answers, words.loaded);
    else progress.textContent = words.notAnswers;
  });
  document.getElementById("clear").addEventListener("click", () => {
    if (window.confirm(words.sure)) take({}, words.cleared);
  });

  page.hidden = false;
  const last = kept();
  if (last && Object.keys(last).length) take(last, words.restored);
  else {
    show({});
    update();
  }
})();
