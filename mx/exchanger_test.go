package mx

import "testing"

// TestExchangers asks about one MX target each: the domain is bad.org, with
// an address of its own that must never be used instead.
func TestExchangers(t *testing.T) {
	for _, row := range []struct{ target, zone, want string }{
		{"192.0.2.1", "", "192.0.2.1 !ip_literal"},
		{"2001:db8::1", "", "2001:db8::1 !ip_literal"},
		{"[192.0.2.1]", "", "[192.0.2.1] !ip_literal"},
		{"[IPv6:2001:db8::1]", "", "[ipv6:2001:db8::1] !ip_literal"},
		{"localhost", "localhost A 127.0.0.1", "localhost !localhost"},
		{"mail.localhost", "", "mail.localhost !localhost"},
		{"localhost.localdomain", "", "localhost.localdomain !localhost"},
		{"localhost.named.org", "localhost.named.org A 127.0.0.1", "localhost.named.org 127.0.0.1 noerror !not_global"},
		{"msv1.invalid", "msv1.invalid A 192.31.196.1", "msv1.invalid !special_use"},
		{"exchange.local", "", "exchange.local !special_use"},
		{"mailserver", "", "mailserver nxdomain !single_label !no_address"},
		{"toplevel", "toplevel A 192.31.196.1", "toplevel 192.31.196.1 noerror !single_label usable"},
		{"mx_1.under.org", "mx_1.under.org A 192.31.196.1", "mx_1.under.org 192.31.196.1 noerror !bad_name usable"},
		{`mx\032one.org`, `mx\032one.org A 192.31.196.1`, `mx\032one.org !bad_name`},
		{"-mx.org", "-mx.org A 192.31.196.1", "-mx.org !bad_name"},
		{"*.star.org", "*.star.org A 192.31.196.1", "*.star.org !bad_name"},
		{"alias.org", "alias.org CNAME mx.org\nmx.org A 192.31.196.1", "alias.org 192.31.196.1 noerror !cname usable"},
		{"dangling.org", "dangling.org CNAME lost.org", "dangling.org nxdomain !cname !no_address"},
		{"gone.org", "", "gone.org nxdomain !no_address"},
		{"textonly.org", "textonly.org TXT x", "textonly.org nodata !no_address"},
		{"private.org", "private.org A 10.0.0.1\nprivate.org AAAA fd00::1", "private.org 10.0.0.1 fd00::1 noerror !not_global"},
		{"mixed.org", "mixed.org A 10.0.0.1\nmixed.org A 192.31.196.1", "mixed.org 10.0.0.1 192.31.196.1 noerror usable"},
		{"servfail.org", ";!servfail servfail.org", "servfail.org servfail pending"},
		{"timeout.org", ";!timeout timeout.org A\n;!refused timeout.org AAAA", "timeout.org refused pending"},
		{"no-aaaa.org", "no-aaaa.org A 192.31.196.1\n;!timeout no-aaaa.org AAAA", "no-aaaa.org 192.31.196.1 noerror usable"},
	} {
		specimen{
			domain: "bad.org",
			zone:   "bad.org A 192.31.196.9\nbad.org MX 10 " + row.target + "\n" + row.zone,
			want:   "mx noerror\n10 " + row.want,
		}.run(t, Router{})
	}
}

func TestAllowPrivate(t *testing.T) {
	for _, s := range []specimen{
		{"lab.test", "lab.test MX 10 mx.lab.test\nmx.lab.test A 192.0.2.1",
			"mx noerror\n10 mx.lab.test 192.0.2.1 noerror usable"},
		{"intranet.org", "intranet.org MX 10 exchange.local\nexchange.local A 10.0.0.1",
			"mx noerror\n10 exchange.local 10.0.0.1 noerror usable"},
		{"home.org", "home.org MX 10 localhost\nlocalhost A 127.0.0.1",
			"mx noerror\n10 localhost !localhost"},
	} {
		s.run(t, Router{AllowPrivate: true})
	}
}
