package sandbox_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/wechat/sandbox"
)

func TestASubscribeMessageIsDelivered(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		id := w.pickUp()
		w.allow(ming, id, 2)
		first := w.post(subscribeSendPath, pickUpSend(ming, id, with("miniprogram_state", "trial"), with("lang", "en_US")))
		w.works(first.answer)
		second := w.post(subscribeSendPath, pickUpSend(ming, id, with("page", "/pages/a")))
		w.works(second.answer)
		if n, err := strconv.ParseInt(first.MsgID.String(), 10, 64); err != nil || n < 1<<60 || first.MsgID == second.MsgID {
			t.Errorf("msgids %s, %s", first.MsgID, second.MsgID)
		}
		var got []map[string]any
		w.control("GET", "/sandbox/messages?openid="+ming, "", &got)
		if len(got) != 2 || got[1]["kind"] != "subscribe" || got[1]["miniprogram_state"] != "trial" || got[1]["lang"] != "en_US" ||
			got[0]["miniprogram_state"] != "formal" || got[0]["lang"] != "zh_CN" || got[1]["msgid"] != first.MsgID.String() {
			t.Errorf("%v", got)
		}
		if s := fmt.Sprint(w.Messages("", ming)[1].Fields); s != "[{门店名称 云杉咖啡 国贸店 } {取餐码 32 } {自提时间 2026年11月29日 14:05 }]" {
			t.Error(s)
		}
		w.refused(43101, w.post(subscribeSendPath, pickUpSend(ming, id)).answer)
	})
}

// The errcodes of the documentation, and that a refusal uses nothing up.
func TestASubscribeSendIsRefusedAsDocumented(t *testing.T) {
	w := live(t)
	id := w.pickUp()
	card := w.post(subscribeAddPath, `{"tid":"10000001","kidList":[]}`).ID
	w.allow(ming, id, 1)
	for _, c := range []struct {
		body string
		want int
		msg  string
	}{
		{``, 44002, "empty post data"},
		{`[]`, 47001, "data format error"},
		{`{"touser":`, 47001, ""},
		{pickUpSend("someone", id), 40003, "invalid openid"},
		{pickUpSend(ming, "nothing"), 40037, "invalid template_id"},
		{pickUpSend(ming, card), 40037, ""},
		{pickUpSend(ming, id, with("page", "pages/a?b c")), 41030, "invalid page"},
		{pickUpSend(hong, id), 43101, "user refuse to accept the msg"},
		{pickUpSend(hong, id, with("data", "{}")), 43101, ""}, // before the values are looked at
		{pickUpSend(ming, id, with("lang", "fr_FR")), 40097, ""},
		{pickUpSend(ming, id, with("miniprogram_state", "beta")), 40097, ""},
		{pickUpSend(ming, id, valued("number52", "A032")), 47003, "argument invalid! data.number52.value invalid rid: "},
		{pickUpSend(ming, id, valued("number52", "")), 47003, "argument invalid! data.number52.value is empty"},
		{pickUpSend(ming, id, valued("number52", nil)), 47003, "argument invalid! data.number52.value is empty"},
		{pickUpSend(ming, id, valued("thing23", strings.Repeat("字", 21))), 47003, "argument invalid! data.thing23.value invalid"},
		{pickUpSend(ming, id, valued("date14", "14:05"), valued("thing23", "")), 47003, "argument invalid! data.thing23.value"}, // the first one
		{pickUpSend(ming, id, with("data", `{"thing23":{}}`)), 47003, "argument invalid! data.thing23.value is empty"},
		{pickUpSend(ming, id, with("data", map[string]any{"thing23": "bare"})), 47003, "argument invalid! data.thing23.value is empty"},
	} {
		a := w.post(subscribeSendPath, c.body)
		if a.ErrCode != c.want || !strings.HasPrefix(a.ErrMsg, c.msg) {
			t.Errorf("%s: %d %s, want %d", c.body, a.ErrCode, a.ErrMsg, c.want)
		}
	}
	if n := w.left(ming, id); n != 1 || len(w.Messages("", "")) != 0 {
		t.Errorf("%d left, %d messages", n, len(w.Messages("", "")))
	}
	w.refused(43002, w.look(subscribeSendPath, "").answer)
	for _, code := range []int{-1, 43107, 45009, 45168, 48001} {
		w.fault(sandbox.Fault{Path: subscribeSendPath, ErrCode: &code})
		w.refused(code, w.post(subscribeSendPath, pickUpSend(ming, id)).answer)
	}
	w.works(w.post(subscribeSendPath, pickUpSend(ming, id, valued("color", "#173177"))).answer)
}

