package tlsinfo

import (
	"crypto/sha256"
	"crypto/x509"
	"sync"
	"time"
)

// Known remembers what was made of certificate chains: the servers of one
// provider present the same one, and following it to a root costs more than
// the rest of a description. It is for one set of roots and one run. The zero
// value is ready, nil remembers nothing, and any number of goroutines may share
// one.
type Known struct {
	mu     sync.Mutex
	chains map[[sha256.Size]byte]chain
}

// knownMost bounds what is remembered, before all of it is forgotten.
const knownMost = 4096

// chain is what holds for a chain whatever name it is held against.
type chain struct {
	certificates []Certificate
	path         PKIX
}

// of describes a chain, from memory where it has been seen.
func (k *Known) of(certificates []*x509.Certificate, roots *x509.CertPool, now time.Time) chain {
	if k == nil || len(certificates) == 0 {
		return described(certificates, roots, now)
	}
	sum := sha256.New()
	for _, c := range certificates {
		sum.Write(c.Raw)
	}
	key := [sha256.Size]byte(sum.Sum(nil))
	k.mu.Lock()
	known, ok := k.chains[key]
	k.mu.Unlock()
	if ok {
		return known
	}
	made := described(certificates, roots, now)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.chains == nil || len(k.chains) >= knownMost {
		k.chains = make(map[[sha256.Size]byte]chain)
	}
	k.chains[key] = made
	return made
}

func described(certificates []*x509.Certificate, roots *x509.CertPool, now time.Time) chain {
	var out chain
	for _, c := range certificates {
		out.certificates = append(out.certificates, summarise(c))
	}
	if len(certificates) > 0 {
		out.path = path(certificates, roots, now)
	}
	return out
}
