package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"strings"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// identify reads what we prove ourselves with.
func (c *sendCommand) identify(env *environment) error {
	if c.clientCert != "" {
		pair, err := tls.LoadX509KeyPair(c.clientCert, cmp.Or(c.clientKey, c.clientCert))
		if err != nil {
			return failed("--client-cert %s: %w", c.clientCert, err).hint("the files hold the certificate and its key in PEM form; --client-key names that of the key")
		}
		c.certificate = &pair
	}
	c.credentials = smtp.Credentials{User: c.user, External: c.certificate != nil}
	external := strings.EqualFold(c.mechanism, "EXTERNAL")
	switch {
	case external && c.certificate == nil:
		return usage("--auth EXTERNAL: nothing to show").hint("--client-cert FILE, the certificate by which the server knows you")
	case external || c.user == "" && c.certificate != nil:
		return nil
	case c.user == "" && (c.checkLogin || c.mechanism != "" || c.passwordFile != ""):
		return usage("nobody to log in as").hint("--user NAME; the password is in MXVET_PASSWORD, in --password-file FILE, or is asked for")
	case c.user == "":
		return nil
	}
	password, err := secret(env, c.user, c.passwordFile)
	if err != nil {
		return err
	}
	if name := strings.ToUpper(c.mechanism); name == "XOAUTH2" || name == "OAUTHBEARER" {
		c.credentials.Token = password
	} else {
		c.credentials.Password = password
	}
	if c.mechanism != "" && smtp.NewMechanism(c.mechanism, c.credentials) == nil {
		return usage("--auth %s: there is no such mechanism", c.mechanism).hint("%s", strings.Join(smtp.Mechanisms(), ", "))
	}
	return nil
}

// logsIn says whether a login is wanted.
func (c *sendCommand) logsIn() bool { return c.user != "" || c.credentials.External }

// logIn logs in where a user is named.
func (s *sendSession) logIn(ctx context.Context) *failure {
	if !s.logsIn() {
		return nil
	}
	mechanism, problem := s.choose()
	if problem != nil {
		return problem
	}
	s.row.Login = &sendLogin{Mechanism: mechanism.Name(), User: s.user}
	if s.row.TLS != nil && s.row.TLS.PKIX.Status != tlsinfo.Valid && smtp.Plaintext(mechanism.Name()) {
		s.remark(mechanism.Name() + " shows the password to whoever has this certificate; --tls=verify would not")
	}
	reply, err := s.client.Auth(ctx, mechanism)
	if reply.Code != 0 {
		s.row.Login.Reply = saidOf(reply)
	}
	switch {
	case errors.Is(err, smtp.ErrPlaintext):
		return failed("login failed: %s would show the password to everybody on the way, and there is no TLS (%s)", mechanism.Name(), s.row.TLSWhy).as(exitLogin).
			hint("--tls=require, or port 465; --allow-plaintext-auth does it all the same")
	case err != nil:
		if _, ok := errors.AsType[*smtp.BrokenError](err); ok {
			return s.broken(err)
		}
		return failed("login failed: %s as %s: %w", mechanism.Name(), s.user, err).as(exitLogin)
	case reply.Code == 421:
		return s.refused("the login is", reply)
	case reply.Class() != 2:
		return failed("login failed: %s as %s: %s", mechanism.Name(), s.user, quote(reply)).as(exitLogin).hint("%s", adviceOnLogin(reply))
	}
	s.row.Login.Accepted = true
	return nil
}

// choose is the mechanism that --auth names, or the strongest of those offered.
func (s *sendSession) choose() (smtp.Mechanism, *failure) {
	if s.mechanism != "" {
		return smtp.NewMechanism(s.mechanism, s.credentials), nil
	}
	offered := s.client.Extensions().Auth()
	if mechanism := smtp.Strongest(offered, s.credentials); mechanism != nil {
		return mechanism, nil
	}
	if len(offered) == 0 {
		advice := "submission servers listen on ports 465 and 587, and offer it inside TLS"
		return nil, failed("login failed: %s offers no login", describeStop(s.at)).as(exitLogin).hint("%s", advice)
	}
	return nil, failed("login failed: %s offers %s, and none of them can be used here", describeStop(s.at), strings.Join(offered, ", ")).as(exitLogin).
		hint("we know %s; tokens want --auth XOAUTH2 or OAUTHBEARER", strings.Join(smtp.Mechanisms(), ", "))
}

// adviceOnLogin is what to try behind a refused login (RFC 4954 s6).
func adviceOnLogin(reply smtp.Reply) string {
	switch reply.Code {
	case 535:
		return "is the user's name the whole address? is the password one for applications?"
	case 534, 504:
		return "leave --auth out for the strongest mechanism that both sides know"
	case 538, 530:
		return "--tls=require"
	case 454, 432:
		return "the server cannot say now: try again later"
	default:
		return "the server's log says more than it tells its clients"
	}
}
