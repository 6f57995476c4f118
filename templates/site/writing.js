"use strict";
/* Answers in; the words of documents, their files and the school's profile out. Touches no page.

   `aupgen` (data.js, and a script for each document) holds every document as pieces: [switches, texts], a text for
   each combination of the states of its switches. What is typed goes into slots. */

const SLOT = /([ⓐⒶ])\ue002([\ue100-\uf8ff])\ue004*\ue003((?:<[^>]*>)*\ue005)?/g; // and the full stop after it
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{4fffe}\u{4ffff}\u{5fffe}\u{5ffff}\u{6fffe}\u{6ffff}\u{7fffe}\u{7ffff}\u{8fffe}\u{8ffff}\u{9fffe}\u{9ffff}\u{afffe}\u{affff}\u{bfffe}\u{bffff}\u{cfffe}\u{cffff}\u{dfffe}\u{dffff}\u{e0000}-\u{e007f}\u{efffe}\u{effff}\u{ffffe}\u{fffff}\u{10fffe}\u{10ffff}]/gu;
const SHOWS = /[^\p{Cf}\p{Mn}\p{Me}\p{Zs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\u2800]/u;
const LINE_WIDTH = 70; // of a plain text notice

const writing = (() => {
  const question = (key) => aupgen.questions.find((one) => one.key === key);
  const whole = (pattern) => new RegExp(`^(?:${pattern})$`);

  /* ---------------------------------------------------------------- answers */

  /** A text as a profile holds it: one line, nothing hidden in it alone, "" for nothing. */
  function line(text) {
    const folded = text.normalize("NFC").split(/[\s\u0085\u001c-\u001f]+/).join(" ").replace(FORBIDDEN, "").trim();
    return SHOWS.test(folded) ? folded : "";
  }

  /** The things of a list, each once. */
  const lines = (texts) => [...new Set(texts.map(line).filter(Boolean))];

  /** Minutes since midnight; null for what is no time of day. */
  function clockTime(text) {
    const match = /^([0-9]{1,2})[:.]([0-9]{2})$/.exec(text || "");
    return match && match[1] < 24 && match[2] < 60 ? match[1] * 60 + Number(match[2]) : null;
  }

  /** Whether nothing is said: no text, no list, no hours. */
  function isNothing(answer) {
    return !answer || (typeof answer === "object" && !Object.values(answer).flat().some(Boolean));
  }

  /** What is wrong with an answer, "" where nothing is: the name of a message of the page. */
  function faultOf(one, answer) {
    if (isNothing(answer)) return "";
    const texts = typeof answer === "string" ? [answer] : Object.values(answer).flat();
    if (texts.some((text) => [...text].length > aupgen.line)) return "long";
    switch (one.kind) {
      case "reach":
        return answer === "in person" || how(answer) ? "" : "reach";
      case "hours": {
        const [from, to] = [clockTime(answer.from), clockTime(answer.to)];
        if (from === null || to === null) return "hours";
        if (to <= from) return "order";
        if (answer.times.length && !answer.places.length) return "places";
        return Math.max(answer.places.length, answer.times.length) > one.most ? "many" : "";
      }
      case "number":
        return /^[0-9]{1,6}$/.test(answer) ? "" : "number";
      case "duration":
        return span(answer) ? "" : "duration";
      case "words":
        return answer.length <= one.most || isUsual(one, answer) ? "" : "many";
      default:
        return "";
    }
  }

  /** How an address or number reaches people. */
  function how(reach) {
    if (whole(aupgen.email).test(reach)) return "email";
    return whole(aupgen.phone).test(reach) ? "phone" : "";
  }

  /** A length of time in words, "" for what is none. */
  function span(text) {
    const match = /^([1-9][0-9]{0,3}) ([a-z]+?)s?$/.exec(text);
    const forms = match && aupgen.units[match[2]];
    return forms ? `${match[1]} ${forms[match[1] === "1" ? 0 : 1]}` : "";
  }

  /** A whole number without zeros before it. */
  const figures = (text) => String(Number(text));

  /** Whether an answer says something that holds. */
  const isGiven = (one, answer) => !isNothing(answer) && !faultOf(one, answer);

  /** Whether an answer is what holds anyway. */
  const isUsual = (one, answer) => JSON.stringify(answer) === JSON.stringify(one.usual);

  /** What holds: the answer, else what the library assumes, else null. */
  const held = (one, answers) => (isGiven(one, answers[one.key]) ? answers[one.key] : one.usual);

  /* ---------------------------------------------------------------- from answers to states */

  function stateOf(one, answers, posts) {
    const value = held(one, answers);
    switch (one.kind) {
      case "phase":
        return value || (one.states.includes("all-through") ? "all-through" : one.states[0]);
      case "choice":
      case "flag":
        return value || "open";
      case "words":
        return String(value ? value.length : 0);
      case "roles":
        return String(value ? posts(one).length : 0);
      case "hours":
        return value ? `${value.places.length} ${value.times.length}` : "open";
      case "reach":
        return value ? (value === "in person" ? value : how(value)) : "open";
      default:
        return value ? "given" : "open";
    }
  }

  /** The documents that a school issues: those it picked, else those that its phase has readers for. */
  function issued(answers) {
    const all = Object.keys(aupgen.formats);
    if (answers.documents) return all.filter((id) => answers.documents.includes(id));
    return answers.phase ? aupgen.phases[answers.phase] : all;
  }

  /** Everything that the words of documents depend on. */
  function settled(answers) {
    const states = {};
    const asking = aupgen.questions.filter((one) => one.key.startsWith("contacts."));
    for (const one of asking) states[one.key] = stateOf(one, answers);
    const post = (id) => {
      const { switches, texts } = aupgen.posts[id];
      return texts[combination(switches, states)];
    };
    const posts = (one) => {
      const found = new Map();
      for (const id of held(one, answers) || []) {
        const [holder, words] = post(id);
        if (!found.has(holder)) found.set(holder, words);
      }
      return [...found.values()];
    };
    for (const one of aupgen.questions) states[one.key] = stateOf(one, answers, posts);
    const ids = issued(answers);
    for (const id of Object.keys(aupgen.formats)) states[`issue ${id}`] = ids.includes(id) ? "issued" : "not issued";
    return { answers, states, posts, issued: ids };
  }

  /** The number of a combination: the last switch changes fastest. */
  function combination(switches, states) {
    let number = 0;
    for (const index of switches) {
      const [name, all] = aupgen.switches[index];
      number = number * all.length + all.indexOf(states[name]);
    }
    return number;
  }

  function assembled(columns, strings, states) {
    let text = "";
    for (const [switches, numbers] of columns) {
      const number = numbers[switches.length ? combination(switches, states) : 0];
      if (number >= 0) text += strings[number];
    }
    return text;
  }

  /* ---------------------------------------------------------------- slots */

  /** A time of day as people write it. */
  function clock(text) {
    const minutes = clockTime(text);
    const { separator, morning, afternoon, noon, midnight } = aupgen.clock;
    if (minutes % 720 === 0) return minutes ? noon : midnight;
    const hour = ((Math.floor(minutes / 60) + 11) % 12) + 1;
    const past = minutes % 60 ? separator + String(minutes % 60).padStart(2, "0") : "";
    return `${hour}${past}${minutes < 720 ? morning : afternoon}`;
  }

  /** What is typed for a slot: {words}, or {open: label, key} where nothing is. */
  function typed(name, school) {
    if (name.startsWith("open ")) {
      const [, key, label] = /^open (\S+) (.*)$/.exec(name);
      return { open: label, key };
    }
    const [key, part] = name.split("#");
    const one = question(key);
    const value = held(one, school.answers);
    if (!value) return { open: aupgen.unnamed, key };
    switch (one.kind) {
      case "roles":
        return { words: school.posts(one)[part], again: true };
      case "words":
        return { words: value[part] };
      case "hours":
        if (part === "from" || part === "to") return { words: clock(value[part]) };
        return { words: part.startsWith("place") ? value.places[part.slice(5)] : value.times[part.slice(4)] };
      case "duration":
        return { words: span(value) };
      case "number":
        return { words: figures(value) };
      default:
        return { words: value };
    }
  }

  /** With a capital first letter; a word with a capital inside stays as its owner spells it. */
  function capital(text) {
    const first = text.split(" ", 1)[0];
    if (first !== first.toLowerCase()) return text;
    const [letter = "", ...rest] = text;
    return letter.toUpperCase() + rest.join("");
  }

  /** A text with its slots filled. `written` makes of words what a format wants, knowing where they stand and whether
      others stand before them; `opened` is told of every gap. */
  function filled(text, school, written, opened = () => "", fingerprint = "") {
    return text.replace(SLOT, (_, mark, character, stop, at) => {
      const name = aupgen.slots[character.charCodeAt(0) - 0xe100];
      if (name === "fingerprint") return written(fingerprint, at, text);
      const { words, open, key, again } = typed(name, school);
      if (open !== undefined) return opened(open, key) + stopped(stop, "");
      if (!again) return written(mark === "Ⓐ" ? capital(words) : words, at, text) + stopped(stop, words);
      // A post may be named by a person: each of its words is written by itself, as any other.
      const gap = (label, waiting) => {
        opened(label, waiting);
        return `[[${label}]]`;
      };
      const parts = words.split(/(ⓐ\ue002[\ue100-\uf8ff]\ue004*\ue003)/).filter(Boolean).map((part) => filled(part, school, (inner) => inner, gap));
      if (mark === "Ⓐ") parts[0] = capital(parts[0]);
      return parts.map((part, n) => written(part, at, text, n > 0)).join("") + stopped(stop, parts.at(-1));
    });
  }

  /** The full stop after a slot, with the marks before it; none where what is typed ends in one of its own. */
  function stopped(stop, before) {
    return (stop || "").replace("\ue005", aupgen.stops.some((sign) => before.endsWith(sign)) ? "" : ".");
  }

  const escaped = (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

  const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

  /** Words in a page; those that run from right to left must not turn round what stands beside them. */
  function inPage(words, at, text) {
    const isBody = at > text.indexOf("<main>") && at < text.lastIndexOf("</main>") && text.lastIndexOf("<", at) < text.lastIndexOf(">", at);
    return isBody && RIGHT_TO_LEFT.test(words) ? `<bdi>${escaped(words)}</bdi>` : escaped(words);
  }

  /** Words in the Markdown that they stand in: whatever could be a mark there is written as a sign. */
  function inMarkdown(words, at, text, isInside) {
    const before = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
    let out = words
      .replace(/[\\`*[\]|~]/g, "\\$&")
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|<(?=[A-Za-z/!?]|$)|&(?=[#A-Za-z]|$)/gu, "\\$&");
    if (/^ *(?:(?:-|[0-9]+\.) +)*\*{0,3}$/.test(before) && !isInside) {
      out = out.replace(/^(?:[#+\-=>]|([0-9]+)(?=[.)](?:\s|$)))/, (sign, number) => (number ? `${number}\\` : `\\${sign}`));
    }
    return /^#{1,6} /.test(before) ? out.replaceAll("#", "\\#") : out;
  }

  /* ---------------------------------------------------------------- documents */

  const raw = (format, id, school) => {
    const { formats, strings } = aupgen.documents[id];
    return assembled(formats[format], strings, school.states);
  };

  function fingerprint(id, school) {
    const digest = sha256(new TextEncoder().encode(filled(raw("words", id, school), school, (words) => words)));
    return `${digest.slice(0, 4)}-${digest.slice(4, 8)}`;
  }

  /** The page of a document, the questions that it still waits for, and its fingerprint. */
  function page(id, school) {
    const waits = new Set();
    const opened = (label, key) => {
      waits.add(key);
      return `<span class="fill-in">[[${escaped(label)}]]</span>`;
    };
    const print = fingerprint(id, school);
    return { html: filled(raw("html", id, school), school, inPage, opened, print), waits, print };
  }

  function notice(id, school) {
    const text = filled(raw("txt", id, school), school, (words) => words);
    return `${text.split("\n\n").map(wrapped).join("\n\n")}\n`;
  }

  function wrapped(text) {
    const out = [];
    let length = 0;
    for (const word of text.split(" ").filter(Boolean)) {
      const more = [...word].length;
      if (length && length + 1 + more <= LINE_WIDTH) {
        out.push(" ", word);
        length += 1 + more;
      } else {
        out.push(length ? "\n" : "", word);
        length = more;
      }
    }
    return out.join("");
  }

  /** One document as the bytes of a file. */
  function file(id, format, school) {
    const encoder = new TextEncoder();
    const print = fingerprint(id, school);
    switch (format) {
      case "html":
        return encoder.encode(page(id, school).html);
      case "md":
        return encoder.encode(filled(raw("md", id, school), school, inMarkdown, undefined, print));
      case "txt":
        return encoder.encode(notice(id, school));
      default:
        return wordFile(id, school, print);
    }
  }

  /* ---------------------------------------------------------------- Word */

  /** The body with the numbers of its lists, links and controls, as a file counts them. */
  function numbered(body) {
    const parts = body.split("\0");
    const links = [], starts = [], lists = [];
    let controls = 0, bookmarks = 0;
    for (let n = 1; n < parts.length; n += 2) {
      const gap = parts[n];
      let number = "";
      if (gap.startsWith("link:")) number = links.push(gap.slice(5));
      else if (gap === "control") number = ++controls;
      else if (gap === "bookmark") number = Math.ceil(++bookmarks / 2);
      else if (gap.startsWith("list:")) lists.push(aupgen.word.next + starts.push(gap.slice(5)) - 1);
      else if (gap === "number") number = lists.at(-1);
      else if (gap === "list end") lists.pop();
      parts[n] = number;
    }
    return { body: parts.join(""), links, starts };
  }

  function wordFile(id, school, print) {
    const { word } = aupgen;
    const xml = (text) => filled(text, school, escaped, undefined, print);
    const put = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    const { body, links, starts } = numbered(raw("docx", id, school));
    const before = body.includes("<w:drawing>") ? word.drawn : word.before;
    const linked = links.map((address, n) =>
      put(word.linked, { number: n + 1, address: escaped(filled(address, school, (words) => words)) }));
    const listed = starts.map((start, n) => put(word.listed, { number: word.next + n, start }));
    const texts = { "word/document.xml": xml(before + body + word.after) };
    for (const [name, column] of Object.entries(aupgen.documents[id].parts)) {
      texts[name] = xml(assembled([column], aupgen.documents[id].strings, school.states));
    }
    texts["word/_rels/document.xml.rels"] = word.relationships.replace("</Relationships>", () => `${linked.join("")}</Relationships>`);
    if (starts.length) texts["word/numbering.xml"] = word.numbering.replace("</w:numbering>", `${listed.join("")}</w:numbering>`);
    const shared = word.members
      .filter(([name]) => !(name in texts))
      .map(([name, size, crc, stored, data]) => ({
        name, size, crc, stored, data: Uint8Array.from(atob(data), (character) => character.charCodeAt(0)),
      }));
    return zip([...shared, ...Object.entries(texts).map(([name, text]) => member(name, new TextEncoder().encode(text)))]);
  }

  /* ---------------------------------------------------------------- the profile */

  const quoted = (value) => (Array.isArray(value) ? `[${value.map(quoted).join(", ")}]` : JSON.stringify(value));

  /** The lines that answer a question of `parameters:`. */
  function parameter(one, value) {
    const name = one.key.slice("parameters.".length);
    if (one.kind === "hours") {
      const more = ["places", "times"].filter((part) => value[part].length).map((part) => `    ${part}: ${quoted(value[part])}`);
      return [`  ${name}:`, `    from: ${value.from}`, `    to: ${value.to}`, ...more];
    }
    if (one.kind === "roles") return [`  ${name}: [${value.join(", ")}]`];
    if (one.kind === "number") return [`  ${name}: ${figures(value)}`];
    const isPlain = ["choice", "flag", "duration"].includes(one.kind);
    return [`  ${name}: ${isPlain ? value : quoted(value)}`];
  }

  /** The school's profile, as `aupgen build` reads it. */
  function profile(school) {
    const { head, extends: above, blocks } = aupgen.profile;
    const { answers } = school;
    const name = held(question("name"), answers);
    const out = [...head, "", ...blocks.name.above, name ? `name: ${quoted(name)}` : "name:", `extends: ${above}`];
    if (answers.phase) out.push("", ...blocks.phase.above, `phase: ${answers.phase}`);
    const asked = (prefix) => aupgen.questions.filter((one) => one.key.startsWith(prefix));
    const posts = new Set();
    out.push("", "contacts:");
    for (const one of asked("contacts.")) {
      const post = one.key.split(".")[1];
      const value = held(one, answers);
      if (!value) {
        if (!posts.has(post)) out.push(...blocks[one.key].none);
        continue;
      }
      const { above: lead } = blocks[one.key];
      out.push(...(posts.has(post) ? [] : lead));
      posts.add(post);
      if (one.kind === "person") out.push(`    name: ${quoted(value)}`);
      else if (value !== "in person") out.push(`    ${how(value)}: ${quoted(value)}`);
      else if (/:$/.test(lead.at(-1))) out[out.length - 1] += " {}";
    }
    out.push("", "parameters:");
    for (const one of asked("parameters.")) {
      const value = answers[one.key];
      if (isGiven(one, value) && !isUsual(one, value)) out.push(...blocks[one.key].above, ...parameter(one, value));
      else out.push(...blocks[one.key].none);
    }
    const not = Object.keys(aupgen.formats).filter((id) => !school.issued.includes(id));
    if (not.length) out.push("", "documents:", ...not.map((id) => `  ${id}: {issue: false}`));
    return `${out.join("\n")}\n`;
  }

  /** The name of the profile's file, without its ending. */
  function slug(name) {
    const plain = (name || "").normalize("NFKD").replace(/[’']/g, "").replace(/[^\u0000-\u007f]/g, "").toLowerCase();
    return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63).replace(/-+$/, "") || "school";
  }

  return { line, lines, clockTime, faultOf, isNothing, isGiven, isUsual, issued, settled, page, file, profile, slug, zip, member };

  /* ---------------------------------------------------------------- zips and digests */

  function member(name, data) {
    return { name, size: data.length, crc: crc32(data), stored: true, data };
  }

  /** The bytes of a zip, the same on any day (PKWARE's APPNOTE, 4.3.7, 4.3.12 and 4.3.16). */
  function zip(members) {
    const out = [], directory = [];
    let offset = 0, listed = 0;
    for (const { name, size, crc, stored, data } of members) {
      const path = new TextEncoder().encode(name);
      const common = [20, 0x800, stored ? 0 : 8, 0, 0x21];
      const header = bytes([0x04034b50, 4], ...common.map((n) => [n, 2]), [crc, 4], [data.length, 4], [size, 4], [path.length, 2], [0, 2]);
      const entry = bytes([0x02014b50, 4], [20, 2], ...common.map((n) => [n, 2]), [crc, 4], [data.length, 4], [size, 4],
        [path.length, 2], [0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]);
      out.push(header, path, data);
      directory.push(entry, path);
      offset += header.length + path.length + data.length;
      listed += entry.length + path.length;
    }
    const end = bytes([0x06054b50, 4], [0, 2], [0, 2], [members.length, 2], [members.length, 2], [listed, 4], [offset, 4], [0, 2]);
    return joined([...out, ...directory, end]);
  }

  function bytes(...fields) {
    const out = [];
    for (const [value, count] of fields) for (let n = 0; n < count; n++) out.push((value >>> (8 * n)) & 0xff);
    return Uint8Array.from(out);
  }

  function joined(parts) {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  function crc32(data) {
    let crc = ~0;
    for (const byte of data) {
      crc ^= byte;
      for (let n = 0; n < 8; n++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
  }

  /** SHA-256 as hex (FIPS 180-4). The browser's own is not there for pages opened from a disk or without https. */
  function sha256(data) {
    const primes = [];
    for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
    const bits = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
    const k = primes.map((prime) => bits(Math.cbrt(prime)));
    const hash = primes.slice(0, 8).map((prime) => bits(Math.sqrt(prime)));
    const length = data.length * 8;
    const padded = new Uint8Array(Math.ceil((data.length + 9) / 64) * 64);
    padded.set(data);
    padded[data.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(length / 2 ** 32));
    view.setUint32(padded.length - 4, length | 0);
    const turn = (word, by) => (word >>> by) | (word << (32 - by));
    const w = new Int32Array(64);
    for (let block = 0; block < padded.length; block += 64) {
      for (let n = 0; n < 16; n++) w[n] = view.getInt32(block + 4 * n);
      for (let n = 16; n < 64; n++) {
        const a = w[n - 15], b = w[n - 2];
        w[n] = w[n - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[n - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
      }
      let [a, b, c, d, e, f, g, h] = hash;
      for (let n = 0; n < 64; n++) {
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + k[n] + w[n]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((word, n) => (hash[n] = (hash[n] + word) | 0));
    }
    return hash.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }
})();
