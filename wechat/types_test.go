package wechat_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/wechat"
)

// printed is v in every way that it might reach a log, a page or a file.
func printed(v any) string {
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("text", "v", v, slog.Group("g", "v", v))
	slog.New(slog.NewJSONHandler(&b, nil)).Info("json", "v", v)
	if raw, err := json.Marshal(v); err == nil {
		b.Write(raw)
	}
	if raw, err := xml.Marshal(v); err == nil {
		b.Write(raw)
	}
	return b.String()
}

func mustNotShow(t *testing.T, what any) {
	t.Helper()
	text := printed(what)
	for _, form := range []string{canary, url.QueryEscape(canary), fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
		if strings.Contains(text, form) {
			t.Errorf("shows the secret:\n%s", text)
			return
		}
	}
}

// Fault 35: whatever prints a secret prints nothing of it.
func TestFault35_ASecretRedactsItself(t *testing.T) {
	s := wechat.Secret(canary)
	mustNotShow(t, s)
	mustNotShow(t, &s)
	mustNotShow(t, []wechat.Secret{s})
	mustNotShow(t, map[string]wechat.Secret{"k": s})
	mustNotShow(t, wechat.Token{Value: s, ExpiresIn: time.Hour})
	mustNotShow(t, wechat.Credentials{AppID: "wx", Secret: s})
	mustNotShow(t, newClient(t, wechat.DefaultBase))
	func() {
		defer func() { mustNotShow(t, recover()) }()
		panic(fmt.Sprintf("%v %+v", s, wechat.Credentials{Secret: s}))
	}()
	if s.Reveal() != canary {
		t.Error("not revealed either")
	}
}

// ways are answers of a WeChat that shows the secret back, or fails in some way.
func ways() map[string]http.HandlerFunc {
	hijack := func(w http.ResponseWriter, text string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			io.WriteString(conn, text)
			conn.Close()
		}
	}
	return map[string]http.HandlerFunc{
		"errmsg":   saying(`{"errcode":40013,"errmsg":"invalid ` + canary + ` and ` + url.QueryEscape(canary) + `"}`),
		"rejected": saying(`{"errcode":40001,"errmsg":"` + canary + ` is not latest"}`),
		"HTML":     saying("<html>" + canary + strings.Repeat(" "+canary, 9)),
		"half":     saying(`{"access_token":"` + canary + `","expires_in":`),
		"no life":  saying(`{"access_token":"` + canary + `","expires_in":"` + canary + `"}`),
		"array":    saying(`["` + canary + `"]`),
		"status": func(w http.ResponseWriter, r *http.Request) {
			hijack(w, "HTTP/1.1 502 "+canary+"\r\n\r\n"+r.URL.String())
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+r.Host+"/elsewhere?"+r.URL.RawQuery, http.StatusFound)
		},
		"redirect to a host of that name": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "//"+canary+"/")
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
		"closed":  func(w http.ResponseWriter, r *http.Request) { hijack(w, "") },
		"no HTTP": func(w http.ResponseWriter, r *http.Request) { hijack(w, `{"access_token":"`+canary+`"}`) },
		"a broken head": func(w http.ResponseWriter, r *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\n"+r.URL.String()+"\r\n\r\n")
		},
		"a broken length": func(w http.ResponseWriter, r *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: "+canary+"\r\n\r\n")
		},
		"a short body": func(w http.ResponseWriter, r *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"+canary)
		},
		"slow": hang,
	}
}

// hang answers nothing until the client has gone; it reads the body to learn of that.
func hang(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// Fault 35: url errors, redirects, echoes; of the access token and of the AppSecret.
func TestFault35_NoErrorShowsASecret(t *testing.T) {
	bases := map[string]string{"refused": "http://127.0.0.1:1", "no such host": "http://nowhere.invalid", "no TLS": strings.Replace(serve(t, nil), "http:", "https:", 1)}
	for name, way := range ways() {
		bases[name] = serve(t, way)
	}
	for name, base := range bases {
		t.Run(name, func(t *testing.T) {
			timeout := 5 * time.Second
			if name == "slow" {
				timeout = 20 * time.Millisecond
			}
			c := newClient(t, base, func(c *wechat.Config) { c.Timeout = timeout })
			err := c.Send(t.Context(), wechat.Message{})
			_, tokenErr := wechat.FetchToken(t.Context(), wechat.Credentials{
				Base: base, AppID: "wx", Secret: canary, Transport: newTransport(t), Timeout: timeout,
			})
			if err == nil || tokenErr == nil && name != "no life" {
				t.Fatalf("no error: %v, %v", err, tokenErr)
			}
			mustNotShow(t, err)
			mustNotShow(t, tokenErr)
			for e := err; e != nil; e = errors.Unwrap(e) {
				mustNotShow(t, e)
			}
			t.Log(err)
			t.Log(tokenErr)
		})
	}
}

// Fault 35: Go's client would send the whole URL, token and all, as Referer.
func TestFault35_ARedirectIsNotFollowed(t *testing.T) {
	elsewhere := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("followed to %s with Referer %q", r.URL, r.Header.Get("Referer"))
	})
	for _, status := range []int{301, 302, 303, 307, 308} {
		base := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, status) })
		err := newClient(t, base).Send(t.Context(), wechat.Message{})
		if !errors.Is(err, wechat.ErrRedirect) || wechat.Uncertain(err) || !strings.Contains(err.Error(), strings.TrimPrefix(elsewhere, "http://")) {
			t.Errorf("%d: %v", status, err)
		}
		_, err = wechat.FetchToken(t.Context(), wechat.Credentials{Base: base, Secret: canary, Transport: newTransport(t)})
		if !errors.Is(err, wechat.ErrRedirect) {
			t.Errorf("%d: %v", status, err)
		}
	}
}
