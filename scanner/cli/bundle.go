package cli

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
)

// bundle is where several files go, written beside their places and moved
// there by keep.
type bundle struct {
	dir   string
	flag  string // that named it
	root  *os.Root
	parts map[string]*part
}

// part is one file on its way.
type part struct {
	name, aside string
	file        *os.File
	buffer      *bufio.Writer
}

// open makes the folder where there is none.
func (d *bundle) open() (err error) {
	d.parts = make(map[string]*part)
	if err := os.Mkdir(d.dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return d.unwritable(err)
	}
	if d.root, err = os.OpenRoot(d.dir); err != nil {
		return d.unwritable(err)
	}
	return nil
}

// begin makes a file that only its owner reads.
func (d *bundle) begin(name string) (*part, error) {
	p := &part{name: name, aside: fmt.Sprintf(".%s.%d", name, rand.Uint32())}
	var err error
	if p.file, err = d.root.OpenFile(p.aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, err
	}
	p.buffer = bufio.NewWriterSize(p.file, 64<<10)
	return p, nil
}

func (d *bundle) unwritable(err error) error {
	return failed("cannot write to %s: %w", d.dir, cause(err)).hint("choose another folder with %s", d.flag)
}

// keep ends files that are whole, all of them before the first takes its place.
func (d *bundle) keep() error {
	for _, p := range d.parts {
		err := p.buffer.Flush()
		if closed := p.file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return d.unwritable(err)
		}
	}
	for key, p := range d.parts {
		if err := d.root.Rename(p.aside, p.name); err != nil {
			return d.unwritable(err)
		}
		delete(d.parts, key)
	}
	return nil
}

// close drops files that were not kept.
func (d *bundle) close() {
	for _, p := range d.parts {
		if p != nil {
			p.file.Close()
			d.root.Remove(p.aside)
		}
	}
	d.root.Close()
}

// screenful: files fill no screen.
func (d *bundle) screenful() int64 { return 0 }
