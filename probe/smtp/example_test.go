package smtp_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"strings"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
)

// dial stands for net.Dialer.DialContext: it connects to a server in memory.
func dial() net.Conn {
	client, server := smtptest.Pipe(nil, nil)
	go mx().Serve(server)
	return client
}

func mx() *smtptest.Server {
	return &smtptest.Server{Character: smtptest.Character{
		AuthTLS: []string{"PLAIN", "CRAM-MD5"},
		Users:   map[string]string{"ann": "secret"},
		Vrfy:    smtptest.VrfyOn,
		Domains: map[string]*smtptest.Domain{"mx.example": {Mailboxes: map[string]smtptest.Mailbox{
			"ann": {Name: "Ann Example"}, "bob": {},
		}}},
	}}
}

// hello has connected and said EHLO.
func hello(ctx context.Context) *smtp.Client {
	client := smtp.NewClient(dial(), nil)
	if _, err := client.Greet(ctx); err != nil {
		log.Fatal(err)
	}
	if _, err := client.Hello(ctx, "me.example"); err != nil {
		log.Fatal(err)
	}
	return client
}

// inside is hello behind STARTTLS. A program that sends mail gives a ServerName
// and leaves InsecureSkipVerify alone.
func inside(ctx context.Context) *smtp.Client {
	client := hello(ctx)
	if _, err := client.StartTLS(ctx, &tls.Config{ServerName: "mx.example", InsecureSkipVerify: true}); err != nil {
		log.Fatal(err)
	}
	if _, err := client.Hello(ctx, "me.example"); err != nil {
		log.Fatal(err)
	}
	return client
}

// Connecting: the greeting comes first, then the client names itself.
func Example() {
	ctx := context.Background()
	client := smtp.NewClient(dial(), nil)
	defer client.Close()
	greeting, err := client.Greet(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(greeting.Code, greeting.Text())
	if _, err := client.Hello(ctx, "me.example"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.Verb(), len(client.Extensions()), "extensions")
	goodbye, err := client.Quit(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(goodbye.Code, goodbye.Text())
	// Output:
	// 220 mx.example ESMTP
	// EHLO 10 extensions
	// 221 2.0.0 Bye
}

func ExampleClient_Extension() {
	client := hello(context.Background())
	defer client.Close()
	_, ok := client.Extension("STARTTLS")
	fmt.Println("STARTTLS:", ok)
	size, ok := client.Extension("SIZE")
	fmt.Println("SIZE:", ok, size)
	// Output:
	// STARTTLS: true
	// SIZE: true [10240000]
}

// After the handshake all that was learned is forgotten, and EHLO is said
// again: inside TLS there is no STARTTLS, but a way to log in.
func ExampleClient_StartTLS() {
	ctx := context.Background()
	client := hello(ctx)
	defer client.Close()
	reply, err := client.StartTLS(ctx, &tls.Config{ServerName: "mx.example", InsecureSkipVerify: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(reply.Code, reply.Text())
	if _, err := client.Hello(ctx, "me.example"); err != nil {
		log.Fatal(err)
	}
	state, _ := client.TLSState()
	fmt.Println(tls.VersionName(state.Version))
	_, ok := client.Extension("STARTTLS")
	fmt.Println("STARTTLS:", ok)
	fmt.Println("AUTH:", client.Extensions().Auth())
	// Output:
	// 220 2.0.0 Ready to start TLS
	// TLS 1.3
	// STARTTLS: false
	// AUTH: [PLAIN CRAM-MD5]
}

// A wrong password is a reply as any other.
func ExampleClient_Auth() {
	ctx := context.Background()
	client := inside(ctx)
	defer client.Close()
	for _, password := range []string{"guess", "secret"} {
		mechanism := smtp.Strongest(client.Extensions().Auth(), smtp.Credentials{User: "ann", Password: password})
		reply, err := client.Auth(ctx, mechanism)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(mechanism.Name(), reply.Code, reply.Text())
	}
	// Output:
	// CRAM-MD5 535 5.7.8 Error: authentication failed
	// CRAM-MD5 235 2.7.0 Authentication successful
}

// One recipient is refused; the others get the message.
func ExampleClient_Send() {
	ctx := context.Background()
	client := hello(ctx)
	defer client.Close()
	message := "From: author@example.com\nSubject: Simple test message\n\nThis is the body.\n"
	size, body, err := smtp.Measure(strings.NewReader(message))
	if err != nil {
		log.Fatal(err)
	}
	delivery, err := client.Send(ctx, smtp.Envelope{
		From: "author@example.com",
		To:   []string{"ann@mx.example", "nobody@mx.example", "bob@mx.example"},
		Size: size,
		Body: body,
	}, strings.NewReader(message))
	if err != nil {
		log.Fatal(err)
	}
	for _, one := range delivery.Recipients {
		fmt.Println(one.Address, one.Accepted(), one.Stage, one.Reply.Code, one.Reply.Enhanced())
	}
	// Output:
	// ann@mx.example true data 250 2.0.0
	// nobody@mx.example false rcpt 550 5.1.1
	// bob@mx.example true data 250 2.0.0
}

// Verifying a mailbox, where the server still tells.
func ExampleClient_Vrfy() {
	ctx := context.Background()
	client := hello(ctx)
	defer client.Close()
	for _, who := range []string{"ann@mx.example", "notthere@mx.example"} {
		reply, err := client.Vrfy(ctx, who)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(reply.Code, reply.Enhanced(), reply.Class() == 2)
	}
	// Output:
	// 250 2.1.5 true
	// 550 5.1.1 false
}

// A session as it passes, in the notation of Python's smtplib.
func ExamplePython() {
	ctx := context.Background()
	var python smtp.Python
	client := smtp.NewClient(dial(), &smtp.Options{Trace: func(entry smtp.Entry) {
		for _, line := range python.Lines(entry) {
			fmt.Println(line)
		}
	}})
	defer client.Close()
	client.Greet(ctx)
	client.Noop(ctx)
	// Output:
	// reply: '220 mx.example ESMTP\r\n'
	// reply: retcode (220); Msg: mx.example ESMTP
	// send: 'NOOP\r\n'
	// reply: '250 2.0.0 Ok\r\n'
	// reply: retcode (250); Msg: 2.0.0 Ok
}
