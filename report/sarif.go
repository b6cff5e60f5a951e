package report

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/netip"
	"net/url"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/mxvet/mxvet/report/audit"
	"github.com/mxvet/mxvet/scanner"
)

// home is where the tool's own pages are, and explained where each check has a
// heading (audit.WriteMarkdown).
const (
	home      = "https://github.com/mxvet/mxvet"
	explained = home + "/blob/main/report/audit/checks.md"
)

// NewSARIF writes the findings at Close as one SARIF 2.1.0 log, for code
// scanning dashboards: each check a rule, each finding a result at a logical
// location (the domain, or host, address and port). A finding that a baseline
// accepts is a suppressed result. What could not be measured is a notification of
// the invocation (s3.20.21) with the reason: level error, and the execution no
// success, or note for a server that we do not go to, though a domain leads there.
func NewSARIF(w io.Writer, version string) Writer {
	run := sarif.NewRunWithInformationURI("mxvet", home)
	if version != "" {
		run.Tool.Driver.WithVersion(version)
	}
	return &sarifLog{w: w, run: run, told: make(map[doubt]bool)}
}

type sarifLog struct {
	w      io.Writer
	run    *sarif.Run
	open   []*sarif.Notification
	told   map[doubt]bool
	failed bool            // something could not be measured
	ran    *scanner.RunRow // nil for a run that was killed
}

func (s *sarifLog) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.FindingRow:
		s.run.AddResult(result(row))
	case *scanner.RunRow:
		s.ran = row
	}
	if one := doubtOf(row); one != nil && !s.told[*one] {
		s.told[*one] = true
		s.notify(one)
	}
	return nil
}

func (s *sarifLog) notify(d *doubt) {
	level := "error"
	if d.part {
		level = "note"
	}
	s.failed = s.failed || !d.part
	text := escapedLines(d.place + ": " + d.why)
	s.open = append(s.open, sarif.NewNotification().WithLevel(level).WithMessage(sarif.NewTextMessage(text)))
}

// invocation is nil where nothing is known of it.
func (s *sarifLog) invocation() *sarif.Invocation {
	if s.ran == nil && s.open == nil {
		return nil
	}
	out := sarif.NewInvocation().WithExecutionSuccessful(s.ran != nil && !s.failed).WithToolExecutionNotifications(s.open)
	if s.ran != nil {
		out.WithStartTimeUtc(instant(s.ran.StartedAt)).WithEndTimeUtc(instant(s.ran.FinishedAt))
	}
	return out
}

func (s *sarifLog) Close() error {
	for _, check := range audit.Checks() {
		rule := s.run.AddRule(check.ID).WithName(check.ID).WithHelpURI(explained + "#" + check.ID)
		rule.WithShortDescription(sarif.NewMultiformatMessageString().WithText(check.Title))
		rule.WithFullDescription(sarif.NewMultiformatMessageString().WithText(check.Explain))
		rule.WithHelp(sarif.NewMultiformatMessageString().WithText(check.Explain + " See " + check.Reference + "."))
		rule.WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(level(check.Severity)))
		properties := sarif.NewPropertyBag()
		properties.Add("security-severity", score(check.Severity))
		properties.Add("tags", []string{"mail", string(check.Scope)})
		rule.WithProperties(properties)
	}
	if one := s.invocation(); one != nil {
		s.run.AddInvocation(one)
	}
	log := sarif.NewReport()
	log.AddRun(s.run)
	return log.PrettyWrite(s.w)
}

// result is one finding. Its fingerprint leaves out what changes from run to
// run, so that a dashboard knows it again.
func result(f *scanner.FindingRow) *sarif.Result {
	out := sarif.NewRuleResult(f.ID).WithLevel(level(f.Severity)).WithMessage(sarif.NewTextMessage(sentence(f)))
	name, kind := place(f)
	where := sarif.NewLocation().AddLogicalLocation(sarif.NewLogicalLocation().WithFullyQualifiedName(name).WithName(name).WithKind(kind))
	// GitHub shows results that have a file only; the name stands for one.
	where.WithPhysicalLocation(sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewSimpleArtifactLocation(path(f))))
	out.AddLocation(where)
	sum := sha256.Sum256([]byte(f.ID + " " + name))
	out.WithPartialFingerprints(map[string]string{"mxvet/v1": hex.EncodeToString(sum[:16])})
	if f.Accepted {
		out.AddSuppression(sarif.NewSuppression().WithKind("external").WithJustification("known to the baseline"))
	}
	properties := sarif.NewPropertyBag()
	for _, fact := range [...][2]string{{"fix", f.Fix}, {"where", f.Where}, {"reference", f.Reference}, {"severity", string(f.Severity)}} {
		if fact[1] != "" {
			properties.Add(fact[0], fact[1])
		}
	}
	if len(f.Domains) > 0 {
		properties.Add("domains", f.Domains)
	}
	return out.WithProperties(properties)
}

// path is a finding's place as a relative reference (RFC 3986 s4.2).
func path(f *scanner.FindingRow) string {
	switch {
	case f.IP.IsValid():
		return "servers/" + url.PathEscape(f.Host) + "/" + url.PathEscape(netip.AddrPortFrom(f.IP, f.Port).String())
	case f.Host != "":
		return "servers/" + url.PathEscape(f.Host)
	case f.Provider != "" && f.Domain == "":
		return "providers/" + url.PathEscape(f.Provider)
	default:
		return "domains/" + url.PathEscape(f.Domain)
	}
}

// level is SARIF's word (s3.27.10).
func level(severity scanner.Severity) string {
	switch severity {
	case scanner.Critical, scanner.High:
		return "error"
	case scanner.Medium:
		return "warning"
	default:
		return "note"
	}
}

// score is the number from 0 to 10 by which GitHub sorts security results.
func score(severity scanner.Severity) string {
	return map[scanner.Severity]string{scanner.Critical: "9.5", scanner.High: "8.0", scanner.Medium: "5.5", scanner.Low: "3.0", scanner.Info: "0.0"}[severity]
}
