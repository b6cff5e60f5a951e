// The tables: of many rows only those in view are in the page.

const verdictOrder = ["deliverable", "risky", "undeliverable", "unknown"];
const worded = (cell) => { const v = cell.getValue(); return v ? badge(v) : ""; };
const verdictBadge = (cell) => badge(cell.getValue(), "verdict");
const plainText = (cell) => el("span", {}, cell.getValue());
const mono = (cell) => { const v = cell.getValue(); return v ? el("code", {}, v) : ""; };

// heads are the columns of each table: field, title, width in pixels, how it is
// written, how early it gives way on a narrow screen (0 stays), and whether its
// few words make a menu to filter by.
const heads = {
  verdicts: [
    { field: "address", title: "Address", width: 220, grow: 3, write: (c) => link(c.getValue(), "row", c.getRow().getData().n), stay: 0 },
    { field: "verdict", title: "Verdict", width: 130, write: verdictBadge, stay: 0, menu: true, order: verdictOrder },
    { field: "reason", title: "Reason", width: 160, write: worded, stay: 2, menu: true },
    { field: "blame", title: "Blame", width: 100, write: plainText, stay: 5, menu: true },
    { field: "provider", title: "Provider", width: 120, write: plainText, stay: 6, menu: true },
    { field: "mx", title: "Exchanger", width: 180, write: mono, stay: 7 },
    { field: "evidence", title: "Evidence", width: 240, grow: 4, write: mono, stay: 4 },
  ],
  domains: [
    { field: "name", title: "Domain", width: 190, grow: 3, write: (c) => link(c.getValue(), "domain", c.getRow().getData().domain || c.getValue()), stay: 0 },
    { field: "worst", title: "Worst finding", width: 140, write: (c) => c.getValue() < 0 ? el("span", { class: "note" }, "none") : badge(severities[c.getValue()], "severity"), stay: 0, sort: "number", menu: true, label: (v) => severities[v] || "none" },
    { field: "findings", title: "Findings", width: 110, write: plainText, stay: 4, sort: "number" },
    { field: "kind", title: "Kind", width: 120, write: worded, stay: 6, menu: true },
    { field: "provider", title: "Provider", width: 120, write: plainText, stay: 7, menu: true },
    { field: "mta_sts", title: "MTA-STS", width: 115, write: worded, stay: 3, menu: true },
    { field: "dane", title: "DANE", width: 110, write: worded, stay: 3, menu: true },
    { field: "spf", title: "SPF", width: 95, write: mono, stay: 5, menu: true },
    { field: "dmarc", title: "DMARC", width: 115, write: worded, stay: 5, menu: true },
    { field: "note", title: "Note", width: 160, grow: 2, write: plainText, stay: 8 },
  ],
  servers: [
    { field: "host", title: "Server", width: 190, grow: 3, write: (c) => { const s = c.getRow().getData(); return link(s.host || endpoint(s.ip, s.port), "server", s.host, s.ip, s.port); }, stay: 0 },
    { field: "endpoint", title: "Address", width: 150, grow: 1, write: mono, stay: 4 },
    { field: "reachable", title: "Answers", width: 105, write: worded, stay: 7, menu: true },
    { field: "starttls", title: "STARTTLS", width: 120, write: worded, stay: 2, menu: true },
    { field: "version", title: "TLS", width: 95, write: mono, stay: 1, menu: true },
    { field: "group", title: "Key exchange", width: 150, write: mono, stay: 5, menu: true },
    { field: "certificate", title: "Certificate", width: 130, write: worded, stay: 3, menu: true },
    { field: "expires", title: "Last day", width: 110, write: plainText, stay: 6 },
    { field: "auth_plain", title: "AUTH in clear", width: 130, write: mono, stay: 8, menu: true },
    { field: "software", title: "Software", width: 110, write: plainText, stay: 9, menu: true },
    { field: "domains", title: "Domains", width: 110, write: plainText, stay: 5, sort: "number" },
  ],
};

