// The parts that pages are made of.

function badge(word, kind) {
  return el("span", { class: `${kind || "word"} ${/^[a-z_]+$/.test(word) ? word : ""}` }, String(word).replace(/_/g, " "));
}

// facts is a list of names and values; those without a value are left out.
function facts(...pairs) {
  const list = el("dl", { class: "facts" });
  for (const [name, value] of pairs) {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) continue;
    list.append(el("div", {}, el("dt", {}, name), el("dd", {}, value)));
  }
  return list;
}

const unmeasured = () => el("span", { class: "note" }, "not measured");

function yesno(value, why) {
  if (!value) return unmeasured();
  return [badge(value), why ? ` ${why}` : ""];
}

function because(word, why) {
  return word ? [badge(word), why ? " " : "", why ? el("span", { class: "why" }, why) : ""] : unmeasured();
}

// records are lines of DNS.
function records(list) {
  return list && list.length ? said(list.join("\n")) : "";
}

function bullets(list) {
  return list && list.length ? el("ul", {}, list.map((one) => el("li", {}, one))) : "";
}

function words(list) {
  return list && list.length ? list.join(", ") : "none";
}

function section(title, ...children) {
  return el("section", {}, el("h2", {}, title), ...children);
}

function part(title, ...children) {
  return el("section", { class: "part" }, el("h3", {}, title), ...children);
}

// grid is a table that is small enough to stand as it is.
function grid(caption, heads, rows, kind) {
  return el("div", { class: "grid", tabindex: 0, role: "region", "aria-label": caption },
    el("table", { class: kind || "" }, el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, heads.map((h) => el("th", { scope: "col" }, h)))),
      el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, cell)))))));
}

function copyable(title, text, where) {
  const pre = el("pre", {});
  pre.append(shown(text, true));
  return el("div", { class: "fix" },
    el("p", { class: "fix-head" }, el("span", {}, title, where ? el("span", { class: "note" }, `in: ${where}`) : ""), " ", el("button", { type: "button", class: "copy" }, "Copy")),
    pre);
}

// reply is an outcome: what was asked of whom, and the words that came back.
function reply(o) {
  const at = [o.host, o.ip && (o.ip.includes(":") ? `[${o.ip}]:${o.port}` : `${o.ip}:${o.port}`), o.tls === true ? "in TLS" : o.tls === false ? "in clear" : ""].filter(Boolean);
  return el("div", { class: "reply" },
    el("p", { class: "reply-head" }, o.stage ? badge(o.stage, "stage") : "", o.stage ? " " : "",
      o.code ? el("strong", {}, [o.code, o.enhanced].filter(Boolean).join(" ")) : "", " ", el("span", { class: "note" }, at.join(", "))),
    said(o.text),
    el("p", { class: "note" }, [o.meaning && `read as ${o.meaning.replace(/_/g, " ")}`, o.rule && `by rule ${o.rule}`, o.cause && `ended by ${o.cause}`, o.sender && `asked as ${o.sender}`, time(o.at)].filter(Boolean).join(", ")));
}

// place names where a finding is.
function place(f) {
  const server = [f.host, f.ip && (f.port ? (f.ip.includes(":") ? `[${f.ip}]:${f.port}` : `${f.ip}:${f.port}`) : f.ip)].filter(Boolean).join(" ");
  return [f.domain, server].filter(Boolean).join(", ") || (f.provider ? `servers of ${f.provider}` : "the run");
}

function placeLink(f) {
  if (f.domain && domainsByName().has(f.domain)) return link(place(f), "domain", f.domain);
  if (f.host && f.ip) return link(place(f), "server", f.host, f.ip, f.port || 0);
  return place(f);
}

// finding is one whole finding, as a section of its own.
function finding(f, named) {
  const row = whole("findings", f.n);
  return el("details", { class: "finding", "data-severity": row.severity, open: worst([f]) >= 3 },
    el("summary", {}, badge(row.severity, "severity"), " ", el("h3", {}, row.title), " ", named ? el("span", { class: "note" }, place(f)) : ""),
    el("div", { class: "body" },
      el("p", { class: "reference" }, el("code", {}, row.id), row.reference ? ` \u00b7 ${row.reference}` : "", row.accepted ? " \u00b7 accepted" : ""),
      meta.checks[row.id] ? el("p", { class: "explain" }, meta.checks[row.id]) : "",
      ...evidence(row)));
}

function evidence(row) {
  return [
    (row.domains || []).length > 1 ? el("p", { class: "note" }, `shared by ${number(row.domains.length)} of your domains`) : "",
    row.evidence ? said(row.evidence) : "",
    row.fix ? copyable("The line that mends it", row.fix, row.where) : "",
  ].filter(Boolean);
}

function findings(list, named) {
  if (!list || list.length === 0) return el("p", { class: "note" }, "Nothing was found amiss.");
  const sorted = [...list].sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity));
  return el("div", {}, sorted.slice(0, 300).map((f) => finding(f, named)),
    sorted.length > 300 ? el("p", { class: "note" }, `and ${number(sorted.length - 300)} more`) : "");
}

function own(columns) {
  return columns ? Object.entries(columns) : [];
}
