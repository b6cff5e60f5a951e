package audit

import "strings"

// config is the line that mends something in the configuration of one kind of
// server.
type config struct {
	software string // its name in lower case, as Server.Software begins or has it
	where    string
	line     string
}

// mendBy gives the last fault the line for the server's own software. For
// software that is not known, or not in the list, there is none.
func (f faults) mendBy(software string, lines ...config) faults {
	name := strings.ToLower(software)
	for _, one := range lines {
		if name != "" && strings.Contains(name, one.software) {
			return f.mend(one.where, one.line)
		}
	}
	return f
}

func postfix(line string) config { return config{"postfix", "Postfix: main.cf", line} }
func exim(line string) config    { return config{"exim", "Exim: main configuration", line} }
func eximOpenSSL(line string) config {
	return config{"exim", "Exim with OpenSSL: main configuration", line}
}
func sendmail(line string) config  { return config{"sendmail", "sendmail: sendmail.mc", line} }
func opensmtpd(line string) config { return config{"opensmtpd", "OpenSMTPD: smtpd.conf", line} }
func dovecot(line string) config   { return config{"dovecot", "Dovecot 2.4: dovecot.conf", line} }
func exchange(line string) config {
	return config{"exchange", "Exchange: Exchange Management Shell", line}
}
