package resolver

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// FuzzReply: whatever octets come as a reply, reading them never panics; what
// says anything about the name repeats the question, and only records that the
// chain's end owns come out.
func FuzzReply(f *testing.F) {
	q, _ := newQuestion("example.com", MX)
	const id = 0x1234
	query := new(dns.Msg).SetQuestion("example.com.", dns.TypeMX)
	query.Id = id
	seeds := append(strays(query),
		reply(query, dns.RcodeSuccess, "example.com. 60 IN MX 0 ."),
		reply(query, dns.RcodeSuccess, "example.com. 60 IN CNAME a.", "a. 60 IN MX 0 ."),
		reply(query, dns.RcodeSuccess, "example.com. 60 IN CNAME a.", "a. 60 IN CNAME example.com."),
		reply(query, dns.RcodeNameError, "", soa),
		reply(query, dns.RcodeRefused))
	for _, seed := range seeds {
		octets, err := seed.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(octets)
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		if !matches(octets, id, q.wire) {
			return
		}
		_ = truncated(octets)
		message := new(dns.Msg)
		if message.Unpack(octets) != nil {
			return
		}
		repeats := len(message.Question) == 1 && strings.EqualFold(message.Question[0].Name, "example.com.") &&
			message.Question[0].Qtype == dns.TypeMX && message.Question[0].Qclass == dns.ClassINET
		found := read(message, q, chain{q.name})
		if message.Id != id || !message.Response {
			t.Fatalf("took for a reply: %v", message)
		}
		if (found.Status.Final() || found.more) && !repeats {
			t.Fatalf("%s from a message with another question: %v", found.Status, message)
		}
		if (found.Status == NoError) != (len(found.Records) > 0) {
			t.Fatalf("%s with %d records", found.Status, len(found.Records))
		}
		for _, record := range found.Records {
			if _, ok := record.(*dns.MX); !ok || strings.ToLower(record.Header().Name) != found.walked.end() {
				t.Fatalf("%v does not belong to %s", record, found.walked.end())
			}
		}
		if len(found.walked) > maxAliases+1 || found.Status.Final() && found.keep < keepLeast || found.keep > keepPositiveMax {
			t.Fatalf("%d names, kept for %v", len(found.walked), found.keep)
		}
	})
}
