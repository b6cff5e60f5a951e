// Command gen answers: which domains are disposable or free, and which local parts name a role, by the lists others keep?
//
// It reads npm packages as tarballs, refuses any whose licence does not allow passing its data on or whose licence text is
// missing, weighs what they say against each other and against the files in own/, and writes disposable.txt, free.txt, role.txt
// and LICENSES.md:
//
//	gen [-out DIR] [-date YYYY-MM-DD] [PACKAGE.tgz ...]
//
// Without tarballs it asks npm for the versions named in sources.go. Otherwise it needs no network.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	out := flag.String("out", ".", "`folder` of the lists, with own/ in it")
	date := flag.String("date", time.Now().UTC().Format(time.DateOnly), "`day` the lists are named after")
	flag.Parse()
	if err := run(*out, *date, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run reads the tarballs, or fetches them where none are named, and writes the lists into folder.
func run(folder, date string, tarballs []string) error {
	if len(tarballs) == 0 {
		temporary, err := os.MkdirTemp("", "lists")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		if tarballs, err = fetch(temporary); err != nil {
			return err
		}
	}
	said, err := readAll(tarballs)
	if err != nil {
		return err
	}
	own, err := readOwn(filepath.Join(folder, "own"), filepath.Join(folder, "relay.txt"))
	if err != nil {
		return err
	}
	return write(folder, date, weigh(said, own), said)
}

// fetch has npm download the pinned versions.
func fetch(folder string) ([]string, error) {
	for _, s := range sources() {
		npm := exec.Command("npm", "pack", s.name+"@"+s.version)
		npm.Dir = folder
		if text, err := npm.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("npm pack %s: %w\n%s\nhint: name the tarballs as arguments to work without npm", s.name, err, strings.TrimSpace(string(text)))
		}
	}
	return filepath.Glob(filepath.Join(folder, "*.tgz"))
}
