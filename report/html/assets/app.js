// The one page that is many: which part is shown is told by the address.

const overview = document.getElementById("overview"), page = document.getElementById("page"), panel = document.getElementById("panel");
const announcer = document.getElementById("announce");
let opener = null; // the link that was followed: browsers take the focus from it before the address changes
let returnTo = ""; // the address of the page or panel that was opened, whose link gets the focus back
let scrolled = 0;

function announce(text) {
  announcer.textContent = "";
  setTimeout(() => { announcer.textContent = text; }, 50);
}

function parts() {
  if (!location.hash.startsWith("#/")) return null;
  try {
    return location.hash.slice(2).split("/").map(decodeURIComponent);
  } catch {
    return [""];
  }
}

function show() {
  const at = parts();
  const kind = at ? at[0] : "";
  if (kind === "row") return openPanel(Number(at[1]));
  if (panel.open) panel.close();
  if (kind === "domain" || kind === "server") return openPage(kind === "domain" ? domainPage(at[1]) : serverPage(at[1], at[2], at[3]));
  closePage();
  if (!at && location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function openPage(children) {
  if (!overview.hidden) [returnTo, scrolled] = [location.hash, scrollY];
  overview.hidden = true;
  page.hidden = false;
  page.replaceChildren(...children);
  const head = page.querySelector("h1");
  document.title = `${head.textContent} - ${meta.title}`;
  scrollTo(0, 0);
  head.focus({ preventScroll: true });
}

function closePage() {
  if (overview.hidden) {
    page.hidden = true;
    page.replaceChildren();
    overview.hidden = false;
    document.title = meta.title;
    fitTables();
    scrollTo(0, scrolled);
    refocus();
  }
}

// refocus gives the focus back to the link that was followed, or to one like
// it: tables make their lines anew.
function refocus() {
  if (!returnTo) return;
  const like = `a[href="${CSS.escape(returnTo)}"]`;
  const link = opener && opener.isConnected && opener.getAttribute("href") === returnTo ? opener : [...overview.querySelectorAll(like)].find((one) => one.checkVisibility());
  if (link) link.focus({ preventScroll: true });
  returnTo = "";
}

document.addEventListener("click", (e) => { opener = e.target.closest("a") || opener; }, true);

function openPanel(n) {
  if (!page.hidden) closePage();
  const row = sheet("verdicts")[n];
  if (!row) return;
  returnTo = location.hash;
  const close = el("button", { type: "button", class: "close" }, "Close");
  close.addEventListener("click", () => panel.close());
  panel.replaceChildren(el("div", { class: "panel-head" }, el("h2", { id: "panel-h", tabindex: -1 }, row.address || "(empty)"), close), ...verdictBody(n));
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  panel.querySelector("h2").focus();
}

panel.addEventListener("close", () => {
  if (location.hash.startsWith("#/row/")) history.replaceState(null, "", "#/");
  refocus();
});
panel.addEventListener("click", (e) => { if (e.target === panel) panel.close(); }); // the backdrop

// Copying works without permission from the click that asks for it; where the
// browser still says no, the text is selected for the keyboard.
document.addEventListener("click", (e) => {
  const button = e.target.closest("button.copy");
  if (!button) return;
  const text = button.closest(".fix").querySelector("pre");
  const select = () => {
    getSelection().selectAllChildren(text);
    announce("The line is selected");
  };
  const done = () => {
    button.textContent = "Copied";
    announce("Copied");
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text.textContent).then(done, select);
  else select();
});

// The findings in the page: filtered by severity and text; more of them on demand.
function findingControls() {
  const form = document.getElementById("findings-controls");
  if (!form) return;
  const groups = [...document.querySelectorAll("#findings > details.finding")];
  const texts = new Map();
  for (const f of sheet("findings")) {
    const key = f.severity + " " + f.id;
    texts.set(key, (texts.get(key) || "") + " " + [f.title, f.domain, f.host, f.ip, f.provider].join(" ").toLowerCase());
  }
  const apply = () => {
    const data = new FormData(form), levels = data.getAll("severity"), text = String(data.get("text") || "").trim().toLowerCase(), accepted = data.get("accepted") !== null;
    let n = 0;
    for (const group of groups) {
      const { severity, check } = group.dataset;
      const fits = levels.includes(severity) && (accepted || !("accepted" in group.dataset)) &&
        (text === "" || check.includes(text) || (texts.get(severity + " " + check) || "").includes(text) || group.textContent.toLowerCase().includes(text));
      group.hidden = !fits;
      if (fits) n++;
    }
    document.getElementById("findings-count").textContent = n === groups.length ? plural(n, "kind of finding", "kinds of findings") : `${number(n)} of ${plural(groups.length, "kind of finding", "kinds of findings")}`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (e) => { e.preventDefault(); apply(); });
  apply();
  for (const button of document.querySelectorAll("#findings button.more")) button.addEventListener("click", () => more(button));
}

// more brings the next findings of a check into the page.
function more(button) {
  const { severity, check } = button.closest("details").dataset;
  const all = sheet("findings").filter((f) => f.id === check && f.severity === severity);
  const body = button.closest(".body"), foot = button.closest(".left");
  const there = body.querySelectorAll("section.place").length;
  const next = all.slice(there, there + 200).map((f) => el("section", { class: "place" }, el("h4", { tabindex: -1 }, placeLink(f)), ...evidence(whole("findings", f.n))));
  foot.before(...next);
  const left = all.length - there - next.length;
  if (left <= 0) foot.remove();
  else foot.firstChild.textContent = `and ${number(left)} more. `;
  next[0]?.querySelector("h4").focus();
}

// On paper all is open, and the tables stand whole.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const one of opened) one.open = true;
  if (overview.hidden) return;
  for (const name of Object.keys(tables)) document.getElementById(`table-${name}`).append(printed(name));
});
addEventListener("afterprint", () => {
  for (const one of opened) one.open = false;
  for (const one of document.querySelectorAll(".printed")) one.remove();
});

for (const one of document.querySelectorAll(".needs-script")) one.hidden = false;
findingControls();
const built = ["domains", "servers", "verdicts"].filter((name) => document.getElementById(`table-${name}`)).map(makeTable);
addEventListener("hashchange", show);
let resized = 0;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => { if (!overview.hidden) fitTables(); }, 100);
});
Promise.all(built).then(() => {
  show();
  requestAnimationFrame(() => requestAnimationFrame(() => { document.documentElement.dataset.ready = ""; }));
});
