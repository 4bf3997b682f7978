package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/web"
	"muban/web/webtest"
)

// The console against a WeChat it has not seen.

func TestAnAnswerWithMoreThanExpectedIsRead(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	s.Says(webtest.LibraryList, "\ufeff"+`{"errcode":"0","errmsg":"ok","total_count":"41","list":[{"id":"AT0002","title":"购买`+"\t"+`成功通知","since":2018},{"id":"AT0003","title":"数字"}],"more":{"x":[1,2]}}`)
	s.Says(webtest.LibraryGet, `{"errcode":0,"id":"AT0002","title":"购买成功通知","keyword_list":[{"keyword_id":"3","name":"地点","example":"第一行`+"\n\x01"+`第二行","extra":null},{"keyword_id":4.0,"name":"时间","example":null}]}`)
	s.Says(webtest.TemplateList, `{"errcode":0,"errmsg":"ok","list":[{"template_id":"`+webtest.ScriptedID+`","title":"购买成功通知","content":"地点{{keyword1.DATA}}`+"\n"+`odd line`+"\n"+`{{keyword7.DATA}}","example":"地点：a：b","primary_industry":""}],"total_count":1}`)
	b := c.Connect(s)
	b.Get("/library?count=2").Expect(http.StatusOK, "pager.range", "From", 1, "To", 2, "Total", 41)
	p := b.Get("/library/AT0002?k=3").Shows(http.StatusOK, "地点")
	if len(p.Chosen()) != 1 || p.Doc.Find("#chips button").Length() != 2 {
		t.Errorf("%s", p.Text("#builder"))
	}
	b.Get("/templates").Shows(http.StatusOK, "购买成功通知")
	if p := b.Get("/templates/"+webtest.ScriptedID).Shows(http.StatusOK, "地点"); p.OnCard()[0] != "地点=a：b" {
		t.Errorf("%q", p.OnCard())
	}
}

func TestEmptyAnswersAreEmptyPages(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	s.Says(webtest.LibraryList, `{"errcode":0,"errmsg":"ok","list":[],"total_count":0}`)
	s.Says(webtest.LibraryGet, `{"errcode":0,"errmsg":"ok","id":"AT0002","title":"空的通知","keyword_list":null}`)
	s.Says(webtest.TemplateList, `{"errcode":0,"errmsg":"ok","list":null}`)
	b := c.Connect(s)
	b.Get("/library").Expect(http.StatusOK, "library.none")
	b.Get("/library/AT0002").Expect(http.StatusOK, "builder.no_keywords")
	b.Get("/templates").Expect(http.StatusOK, "templates.none")
	b.Get("/").Expect(http.StatusOK, "templates.used", "Used", 0, "Max", 25)
}

// failing are the ways in which an answer can be none, each with what the page
// says of it.
var failing = map[string]struct {
	answer func(w http.ResponseWriter, r *http.Request)
	said   string // the reason, the errcode or the errmsg
}{
	"HTML":        {body("<html><body>502 " + webtest.CanaryToken + "</body></html>"), "not_json"},
	"nothing":     {body(""), "not_json"},
	"null":        {body("null"), "not_json"},
	"a list":      {body("[]"), "not_json"},
	"half of it":  {body(`{"errcode":0,"list":[{"id":"AT00`), "not_json"},
	"other types": {body(`{"errcode":0,"errmsg":"ok","list":"none","keyword_list":7,"template_id":{},"total_count":[]}`), "not_json"},
	"another API": {body(`{"status":"ok","data":[]}`), "not_json"},
	"a redirect": {func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.Host+"/elsewhere?"+r.URL.RawQuery, http.StatusFound)
	}, "redirect"},
	"a bad gateway": {func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, webtest.CanaryToken, http.StatusBadGateway)
	}, "status"},
	"not found":      {http.NotFound, "status"},
	"no content":     {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) }, "status"},
	"no end":         {endless, "too_large"},
	"a closed line":  {func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, "no_answer"},
	"a late answer":  {late, "timeout"},
	"a slow trickle": {trickle, "timeout"},
	"its own code":   {body(`{"errcode":-1,"errmsg":"system error"}`), "errcode -1"},
	"a new code":     {body(`{"errcode":87009,"errmsg":"invalid signature rid: 5f86bdd6-15ceb0dc"}`), "invalid signature rid: 5f86bdd6-15ceb0dc"},
	"an echo":        {body(`{"errcode":40097,"errmsg":"invalid args, access_token=` + webtest.CanaryToken + ` ` + url.QueryEscape(webtest.CanaryToken) + `"}`), "errcode 40097"},
}