func TestWhatIsSaidOfAValueIsCut(t *testing.T) {
	w := live(t)
	id := w.subscribeTemplate("1927", 1, 2, 3)
	w.allow(ming, id, 2)
	body := `{"touser":"` + ming + `","template_id":"` + id + `","data":{"character_string1":{"value":"北京"},"amount2":{"value":"1"},"date3":{"value":"2026-11-29"}}}`
	a := w.post(subscribeSendPath, body)
	if a.ErrCode != 47003 || !strings.HasPrefix(a.ErrMsg, "argument invalid! data.character_string1.value i rid: ") {
		t.Errorf("%+v", a.answer)
	}
	body = strings.Replace(body, "北京", "BJ-1", 1)
	for value, want := range map[string]int{`656887888.00`: 47003, `"12345678901"`: 47003, `"￥1"`: 0} {
		if a := w.post(subscribeSendPath, strings.Replace(body, `{"value":"1"}`, `{"value":`+value+`}`, 1)); a.ErrCode != want {
			t.Errorf("%s: %d %s", value, a.ErrCode, a.ErrMsg)
		}
	}
	gbk := strings.Replace(body, "BJ-1", "\xb1\xb1\xbe\xa9", 1) // arrives as ????
	w.works(w.post(subscribeSendPath, gbk).answer)
	if got := w.Messages("", ming)[0].Fields[0].Value; strings.Trim(got, "?") != "" {
		t.Errorf("%q", got)
	}
}

// A second call for an openid is refused while the first is under way, whatever template it is of.
func TestTwoAtOnceToOneUserAreRefused(t *testing.T) {
	w := overHTTP(t, sandbox.Options{})
	id, other := w.pickUp(), w.subscribeTemplate("250", 20, 24)
	w.allow(ming, id, 1)
	w.allow(ming, other, 1)
	w.allow(hong, id, 1)
	w.fault(sandbox.Fault{Path: subscribeSendPath, Delay: sandbox.Duration(time.Second)})
	var wait sync.WaitGroup
	wait.Go(func() { w.works(w.post(subscribeSendPath, pickUpSend(ming, id)).answer) })
	for w.Stats()[subscribeSendPath] == 0 {
		time.Sleep(time.Millisecond)
	}
	a := w.post(subscribeSendPath, pickUpSend(ming, other, with("data", map[string]any{
		"thing20": map[string]any{"value": "一"}, "thing24": map[string]any{"value": "二"}})))
	w.refused(43108, a.answer)
	if !strings.HasPrefix(a.ErrMsg, "Cannot make concurrent calls to the same OpenID, please try again") {
		t.Error(a.ErrMsg)
	}
	w.works(w.post(subscribeSendPath, pickUpSend(hong, id)).answer)
	wait.Wait()
	if w.left(ming, other) != 1 {
		t.Error("the refused one used a consent")
	}
}

func TestBeforeAugust2020TheTextHadASlip(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	w.Advance(time.Date(2020, 7, 1, 0, 0, 0, 0, time.UTC).Sub(someday))
	id := w.pickUp()
	w.allow(ming, id, 1)
	for want, at := range map[string]time.Duration{"is emtpy": 0, "is empty": 60 * 24 * time.Hour} {
		w.token = ""
		w.Advance(at)
		if a := w.post(subscribeSendPath, pickUpSend(ming, id, valued("number52", ""))); !strings.Contains(a.ErrMsg, "data.number52.value "+want) {
			t.Errorf("%s", a.ErrMsg)
		}
		w.Advance(-at)
	}
}

func TestARidTellsWhatWeChatSaw(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		w.Advance(3 * 365 * 24 * time.Hour) // before 2020 there were no rids
		id := w.pickUp()
		body := pickUpSend(ming, id)
		a := w.post(subscribeSendPath, body)
		w.refused(43101, a.answer)
		_, rid, _ := strings.Cut(a.ErrMsg, " rid: ")
		got := w.post(ridPath, `{"rid":"`+rid+`"}`)
		w.works(got.answer)
		if r := got.Request; r.Body != body || !strings.Contains(r.Was, rid) || !strings.Contains(r.URL, w.token) || r.IP != "127.0.0.1" || r.At != w.Now().Unix() {
			t.Errorf("%+v", got.Request)
		}
		w.refused(76003, w.post(ridPath, `{"rid":"61725984-6126f6f9-040f19c4"}`).answer)
		w.Advance(7 * 24 * time.Hour)
		w.token = ""
		w.refused(76001, w.post(ridPath, `{"rid":"`+rid+`"}`).answer)
	})
}

func TestTheQuotaIsCountedByPath(t *testing.T) {
	w := inProcess(t, sandbox.Options{DailyQuota: 7})
	for range 3 {
		w.look(categoryPath, "")
	}
	var set map[string]any
	w.control("POST", "/sandbox/limits", `{"appid":"`+sandbox.DefaultAppID+`","daily":{"`+categoryPath+`":4}}`, &set)
	for path, want := range map[string][3]int{
		categoryPath: {4, 3, 1}, subscribeSendPath: {10_000_000, 0, 10_000_000}, sendPath: {7, 0, 7},
	} {
		a := w.post(quotaPath, `{"cgi_path":"`+path+`"}`)
		if got := [3]int{a.Quota.Daily, a.Quota.Used, a.Quota.Left}; a.ErrCode != 0 || got != want {
			t.Errorf("%s: %v, %+v", path, got, a.answer)
		}
	}
	w.refused(76021, w.post(quotaPath, `{"cgi_path":"/cgi-bin/nothing"}`).answer)
	w.works(w.look(categoryPath, "").answer)
	w.refused(45009, w.look(categoryPath, "").answer)
	w.Advance(24 * time.Hour)
	w.token = ""
	w.works(w.look(categoryPath, "").answer)
}
