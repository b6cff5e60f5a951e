package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner/judge"
)

// explain is the command `mxvet explain`.
type explain struct {
	files    []string
	stage    string
	provider string
	format   string
}

func newExplain(env *environment) *cobra.Command {
	e := new(explain)
	cmd := &cobra.Command{
		Use:   "explain 'reply' | address ... [-f replies.txt]",
		Short: "What does this reply, or this address, mean?",
		Long:  explainHelp,
		RunE:  func(cmd *cobra.Command, args []string) error { return e.run(cmd.Context(), env, args) },
	}
	under(cmd, whatToLookAt, func(f *pflag.FlagSet) {
		f.StringArrayVarP(&e.files, "file", "f", nil, "`file` of replies: one a line, or JSON lines with reply and stage; - is standard input")
		f.StringVar(&e.stage, "stage", string(smtp.Rcpt), "`point` of the conversation: connect, greeting, hello, starttls, tls, auth, mail, rcpt, vrfy, data, quit")
		f.StringVar(&e.provider, "provider", "", "`key` of the provider who said it, as google or yandex")
	})
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.StringVar(&e.format, "format", "text", "text or jsonl")
	})
	return cmd
}

// meaning is what a reply comes to, as one JSON line.
type meaning struct {
	Reply    string        `json:"reply"`
	Stage    smtp.Stage    `json:"stage"`
	Provider string        `json:"provider,omitempty"`
	Code     int           `json:"code"`
	Enhanced string        `json:"enhanced"`
	Meaning  reply.Meaning `json:"meaning"`
	Rule     reply.Rule    `json:"rule"`
	Blame    judge.Blame   `json:"blame"`
	Verdict  judge.Word    `json:"verdict"`
	Reason   judge.Reason  `json:"reason"`
	Sentence string        `json:"sentence"`
	Advice   string        `json:"advice"`
	Error    string        `json:"error,omitempty"`
}

func (e *explain) run(ctx context.Context, env *environment, args []string) error {
	if len(args) == 0 && len(e.files) == 0 {
		return usage("nothing to explain").hint("mxvet explain '550 5.1.1 No such user', or mxvet explain ann+news@gmail.com")
	}
	if e.format != "text" && e.format != "jsonl" {
		return usage("--format %s: there is no such format", e.format).hint("text or jsonl")
	}
	if !slices.Contains(stages(), smtp.Stage(e.stage)) {
		return usage("--stage %s: there is no such stage", e.stage).hint("connect, greeting, hello, starttls, tls, auth, mail, rcpt, vrfy, data or quit")
	}
	if len(args) > 1 && isReply(args[0]) && !isReply(args[1]) {
		args = []string{strings.Join(args, " ")} // a reply typed without quotes
	}
	out := bufio.NewWriter(env.stdout)
	for _, text := range args {
		if err := e.tell(out, text); err != nil {
			return unwritable("standard output", err)
		}
	}
	for _, path := range e.files {
		if err := e.file(ctx, env, out, path); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return unwritable("standard output", err)
	}
	return nil
}

func stages() []smtp.Stage {
	return []smtp.Stage{smtp.Connect, smtp.Greeting, smtp.Hello, smtp.StartTLS, smtp.TLS, smtp.Auth, smtp.Mail, smtp.Rcpt, smtp.Vrfy, smtp.Data, smtp.Quit}
}

// tell explains one argument: an address, or else a reply.
func (e *explain) tell(w io.Writer, text string) error {
	if e.format == "text" && !isReply(text) && strings.Contains(text, "@") {
		return tellAddress(w, text)
	}
	return e.write(w, e.meaningOf(text, smtp.Stage(e.stage), e.provider))
}

// isReply knows a reply by its code.
func isReply(text string) bool {
	code, _, _ := strings.Cut(strings.TrimSpace(text)+" ", " ")
	code, _, _ = strings.Cut(code, "-")
	return len(code) == 3 && code[0] >= '2' && code[0] <= '5' && strings.Trim(code, "0123456789") == ""
}

func (e *explain) meaningOf(text string, stage smtp.Stage, provider string) meaning {
	m := meaning{Reply: text, Stage: stage, Provider: provider}
	said, err := reply.ParseReply(text)
	if err != nil {
		m.Error = err.Error()
		return m
	}
	m.Code, m.Enhanced = said.Code, said.Enhanced()
	m.Meaning, m.Rule = reply.Classify(stage, provider, said)
	verdict := judge.Alone(probe.Outcome{Stage: stage, Host: "mx", IP: netip.IPv4Unspecified(), Code: said.Code, Enhanced: m.Enhanced, Text: said.Text(), Meaning: m.Meaning, Rule: m.Rule})
	m.Blame, m.Verdict, m.Reason = verdict.Blame, verdict.Word, verdict.Reason
	m.Sentence, m.Advice = m.Meaning.Sentence(), m.Meaning.Advice()
	return m
}

