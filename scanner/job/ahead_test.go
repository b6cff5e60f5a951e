package job

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/storetest"
)

func openAhead(t *testing.T, path string) scanner.Store { return open(t, path).Ahead() }

func TestAhead(t *testing.T) {
	storetest.Run(t, func(t *testing.T) scanner.Store { return openAhead(t, filepath.Join(t.TempDir(), "job")) })
}

// TestCrashAhead copies the files as they stand once the journal is written.
func TestCrashAhead(t *testing.T) {
	storetest.Durable(t,
		func(t *testing.T) scanner.Store { return openAhead(t, filepath.Join(t.TempDir(), "job")) },
		func(t *testing.T, died scanner.Store) scanner.Store {
			path := filepath.Join(t.TempDir(), "job")
			s, ok := died.(*Store)
			if a, first := died.(*ahead); first {
				s, ok = a.store, true
				close(a.quit)
				a.running.Wait()
				must(t, a.journal())
				a.once.Do(func() {})
			}
			if !ok {
				t.Fatalf("a %T died", died)
			}
			for _, suffix := range []string{"", "-wal"} {
				content, err := os.ReadFile(s.path + suffix)
				must(t, err)
				must(t, os.WriteFile(path+suffix, content, 0o600))
			}
			return openAhead(t, path)
		})
}
