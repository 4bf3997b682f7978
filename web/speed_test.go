package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

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

// What a browser loads to show a page for the first time: the page and all its files, as the server sends them to a
// client from elsewhere. Browsers take br over https, and gzip without it.
func TestAFirstPageIsSmall(t *testing.T) {
	c, operator := webtest.Synced(t)
	template := c.AddTemplate(operator, "AT0009", "1", "2", "3")
	signedIn := signedInHeader(c)
	for _, page := range []struct {
		path     string
		header   http.Header
		br, gzip int // bytes at most
	}{
		{"/sign-in", http.Header{"Accept-Language": signedIn["Accept-Language"]}, 10_000, 11_500},
		{"/", signedIn, 17_500, 20_000},
		{"/library", signedIn, 17_500, 20_000},
		{webtest.Search("q", "通知"), signedIn, 17_500, 20_000},
		{"/templates/" + template, signedIn, 24_000, 27_000},
	} {
		doc, err := goquery.NewDocumentFromReader(elsewhere(c, page.path, page.header, "").Body)
		webtest.Must(t, err)
		files := []string{page.path}
		for _, el := range doc.Find("head > link, head > script").EachIter() {
			files = append(files, el.AttrOr("href", el.AttrOr("src", "")))
		}
		for encoding, most := range map[string]int{"br": page.br, "gzip": page.gzip} {
			total := 0
			for _, path := range files {
				answer := elsewhere(c, path, page.header, encoding)
				if answer.Code != http.StatusOK || answer.Header().Get("Content-Encoding") != encoding {
					t.Fatalf("%s: %d in %q", path, answer.Code, answer.Header().Get("Content-Encoding"))
				}
				total += answer.Body.Len()
			}
			t.Logf("%s: %d bytes in %s, %d of them the page's own", page.path, total, encoding, elsewhere(c, page.path, page.header, encoding).Body.Len())
			if total > most {
				t.Errorf("%s: more than %d bytes in %s", page.path, most, encoding)
			}
		}
	}
}

// elsewhere asks from another machine.
func elsewhere(c *webtest.Console, path string, header http.Header, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header = header.Clone()
	r.Header.Set("Accept-Encoding", encoding)
	answer := httptest.NewRecorder()
	c.Muban.Handler().ServeHTTP(answer, r)
	return answer
}

func TestAllStylesheetsAndScriptsAreSmall(t *testing.T) {
	c := webtest.NewConsole(t)
	files, sheets, scripts := filesOf(c, c.As(store.Administrator).Get("/rules")), 0, 0
	maps.Copy(files, filesOf(c, c.As(store.Administrator).Get("/")))
	maps.Copy(files, filesOf(c, c.As(store.Administrator).Get("/library")))
	for path, file := range files {
		if strings.HasSuffix(path, ".js") {
			scripts += len(file)
		} else {
			sheets += len(file)
		}
	}
	if scripts < 10_000 || scripts > 24_000 {
		t.Errorf("the scripts have %d bytes, not 10 to 24 kB", scripts)
	}
	if sheets < 30_000 || sheets > 48_000 {
		t.Errorf("all stylesheets have %d bytes, not 30 to 48 kB", sheets)
	}
}

// filesOf are the stylesheets and the scripts of a page, by their addresses.
func filesOf(c *webtest.Console, p *webtest.Page) map[string]string {
	files := map[string]string{}
	for _, el := range p.Doc.Find("link[rel=stylesheet], script").EachIter() {
		path := el.AttrOr("href", el.AttrOr("src", ""))
		files[path] = c.Visitor().Get(path).Body
	}
	return files
}
