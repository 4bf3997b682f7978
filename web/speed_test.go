package web_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
)

// Each benchmark runs its baseline in the same run, in turns, and reports the ratio of the
// medians, so that a noisy machine slows both alike.

const rounds, perRound = 15, 60

// wire is one keep-alive connection that asks the same thing again and again: a
// client that costs next to nothing.
type wire struct {
	conn    net.Conn
	in      *bufio.Reader
	request []byte
}

func dial(tb testing.TB, base, path string, header http.Header) *wire {
	tb.Helper()
	u, err := url.Parse(base)
	if err != nil {
		tb.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	var request bytes.Buffer
	fmt.Fprintf(&request, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, u.Host)
	if err := header.Write(&request); err != nil {
		tb.Fatal(err)
	}
	request.WriteString("\r\n")
	return &wire{conn, bufio.NewReaderSize(conn, 64<<10), request.Bytes()}
}

// ask sends the request once and answers the status and the bytes of the body.
func (w *wire) ask(tb testing.TB) (status, length int) {
	if _, err := w.conn.Write(w.request); err != nil {
		tb.Fatal(err)
	}
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		tb.Fatal(err)
	}
	status, _ = strconv.Atoi(string(line[9:12]))
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			tb.Fatal(err)
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
	}
	if _, err := w.in.Discard(length); err != nil {
		tb.Fatal(err)
	}
	return status, length
}

// ratio runs base and ours in turns and answers median(base) / median(ours): 1
// is as fast as the baseline, more is faster.
func ratio(b *testing.B, base, ours func()) float64 {
	times := [2][]time.Duration{}
	for range rounds {
		for i, f := range []func(){base, ours} {
			start := time.Now()
			for range perRound {
				f()
			}
			times[i] = append(times[i], time.Since(start))
		}
	}
	slices.Sort(times[0])
	slices.Sort(times[1])
	return float64(times[0][rounds/2]) / float64(times[1][rounds/2])
}

// report reports the median ratio of the benchmark's iterations.
func report(b *testing.B, base, ours func()) {
	var ratios []float64
	for b.Loop() {
		ratios = append(ratios, ratio(b, base, ours))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
}

// bare serves body as a plain net/http handler does.
func bare(b *testing.B, body []byte) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
	b.Cleanup(s.Close)
	return s
}

// signedInHeader is what a signed-in browser sends.
func signedInHeader(c *webtest.Console) http.Header {
	admin := c.As(store.Administrator)
	base, _ := url.Parse(c.URL)
	var cookies []string
	for _, k := range admin.Client.Jar.Cookies(base) {
		cookies = append(cookies, k.Name+"="+k.Value)
	}
	return http.Header{"Cookie": {strings.Join(cookies, "; ")}, "Accept-Language": {"zh-CN,zh;q=0.9"}}
}

// Every request draws the page anew: each asks for another address.
func BenchmarkLibraryPageAgainstABareHandler(b *testing.B) {
	c := webtest.NewConsole(b)
	header := signedInHeader(c)
	ours := dial(b, c.URL, "/library?offset=0&count=20&n=00000000", header)
	at := bytes.Index(ours.request, []byte("00000000"))
	n := 0
	anew := func() {
		n++
		copy(ours.request[at:], fmt.Sprintf("%08d", n))
		if status, _ := ours.ask(b); status != http.StatusOK {
			b.Fatal(status)
		}
	}
	compare(b, c, header, anew)
}

// compare reports how ours does against a bare handler with as many bytes.
func compare(b *testing.B, c *webtest.Console, header http.Header, ours func()) {
	status, length := dial(b, c.URL, "/library", header).ask(b)
	if status != http.StatusOK || length < 5000 {
		b.Fatalf("status %d, %d bytes", status, length)
	}
	base := dial(b, bare(b, bytes.Repeat([]byte("x"), length)).URL, "/library", header)
	report(b, func() { base.ask(b) }, ours)
	b.ReportMetric(float64(length), "bytes")
}

// The goal: a request that a session is checked for costs at most 1.05 of one without,
// so the ratio is at least .95. Both are answered by the same redirect.
func BenchmarkSessionCheckAgainstNone(b *testing.B) {
	c := webtest.NewConsole(b)
	with := signedInHeader(c)
	without := with.Clone()
	without.Set("Cookie", "other="+strings.Repeat("x", len(with.Get("Cookie"))-6))
	ours, base := dial(b, c.URL, "/sign-in/code", with), dial(b, c.URL, "/sign-in/code", without)
	report(b, func() { base.ask(b) }, func() { ours.ask(b) })
}

// The first page is what a browser loads to show the console for the first time: the
// HTML of the sign-in, its stylesheet and the script, compressed.
func TestTheFirstPageFitsIntoOneRoundTrip(t *testing.T) {
	c := webtest.NewConsole(t)
	first, library := c.Visitor().Get("/sign-in"), c.As(store.Administrator).Get("/library")
	total := compressed(first.Body)
	for _, file := range filesOf(c, first) {
		total += compressed(file)
	}
	if total > 14_600 {
		t.Errorf("the first page has %d bytes compressed, more than 14,600", total)
	}
	later, sheets := compressed(library.Body), 0
	for path, file := range filesOf(c, library) {
		if strings.HasSuffix(path, ".js") && len(file) > 24_000 {
			t.Errorf("%s has %d bytes, more than 24 kB", path, len(file))
		}
		if strings.HasSuffix(path, ".css") {
			sheets += len(file)
		}
		later += compressed(file)
	}
	if sheets > 48_000 {
		t.Errorf("the stylesheets have %d bytes, more than 48 kB", sheets)
	}
	t.Logf("%d bytes compressed, %d for the library with all its files, %d of stylesheets", total, later, sheets)
}

// filesOf are the stylesheets and the script of a page, by their addresses.
func filesOf(c *webtest.Console, p *webtest.Page) map[string]string {
	files := map[string]string{}
	for _, el := range p.Doc.Find("link[rel=stylesheet], script").EachIter() {
		path := el.AttrOr("href", el.AttrOr("src", ""))
		files[path] = c.Visitor().Get(path).Body
	}
	return files
}

func compressed(s string) int {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return out.Len()
}
