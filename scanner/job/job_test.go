package job

import (
	"path/filepath"
	"testing"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/storetest"
)

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, Options{PerQueue: storetest.PerQueue, PerClaim: storetest.PerClaim})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) scanner.Store { return open(t, filepath.Join(t.TempDir(), "job")) })
}
