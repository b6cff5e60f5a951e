package cli

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/scanner"
)

const (
	bulkGreylistWait = 30 * time.Minute // where --greylist-wait is not given and a file is
	bulkRetryDNS     = 6 * time.Second  // behind the few seconds that failures stay in the cache
)

// standards is the flags of verify that say what passes and how long it may take.
type standards struct {
	greylistWait time.Duration
	noQuoted     bool
	noLiterals   bool
	traits       []string
}

func (st *standards) flags(cmd *cobra.Command) {
	under(cmd, howToAsk, func(f *pflag.FlagSet) {
		f.DurationVar(&st.greylistWait, "greylist-wait", -1, "longest `time` that an address may wait which was greylisted, or came to a limit (default 30m for files, 0s for arguments)")
		f.Lookup("greylist-wait").DefValue = "0s" // a zero is not shown: the text says it
	})
	under(cmd, whatToLookAt, func(f *pflag.FlagSet) {
		f.BoolVar(&st.noQuoted, "no-quoted", false, "refuse quoted local parts, as \"ann lee\"@example.org")
		f.BoolVar(&st.noLiterals, "no-literals", false, "refuse address literals, as ann@[192.0.2.1]")
		f.StringArrayVar(&st.traits, "trait", nil, "own list that wins over the built-in one: `kind=file` or not-kind=file, kind being disposable, free, relay or role")
	})
}

// apply sets what the flags say; bulk is a run over files.
func (st *standards) apply(s *scanner.Scanner, bulk bool) error {
	s.Policy.NoQuoted, s.Policy.NoLiteral = st.noQuoted, st.noLiterals
	s.GreylistWait = max(st.greylistWait, 0)
	if bulk {
		s.RetryDNS = bulkRetryDNS
		if st.greylistWait < 0 {
			s.GreylistWait = bulkGreylistWait
		}
	}
	for _, text := range st.traits {
		if err := trait(&s.Lists, text); err != nil {
			return err
		}
	}
	return nil
}

// trait reads one of the user's lists.
func trait(lists *address.Lists, text string) error {
	kind, path, ok := strings.Cut(text, "=")
	name, not := strings.CutPrefix(kind, "not-")
	own := map[string]*address.Own{"disposable": &lists.Disposable, "free": &lists.Free, "relay": &lists.Relay, "role": &lists.Role}[name]
	if !ok || own == nil {
		return usage("--trait %s: want a kind and a file", text).hint("--trait disposable=mine.txt, --trait not-disposable=partners.txt; kinds are disposable, free, relay and role")
	}
	read := address.ReadDomains
	if name == "role" {
		read = address.ReadLocals
	}
	entries, err := readList(path, read)
	if err != nil {
		return failed("--trait %s: %w", text, err).hint("one domain a line (for role: one local part)")
	}
	if not {
		own.Allow = append(own.Allow, entries...)
	} else {
		own.Deny = append(own.Deny, entries...)
	}
	return nil
}

func readList(path string, read func(io.Reader) (address.Entries, error)) (address.Entries, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return read(file)
}
