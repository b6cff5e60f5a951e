package dane

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
)

const zoneText = `
; signed and sound
mx.good.test.                A     192.0.2.1
_25._tcp.mx.good.test.       TLSA  3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1
_465._tcp.mx.good.test.      TLSA  2 0 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f2
;!secure mx.good.test.
;!secure _25._tcp.mx.good.test.
;!secure _465._tcp.mx.good.test.

; the record is an alias of another name
mx.shared.test.              A     192.0.2.1
_25._tcp.mx.shared.test.     CNAME _25._tcp.mx.good.test.
;!secure mx.shared.test.
;!secure _25._tcp.mx.shared.test.

; no record, and DNSSEC says so
mx.none.test.                A     192.0.2.1
;!secure mx.none.test.
;!secure _25._tcp.mx.none.test.

; not signed: whoever asks for TLSA waits
mx.plain.test.               A     192.0.2.1
;!timeout _25._tcp.mx.plain.test.

; signed, with a record that mail has no use for
mx.unusable.test.            A     192.0.2.1
_25._tcp.mx.unusable.test.   TLSA  1 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1
;!secure mx.unusable.test.
;!secure _25._tcp.mx.unusable.test.

; the look-up of the record fails, each in its way
mx.bogus.test.               A     192.0.2.1
mx.silent.test.              A     192.0.2.1
mx.refused.test.             A     192.0.2.1
;!secure mx.bogus.test.
;!secure mx.silent.test.
;!secure mx.refused.test.
;!servfail _25._tcp.mx.bogus.test.
;!timeout _25._tcp.mx.silent.test.
;!refused _25._tcp.mx.refused.test.

; the record's own zone is not signed
mx.island.test.              A     192.0.2.1
_25._tcp.mx.island.test.     TLSA  3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1
;!secure mx.island.test.

; the addresses themselves cannot be had
;!servfail mx.dead.test.
; or those of one family
mx.half.test.                A     192.0.2.1
;!secure mx.half.test. A
;!servfail mx.half.test. AAAA
;!secure _25._tcp.mx.half.test.
; or one family is not validated
mx.lopsided.test.            A     192.0.2.1
;!secure mx.lopsided.test. A

; a CNAME, all signed, records at its end
mx.alias.test.               CNAME mx.good.test.
;!secure mx.alias.test.
; a CNAME, all signed, records at its beginning
mx.begin.test.               CNAME mx.none.test.
_25._tcp.mx.begin.test.      TLSA  3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f3
;!secure mx.begin.test.
;!secure _25._tcp.mx.begin.test.
; a CNAME, all signed, the records at its end fail
mx.endfails.test.            CNAME mx.bogus.test.
_25._tcp.mx.endfails.test.   TLSA  3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f3
;!secure mx.endfails.test.
;!secure _25._tcp.mx.endfails.test.
; a signed CNAME to a name that is not
mx.leaves.test.              CNAME mx.plain.test.
_25._tcp.mx.leaves.test.     TLSA  3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f4
;!secure mx.leaves.test. CNAME
;!secure _25._tcp.mx.leaves.test.
; a CNAME that cannot be told
mx.cut.test.                 CNAME mx.plain.test.
;!servfail mx.cut.test. CNAME
; a CNAME that is not signed
mx.enters.test.              CNAME mx.plain.test.
_25._tcp.mx.enters.test.     TLSA  3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f4
;!secure _25._tcp.mx.enters.test.
`

