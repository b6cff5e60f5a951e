package cli_test

import (
	"bytes"
	"strings"
	"sync"
)

// watcher is a writer that tells when a word has been written.
type watcher struct {
	word string
	seen func()
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *watcher) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if strings.Contains(string(p), w.word) {
		w.seen()
	}
	return len(p), nil
}

func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}
