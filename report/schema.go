package report

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"reflect"
	"slices"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// Schema describes one line of JSON Lines in JSON Schema, draft 2020-12: one of
// the definitions verdict, server, domain, finding and run, told apart by "type". It is
// made from the structs that are written, and closed: it holds for this version,
// and a later one may have more keys.
func Schema() ([]byte, error) {
	options := &jsonschema.ForOptions{TypeSchemas: typeSchemas()}
	outcome, err := outcomeSchema(options)
	if err != nil {
		return nil, err
	}
	options.TypeSchemas[reflect.TypeFor[probe.Outcome]()] = outcome
	lines := &jsonschema.Schema{
		Schema:      "https://json-schema.org/draft/2020-12/schema",
		Title:       "mxvet JSON Lines",
		Description: "One line of output. A null was not measured: it is never a no.",
		Defs:        make(map[string]*jsonschema.Schema),
	}
	for _, row := range [...]struct {
		name string
		of   reflect.Type
		says string
	}{
		{typeVerdict, reflect.TypeFor[scanner.VerdictRow](), "what became of one line of input"},
		{typeServer, reflect.TypeFor[scanner.ServerRow](), "one server, probed once however many domains use it"},
		{typeDomain, reflect.TypeFor[scanner.DomainRow](), "where one domain's mail goes, and what it promises"},
		{typeFinding, reflect.TypeFor[scanner.FindingRow](), "one fault in a domain or a server, and the line that mends it"},
		{typeRun, reflect.TypeFor[scanner.RunRow](), "the run as a whole: the last line"},
	} {
		one, err := jsonschema.ForType(row.of, options)
		if err != nil {
			return nil, err
		}
		one.Description = row.says
		one.Properties["type"] = &jsonschema.Schema{Const: jsonschema.Ptr(any(row.name))}
		lines.Defs[row.name] = one
		lines.OneOf = append(lines.OneOf, &jsonschema.Schema{Ref: "#/$defs/" + row.name})
	}
	return indented(lines)
}

// outcomeSchema allows null for what an outcome may not have.
func outcomeSchema(options *jsonschema.ForOptions) (*jsonschema.Schema, error) {
	schema, err := jsonschema.ForType(reflect.TypeFor[probe.Outcome](), options)
	if err != nil {
		return nil, err
	}
	for _, key := range [...]string{"stage", "host", "ip", "port", "tls", "code", "enhanced", "meaning"} {
		property := *schema.Properties[key]
		property.Types, property.Type = []string{property.Type, "null"}, ""
		if property.Enum != nil {
			property.Enum = append(slices.DeleteFunc(slices.Clone(property.Enum), func(word any) bool { return word == "" }), nil)
		}
		schema.Properties[key] = &property
	}
	return schema, nil
}

func indented(schema *jsonschema.Schema) ([]byte, error) {
	compact, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// typeSchemas are the types whose JSON is not what their Go form looks like,
// and the closed lists.
func typeSchemas() map[reflect.Type]*jsonschema.Schema {
	str := func() *jsonschema.Schema { return &jsonschema.Schema{Type: "string"} }
	params := &jsonschema.Schema{Type: "array", Items: str()}
	schemas := map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[time.Time]():       {Type: "string", Format: "date-time"},
		reflect.TypeFor[netip.Addr]():      {Type: "string", Description: "an IPv4 or IPv6 address; empty where there is none"},
		reflect.TypeFor[scanner.Columns](): {Type: "object", AdditionalProperties: str(), Description: "the user's own cells by heading, in order"},
		reflect.TypeFor[smtp.Extensions](): {Types: []string{"null", "object"}, AdditionalProperties: params,
			Description: "parameters by keyword, in the server's order; null before EHLO"},
	}
	for of, words := range vocabularies() {
		schemas[of] = &jsonschema.Schema{Type: "string", Enum: words}
	}
	return schemas
}

