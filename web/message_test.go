package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/wechat/sandbox"
)

// openTemplate adds 购买地点 and 物品名称 and opens the template's page.
func openTemplate(c *console, b *browser) *page {
	c.t.Helper()
	return b.get("/templates/" + c.addTemplate(b, "AT0002", "3", "5"))
}

// templateIDOn is the template_id on a template's page.
func templateIDOn(p *page) string { return p.doc.Find(".head code").First().Text() }

func TestAMessageIsPreviewedWithValuesColoursEmphasisAndPage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := openTemplate(c, b)
	same(t, p.onCard(), []string{"购买地点=TIT造舰厂", "物品名称=咖啡"})
	if strings.Contains(p.text(".phone"), "进入小程序查看") {
		t.Error("without a page a tap leads somewhere")
	}
	p = b.submit(p, `button[formaction$="/preview"]`, func(form url.Values) {
		form["v"] = []string{"广州 <b>", "拿铁\r\n\"大杯\""}
		form["c"] = []string{"#173177", ""}
		form.Set("e", "2")
		form.Set("page", "pages/order?id=1&x=y")
		form.Set("touser", strangerID)
		form.Set("form_id", "1a2b")
	}).expect(http.StatusOK, "进入小程序查看")
	same(t, p.onCard(), []string{"物品名称=拿铁\n\"大杯\"", "购买地点=广州 <b>"})
	if p.doc.Find(".phone font").AttrOr("color", "") != "#173177" || p.text(".phone .emphasis .name") != "物品名称" {
		t.Errorf("%s", p.text(".phone"))
	}
	request := `{
  "touser": "` + strangerID + `",
  "template_id": "` + templateIDOn(p) + `",
  "page": "pages/order?id=1&x=y",
  "form_id": "1a2b",
  "data": {
    "keyword1": {
      "value": "广州 <b>",
      "color": "#173177"
    },
    "keyword2": {
      "value": "拿铁\n\"大杯\""
    }
  },
  "emphasis_keyword": "keyword2.DATA"
}`
	if got := p.doc.Find("#request").Text(); got != request {
		t.Errorf("request\n%s\nwant\n%s", got, request)
	}
	curl := "curl -X POST 'https://api.weixin.qq.com/cgi-bin/message/wxopen/template/send?access_token=ACCESS_TOKEN' \\\n" +
		"  -H 'Content-Type: application/json' \\\n  -d '" + request + "'"
	if got := p.doc.Find("#curl").Text(); got != curl {
		t.Errorf("curl\n%s\nwant\n%s", got, curl)
	}
	if c.calls("/send") != 0 || len(c.sends()) != 0 {
		t.Error("a preview has sent something")
	}
}

// The command goes into a shell: nothing that somebody typed ends its quotes.
func TestACopiedCommandIsQuotedForTheShell(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := b.submit(openTemplate(c, b), `button[formaction$="/preview"]`, func(form url.Values) { form["v"] = []string{"it's '; rm -rf ~; '", "$(id) `id`"} })
	got := p.doc.Find("#curl").Text()
	body := got[strings.Index(got, "-d ")+3:]
	if !strings.HasPrefix(body, "'") || !strings.HasSuffix(body, "'") || strings.Contains(strings.ReplaceAll(body[1:len(body)-1], `'\''`, ""), "'") {
		t.Fatal(got)
	}
}

func TestNoPageOfATemplateHoldsTheToken(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := openTemplate(c, b)
	b.sendTest(templateIDOn(p)).expect(http.StatusOK, "Sent")
	held, err := c.store.LoadToken(context.Background(), c.app().AppID)
	must(t, err)
	b.crawl(func(p *page) {
		if strings.Contains(p.body, held.Value.Reveal()) || strings.Contains(p.body, sandbox.DefaultSecret) {
			t.Errorf("%s holds a token or a secret", p.path)
		}
	}, "/", "/templates/"+templateIDOn(p))
	if log := c.log.String(); strings.Contains(log, held.Value.Reveal()) || strings.Contains(log, sandbox.DefaultSecret) {
		t.Error("the log holds a token or a secret")
	}
}

func TestAMessageWithMistakesNamesThemAtTheirFields(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	page := openTemplate(c, b)
	for what, try := range map[string]struct {
		fill func(form url.Values)
		at   string
		want string
	}{
		"a colour's name":   {func(f url.Values) { f["c"] = []string{"", "red"} }, "#c-1-problem", "A colour is written #RRGGBB, for example #173177, not “red”"},
		"a short colour":    {func(f url.Values) { f["c"] = []string{"#fff", ""} }, "#c-0-problem", "not “#fff”"},
		"a long page":       {func(f url.Values) { f.Set("page", strings.Repeat("a", 513)) }, "#page-problem", "Page may have at most 512 characters"},
		"a long value":      {func(f url.Values) { f["v"] = []string{strings.Repeat("长", 2001)} }, ".banner.bad", "A keyword's value may have at most 2000 characters"},
		"a short openid":    {func(f url.Values) { f.Set("touser", "o123") }, "#touser-problem", "An openid is 28 letters"},
		"no openid":         {func(f url.Values) { f.Set("touser", "") }, "#touser-problem", "Enter the recipient's openid"},
		"no form_id":        {func(f url.Values) { f.Set("form_id", "") }, "#form_id-problem", "this openid has no usable right"},
		"a mock form_id":    {func(f url.Values) { f.Set("form_id", "the formId is a mock one") }, "#form_id-problem", "is what the developer tools give"}, // faults.md 22
		"a prepay_id= left": {func(f url.Values) { f.Set("form_id", "prepay_id=wx123") }, "#form_id-problem", "Remove “prepay_id=” at the start"},          // faults.md 22
		"an emphasis of 99": {func(f url.Values) { f.Set("e", "99") }, ".banner.bad", "Enlarged keyword may be at most 40"},
		"an emphasis of x":  {func(f url.Values) { f.Set("e", "x") }, ".banner.bad", "Enlarged keyword must be a whole number, not “x”"},
	} {
		p := b.submit(page, "#test-send button.primary", func(form url.Values) {
			form.Set("form_id", "1a2b")
			form["v"] = []string{"typed", "咖啡"}
			try.fill(form)
		})
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(try.at), try.want) {
			t.Errorf("%s: %d, %s: %q in\n%s", what, p.status, try.at, p.text(try.at), p.text(".banner.bad"))
		}
		if got := p.doc.Find("#v-1, #v-0").First().Text(); got != "typed" && what != "a long value" {
			t.Errorf("%s: what was typed is lost: %q", what, got)
		}
	}
	if c.calls("/send") != 0 || len(c.sends()) != 0 {
		t.Fatal("something was sent")
	}
}

