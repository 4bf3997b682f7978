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
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// openTemplate adds 购买地点 and 物品名称 and opens the template's page.
func openTemplate(c *webtest.Console, b *webtest.Browser) *webtest.Page {
	c.T.Helper()
	return b.Get("/templates/" + c.AddTemplate(b, "AT0002", "3", "5"))
}

// requestOn is the JSON on the tab of code that the page leads to.
func requestOn(b *webtest.Browser, p *webtest.Page) string {
	b.T.Helper()
	return b.Get(codeTab(p, "json")).Doc.Find("#snippet").Text()
}

// codeTab is the address of the tab of code in a language, with the message of the page.
func codeTab(p *webtest.Page, lang string) string {
	at, query, _ := strings.Cut(p.Doc.Find("#tabs a").Eq(1).AttrOr("href", ""), "?")
	return at + "?" + query + "&lang=" + lang
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
	p = b.Submit(p, `#message button[formaction$="/preview"]`, func(form url.Values) {
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
  "touser": "OPENID",
  "template_id": "` + templateIDOn(p) + `",
  "page": "pages/order?id=1&x=y",
  "form_id": "FORM_ID",
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
	if got := requestOn(b, p); got != request {
		t.Errorf("request\n%s\nwant\n%s", got, request)
	}
	curl := "curl -X POST 'https://api.weixin.qq.com/cgi-bin/message/wxopen/template/send?access_token=ACCESS_TOKEN' \\\n" +
		"  -H 'Content-Type: application/json' \\\n  -d '" + request + "'"
	if got := b.Get(codeTab(p, "curl")).Doc.Find("#snippet").Text(); got != curl {
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
	got := b.Get(codeTab(p, "curl")).Doc.Find("#snippet").Text()
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
		"a mock form_id":    {func(f url.Values) { f.Set("form_id", "the formId is a mock one") }, "#form_id-problem", webtest.Word("check.right.mock")},
		"a prepay_id= left": {func(f url.Values) { f.Set("form_id", "prepay_id=wx123") }, "#form_id-problem", webtest.Word("template.prepay_prefix")},
		"an emphasis of 99": {func(f url.Values) { f.Set("e", "99") }, ".banner.bad", webtest.Word("problem.max_number", "Field", webtest.Word("fieldname.e"), "Param", 40)},
		"an emphasis of x":  {func(f url.Values) { f.Set("e", "x") }, ".banner.bad", webtest.Word("problem.number", "Field", webtest.Word("fieldname.e"), "Value", "x")},
	} {
		p := b.Submit(page, webtest.SendButton, func(form url.Values) {
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
	if p.Status != http.StatusOK || strings.Contains(p.Body, "<html") || p.Has("main, form, textarea, select, [name=v], [name=form_id]") || !p.Has("#preview .card") {
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
	link := p.Doc.Find("#share").AttrOr("href", "")
	if strings.Contains(link, "1a2b") || strings.Contains(link, webtest.StrangerID) {
		t.Fatalf("%s", link)
	}
	other := c.As(store.ProductManager).Get(link)
	webtest.Same(t, other.OnCard(), p.OnCard())
	if other.Doc.Find("#page").AttrOr("value", "") != "pages/a?b=c&d=e" || other.Doc.Find("#c-1").AttrOr("value", "") != "#0000FF" || other.Doc.Find("#v-0").Text() != "广州" || other.Doc.Find("#v-1").Text() != "" {
		t.Fatalf("%s", requestOn(b, other))
	}
}

func TestAFormOrAPaymentIsPartOfTheClickInTheSandbox(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	c.Hasten()
	fill := func(form url.Values) {
		form["v"] = []string{"typed", "too"}
		form.Set("touser", webtest.StrangerID)
		form.Set("page", "pages/x")
	}
	p := b.Submit(openTemplate(c, b), `#message button[formaction$="/preview"]`, fill).Expect(http.StatusOK, "allowance.none_makes").
		Expect(http.StatusOK, "preflight.overall_ok", "Count", 10)
	p = b.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	if form := webtest.Controls(p.Doc.Find("#message")); form.Get("form_id") != "" || form.Get("touser") != webtest.StrangerID || form["v"][0] != "typed" || form.Get("page") != "pages/x" {
		t.Fatalf("%v", form)
	}
	if got := rightOf(c, c.Sends()[0].FormID); got.Source != ledger.Form || got.OpenID != webtest.StrangerID {
		t.Errorf("%+v", got)
	}
	// A payment sends three times, and is taken before another is made.
	p = b.Submit(p, webtest.SendButton, func(form url.Values) { form.Set("right", ledger.Payment) }).Expect(http.StatusOK, "outcome.sent")
	for range 2 {
		p = b.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	}
	if sends := c.Sends(); sends[0].FormID != sends[2].FormID || !strings.HasPrefix(sends[0].FormID, "wx") {
		t.Errorf("%s, %s", sends[0].FormID, sends[2].FormID)
	}
	p.Expect(http.StatusOK, "allowance.none_makes")
}

// What cannot be sent makes nothing, and a click that is repeated makes nothing more.
func TestTheSandboxMakesARightForWhatIsSentAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	page := openTemplate(c, b)
	b.Submit(page, webtest.SendButton, func(form url.Values) { form.Set("page", "/pages/x") }).
		Expect(http.StatusUnprocessableEntity, "check.page.slash")
	if made, _, err := c.Store.Rights(t.Context(), store.RightFilter{App: c.App().ID}); err != nil || len(made) != 0 {
		t.Errorf("%+v, %v", made, err)
	}
	for range 3 {
		b.Submit(page, webtest.SendButton, func(form url.Values) { form.Set("right", ledger.Form) }).Expect(http.StatusOK, "outcome.sent")
	}
	if made, _, err := c.Store.Rights(t.Context(), store.RightFilter{App: c.App().ID}); err != nil || len(made) != 1 || len(c.Sends()) != 1 {
		t.Errorf("%+v, %v", made, err)
	}
}

// A new template's page knows nothing of a mini program outside the sandbox that
// could make rights.
func TestOutsideTheSandboxNoRightIsMade(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator).In(c.AddApp("wx0000000000000002"))
	p := openTemplate(c, b)
	if p.Has("[name=right][value=form]") || p.Has(".top .tag.warn") {
		t.Error("the page offers the sandbox's hands")
	}
	p = b.Submit(p, webtest.SendButton, func(form url.Values) {
		form.Set("touser", webtest.StrangerID)
		form.Set("right", ledger.Form)
	}).Expect(http.StatusUnprocessableEntity, "check.right.none").Expect(http.StatusUnprocessableEntity, "allowance.none")
	if made, _, err := c.Store.Rights(t.Context(), store.RightFilter{App: 2}); err != nil || len(made) != 0 {
		t.Errorf("%+v, %v", made, err)
	}
	if p.Doc.Find(webtest.SendButton).AttrOr("aria-disabled", "") != "true" || p.Has(webtest.SendButton+".primary") {
		t.Error("the button promises what it cannot do")
	}
}

func TestWhatIsSentIsWhatWasShown(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := c.Prepare(b, openTemplate(c, b), func(form url.Values) { form.Set("e", "2"); form["c"] = []string{"#173177", ""} })
	shown := requestOn(b, p)
	b.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	sent := c.Sends()[0]
	shown = strings.NewReplacer("OPENID", sent.OpenID, "FORM_ID", sent.FormID).Replace(shown)
	var a, z any
	webtest.Must(t, json.Unmarshal([]byte(shown), &a))
	webtest.Must(t, json.Unmarshal(sent.Request, &z))
	if x, y := webtest.MustJSON(t, a), webtest.MustJSON(t, z); x != y {
		t.Fatalf("shown %s, sent %s", x, y)
	}
}
