package probe

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"time"

	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// onWire is an Outcome as JSON: what was not measured is null. Evidence that is
// no server's has neither server nor reply, and a conversation that broke has a
// server and no reply.
type onWire struct {
	Kind     Kind           `json:"kind,omitempty"`
	At       time.Time      `json:"at,omitzero"`
	Stage    *smtp.Stage    `json:"stage"`
	Host     *string        `json:"host"`
	IP       *netip.Addr    `json:"ip"`
	Port     *uint16        `json:"port"`
	TLS      *bool          `json:"tls"`
	Code     *int           `json:"code"`
	Enhanced *string        `json:"enhanced"`
	Text     string         `json:"text"`
	Meaning  *reply.Meaning `json:"meaning"`
	Rule     reply.Rule     `json:"rule"`
	Cause    smtp.Cause     `json:"cause,omitempty"`
	Sender   string         `json:"sender,omitempty"`
	Egress   string         `json:"egress,omitempty"`
}

// MarshalJSON writes null for what was not measured.
func (o Outcome) MarshalJSON() ([]byte, error) {
	w := onWire{Kind: o.Kind, At: o.At, Text: o.Text, Rule: o.Rule, Cause: o.Cause, Sender: o.Sender, Egress: o.Egress}
	if o.Stage != "" {
		w.Stage = &o.Stage
	}
	if o.IP.IsValid() {
		w.Host, w.IP, w.Port, w.TLS = &o.Host, &o.IP, &o.Port, &o.TLS
	}
	if o.Answered() {
		w.Code, w.Enhanced = &o.Code, &o.Enhanced
	}
	if o.Meaning != "" {
		w.Meaning = &o.Meaning
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // whether to is the caller's to say
	if err := encoder.Encode(w); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (o *Outcome) UnmarshalJSON(text []byte) error {
	var w onWire
	if err := json.Unmarshal(text, &w); err != nil {
		return err
	}
	*o = Outcome{Kind: w.Kind, At: w.At, Stage: orZero(w.Stage), Host: orZero(w.Host), IP: orZero(w.IP), Port: orZero(w.Port), TLS: orZero(w.TLS),
		Code: orZero(w.Code), Enhanced: orZero(w.Enhanced), Text: w.Text, Meaning: orZero(w.Meaning), Rule: w.Rule, Cause: w.Cause, Sender: w.Sender, Egress: w.Egress}
	return nil
}

func orZero[T any](pointer *T) (value T) {
	if pointer != nil {
		value = *pointer
	}
	return value
}
