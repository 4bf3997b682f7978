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
)

// hostile strings, as WeChat or a person may give them. Each holds the word
// hostile, so that a test can see that it was shown at all.
var hostile = []string{
	`hostile<script>alert(1)</script>`,
	`hostile"><img src=x onerror=alert(1)><svg onload=alert(1)>`,
	`hostile' onmouseover='alert(1)' style='position:fixed`,
	`hostile</textarea></pre></title></style><iframe src=javascript:alert(1)>`,
	"javascript:alert('hostile')//\u2028\u2029\n%0a<a href=javascript:alert(1)>x</a>",
	"hostile\r\nSet-Cookie: muban=x\r\n\r\n<script>alert(1)</script>\ntime=2026 level=ERROR msg=forged",
	`hostile{{.Secret}} {% x %} ${x} <!--` + "`" + `]]>&lt;script&gt;&#x3c;script>` + "\u202e\x00\x7f",
}

func answer(t *testing.T, fields map[string]any) string {
	t.Helper()
	return mustJSON(t, fields)
}

// poison makes the scripted WeChat give h wherever it gives text.
func (s *script) poison(t *testing.T, h, titleID, templateID string) {
	t.Helper()
	s.says(libraryList, answer(t, map[string]any{"errcode": 0, "total_count": 1, "list": []any{map[string]any{"id": titleID, "title": h}}}))
	s.says(libraryGet, answer(t, map[string]any{"errcode": 0, "id": titleID, "title": h, "keyword_list": []any{
		map[string]any{"keyword_id": 3, "name": h, "example": h}, map[string]any{"keyword_id": 4, "name": h + "2", "example": h},
	}}))
	s.says(templateAdd, answer(t, map[string]any{"errcode": 0, "template_id": templateID}))
	s.says(templateList, answer(t, map[string]any{"errcode": 0, "list": []any{map[string]any{
		"template_id": templateID, "title": h, "content": h + "{{keyword1.DATA}}\n" + h + "\n{{keyword2.DATA}}", "example": h + "：" + h + "\n" + h,
	}}}))
	s.says(sendPath, answer(t, map[string]any{"errcode": 43, "errmsg": h}))
	s.says(templateDel, answer(t, map[string]any{"errcode": 43, "errmsg": h}))
}

// inert fails the test where a page holds anything that a page of ours does not:
// elements that load or run, attributes that run, addresses that are code.
func (p *page) inert() {
	p.t.Helper()
	if p.saved() {
		return
	}
	for _, el := range p.doc.Find("*").EachIter() {
		node := el.Nodes[0]
		switch node.Data {
		case "img", "iframe", "object", "embed", "base", "style", "applet", "frame", "noscript", "template", "audio", "video":
			p.t.Errorf("%s holds a <%s>", p.path, node.Data)
		case "script":
			if !strings.HasPrefix(el.AttrOr("src", ""), "/static/") || el.Text() != "" {
				p.t.Errorf("%s holds a script of its own", p.path)
			}
		case "a":
			if el.Closest("svg").Length() > 0 {
				p.t.Errorf("%s: a link in a drawing", p.path)
			}
		}
		for _, a := range node.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "http-equiv":
				p.t.Errorf("%s: <%s %s=%q>", p.path, node.Data, a.Key, a.Val)
			case a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction":
				if !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#") || strings.HasPrefix(value, "//") {
					p.t.Errorf("%s: <%s %s=%q>", p.path, node.Data, a.Key, a.Val)
				}
			}
		}
	}
	if len(p.header.Values("Set-Cookie")) > 0 {
		p.t.Errorf("%s: a header was forged", p.path)
	}
}

// saved tells whether a browser saves this instead of showing it.
func (p *page) saved() bool {
	return strings.HasPrefix(p.header.Get("Content-Disposition"), "attachment") && p.header.Get("X-Content-Type-Options") == "nosniff"
}

func TestHostileTextFromWeChatIsInertOnEveryPage(t *testing.T) {
	t.Parallel()
	for i, h := range hostile {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			c, s := newConsole(t), newScript(t)
			b := c.connect(s)
			titleID, templateID := "AT0002", scriptedID
			if i%2 == 1 {
				titleID, templateID = "AT "+h, h
			}
			s.poison(t, h, titleID, templateID)
			c.clock.Advance(3 * time.Hour) // what was read before is forgotten
			pages := actWith(b, titleID, templateID, h)
			b.crawl(func(p *page) { pages = append(pages, p) }, "/", "/drafts/1/sheet", "/library/"+url.PathEscape(titleID)+"?k=3&k=4&e=1", "/templates/"+url.PathEscape(templateID))
			shown := map[string]bool{}
			for _, p := range pages {
				p.inert()
				first, _, _ := strings.Cut(strings.TrimPrefix(p.path, "/"), "/")
				first, _, _ = strings.Cut(first, "?")
				shown[first] = shown[first] || strings.Contains(p.doc.Text(), "hostile")
			}
			for _, kind := range []string{"", "library", "drafts", "templates", "sends"} {
				if !shown[kind] {
					t.Errorf("it does not show under /%s", kind)
				}
			}
			if strings.Contains(c.log.String(), "\ntime=2026 level=ERROR") {
				t.Error("a line of the log is forged")
			}
		})
	}
}