const menuMost = 60; // words that a menu has room for

function tableRows(name) {
  const rows = sheet(name);
  if (name === "domains") {
    for (const d of rows) {
      const list = findingsByDomain().get(d.domain || d.name) || [];
      [d.worst, d.findings] = [worst(list), list.length];
    }
  }
  if (name === "servers") for (const s of rows) s.endpoint = endpoint(s.ip, s.port);
  return rows;
}

// columnsOf leaves out what no row has anything to say on, and adds the user's.
function columnsOf(name, rows) {
  const columns = heads[name].filter((h) => h.stay === 0 || rows.some((row) => row[h.field] !== "" && row[h.field] !== undefined && row[h.field] !== null));
  const mine = (meta.columns || []).map((title, at) => ({ field: "own" + at, title, width: 130, grow: 1, write: plainText, stay: 5, menu: true, own: true }))
    .filter((h) => rows.some((row) => row[h.field]) && !rows.every((row) => row[h.field] === row[heads[name][0].field])); // not the list's own column of addresses
  return [...columns, ...mine];
}

function definition(head) {
  return {
    field: head.field, title: head.title, minWidth: head.width, widthGrow: head.grow || 1, responsive: head.stay, formatter: head.write, resizable: false, headerSortTristate: true,
    sorter: head.order ? (a, b) => head.order.indexOf(a) - head.order.indexOf(b) : head.sort === "number" ? (a, b) => a - b : (a, b) => compare(a, b),
    headerSortStartingDir: head.sort === "number" ? "desc" : "asc",
    titleFormatter: () => el("button", { type: "button", class: "sort", title: `Sort by ${head.title}` }, head.title),
  };
}

const collator = new Intl.Collator("en", { numeric: true });
function compare(a, b) {
  return collator.compare(a === undefined || a === null ? "" : String(a), b === undefined || b === null ? "" : String(b));
}

const tables = {};

// makeTable promises a table that is drawn.
function makeTable(name) {
  const rows = tableRows(name), columns = columnsOf(name, rows);
  const holder = document.getElementById(`${name}-table`), count = document.getElementById(`${name}-count`);
  const form = document.getElementById(`${name}-controls`);
  const table = new Tabulator(holder, {
    data: rows, index: "n", columns: columns.map(definition), layout: "fitColumns", responsiveLayout: "hide", maxHeight: "70vh", renderVertical: "virtual",
    placeholder: () => el("span", {}, "No row is like this."), columnDefaults: { headerHozAlign: "left" }, movableColumns: false, keybindings: false, autoResize: false, rowHeight: 40,
    rowFormatter: (row) => { row.getElement().dataset.n = row.getData().n; },
    initialSort: name === "domains" && sheet("findings").length ? [{ column: "worst", dir: "desc" }] : [],
  });
  tables[name] = { table, columns, rows, filtered: rows };
  const tell = (shownRows) => {
    count.textContent = shownRows === rows.length ? plural(rows.length, "row") : `${number(shownRows)} of ${plural(rows.length, "row")}`;
  };
  tell(rows.length);
  table.on("dataFiltered", (_, now) => tell(now.length));
  table.on("tableBuilt", () => { holder.querySelector(".tabulator-tableholder").setAttribute("aria-label", "Rows"); });
  for (const event of ["renderComplete", "scrollVertical", "dataSorted", "tableBuilt"]) table.on(event, () => requestAnimationFrame(() => numberRows(name)));
  controls(name, form, columns, rows);
  holder.addEventListener("keydown", (e) => walk(name, e));
  return new Promise((done) => table.on("tableBuilt", done));
}

