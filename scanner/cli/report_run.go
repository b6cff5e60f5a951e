package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
)

// storedRun is the file that a run left. It is read once for its outline, and
// again each time that its rows are told, so that no more of it is held than a
// row.
type storedRun struct {
	name    string // for messages
	path    string
	file    *os.File
	outline report.Outline
	scratch bool // file is a copy of what cannot be read twice
}

func openRun(env *environment, path string) (*storedRun, error) {
	run := &storedRun{name: path, path: path}
	err := run.open(env)
	if err == nil {
		run.outline, err = report.ReadOutline(run.file)
	}
	if err != nil {
		run.close()
		return nil, run.unreadable(err)
	}
	return run, nil
}

func (run *storedRun) unreadable(err error) error {
	return failed("%s: %w", run.name, cause(err)).hint("give what --format jsonl wrote")
}

func (run *storedRun) open(env *environment) (err error) {
	var in io.Reader = env.stdin
	if run.path == "-" {
		run.name = "standard input"
	} else {
		if run.file, err = os.Open(run.path); err != nil {
			return err
		}
		in = run.file
	}
	if file, ok := in.(*os.File); ok {
		if _, err := file.Seek(0, io.SeekCurrent); err == nil {
			run.file = file
			return nil
		}
	}
	return run.copy(in)
}

// copy keeps what comes from a pipe in a file that has no name any more.
func (run *storedRun) copy(in io.Reader) error {
	scratch, err := os.CreateTemp("", "mxvet-report-")
	if err != nil {
		return err
	}
	run.close()
	run.file, run.scratch = scratch, true
	if _, err := io.Copy(scratch, in); err != nil {
		return err
	}
	_, err = scratch.Seek(0, io.SeekStart)
	return err
}

// warn tells of a run that was killed.
func (run *storedRun) warn(env *environment, quiet bool) {
	if run.outline.Cut && !quiet {
		fmt.Fprintf(env.stderr, "%s is cut off in its last line; the others are shown\n", run.name)
	}
}

func (run *storedRun) close() {
	if run.file == nil {
		return
	}
	run.file.Close()
	if run.scratch {
		os.Remove(run.file.Name())
	}
	run.file = nil
}

// retell puts the rows of the run into a sink, and returns the run's own row, or
// one made up for a run that was killed.
func (run *storedRun) retell(ctx context.Context, rejudge bool, sink scanner.Sink) (*scanner.RunRow, error) {
	last := &scanner.RunRow{Type: "run", Rows: run.outline.Rows}
	if _, err := run.file.Seek(0, io.SeekStart); err != nil {
		return nil, run.unreadable(err)
	}
	again := judgedAgain{}
	for row, err := range report.Read(run.file) {
		switch {
		case errors.Is(err, report.ErrCutOff):
			return last, nil
		case err != nil:
			return nil, run.unreadable(err)
		case ctx.Err() != nil:
			last.Interrupt = true
			return last, nil
		}
		if rejudge {
			again.judge(row)
		}
		if err := sink.Put(row); err != nil {
			return nil, err
		}
		if ran, ok := row.(*scanner.RunRow); ok {
			told := *ran
			told.Interrupt = false // whatever became of that run, this one is whole
			last = &told
		}
	}
	return last, nil
}

// judgedAgain judges rows by today's rules. Of servers it keeps what the domains
// behind them are judged by, one copy of what many have in common.
type judgedAgain struct {
	doors map[string][]metAt // by host
	alike map[string]*probe.Server
}

// metAt is a server of a host.
type metAt struct {
	addr netip.AddrPort
	like *probe.Server
}

func (j *judgedAgain) judge(row scanner.Row) {
	switch row := row.(type) {
	case *scanner.VerdictRow:
		row.Rejudge()
	case *scanner.ServerRow:
		j.keep(&row.Server)
	case *scanner.DomainRow:
		var servers []*probe.Server
		for _, host := range row.Route.Hosts {
			for _, met := range j.doors[host.Name] {
				server := *met.like
				server.Host, server.IP, server.Port = host.Name, met.addr.Addr(), met.addr.Port()
				servers = append(servers, &server)
			}
		}
		row.Rejudge(servers)
	}
}

func (j *judgedAgain) keep(s *probe.Server) {
	if j.doors == nil {
		j.doors, j.alike = make(map[string][]metAt), make(map[string]*probe.Server)
	}
	part := scanner.ForDomains(s)
	part.Host, part.IP, part.Port = "", netip.Addr{}, 0
	key, err := json.Marshal(part)
	if err == nil && j.alike[string(key)] != nil {
		part = j.alike[string(key)]
	} else {
		j.alike[string(key)] = part
	}
	j.doors[s.Host] = append(j.doors[s.Host], metAt{netip.AddrPortFrom(s.IP, s.Port), part})
}