func TestLookup(t *testing.T) {
	const unseen = -1
	zone := dnstest.New(t, zoneText)
	for name, row := range map[string]struct {
		asked Exchanger
		want  Facts // Why is words in what is got, Records are left out
		tlsa  int   // records
	}{
		"sound": {Exchanger{Host: "MX.good.test.", Secure: true},
			Facts{Status: Usable, Base: "mx.good.test"}, 1},
		"another port": {Exchanger{Host: "mx.good.test", Port: 465, Secure: true},
			Facts{Status: Usable, Base: "mx.good.test"}, 1},
		"a shared record": {Exchanger{Host: "mx.shared.test", Secure: true},
			Facts{Status: Usable, Base: "mx.shared.test"}, 1},
		"no record": {Exchanger{Host: "mx.none.test", Secure: true},
			Facts{Status: None}, 0},
		"unusable": {Exchanger{Host: "mx.unusable.test", Secure: true},
			Facts{Status: Unusable, Base: "mx.unusable.test", Why: "usage 1 wants a public authority"}, 1},
		"addresses not signed": {Exchanger{Host: "mx.plain.test", Secure: true},
			Facts{Status: Insecure, Why: "the address answer is not validated"}, unseen},
		"MX not signed": {Exchanger{Host: "mx.good.test"},
			Facts{Status: Insecure, Base: "mx.good.test", Why: "the MX answer is not validated"}, 1},
		"MX not signed, no record": {Exchanger{Host: "mx.none.test"},
			Facts{Status: Insecure, Why: "the MX answer is not validated"}, 0},
		"MX not signed, bogus record": {Exchanger{Host: "mx.bogus.test"},
			Facts{Status: Insecure, Why: "the MX answer is not validated"}, unseen},
		"MX not signed, no address to be had": {Exchanger{Host: "mx.dead.test"},
			Facts{Status: Insecure, Why: "the MX answer is not validated"}, unseen},
		"neither MX nor addresses signed": {Exchanger{Host: "mx.plain.test"},
			Facts{Status: Insecure, Why: "the MX answer is not validated"}, unseen},
		"record's zone not signed": {Exchanger{Host: "mx.island.test", Secure: true},
			Facts{Status: Insecure, Base: "mx.island.test", Why: "the TLSA answer is not validated"}, 1},
		"bogus record": {Exchanger{Host: "mx.bogus.test", Secure: true},
			Facts{Status: Deferred, Base: "mx.bogus.test", Why: "TLSA look-up of mx.bogus.test: SERVFAIL"}, unseen},
		"silence": {Exchanger{Host: "mx.silent.test", Secure: true},
			Facts{Status: Deferred, Base: "mx.silent.test", Why: "no server answered in time"}, unseen},
		"refusal": {Exchanger{Host: "mx.refused.test", Secure: true},
			Facts{Status: Deferred, Base: "mx.refused.test", Why: "REFUSED"}, unseen},
		"no address to be had": {Exchanger{Host: "mx.dead.test", Secure: true},
			Facts{Status: Deferred, Why: "address look-up: SERVFAIL"}, unseen},
		"one family to be had": {Exchanger{Host: "mx.half.test", Secure: true},
			Facts{Status: None}, 0},
		"one family not signed": {Exchanger{Host: "mx.lopsided.test", Secure: true},
			Facts{Status: Insecure, Why: "the address answer is not validated"}, unseen},
		"alias, records at its end": {Exchanger{Host: "mx.alias.test", Secure: true},
			Facts{Status: Usable, Base: "mx.good.test"}, 1},
		"alias, records at its beginning": {Exchanger{Host: "mx.begin.test", Secure: true},
			Facts{Status: Usable, Base: "mx.begin.test"}, 1},
		"alias, those at its end fail": {Exchanger{Host: "mx.endfails.test", Secure: true},
			Facts{Status: Deferred, Base: "mx.bogus.test", Why: "SERVFAIL"}, unseen},
		"alias out of the signed zone": {Exchanger{Host: "mx.leaves.test", Secure: true},
			Facts{Status: Usable, Base: "mx.leaves.test"}, 1},
		"alias that cannot be told": {Exchanger{Host: "mx.cut.test", Secure: true},
			Facts{Status: Deferred, Why: "CNAME look-up: SERVFAIL"}, unseen},
		"alias in a zone not signed": {Exchanger{Host: "mx.enters.test", Secure: true},
			Facts{Status: Insecure, Why: "the address answer is not validated"}, unseen},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Lookup(t.Context(), zone, row.asked)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.Why, row.want.Why) || (got.Why == "") != (row.want.Why == "") {
				t.Errorf("why is %q, want %q in it", got.Why, row.want.Why)
			}
			if len(got.Records) != max(row.tlsa, 0) || (got.Records != nil) != (row.tlsa != unseen) {
				t.Errorf("%d records, %v", len(got.Records), got.Records)
			}
			if got.Host != strings.ToLower(strings.TrimSuffix(row.asked.Host, ".")) || got.Port != max(row.asked.Port, 25) {
				t.Errorf("of %s:%d", got.Host, got.Port)
			}
			if diff := cmp.Diff(row.want, got, cmpopts.IgnoreFields(Facts{}, "Host", "Port", "Why", "Records")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if n := zone.Count("_25._tcp.mx.plain.test", resolver.TLSA); n != 0 {
		t.Errorf("an unsigned zone was asked for TLSA %d times", n)
	}
}

// untrusted is a resolver far away, whatever it says.
type untrusted struct{ *dnstest.Zone }

func (u untrusted) Lookup(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error) {
	answer, err := u.Zone.Lookup(ctx, name, kind)
	answer.Secure, answer.Trusted = false, false
	return answer, err
}

func TestLookupUntrusted(t *testing.T) {
	for _, host := range []string{"mx.good.test", "mx.plain.test", "mx.alias.test"} {
		got, err := Lookup(t.Context(), untrusted{dnstest.New(t, zoneText)}, Exchanger{Host: host})
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != Untrusted || got.Why == "" || got.Records != nil {
			t.Errorf("%+v", got)
		}
	}
}

// The caller's time is up at each of the questions: an error, and no word of
// the exchanger.
func TestLookupEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone := dnstest.New(t, zoneText+"\n;!delay mx.good.test. 1s\n;!delay _25._tcp.mx.good.test. 1s\n")
		hurry := errors.New("in a hurry")
		for _, limit := range []time.Duration{time.Second / 2, 3 * time.Second / 2, 5 * time.Second / 2} {
			ctx, cancel := context.WithTimeoutCause(t.Context(), limit, hurry)
			defer cancel()
			if got, err := Lookup(ctx, zone, Exchanger{Host: "mx.good.test", Secure: true}); !errors.Is(err, hurry) {
				t.Errorf("after %v: %+v, %v", limit, got, err)
			}
		}
		if got, err := Lookup(t.Context(), zone, Exchanger{Host: "mx.good.test", Secure: true}); err != nil || got.Status != Usable {
			t.Errorf("with patience: %+v, %v", got, err)
		}
	})
}
