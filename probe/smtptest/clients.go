package smtptest

import (
	"net"
	"sync"
)

// clients counts the open connections of each client. One that was refused for
// being too many counts like the others, and each until it is closed on the
// server's side, as Postfix's anvil has it.
type clients struct {
	mu   sync.Mutex
	open map[string]int // by IP address
}

// enter counts one connection and returns how many there are now.
func (c *clients) enter(client net.Addr) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[string]int{}
	}
	c.open[ipOf(client)]++
	return c.open[ipOf(client)]
}

func (c *clients) leave(client net.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ip := ipOf(client)
	if c.open[ip]--; c.open[ip] == 0 {
		delete(c.open, ip)
	}
}

// ipOf is a client's address without its port.
func ipOf(client net.Addr) string {
	host, _, err := net.SplitHostPort(client.String())
	if err != nil {
		return client.String()
	}
	return host
}
