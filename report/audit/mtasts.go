package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

func mtaSTSChecks() []check {
	return []check{
		{
			id: "mta_sts_absent", title: "no MTA-STS", reference: "RFC 8461 s3", scope: ScopeDomain,
			explain: "Nothing tells senders to insist on TLS. Whoever is between them and the exchanger can strip it, or pose as the exchanger.",
			domain:  stsAbsent,
		},
		{
			id: "mta_sts_record_invalid", title: "the MTA-STS record counts for nothing", reference: "RFC 8461 s3.1", scope: ScopeDomain,
			explain: "There must be exactly one record, with a version and an id of letters and digits. Senders take anything else for no record.",
			domain:  stsRecord,
		},
		{
			id: "mta_sts_policy_missing", title: "the MTA-STS record announces a policy that is not there", reference: "RFC 8461 s3.3", scope: ScopeDomain,
			explain: "Senders that ask for the policy get none that counts. They deliver as if there were no MTA-STS, and those with a policy in their cache go on with that.",
			domain:  stsPolicyMissing,
		},
		{
			id: "mta_sts_record_missing", title: "an MTA-STS policy without its record", reference: "RFC 8461 s3.1", scope: ScopeDomain,
			explain: "The policy is served and nothing in DNS announces it. Senders never ask for it.",
			domain:  stsRecordMissing,
		},
		{
			id: "mta_sts_mx_unlisted", title: "an exchanger is not in the MTA-STS policy", reference: "RFC 8461 s4.1", scope: ScopeDomain,
			explain: "The policy is enforced and does not name this exchanger. Senders that keep MTA-STS never deliver there.",
			domain:  stsUnlisted,
		},
		{
			id: "mta_sts_server_fails", title: "an exchanger does not hold what MTA-STS promises", reference: "RFC 8461 s4.2", scope: ScopeDomain,
			explain: "The policy is enforced, and the server has no TLS or no certificate that is valid for its name. Senders that keep MTA-STS never deliver there.",
			domain:  stsServerFails,
		},
		{
			id: "mta_sts_testing_fails", title: "enforcing the MTA-STS policy would lose mail", reference: "RFC 8461 s5", scope: ScopeDomain,
			explain: "The policy is in testing mode, and exchangers fail it. Mend them before the mode becomes enforce.",
			domain:  stsTestingFails,
		},
		{
			id: "mta_sts_testing_long", title: "MTA-STS has been in testing mode for long", reference: "RFC 8461 s5", scope: ScopeDomain,
			explain: "Testing protects nobody: senders deliver whatever happens. Where reports show no failures, enforce is the next step.",
			domain:  stsTestingLong,
		},
		{
			id: "mta_sts_testing", title: "MTA-STS is in testing mode", reference: "RFC 8461 s5", scope: ScopeDomain,
			explain: "Senders report failures and deliver all the same. That is how one begins.",
			domain:  stsTesting,
		},
		{
			id: "mta_sts_mode_none", title: "MTA-STS is being withdrawn", reference: "RFC 8461 s8.3", scope: ScopeDomain,
			explain: "Mode none tells senders to forget the policy. Once the old max_age is over, record and policy can go.",
			domain:  stsModeNone,
		},
		{
			id: "mta_sts_max_age_short", title: "the MTA-STS policy is soon forgotten", reference: "RFC 8461 s10.2", scope: ScopeDomain,
			explain: "What protects is that senders remember the policy when somebody keeps them from fetching it. Weeks are what the standard has in mind; under one, a rarely written-to domain is not protected at all.",
			domain:  stsMaxAge,
		},
		{
			id: "mta_sts_policy_stale", title: "the MTA-STS policy names hosts that are no exchangers", reference: "RFC 8461 s3.2", scope: ScopeDomain,
			explain: "A pattern in the policy fits no MX record. It is left over, or prepared for a move.",
			domain:  stsStale,
		},
		{
			id: "mta_sts_policy_faults", title: "the MTA-STS policy is badly written", reference: "RFC 8461 s3.2", scope: ScopeDomain,
			explain: "Some senders overlook these faults and others refuse the policy for them. The text below has none.",
			domain:  stsFaults,
		},
		{
			id: "mta_sts_certificate_expiring", title: "the certificate of the policy's web server ends soon", reference: "RFC 8461 s3.3", scope: ScopeDomain,
			explain: "When it ends, no sender can fetch the policy any more. Nothing else will tell.",
			domain:  stsCertificate,
		},
	}
}

