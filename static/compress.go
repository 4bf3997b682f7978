package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// Encoding is the content coding in which a client that says what it accepts (RFC 9110, 12.5.3) is answered: "br",
// "gzip", or "" for none. Brotli is a tenth smaller; browsers take it over https and on their own machine.
func Encoding(accept string) string {
	taken := ""
	for one := range strings.SplitSeq(strings.ToLower(accept), ",") {
		name, weight, _ := strings.Cut(one, ";")
		_, q, weighed := strings.Cut(weight, "=")
		if w, err := strconv.ParseFloat(strings.TrimSpace(q), 64); weighed && (err != nil || w == 0) {
			continue
		}
		switch name = strings.TrimSpace(name); name {
		case "br":
			return name
		case "gzip":
			taken = name
		}
	}
	return taken
}

// packer is a writer that compresses, and can be used again.
type packer interface {
	io.WriteCloser
	Reset(io.Writer)
}

// What is made per request is made at levels that cost about as much as drawing a page does, and files, once, at the best.
const quickBrotli, quickGzip = 7, 6

var quick = map[string]*sync.Pool{
	"br": {New: func() any { return brotli.NewWriterLevel(nil, quickBrotli) }},
	"gzip": {New: func() any {
		z, err := gzip.NewWriterLevel(nil, quickGzip)
		if err != nil {
			panic(err) // the level is a constant
		}
		return z
	}},
}

// Pack writes b to out in a coding that Encoding answered, other than "".
func Pack(out *bytes.Buffer, encoding string, b []byte) {
	z := quick[encoding].Get().(packer)
	defer quick[encoding].Put(z)
	pack(z, out, b)
}

// best is b in a coding, as small as it gets.
func best(encoding string, b []byte) []byte {
	var out bytes.Buffer
	if encoding == "br" {
		pack(brotli.NewWriterLevel(nil, brotli.BestCompression), &out, b)
		return out.Bytes()
	}
	z, err := gzip.NewWriterLevel(nil, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	pack(z, &out, b)
	return out.Bytes()
}

func pack(z packer, out *bytes.Buffer, b []byte) {
	z.Reset(out)
	_, _ = z.Write(b) // a bytes.Buffer does not fail
	_ = z.Close()
}
