package html

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/mxvet/mxvet/scanner"
)

// blockRows is how many whole rows a browser reads to open one of them.
const blockRows = 200

// sheet is the rows of one kind: an index with the cells of their table, and
// the rows whole, in blocks.
//
// Both are JSON in script elements that are not run. Angle brackets and
// ampersands are written as \u003c, \u003e and \u0026, so that no text can end the
// element or begin a comment in it (HTML, "Restrictions for contents of script
// elements").
type sheet struct {
	name          string
	fields        []string
	rows          int
	index, blocks spool
}

func newSheet(name string, fields []string) *sheet { return &sheet{name: name, fields: fields} }

func (s *sheet) add(cells []any, row scanner.Row) error {
	if err := s.put(&s.index, s.rows > 0, cells); err != nil {
		return err
	}
	if s.rows%blockRows == 0 {
		if s.rows > 0 {
			io.WriteString(&s.blocks, "]</script>\n")
		}
		fmt.Fprintf(&s.blocks, `<script type="application/json" id="data-%s-%d">[`, s.name, s.rows/blockRows)
	}
	err := s.put(&s.blocks, s.rows%blockRows > 0, row)
	s.rows++
	return err
}

func (s *sheet) put(to *spool, behind bool, value any) error {
	text, err := json.Marshal(value) // escapes < > & and U+2028
	if err != nil {
		return err
	}
	if behind {
		text = append([]byte(",\n"), text...)
	}
	_, err = to.Write(text)
	return err
}

// write writes the elements; a sheet without rows has none.
func (s *sheet) write(w io.Writer) error {
	if s.rows == 0 {
		return nil
	}
	if _, err := fmt.Fprintf(w, `<script type="application/json" id="data-%s">[`, s.name); err != nil {
		return err
	}
	if _, err := s.index.WriteTo(w); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "]</script>\n"); err != nil {
		return err
	}
	if _, err := s.blocks.WriteTo(w); err != nil {
		return err
	}
	_, err := io.WriteString(w, "]</script>\n")
	return err
}

func (s *sheet) drop() {
	s.index.drop()
	s.blocks.drop()
}