// promised is the policy that senders go by; nil for none.
func (d *domain) promised() *mtasts.Fetch {
	if d.MTASTS == nil {
		return nil
	}
	if _, ok := d.MTASTS.Policy(); !ok {
		return nil
	}
	return d.MTASTS.Fetch
}

// stsTXT announces a policy under a new id.
func (d *domain) stsTXT() string {
	id := "1"
	if !d.now.IsZero() {
		id = d.now.UTC().Format("20060102T150405")
	}
	return txt("_mta-sts."+d.Domain, "v=STSv1; id="+id)
}

const week = 7 * 24 * 3600 // seconds

// stsText is the policy for the exchangers of today.
func (d *domain) stsText(mode mtasts.Mode, maxAge int64) string {
	return strings.TrimSuffix(mtasts.Write(mode, d.hostNames(), max(maxAge, 2*week)), "\n")
}

func (d *domain) stsURL() string { return "https://mta-sts." + d.Domain + "/.well-known/mta-sts.txt" }

// both are a record and a policy in one block, each under a line that says where
// it belongs. Senders who see a new id ask at once: the policy has to be there
// first (RFC 8461 s3.1).
func (d *domain) both(mode mtasts.Mode, maxAge int64) (where string, lines []string) {
	return d.zone() + ", and " + d.stsURL(), []string{"; " + d.zone() + ", once the policy below is served", d.stsTXT(), "", "# " + d.stsURL(), d.stsText(mode, maxAge)}
}

func stsAbsent(d *domain) faults {
	if d.MTASTS == nil || d.MTASTS.Presence != resolver.Absent || d.MTASTS.Fetch != nil || len(d.hostNames()) == 0 {
		return nil
	}
	where, lines := d.both(mtasts.Testing, 2*week)
	return found("no v=STSv1 at _mta-sts.%s", d.Domain).mend(where, lines...)
}

func stsRecord(d *domain) faults {
	if d.MTASTS == nil || d.MTASTS.Presence != resolver.Faulty {
		return nil
	}
	return found("%s: %s", cmp.Or(quote(d.MTASTS.Why), "invalid"), quote(strings.Join(d.MTASTS.Records, " | "))).mend(d.zone(), d.stsTXT())
}

func stsPolicyMissing(d *domain) faults {
	if d.MTASTS == nil || d.MTASTS.Presence != resolver.Present || d.MTASTS.Fetch == nil {
		return nil
	}
	fetch := d.MTASTS.Fetch
	if fetch.Presence != resolver.Absent && fetch.Presence != resolver.Faulty {
		return nil
	}
	f := found("%s: %s", fetch.URL, cmp.Or(quote(fetch.Why), "nothing there"))
	if host := "mta-sts." + d.Domain; fetch.Why == host+" has no address" {
		return f.mend(d.zone()+", and "+fetch.URL, "; "+d.zone(), host+". IN A IPV4-OF-THE-WEB-SERVER", host+". IN AAAA IPV6-OF-THE-WEB-SERVER",
			"", "# "+fetch.URL, d.stsText(mtasts.Testing, 2*week))
	}
	return f.mend(fetch.URL, d.stsText(mtasts.Testing, 2*week))
}

func stsRecordMissing(d *domain) faults {
	if d.MTASTS == nil || d.MTASTS.Presence != resolver.Absent || d.MTASTS.Fetch == nil || d.MTASTS.Fetch.Presence != resolver.Present {
		return nil
	}
	return found("no v=STSv1 at _mta-sts.%s, and a policy at %s", d.Domain, d.MTASTS.Fetch.URL).mend(d.zone(), d.stsTXT())
}

// unlisted are the exchangers that no pattern of the policy fits.
func (d *domain) unlisted() []string {
	policy, ok := d.MTASTS.Policy()
	if !ok {
		return nil
	}
	return slices.DeleteFunc(d.hostNames(), policy.Matches)
}

func stsUnlisted(d *domain) faults {
	fetch := d.promised()
	if fetch == nil || fetch.Mode != mtasts.Enforce || len(d.unlisted()) == 0 {
		return nil
	}
	where, lines := d.both(fetch.Mode, *fetch.MaxAge)
	return found("exchangers: %s; not in the policy: %s; its mx: %s", quote(strings.Join(d.hostNames(), ", ")), quote(strings.Join(d.unlisted(), ", ")), quote(strings.Join(fetch.MX, ", "))).
		mend(where, lines...)
}

