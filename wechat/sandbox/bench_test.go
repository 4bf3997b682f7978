package sandbox_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/wechat/sandbox"
)

// BenchmarkInProcessAgainstLoopback reports how many times faster the transport is than
// loopback HTTP to the same handler (the goal: at least 10). Rounds alternate, and the
// ratio is that of their medians.
func BenchmarkInProcessAgainstLoopback(b *testing.B) {
	near, far := inProcess(b, sandbox.Options{}), overHTTP(b, sandbox.Options{})
	near.template()
	far.template()
	var times [2][]time.Duration
	for b.Loop() {
		for i, w := range []*world{near, far} {
			times[i] = append(times[i], w.round(100))
		}
	}
	for i := range times {
		slices.Sort(times[i])
	}
	quick, slow := times[0][len(times[0])/2], times[1][len(times[1])/2]
	b.ReportMetric(float64(slow)/float64(quick), "ratio")
	b.ReportMetric(float64(quick.Nanoseconds())/100, "ns/call")
	b.ReportMetric(float64(slow.Nanoseconds())/100, "loopback-ns/call")
}

// round is the time of n calls of template/list, made as our client makes them: straight
// to the transport.
func (w *world) round(n int) time.Duration {
	to, err := url.Parse(w.base + listPath + "?access_token=" + w.token)
	if err != nil {
		w.Fatal(err)
	}
	const question = `{"offset":0,"count":20}`
	began := time.Now()
	for range n {
		r := &http.Request{
			Method: "POST", URL: to, Host: to.Host, Header: http.Header{},
			Body: io.NopCloser(strings.NewReader(question)), ContentLength: int64(len(question)),
		}
		res, err := w.client.Transport.RoundTrip(r)
		if err != nil {
			w.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	return time.Since(began)
}

// BenchmarkLibrary is the cost of the first call that needs the library (goal: below 5 ms).
func BenchmarkLibrary(b *testing.B) {
	for b.Loop() {
		sandbox.Library(sandbox.DefaultSeed)
	}
}

// BenchmarkNew is what a start pays for the sandbox.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		sandbox.New(sandbox.Options{})
	}
}