// told fails the test unless the page has the status and says what went wrong with a call that only asks, or with one
// that may have taken effect.
func told(p *webtest.Page, status int, said string, asks bool) *webtest.Page {
	p.T.Helper()
	switch {
	case said == "errcode -1" && asks:
		return p.Shows(status, said).Expect(status, "errcode.-1.cause")
	case strings.Contains(said, " "):
		return p.Shows(status, said)
	case asks && (said == "no_answer" || said == "timeout"):
		said = "read_" + said
	}
	return p.Expect(status, "reason."+said+".cause")
}

// slow are those that nothing but the time ends.
func slow(name string) bool { return name == "a late answer" || name == "a slow trickle" }

func hurried(name string) func(config *web.Config) {
	return func(config *web.Config) {
		if slow(name) {
			config.Timeout = 300 * time.Millisecond
		}
	}
}

func body(text string) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func endless(w http.ResponseWriter, r *http.Request) {
	chunk := strings.Repeat(`{"errcode":0,"list":[`, 4096)
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
	}
}

func late(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func trickle(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		fmt.Fprint(w, " ")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-time.After(10 * time.Millisecond):
		case <-r.Context().Done():
		}
	}
}

// Every page that asks WeChat says what went wrong and what to
// do, with 502, and holds no secret.
func TestAnAnswerThatIsNoneGetsAPageWithCauseAndNextStep(t *testing.T) {
	t.Parallel()
	for name, f := range failing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := webtest.NewConsoleWith(t, hurried(name))
			s := webtest.NewScript(t)
			for _, path := range []string{webtest.LibraryList, webtest.LibraryGet, webtest.TemplateList} {
				s.On(path, f.answer)
			}
			b := c.Connect(s) // nothing was ever read that could be shown instead
			for _, path := range []string{"/library", "/library/AT0002", "/templates", "/templates/" + webtest.ScriptedID, "/templates/" + webtest.ScriptedID + "/delete"} {
				if name == "an echo" && path == "/library/AT0002" || slow(name) && path != "/templates" {
					continue // 40097 there is a title that WeChat does not know
				}
				p := told(b.Get(path), http.StatusBadGateway, f.said, true)
				if !p.Has(".banner p + p") || p.Doc.Find(`main a[href$="`+path+`"]`).Length() != 1 {
					t.Errorf("%s: no next step, or no way to try again:\n%s", path, p.Text("main"))
				}
				if webtest.Leaked(p.Body) != "" {
					t.Errorf("%s holds %s", path, webtest.Leaked(p.Body))
				}
			}
			told(b.Get("/"), http.StatusOK, f.said, true)
			if s.Calls("/elsewhere") != 0 {
				t.Error("the redirect was followed")
			}
			c.NothingLeaked()
		})
	}
}

// Where a send meets it, everything typed is still in place.
func TestASendThatMeetsItKeepsEverything(t *testing.T) {
	t.Parallel()
	for name, f := range failing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := webtest.NewConsoleWith(t, hurried(name))
			s := webtest.NewScript(t)
			b := c.Connect(s)
			written := b.Get("/templates/" + webtest.ScriptedID)
			c.Clock.Advance(10 * time.Minute) // somebody types for a while
			s.On(webtest.SendPath, f.answer)
			s.On(webtest.TemplateList, f.answer)
			fill := func(form url.Values) {
				form["v"] = []string{"广州"}
				form.Set("touser", webtest.StrangerID)
				form.Set("form_id", "1a2b")
				form.Set("page", "pages/x")
			}
			preview := b.Submit(written, `#message button[formaction$="/preview"]`, fill).Shows(http.StatusOK, "广州")
			sent := b.Submit(preview, webtest.SendButton, nil)
			for _, p := range []*webtest.Page{preview, sent} {
				form := webtest.Controls(p.Doc.Find(`form[action$="/send"]`))
				// A right that is of no more use is not offered again.
				if form.Get("v") != "广州" || form.Get("touser") != webtest.StrangerID || p == preview && form.Get("form_id") != "1a2b" || form.Get("page") != "pages/x" {
					t.Errorf("what was typed is lost at %s: %v", p.Path, form)
				}
			}
			record := b.Get("/sends/1")
			for _, p := range []*webtest.Page{sent, record} {
				if name == "other types" {
					p.Expect(http.StatusOK, "outcome.sent") // an errcode of 0 is all that a send asks for
				} else {
					told(p, http.StatusOK, f.said, false)
				}
			}
			if webtest.Leaked(sent.Body+record.Body) != "" {
				t.Errorf("a page holds %s", webtest.Leaked(sent.Body+record.Body))
			}
			if s.Calls(webtest.SendPath) != 1 {
				t.Errorf("%d calls of send", s.Calls(webtest.SendPath))
			}
			c.NothingLeaked()
		})
	}
}

