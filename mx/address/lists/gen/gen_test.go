package main

import (
	"archive/tar"
	"compress/gzip"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tarball packs files as npm does.
func tarball(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".tgz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(f)
	archive := tar.NewWriter(zipped)
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if err := archive.WriteHeader(&tar.Header{Name: "package/" + file, Mode: 0o644, Size: int64(len(files[file]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(files[file])); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []interface{ Close() error }{archive, zipped, f} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// pack is a whole package under the MIT licence.
func pack(t *testing.T, name, file, text string) string {
	t.Helper()
	return tarball(t, name, map[string]string{
		"package.json": `{"name":"` + name + `","version":"9.9.9","license":"MIT"}`,
		"LICENSE":      "Permission is granted by " + name, file: text,
	})
}

func folder(t *testing.T) string {
	t.Helper()
	out := t.TempDir()
	for name, text := range map[string]string{
		"relay.txt":        "# relay\nalias.example  Alias\n",
		"own/free.txt":     "bigmail.example\n",
		"own/neither.txt":  "paid.example  paid\n",
		"own/role.txt":     "hr\n",
		"own/role_not.txt": "paris  a given name\n",
	} {
		path := filepath.Join(out, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestRun(t *testing.T) {
	out := folder(t)
	known := `"bigmail.example","paid.example","alias.example"`
	err := run(out, "2026-01-31", []string{
		pack(t, "disposable-email-domains-js", "dist/dict/disposable_email_blocklist.json", `["Curated.example","both.example",`+known+`]`),
		pack(t, "disposable-domains", "index.json", `["agreed.example","alone.example","co.uk","bücher.example","not a domain",`+known+`]`),
		pack(t, "mailchecker", "platform/node/index.js", `var blacklist = new Set(["agreed.example","co.uk","xn--bcher-kva.example",`+known+`]);`),
		pack(t, "free-email-domains", "domains.json", `["free.example","one.example","both.example","agreed.example",`+known+`]`),
		pack(t, "email-providers", "all.json", `["free.example","both.example","agreed.example",`+known+`]`),
		pack(t, "role-based-email-addresses", "src/index.js", "const A = [\n  'sales',\n  'paris',\n  'pm',\n  'two words',\n];\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"disposable.txt": "agreed.example both.example curated.example xn--bcher-kva.example",
		"free.txt":       "bigmail.example free.example",
		"role.txt":       "hr sales",
	} {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Fields(want), slices.Sorted(maps.Keys(keys(string(text))))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if !strings.HasPrefix(string(text), "# "+strings.TrimSuffix(name, ".txt")+" 2026-01-31 (") || !strings.Contains(string(text), " 9.9.9, licence MIT\n") {
			t.Errorf("%s has no header:\n%s", name, text)
		}
	}
	licences, err := os.ReadFile(filepath.Join(out, "LICENSES.md"))
	if err != nil || strings.Count(string(licences), "Permission is granted by ") != 6 {
		t.Errorf("%v:\n%s", err, licences)
	}
}

func TestRefusedTarballs(t *testing.T) {
	const list = "index.json"
	for name, c := range map[string]struct {
		path, want string
	}{
		"copyleft":                 {tarball(t, "a", map[string]string{"package.json": `{"name":"disposable-domains","license":"GPL-3.0"}`, "LICENSE": "x", list: "[]"}), "does not surely allow"},
		"licence without its text": {tarball(t, "b", map[string]string{"package.json": `{"name":"disposable-domains","license":"MIT"}`, list: "[]"}), "no licence text"},
		"another package":          {tarball(t, "c", map[string]string{"package.json": `{"name":"left-pad","license":"MIT"}`, "LICENSE": "x"}), "not among the sources"},
		"no package.json":          {tarball(t, "d", map[string]string{"LICENSE": "x"}), "package.json"},
		"no list":                  {pack(t, "disposable-domains", "other.json", "[]"), "index.json"},
		"a script of another form": {pack(t, "mailchecker", "platform/node/index.js", "var list = []"), "new Set"},
		"not there":                {filepath.Join(t.TempDir(), "none.tgz"), "none.tgz"},
	} {
		t.Run(name, func(t *testing.T) {
			out := folder(t)
			if err := run(out, "2026-01-31", []string{c.path}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if _, err := os.Stat(filepath.Join(out, "disposable.txt")); err == nil {
				t.Error("a list was written all the same")
			}
		})
	}
}
