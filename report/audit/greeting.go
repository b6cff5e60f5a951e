package audit

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

func greetingChecks() []check {
	return []check{
		{
			id: "greeting_slow", title: "the greeting takes longer than some senders wait", reference: "RFC 5321 s4.5.3.2.1", scope: ScopeServer,
			explain: "A pause before the greeting keeps some spam away; senders are asked to wait five minutes for it. Many wait for thirty seconds only.",
			server:  greetingSlow,
		},
		{
			id: "reply_malformed", title: "replies break the rules of their form", reference: "RFC 5321 s4.2", scope: ScopeServer,
			explain: "A reply had line ends, lengths, codes or characters that the protocol does not allow. Strict clients end the conversation over it.",
			server:  replyMalformed,
		},
		{
			id: "ehlo_refused", title: "EHLO is not understood", reference: "RFC 5321 s2.2.1", scope: ScopeServer,
			explain: "Only HELO was accepted, as thirty years ago or behind a firewall that edits SMTP. Without EHLO there are no extensions, TLS included.",
			server:  ehloRefused,
		},
		{
			id: "software_version", title: "the software's version is told to everybody", reference: "RFC 5321 s7.5", scope: ScopeServer,
			explain: "The greeting or the reply to EHLO or HELP names the version. That saves attackers a guess, and tells administrators what they ought to know anyway.",
			server:  softwareVersion,
		},
		{
			id: "software_unsupported", title: "the system gets no more security updates", reference: "Microsoft lifecycle of Windows Server", scope: ScopeServer,
			explain: "The greeting of Microsoft's SMTP service has the build number of a Windows Server whose support has ended. What is found in it from now on stays.",
			server:  softwareUnsupported,
		},
	}
}

const slowGreeting = 30_000 // milliseconds

func greetingSlow(s *server) faults {
	if s.GreetingMS == nil || *s.GreetingMS < slowGreeting {
		return nil
	}
	return found("the greeting was complete after %d ms", *s.GreetingMS).mendBy(s.Software,
		postfix("postscreen_greet_wait = ${stress?{2}:{6}}s"), sendmail("FEATURE(`greet_pause', `5000')dnl"))
}

// no_text, a line of nothing but its code, is allowed (RFC 5321 s4.2).
func replyMalformed(s *server) faults {
	words := slices.DeleteFunc(slices.Clone(s.Oddities), func(word string) bool { return word == "no_text" })
	if len(words) == 0 {
		return nil
	}
	return found("seen in replies: %s", quote(strings.Join(words, ", ")))
}

func ehloRefused(s *server) faults {
	if s.Plain == nil || s.Plain.Verb != "HELO" {
		return nil
	}
	return found("EHLO was refused; HELO: 250 %s", quote(s.Plain.Hello))
}

// versioned is a name of mail software and a number behind it: one with a dot,
// for years and counts stand in greetings too.
var versioned = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(postfix|exim|sendmail|opensmtpd|microsoft esmtp mail service|mailenable|hmailserver|kerio connect|icewarp|mdaemon|zimbra|courier|haraka|lotus domino|ibm domino|axigen|surgemail|dovecot)\b[^0-9\n]{0,24}\d+(\.\d+)+[-.\w]*`)
})

func softwareVersion(s *server) faults {
	for _, text := range s.spoken() {
		if match := versioned().FindString(text); match != "" {
			return found("%s", quote(match)).mendBy(s.Software,
				postfix("smtpd_banner = $myhostname ESMTP"), exim("smtp_banner = $smtp_active_hostname ESMTP"),
				sendmail("define(`confSMTP_LOGIN_MSG', `$j')dnl"))
		}
	}
	return nil
}

// spoken are the texts in which servers name themselves.
func (s *server) spoken() []string {
	var texts []string
	if s.Greeting != nil {
		texts = append(texts, s.Greeting.Text)
	}
	if s.Plain != nil {
		texts = append(texts, s.Plain.Hello)
	}
	if s.Help != nil {
		texts = append(texts, s.Help.Text)
	}
	return texts
}

// windows is how Microsoft's SMTP service greets: "Version: 8.5.9600.16384".
// The third number is the build of Windows Server.
var windows = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)microsoft esmtp mail service, version: \d+\.\d+\.(\d+)`)
})

func softwareUnsupported(s *server) faults {
	if s.Greeting == nil {
		return nil
	}
	match := windows().FindStringSubmatch(s.Greeting.Text)
	if match == nil {
		return nil
	}
	system, ended := windowsBuild(match[1])
	if system == "" {
		return nil
	}
	return found("%s: build %s is %s, whose support ended in %s", quote(match[0]), match[1], system, ended)
}

// windowsBuild names the systems whose extended support is over.
func windowsBuild(build string) (system, ended string) {
	switch build {
	case "2195":
		return "Windows 2000", "July 2010"
	case "3790":
		return "Windows Server 2003", "July 2015"
	case "6001", "6002", "6003":
		return "Windows Server 2008", "January 2020"
	case "7600", "7601":
		return "Windows Server 2008 R2", "January 2020"
	case "9200":
		return "Windows Server 2012", "October 2023"
	case "9600":
		return "Windows Server 2012 R2", "October 2023"
	}
	return "", ""
}
