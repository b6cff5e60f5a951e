package cli

import (
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/job"
)

// answering lists the flags of a run that change what is answered, where they
// are not as usual: what was answered under others may not be mixed with it.
// How fast, how long and by which resolver may change from one process to the
// next. Lists are told by their contents, and of a proxy no password is kept.
func (v *verify) answering(s *scanner.Scanner) ([]string, error) {
	var flags answers
	flags.word("method", string(s.Method), string(scanner.ByRCPT))
	flags.word("ports", strings.Trim(fmt.Sprint(v.ports), "[]"), "25")
	flags.word("mail-from", v.mailFrom, "")
	flags.word("helo", v.helo, "")
	flags.word("proxy", unsigned(v.proxies), "")
	flags.word("source-ip", strings.Join(v.sourceIPs, ","), "")
	flags.word("pace", v.pace, "gentle")
	flags.word("column", v.column, "")
	flags.word("greylist-wait", s.GreylistWait.String(), bulkGreylistWait.String())
	flags.set("ipv4", v.ipv4)
	flags.set("ipv6", v.ipv6)
	flags.set("probe-reluctant", v.reluctant)
	flags.set("allow-private", v.allowPrivate)
	flags.set("trust-ad", v.trustAD)
	flags.set("no-quoted", v.noQuoted)
	flags.set("no-literals", v.noLiterals)
	if v.caFile != "" {
		if err := flags.list("ca-file ", v.caFile); err != nil {
			return nil, err
		}
	}
	flags.word("since", v.since.String(), "")
	if err := flags.lists(v.exclude, v.known, v.traits); err != nil {
		return nil, err
	}
	return flags, nil
}

// answers are flags in the form they have in a job file.
type answers []string

func (a *answers) word(name, value, usual string) {
	if value != usual {
		*a = append(*a, "--"+name+" "+value)
	}
}

func (a *answers) set(name string, given bool) {
	if given {
		*a = append(*a, "--"+name)
	}
}

// lists adds the lists that are the user's own.
func (a *answers) lists(exclude, known string, traits []string) error {
	if exclude != "" {
		if err := a.list("exclude ", exclude); err != nil {
			return err
		}
	}
	if known != "" {
		if err := a.list("known ", known); err != nil {
			return err
		}
	}
	for _, trait := range traits {
		kind, file, _ := strings.Cut(trait, "=")
		if err := a.list("trait "+kind+"=", file); err != nil {
			return err
		}
	}
	return nil
}

// list adds a file by its contents.
func (a *answers) list(flag, path string) error {
	sum, _, err := fingerprintOf(path)
	if err == nil {
		*a = append(*a, "--"+flag+"sha256:"+sum[:16])
	}
	return err
}

// unsigned are proxies' URLs without user and password.
func unsigned(proxies []string) string {
	var out []string
	for _, proxy := range proxies {
		if location, err := url.Parse(proxy); err == nil {
			location.User = nil
			out = append(out, location.String())
		}
	}
	return strings.Join(out, ",")
}

// fingerprint is that of all that a run is given, and about how many rows it has.
func fingerprint(args, files []string) (sum string, lines int64, err error) {
	var sums []string
	if len(args) > 0 {
		sum, _, err := job.Fingerprint(strings.NewReader(strings.Join(args, "\n")))
		if err != nil {
			return "", 0, err
		}
		sums, lines = append(sums, sum), int64(len(args))
	}
	for _, file := range files {
		sum, n, err := fingerprintOf(file)
		if err != nil {
			return "", 0, err
		}
		sums, lines = append(sums, sum), lines+n
	}
	return strings.Join(sums, " "), lines, nil
}

func fingerprintOf(path string) (sum string, lines int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, failed("%s: %w", path, cause(err)).hint("look at the name, and at the folder you are in")
	}
	defer file.Close()
	sum, lines, err = job.Fingerprint(file)
	if err != nil {
		return "", 0, failed("%s: %w", path, cause(err)).hint("the file must stay readable while the run goes on")
	}
	return sum, lines, nil
}
