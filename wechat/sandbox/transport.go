package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"time"
)

// maxBody is in bytes. It leaves room for a fault whose body is too large for a client.
const maxBody = 4 << 20

// ServeHTTP answers WeChat's paths, and JSON control under /sandbox/. Control is refused
// to pages of other sites: any page a tester has open could reach a local port.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isControl(r.URL.Path) {
		if err := s.guard.Check(r); err != nil {
			write(w, failure(http.StatusForbidden, "cross_site", err.Error()))
			return
		}
	}
	c, err := read(r)
	if err != nil {
		hangUp(w)
		return
	}
	answer, err := s.serve(r.Context(), c)
	if err != nil || answer.drop {
		hangUp(w)
		return
	}
	write(w, answer)
}

func write(w http.ResponseWriter, r reply) {
	header := w.Header()
	header["Content-Type"] = []string{r.contentType}
	header["Content-Length"] = []string{strconv.Itoa(len(r.body))}
	w.WriteHeader(r.status)
	w.Write(r.body)
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // what net/http offers where a connection is shared
	}
	conn.Close()
}

// Transport reaches the simulator in-process, whatever host a request names. A dropped
// connection is an error that wraps io.EOF; a delay ends with the request's context.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	c, err := read(r)
	if err != nil {
		return nil, err
	}
	answer, err := t.server.serve(r.Context(), c)
	switch {
	case err != nil:
		return nil, err
	case answer.drop:
		return nil, fmt.Errorf("sandbox: connection closed: %w", io.EOF)
	}
	return response(r, answer), nil
}

func response(r *http.Request, answer reply) *http.Response {
	b := &body{}
	b.Reset(answer.body)
	return &http.Response{
		Status:     statusLine(answer.status),
		StatusCode: answer.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {answer.contentType}},
		Body:          b,
		ContentLength: int64(len(answer.body)),
		Request:       r,
	}
}

type body struct{ bytes.Reader }

func (*body) Close() error { return nil }

func statusLine(status int) string {
	if status == http.StatusOK {
		return "200 OK"
	}
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

// byteOrderMark is what clients in .NET and PHP may send before the JSON. That WeChat
// passes over it is assumed.
const byteOrderMark = "\uFEFF"

// read takes what matters off a request.
func read(r *http.Request) (call, error) {
	method := r.Method
	if method == "" { // net/http's clients may leave it out
		method = http.MethodGet
	}
	c := call{method: method, path: r.URL.Path, query: r.URL.RawQuery, ip: "127.0.0.1"}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		c.ip = host
	}
	if c.path == pathSubscribeAdd { // the only call that looks at it
		c.contentType, _, _ = mime.ParseMediaType(r.Header.Get("Content-Type"))
	}
	if r.Body == nil || r.Body == http.NoBody {
		return c, nil
	}
	var err error
	c.body, err = readBody(r)
	c.tooLarge = len(c.body) > maxBody
	c.body = bytes.TrimPrefix(c.body, []byte(byteOrderMark))
	return c, err
}

// readBody reads up to one byte more than maxBody; in one go where the request announces
// a length within reason.
func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength <= 0 || r.ContentLength > 64<<10 {
		return io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	}
	body := make([]byte, r.ContentLength)
	n, err := io.ReadFull(r.Body, body)
	return body[:n], err
}

// wait is a delay in real time.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
