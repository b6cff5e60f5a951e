package smtp

import "strings"

// MTPriority is the profile by which MT-PRIORITY maps its 19 levels, in upper
// case: MIXER, STANAG4406, NSEP or one registered later (RFC 6710 s9.2). It is
// empty with ok where none was named.
func (e Extensions) MTPriority() (profile string, ok bool) {
	params, ok := e.Params(ExtMTPriority)
	if !ok || len(params) == 0 {
		return "", ok
	}
	return upper(params[0]), len(params) == 1 && atom(params[0], "-_.")
}

// NoSoliciting is the classes of mail that the server does not want, as written
// (RFC 3865 s2.2): none with ok where NO-SOLICITING was offered without any.
func (e Extensions) NoSoliciting() (classes []string, ok bool) {
	params, ok := e.Params(ExtNoSoliciting)
	if !ok || len(params) == 0 {
		return nil, ok
	}
	for class := range strings.SplitSeq(params[0], ",") {
		if !atom(class, "-_.:") || !letter(class[0]) {
			return nil, false
		}
		classes = append(classes, class)
	}
	return classes, len(params) == 1
}

// BURL is what the server takes URLs for: "imap" for its own trust in IMAP
// servers, and the beginnings of IMAP URLs (RFC 4468 s3.1); none with ok where
// BURL stood alone, as it does before a login.
func (e Extensions) BURL() (sources []string, ok bool) {
	params, ok := e.Params(ExtBURL)
	if !ok {
		return nil, false
	}
	for _, param := range params {
		scheme, _, _ := strings.Cut(upper(param), ":")
		if scheme != "IMAP" && scheme != "IMAPS" {
			return nil, false
		}
	}
	return params, true
}

// atom reports whether a text is letters, digits and the further characters.
func atom(text, further string) bool {
	for _, c := range []byte(text) {
		if !letter(c) && (c < '0' || c > '9') && strings.IndexByte(further, c) < 0 {
			return false
		}
	}
	return text != ""
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
