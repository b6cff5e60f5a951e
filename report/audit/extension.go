package audit

import (
	"slices"
	"strings"

	"github.com/mxvet/mxvet/probe/smtp"
)

func extensionChecks() []check {
	return []check{
		{
			id: "ext_binarymime_without_chunking", title: "BINARYMIME is offered without CHUNKING", reference: "RFC 3030 s3", scope: ScopeServer,
			explain: "Binary mail can only be sent with BDAT, which is what CHUNKING offers. Alone the offer cannot be taken up.",
			server:  extNeeds(smtp.ExtBinaryMIME, smtp.ExtChunking),
		},
		{
			id: "ext_smtputf8_without_8bitmime", title: "SMTPUTF8 is offered without 8BITMIME", reference: "RFC 6531 s3.1", scope: ScopeServer,
			explain: "Who takes addresses in UTF-8 must take content of 8 bits too. Senders may refuse to use the one without the other.",
			server:  extNeeds(smtp.ExtSMTPUTF8, smtp.Ext8BitMIME),
		},
		{
			id: "ext_limits_malformed", title: "LIMITS cannot be read", reference: "RFC 9422 s3", scope: ScopeServer,
			explain: "One mistake anywhere in the line and the whole of it counts for nothing. Senders then run into the limits that it was to tell them.",
			server:  extLimits,
		},
		{
			id: "ext_size_malformed", title: "SIZE has no number", reference: "RFC 1870 s4", scope: ScopeServer,
			explain: "What stands behind SIZE is no number of octets. Senders find out only at its end that a message was too big.",
			server:  extSize,
		},
		{
			id: "ext_malformed", title: "an extension is offered against its grammar", reference: "RFC 5321 s4.1.1.1", scope: ScopeServer,
			explain: "What stands in the line is not what the extension's RFC allows. Careful clients leave the extension out.",
			server:  extMalformed,
		},
		{
			id: "ext_overwritten", title: "a firewall writes over extensions", reference: "RFC 3207 s6", scope: ScopeServer,
			explain: "Keywords of X's alone are what some firewalls make of those that they do not know, STARTTLS first of all. So nobody can encrypt, though the server behind may be able to.",
			server:  extOverwritten,
		},
		{
			id: "ext_unknown", title: "keywords that nobody registered", reference: "RFC 5321 s2.2.2", scope: ScopeServer,
			explain: "Keywords that do not begin with X are for registered extensions. These are neither registered nor known from other servers.",
			server:  extUnknown,
		},
		{
			id: "ext_legacy", title: "dead commands and extensions are offered", reference: "RFC 5321 appendix F", scope: ScopeServer,
			explain: "Nobody has used these for decades. TURN even hands waiting mail to whoever asks.",
			server:  extLegacy,
		},
		{
			id: "ext_requiretls_before_tls", title: "REQUIRETLS is offered in clear", reference: "RFC 8689 s2", scope: ScopeServer,
			explain: "The extension may only be offered inside TLS. Before it, anybody on the way can have put it there.",
			server:  extRequireTLS,
		},
		{
			id: "ext_xclient", title: "XCLIENT is offered to strangers", reference: "Postfix XCLIENT_README", scope: ScopeServer,
			explain: "XCLIENT lets a client say that it is another: any address, any name, any login. Whoever may use it is past all rules about who may relay and who is blocked.",
			server:  extXClient,
		},
		{
			id: "ext_xforward", title: "XFORWARD or XEXCH50 is offered to strangers", reference: "Postfix XFORWARD_README, CVE-2003-0714", scope: ScopeServer,
			explain: "These are for servers of one house among themselves: XFORWARD writes names into the log, XEXCH50 takes raw properties of messages. Strangers have no business with either.",
			server:  extXForward,
		},
	}
}

func extNeeds(offered, needed smtp.Keyword) func(*server) faults {
	return func(s *server) faults {
		best := s.best()
		if best == nil || !best.Extensions.Has(offered) || best.Extensions.Has(needed) {
			return nil
		}
		return found("offered: %s", listed(best.Extensions)).mendBy(s.Software,
			postfix("smtpd_discard_ehlo_keywords = "+strings.ToLower(string(offered))))
	}
}

