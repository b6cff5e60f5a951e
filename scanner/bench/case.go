package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe/smtptest"
)

// workload is who is on the list and where their servers are.
type workload struct {
	name                      string
	domains, hosts, mailboxes int
	perHost                   int // conversations mxvet may have with a host
}

func workloads() []workload {
	return []workload{
		{"one domain", 1, 1, 10_000, 10},
		{"1,000 hosts", 1000, 1000, 10, 2},
		{"20 hosts", 1000, 20, 10, 2},
	}
}

func million() workload { return workload{"million", 50_000, 2000, 20, 2} }

// condition is how the servers and the way to them are.
type condition struct {
	rtt       time.Duration
	lockStep  bool // without PIPELINING
	tls       bool // STARTTLS is offered
	limits    bool // 10 connections a client, hang-up after 20 errors, 100 recipients a message
	tarpit    bool // limits, and replies wait a second after 10 errors
	slowTools bool // tools beside mxvet take care of the limits
}

const (
	clientLimit = 10
	errorLimit  = 20
	tarpitAfter = 10
)

func conditions() []condition {
	const far, near = 50 * time.Millisecond, 5 * time.Millisecond
	return []condition{
		{rtt: far},
		{},
		{rtt: far, lockStep: true},
		{rtt: far, tls: true},
		{tls: true},
		{rtt: near, limits: true, slowTools: true},
		{rtt: near, limits: true, tarpit: true},
	}
}

// testCase is one heading of the table.
type testCase struct {
	workload
	condition
}

// choose returns the cases with a text in their names, or at their end where a
// dollar sign says so; instead of the usual
// workloads that of a million where it is asked for.
func choose(text string, large bool) []testCase {
	who := workloads()
	if large {
		who = []workload{million()}
	}
	var out []testCase
	for _, how := range conditions() {
		for _, who := range who {
			if c := (testCase{who, how}); strings.Contains(c.name()+"$", text) {
				out = append(out, c)
			}
		}
	}
	return out
}

func (c testCase) name() string {
	words := []string{c.workload.name, fmt.Sprintf("%d ms", c.rtt.Milliseconds())}
	if c.lockStep {
		words = append(words, "lock-step")
	}
	if c.tls {
		words = append(words, "STARTTLS")
	}
	switch {
	case c.tarpit:
		words = append(words, "tarpit")
	case c.limits:
		words = append(words, "limits")
	}
	return strings.Join(words, ", ")
}

// tools names those to compare; mxvet is the first.
func (c testCase) tools() []string {
	tools := []string{"mxvet", "aftership-100", "aftership-500", "smtplib-500"}
	if c.slowTools {
		tools = append(tools, "aftership-10", "aftership-8", "aftership-5", "smtplib-8", "smtplib-5")
	}
	return tools
}

// scaled is a smaller case of the same shape.
func (c testCase) scaled(share float64) testCase {
	times := func(n int) int { return max(1, int(float64(n)*share)) }
	if c.domains == 1 {
		c.mailboxes = times(c.mailboxes)
		return c
	}
	c.domains, c.hosts = times(c.domains), times(c.hosts)
	return c
}

// conversations is what mxvet is told to have with a host at most. A
// connection counts until the server has closed it, so that a client at a
// limit is now and then over it.
func (c testCase) conversations() int {
	if c.limits {
		return min(c.perHost, clientLimit-2)
	}
	return c.perHost
}

// character is the manner of every server.
func (c testCase) character() (ch smtptest.Character) {
	if c.lockStep {
		ch.Pipelining = smtptest.Unoffered
	}
	if !c.tls {
		ch.StartTLS = smtptest.TLSNone
	}
	if c.limits {
		ch.ClientLimit, ch.HangUpAfter, ch.MessageLimit = clientLimit, errorLimit, 100
		ch.HangUp = "421 4.7.0 Error: too many errors"
	}
	if c.tarpit {
		ch.TarpitAfter, ch.Tarpit = tarpitAfter, time.Second
	}
	return ch
}
