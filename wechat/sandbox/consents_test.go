package sandbox_test

import (
	"fmt"
	"testing"

	"muban/wechat/sandbox"
)

// longTerm adds a long-term title of a public category.
func (w *world) longTerm() (id, body string) {
	w.Helper()
	for _, title := range w.allTitles("86,139") {
		if title.Type != 3 {
			continue
		}
		data := map[string]any{}
		var kids []int
		for _, k := range w.look(keywordsPath, "&tid="+itoa(title.TID)).Data[:2] {
			kids = append(kids, k.KID)
			data[k.Rule+itoa(k.KID)] = map[string]any{"value": k.Example}
		}
		id := w.subscribeTemplate(itoa(title.TID), kids...)
		return id, asJSON(map[string]any{"touser": ming, "template_id": id, "data": data})
	}
	w.Fatal("no long-term title")
	return "", ""
}

func (w *world) consents(body string) (all []sandbox.Consent) {
	w.Helper()
	w.control("POST", "/sandbox/consents", body, &all)
	return all
}

func consentOf(openID, templateID, more string) string {
	return fmt.Sprintf(`{"appid":%q,"openid":%q,"template_id":%q%s}`, sandbox.DefaultAppID, openID, templateID, more)
}

func TestOneTimeConsentsAddUpAndEndWithARefusal(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		id := w.pickUp()
		send := func(want int) {
			t.Helper()
			w.refused(want, w.post(subscribeSendPath, pickUpSend(ming, id)).answer)
		}
		send(43101)
		if all := w.consents(consentOf(ming, id, `,"answer":"accept","times":2`)); len(all) != 1 || all[0].Left != 2 || all[0].Long || all[0].Title != "取餐提醒" {
			t.Errorf("%+v", all)
		}
		w.consents(consentOf(ming, id, `,"answer":"accept"`))
		send(0)
		w.consents(consentOf(ming, id, `,"answer":"reject","where":"popup"`)) // takes nothing away
		send(0)
		if all := w.consents(consentOf(ming, id, `,"answer":"reject"`)); all[0].Left != 0 || !all[0].Refused {
			t.Errorf("%+v", all)
		}
		send(43101)
		if all := w.consents(consentOf(ming, id, `,"answer":"accept"`)); all[0].Left != 1 || all[0].Refused {
			t.Errorf("%+v", all)
		}
		send(0)
		send(43101)
	})
}

func TestALongTermConsentLastsUntilItIsRefused(t *testing.T) {
	w := live(t)
	id, body := w.longTerm()
	w.refused(43101, w.post(subscribeSendPath, body).answer)
	w.consents(consentOf(ming, id, `,"answer":"accept"`))
	for range 5 {
		w.works(w.post(subscribeSendPath, body).answer)
	}
	if all := w.Consents(sandbox.DefaultAppID, ming); len(all) != 1 || !all[0].Long || all[0].Left != 0 {
		t.Errorf("%+v", all)
	}
	w.consents(consentOf(ming, id, `,"answer":"reject"`))
	w.refused(43101, w.post(subscribeSendPath, body).answer)
}

func TestAPopupThatCannotBeShownIsRefused(t *testing.T) {
	w := live(t)
	id := w.pickUp()
	long, _ := w.longTerm()
	for _, c := range []struct {
		body   string
		status int
	}{
		{consentOf(ming, id, `,"answer":"ban"`), 400},
		{consentOf(ming, id, ``), 400},
		{consentOf(ming, id, `,"answer":"accept","times":0`), 400},
		{consentOf(ming, id, `,"answer":"accept","times":1001`), 400},
		{consentOf(ming, id, `,"answer":"accept","template_ids":["`+long+`"]`), 400}, // kinds are not mixed
		{consentOf(ming, "nothing", `,"answer":"accept"`), 400},
		{consentOf("someone", id, `,"answer":"accept"`), 400},
		{`{"appid":"wx","openid":"` + ming + `","template_id":"` + id + `","answer":"accept"}`, 404},
	} {
		if status, raw, _ := w.request("POST", "/sandbox/consents", c.body); status != c.status {
			t.Errorf("%s: %d %s", c.body, status, raw)
		}
	}
	if all := w.Consents(sandbox.DefaultAppID, ""); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestConsentsEndWithTheirTemplateAndWithAReset(t *testing.T) {
	w := live(t)
	id, other := w.pickUp(), w.subscribeTemplate("99", 1, 2)
	w.allow(ming, id, 1)
	w.allow(hong, other, 1)
	w.works(w.post(subscribeDeletePath, `{"priTmplId":"`+id+`"}`).answer)
	if all := w.Consents(sandbox.DefaultAppID, ""); len(all) != 1 || all[0].OpenID != hong {
		t.Errorf("%+v", all)
	}
	if users := w.OpenIDs(sandbox.DefaultAppID); fmt.Sprint(users) != fmt.Sprint([]string{hong}) {
		t.Errorf("%v", users)
	}
	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	w.Reset()
	if len(w.Consents(sandbox.DefaultAppID, "")) != 0 || len(w.SubscribeTemplates(sandbox.DefaultAppID)) != 0 {
		t.Error("a reset leaves something")
	}
	if err := w.Restore(raw); err != nil || w.left(hong, other) != 1 || len(w.SubscribeTemplates(sandbox.DefaultAppID)) != 1 {
		t.Errorf("a snapshot loses something: %v", err)
	}
}
