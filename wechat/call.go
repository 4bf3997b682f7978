package wechat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"
)

const (
	defaultTimeout = 10 * time.Second
	maxBody        = 1 << 20 // bytes of an answer; a full page of the library is below 10 kB
)

// wire is the way to one API base.
type wire struct {
	base      *url.URL
	transport http.RoundTripper
	timeout   time.Duration
	header    http.Header // of every request; transports do not change it
}

func newWire(base string, transport http.RoundTripper, timeout time.Duration) (wire, error) {
	u, err := parseBase(cmp.Or(base, DefaultBase))
	if err != nil {
		return wire{}, err
	}
	if transport == nil {
		transport = DefaultTransport()
	}
	header := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"muban"}}
	return wire{base: u, transport: transport, timeout: cmp.Or(timeout, defaultTimeout), header: header}, nil
}

// request is one HTTP request. Its query holds a secret.
type request struct {
	endpoint
	method  string
	query   string
	body    []byte
	secrets []Secret // taken out of every text that comes back
}

// do makes the request and returns the body of an answer with status 200. It goes to the
// transport without an http.Client between: that one would follow redirects with the
// whole URL as Referer, and print it in its errors.
func (w wire) do(ctx context.Context, r request) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, &CallError{Op: r.op, Err: ErrUnreachable, Detail: err.Error(), cause: err}
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	var p progress
	res, err := w.transport.RoundTrip(w.httpRequest(httptrace.WithClientTrace(ctx, p.trace()), r))
	if err != nil {
		return nil, r.failed(ctx, err, p.nothingSent())
	}
	defer res.Body.Close()
	if err := r.checkStatus(res); err != nil {
		return nil, err
	}
	return r.readBody(ctx, res)
}

func (w wire) httpRequest(ctx context.Context, r request) *http.Request {
	u := *w.base
	u.Path += r.path
	u.RawQuery = r.query
	req := &http.Request{
		Method: r.method,
		URL:    &u,
		Host:   u.Host,
		Header: w.header,
		// With a body that cannot be had a second time, Go's transport never repeats the
		// request by itself. An empty one is not sent.
		Body: io.NopCloser(bytes.NewReader(r.body)),
	}
	if r.method == http.MethodPost {
		// A POST it repeats only where nothing of it was written: let it.
		req.ContentLength = int64(len(r.body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.body)), nil }
	}
	return req.WithContext(ctx)
}

// progress is how far a request got, as the transport tells through httptrace.
type progress struct{ told, wrote atomic.Bool }

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { p.told.Store(true) },
		WroteHeaders: func() { p.wrote.Store(true) },
	}
}

// nothingSent is sure of it, or false: a transport that tells nothing may have sent.
func (p *progress) nothingSent() bool {
	return p.told.Load() && !p.wrote.Load()
}

// failed makes a CallError of what the transport answered. After something was sent the
// error's own text is not shown: it may quote the answer, which may hold a token.
func (r request) failed(ctx context.Context, err error, nothingSent bool) error {
	e := &CallError{Op: r.op, Err: ErrNoAnswer, cause: ctx.Err()}
	var timeout net.Error
	switch {
	case nothingSent:
		e.Err, e.Detail = ErrUnreachable, r.clean(err.Error())
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Err = ErrTimeout
	case errors.Is(ctx.Err(), context.Canceled):
		e.Detail = "the caller gave up"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Detail = "connection closed"
	case errors.Is(err, syscall.ECONNRESET):
		e.Detail = "connection reset"
	}
	return e
}

func (r request) checkStatus(res *http.Response) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}
	e := &CallError{Op: r.op, Err: ErrStatus, Status: res.StatusCode}
	e.Detail = strings.TrimSpace(fmt.Sprintf("HTTP %d %s", res.StatusCode, http.StatusText(res.StatusCode)))
	if res.StatusCode/100 == 3 {
		e.Err = ErrRedirect
		if to, err := url.Parse(r.clean(res.Header.Get("Location"))); err == nil && to.Host != "" {
			e.Detail += " to " + to.Host
		}
	}
	return e
}

