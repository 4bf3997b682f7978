package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat/sandbox"
)

func code(n int) *int { return &n }

func (w *world) fault(f sandbox.Fault) {
	w.Helper()
	if err := w.AddFault(f); err != nil {
		w.Fatal(err)
	}
}

func TestAnInjectedErrcodeIsAnsweredTheGivenNumberOfTimes(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		w.fault(sandbox.Fault{Path: tokenPath, Times: 2, ErrCode: code(-1)})
		w.fault(sandbox.Fault{Path: tokenPath, ErrCode: code(40164)}) // once
		for _, want := range []int{-1, -1, 40164, 0} {
			w.refused(want, w.fetchToken())
			if left := w.Faults(); want == -1 && len(left) == 0 {
				t.Error("the faults are gone too soon")
			}
		}
		if left := w.Faults(); len(left) != 0 {
			t.Errorf("%v is left", left)
		}
	})
}

func TestAnInjectedErrcodeComesWithWeChatsWords(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	for n, words := range map[int]string{
		-1:    "system error hint: [",
		40164: "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist hint: [",
		41028: "invalid form id hint: [",
		12345: "error hint: [",
	} {
		w.fault(sandbox.Fault{Path: tokenPath, ErrCode: code(n)})
		if a := w.fetchToken(); !strings.HasPrefix(a.ErrMsg, words) {
			t.Errorf("%d: %s", n, a.ErrMsg)
		}
	}
}

func TestAFaultySendSpendsNothing(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		m := message{ToUser: ming, Template: w.template(), FormID: w.form(ming)}
		w.fault(sandbox.Fault{Path: sendPath, ErrCode: code(45011)})
		w.refused(45011, w.send(m))
		w.fault(sandbox.Fault{Path: sendPath, Drop: "before"})
		w.dropped(sendPath, m)
		w.works(w.send(m))
	})
}

// dropped makes a call whose connection is to be closed without an answer.
func (w *world) dropped(path string, m message) {
	w.Helper()
	res, err := w.client.Post(w.base+path+"?access_token="+w.token, "application/json", strings.NewReader(asJSON(m)))
	if err == nil {
		res.Body.Close()
		w.Fatal("an answer")
	}
	if !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "connection reset") {
		w.Error(err)
	}
}

func TestAConnectionLostAfterTheCallHasTakenEffect(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		m := message{ToUser: ming, Template: w.template(), FormID: w.form(ming)}
		w.fault(sandbox.Fault{Path: sendPath, Drop: "after"})
		w.dropped(sendPath, m)
		w.refused(41029, w.send(m))
		if n := len(w.Messages("", ming)); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
}

func TestAGatewaysPageStandsBeforeWeChat(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		get := func() (int, string, string) {
			return w.request("GET", tokenPath+"?grant_type=client_credential&"+credentials, "")
		}
		w.fault(sandbox.Fault{Path: tokenPath, Status: 502})
		if status, body, kind := get(); status != 502 || !strings.Contains(body, "502 Bad Gateway") || !strings.HasPrefix(kind, "text/html") {
			t.Error(status, body, kind)
		}
		w.fault(sandbox.Fault{Path: tokenPath, Body: "<html>captive portal"})
		if status, body, kind := get(); status != 200 || body != "<html>captive portal" || !strings.HasPrefix(kind, "text/html") {
			t.Error(status, body, kind)
		}
		w.fault(sandbox.Fault{Path: tokenPath, Status: 503, Body: `{}`})
		if status, body, kind := get(); status != 503 || body != "{}" || kind != "application/json; encoding=utf-8" {
			t.Error(status, body, kind)
		}
		for _, status := range []int{204, 302, 304} {
			w.fault(sandbox.Fault{Path: tokenPath, Status: status})
			if status == 302 {
				w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			}
			if got, _, _ := get(); got != status {
				t.Errorf("HTTP %d, want %d", got, status)
			}
		}
	})
}

func TestAnAnswerCanBeLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := inProcess(t, sandbox.Options{})
		w.fault(sandbox.Fault{Path: tokenPath, Delay: sandbox.Duration(2 * time.Second)})
		began := time.Now()
		w.works(w.fetchToken())
		if took := time.Since(began); took != 2*time.Second {
			t.Error(took)
		}
	})
}

// Fault 24: the client gave up, and the template was added all the same.
func TestALateCallHasTakenEffect(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		w.template()
		w.fault(sandbox.Fault{Path: addPath, Delay: sandbox.Duration(time.Minute)})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		body := strings.NewReader(`{"id":"AT0002","keyword_id_list":[3]}`)
		r, err := http.NewRequestWithContext(ctx, "POST", w.base+addPath+"?access_token="+w.token, body)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := w.client.Do(r); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(res, err)
		}
		if n := len(w.works(w.call(listPath, `{"offset":0,"count":20}`)).List); n != 2 {
			t.Errorf("%d templates", n)
		}
	})
}

func TestAFaultMustSayOneThing(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	for _, f := range []sandbox.Fault{
		{Path: tokenPath},
		{Path: "/cgi-bin/nothing", ErrCode: code(-1)},
		{ErrCode: code(-1)},
		{Path: tokenPath, Drop: "sometimes"},
		{Path: tokenPath, Drop: "before", ErrCode: code(-1)},
		{Path: tokenPath, Status: 502, ErrCode: code(-1)},
		{Path: tokenPath, Status: 99},
		{Path: tokenPath, Times: -1, Drop: "after"},
		{Path: tokenPath, Delay: -1},
	} {
		if s.AddFault(f) == nil {
			t.Errorf("%+v was taken", f)
		}
	}
	if left := s.Faults(); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
}

func TestEveryCallIsCountedTheFaultyOnesToo(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	w.template()
	w.fault(sandbox.Fault{Path: tokenPath, ErrCode: code(-1)})
	w.fetchToken()
	w.ask("GET", "/cgi-bin/nothing", "")
	stats := w.Stats()
	if len(stats) != 2 || stats[tokenPath] != 2 || stats[addPath] != 1 {
		t.Error(stats)
	}
}
