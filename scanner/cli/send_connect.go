package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
)

// connectTimeout is for one address.
const connectTimeout = 30 * time.Second

// connect goes to the first address that answers.
func (s *sendSession) connect(ctx context.Context) *failure {
	if s.place.problem != nil {
		return s.place.problem
	}
	var last error
	for _, at := range s.place.stops {
		limited, cancel := context.WithTimeout(ctx, connectTimeout)
		conn, err := s.dial(limited, "tcp", at.at.String())
		cancel()
		if err != nil {
			last = err
			s.remark(fmt.Sprintf("%s: %v", describeStop(at), plainly(err)))
			continue
		}
		ip := at.at.Addr()
		s.at, s.row.Host, s.row.IP, s.row.Port = at, at.host, &ip, at.at.Port()
		s.shown.connected(at.name(), at.at.Port())
		s.client = smtp.NewClient(conn, &smtp.Options{IOTimeout: s.replyTimeout, Trace: s.hear, LMTP: s.lmtp, LockStep: true, PlaintextAuth: s.plaintextAuth})
		return nil
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return errInterrupted
	}
	s.row.Host, s.row.Port = s.place.stops[0].host, s.place.stops[0].at.Port()
	return failed("no connection to %s: %w", describeStop(s.place.stops[len(s.place.stops)-1]), plainly(last)).as(exitLost).hint("is the port open from here? mxvet doctor looks")
}

// plainly leaves out of a dialler's error what is said already.
func plainly(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// describeStop is a server for a person: its name and where it is.
func describeStop(s stop) string {
	if s.host == "" {
		return s.at.String()
	}
	return fmt.Sprintf("%s (%s)", s.host, s.at)
}