func TestALivePreviewGetsThePreviewAndItsAddress(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.QA)
	page := openTemplate(c, c.as(store.Operator))
	b.get("/templates/" + templateIDOn(page))
	before := c.still()
	p := b.fragment("/templates/"+templateIDOn(page)+"/preview", url.Values{"v": {"x", "y"}, "c": {"#112233", "bad"}, "e": {"1"}, "form_id": {"1a2b"}, "page": {"p"}})
	if p.status != http.StatusOK || strings.Contains(p.body, "<html") || p.has("main, form, textarea, [name=v]") || !p.has("#preview #request") {
		t.Fatalf("%d: %s", p.status, p.body)
	}
	same(t, p.onCard(), []string{"购买地点=x", "物品名称=y"})
	shared := b.get(p.header.Get("X-URL"))
	same(t, shared.onCard(), p.onCard())
	if strings.Contains(p.header.Get("X-URL"), "1a2b") || strings.Contains(p.header.Get("X-URL"), "touser") {
		t.Errorf("the address holds the right or the recipient: %s", p.header.Get("X-URL"))
	}
	if c.content() != before {
		t.Fatal("a preview has written something")
	}
}

func TestAPreviewIsSharedWithoutRecipientAndRight(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := b.submit(openTemplate(c, b), `button[formaction$="/preview"]`, func(form url.Values) {
		form["v"] = []string{"广州", ""}
		form["c"] = []string{"", "#0000FF"}
		form.Set("e", "1")
		form.Set("page", "pages/a?b=c&d=e")
		form.Set("touser", strangerID)
		form.Set("form_id", "1a2b")
	})
	link := p.doc.Find(`.preview a[href^="/templates/"]`).AttrOr("href", "")
	if strings.Contains(link, "1a2b") || strings.Contains(link, strangerID) {
		t.Fatalf("%s", link)
	}
	other := c.as(store.ProductManager).get(link)
	same(t, other.onCard(), p.onCard())
	if other.doc.Find("#page").AttrOr("value", "") != "pages/a?b=c&d=e" || other.doc.Find("#c-1").AttrOr("value", "") != "#0000FF" || other.doc.Find("#v-0").Text() != "广州" || other.doc.Find("#v-1").Text() != "" {
		t.Fatalf("%s", other.doc.Find("#request").Text())
	}
}

func TestAFormOrAPaymentIsOneClickInTheSandbox(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := b.submit(openTemplate(c, b), "button[value=form]", func(form url.Values) {
		form["v"] = []string{"typed", "too"}
		form.Set("touser", strangerID)
		form.Set("page", "pages/x")
	})
	if form := controls(p.doc.Find(`form[action$="/send"]`)); len(form.Get("form_id")) != 32 || form.Get("touser") != strangerID || form["v"][0] != "typed" || form.Get("page") != "pages/x" {
		t.Fatalf("%v", form)
	}
	p = b.submit(p, "button[value=payment]", nil)
	if id := p.doc.Find("#form_id").AttrOr("value", ""); !strings.HasPrefix(id, "wx") {
		t.Fatalf("prepay_id %q", id)
	}
	for range 3 { // a payment sends three times
		p = b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	}
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusUnprocessableEntity, "all sends of this id are used")
}

// A new template's page knows nothing of a mini program outside the sandbox that
// could make rights.
func TestOutsideTheSandboxNoRightIsMade(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator).in(c.addApp("wx0000000000000002"))
	p := openTemplate(c, b)
	if p.has("button[value=form]") || p.has(".badge.sandbox") {
		t.Error("the page offers the sandbox's hands")
	}
	if p := b.post("/templates/"+templateIDOn(p)+"/right", url.Values{"kind": {"form"}}); p.status != http.StatusNotFound {
		t.Errorf("%d", p.status)
	}
}

func TestWhatIsSentIsWhatWasShown(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := b.submit(openTemplate(c, b), "button[value=form]", func(form url.Values) { form.Set("e", "2"); form["c"] = []string{"#173177", ""} })
	shown := p.doc.Find("#request").Text()
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	var a, z any
	must(t, json.Unmarshal([]byte(shown), &a))
	must(t, json.Unmarshal(c.sends()[0].Request, &z))
	if x, y := mustJSON(t, a), mustJSON(t, z); x != y {
		t.Fatalf("shown %s, sent %s", x, y)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}