// vocabularies are the closed lists. Where the empty word stands, the fact was
// not asked for: evidence that is no server's has neither stage nor meaning.
func vocabularies() map[reflect.Type][]any {
	var reasons []any
	for _, info := range judge.Reasons() {
		reasons = append(reasons, string(info.Reason))
	}
	return map[reflect.Type][]any{
		reflect.TypeFor[judge.Word]():          list(judge.Words[:]...),
		reflect.TypeFor[judge.Reason]():        reasons,
		reflect.TypeFor[judge.Blame]():         list(judge.Recipient, judge.Domain, judge.TheServer, judge.Us, judge.Network),
		reflect.TypeFor[judge.CatchAllState](): list(judge.CatchAllYes, judge.CatchAllNo, judge.CatchAllInconclusive, judge.CatchAllNotRun),
		reflect.TypeFor[judge.Fate]():          list(judge.Asked, judge.FateExcluded, judge.FateHarvest, judge.FateCutOff, judge.FateNotReached, judge.FateTimedOut, judge.FateReluctant, judge.FateNoFamily, judge.FateKnown),
		reflect.TypeFor[mx.Source]():           list("", mx.FromMX, mx.Implicit, mx.Null, mx.None),
		reflect.TypeFor[mx.Fault]():            list(mx.IPLiteral, mx.Localhost, mx.SingleLabel, mx.BadName, mx.Reserved, mx.Alias, mx.NoAddress, mx.NotGlobal, mx.RootTarget),
		reflect.TypeFor[resolver.Status]():     list("", resolver.NoError, resolver.NoData, resolver.NXDomain, resolver.ServFail, resolver.Refused, resolver.Timeout),
		reflect.TypeFor[probe.Kind]():          list("", probe.AddressKind, probe.RandomKind, probe.VrfyKind, probe.QuotedKind),
		reflect.TypeFor[probe.Answer]():        list("", probe.Yes, probe.No, probe.Inconclusive),
		reflect.TypeFor[tlsinfo.PKIXStatus](): list(tlsinfo.Valid, tlsinfo.Expired, tlsinfo.NotYetValid, tlsinfo.NameMismatch, tlsinfo.SelfSigned,
			tlsinfo.Untrusted, tlsinfo.Invalid),
		reflect.TypeFor[reply.Meaning](): append(list(reply.Meanings[:]...), ""),
		reflect.TypeFor[smtp.Stage](): list("", smtp.Connect, smtp.Greeting, smtp.Hello, smtp.StartTLS, smtp.TLS, smtp.Auth, smtp.Mail, smtp.Rcpt, smtp.Vrfy,
			smtp.Data, smtp.Quit),
		reflect.TypeFor[resolver.Presence](): list(resolver.Present, resolver.Absent, resolver.Faulty, resolver.Unproven),
		reflect.TypeFor[mtasts.Mode]():       list("", mtasts.Enforce, mtasts.Testing, mtasts.NoMode),
		reflect.TypeFor[dane.Status]():       list(dane.None, dane.Insecure, dane.Usable, dane.Unusable, dane.Deferred, dane.Untrusted),
		reflect.TypeFor[dane.Verdict]():      list(dane.Matched, dane.Mismatched, dane.NoTLS, dane.Unmeasured),
		reflect.TypeFor[mx.DNSBLState]():     list(mx.DNSBLWorks, mx.DNSBLUnlisted, mx.DNSBLListed, mx.DNSBLRefuses, mx.DNSBLBroken, mx.DNSBLUnanswered),
		reflect.TypeFor[judge.DomainKind]():  list("", judge.UnknownKind, judge.MailKind, judge.ReceiveOnlyKind, judge.NoMailKind),
		reflect.TypeFor[judge.FareWord]():    list(judge.Authenticated, judge.Encrypted, judge.InClear, judge.Delayed, judge.Returned, judge.NotMeasured),
		reflect.TypeFor[scanner.Budget]():    list(scanner.DurationBudget, scanner.ConversationsBudget),
		reflect.TypeFor[scanner.Severity]():  list(scanner.Severities[:]...),
		reflect.TypeFor[smtp.Cause](): list("", smtp.Timeout, smtp.Cancelled, smtp.Hangup, smtp.Reset, smtp.Closing, smtp.Protocol, smtp.TLSFailed,
			smtp.Closed, smtp.Network, smtp.Unread, probe.ConnRefused, probe.NoRoute, probe.ProxyFailed, probe.NotAllowed),
	}
}

func list[Word ~string](words ...Word) []any {
	out := make([]any, len(words))
	for i, word := range words {
		out[i] = string(word)
	}
	return out
}