func (e *explain) write(w io.Writer, m meaning) error {
	if e.format == "jsonl" {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(m)
	}
	if m.Error != "" {
		_, err := fmt.Fprintf(w, "%s\n  not a reply: %s\n\n", report.Printable(m.Reply), m.Error)
		return err
	}
	_, err := fmt.Fprintf(w, "%s\n  meaning  %s: %s\n  rule     %s\n  verdict  %s, %s\n  blame    %s\n  advice   %s\n\n",
		report.Printable(m.Reply), m.Meaning, m.Sentence, m.Rule, m.Verdict, m.Reason, m.Blame, m.Advice)
	return err
}

// file explains the lines of a file in their order.
func (e *explain) file(ctx context.Context, env *environment, out io.Writer, path string) error {
	in := env.stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return failed("%w", err).hint("look at the name, and at the folder you are in")
		}
		defer file.Close()
		in = file
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), 1<<20)
	for n := 1; lines.Scan(); n++ {
		if ctx.Err() != nil {
			return errInterrupted
		}
		text := strings.TrimRight(lines.Text(), "\r")
		if strings.TrimSpace(text) == "" {
			continue
		}
		m, err := e.line(text)
		if err != nil {
			return failed("%s line %d: %w", path, n, err).hint(`JSON lines look like {"reply": "550 5.1.1 No such user", "stage": "rcpt"}`)
		}
		if err := e.write(out, m); err != nil {
			return unwritable("standard output", err)
		}
	}
	if err := lines.Err(); err != nil {
		return failed("%s: %w", path, err)
	}
	return nil
}

// line explains a line of text, or a JSON object with its own stage.
func (e *explain) line(text string) (meaning, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return e.meaningOf(text, smtp.Stage(e.stage), e.provider), nil
	}
	asked := struct {
		Reply    *string    `json:"reply"`
		Stage    smtp.Stage `json:"stage"`
		Provider string     `json:"provider"`
	}{Stage: smtp.Stage(e.stage), Provider: e.provider}
	if err := json.Unmarshal([]byte(text), &asked); err != nil {
		return meaning{}, fmt.Errorf("not JSON: %w", err)
	}
	if asked.Reply == nil {
		return meaning{}, fmt.Errorf("no key \"reply\"")
	}
	if !slices.Contains(stages(), asked.Stage) {
		return meaning{}, fmt.Errorf("there is no stage %q", asked.Stage)
	}
	return e.meaningOf(*asked.Reply, asked.Stage, asked.Provider), nil
}

func tellAddress(w io.Writer, text string) error {
	mailbox, err := address.Parse(text)
	if err != nil {
		_, err := fmt.Fprintf(w, "%s\n  not an address: %v\n\n", report.Printable(text), err)
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n  address    %s\n  shown      %s\n  canonical  %s\n  SMTPUTF8   %s\n  traits     %s\n\n", report.Printable(text),
		mailbox, mailbox.Display(), mailbox.Canonical(), needed(mailbox.NeedsSMTPUTF8()), traits(mailbox.Traits()))
	return err
}

func needed(yes bool) string {
	if yes {
		return "needed"
	}
	return "not needed"
}

func traits(t address.Traits) string {
	var out []string
	for _, trait := range []struct {
		name string
		has  *bool
	}{{"disposable", t.Disposable}, {"role", t.Role}, {"free", t.Free}, {"relay", t.Relay}, {"tagged", t.Tagged}} {
		if trait.has != nil && *trait.has {
			out = append(out, trait.name)
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

const explainHelp = `What does this reply, or this address, mean?

  mxvet explain '550 5.7.1 Service unavailable; Client host [192.0.2.1] blocked'
  mxvet explain '554 5.7.1 Access denied' --stage greeting
  mxvet explain -f replies.txt --format jsonl
  mxvet explain 'Ann <ann+news@gmail.com>'

A reply gets its meaning, the rule that read it, what it says of the address,
whose it is to change something, and what to do. The stage matters: a refusal at
the greeting is never about the recipient. Files have a reply a line, or JSON
lines with the keys reply, stage and provider; JSON lines come out in the order
they came in.`
