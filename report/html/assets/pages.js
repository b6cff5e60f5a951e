// Pages: a domain, a server, an address.

function extensionText(params) {
  return params.length ? params.join(" ") : "yes";
}

// compared sets what was offered before and after TLS side by side.
function compared(server) {
  const before = server.plain, after = server.encrypted;
  if (!before && !after) return el("p", { class: "note" }, "No EHLO was answered.");
  const plain = (before && before.extensions) || {}, inside = (after && after.extensions) || {};
  const keywords = [...new Set([...Object.keys(plain), ...Object.keys(inside)])].sort();
  const cell = (hello, params) => !hello ? unmeasured() : params ? el("code", {}, extensionText(params)) : el("span", { class: "note" }, "no");
  const rows = keywords.map((k) => [el("code", {}, k), cell(before, plain[k]), cell(after, inside[k])]);
  rows.push([el("strong", {}, "logins (AUTH)"), auth(before), auth(after)]);
  rows.push([el("strong", {}, "greeted as"), before ? before.hello : unmeasured(), after ? after.hello : unmeasured()]);
  return grid("Extensions before and after TLS", ["Extension", before ? `In clear (${before.verb})` : "In clear", after ? `Inside TLS (${after.verb})` : "Inside TLS"], rows, "extensions");
}

function auth(hello) {
  if (!hello) return unmeasured();
  return hello.auth && hello.auth.length ? el("code", {}, hello.auth.join(" ")) : el("span", { class: "note" }, "none");
}

function certificate(c, i) {
  return el("details", { class: "certificate", open: i === 0 },
    el("summary", {}, i === 0 ? "Server: " : "Issuer: ", c.subject, el("span", { class: "note" }, ` until ${c.not_after.slice(0, 10)}`)),
    facts(["names", (c.names || []).join(", ")], ["valid", `${time(c.not_before)} to ${time(c.not_after)}`], ["issued by", c.issuer], ["key", c.key], ["signature", c.signature],
      ["SHA-256", el("code", {}, c.sha256)], ["public key", el("code", {}, c.spki_sha256)]));
}

function tls(server) {
  const t = server.tls;
  if (!t) return facts(["STARTTLS", because(server.starttls, server.starttls_why)]);
  const out = [facts(["STARTTLS", because(server.starttls, server.starttls_why)], ["agreed", [t.version, t.cipher, t.group].filter(Boolean).join(", ")], ["name sent", t.sni],
    ["certificate", because(t.pkix.status, t.pkix.reason)], ["stapled", t.staple ? t.staple.status : ""], ["resumption", server.resumption],
    ["name refused", server.sni_refused ? "the handshake failed with the name sent" : ""])];
  if (server.sweep) out.push(grid("Versions and suites taken", ["Version", "Cipher suites"], (server.sweep.versions || []).map((v) => [v.version, (v.suites || []).join(" ") || "none"])), facts(["groups", (server.sweep.groups || []).join(", ")], ["chosen by", server.sweep.order]));
  return [...out, ...(t.certificates || []).map(certificate)];
}

function conduct(server) {
  const c = server.conduct;
  if (!c) return null;
  const trial = (t) => t && t.answer ? [...yesno(t.answer, t.why), t.reply ? said(`${t.reply.code} ${t.reply.text}`) : ""] : "";
  return part("When tried", facts(["STARTTLS insisted on", trial(c.starttls_enforced)], ["takes clear text behind STARTTLS", trial(c.plaintext_injection)], ["takes bare LF", trial(c.bare_lf)],
    ["submission wants a login", trial(c.submission_auth)], ["open relay", trial(c.relay)], ["NTLM tells", c.ntlm ? Object.values(c.ntlm).join(", ") : ""]));
}

const spoken = (s) => s ? said(`${s.code} ${s.text}`) : "";

function serverBody(s) {
  const timings = Object.entries(s.timings || {}).filter(([, ms]) => ms !== null).map(([stage, ms]) => `${stage.replace("_ms", "")} ${ms} ms`).join(", ");
  return [
    facts(["answers", because(s.reachable, s.why)], ["greeting", spoken(s.greeting)], ["software", s.software], ["timing", timings],
      ["called", s.ptr ? [s.ptr.confirmed || (s.ptr.names || []).join(", ") || "nothing", s.ptr.detail ? ` (${s.ptr.detail})` : ""] : ""],
      ["blocklists", s.dnsbl ? s.dnsbl.map((l) => `${l.zone}: ${l.state}`).join(", ") : ""], ["oddities", (s.oddities || []).join(", ")],
      ["behind STARTTLS", s.injected], ["VRFY", spoken(s.vrfy)], ["EXPN", spoken(s.expn)], ["HELP", spoken(s.help)]),
    part("Offered in clear and inside TLS", compared(s)),
    part("TLS", tls(s)),
    conduct(s),
    s.failure ? part("How it ended", reply(s.failure)) : null,
  ].filter(Boolean);
}

