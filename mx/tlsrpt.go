package mx

import (
	"context"
	"net/url"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

// TLSRPT is the domain's SMTP TLS reporting record (RFC 8460 s3): where senders
// report how TLS went.
type TLSRPT struct {
	Presence resolver.Presence `json:"presence"`
	Why      string            `json:"why,omitempty"`
	Records  []string          `json:"records,omitempty"`
	RUA      []string          `json:"rua"` // mailto: and https: URIs
}

func tlsrpt(ctx context.Context, dns Resolver, domain string) (TLSRPT, error) {
	found, err := textsAt(ctx, dns, "_smtp._tls."+domain, func(text string) bool { return beginsWith(text, "TLSRPTv1") }, "tlsrpt")
	out := TLSRPT{Presence: found.presence, Why: found.why, Records: found.kept()}
	if err != nil || out.Presence != resolver.Present {
		return out, err
	}
	list, problems := readTags(out.Records[0])
	for address := range strings.SplitSeq(list.value("rua"), ",") {
		address = strings.Trim(address, blanks)
		if why := reportFault(address); why == "" {
			out.RUA = append(out.RUA, address)
		} else if address != "" {
			problems = append(problems, quote(address)+" "+why)
		}
	}
	out.RUA = out.RUA[:min(len(out.RUA), maxTexts)]
	if len(out.RUA) == 0 {
		out.Presence = resolver.Faulty
		problems = append(problems, "no address to report to in rua=")
	}
	out.Why = clauses(problems)
	return out, nil
}

// reportFault says why nobody can report to an address; empty where they can.
func reportFault(address string) string {
	uri, err := url.Parse(address)
	switch {
	case err != nil || uri.Scheme == "":
		return "is no URI: mailto: and an address is meant"
	case uri.Scheme != "mailto" && uri.Scheme != "https":
		return "is neither mailto: nor https:"
	case reportHost(address) == "":
		return "names no domain"
	}
	return ""
}

// reportHost is the domain that reports to an address go to; empty for none.
func reportHost(address string) string {
	uri, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := uri.Hostname()
	if uri.Scheme == "mailto" {
		at := strings.LastIndexByte(uri.Opaque, '@')
		if at < 1 {
			return ""
		}
		host = uri.Opaque[at+1:]
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if !isHostName(host) {
		return ""
	}
	return host
}

// clauses joins what is wrong with a record; not endlessly.
func clauses(problems []string) string {
	const enough = 8
	return strings.Join(problems[:min(len(problems), enough)], "; ")
}
