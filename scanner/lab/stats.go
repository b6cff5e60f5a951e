package lab

import "github.com/mxvet/mxvet/probe/smtptest"

// Stats is what the servers of an Internet have heard.
type Stats struct {
	Dials     int                       // connections asked for by Dial
	Refused   int                       // of these, where nothing listens
	Questions int                       // heard by the DNS server of Serve or Listen
	Total     smtptest.Stats            // all servers together; Peak is the sum of their peaks
	Servers   map[string]smtptest.Stats // by ip:port; only those that were visited
}

// Stats returns the counts so far.
func (i *Internet) Stats() Stats {
	out := Stats{Servers: map[string]smtptest.Stats{}}
	for at, here := range i.ports {
		if stats := here.server.Stats(); stats.Conversations > 0 {
			out.Servers[at.String()] = stats
			out.Total.Add(stats)
		}
	}
	if zone := i.served.Load(); zone != nil {
		for _, n := range zone.Queries() {
			out.Questions += n
		}
	}
	i.traffic.mu.Lock()
	defer i.traffic.mu.Unlock()
	out.Dials, out.Refused = i.traffic.dials, i.traffic.refused
	return out
}