// A host that cannot be reached was sent nothing, and the page says so.
func TestASendToNobodyIsRefusedNotUnknown(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	b := c.Connect(s)
	written := b.Get("/templates/" + webtest.ScriptedID)
	s.Close()
	b.Submit(written, webtest.SendButton, func(form url.Values) { form.Set("touser", webtest.StrangerID); form.Set("form_id", "1") }).
		Expect(http.StatusOK, "reason.unreachable.cause")
	b.Get("/sends/1").Expect(http.StatusOK, "reason.unreachable.cause")
	if tag := b.Get("/sends").Text("tbody .tag"); tag != "Refused" {
		t.Errorf("listed as %q", tag)
	}
}

func TestAnAdditionOrADeletionThatMeetsItKeepsTheForm(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := webtest.NewScript(t)
	b := c.Connect(s)
	builder, remove := b.Get("/library/AT0002?k=3"), b.Get("/templates/"+webtest.ScriptedID+"/delete")
	s.Says(webtest.TemplateDel, "<html>"+webtest.CanaryToken)
	s.Says(webtest.TemplateAdd, `{"errcode":43106,"errmsg":"not allow to add template, for punishment hint: [`+webtest.CanaryToken+`]"}`)
	p := b.Press(builder, "account").Expect(http.StatusBadGateway, "errcode.43106.cause")
	webtest.Same(t, p.Chosen(), []string{"购买地点"})
	d := b.Submit(remove, "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") }).
		Expect(http.StatusBadGateway, "reason.not_known_yet.cause")
	if d.Doc.Find("#title").AttrOr("value", "") != "购买成功通知" || webtest.Leaked(p.Body+d.Body) != "" {
		t.Errorf("the title is lost, or a page holds %q", webtest.Leaked(p.Body+d.Body))
	}
	c.NothingLeaked()
}

// A person who gives up does not hold the console; where nobody waits any more
// nothing is logged as the console's own fault.
func TestAVisitorWhoGivesUpEndsTheirRequest(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	b := c.Connect(s)
	s.On(webtest.LibraryList, late)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	r := httptest.NewRequest(http.MethodGet, c.URL+"/library", nil).WithContext(ctx)
	r.AddCookie(&http.Cookie{Name: "muban", Value: b.Session()})
	r.Header.Set("Accept-Language", "en")
	rec := httptest.NewRecorder()
	c.Muban.Handler().ServeHTTP(rec, r)
	if rec.Code != http.StatusBadGateway || strings.Contains(c.Log.String(), "level=ERROR") {
		t.Fatalf("%d\n%s", rec.Code, c.Log)
	}
}

// A token that WeChat refuses does not turn up in what is said of it.
func TestARefusedTokenIsNotShown(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	b := c.Connect(s)
	lists, tokens := s.Calls(webtest.TemplateList), s.Calls(webtest.TokenPath)
	s.Says(webtest.TokenPath, `{"access_token":"`+webtest.CanaryToken+`-2","expires_in":7200}`)
	s.On(webtest.TemplateList, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"errcode":40001,"errmsg":"invalid credential, access_token is invalid or not latest: %s"}`, r.URL.Query().Get("access_token"))
	})
	p := b.Get("/templates").Shows(http.StatusOK, "errcode 40001")
	if webtest.Leaked(p.Body) != "" || s.Calls(webtest.TemplateList) != lists+2 || s.Calls(webtest.TokenPath) != tokens+1 {
		t.Errorf("holds %q; %d lists, %d tokens", webtest.Leaked(p.Body), s.Calls(webtest.TemplateList), s.Calls(webtest.TokenPath))
	}
	s.Says(webtest.TokenPath, `{"errcode":40164,"errmsg":"invalid ip 192.0.2.7, not in whitelist; secret=`+webtest.CanarySecret+`"}`)
	c.Clock.Advance(3 * time.Hour)
	for _, path := range []string{"/templates", "/"} {
		if p := b.Get(path); webtest.Leaked(p.Body) != "" || !strings.Contains(p.Text("main"), "invalid ip 192.0.2.7") {
			t.Errorf("%s: %s", path, p.Text("main"))
		}
	}
	c.NothingLeaked()
	c.NothingStoredInTheClear()
}