// fitTables draws the tables anew for another width. The link that has the
// focus keeps it.
function fitTables() {
  const href = document.activeElement?.closest(".tabulator") ? document.activeElement.getAttribute("href") : null;
  for (const { table } of Object.values(tables)) table.redraw(true);
  if (href) document.querySelector(`.tabulator a[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true });
}

// numberRows says of the rows in view which of all they are.
function numberRows(name) {
  const { table } = tables[name];
  table.element.setAttribute("aria-rowcount", table.getDataCount("active") + 1);
  for (const row of table.getRows("visible")) {
    const at = row.getPosition();
    if (at) row.getElement().setAttribute("aria-rowindex", at + 1);
  }
}

// controls are a search in all columns and a menu for each that has few words.
function controls(name, form, columns, rows) {
  const search = el("input", { type: "search", name: "text", autocomplete: "off", spellcheck: "false" });
  form.append(el("label", { class: "field" }, "Search ", search));
  const menus = [];
  for (const head of columns.filter((h) => h.menu)) {
    const words = new Map();
    for (const row of rows) {
      const value = row[head.field];
      if (value !== "" && value !== null && value !== undefined) words.set(value, (words.get(value) || 0) + 1);
      if (words.size > menuMost) break;
    }
    if (words.size < 2 && !head.own || words.size > menuMost || words.size === 0) continue;
    const label = head.label || ((v) => String(v).replace(/_/g, " "));
    const menu = el("select", { name: head.field }, el("option", { value: "" }, "all"),
      [...words.keys()].sort(head.sort === "number" ? (a, b) => b - a : compare).map((value) => el("option", { value }, `${label(value)} (${words.get(value)})`)));
    menus.push({ field: head.field, menu, values: new Map([...words.keys()].map((v) => [String(v), v])) });
    form.append(el("label", { class: "field" }, `${head.title} `, menu));
  }
  form.append(el("button", { type: "reset" }, "Clear"));
  const fields = columns.map((h) => h.field);
  let waiting = 0;
  const apply = () => {
    const text = search.value.trim().toLowerCase();
    const wanted = menus.filter((m) => m.menu.value !== "").map((m) => [m.field, m.values.get(m.menu.value)]);
    if (text === "" && wanted.length === 0) tables[name].table.clearFilter();
    else tables[name].table.setFilter((row) => wanted.every(([field, value]) => row[field] === value) && (text === "" || fields.some((f) => String(row[f] ?? "").toLowerCase().includes(text))));
  };
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(apply, 150); };
  form.addEventListener("input", soon);
  form.addEventListener("reset", soon);
  form.addEventListener("submit", (e) => { e.preventDefault(); apply(); });
}

// walk moves between rows by the arrow keys, from the link that each begins
// with. Rows out of view are brought into it first.
function walk(name, e) {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
  const line = e.target.closest(".tabulator-row");
  if (!(e.key in steps) || !line) return;
  e.preventDefault();
  const { table } = tables[name];
  const rows = table.getRows("active");
  const here = table.getRow(Number(line.dataset.n)).getPosition() - 1;
  const next = rows[Math.max(0, Math.min(rows.length - 1, here + steps[e.key]))];
  const focus = () => next.getElement().querySelector("a")?.focus({ preventScroll: true });
  if (Math.abs(steps[e.key]) === 1 && table.getRows("visible").includes(next)) {
    focus();
    next.getElement().scrollIntoView({ block: "nearest" });
  } else table.scrollToRow(next, "center", false).then(focus, focus);
}

// printed is a table as it is now, as far as paper bears it.
const printedMost = 2000;

function printed(name) {
  const { table, columns } = tables[name];
  const rows = table.getData("active");
  const made = grid(name, columns.map((h) => h.title), rows.slice(0, printedMost).map((row) => columns.map((h) => h.field === "worst" ? (severities[row.worst] || "none") : row[h.field] ?? "")));
  return el("div", { class: "printed" }, made, rows.length > printedMost ? el("p", {}, `and ${number(rows.length - printedMost)} more rows, which the JSON lines have`) : "");
}
