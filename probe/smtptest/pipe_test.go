package smtptest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestPipeWriteDoesNotWaitForTheReader(t *testing.T) {
	client, server := Pipe(nil, nil)
	say(t, client, "A")
	say(t, server, "B")
	say(t, server, "C")
	server.Close()
	got, err := io.ReadAll(client)
	if string(got) != "BC" || err != nil {
		t.Errorf("got %q, %v, want BC and the end", got, err)
	}
	if _, err := client.Write([]byte("D")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("writing to a closed end: %v, want EPIPE", err)
	}
	client.Close()
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading a closed connection: %v, want net.ErrClosed", err)
	}
}

func TestPipeReadNeverJoinsTwoWrites(t *testing.T) {
	client, server := Pipe(nil, nil)
	defer client.Close()
	say(t, client, "one")
	say(t, client, "two")
	p := make([]byte, 64)
	if n, _ := server.Read(p); string(p[:n]) != "one" {
		t.Errorf("got %q, want one", p[:n])
	}
}

func TestPipeFullWindowWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := Pipe(nil, nil)
		client.SetWriteDeadline(time.Now().Add(time.Minute))
		n, err := client.Write(make([]byte, window+1))
		if n != window || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %d, %v, want the window filled and the deadline passed", n, err)
		}
		client.SetWriteDeadline(time.Time{})
		go func() {
			client.Write([]byte("x"))
			client.Close()
		}()
		got, err := io.ReadAll(server)
		if want := append(make([]byte, window), 'x'); !bytes.Equal(got, want) || err != nil {
			t.Errorf("got %d octets, %v, want %d", len(got), err, len(want))
		}
	})
}

func TestPipeDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := Pipe(nil, nil)
		start := time.Now()
		client.SetReadDeadline(start.Add(5 * time.Minute))
		_, err := client.Read(make([]byte, 1))
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(start) != 5*time.Minute {
			t.Errorf("got %v after %v, want a time-out after 5m", err, time.Since(start))
		}
		client.SetDeadline(time.Now().Add(-time.Second))
		if _, err := client.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a deadline in the past: %v, want it exceeded", err)
		}
		client.SetDeadline(time.Now().Add(time.Second))
		client.SetDeadline(time.Time{})
		time.Sleep(time.Minute)
		say(t, server, "late but heard")
		if n, err := client.Read(make([]byte, 64)); n != 14 || err != nil {
			t.Errorf("after the deadline was lifted: %d, %v, want 14 octets", n, err)
		}
		client.SetReadDeadline(time.Now().Add(time.Hour))
		client.Close()
	})
}
