package mtasts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mxvet/mxvet/mx/resolver"
)

// Resolver is all that is needed of DNS. Its error means that ctx ended.
type Resolver interface {
	Lookup(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error)
}

const (
	version    = "v=STSv1"
	maxRecords = 8   // TXT records that are kept
	maxRecord  = 512 // octets of each
	maxID      = 32  // octets (s3.1)
)

// Lookup reads the TXT record of a domain in A-labels. Facts.Fetch is nil. The
// error means that ctx ended.
func Lookup(ctx context.Context, r Resolver, domain string) (Facts, error) {
	answer, err := r.Lookup(ctx, "_mta-sts."+domain, resolver.TXT)
	if err != nil {
		return Facts{}, fmt.Errorf("MTA-STS of %s: %w", domain, err)
	}
	if !answer.Status.Final() {
		return Facts{Presence: resolver.Unproven, Why: "TXT look-up: " + orStatus(answer)}, nil
	}
	return readRecords(answer.Texts()), nil
}

func orStatus(answer resolver.Answer) string {
	if answer.Detail != "" {
		return answer.Detail
	}
	return string(answer.Status)
}

// readRecords applies s3.1: what does not begin with "v=STSv1;" is not a record
// of this kind, and of those that do there must be exactly one. A near miss, as
// "V=STSv1;" or "v=STSv1 ;", is meant for senders and unseen by them.
func readRecords(texts []string) Facts {
	var records, misses []string
	for _, text := range texts {
		switch {
		case strings.HasPrefix(text, version+";"):
			records = append(records, cut(text, maxRecord))
		case strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "v=sts"):
			misses = append(misses, cut(text, maxRecord))
		}
	}
	switch {
	case len(records) == 1:
		return readRecord(records[0])
	case len(records) > 1:
		return invalid(records, "%d records: senders take that for none (RFC 8461 s3.1)", len(records))
	case len(misses) > 0:
		return invalid(misses, "it does not begin with %q, octet for octet: senders do not see it (RFC 8461 s3.1)", version+";")
	}
	return Facts{Presence: resolver.Absent}
}

func invalid(records []string, format string, args ...any) Facts {
	return Facts{Presence: resolver.Faulty, Why: fmt.Sprintf(format, args...), Records: records[:min(len(records), maxRecords)]}
}

// readRecord reads the fields of one record: name=value between semicolons,
// the last of which may be left out. Unknown fields are passed over, and of an
// id given twice the first counts.
func readRecord(text string) Facts {
	records := []string{text}
	fields := strings.Split(text, ";")[1:]
	if last := len(fields) - 1; blank(fields[last]) {
		fields = fields[:last]
	}
	id, found := "", false
	for _, field := range fields {
		name, value, ok := strings.Cut(strings.Trim(field, " \t"), "=")
		if !ok || !isKey(name) || value == "" {
			return invalid(records, "%q is not a field: name=value (RFC 8461 s3.1)", cut(field, maxShown))
		}
		if name == "id" && !found {
			id, found = value, true
		}
	}
	switch {
	case !found:
		return invalid(records, "the id is missing: senders cannot tell a new policy from an old one (RFC 8461 s3.1)")
	case len(id) > maxID || !isAlphanumeric(id):
		return invalid(records, "the id is not 1 to 32 letters and digits: %q (RFC 8461 s3.1)", cut(id, maxShown))
	}
	return Facts{Presence: resolver.Present, Records: records, ID: id}
}

// Record is the TXT record's text for an id.
func Record(id string) string { return version + "; id=" + id + ";" }

// ID makes an id from a moment, as most domains do: a new policy has a new one.
func ID(at time.Time) string { return at.UTC().Format("20060102T150405Z") }
