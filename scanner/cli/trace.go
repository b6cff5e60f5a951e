package cli

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
)

// traceTo writes the lines of all conversations. In our own notation each line
// has its server; in Python's, which has no room for that, a "connect:" line
// comes wherever another conversation goes on.
func traceTo(w io.Writer, name string) scanner.Trace {
	lines := make(chan struct{}, 1)
	write := func(host string, addr netip.AddrPort, line smtp.Entry) {
		fmt.Fprintf(w, "%s %s\n", strings.TrimPrefix(host+" "+addr.String(), " "), line)
	}
	if name == "python" {
		write = (&retelling{w: w, of: make(map[netip.AddrPort]*retold)}).line
	}
	return func(host string, addr netip.AddrPort, line smtp.Entry) {
		lines <- struct{}{}
		defer func() { <-lines }()
		write(host, addr, line)
	}
}

// retelling is many conversations in Python's notation, one at a time with each
// address.
type retelling struct {
	w    io.Writer
	of   map[netip.AddrPort]*retold
	last *retold // whose line was written last
}

type retold struct {
	scripted
	at time.Duration // of its last line: a new conversation begins with an earlier one
}

func (r *retelling) line(host string, addr netip.AddrPort, line smtp.Entry) {
	one := r.of[addr]
	if one == nil || line.At < one.at {
		one = &retold{scripted: scripted{w: r.w}}
		r.of[addr] = one
	}
	if one != r.last {
		connectLine(r.w, cmp.Or(host, addr.Addr().String()), addr.Port())
	}
	r.last, one.at = one, line.At
	one.line(line)
}
