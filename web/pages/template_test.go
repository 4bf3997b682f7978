package pages_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// openTemplate adds 购买地点 and 物品名称 and opens the template's page.
func openTemplate(c *webtest.Console, b *webtest.Browser) *webtest.Page {
	c.T.Helper()
	return b.Get("/templates/" + c.AddTemplate(b, "AT0002", "3", "5"))
}

// templateIDOn is the template_id on a template's page.
func templateIDOn(p *webtest.Page) string { return p.Doc.Find(".head code").First().Text() }

func TestAMessageIsPreviewedWithValuesColoursEmphasisAndPage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := openTemplate(c, b)
	webtest.Same(t, p.OnCard(), []string{"购买地点=TIT造舰厂", "物品名称=咖啡"})
	if strings.Contains(p.Text(".phone"), "进入小程序查看") {
		t.Error("without a page a tap leads somewhere")
	}
	p = b.Submit(p, `button[formaction$="/preview"]`, func(form url.Values) {
		form["v"] = []string{"广州 <b>", "拿铁\r\n\"大杯\""}
		form["c"] = []string{"#173177", ""}
		form.Set("e", "2")
		form.Set("page", "pages/order?id=1&x=y")
		form.Set("touser", webtest.StrangerID)
		form.Set("form_id", "1a2b")
	}).Shows(http.StatusOK, "进入小程序查看")
	webtest.Same(t, p.OnCard(), []string{"物品名称=拿铁\n\"大杯\"", "购买地点=广州 <b>"})
	if p.Doc.Find(".phone font").AttrOr("color", "") != "#173177" || p.Text(".phone .emphasis .name") != "物品名称" {
		t.Errorf("%s", p.Text(".phone"))
	}
	request := `{
  "touser": "` + webtest.StrangerID + `",
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
	if got := p.Doc.Find("#request").Text(); got != request {
		t.Errorf("request\n%s\nwant\n%s", got, request)
	}
	curl := "curl -X POST 'https://api.weixin.qq.com/cgi-bin/message/wxopen/template/send?access_token=ACCESS_TOKEN' \\\n" +
		"  -H 'Content-Type: application/json' \\\n  -d '" + request + "'"
	if got := p.Doc.Find("#curl").Text(); got != curl {
		t.Errorf("curl\n%s\nwant\n%s", got, curl)
	}
	if c.Calls("/send") != 0 || len(c.Sends()) != 0 {
		t.Error("a preview has sent something")
	}
}

// The command goes into a shell: nothing that somebody typed ends its quotes.
func TestACopiedCommandIsQuotedForTheShell(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := b.Submit(openTemplate(c, b), `button[formaction$="/preview"]`, func(form url.Values) { form["v"] = []string{"it's '; rm -rf ~; '", "$(id) `id`"} })
	got := p.Doc.Find("#curl").Text()
	body := got[strings.Index(got, "-d ")+3:]
	if !strings.HasPrefix(body, "'") || !strings.HasSuffix(body, "'") || strings.Contains(strings.ReplaceAll(body[1:len(body)-1], `'\''`, ""), "'") {
		t.Fatal(got)
	}
}

func TestNoPageOfATemplateHoldsTheToken(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := openTemplate(c, b)
	b.SendTest(templateIDOn(p)).Expect(http.StatusOK, "outcome.sent")
	held, err := c.Store.LoadToken(context.Background(), c.App().AppID)
	webtest.Must(t, err)
	b.Crawl(func(p *webtest.Page) {
		if strings.Contains(p.Body, held.Value.Reveal()) || strings.Contains(p.Body, sandbox.DefaultSecret) {
			t.Errorf("%s holds a token or a secret", p.Path)
		}
	}, "/", "/templates/"+templateIDOn(p))
	if log := c.Log.String(); strings.Contains(log, held.Value.Reveal()) || strings.Contains(log, sandbox.DefaultSecret) {
		t.Error("the log holds a token or a secret")
	}
}

func TestAMessageWithMistakesNamesThemAtTheirFields(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	page := openTemplate(c, b)
	for what, try := range map[string]struct {
		fill func(form url.Values)
		at   string
		want webtest.Wording
	}{
		"a colour's name":   {func(f url.Values) { f["c"] = []string{"", "red"} }, "#c-1-problem", webtest.Word("problem.color", "Value", "red")},
		"a short colour":    {func(f url.Values) { f["c"] = []string{"#fff", ""} }, "#c-0-problem", webtest.Word("problem.color", "Value", "#fff")},
		"a long page":       {func(f url.Values) { f.Set("page", strings.Repeat("a", 513)) }, "#page-problem", webtest.Word("problem.max", "Field", webtest.Word("fieldname.page"), "Param", 512)},
		"a long value":      {func(f url.Values) { f["v"] = []string{strings.Repeat("长", 2001)} }, ".banner.bad", webtest.Word("problem.max", "Field", webtest.Word("fieldname.v"), "Param", 2000)},
		"a short openid":    {func(f url.Values) { f.Set("touser", "o123") }, "#touser-problem", webtest.Word("problem.openid")},
		"no openid":         {func(f url.Values) { f.Set("touser", "") }, "#touser-problem", webtest.Word("template.need_openid")},
		"no form_id":        {func(f url.Values) { f.Set("form_id", "") }, "#form_id-problem", webtest.Word("check.right.none")},
		"a mock form_id":    {func(f url.Values) { f.Set("form_id", "the formId is a mock one") }, "#form_id-problem", webtest.Word("check.right.mock")},
		"a prepay_id= left": {func(f url.Values) { f.Set("form_id", "prepay_id=wx123") }, "#form_id-problem", webtest.Word("template.prepay_prefix")},
		"an emphasis of 99": {func(f url.Values) { f.Set("e", "99") }, ".banner.bad", webtest.Word("problem.max_number", "Field", webtest.Word("fieldname.e"), "Param", 40)},
		"an emphasis of x":  {func(f url.Values) { f.Set("e", "x") }, ".banner.bad", webtest.Word("problem.number", "Field", webtest.Word("fieldname.e"), "Value", "x")},
	} {
		p := b.Submit(page, "#test-send button.primary", func(form url.Values) {
			form.Set("form_id", "1a2b")
			form["v"] = []string{"typed", "咖啡"}
			try.fill(form)
		})
		if p.Status != http.StatusUnprocessableEntity || !p.Says(try.at, try.want.ID, try.want.Args...) {
			t.Errorf("%s: %d, %s: %q in\n%s", what, p.Status, try.at, p.Text(try.at), p.Text(".banner.bad"))
		}
		if got := p.Doc.Find("#v-1, #v-0").First().Text(); got != "typed" && what != "a long value" {
			t.Errorf("%s: what was typed is lost: %q", what, got)
		}
	}
	if c.Calls("/send") != 0 || len(c.Sends()) != 0 {
		t.Fatal("something was sent")
	}
}

func TestALivePreviewGetsThePreviewAndItsAddress(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	page := openTemplate(c, c.As(store.Operator))
	b.Get("/templates/" + templateIDOn(page))
	before := c.Still()
	p := b.Fragment("/templates/"+templateIDOn(page)+"/preview", url.Values{"v": {"x", "y"}, "c": {"#112233", "bad"}, "e": {"1"}, "form_id": {"1a2b"}, "page": {"p"}})
	if p.Status != http.StatusOK || strings.Contains(p.Body, "<html") || p.Has("main, form, textarea, [name=v]") || !p.Has("#preview #request") {
		t.Fatalf("%d: %s", p.Status, p.Body)
	}
	webtest.Same(t, p.OnCard(), []string{"购买地点=x", "物品名称=y"})
	shared := b.Get(p.Header.Get("X-URL"))
	webtest.Same(t, shared.OnCard(), p.OnCard())
	if strings.Contains(p.Header.Get("X-URL"), "1a2b") || strings.Contains(p.Header.Get("X-URL"), "touser") {
		t.Errorf("the address holds the right or the recipient: %s", p.Header.Get("X-URL"))
	}
	if c.Content() != before {
		t.Fatal("a preview has written something")
	}
}

func TestAPreviewIsSharedWithoutRecipientAndRight(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := b.Submit(openTemplate(c, b), `button[formaction$="/preview"]`, func(form url.Values) {
		form["v"] = []string{"广州", ""}
		form["c"] = []string{"", "#0000FF"}
		form.Set("e", "1")
		form.Set("page", "pages/a?b=c&d=e")
		form.Set("touser", webtest.StrangerID)
		form.Set("form_id", "1a2b")
	})
	link := p.Doc.Find(`.preview a[href^="/templates/"]`).AttrOr("href", "")
	if strings.Contains(link, "1a2b") || strings.Contains(link, webtest.StrangerID) {
		t.Fatalf("%s", link)
	}
	other := c.As(store.ProductManager).Get(link)
	webtest.Same(t, other.OnCard(), p.OnCard())
	if other.Doc.Find("#page").AttrOr("value", "") != "pages/a?b=c&d=e" || other.Doc.Find("#c-1").AttrOr("value", "") != "#0000FF" || other.Doc.Find("#v-0").Text() != "广州" || other.Doc.Find("#v-1").Text() != "" {
		t.Fatalf("%s", other.Doc.Find("#request").Text())
	}
}

func TestAFormOrAPaymentIsOneClickInTheSandbox(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := b.Submit(openTemplate(c, b), "button[value=form]", func(form url.Values) {
		form["v"] = []string{"typed", "too"}
		form.Set("touser", webtest.StrangerID)
		form.Set("page", "pages/x")
	})
	if form := webtest.Controls(p.Doc.Find(`form[action$="/send"]`)); len(form.Get("form_id")) != 32 || form.Get("touser") != webtest.StrangerID || form["v"][0] != "typed" || form.Get("page") != "pages/x" {
		t.Fatalf("%v", form)
	}
	p = b.Submit(p, "button[value=payment]", nil)
	if id := p.Doc.Find("#form_id").AttrOr("value", ""); !strings.HasPrefix(id, "wx") {
		t.Fatalf("prepay_id %q", id)
	}
	for range 3 { // a payment sends three times
		p = b.Submit(p, "#test-send button.primary", nil).Expect(http.StatusOK, "outcome.sent")
	}
	b.Submit(p, "#test-send button.primary", nil).Expect(http.StatusUnprocessableEntity, "check.right.ended_spent")
}

// A new template's page knows nothing of a mini program outside the sandbox that
// could make rights.
func TestOutsideTheSandboxNoRightIsMade(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator).In(c.AddApp("wx0000000000000002"))
	p := openTemplate(c, b)
	if p.Has("button[value=form]") || p.Has(".top .tag.warn") {
		t.Error("the page offers the sandbox's hands")
	}
	if p := b.Post("/templates/"+templateIDOn(p)+"/right", url.Values{"kind": {"form"}}); p.Status != http.StatusNotFound {
		t.Errorf("%d", p.Status)
	}
}

func TestWhatIsSentIsWhatWasShown(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := b.Submit(openTemplate(c, b), "button[value=form]", func(form url.Values) { form.Set("e", "2"); form["c"] = []string{"#173177", ""} })
	shown := p.Doc.Find("#request").Text()
	b.Submit(p, "#test-send button.primary", nil).Expect(http.StatusOK, "outcome.sent")
	var a, z any
	webtest.Must(t, json.Unmarshal([]byte(shown), &a))
	webtest.Must(t, json.Unmarshal(c.Sends()[0].Request, &z))
	if x, y := webtest.MustJSON(t, a), webtest.MustJSON(t, z); x != y {
		t.Fatalf("shown %s, sent %s", x, y)
	}
}
