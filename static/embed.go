// Package static serves the console's stylesheet, script and icon from the
// binary. One hash of the whole tree is part of every address, so a browser may
// keep a file for ever and still never mixes two versions.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"net/http"
	"path"
	"regexp"
	"slices"
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
	// packed is the file in each coding, compressed once, when it is first asked for.
	packed map[string]func() []byte
}

// Load reads the tree and computes its hash, once in a process.
var Load = sync.OnceValues(load)

func load() (*Tree, error) {
	t := &Tree{byName: map[string]*file{}}
	sum := sha256.New()
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	served, short := map[string][]byte{}, shortNames()
	for _, entry := range entries { // in the order of their names, in which base.css is the first
		body, err := files.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		name := entry.Name()
		if path.Ext(name) == ".css" {
			name, body = sheetOf(name), leanSheet(body, short)
		}
		served[name] = append(served[name], lean(body)...)
	}
	for _, name := range slices.Sorted(maps.Keys(served)) {
		body := served[name]
		if path.Ext(name) == ".css" {
			body = gather(body)
		}
		sum.Write([]byte(name))
		sum.Write(body)
		f := &file{kind: kindOf(name), plain: body, packed: map[string]func() []byte{}}
		for encoding := range quick {
			f.packed[encoding] = sync.OnceValue(func() []byte { return best(encoding, body) })
		}
		t.byName[name] = f
	}
	t.prefix = "/static/" + hex.EncodeToString(sum.Sum(nil)[:6]) + "/"
	return t, nil
}

// sheetOf is the stylesheet that a source is served in. The pages before the sign-in, which a browser loads first of
// all, need no more than muban.css; desk.css is for those where a message is written, read over or looked at on a phone,
// board.css for those with charts, and library.css for the lists of titles.
func sheetOf(source string) string {
	switch source {
	case "base.css", "frame.css", "parts.css":
		return "muban.css"
	case "ask.css", "builder.css", "findings.css", "phone.css", "review.css", "template.css":
		return "desk.css"
	case "charts.css", "overview.css":
		return "board.css"
	case "library.css", "subscribe.css":
		return "library.css"
	}
	return "screens.css"
}

// What a stylesheet has for its readers alone: comments, and white space around what
// parts things. A sum in calc() needs its spaces, and has no brace after it.
var (
	comment    = regexp.MustCompile(`(?s)/\*.*?\*/`)
	aroundSign = regexp.MustCompile(`\s*([{};,/])\s*|(:) `)
	combined   = regexp.MustCompile(` ?([>+~]) ([^{};]*\{)`)
	property   = regexp.MustCompile(`--[a-z][a-z-]*`)
)

// shortNames gives each property of ours (--danger-bg) a name of one letter or two, the
// same one in every sheet: only the sheets say them.
func shortNames() func([]byte) []byte {
	short := map[string][]byte{}
	return func(name []byte) []byte {
		if short[string(name)] == nil {
			short[string(name)] = []byte("--" + strconv.FormatInt(int64(len(short)+10), 36))
		}
		return short[string(name)]
	}
}

// leanSheet leaves that out. No text of ours has such signs in it.
func leanSheet(body []byte, short func([]byte) []byte) []byte {
	sheet := aroundSign.ReplaceAll(comment.ReplaceAll(body, nil), []byte("$1$2"))
	for combined.Match(sheet) {
		sheet = combined.ReplaceAll(sheet, []byte("$1$2"))
	}
	sheet = property.ReplaceAllFunc(sheet, short)
	return bytes.ReplaceAll(bytes.TrimSpace(sheet), []byte(";}"), []byte("}"))
}

// gather joins the blocks of one layer, and in a layer those of one width, of which each source says what is its own:
// what is in no such block goes first, and the narrowest width last, whatever the sources are called.
func gather(sheet []byte) []byte {
	var loose, joined []byte
	var names []string
	bodies := map[string][]byte{}
	for len(sheet) > 0 {
		end, from := blockEnd(sheet)
		if from < 0 || sheet[0] != '@' {
			loose = append(loose, sheet[:end]...)
		} else {
			name := string(sheet[:from])
			if bodies[name] == nil {
				names = append(names, name)
			}
			bodies[name] = append(bodies[name], sheet[from+1:end-1]...)
		}
		sheet = sheet[end:]
	}
	slices.SortStableFunc(names, func(a, b string) int { return upTo(b) - upTo(a) })
	for _, name := range names {
		body := bodies[name]
		if strings.HasPrefix(name, "@layer") {
			body = gather(body)
		}
		joined = slices.Concat(joined, []byte(name+"{"), body, []byte("}"))
	}
	return append(loose, joined...)
}

// upTo is the greatest width in pixels that a block is for.
func upTo(block string) int {
	width := math.MaxInt
	_, _ = fmt.Sscanf(block, "@media (max-width:%dpx)", &width) // others are for all widths
	return width
}

// blockEnd is where the first statement or block of a lean sheet ends, and where the block opens, -1 for a statement.
func blockEnd(sheet []byte) (end, open int) {
	open, depth := -1, 0
	for i, c := range sheet {
		switch c {
		case '{':
			if depth++; open < 0 {
				open = i
			}
		case '}':
			depth--
		}
		if depth == 0 && (c == '}' || c == ';') {
			return i + 1, open
		}
	}
	return len(sheet), open
}

// lean leaves out what only the people who write a file need: indentation, and
// lines that are a comment. No text of ours runs over lines, so nothing else can
// begin or end as those do.
func lean(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for line := range bytes.Lines(body) {
		line = bytes.TrimLeft(line, " ")
		if !bytes.HasPrefix(line, []byte("//")) && len(line) > 1 {
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
	if encoding := Encoding(r.Header.Get("Accept-Encoding")); encoding != "" {
		h.Set("Content-Encoding", encoding)
		body = f.packed[encoding]()
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
