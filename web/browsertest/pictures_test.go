package browsertest_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// draw is the variable under which this test draws the pictures of README.md anew.
const draw = "MUBAN_PICTURES"

// pictured is the moment of the pictures: they do not change with the day.
var pictured = time.Date(2031, 3, 18, 14, 32, 9, 0, time.FixedZone("UTC+8", 8*60*60))

// busyMonth is a shop that has sent for thirty days: most arrive, some are refused, one is not known.
func busyMonth(t *testing.T) (c *webtest.Console, template string) {
	t.Helper()
	c = webtest.NewConsoleWith(t, webtest.Hasty)
	stop := c.Running()
	b := c.As(store.Operator)
	b.Sync()
	stop()
	c.Clock.Advance(pictured.AddDate(0, 0, -29).Sub(c.Clock.Now()))
	b = c.As(store.Operator)
	template = c.AddTemplate(b, "AT0009", "1", "2", "3", "4", "6")
	shop := c.Caller("rights", "send")
	fault := func(kind, value string, times int) {
		c.As(store.Operator).Inject(webtest.SendPath, kind, value, fmt.Sprint(times))
	}
	const last, pause = 29, 20 * time.Minute
	for day := range last + 1 {
		if day%5 == 4 {
			fault("errcode", "41028", 1+day%4)
		}
		if day > last-6 {
			paid(c, 3+day%4)
		}
		many := 5 + (day*7)%6 + day/5
		if day == last {
			c.Clock.Advance(-time.Duration(many) * pause)
		}
		for i := range many {
			if day == last {
				c.Clock.Advance(pause)
			}
			shop.Has(c, ledger.Form)
			shop.Post("/api/v1/sends", webtest.AsJSON(map[string]any{
				"appid": c.App().AppID, "key": fmt.Sprint(day, "/", i), "touser": webtest.Customer, "template_id": template,
				"page": "pages/order?id=1", "data": order,
			}))
		}
		if day < last {
			c.Clock.Advance(24 * time.Hour)
		}
	}
	b = c.As(store.Operator)
	pm := c.As(store.ProductManager)
	pm.Post("/drafts/new", url.Values{"title": {"课程开始提醒"}, "name": {"课程名称", "上课时间"}, "example": {"手冲入门", "2031年3月20日 19:00"}, "scenario": {"用户报名课程后，开课前一天提醒"}, "do": {"save"}})
	pm.Submit(pm.Get("/drafts/1"), `button[value="review"]`, nil)
	b.SendTest(template)
	fault("drop_after", "", 1)
	b.SendTest(template)
	return c, template
}

// paid lets so many users pay who get no message yet.
func paid(c *webtest.Console, users int) {
	c.T.Helper()
	for i := range users {
		openID := sandbox.OpenIDFor(c.App().AppID, fmt.Sprint("user", i))
		id, err := c.Sandbox.Pay(c.App().AppID, openID)
		webtest.Must(c.T, err)
		c.Report(ledger.Report{OpenID: openID, Source: ledger.Payment, ID: id})
	}
}

// order are the values of AT0009's keywords in the pictures.
var order = map[string]any{"单号": "20310318100217", "金额": "38.00元", "下单时间": "2031年3月18日 14:30", "物品名称": "燕麦拿铁（大杯）", "支付时间": "2031年3月18日 14:31"}

// The pictures in README.md are of the console as it is: each scene still comes about, and
// the file is there. With the variable set they are drawn anew.
func TestThePicturesOfTheReadmeShowTheConsole(t *testing.T) {
	t.Parallel()
	c, template := busyMonth(t)
	readme, err := os.ReadFile("../../README.md")
	webtest.Must(t, err)
	b := openTab(c, t, store.Operator)
	call(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Shanghai"})
	b.cookie("lang", "zh")
	webtest.Must(t, c.Store.SetPreferences(t.Context(), c.Person(store.Operator).ID, "zh", "light"))
	customer := url.QueryEscape(sandbox.OpenIDFor(c.App().AppID, "operator"))
	for _, scene := range []struct{ name, path, shows string }{
		{"overview", "/", `document.querySelectorAll(".bars li").length >= 30 && document.querySelector(".todo .primary")`},
		{"builder", "/library/AT0009?k=2&k=3&k=4&k=6&k=1&k=5&e=2", `document.querySelectorAll(".rows li").length >= 6 && document.querySelector(".card")`},
		{"template", "/templates/" + template, `document.querySelectorAll(".vals li").length >= 5 && document.querySelector(".card") && document.querySelector(".primary")`},
		{"phone", "/sandbox?openid=" + customer, `document.querySelector(".card") && document.querySelector(".device")`},
	} {
		b.open(scene.path)
		b.until(scene.shows)
		file := filepath.Join("pictures", scene.name+".png")
		if os.Getenv(draw) != "" {
			webtest.Must(t, os.WriteFile(file, b.picture(), 0o644))
		}
		drawn, err := os.ReadFile(file)
		webtest.Must(t, err)
		size, err := png.DecodeConfig(bytes.NewReader(drawn))
		if err != nil || size.Width != 1440 || size.Height != 900 || len(drawn) > 200<<10 {
			t.Errorf("%s is %d × %d with %d bytes (%v): draw it anew with %s=1", file, size.Width, size.Height, len(drawn), err, draw)
		}
		if !strings.Contains(string(readme), "web/browsertest/"+filepath.ToSlash(file)) {
			t.Errorf("README.md does not show %s", file)
		}
	}
}

// picture is what the tab shows, as a PNG.
func (b *tab) picture() []byte {
	b.t.Helper()
	return call(b, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{}).Data
}
