package scanner_test

import (
	"testing"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) scanner.Store { return scanner.NewMemory(storetest.PerQueue, storetest.PerClaim) })
}
