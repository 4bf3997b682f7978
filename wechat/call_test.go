package wechat_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
)

// listen accepts connections on loopback and hands each to serve.
func listen(t *testing.T, serve func(net.Conn)) (base string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return "http://" + l.Addr().String()
}

// readRequest reads one request off the wire, body and all.
func readRequest(r *bufio.Reader) error {
	req, err := http.ReadRequest(r)
	if err == nil {
		_, err = io.Copy(io.Discard, req.Body)
	}
	return err
}

func send(t *testing.T, base string, change ...func(*wechat.Config)) error {
	t.Helper()
	return newClient(t, base, change...).Send(t.Context(), wechat.Message{ToUser: "o"})
}

func check(t *testing.T, err, want error, uncertain bool) {
	t.Helper()
	if !errors.Is(err, want) || wechat.Uncertain(err) != uncertain {
		t.Errorf("got %v (uncertain %v), want %v (%v)", err, wechat.Uncertain(err), want, uncertain)
	}
}

func TestWhereNothingWasSentTheCallIsNotUncertain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + l.Addr().String()
	l.Close()
	plain := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	closing := listen(t, func(c net.Conn) { c.Close() })
	untrusted := httptest.NewTLSServer(nil)
	t.Cleanup(untrusted.Close)
	for name, base := range map[string]string{
		"refused": refused, "no such host": "http://nowhere.invalid",
		"no TLS at the other end": strings.Replace(plain, "http:", "https:", 1),
		"closed in the handshake": strings.Replace(closing, "http:", "https:", 1),
		"untrusted certificate":   untrusted.URL,
	} {
		t.Run(name, func(t *testing.T) {
			err := send(t, base)
			check(t, err, wechat.ErrUnreachable, false)
			t.Log(err)
		})
	}
}

func TestACallOfACallerWhoGaveUpIsNotSent(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := newClient(t, serve(t, func(http.ResponseWriter, *http.Request) { t.Error("called") }))
	err := c.Send(ctx, wechat.Message{})
	check(t, err, wechat.ErrUnreachable, false)
	check(t, err, context.Canceled, false)
}

func TestAHandshakeThatNeverEndsIsUnreachable(t *testing.T) {
	base := listen(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	err := send(t, strings.Replace(base, "http:", "https:", 1), func(c *wechat.Config) { c.Timeout = 50 * time.Millisecond })
	check(t, err, wechat.ErrUnreachable, false)
	check(t, err, context.DeadlineExceeded, false)
}

func TestALostAnswerIsUncertain(t *testing.T) {
	for name, answer := range map[string]string{
		"closed":             "",
		"half a status line": "HTTP/1.1 2",
		"no HTTP":            "hello\r\n\r\n",
		"half a header":      "HTTP/1.1 200 OK\r\nContent-Le",
		"half a body":        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"errcode\":0",
		"a broken chunk":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"a header too large": "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			err := send(t, listen(t, func(c net.Conn) {
				readRequest(bufio.NewReader(c))
				io.WriteString(c, answer)
				c.Close()
			}))
			check(t, err, wechat.ErrNoAnswer, true)
		})
	}
}

func TestAnAnswerThatDoesNotComeInTimeIsUncertain(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		for r.Context().Err() == nil {
			io.WriteString(w, " ")
			w.(http.Flusher).Flush()
		}
	}
	for name, handler := range map[string]http.HandlerFunc{"no answer": hang, "a body that only drips": drip} {
		t.Run(name, func(t *testing.T) {
			err := send(t, serve(t, handler), func(c *wechat.Config) { c.Timeout = 50 * time.Millisecond })
			if name == "no answer" {
				check(t, err, wechat.ErrTimeout, true)
			} else if !errors.Is(err, wechat.ErrTimeout) && !errors.Is(err, wechat.ErrTooLarge) || !wechat.Uncertain(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestACallerWhoGivesUpMidwayLeavesTheCallUncertain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(t, serve(t, func(w http.ResponseWriter, r *http.Request) { cancel(); hang(w, r) }))
	err := c.Send(ctx, wechat.Message{})
	check(t, err, wechat.ErrNoAnswer, true)
	check(t, err, context.Canceled, true)
}

// "answers after 30 s": the default deadline is 10 s. A transport of one's own that tells
// nothing of its progress may have sent.
func TestTheDefaultDeadlineIsTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := wechat.NewClient(wechat.Config{Tokens: &purse{current: canary}, Transport: never{}})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = c.Send(t.Context(), wechat.Message{})
		check(t, err, wechat.ErrTimeout, true)
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("gave up after %v", took)
		}
	})
}

// never answers.
type never struct{}

func (never) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestATransportThatTellsNothingLeavesTheCallUncertain(t *testing.T) {
	err := send(t, "https://api.weixin.qq.com", func(c *wechat.Config) { c.Transport = dropping{} })
	check(t, err, wechat.ErrNoAnswer, true)
}

type dropping struct{}

func (dropping) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.EOF }

func TestOnlyStatus200IsAnAnswer(t *testing.T) {
	for status, uncertain := range map[int]bool{201: true, 204: true, 400: false, 401: false, 404: false, 429: false, 500: true, 502: true, 503: true, 504: true} {
		err := send(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			if status != http.StatusNoContent {
				io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
			}
		}))
		check(t, err, wechat.ErrStatus, uncertain)
		var e *wechat.CallError
		if !errors.As(err, &e) || e.Status != status {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// Faults 10 and 45: a body without end.
func TestABodyWithoutEndIsCutOff(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
				return
			}
		}
	})
	check(t, send(t, base), wechat.ErrTooLarge, true)
	_, err := wechat.FetchToken(t.Context(), wechat.Credentials{Base: base, Transport: newTransport(t)})
	check(t, err, wechat.ErrTooLarge, true)
	largest := serve(t, saying(`{"errcode":0,"errmsg":"`+strings.Repeat("x", 1<<20-25)+`"}`))
	if err := send(t, largest); err != nil {
		t.Errorf("a body of 1 MiB: %v", err)
	}
}
