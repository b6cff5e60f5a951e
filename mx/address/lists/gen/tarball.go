package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// maxFile bounds one file of a tarball; the largest list today has 3 MB.
const maxFile = 32 << 20

// statement is what one package says.
type statement struct {
	source
	version     string // of the tarball, which may be newer than the pinned one
	licence     string // SPDX name
	licenceText string
	entries     []string
}

func readAll(tarballs []string) ([]statement, error) {
	var said []statement
	for _, name := range tarballs {
		s, err := readTarball(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		said = append(said, s)
	}
	slices.SortFunc(said, func(a, b statement) int { return strings.Compare(a.name, b.name) })
	return said, nil
}

func readTarball(name string) (statement, error) {
	files, err := unpack(name)
	if err != nil {
		return statement{}, err
	}
	var about struct{ Name, Version, License string }
	if err := json.Unmarshal(files["package.json"], &about); err != nil {
		return statement{}, fmt.Errorf("package.json: %w", err)
	}
	s := statement{version: about.Version, licence: about.License}
	if s.source, err = sourceNamed(about.Name); err != nil {
		return s, err
	}
	if !slices.Contains([]string{"MIT", "ISC", "CC0-1.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD"}, s.licence) {
		return s, fmt.Errorf("licence %q does not surely allow passing the data on", s.licence)
	}
	for file, text := range files {
		if base := strings.ToLower(path.Base(file)); !strings.Contains(file, "/") && strings.HasPrefix(base, "licen") {
			s.licenceText = string(text)
		}
	}
	if s.licenceText == "" {
		return s, errors.New("there is no licence text in it")
	}
	if s.entries, err = s.read(files[s.file]); err != nil {
		return s, fmt.Errorf("%s: %w", s.file, err)
	}
	return s, nil
}

// unpack returns the files of an npm tarball by their path under package/.
func unpack(name string) (map[string][]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for archive := tar.NewReader(plain); ; {
		header, err := archive.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if header.Size > maxFile {
			return nil, fmt.Errorf("%s has %d octets; %d is the most", header.Name, header.Size, maxFile)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		files[strings.TrimPrefix(header.Name, "package/")] = text
	}
}
