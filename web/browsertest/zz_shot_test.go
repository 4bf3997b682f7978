package browsertest_test

import (
	"fmt"
	"encoding/base64"
	"os"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"

	"muban/store"
	"muban/web/webtest"
)

func TestShots(t *testing.T) {
	c := webtest.NewConsole(t)
	b := openTab(c, t, store.ProductManager)
	typeIn := func(title string) string {
		return `(()=>{const f=(id,v)=>{const e=document.querySelector(id);e.value=v;e.dispatchEvent(new Event("input",{bubbles:true}))};f("#title","` + title + `");f("#name-0","内容");f("#example-0","预约成功");f("#name-1","审核结果");f("#example-1","待审核");return true})()`
	}
	for _, s := range []struct{ name, path, lang, theme, do string; w int64 }{
		{"rules-zh", "/rules", "zh", "light", "", 1440},
		{"rules-zh15", "/rules#1.5", "zh", "light", "", 1440},
		{"rules-en15", "/rules#1.5", "en", "dark", "", 1440},
		{"rules-360", "/rules#1.6", "zh", "light", "", 360},
		{"rules-360top", "/rules", "en", "dark", "", 360},
		{"prop-zh", "/drafts/new", "zh", "light", typeIn("顾客预约提醒"), 1440},
		{"prop-en", "/drafts/new", "en", "dark", typeIn("医院管理信息通知"), 1440},
		{"prop-360", "/drafts/new", "zh", "light", typeIn("顾客预约提醒") + `&&(setTimeout(()=>document.querySelector(".process").scrollIntoView(),800),true)`, 360},
		{"prop-360f", "/drafts/new", "en", "dark", typeIn("顾客预约提醒") + `&&(setTimeout(()=>document.querySelector(".findings").scrollIntoView(),800),true)`, 360},
		{"builder", "/library/AT0009?k=1&k=2&k=3&k=4&k=5&k=6&k=7&k=8&k=9&k=10&k=11", "zh", "light", "", 1440},
	} {
		b.cookie("lang", s.lang)
		b.cookie("theme", s.theme)
		b.size(s.w)
		b.open("/preferences-none")
		js[bool](b, fmt.Sprintf(`(async()=>{for(const x of ["lang=%s","theme=%s"]) await fetch("/preferences",{method:"POST",headers:{"Content-Type":"application/x-www-form-urlencoded"},body:x+"&next=/"});return true})()`, s.lang, s.theme))
		b.open(s.path)
		time.Sleep(300 * time.Millisecond)
		if s.do != "" {
			js[bool](b, s.do)
			time.Sleep(1500 * time.Millisecond)
		}
		r := call(b, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{})
		data, err := base64.StdEncoding.DecodeString(fmt.Sprint(r.Data))
		if err != nil { data = []byte(r.Data) }
		os.WriteFile("/tmp/shots/"+s.name+".png", data, 0o644)
		js[bool](b, `(delete document.querySelector("form[data-dirty]")?.dataset.dirty, true)`)
	}
	b.expect("")
}
