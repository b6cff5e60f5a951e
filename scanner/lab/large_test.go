package lab

import (
	"crypto/tls"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

func TestLarge(t *testing.T) {
	internet := Large(Options{}, 1000, 300, 10)
	defer internet.Close()
	truths := internet.Truth()
	if len(truths) != 10000 || len(internet.Servers()) != 300 || strings.Count(internet.List(), "\n") != 10001 {
		t.Fatalf("%d addresses at %d servers, want 10000 at 300", len(truths), len(internet.Servers()))
	}
	for _, n := range []int{0, 1, 2999, 3000, 9999} {
		want := map[string]string{"accepted": "250 2.1.5 Ok", "mailbox_unknown": "550 5.1.1"}[truths[n].Reason]
		if got := outcome(t, internet, truths[n].Address); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", truths[n].Address, got, want)
		}
	}
	if got := internet.Stats().Total; got.Commands["RCPT"] != 5 || got.Unknown != 3 {
		t.Errorf("counted %+v, want 5 RCPT, 3 unknown", got)
	}
}

// BenchmarkConversations is the lab's own share of a scan: 1,000 servers are
// each asked for the ten addresses of a domain in one pipelined group.
func BenchmarkConversations(b *testing.B) {
	for _, secure := range []bool{false, true} {
		b.Run(fmt.Sprintf("tls=%v", secure), func(b *testing.B) {
			internet := Large(Options{}, 1000, 1000, 10)
			defer internet.Close()
			b.ReportAllocs()
			for b.Loop() {
				var group errgroup.Group
				group.SetLimit(64)
				for _, site := range internet.sites {
					group.Go(func() error { return converse(b, internet, site, secure) })
				}
				if err := group.Wait(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func converse(b *testing.B, internet *Internet, site site, secure bool) error {
	conn, err := internet.Dial(b.Context(), "tcp", site.hosts[0].ip+":25")
	if err != nil {
		return err
	}
	defer conn.Close()
	c := new(talker).on(conn)
	c.reply()
	c.say("EHLO probe.example")
	if secure {
		c.say("STARTTLS")
		c.on(tls.Client(conn, &tls.Config{InsecureSkipVerify: true}))
		c.say("EHLO probe.example")
	}
	var text strings.Builder
	text.WriteString("MAIL FROM:<>\r\n")
	for _, p := range site.people {
		text.WriteString("RCPT TO:<" + p.local + "@" + site.domain + ">\r\n")
	}
	if _, err := io.WriteString(c, text.String()); err != nil {
		return err
	}
	for range len(site.people) + 1 {
		if last, _ := c.reply(); last == "" {
			return io.ErrUnexpectedEOF
		}
	}
	c.say("QUIT")
	return nil
}
