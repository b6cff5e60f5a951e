package main

import (
	"os"
	"path/filepath"
	"strings"
)

type set map[string]bool

// own is what the files in own/ decide, against any package.
type own struct {
	free    set // free providers
	neither set // real domains that are neither disposable nor free
	relay   set // relay services: neither disposable nor free
	role    set // local parts that name a role
	notRole set // local parts that do not
}

func readOwn(folder, relay string) (own, error) {
	var o own
	for _, f := range []struct {
		name string
		into *set
	}{
		{filepath.Join(folder, "free.txt"), &o.free},
		{filepath.Join(folder, "neither.txt"), &o.neither},
		{filepath.Join(folder, "role.txt"), &o.role},
		{filepath.Join(folder, "role_not.txt"), &o.notRole},
		{relay, &o.relay},
	} {
		text, err := os.ReadFile(f.name)
		if err != nil {
			return o, err
		}
		*f.into = keys(string(text))
	}
	return o, nil
}

// keys are the first words of the lines; the rest of a line is the reason.
func keys(text string) set {
	found := make(set)
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 && words[0][0] != '#' {
			found[words[0]] = true
		}
	}
	return found
}
