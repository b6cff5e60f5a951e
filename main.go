// What nobody should offer any more is still a fact to report, and crypto/tls
// refuses to meet it otherwise.
//
//go:debug tlssha1=1
//go:debug rsa1024min=0
//go:debug x509negativeserial=1

// Mxvet verifies e-mail addresses and audits mail servers. See `mxvet --help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/mxvet/mxvet/scanner/cli"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error like any other
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends us at once
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
