package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"blitiri.com.ar/go/spf"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

// spf says whether the sender's domain lets our address send for it (RFC 7208).
func (e *examination) spf(ctx context.Context, v view) Finding {
	f := Finding{Check: SPF, Family: v.family}
	domain, why := e.senderDomain()
	ip := v.source.public
	switch {
	case domain == "":
		f.Status, f.Title = Skipped, why
		return f
	case !ip.IsValid():
		return noAddress(SPF, v.family)
	}
	record, err := e.record(ctx, domain)
	if err != nil {
		f.Status, f.Title = Inconclusive, ended
		return f
	}
	hello := e.Self.Hello
	if !isName(hello) {
		hello = domain
	}
	result, cause := spf.CheckHostWithSender(ip.AsSlice(), hello, e.Sender, spf.WithContext(ctx), spf.WithResolver(lookups{e.Router}))
	f.Evidence = []string{record, fmt.Sprintf("%s for %s", result, ip)}
	if cause != nil {
		f.Evidence[1] += " (" + clip(cause.Error()) + ")"
	}
	judgeSPF(&f, result, domain, ip)
	return f
}

func judgeSPF(f *Finding, result spf.Result, domain string, ip netip.Addr) {
	term := "ip4:" + ip.String()
	if ip.Is6() {
		term = "ip6:" + ip.String()
	}
	f.Status = Warning
	f.Advice = fmt.Sprintf("Add %s to the record of %s, before its all; or name a sender of another domain with --mail-from.", term, domain)
	switch result {
	case spf.Pass:
		f.Status, f.Advice = OK, ""
		f.Title = fmt.Sprintf("%s lets %s send for it", domain, ip)
	case spf.Fail, spf.SoftFail:
		f.Title = fmt.Sprintf("%s does not let %s send for it (%s)", domain, ip, result)
	case spf.Neutral:
		f.Title = fmt.Sprintf("%s says neither that %s may send for it nor that it may not", domain, ip)
	case spf.None:
		f.Title = domain + " has no SPF record"
		f.Advice = fmt.Sprintf("Publish one that names all who send for it, such as %s. TXT \"v=spf1 mx %s -all\".", domain, term)
	case spf.PermError:
		f.Title = "the SPF record of " + domain + " cannot be used"
		f.Advice = "Mend it: one record, at most ten look-ups (RFC 7208 s4.6.4), no mistakes in its terms."
	default:
		f.Status, f.Title, f.Advice = Inconclusive, "the SPF record of "+domain+" could not be looked up to its end", ""
	}
}

// record is the domain's SPF record, as evidence. The error means that ctx
// ended.
func (e *examination) record(ctx context.Context, domain string) (string, error) {
	answer, err := e.Router.Resolver.Lookup(ctx, domain, resolver.TXT)
	if err != nil {
		return "", err
	}
	var found []string
	for _, text := range answer.Texts() {
		if strings.HasPrefix(strings.ToLower(text), "v=spf1") {
			found = append(found, text)
		}
	}
	if len(found) == 0 {
		return fmt.Sprintf("%s TXT: no SPF record (%s)", domain, answer.Status), nil
	}
	return fmt.Sprintf("%s TXT: %s", domain, clip(strings.Join(found, " and "))), nil
}

// lookups is our resolver in the words of package net, which package spf asks
// in. What is not final is temporary; no data is no error (RFC 7208 s4.6.4
// counts both kinds of void look-up).
type lookups struct{ router *mx.Router }

func (l lookups) ask(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error) {
	answer, err := l.router.Resolver.Lookup(ctx, name, kind)
	switch {
	case err != nil:
		return answer, &net.DNSError{Err: ended, Name: name, IsTimeout: true, IsTemporary: true}
	case answer.Status == resolver.NXDomain:
		return answer, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	case !answer.Status.Final():
		return answer, &net.DNSError{Err: string(answer.Status), Name: name, IsTemporary: true}
	}
	return answer, nil
}

func (l lookups) LookupTXT(ctx context.Context, name string) ([]string, error) {
	answer, err := l.ask(ctx, name, resolver.TXT)
	return answer.Texts(), err
}

func (l lookups) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	answer, err := l.ask(ctx, name, resolver.MX)
	var out []*net.MX
	for _, exchange := range answer.Exchanges() {
		out = append(out, &net.MX{Host: exchange.Name, Pref: exchange.Preference})
	}
	return out, err
}

// LookupIPAddr gives both families; an error of one counts only where the other
// has nothing.
func (l lookups) LookupIPAddr(ctx context.Context, name string) ([]net.IPAddr, error) {
	var out []net.IPAddr
	var failed error
	for _, kind := range []resolver.Type{resolver.A, resolver.AAAA} {
		answer, err := l.ask(ctx, name, kind)
		if err != nil {
			failed = err
		}
		for _, ip := range answer.Addresses() {
			out = append(out, net.IPAddr{IP: ip.AsSlice()})
		}
	}
	if len(out) > 0 {
		failed = nil
	}
	return out, failed
}

func (l lookups) LookupAddr(ctx context.Context, text string) ([]string, error) {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return nil, &net.DNSError{Err: "no address", Name: text, IsNotFound: true}
	}
	answer, err := l.ask(ctx, mx.ReverseName(ip), resolver.PTR)
	return answer.Names(), err
}