// failures are the servers that senders bound to a policy turn away from.
func (d *domain) failures() []string {
	var parts []string
	for _, s := range d.mxServers() {
		switch {
		case s.handshake == nil && s.startTLS == probe.No && s.reachable == probe.Yes:
			parts = append(parts, s.String()+" has no TLS")
		case s.handshake != nil && s.handshake.pkix.Status != tlsinfo.Valid && s.handshake.pkix.Status != "":
			parts = append(parts, s.String()+": "+quote(s.handshake.pkix.Reason))
		}
	}
	return parts
}

func stsServerFails(d *domain) faults {
	fetch := d.promised()
	if fetch == nil || fetch.Mode != mtasts.Enforce || len(d.failures()) == 0 {
		return nil
	}
	return found("%s", quote(strings.Join(d.failures(), "; ")))
}

func stsTestingFails(d *domain) faults {
	fetch := d.promised()
	if fetch == nil || fetch.Mode != mtasts.Testing {
		return nil
	}
	parts := d.failures()
	if names := d.unlisted(); len(names) > 0 {
		parts = append(parts, "not in the policy: "+strings.Join(names, ", "))
	}
	if len(parts) == 0 {
		return nil
	}
	return found("%s", quote(strings.Join(parts, "; ")))
}

const longTesting = 90 * 24 * time.Hour

// tested reports whether a policy in testing mode has stood for long, as the
// date in its id says.
func (d *domain) tested() (since time.Time, long bool) {
	since, ok := dated(d.MTASTS.ID)
	return since, ok && !d.now.IsZero() && d.now.Sub(since) > longTesting
}

func stsTestingLong(d *domain) faults {
	fetch := d.promised()
	if fetch == nil || fetch.Mode != mtasts.Testing {
		return nil
	}
	since, long := d.tested()
	if !long {
		return nil
	}
	where, lines := d.both(mtasts.Enforce, *fetch.MaxAge)
	return found("mode testing; id %s is from %s", d.MTASTS.ID, date(since)).mend(where, lines...)
}

func stsTesting(d *domain) faults {
	fetch := d.promised()
	if fetch == nil || fetch.Mode != mtasts.Testing {
		return nil
	}
	if _, long := d.tested(); long {
		return nil
	}
	return found("mode testing; id %s", d.MTASTS.ID)
}

func stsModeNone(d *domain) faults {
	fetch := d.promised()
	if fetch == nil || fetch.Mode != mtasts.NoMode {
		return nil
	}
	return found("mode none")
}

func stsMaxAge(d *domain) faults {
	fetch := d.promised()
	if fetch == nil || fetch.Mode == mtasts.NoMode || *fetch.MaxAge >= week {
		return nil
	}
	return found("max_age %d: %s", *fetch.MaxAge, time.Duration(*fetch.MaxAge)*time.Second).
		mend(fetch.URL, fmt.Sprintf("max_age: %d", 2*week))
}

func stsStale(d *domain) faults {
	fetch := d.promised()
	if fetch == nil || fetch.Mode == mtasts.NoMode || len(d.hostNames()) == 0 {
		return nil
	}
	var stale []string
	for _, pattern := range fetch.MX {
		if !slices.ContainsFunc(d.hostNames(), mtasts.Policy{MX: []string{pattern}}.Matches) {
			stale = append(stale, pattern)
		}
	}
	if stale == nil {
		return nil
	}
	return found("no exchanger fits: %s", quote(strings.Join(stale, ", ")))
}

func stsFaults(d *domain) faults {
	fetch := d.promised()
	if fetch == nil || len(fetch.Faults) == 0 {
		return nil
	}
	return found("%s", quote(strings.Join(fetch.Faults, "; "))).mend(fetch.URL, d.stsText(fetch.Mode, *fetch.MaxAge))
}

// stsCertificate does not know how long the certificate was to live: a week
// left is short for every kind.
func stsCertificate(d *domain) faults {
	if d.MTASTS == nil || d.MTASTS.Fetch == nil || d.MTASTS.Fetch.NotAfter == nil || d.now.IsZero() {
		return nil
	}
	if left := d.MTASTS.Fetch.NotAfter.Sub(d.now); left < 0 || left > week*time.Second {
		return nil
	}
	return found("the certificate of mta-sts.%s ends on %s", d.Domain, date(*d.MTASTS.Fetch.NotAfter))
}
