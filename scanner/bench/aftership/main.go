// Command aftership verifies a list with AfterShip/email-verifier as its README
// has it, with its defaults and the SMTP check switched on: one goroutine an
// address, so many at a time.
//
//	aftership -goroutines 500 -dns 127.0.0.1:5353 < list.txt > verdicts.csv
package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	verifier "github.com/AfterShip/email-verifier"
)

func main() {
	goroutines := flag.Int("goroutines", 100, "addresses verified at a time")
	dns := flag.String("dns", "", "DNS server, ip:port")
	flag.Parse()
	// It asks the standard library's resolver and nobody else.
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, *dns)
	}}
	if err := run(os.Stdin, os.Stdout, *goroutines); err != nil {
		fmt.Fprintln(os.Stderr, "aftership:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, goroutines int) error {
	v := verifier.NewVerifier().EnableSMTPCheck().HelloName("probe.example").FromEmail("postmaster@probe.example")
	lines, w := bufio.NewScanner(in), csv.NewWriter(out)
	w.Write([]string{"email", "verdict"})
	var mu sync.Mutex
	var wait sync.WaitGroup
	slots := make(chan struct{}, goroutines)
	for lines.Scan() {
		email := lines.Text()
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			result, _ := v.Verify(email) // an error leaves Reachable unknown
			mu.Lock()
			defer mu.Unlock()
			w.Write([]string{email, verdict(result)})
		})
	}
	wait.Wait()
	w.Flush()
	if err := lines.Err(); err != nil {
		return err
	}
	return w.Error()
}

// verdict puts its words into ours.
func verdict(result *verifier.Result) string {
	switch {
	case result == nil:
		return "unknown"
	case result.Reachable == "yes":
		return "deliverable"
	case result.Reachable == "no":
		return "undeliverable"
	default:
		return "unknown"
	}
}
