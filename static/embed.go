// Package static serves the console's stylesheet, script and icon from the
// binary. One hash of the whole tree is part of every address, so a browser may
// keep a file for ever and still never mixes two versions.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.css *.js *.svg
var files embed.FS

// Tree is the embedded files, ready to serve.
type Tree struct {
	prefix string
	byName map[string]*file
}

type file struct {
	kind  string
	plain []byte
	// gzipped is compressed once, when it is first asked for.
	gzipped func() []byte
}

// Load reads the tree and computes its hash.
func Load() (*Tree, error) {
	t := &Tree{byName: map[string]*file{}}
	sum := sha256.New()
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		body, err := files.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		body = lean(body)
		sum.Write([]byte(entry.Name()))
		sum.Write(body)
		t.byName[entry.Name()] = &file{kind: kindOf(entry.Name()), plain: body,
			gzipped: sync.OnceValue(func() []byte { return compress(body) })}
	}
	t.prefix = "/static/" + hex.EncodeToString(sum.Sum(nil)[:6]) + "/"
	return t, nil
}

// lean leaves out what only the people who write a file need: indentation, and
// lines that are a comment. No text of ours runs over lines, so nothing else can
// begin or end as those do.
func lean(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for line := range bytes.Lines(body) {
		line = bytes.TrimLeft(line, " ")
		comment := bytes.HasPrefix(line, []byte("//")) || bytes.HasPrefix(line, []byte("/*")) && bytes.HasSuffix(line,
			[]byte("*/\n"))
		if !comment && len(line) > 1 {
			out = append(out, line...)
		}
	}
	return out
}

// Prefix is the path before a file's name: "/static/0123456789ab/".
func (t *Tree) Prefix() string { return t.prefix }

// ServeHTTP answers the files under Prefix and nothing else: no listing, and no
// new bytes under an old hash.
func (t *Tree) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, t.prefix)
	f := t.byName[name]
	if !ok || f == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.gzipped()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

func kindOf(name string) string {
	switch {
	case strings.HasSuffix(name, ".css"):
		return "text/css; charset=utf-8"
	case strings.HasSuffix(name, ".js"):
		return "text/javascript; charset=utf-8"
	}
	return "image/svg+xml"
}

func compress(b []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = z.Write(b) // a bytes.Buffer does not fail
	_ = z.Close()
	return out.Bytes()
}
