// Elements, and the data as it stands in the file.

const textMost = 4000; // characters of a text that a page shows
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

// shown makes text of strangers visible: what hides or turns the reading order
// around becomes an escape. Line feeds stay where lines are wanted.
function shown(text, lines) {
  text = String(text);
  let rest = "";
  if (text.length > textMost) {
    rest = `\u2026 ${text.length - textMost} more characters`;
    text = text.slice(0, textMost);
  }
  if (lines) text = text.replace(/\r\n/g, "\n");
  return text.replace(hidden, (c) => {
    if (c === "\n") return lines ? c : " / ";
    const code = c.codePointAt(0);
    if (c === "\t") return "\\t";
    if (code < 0x80) return "\\x" + code.toString(16).padStart(2, "0");
    return code > 0xffff ? "\\U" + code.toString(16).padStart(8, "0") : "\\u" + code.toString(16).padStart(4, "0");
  }) + rest;
}

// el makes an element. Children are elements or texts; texts are never markup.
function el(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child instanceof Node) made.append(child);
    else if (child !== null && child !== undefined && child !== "") made.append(shown(child));
  }
  return made;
}

// said is a server's own words, in lines.
function said(text) {
  const box = el("pre", { class: "said" });
  box.append(shown(text, true));
  return box;
}

// link leads to a page of this report, and nowhere else.
function link(text, ...path) {
  return el("a", { href: "#/" + path.map(encodeURIComponent).join("/") }, text);
}

function read(id) {
  const holder = document.getElementById(id);
  return holder ? JSON.parse(holder.textContent) : null;
}

const meta = read("meta");
const sheets = {};

// sheet is the index of a kind of row, as objects; n is a row's place in it.
function sheet(name) {
  if (!sheets[name]) {
    const fields = meta.fields[name];
    sheets[name] = (read("data-" + name) || []).map((cells, n) => {
      const row = { n };
      fields.forEach((field, i) => {
        if (field === "own") (cells[i] || []).forEach((value, at) => { row["own" + at] = value; });
        else row[field] = cells[i];
      });
      return row;
    });
  }
  return sheets[name];
}

const blocks = new Map();
const blocksMost = 40; // that stay read

// whole is a row with all its facts.
function whole(name, n) {
  const id = `data-${name}-${Math.floor(n / meta.block)}`;
  if (!blocks.has(id)) {
    if (blocks.size >= blocksMost) blocks.delete(blocks.keys().next().value);
    blocks.set(id, read(id));
  }
  return blocks.get(id)[n % meta.block];
}

function listed(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

// once calls a function the first time only.
function once(make) {
  let made, done = false;
  return () => {
    if (!done) [made, done] = [make(), true];
    return made;
  };
}

const severities = ["info", "low", "medium", "high", "critical"];

const serversByHost = once(() => {
  const map = new Map();
  for (const s of sheet("servers")) listed(map, s.host, s);
  return map;
});

const domainsByName = once(() => {
  const map = new Map();
  for (const d of sheet("domains")) if (!map.has(d.domain || d.name)) map.set(d.domain || d.name, d);
  return map;
});

const domainsByHost = once(() => {
  const map = new Map();
  for (const d of sheet("domains")) for (const host of d.hosts) listed(map, host, d.domain);
  return map;
});

// findingsByDomain has what touches a domain: its own findings, and those of
// servers and providers that name it.
const findingsByDomain = once(() => {
  const map = new Map();
  for (const f of sheet("findings")) {
    const names = new Set(f.domains || []);
    if (f.domain) names.add(f.domain);
    else if (names.size === 0 && f.host) for (const name of domainsByHost().get(f.host) || []) names.add(name);
    for (const name of names) listed(map, name, f);
  }
  return map;
});

function findingsOfServer(host, ip, port) {
  return sheet("findings").filter((f) => (f.host ? f.host === host : f.ip === ip && f.ip) && (!f.ip || f.ip === ip) && (!f.port || f.port === port));
}

function worst(findings) {
  let rank = -1;
  for (const f of findings || []) if (!f.accepted) rank = Math.max(rank, severities.indexOf(f.severity));
  return rank;
}

function time(text) {
  return text ? text.slice(0, 19).replace("T", " ") : "";
}

function number(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function plural(n, one, many) {
  return `${number(n)} ${n === 1 ? one : many || one + "s"}`;
}
