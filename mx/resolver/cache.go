package resolver

import (
	"container/list"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// cache holds answers until they expire or room is needed. When it is full an
// expired answer among those used longest ago goes first, else the one used
// longest ago.
type cache struct {
	mu      sync.Mutex
	room    int // what may be held, in entries of up to 1 KiB
	held    int
	entries map[string]*list.Element
	order   *list.List // of *entry, the one used last in front
}

type entry struct {
	key    string
	answer Answer
	cost   int
}

// scanned is how many old entries are looked at for an expired one.
const scanned = 16

func newCache(room int) *cache {
	return &cache{room: room, entries: make(map[string]*list.Element), order: list.New()}
}

func (c *cache) get(key string, now time.Time) (Answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element := c.entries[key]
	if element == nil {
		return Answer{}, false
	}
	answer := element.Value.(*entry).answer
	if !now.Before(answer.Expires) {
		c.remove(element)
		return Answer{}, false
	}
	c.order.MoveToFront(element)
	return answer, true
}

// put keeps answer under key until it expires. An answer larger than the whole
// cache is not kept.
func (c *cache) put(key string, answer Answer, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.entries[key]; old != nil {
		c.remove(old)
	}
	fresh := &entry{key: key, answer: answer, cost: cost(answer)}
	if fresh.cost > c.room {
		return
	}
	for c.held+fresh.cost > c.room {
		c.remove(c.victim(now))
	}
	c.held += fresh.cost
	c.entries[key] = c.order.PushFront(fresh)
}

func (c *cache) victim(now time.Time) *list.Element {
	element := c.order.Back()
	for range scanned {
		if element == nil {
			break
		}
		if !now.Before(element.Value.(*entry).answer.Expires) {
			return element
		}
		element = element.Prev()
	}
	return c.order.Back()
}

func (c *cache) remove(element *list.Element) {
	old := c.order.Remove(element).(*entry)
	delete(c.entries, old.key)
	c.held -= old.cost
}

// cost makes the bound on entries one on memory too: a hostile zone can fill
// 64 KiB with one answer.
func cost(answer Answer) int {
	size := 0
	for _, record := range answer.Records {
		size += dns.Len(record)
	}
	return 1 + size/1024
}