func (r request) readBody(ctx context.Context, res *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, r.failed(ctx, err, false)
	case len(body) > maxBody:
		return nil, &CallError{Op: r.op, Err: ErrTooLarge, Detail: fmt.Sprintf("over %d bytes", maxBody)}
	}
	return body, nil
}

func (r request) clean(text string) string { return excerpt(without(r.secrets, text), 300) }

// target is what WeChat's JSON is read into.
type target interface {
	shared() *answer
	missing() string // the field without which this is no answer of WeChat's, or ""
}

// answer is the part that all answers share; of del and send it is the whole.
type answer struct {
	Code *number `json:"errcode"`
	Msg  string  `json:"errmsg"`
}

func (o *answer) shared() *answer { return o }

func (o *answer) missing() string {
	if o.Code == nil {
		return "errcode"
	}
	return ""
}

// read fills answer from body. Answers are read with tolerance: fields we do not know,
// numbers in quotes, raw control characters. Only an errcode
// of its own, or a body that is no answer at all, is an error.
func read(op string, body []byte, secrets []Secret, answer target) error {
	err := json.Unmarshal(escapeControls(body), answer)
	o := answer.shared()
	switch {
	case o.Code != nil && *o.Code != 0: // even where some other field was unreadable
		return &Error{Op: op, Code: int(*o.Code), Msg: without(secrets, o.Msg)}
	case err != nil:
		return &CallError{Op: op, Err: ErrNotJSON, Detail: describe(op, body, secrets)}
	case answer.missing() != "":
		return &CallError{Op: op, Err: ErrNotJSON, Detail: "no " + answer.missing()}
	}
	return nil
}

// describe shows how an unreadable body begins; of a token's only what it looks like,
// as it may hold a token that we failed to find.
func describe(op string, body []byte, secrets []Secret) string {
	text := strings.TrimSpace(string(body))
	switch {
	case text == "":
		return "empty"
	case op != tokenGet.op:
		return "begins " + strconv.Quote(excerpt(without(secrets, text), 80))
	case text[0] == '<':
		return fmt.Sprintf("HTML of %d bytes", len(body))
	}
	return fmt.Sprintf("%d bytes", len(body))
}

// without takes the secrets out of text from elsewhere, plain and as they are in a URL.
func without(secrets []Secret, text string) string {
	for _, s := range secrets {
		if plain := s.Reveal(); plain != "" {
			text = strings.NewReplacer(plain, redacted, url.QueryEscape(plain), redacted).Replace(text)
		}
	}
	return text
}

// excerpt cuts text to at most n bytes, between characters.
func excerpt(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

// escapeControls makes JSON of a text whose strings hold raw control characters: WeChat
// sends them where a keyword's example was pasted with one. Other text is returned as it is.
func escapeControls(body []byte) []byte {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	var out []byte
	inString, escaped, copied := false, false, 0
	for i, c := range body {
		if inString && c < ' ' {
			out = append(out, body[copied:i]...)
			if escaped {
				out = append(out, '\\') // the backslash before stands for itself
			}
			out = fmt.Appendf(out, `\u%04x`, c)
			copied = i + 1
		}
		if c == '"' && !escaped {
			inString = !inString
		}
		escaped = inString && c == '\\' && !escaped
	}
	if copied == 0 {
		return body
	}
	return append(out, body[copied:]...)
}

// number reads 5, "5" and 5.0.
type number int64

func (n *number) UnmarshalJSON(raw []byte) error {
	text := strings.TrimSpace(strings.Trim(string(raw), `"`))
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		*n = number(whole)
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.IsInf(f, 0) {
		return errors.New("not a whole number")
	}
	*n = number(min(max(f, -1<<62), 1<<62))
	return nil
}

// list tells a list that is null or empty from one that is not there.
type list[T any] struct {
	items []T
	there bool
}

func (l *list[T]) UnmarshalJSON(raw []byte) error {
	l.there = true
	return json.Unmarshal(raw, &l.items)
}
