package lab

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"sync"

	"github.com/mxvet/mxvet/probe/smtptest"
)

// certificate is what is special about a server's.
type certificate string

const (
	valid      certificate = ""
	expired    certificate = "expired"
	selfSigned certificate = "self_signed"
	wrongName  certificate = "wrong_name"
)

func (c certificate) word() string { return cmp.Or(string(c), "valid") }

// vault makes the authority and each kind of certificate once, when first
// asked for; one valid certificate bears the names of all hosts.
type vault struct {
	names []string

	mu   sync.Mutex
	ca   *smtptest.CA
	made map[certificate]*tls.Certificate
	tls  map[certificate]*tls.Config
}

// config returns the TLS configuration of a host. Those of one kind share it,
// and with it the certificate.
func (v *vault) config(kind certificate, host string) *tls.Config {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tls == nil {
		v.tls = map[certificate]*tls.Config{}
	}
	if v.tls[kind] == nil {
		v.tls[kind] = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return v.certificate(kind) }}
	}
	return v.tls[kind]
}

func (v *vault) certificate(kind certificate) (*tls.Certificate, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if made := v.made[kind]; made != nil {
		return made, nil
	}
	ca, err := v.authority()
	if err != nil {
		return nil, err
	}
	options := smtptest.CertificateOptions{Names: v.names, CA: ca, Expired: kind == expired}
	switch kind {
	case selfSigned:
		options.CA = nil
	case wrongName:
		options.Names = []string{"mx.other.example"}
	}
	made, err := smtptest.NewCertificate(options)
	if err != nil {
		return nil, err
	}
	if v.made == nil {
		v.made = map[certificate]*tls.Certificate{}
	}
	v.made[kind] = &made
	return &made, nil
}

func (v *vault) authority() (*smtptest.CA, error) {
	if v.ca != nil {
		return v.ca, nil
	}
	ca, err := smtptest.NewCA("Practice Internet CA")
	v.ca = ca
	return ca, err
}

// Roots returns the authority that vouches for the valid certificates, as PEM
// and as a pool. It fails only where no key can be made.
func (i *Internet) Roots() ([]byte, *x509.CertPool, error) {
	i.vault.mu.Lock()
	defer i.vault.mu.Unlock()
	ca, err := i.vault.authority()
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw}), ca.Pool(), nil
}