// actWith posts the hostile text through every form of the main job.
func actWith(b *browser, titleID, templateID, h string) []*page {
	b.t.Helper()
	h = strings.ReplaceAll(h, "\x00", "") // a form with NUL is refused as a whole
	title, template := "/library/"+url.PathEscape(titleID), "/templates/"+url.PathEscape(templateID)
	message := url.Values{"v": {h, h}, "c": {"", h}, "page": {h}, "touser": {strangerID}, "form_id": {h}, "key": {"k"}, "e": {"1"}}
	return []*page{
		b.post(title, url.Values{"k": {"3", "4"}, "do": {"save"}, "q": {h}}),
		b.post(title, url.Values{"k": {"3", "4"}, "do": {h}, "q": {h}}),
		b.fragment(title, url.Values{"k": {"3", "4"}, "do": {"check"}, "q": {h}}),
		b.post(title, url.Values{"k": {"3", "4"}, "do": {"account"}}),
		b.post("/drafts/new", url.Values{"title": {h}, "name": {h}, "example": {h}, "scenario": {h}, "do": {"save"}}),
		b.post("/drafts/1/comments", url.Values{"text": {h}}),
		b.post("/drafts/new", url.Values{"title": {strings.Repeat(h, 9)}, "name": {h}, "example": {h}, "scenario": {h}, "do": {"save"}}),
		b.post(template+"/preview", message),
		b.fragment(template+"/preview", message),
		b.post(template+"/send", with(message, "c", "", "")),
		b.post(template+"/send", with(with(with(with(message, "c", "", ""), "page", ""), "form_id", "hostile1"), "key", "k2")),
		b.post(template+"/delete", url.Values{"title": {h}}),
		b.post(template+"/delete", url.Values{"title": {h + "x"}}),
		b.post("/settings/apps", url.Values{"name": {h}, "appid": {h}, "base": {h}, "secret": {h}}),
		b.get("/library?offset=" + url.QueryEscape(h)),
		b.get("/drafts?q=" + url.QueryEscape(h)),
		b.get("/sends?openid=" + url.QueryEscape(h)),
		b.get("/sends?" + url.Values{"q": {h}, "person": {h}, "right": {h}, "errcode": {h}, "from": {h}, "template": {h}}.Encode()),
		b.get("/rights?q=" + url.QueryEscape(h)),
		b.get("/rights?by=right&q=" + url.QueryEscape(h)),
		b.get("/" + url.PathEscape(h)),
		b.get("/?done=" + url.QueryEscape(h)),
		b.post("/preferences", url.Values{"lang": {h}}),
	}
}

// faults.md 34: nor does the text of people or of the sandbox run.
func TestHostileTextFromPeopleIsInert(t *testing.T) {
	t.Parallel()
	for i, h := range hostile {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			// A form submits a line feed as CRLF, and it is read as a line feed again.
			runes := []rune(strings.NewReplacer("\x00", "", "\r\n", "\n").Replace(h))
			name := string(runes[:min(len(runes), 60)])
			_, err := c.store.AddPerson(t.Context(), store.Actor{}, store.Person{Name: name, Role: store.Administrator, PasswordHash: passwordHash})
			must(t, err)
			stranger := c.visitor()
			stranger.post("/sign-in", credentials(h, "x")).inert()
			stranger.get("/sign-in?next=" + url.QueryEscape(h)).inert()
			stranger.get("/set-up?token=" + url.QueryEscape(h)).inert()
			b := c.visitor()
			if p := b.post("/sign-in", credentials(name, password)); p.path != "/" {
				t.Fatalf("%q: %d at %s", name, p.status, p.path)
			}
			b.get("/").inert()
			admin := c.as(store.Administrator)
			for _, p := range []*page{
				admin.get("/settings/people"), admin.get("/settings/people/5"), admin.post("/settings/people", url.Values{"invitee": {name}, "role": {"qa"}}),
				admin.post("/settings/people", url.Values{"invitee": {h}, "role": {h}}), admin.post("/settings/people/5", url.Values{"role": {h}, "app": {h}, "app_role": {h}}),
				b.post("/settings/me/factor", nil), b.get("/settings/me"), admin.post("/settings/people/5/password", nil), stranger.get("/join?token=" + url.QueryEscape(h)),
				stranger.post("/join", url.Values{"token": {h}, "name": {h}, "password": {h}}), stranger.post("/sign-in/code", url.Values{"code": {h}, "next": {h}}),
				admin.get("/sandbox?openid=" + url.QueryEscape(h)), admin.get("/sandbox?made=" + url.QueryEscape(h)),
				admin.inject(sendPath, "body", h, "1"), admin.inject(sendPath, h, h, "1"), admin.inject(h, "errcode", h, h), admin.get("/sandbox"),
			} {
				p.inert()
			}
			if p := admin.get("/sandbox"); p.status != http.StatusOK {
				t.Errorf("%d", p.status)
			}
		})
	}
}

// A JSON body in an address bar would be a page; nothing of ours answers one.
func TestEveryPageIsHTMLOrPlainText(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.as(store.Administrator).crawl(func(p *page) {
		if p.saved() {
			return
		}
		kind := p.header.Get("Content-Type")
		if json.Valid([]byte(p.body)) || !strings.HasPrefix(kind, "text/") && kind != "image/svg+xml" || !strings.HasSuffix(kind, "utf-8") && kind != "image/svg+xml" {
			t.Errorf("%s is %s", p.path, kind)
		}
	}, "/", "/healthz", "/readyz", "/nowhere")
}