function endpoint(ip, port) {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function crumbs(...parts) {
  return el("nav", { class: "crumbs", "aria-label": "Where you are" }, el("a", { href: "#/" }, "Report"), parts.map((p) => [" / ", p]));
}

function title(text, ...behind) {
  return el("h1", { tabindex: -1 }, text, ...behind);
}

function absent(what) {
  return [crumbs(), title("Not in this report"), el("p", {}, what)];
}

// serverPage is one server with all it said.
function serverPage(host, ip, port) {
  const found = (serversByHost().get(host) || []).find((s) => s.ip === ip && (port === "0" || String(s.port) === port));
  if (!found) return absent(`${host} ${ip}`);
  const s = whole("servers", found.n);
  const domains = s.domains || [];
  return [crumbs(found.host || endpoint(found.ip, found.port)), title(found.host || endpoint(found.ip, found.port)),
    el("p", { class: "when" }, endpoint(found.ip, found.port), domains.length ? `, shared by ${plural(domains.length, "domain")}` : "", s.at ? `, ${time(s.at)}` : ""),
    section("Findings", findings(findingsOfServer(found.host, found.ip, found.port))),
    section("What it said", ...serverBody(s)),
    domains.length ? section("Mail for", el("ul", { class: "names" }, domains.slice(0, 500).map((d) => el("li", {}, domainsByName().has(d) ? link(d, "domain", d) : d))),
      domains.length > 500 ? el("p", { class: "note" }, `and ${number(domains.length - 500)} more`) : "") : null,
    targets(s),
  ].filter(Boolean);
}

function targets(s) {
  const lines = (s.targets || []).slice(0, 50);
  if (lines.length === 0) return null;
  return section("Asked for in", grid("Lines of input", ["Row", "Input", "Columns"], lines.map((t) => [String(t.row), t.input, own(t.columns).map(([k, v]) => `${k}: ${v}`).join(", ")])));
}

// domainPage is where a domain's mail goes, what it promises, and what its
// servers make of that.
function domainPage(name) {
  const found = domainsByName().get(name);
  if (!found) return absent(name);
  const d = whole("domains", found.n);
  const hosts = (d.route && d.route.hosts) || [];
  return [crumbs(found.name), title(found.name),
    el("p", { class: "when" }, found.name !== d.domain && d.domain ? [el("code", {}, d.domain), ", "] : "", kindText(d.kind), found.note ? `. ${found.note}` : ""),
    own(d.columns).length ? facts(...own(d.columns)) : null,
    section("Findings", findings(findingsByDomain().get(d.domain || found.name), true)),
    d.outcomes && d.outcomes.length ? section("What a sender would do", outcomes(d.outcomes)) : null,
    section("Route", ...route(d.route)),
    section("Promises", ...promises(d)),
    hosts.length ? section("Servers", ...hosts.flatMap((h) => (serversByHost().get(h.name) || []).map((s) => serverIn(s, h)))) : null,
  ].filter(Boolean);
}

function kindText(kind) {
  return { mail: "takes mail", receive_only: "takes mail and sends none", no_mail: "has no mail", inconclusive: "what it does with mail is not known" }[kind] || "";
}

function outcomes(list) {
  const fare = (f) => f && f.outcome ? [badge(f.outcome, "fare"), f.why ? el("span", { class: "note block" }, f.why) : ""] : unmeasured();
  return grid("Delivery by kind of sender", ["Exchanger", "Opportunistic", "MTA-STS", "DANE", "REQUIRETLS"],
    list.map((o) => [el("code", {}, o.host), fare(o.opportunistic), fare(o.mta_sts), fare(o.dane), fare(o.requiretls)]));
}

const sources = { mx: "MX records", implicit: "the domain's own address, for want of MX records", null: "null MX: no mail is taken", none: "nowhere" };

function route(r) {
  if (!r) return [unmeasured()];
  const out = [facts(["mail goes by", sources[r.source] || ""], ["DNS", r.dns], ["DNSSEC", r.source ? (r.secure ? "validated" : "not validated") : ""], ["aliases", (r.aliases || []).join(" \u2192 ")], ["detail", r.detail], ["reserved by", r.special])];
  if (r.hosts && r.hosts.length) {
    out.push(grid("Exchangers", ["Preference", "Exchanger", "Addresses", "DNSSEC", "Faults"],
      r.hosts.map((h) => [String(h.preference), el("code", {}, h.name), (h.addresses || []).join(" ") || h.dns || "none", h.secure ? "yes" : "no", (h.faults || []).map((f) => f.replace(/_/g, " ")).join(", ") || ""])));
  }
  return out;
}

function promises(d) {
  const out = [];
  const add = (name, body) => { if (body) out.push(part(name, ...body)); };
  add("MTA-STS", d.mta_sts && mtaSTS(d.mta_sts));
  add("DANE", d.dane && d.dane.length ? [dane(d.dane)] : null);
  add("TLS-RPT", d.tls_rpt && [facts(["record", because(d.tls_rpt.presence, d.tls_rpt.why)], ["", records(d.tls_rpt.records)], ["reports to", (d.tls_rpt.rua || []).join(", ")])]);
  add("SPF", d.spf && [facts(["record", because(d.spf.presence, d.spf.why)], ["", records(d.spf.records)], ["all others", d.spf.all ? `${d.spf.all}all` : ""],
    ["look-ups", d.spf.lookups === null || d.spf.lookups === undefined ? "" : `${d.spf.lookups} of 10`], ["void look-ups", d.spf.void_lookups === null || d.spf.void_lookups === undefined ? "" : `${d.spf.void_lookups} of 2`], ["problems", bullets(d.spf.problems)])]);
  add("DMARC", d.dmarc && [facts(["record", because(d.dmarc.presence, d.dmarc.why)], ["found at", d.dmarc.at], ["", records(d.dmarc.records)], ["policy", d.dmarc.policy], ["subdomains", d.dmarc.subdomain],
    ["reports to", (d.dmarc.rua || []).join(", ")], ["problems", bullets(d.dmarc.problems)])]);
  for (const k of d.dkim || []) add(`DKIM ${k.selector}`, [facts(["key", because(k.presence, k.why)], ["kind", k.key], ["revoked", k.revoked ? "yes" : ""], ["problems", bullets(k.problems)])]);
  add("BIMI", d.bimi && [facts(["record", because(d.bimi.presence, d.bimi.why)], ["", records(d.bimi.records)])]);
  add("CAA", d.caa && [facts(["records", because(d.caa.presence, d.caa.why)], ["found at", d.caa.at], ["may issue", (d.caa.issuers || []).join(", ")])]);
  return out.length ? out : [el("p", { class: "note" }, "They were not looked up.")];
}

function mtaSTS(m) {
  const p = m.policy;
  const out = [facts(["record", because(m.presence, m.why)], ["", records(m.records)])];
  if (p) {
    out.push(facts(["policy", because(p.presence, p.why)], ["fetched from", p.url], ["mode", p.mode], ["kept for", p.max_age === null || p.max_age === undefined ? "" : `${number(p.max_age)} seconds`], ["exchangers", (p.mx || []).join(", ")], ["faults", bullets(p.faults)]));
    if (p.text) out.push(el("details", {}, el("summary", {}, "The policy as it was served"), said(p.text)));
  }
  return out;
}

function dane(list) {
  return el("div", {}, list.map((f) => el("div", { class: "tlsa" },
    facts(["exchanger", el("code", {}, f.host)], ["records", because(f.status, f.why)],
      ["", records((f.records || []).map((r) => `${r.usage} ${r.selector} ${r.matching} ${r.data}${r.usable ? "" : `   (not usable: ${r.why || ""})`}`))],
      ["matches", (f.matches || []).length ? (f.matches || []).map((m) => el("div", {}, `${m.ip}: `, badge(m.verdict), m.why ? ` ${m.why}` : "")) : ""]))));
}

// serverIn is a server within its domain's page.
function serverIn(found, host) {
  const s = whole("servers", found.n);
  const many = (s.domains || []).length;
  return el("details", { class: "server", open: true },
    el("summary", {}, el("h3", {}, found.host), " ", el("span", { class: "note" }, `${endpoint(found.ip, found.port)}, preference ${host.preference}`, many > 1 ? `, shared by ${number(many)} domains` : "")),
    el("div", { class: "body" }, el("p", {}, link("Page of this server", "server", found.host, found.ip, found.port)), ...serverBody(s)));
}

// verdictBody is the panel of an address.
function verdictBody(n) {
  const v = whole("verdicts", n);
  const traits = Object.entries(v.traits || {}).filter(([, is]) => is === true).map(([name]) => name);
  return [
    el("p", { class: "verdict" }, badge(v.verdict, "verdict"), " \u00b7 ", el("strong", {}, v.reason.replace(/_/g, " ")), `: ${meta.reasons[v.reason] || ""}`),
    facts(["address", v.address], ["as typed", v.input !== v.address ? v.input : ""], ["did you mean", v.suggestion], ["blame", v.blame], ["catch-all", v.catch_all.replace(/_/g, " ")],
      ["traits", traits.join(", ")], ["provider", v.provider], ["ask again", time(v.retry_at)], ["decided", v.fate], ["checked", time(v.checked_at)]),
    own(v.columns).length ? part("Your columns", facts(...own(v.columns))) : null,
    part("Evidence", reply(v.evidence)),
    (v.attempts || []).length ? part(`All that was asked (${v.attempts.length})`, ...v.attempts.map((o) => el("div", { class: "attempt" }, o.kind ? el("h4", {}, attemptKinds[o.kind] || o.kind) : "", reply(o)))) : null,
    v.route ? part("Route", ...route(v.route)) : null,
  ].filter(Boolean);
}

const attemptKinds = { address: "The address", random: "A mailbox that cannot exist", vrfy: "VRFY of the address", quoted: "Said to another" };
