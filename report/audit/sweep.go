package audit

import (
	"strings"

	"github.com/mxvet/mxvet/probe/tlsinfo"
)

func sweepChecks() []check {
	sweep := func(c check) check {
		c.scope, c.needs = ScopeServer, needsSweep
		return c
	}
	return []check{
		sweep(check{
			id: "sweep_sslv3", title: "SSLv3 is accepted", reference: "RFC 7568, CVE-2014-3566",
			explain: "SSLv3 has no sound cipher left. It may not be used, not even as the last resort before clear text.",
			server:  acceptsVersions("SSLv2", "SSLv3"),
		}),
		sweep(check{
			id: "sweep_tls_1_0", title: "TLS 1.0 or 1.1 is accepted", reference: "RFC 8996 s2",
			explain: "Versions that must not be negotiated any more are still taken where the sender has no better one. Few senders are left that need them, and those would send in clear text instead.",
			server:  acceptsVersions("TLSv1.0", "TLSv1.1"),
		}),
		sweep(check{
			id: "sweep_export", title: "export-grade suites are accepted", reference: "CVE-2015-0204",
			explain: "Suites with keys of 40 or 56 bits are taken. A man in the middle makes both sides use them and breaks the key.",
			server:  acceptsSuites("EXPORT", part("EXPORT")),
		}),
		sweep(check{
			id: "sweep_null", title: "suites without encryption are accepted", reference: "RFC 9325 s4.1",
			explain: "NULL suites look like TLS and encrypt nothing. A sender that takes one believes that its mail is safe.",
			server:  acceptsSuites("eNULL", part("_NULL_")),
		}),
		sweep(check{
			id: "sweep_anonymous", title: "suites without a certificate are accepted", reference: "RFC 7672 s8.2",
			explain: "Anonymous suites are as good as any certificate to a sender that checks none. Postfix offers them on purpose; senders that check never take them.",
			server:  acceptsSuites("aNULL", part("_anon_")),
		}),
		sweep(check{
			id: "sweep_rc4", title: "RC4 is accepted", reference: "RFC 7465, CVE-2015-2808",
			explain: "RC4 may not be negotiated any more. Its key stream gives away what is sent again and again, passwords among it.",
			server:  acceptsSuites("RC4", part("_RC4_")),
		}),
		sweep(check{
			id: "sweep_3des", title: "3DES is accepted", reference: "CVE-2016-2183",
			explain: "3DES has blocks of 64 bits, which repeat after some gigabytes. Mail sessions are too short for the attack, but nothing needs it any more.",
			server:  acceptsSuites("3DES", part("_3DES_")),
		}),
		sweep(check{
			id: "sweep_static_rsa", title: "suites without forward secrecy are accepted", reference: "RFC 9325 s4.1",
			explain: "Suites whose session key is encrypted to the server's own key are taken where the sender has no better one. What such senders sent can be read by whoever gets that key later.",
			server:  acceptsSuites("kRSA", staticKeys),
		}),
	}
}

func acceptsVersions(versions ...string) func(*server) faults {
	return func(s *server) faults {
		var names []string
		for _, accepted := range s.accepted() {
			for _, version := range versions {
				if accepted.Version == version {
					names = append(names, version)
				}
			}
		}
		if names == nil {
			return nil
		}
		return found("accepted: %s", strings.Join(names, ", ")).mendBy(s.Software, modernTLS()...)
	}
}

func part(of string) func(suite string) bool {
	return func(suite string) bool { return strings.Contains(suite, of) }
}

// acceptsSuites looks for suites of a kind; name is what OpenSSL calls them.
func acceptsSuites(name string, bad func(suite string) bool) func(*server) faults {
	return func(s *server) faults {
		var names []string
		for _, accepted := range s.accepted() {
			for _, suite := range accepted.Suites {
				if bad(suite) {
					names = append(names, accepted.Version+" "+suite)
				}
			}
		}
		if names == nil {
			return nil
		}
		return found("accepted: %s", quote(strings.Join(names, ", "))).mendBy(s.Software,
			postfix("smtpd_tls_exclude_ciphers = "+name), eximOpenSSL("tls_require_ciphers = HIGH:!"+name))
	}
}

func (s *server) accepted() []tlsinfo.Accepted {
	if s.Sweep == nil {
		return nil
	}
	return s.Sweep.Versions
}
