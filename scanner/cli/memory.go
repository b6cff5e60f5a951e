package cli

import (
	"os"
	"runtime/debug"
)

// What runs are to take of memory, in bytes, beside what they read.
const (
	keptMemory = 80 << 20 // with a job file: it holds little more of a row than its number
	keptPerRow = 30

	scanMemory = 110 << 20
	scanPerRow = 1200 // of a domain, with servers that it shares with some others

	reportMemory = 60 << 20
	reportPerRow = 700  // of a scan that is judged
	diffPerRow   = 2500 // of one that is compared with another

	memoryByHand = "GOMEMLIMIT"

	// A run that is over in seconds leaves little garbage, and looking for it
	// would be a third of its work.
	verifyPercent = 400
	scanPercent   = 200 // connections in TLS are the most of it
	percentByHand = "GOGC"
)

// saveMemory has what is no longer used given back sooner, where the user does
// not say otherwise. It is a wish and no bound.
func saveMemory(base, more int64) {
	if os.Getenv(memoryByHand) == "" {
		debug.SetMemoryLimit(base + more)
	}
}

// spendMemory lets garbage lie longer, where the user does not say otherwise.
func spendMemory(percent int) {
	if os.Getenv(percentByHand) == "" {
		debug.SetGCPercent(percent)
	}
}

// saveForScan chooses between the two by how many lines the files have. What cannot be
// read twice is not counted, and so not saved for.
func saveForScan(files []string) {
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			return
		}
	}
	switch _, lines, err := fingerprint(nil, files); {
	case err != nil || lines == 0:
	case lines > aheadRows:
		saveMemory(scanMemory, scanPerRow*lines)
	default:
		spendMemory(scanPercent)
	}
}
