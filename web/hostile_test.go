package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
)

func TestHostileTextFromWeChatIsInertOnEveryPage(t *testing.T) {
	t.Parallel()
	for i, h := range webtest.Hostile {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			c, s := webtest.NewConsole(t), webtest.NewScript(t)
			b := c.Connect(s)
			titleID, templateID := "AT0002", webtest.ScriptedID
			if i%2 == 1 {
				titleID, templateID = "AT "+h, h
			}
			s.Poison(t, h, titleID, templateID)
			c.Clock.Advance(3 * time.Hour) // what was read before is forgotten
			pages := actWith(b, titleID, templateID, h)
			b.Crawl(func(p *webtest.Page) { pages = append(pages, p) }, "/", "/drafts/1/sheet", "/library/"+url.PathEscape(titleID)+"?k=3&k=4&e=1", "/templates/"+url.PathEscape(templateID))
			shown := map[string]bool{}
			for _, p := range pages {
				p.Inert()
				first, _, _ := strings.Cut(strings.TrimPrefix(p.Path, "/"), "/")
				first, _, _ = strings.Cut(first, "?")
				shown[first] = shown[first] || strings.Contains(p.Doc.Text(), "hostile")
			}
			for _, kind := range []string{"", "library", "drafts", "templates", "sends"} {
				if !shown[kind] {
					t.Errorf("it does not show under /%s", kind)
				}
			}
			if strings.Contains(c.Log.String(), "\ntime=2026 level=ERROR") {
				t.Error("a line of the log is forged")
			}
		})
	}
}

// actWith posts the hostile text through every form of the main job.
func actWith(b *webtest.Browser, titleID, templateID, h string) []*webtest.Page {
	b.T.Helper()
	h = strings.ReplaceAll(h, "\x00", "") // a form with NUL is refused as a whole
	title, template := "/library/"+url.PathEscape(titleID), "/templates/"+url.PathEscape(templateID)
	message := url.Values{"v": {h, h}, "c": {"", h}, "page": {h}, "touser": {webtest.StrangerID}, "form_id": {h}, "key": {"k"}, "e": {"1"}}
	return []*webtest.Page{
		b.Post(title, url.Values{"k": {"3", "4"}, "do": {"save"}, "q": {h}}),
		b.Post(title, url.Values{"k": {"3", "4"}, "do": {h}, "q": {h}}),
		b.Fragment(title, url.Values{"k": {"3", "4"}, "do": {"check"}, "q": {h}}),
		b.Post(title, url.Values{"k": {"3", "4"}, "do": {"account"}}),
		b.Post("/drafts/new", url.Values{"title": {h}, "name": {h}, "example": {h}, "scenario": {h}, "do": {"save"}}),
		b.Post("/drafts/1/comments", url.Values{"text": {h}}),
		b.Post("/drafts/new", url.Values{"title": {strings.Repeat(h, 9)}, "name": {h}, "example": {h}, "scenario": {h}, "do": {"save"}}),
		b.Post(template+"/preview", message),
		b.Fragment(template+"/preview", message),
		b.Post(template+"/send", webtest.With(message, "c", "", "")),
		b.Post(template+"/send", webtest.With(webtest.With(webtest.With(webtest.With(message, "c", "", ""), "page", ""), "form_id", "hostile1"), "key", "k2")),
		b.Post(template+"/delete", url.Values{"title": {h}}),
		b.Post(template+"/delete", url.Values{"title": {h + "x"}}),
		b.Post("/settings/apps", url.Values{"name": {h}, "appid": {h}, "base": {h}, "secret": {h}}),
		b.Get("/library?offset=" + url.QueryEscape(h)),
		b.Get("/drafts?q=" + url.QueryEscape(h)),
		b.Get("/sends?openid=" + url.QueryEscape(h)),
		b.Get("/sends?" + url.Values{"q": {h}, "person": {h}, "right": {h}, "errcode": {h}, "from": {h}, "template": {h}}.Encode()),
		b.Get("/rights?q=" + url.QueryEscape(h)),
		b.Get("/rights?by=right&q=" + url.QueryEscape(h)),
		b.Get("/" + url.PathEscape(h)),
		b.Get("/?done=" + url.QueryEscape(h)),
		b.Post("/preferences", url.Values{"lang": {h}}),
	}
}

// Nor does the text of people or of the sandbox run.
func TestHostileTextFromPeopleIsInert(t *testing.T) {
	t.Parallel()
	for i, h := range webtest.Hostile {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			c := webtest.NewConsole(t)
			// A form submits a line feed as CRLF, and it is read as a line feed again.
			runes := []rune(strings.NewReplacer("\x00", "", "\r\n", "\n").Replace(h))
			name := string(runes[:min(len(runes), 60)])
			_, err := c.Store.AddPerson(t.Context(), store.Actor{}, store.Person{Name: name, Role: store.Administrator, PasswordHash: webtest.PasswordHash})
			webtest.Must(t, err)
			stranger := c.Visitor()
			stranger.Post("/sign-in", webtest.Credentials(h, "x")).Inert()
			stranger.Get("/sign-in?next=" + url.QueryEscape(h)).Inert()
			stranger.Get("/set-up?token=" + url.QueryEscape(h)).Inert()
			b := c.Visitor()
			if p := b.Post("/sign-in", webtest.Credentials(name, webtest.Password)); p.Path != "/" {
				t.Fatalf("%q: %d at %s", name, p.Status, p.Path)
			}
			b.Get("/").Inert()
			admin := c.As(store.Administrator)
			for _, p := range []*webtest.Page{
				admin.Get("/settings/people"), admin.Get("/settings/people/5"), admin.Post("/settings/people", url.Values{"invitee": {name}, "role": {"qa"}}),
				admin.Post("/settings/people", url.Values{"invitee": {h}, "role": {h}}), admin.Post("/settings/people/5", url.Values{"role": {h}, "app": {h}, "app_role": {h}}),
				b.Post("/settings/me/factor", nil), b.Get("/settings/me"), admin.Post("/settings/people/5/password", nil), stranger.Get("/join?token=" + url.QueryEscape(h)),
				stranger.Post("/join", url.Values{"token": {h}, "name": {h}, "password": {h}}), stranger.Post("/sign-in/code", url.Values{"code": {h}, "next": {h}}),
				admin.Get("/sandbox?openid=" + url.QueryEscape(h)), admin.Get("/sandbox?made=" + url.QueryEscape(h)),
				admin.Inject(webtest.SendPath, "body", h, "1"), admin.Inject(webtest.SendPath, h, h, "1"), admin.Inject(h, "errcode", h, h), admin.Get("/sandbox"),
			} {
				p.Inert()
			}
			if p := admin.Get("/sandbox"); p.Status != http.StatusOK {
				t.Errorf("%d", p.Status)
			}
		})
	}
}

// A JSON body in an address bar would be a page; nothing of ours answers one.
func TestEveryPageIsHTMLOrPlainText(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.As(store.Administrator).Crawl(func(p *webtest.Page) {
		if p.Saved() {
			return
		}
		kind := p.Header.Get("Content-Type")
		if json.Valid([]byte(p.Body)) || !strings.HasPrefix(kind, "text/") && kind != "image/svg+xml" || !strings.HasSuffix(kind, "utf-8") && kind != "image/svg+xml" {
			t.Errorf("%s is %s", p.Path, kind)
		}
	}, "/", "/healthz", "/readyz", "/nowhere")
}