func extLimits(s *server) faults {
	best := s.best()
	if best == nil {
		return nil
	}
	params, offered := best.Extensions.Params(smtp.ExtLimits)
	if _, ok := best.Extensions.Limits(); ok || !offered {
		return nil
	}
	return found("LIMITS %s", quote(strings.Join(params, " ")))
}

func extSize(s *server) faults {
	best := s.best()
	if best == nil {
		return nil
	}
	params, offered := best.Extensions.Params(smtp.ExtSize)
	if _, ok := best.Extensions.Size(); ok || !offered {
		return nil
	}
	return found("SIZE %s", quote(strings.Join(params, " "))).mendBy(s.Software, postfix("message_size_limit = 10240000"), exim("message_size_limit = 50M"))
}

// extMalformed leaves out what has findings of its own.
func extMalformed(s *server) faults {
	best := s.best()
	if best == nil {
		return nil
	}
	var parts []string
	for _, one := range best.Extensions.Faults() {
		if one.Keyword != smtp.ExtLimits && one.Keyword != smtp.ExtSize {
			parts = append(parts, strings.TrimSpace(string(one.Keyword)+" "+one.Param)+": "+one.Problem+" ("+one.Reference+")")
		}
	}
	if parts == nil {
		return nil
	}
	return found("%s", quote(strings.Join(parts, "; ")))
}

// A Cisco PIX or ASA has all letters of a keyword it does not like made X, but
// for the last, which counts.
func overwritten(keyword smtp.Keyword) bool { return strings.HasPrefix(string(keyword), "XXXXXXX") }

func extOverwritten(s *server) faults {
	names := s.offered(overwritten)
	if len(names) == 0 {
		return nil
	}
	return found("offered: %s", strings.Join(names, " ")).
		mend("Cisco ASA: global configuration", "policy-map global_policy", " class inspection_default", "  no inspect esmtp")
}

func extUnknown(s *server) faults {
	names := s.offered(func(keyword smtp.Keyword) bool {
		_, known := smtp.Known(keyword)
		return !known && !strings.HasPrefix(string(keyword), "X")
	})
	if len(names) == 0 {
		return nil
	}
	return found("offered: %s", quote(strings.Join(names, " ")))
}

// offered are the keywords of a kind, before or after TLS.
func (s *server) offered(kind func(smtp.Keyword) bool) []string {
	var names []string
	add := func(extensions smtp.Extensions) {
		for _, one := range extensions {
			if kind(one.Keyword) && !slices.Contains(names, string(one.Keyword)) {
				names = append(names, string(one.Keyword))
			}
		}
	}
	if s.Plain != nil {
		add(s.Plain.Extensions)
	}
	if s.Encrypted != nil {
		add(s.Encrypted.Extensions)
	}
	return names
}

func extLegacy(s *server) faults {
	names := s.offered(func(keyword smtp.Keyword) bool {
		known, _ := smtp.Known(keyword)
		return known.Standing == smtp.Obsolete
	})
	if len(names) == 0 {
		return nil
	}
	return found("offered: %s", strings.Join(names, " "))
}

func extRequireTLS(s *server) faults {
	if s.Plain == nil || !s.Plain.Extensions.Has(smtp.ExtRequireTLS) {
		return nil
	}
	return found("before TLS the server offers: %s", listed(s.Plain.Extensions))
}

func extXClient(s *server) faults {
	names := s.offered(func(keyword smtp.Keyword) bool { return keyword == smtp.ExtXClient })
	if len(names) == 0 {
		return nil
	}
	return found("offered to us: XCLIENT").mendBy(s.Software, postfix("smtpd_authorized_xclient_hosts ="))
}

func extXForward(s *server) faults {
	names := s.offered(func(keyword smtp.Keyword) bool { return keyword == smtp.ExtXForward || keyword == smtp.ExtXExch50 })
	if len(names) == 0 {
		return nil
	}
	return found("offered to us: %s", strings.Join(names, " ")).mendBy(s.Software, postfix("smtpd_authorized_xforward_hosts ="))
}
