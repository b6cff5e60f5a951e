package mtasts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/mxvet/mxvet/mx/resolver"
)

const (
	maxText = 64 << 10    // octets of a policy (s3.3)
	limit   = time.Minute // for all of one fetch (s3.3)
	wait    = 15 * time.Second

	// agent says who asks, and where to ask back.
	agent = "mxvet (+https://github.com/mxvet/mxvet)"
)

var errSlow = fmt.Errorf("not within %v", limit)

func trimmed(domain string) string { return strings.ToLower(strings.TrimSuffix(domain, ".")) }

// Fetch looks at the policy of a domain in A-labels, whether or not it has a TXT
// record. The error means that ctx ended.
func (c *Client) Fetch(ctx context.Context, domain string) (Fetch, error) {
	domain = trimmed(domain)
	host := "mta-sts." + domain
	out := Fetch{URL: "https://" + host + "/.well-known/mta-sts.txt"}
	limited, cancel := context.WithTimeoutCause(ctx, limit, errSlow)
	defer cancel()
	found, err := c.locate(limited, host)
	if err == nil && found.presence == resolver.Present {
		c.get(limited, &out, found)
	} else if err == nil {
		out.Presence, out.Why = found.presence, found.why
	}
	switch {
	case ctx.Err() != nil:
		return Fetch{}, ended(ctx, domain)
	case limited.Err() != nil && (err != nil || out.Presence == resolver.Unproven):
		out.Presence, out.Why = resolver.Unproven, errSlow.Error()
	}
	return out, nil
}

// get asks the policy host and writes down what it says. A RoundTrip follows no
// redirect, which s3.3 forbids.
func (c *Client) get(ctx context.Context, out *Fetch, at location) {
	transport := &http.Transport{
		DialContext:            c.dialer(at),
		TLSClientConfig:        &tls.Config{RootCAs: c.Roots},
		TLSHandshakeTimeout:    wait,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxText,
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, out.URL, nil)
	if err != nil { // a name that fits into DNS and not into a URL
		out.Presence, out.Why = resolver.Faulty, cut(err.Error(), maxWhy)
		return
	}
	request.Header.Set("User-Agent", agent)
	response, err := transport.RoundTrip(request)
	if err != nil {
		out.Presence, out.Why, out.NotAfter = blame(err)
		return
	}
	defer response.Body.Close()
	notAfter := response.TLS.PeerCertificates[0].NotAfter
	out.NotAfter = &notAfter
	out.HTTPStatus, out.ContentType = response.StatusCode, cut(response.Header.Get("Content-Type"), 2*maxShown)
	if out.Presence, out.Why = status(response); out.Presence == resolver.Present {
		out.read(response.Body)
	}
}

// status is what a response's status says of the policy. A server that fails, or
// is asked too much, may have one.
func status(response *http.Response) (resolver.Presence, string) {
	code := response.StatusCode
	switch {
	case code == http.StatusOK:
		return resolver.Present, ""
	case code >= 300 && code < 400:
		to := cut(response.Header.Get("Location"), 2*maxShown)
		return resolver.Faulty, fmt.Sprintf("HTTP %d, a redirect to %q: senders must not follow it (RFC 8461 s3.3)", code, to)
	case code == http.StatusNotFound || code == http.StatusGone:
		return resolver.Absent, fmt.Sprintf("HTTP %d", code)
	case code >= 500 || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout:
		return resolver.Unproven, fmt.Sprintf("HTTP %d", code)
	}
	return resolver.Faulty, fmt.Sprintf("HTTP %d: only 200 counts (RFC 8461 s3.3)", code)
}

// read takes the policy from the body of a response that is 200.
func (f *Fetch) read(body io.Reader) {
	octets, err := io.ReadAll(io.LimitReader(body, maxText+1))
	if err != nil {
		f.Presence, f.Why, _ = blame(err)
		return
	}
	f.Text = strings.ToValidUTF8(string(octets[:min(len(octets), maxText)]), "\ufffd")
	policy, err := ParsePolicy(f.Text)
	if len(octets) > maxText {
		err = errors.New("over 64 KiB of text: senders stop reading (RFC 8461 s3.3)")
	}
	if err != nil {
		f.Presence, f.Why = resolver.Faulty, err.Error()
		return
	}
	f.Mode, f.MaxAge, f.MX, f.Faults = policy.Mode, &policy.MaxAge, policy.MX, policy.Faults
	if media, _, err := mime.ParseMediaType(f.ContentType); err != nil || media != "text/plain" {
		f.Faults = append(f.Faults, fmt.Sprintf("served as %q, not text/plain (RFC 8461 s3.3)", f.ContentType))
	}
}
