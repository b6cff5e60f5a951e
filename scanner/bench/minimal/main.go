// Command minimal asks mail servers what they offer before and after STARTTLS
// with as little work as that can be done: it knows every address beforehand,
// judges nothing and keeps nothing. It is what a scanner can be measured by.
//
//	minimal -connections 1000 < servers.txt > offers.txt
//
// A line of input is an IP address and a name, a line of output the name, the
// TLS version and key-exchange group, and the number of extensions before and
// after.
package main

import (
	"bufio"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

func main() {
	connections := flag.Int("connections", 1000, "servers asked at a time")
	flag.Parse()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	var mu sync.Mutex
	var work sync.WaitGroup
	places := make(chan struct{}, *connections)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		ip, name, _ := strings.Cut(lines.Text(), " ")
		places <- struct{}{}
		work.Go(func() {
			defer func() { <-places }()
			said, err := ask(ip, name)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				said = err.Error()
			}
			fmt.Fprintln(out, name, said)
		})
	}
	work.Wait()
}

// ask is one conversation: greeting, EHLO, STARTTLS, EHLO, QUIT.
func ask(ip, name string) (string, error) {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip, "25"), 15*time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	r := bufio.NewReader(conn)
	if _, err := reply(r); err != nil {
		return "", err
	}
	before, err := command(conn, r, "EHLO probe.example")
	if err != nil {
		return "", err
	}
	if _, err := command(conn, r, "STARTTLS"); err != nil {
		return "", err
	}
	secure := tls.Client(conn, &tls.Config{ServerName: name, InsecureSkipVerify: true, MinVersion: tls.VersionTLS10})
	if err := secure.Handshake(); err != nil {
		return "", err
	}
	r = bufio.NewReader(secure)
	after, err := command(secure, r, "EHLO probe.example")
	if err != nil {
		return "", err
	}
	state := secure.ConnectionState()
	_, err = command(secure, r, "QUIT")
	return fmt.Sprint(tls.VersionName(state.Version), " ", state.CurveID, " ", before-1, " ", after-1), err
}

func command(conn net.Conn, r *bufio.Reader, line string) (lines int, err error) {
	if _, err := conn.Write([]byte(line + "\r\n")); err != nil {
		return 0, err
	}
	return reply(r)
}

// reply reads one reply of the class 2 and counts its lines.
func reply(r *bufio.Reader) (lines int, err error) {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		lines++
		if len(line) < 4 || line[0] != '2' {
			return 0, errors.New(strings.TrimSpace(string(line)))
		}
		if line[3] != '-' {
			return lines, nil
		}
	}
}
