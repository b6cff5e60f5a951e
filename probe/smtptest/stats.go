package smtptest

import (
	"maps"
	"sync"
)

// Stats counts what a server has heard since it was made.
type Stats struct {
	Conversations int            // begun
	Open          int            // going on now
	Peak          int            // most at one time
	Commands      map[string]int // by verb in capitals; "?" for verbs unknown to it
	Recipients    map[int]int    // number of conversations by how many RCPT they had; ended ones only
	Unknown       int            // RCPT answered with 5.1.1: what stock fail2ban counts
	Handshakes    int            // TLS handshakes completed
	EarlyTalkers  int            // clients that spoke before the greeting was over
	Messages      int            // messages taken
}

// Add puts the counts of another server to these.
func (s *Stats) Add(other Stats) {
	s.Conversations += other.Conversations
	s.Open += other.Open
	s.Peak += other.Peak
	s.Unknown += other.Unknown
	s.Handshakes += other.Handshakes
	s.EarlyTalkers += other.EarlyTalkers
	s.Messages += other.Messages
	if s.Commands == nil {
		s.Commands, s.Recipients = map[string]int{}, map[int]int{}
	}
	for verb, n := range other.Commands {
		s.Commands[verb] += n
	}
	for rcpts, n := range other.Recipients {
		s.Recipients[rcpts] += n
	}
}

// counter is Stats while they grow.
type counter struct {
	mu    sync.Mutex
	stats Stats
}

func (c *counter) count(change func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.stats)
}

func (c *counter) begin() {
	c.count(func(s *Stats) {
		s.Conversations++
		s.Open++
		s.Peak = max(s.Peak, s.Open)
	})
}

func (c *counter) command(verb string) {
	c.count(func(s *Stats) {
		if s.Commands == nil {
			s.Commands = make(map[string]int, 8)
		}
		s.Commands[verb]++
	})
}

func (c *counter) end(recipients int) {
	c.count(func(s *Stats) {
		if s.Recipients == nil {
			s.Recipients = map[int]int{}
		}
		s.Open--
		s.Recipients[recipients]++
	})
}

func (c *counter) copy() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.stats
	out.Commands, out.Recipients = maps.Clone(out.Commands), maps.Clone(out.Recipients)
	return out
}
