package audit

import (
	"net/netip"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// specimen is one thing wrong with the sound world.
type specimen struct {
	id     string
	infect func(*world)
}

func specimens() []specimen {
	var all []specimen
	all = append(all, serverSpecimens()...)
	all = append(all, tlsSpecimens()...)
	all = append(all, offerSpecimens()...)
	all = append(all, conductSpecimens()...)
	all = append(all, routeSpecimens()...)
	all = append(all, daneSpecimens()...)
	all = append(all, stsSpecimens()...)
	all = append(all, senderSpecimens()...)
	return append(all, wishSpecimens()...)
}

// inClear takes TLS away from a server.
func inClear(w *world, at int, lines ...string) {
	s := w.servers[at]
	s.StartTLS, s.TLSWhy, s.TLS, s.Encrypted = probe.No, "not offered", nil, nil
	s.Plain = hello(s.Host, append(everyday(), lines...)...)
}

func refused(w *world, at int) {
	s := w.servers[at]
	s.Reachable, s.Why, s.StartTLS, s.TLSWhy = probe.No, "connection refused", probe.Inconclusive, "no connection"
	s.Greeting, s.GreetingMS, s.Plain, s.TLS, s.Encrypted, s.Vrfy, s.Expn, s.Help, s.Sweep, s.Conduct = nil, nil, nil, nil, nil, nil, nil, nil, nil, nil
}

func serverSpecimens() []specimen {
	slow := int64(31_500)
	return []specimen{
		{"server_unreachable", func(w *world) { refused(w, 0) }},
		{"ipv6_unreachable", func(w *world) { refused(w, 1) }},
		{"host_refuses_mail", func(w *world) {
			refused(w, 0)
			w.first().Reachable, w.first().Greeting = probe.Yes, &probe.Said{Code: 521, Text: "mx1.example.org does not accept mail"}
		}},
		{"greeting_slow", func(w *world) { w.first().GreetingMS = &slow }},
		{"reply_malformed", func(w *world) { w.first().Oddities = []string{"bare_lf", "no_text", "mixed_codes"} }},
		{"ehlo_refused", func(w *world) {
			inClear(w, 0)
			w.first().Plain = &probe.Hello{Verb: "HELO", Hello: "mx1.example.org", Extensions: smtp.Extensions{}}
		}},
		{"software_version", func(w *world) { w.first().Greeting.Text = "mx1.example.org ESMTP Postfix 3.4.13 (Debian)" }},
		{"software_unsupported", func(w *world) {
			w.first().Greeting.Text = "mx1.example.org Microsoft ESMTP MAIL Service, Version: 8.5.9600.16384 ready"
		}},
		{"ptr_missing", func(w *world) { w.first().Reverse = &mx.Reverse{DNS: resolver.NXDomain} }},
		{"ptr_unconfirmed", func(w *world) {
			w.first().Reverse = &mx.Reverse{DNS: resolver.NoError, Names: []string{"host1.isp.example"}, Detail: "host1.isp.example does not lead back to 192.0.2.1"}
		}},
		{"hello_name_invalid", func(w *world) { w.first().Encrypted.Hello = "localhost at your service" }},
		{"hello_name_not_ptr", func(w *world) {
			w.first().Reverse = &mx.Reverse{DNS: resolver.NoError, Names: []string{"out.example.org"}, Confirmed: "out.example.org"}
		}},
		{"dnsbl_listed", func(w *world) {
			w.first().Listed = []mx.Listing{{
				Zone: "zen.spamhaus.org", State: mx.DNSBLListed, Codes: []netip.Addr{netip.MustParseAddr("127.0.0.4")}, Text: "see the list",
				Reasons: []mx.DNSBLMeaning{{About: "broken into", Advice: "look for malware behind this address"}},
			}}
		}},
	}
}

func tlsSpecimens() []specimen {
	tls := func(id string, change func(*tlsinfo.Facts)) specimen {
		return specimen{id, func(w *world) { change(w.first().TLS) }}
	}
	pkix := func(id string, status tlsinfo.PKIXStatus, reason string) specimen {
		return tls(id, func(f *tlsinfo.Facts) { f.PKIX = tlsinfo.PKIX{Status: status, Reason: reason} })
	}
	// DANE's word for the certificate is taken away, since it would be enough.
	alone := func(s specimen) specimen {
		return specimen{s.id, func(w *world) { s.infect(w); w.domain.DANE = nil }}
	}
	sweep := func(id, version, suite string) specimen {
		return specimen{id, func(w *world) {
			w.first().Sweep.Versions = append(w.first().Sweep.Versions, tlsinfo.Accepted{Version: version, Suites: []string{suite}})
		}}
	}
	return []specimen{
		{"starttls_absent", func(w *world) { inClear(w, 0) }},
		{"starttls_fails", func(w *world) {
			s := w.first()
			s.StartTLS, s.TLS, s.Encrypted = probe.Inconclusive, nil, nil
			s.Failure = &probe.Outcome{Stage: smtp.TLS, Cause: smtp.TLSFailed, Text: "TLS handshake: remote error: tls: handshake failure"}
		}},
		{"starttls_inside_tls", func(w *world) { w.first().Encrypted = hello("mx1.example.org", append(everyday(), "STARTTLS")...) }},
		{"starttls_trailing", func(w *world) { w.first().Injected = "250 PIPELINING" }},
		{"sni_refused", func(w *world) { w.first().SNIRefused = true }},
		tls("tls_version_old", func(f *tlsinfo.Facts) {
			f.Version, f.Cipher, f.Group = "TLSv1.0", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "secp256r1"
		}),
		tls("tls_1_3_absent", func(f *tlsinfo.Facts) {
			f.Version, f.Cipher, f.Group = "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "x25519"
		}),
		tls("tls_cipher_weak", func(f *tlsinfo.Facts) {
			f.Version, f.Cipher, f.Group = "TLSv1.2", "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "x25519"
		}),
		tls("tls_no_forward_secrecy", func(f *tlsinfo.Facts) {
			f.Version, f.Cipher, f.Group = "TLSv1.2", "TLS_RSA_WITH_AES_256_GCM_SHA384", "RSA"
		}),
		{"tls_no_post_quantum", func(w *world) { w.first().TLS.Group, w.first().Sweep = "x25519", nil }},
		sweep("sweep_sslv3", "SSLv3", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"),
		sweep("sweep_tls_1_0", "TLSv1.1", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
		sweep("sweep_export", "TLSv1.2", "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA"),
		sweep("sweep_null", "TLSv1.2", "TLS_ECDHE_RSA_WITH_NULL_SHA"),
		sweep("sweep_anonymous", "TLSv1.2", "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"),
		sweep("sweep_rc4", "TLSv1.2", "TLS_ECDHE_RSA_WITH_RC4_128_SHA"),
		sweep("sweep_3des", "TLSv1.2", "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
		sweep("sweep_static_rsa", "TLSv1.2", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
		alone(tls("cert_expired", func(f *tlsinfo.Facts) {
			f.Certificates[0].NotAfter = now.AddDate(0, 0, -1)
			f.PKIX = tlsinfo.PKIX{Status: tlsinfo.Expired, Reason: "expired on 2026-05-31"}
		})),
		alone(tls("cert_expiring", func(f *tlsinfo.Facts) { f.Certificates[0].NotAfter = now.AddDate(0, 0, 5) })),
		alone(pkix("cert_not_yet_valid", tlsinfo.NotYetValid, "valid only from 2026-06-02")),
		alone(tls("cert_name_mismatch", func(f *tlsinfo.Facts) {
			f.Certificates[0].Names = []string{"mail.example.org"}
			f.PKIX = tlsinfo.PKIX{Status: tlsinfo.NameMismatch, Reason: "not for mx1.example.org but for mail.example.org"}
		})),
		alone(pkix("cert_self_signed", tlsinfo.SelfSigned, "self-signed")),
		alone(pkix("cert_untrusted", tlsinfo.Untrusted, "no path to a trusted root: issued by CN=Own CA")),
		tls("cert_key_weak", func(f *tlsinfo.Facts) { f.Certificates[0].Key = "RSA 1024" }),
		tls("cert_signature_weak", func(f *tlsinfo.Facts) { f.Certificates[0].Signature = "SHA1-RSA" }),
		tls("cert_revoked", func(f *tlsinfo.Facts) { f.Staple.Status = tlsinfo.StapleRevoked }),
		tls("staple_stale", func(f *tlsinfo.Facts) { f.Staple.NextUpdate = now.AddDate(0, 0, -2) }),
		{"pool_starttls", func(w *world) { inClear(w, 3) }},
		{"pool_tls", func(w *world) {
			w.servers[2].TLS.Version, w.servers[2].TLS.Cipher, w.servers[2].TLS.Group = "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "x25519"
		}},
		{"pool_extensions", func(w *world) {
			w.servers[2].Encrypted = hello("mx2.example.org", "PIPELINING", "SIZE 10240000", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "REQUIRETLS")
		}},
		{"pool_certificate", func(w *world) { w.servers[1].TLS.Certificates[0].SHA256 = "f0" }},
	}
}

// after gives the first server another list inside TLS.
func after(id string, lines ...string) specimen {
	return specimen{id, func(w *world) { w.first().Encrypted = hello("mx1.example.org", lines...) }}
}

// before gives it another one in clear.
func before(id string, lines ...string) specimen {
	return specimen{id, func(w *world) { w.first().Plain = hello("mx1.example.org", append(lines, "STARTTLS")...) }}
}

// users makes the first server one for users, too.
func users(id string, port uint16, change func(*world)) specimen {
	return specimen{id, func(w *world) {
		w.servers = append([]*scanner.ServerRow{soundServer("mx1.example.org", w.first().IP, port)}, w.servers...)
		change(w)
	}}
}

func offerSpecimens() []specimen {
	return []specimen{
		before("auth_in_clear", "8BITMIME", "AUTH PLAIN LOGIN"),
		{"auth_weaker_before_tls", func(w *world) {
			before("", "8BITMIME", "AUTH CRAM-MD5").infect(w)
			after("", "8BITMIME", "AUTH SCRAM-SHA-256").infect(w)
		}},
		after("auth_obsolete", "8BITMIME", "AUTH PLAIN NTLM DIGEST-MD5"),
		after("auth_anonymous", "8BITMIME", "AUTH ANONYMOUS"),
		after("auth_on_exchanger", "8BITMIME", "AUTH SCRAM-SHA-256"),
		after("auth_legacy_form", "8BITMIME", "AUTH=LOGIN"),
		users("submission_no_auth", 587, func(w *world) { after("", "8BITMIME").infect(w) }),
		users("submission_open", 587, func(w *world) {
			w.first().Conduct.SubmitAuth = probe.Trial{Answer: probe.No, Reply: &probe.Said{Code: 250, Text: "2.1.0 Ok"}}
		}),
		users("submission_cert", 465, func(w *world) {
			w.first().TLS.PKIX = tlsinfo.PKIX{Status: tlsinfo.SelfSigned, Reason: "self-signed"}
		}),
		users("submission_tls_not_required", 587, func(w *world) {
			w.first().Conduct.Enforced = probe.Trial{Answer: probe.No, Reply: &probe.Said{Code: 250, Text: "2.1.0 Ok"}}
		}),
		after("ext_binarymime_without_chunking", "8BITMIME", "BINARYMIME"),
		after("ext_smtputf8_without_8bitmime", "SMTPUTF8"),
		after("ext_limits_malformed", "LIMITS RCPTMAX=0;MAILMAX=5"),
		after("ext_size_malformed", "SIZE unlimited"),
		after("ext_malformed", "8BITMIME yes", "DELIVERBY soon"),
		{"ext_overwritten", func(w *world) { inClear(w, 0, "XXXXXXXA") }},
		after("ext_unknown", "FASTLANE"),
		after("ext_legacy", "TURN", "SAML"),
		before("ext_requiretls_before_tls", "REQUIRETLS"),
		after("ext_xclient", "XCLIENT NAME ADDR"),
		after("ext_xforward", "XFORWARD NAME ADDR"),
	}
}

func conductSpecimens() []specimen {
	tried := func(answer probe.Answer, code int, text string) probe.Trial {
		return probe.Trial{Answer: answer, Reply: &probe.Said{Code: code, Text: text}}
	}
	return []specimen{
		{"starttls_required", func(w *world) {
			w.first().Conduct.Enforced = tried(probe.Yes, 530, "5.7.0 Must issue a STARTTLS command first")
		}},
		{"starttls_injection", func(w *world) { w.first().Conduct.Injection = tried(probe.Yes, 250, "2.0.0 Ok") }},
		{"bare_lf", func(w *world) { w.first().Conduct.BareLF = tried(probe.Yes, 250, "2.0.0 Ok") }},
		{"ntlm_information", func(w *world) {
			w.first().Conduct.NTLM = &probe.NTLM{Target: "CORP", Computer: "MX1", DNSHost: "mx1.corp.example.org", Version: "10.0.17763"}
		}},
		{"vrfy_reveals", func(w *world) { w.first().Vrfy = &probe.Said{Code: 250, Text: "2.1.5 <postmaster@example.org>"} }},
		{"expn_reveals", func(w *world) { w.first().Expn = &probe.Said{Code: 250, Text: "2.1.5 <ann@example.org>"} }},
		{"open_relay", func(w *world) {
			w.first().Conduct.Relay = probe.Relay{Answer: probe.Yes, Tries: []probe.RelayTry{
				{From: "a@example.net", To: "b@example.com", Reply: &probe.Said{Code: 554, Text: "5.7.1 Relay access denied"}},
				{From: "", To: "b%example.com@example.org", Reply: &probe.Said{Code: 250, Text: "2.1.5 Ok"}},
			}}
		}},
	}
}

func routeSpecimens() []specimen {
	// hosts gives the domain other exchangers, and no servers to them.
	hosts := func(id string, list ...mx.Host) specimen {
		return specimen{id, func(w *world) {
			w.domain.Route.Hosts, w.domain.DANE, w.domain.Deliveries, w.domain.MTASTS = list, nil, nil, nil
		}}
	}
	faulty := func(name string, preference uint16, faults ...mx.Fault) mx.Host {
		return mx.Host{Name: name, Preference: preference, Faults: faults}
	}
	good := host("mx1.example.org", 10, "192.0.2.1", "2001:db8::1")
	alias := host("mail.example.org", 10, "192.0.2.1", "2001:db8::1")
	alias.Faults, alias.Aliases = []mx.Fault{mx.Alias}, []string{"mx1.example.net"}
	private := host("inner.example.org", 20, "10.0.0.1")
	private.Faults = []mx.Fault{mx.NotGlobal}
	empty := mx.Host{Name: "gone.example.org", Preference: 20, DNS: resolver.NXDomain, Addresses: []netip.Addr{}, Faults: []mx.Fault{mx.NoAddress}}
	return []specimen{
		{"domain_absent", func(w *world) {
			w.servers = nil
			w.domain.Route.Source, w.domain.Route.DNS, w.domain.Route.Hosts = mx.None, resolver.NXDomain, []mx.Host{}
		}},
		hosts("no_exchanger_usable", faulty("localhost", 10, mx.Localhost), empty),
		{"no_exchanger_reachable", func(w *world) {
			for i := range w.servers {
				refused(w, i)
			}
		}},
		hosts("mx_ip_address", faulty("192.0.2.1", 10, mx.IPLiteral), good),
		hosts("mx_name_unusable", faulty("localhost", 0, mx.Localhost), good),
		hosts("null_mx_beside_others", faulty(".", 0, mx.RootTarget), good),
		{"mx_implicit", func(w *world) {
			hosts("", host("example.org", 0, "192.0.2.1", "2001:db8::1")).infect(w)
			w.domain.Route.Source = mx.Implicit
		}},
		hosts("mx_single", good),
		hosts("mx_cname", alias, good),
		hosts("mx_private_address", good, private),
		hosts("mx_no_address", good, empty),
		hosts("ipv6_missing", host("mx1.example.org", 10, "192.0.2.1"), host("mx2.example.org", 20, "198.51.100.2")),
	}
}

func daneSpecimens() []specimen {
	facts := func(id string, change func(*dane.Facts)) specimen {
		return specimen{id, func(w *world) { change(&w.domain.DANE[0]) }}
	}
	verdict := func(f *dane.Facts, verdict dane.Verdict, why string) {
		for i := range f.Matches {
			f.Matches[i] = dane.Match{IP: f.Matches[i].IP, Verdict: verdict, Why: why}
		}
	}
	status := func(f *dane.Facts, status dane.Status, why string) {
		*f = dane.Facts{Host: f.Host, Port: f.Port, Base: f.Base, Status: status, Why: why, Records: f.Records}
	}
	return []specimen{
		{"mx_dnssec_absent", func(w *world) {
			w.domain.Route.Secure = false
			for i := range w.domain.DANE {
				status(&w.domain.DANE[i], dane.Insecure, "the MX answer was not validated")
				w.domain.DANE[i].Records = nil
			}
		}},
		{"exchanger_dnssec_absent", func(w *world) {
			w.domain.Route.Hosts[0].Secure = false
			status(&w.domain.DANE[0], dane.Insecure, "the address answer was not validated")
			w.domain.DANE[0].Records = nil
		}},
		facts("tlsa_mismatch", func(f *dane.Facts) {
			f.Records = []dane.Record{{Usage: 3, Selector: 1, Matching: 1, Data: "00ff", Usable: true}}
			verdict(f, dane.Mismatched, "the key is another")
		}),
		{"tlsa_no_starttls", func(w *world) {
			inClear(w, 0)
			w.domain.DANE[0].Matches[0] = dane.Match{IP: w.first().IP, Verdict: dane.NoTLS}
		}},
		facts("tlsa_lookup_fails", func(f *dane.Facts) { status(f, dane.Deferred, "SERVFAIL"); f.Records = nil }),
		facts("tlsa_unusable", func(f *dane.Facts) {
			status(f, dane.Unusable, "no usable record")
			f.Records = []dane.Record{{Usage: 1, Selector: 1, Matching: 1, Data: "00ff", Why: "usage 1"}}
		}),
		facts("tlsa_partly_unusable", func(f *dane.Facts) {
			f.Records = append(f.Records, dane.Record{Usage: 0, Selector: 1, Matching: 1, Data: "00ff", Why: "usage 0"})
		}),
		{"tlsa_without_dnssec", func(w *world) { status(&w.domain.DANE[0], dane.Insecure, "not signed") }},
		facts("tlsa_rollover", func(f *dane.Facts) { f.Records = f.Records[:1] }),
		facts("tlsa_whole_certificate", func(f *dane.Facts) {
			f.Records = []dane.Record{{Usage: 3, Selector: 0, Matching: 1, Data: "00ff", Usable: true}}
		}),
		facts("dane_absent", func(f *dane.Facts) { status(f, dane.None, ""); f.Records = nil }),
	}
}

func stsSpecimens() []specimen {
	facts := func(id string, change func(*mtasts.Facts)) specimen {
		return specimen{id, func(w *world) { change(w.domain.MTASTS) }}
	}
	fetch := func(id string, change func(*mtasts.Fetch)) specimen {
		return facts(id, func(f *mtasts.Facts) { change(f.Fetch) })
	}
	fare := func(w *world, set func(*judge.Delivery)) {
		for i := range w.domain.Deliveries {
			set(&w.domain.Deliveries[i])
		}
	}
	day, soon := int64(86400), now.Add(36*time.Hour)
	return []specimen{
		facts("mta_sts_absent", func(f *mtasts.Facts) { *f = mtasts.Facts{Presence: resolver.Absent} }),
		facts("mta_sts_record_invalid", func(f *mtasts.Facts) {
			*f = mtasts.Facts{Presence: resolver.Faulty, Why: "2 records", Records: []string{"v=STSv1; id=1", "v=STSv1; id=2"}}
		}),
		fetch("mta_sts_policy_missing", func(f *mtasts.Fetch) {
			*f = mtasts.Fetch{URL: f.URL, Presence: resolver.Absent, Why: "HTTP 404", HTTPStatus: 404}
		}),
		facts("mta_sts_record_missing", func(f *mtasts.Facts) { f.Presence, f.Records, f.ID = resolver.Absent, nil, "" }),
		fetch("mta_sts_mx_unlisted", func(f *mtasts.Fetch) { f.MX = []string{"mx1.example.org"} }),
		{"mta_sts_server_fails", func(w *world) {
			w.first().TLS.PKIX = tlsinfo.PKIX{Status: tlsinfo.SelfSigned, Reason: "self-signed"}
		}},
		{"mta_sts_testing_fails", func(w *world) {
			w.first().TLS.PKIX = tlsinfo.PKIX{Status: tlsinfo.SelfSigned, Reason: "self-signed"}
			w.domain.MTASTS.Fetch.Mode, w.domain.MTASTS.Fetch.MX = mtasts.Testing, []string{"mx1.example.org"}
		}},
		facts("mta_sts_testing_long", func(f *mtasts.Facts) { f.Fetch.Mode = mtasts.Testing }),
		facts("mta_sts_testing", func(f *mtasts.Facts) { f.Fetch.Mode, f.ID = mtasts.Testing, "20260520T120000" }),
		fetch("mta_sts_mode_none", func(f *mtasts.Fetch) { f.Mode = mtasts.NoMode }),
		fetch("mta_sts_max_age_short", func(f *mtasts.Fetch) { f.MaxAge = &day }),
		fetch("mta_sts_policy_stale", func(f *mtasts.Fetch) { f.MX = append(f.MX, "mx.old.example.net") }),
		fetch("mta_sts_policy_faults", func(f *mtasts.Fetch) { f.Faults = []string{"an empty line"} }),
		fetch("mta_sts_certificate_expiring", func(f *mtasts.Fetch) { f.NotAfter = &soon }),
		{"tls_rpt_absent", func(w *world) { w.domain.TLSRPT = &mx.TLSRPT{Presence: resolver.Absent} }},
		{"tls_rpt_invalid", func(w *world) {
			w.domain.TLSRPT = &mx.TLSRPT{Presence: resolver.Faulty, Why: "no address to report to in rua=", Records: []string{"v=TLSRPTv1"}}
		}},
		{"delivery_mta_sts_stops", func(w *world) {
			fare(w, func(d *judge.Delivery) {
				d.MTASTS = judge.Fare{Outcome: judge.Delayed, Why: "the certificate is self-signed"}
			})
		}},
		{"delivery_dane_stops", func(w *world) {
			fare(w, func(d *judge.Delivery) { d.DANE = judge.Fare{Outcome: judge.Delayed, Why: "no TLSA record matches"} })
		}},
	}
}

func senderSpecimens() []specimen {
	spf := func(id, record, all string, change func(*mx.SPF)) specimen {
		return specimen{id, func(w *world) {
			w.domain.SPF.Records, w.domain.SPF.All = []string{record}, all
			if change != nil {
				change(w.domain.SPF)
			}
		}}
	}
	dmarc := func(id, record string, change func(*mx.DMARC)) specimen {
		return specimen{id, func(w *world) { w.domain.DMARC.Records = []string{record}; change(w.domain.DMARC) }}
	}
	dkim := func(id string, change func(*mx.DKIM)) specimen {
		return specimen{id, func(w *world) { change(&w.domain.DKIM[0]) }}
	}
	fourteen, three := 14, 3
	return []specimen{
		{"spf_absent", func(w *world) { w.domain.SPF = &mx.SPF{Presence: resolver.Absent} }},
		spf("spf_multiple", "v=spf1 mx ~all", "", func(s *mx.SPF) {
			s.Presence, s.Records = resolver.Faulty, append(s.Records, "v=spf1 include:_spf.example.net -all")
		}),
		spf("spf_invalid", "v=spf1 mx foo:bar -all", "-", func(s *mx.SPF) {
			s.Presence, s.Problems = resolver.Faulty, []string{"foo:bar is no term of SPF's"}
		}),
		spf("spf_lookups", "v=spf1 include:a.example include:b.example -all", "-", func(s *mx.SPF) { s.Lookups = &fourteen }),
		spf("spf_voids", "v=spf1 a:x.example a:y.example a:z.example -all", "-", func(s *mx.SPF) { s.Voids = &three }),
		spf("spf_all_pass", "v=spf1 mx +all", "+", nil),
		spf("spf_all_neutral", "v=spf1 mx ?all", "?", nil),
		spf("spf_all_missing", "v=spf1 mx", "", nil),
		spf("spf_ptr", "v=spf1 ptr mx -all", "-", nil),
		spf("spf_dead_terms", "v=spf1 mx -all a", "-", func(s *mx.SPF) { s.Notes = []string{"a stands behind all and is never looked at"} }),
		{"dmarc_absent", func(w *world) {
			w.domain.DMARC = &mx.DMARC{Presence: resolver.Absent, Why: "neither example.org nor a name above it has a DMARC record"}
		}},
		{"dmarc_invalid", func(w *world) {
			w.domain.DMARC = &mx.DMARC{Presence: resolver.Faulty, Why: "2 records", Records: []string{"v=DMARC1; p=none", "v=DMARC1; p=reject"}}
		}},
		dmarc("dmarc_none", "v=DMARC1; p=none; rua=mailto:d@example.org", func(d *mx.DMARC) { d.Policy = "none" }),
		dmarc("dmarc_testing", "v=DMARC1; p=reject; t=y; rua=mailto:d@example.org", func(d *mx.DMARC) { d.Testing = true }),
		dmarc("dmarc_no_reports", "v=DMARC1; p=reject;", func(d *mx.DMARC) { d.RUA = nil }),
		dmarc("dmarc_subdomains_open", "v=DMARC1; p=reject; sp=none; rua=mailto:d@example.org", func(d *mx.DMARC) { d.Subdomain = "none" }),
		dmarc("dmarc_removed_tags", "v=DMARC1; p=reject; pct=50; ri=3600; rua=mailto:d@example.org", func(d *mx.DMARC) {
			d.Problems = []string{"pct= is no longer read (RFC 9989 removed it)"}
		}),
		dmarc("dmarc_report_unauthorised", "v=DMARC1; p=reject; rua=mailto:d@reports.example", func(d *mx.DMARC) {
			name := "example.org._report._dmarc.reports.example"
			d.External = []mx.ReportTo{{Host: "reports.example", Name: name, Presence: resolver.Absent, Why: "there is no v=DMARC1 at " + name}}
			d.Problems = []string{"reports to reports.example are not sent: there is no v=DMARC1 at " + name}
		}),
		dmarc("dmarc_problems", "v=DMARC1; p=reject; adkim=strict; rua=mailto:d@example.org", func(d *mx.DMARC) {
			d.Problems = []string{"adkim=strict means nothing"}
		}),
		dkim("dkim_absent", func(k *mx.DKIM) { *k = mx.DKIM{Selector: k.Selector, Presence: resolver.Absent} }),
		dkim("dkim_invalid", func(k *mx.DKIM) { k.Presence, k.Why = resolver.Faulty, "p= is no base64: it was cut short or mangled" }),
		dkim("dkim_revoked", func(k *mx.DKIM) { k.Revoked, k.Key = true, "" }),
		dkim("dkim_key_short", func(k *mx.DKIM) { k.Key = "RSA 1024" }),
		dkim("dkim_testing", func(k *mx.DKIM) { k.Testing = true }),
		dmarc("bimi_without_enforcement", "v=DMARC1; p=none; rua=mailto:d@example.org", func(d *mx.DMARC) { d.Policy = "none" }),
		{"bimi_invalid", func(w *world) {
			w.domain.BIMI = &mx.BIMI{Presence: resolver.Faulty, Why: "l= is no https: URI", Records: []string{"v=BIMI1; l=http://example.org/l.svg"}}
		}},
		{"caa_absent", func(w *world) { w.domain.CAA = &mx.CAA{Presence: resolver.Absent} }},
		{"no_mail_incomplete", func(w *world) {
			w.servers = nil
			w.domain.Kind, w.domain.Deliveries, w.domain.DANE = judge.NoMailKind, nil, nil
			w.domain.Route.Source, w.domain.Route.DNS, w.domain.Route.Hosts = mx.None, resolver.NoData, []mx.Host{}
			w.domain.SPF = &mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 -all"}, All: "-", Nobody: true}
			w.domain.DMARC = &mx.DMARC{Presence: resolver.Absent}
		}},
	}
}

// wishSpecimens break what a policy wants.
func wishSpecimens() []specimen {
	wish := func(id string, infect func(*world)) specimen {
		return specimen{"expectation_" + id, func(w *world) { w.policy = everyWish; infect(w) }}
	}
	tls := func(id string, change func(*tlsinfo.Facts)) specimen {
		return wish(id, func(w *world) { change(w.first().TLS) })
	}
	return []specimen{
		wish("starttls", func(w *world) { inClear(w, 0) }),
		tls("min_tls", func(f *tlsinfo.Facts) { f.Version = "TLSv1.2" }),
		tls("trusted_certificate", func(f *tlsinfo.Facts) {
			f.PKIX = tlsinfo.PKIX{Status: tlsinfo.Untrusted, Reason: "no path to a trusted root"}
		}),
		tls("min_rsa", func(f *tlsinfo.Facts) { f.Certificates[0].Key = "RSA 2048" }),
		tls("post_quantum", func(f *tlsinfo.Facts) { f.Group = "x25519" }),
		wish("requiretls", func(w *world) { w.first().Encrypted = hello("mx1.example.org", everyday()...) }),
		wish("dane", func(w *world) {
			w.domain.DANE[1].Status, w.domain.DANE[1].Records, w.domain.DANE[1].Matches = dane.None, nil, nil
		}),
		wish("dnssec", func(w *world) {
			w.domain.Route.Hosts[0].Secure, w.domain.DANE[0] = false, dane.Facts{Host: "mx1.example.org", Port: 25, Status: dane.Insecure}
		}),
		wish("ipv6", func(w *world) {
			for i := range w.domain.Route.Hosts {
				h := &w.domain.Route.Hosts[i]
				h.Addresses = h.Addresses[:1]
			}
		}),
		wish("mta_sts", func(w *world) { w.domain.MTASTS.Fetch.Mode = mtasts.Testing }),
		wish("tls_rpt", func(w *world) { w.domain.TLSRPT = &mx.TLSRPT{Presence: resolver.Absent} }),
		wish("spf", func(w *world) { w.domain.SPF.Records, w.domain.SPF.All = []string{"v=spf1 mx ~all"}, "~" }),
		wish("dmarc", func(w *world) {
			w.domain.DMARC.Policy, w.domain.DMARC.Records = "quarantine", []string{"v=DMARC1; p=quarantine; rua=mailto:d@example.org"}
		}),
	}
}
