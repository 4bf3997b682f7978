package account

import (
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/sandbox"
)

var now = time.Date(2018, 6, 6, 10, 30, 0, 0, time.UTC)

// remembered is what we know of a template that was added here.
func remembered(t wechat.Template) Template {
	return Template{TemplateID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example, AddedAt: now.Add(-time.Hour)}
}

func (d Drift) summary() (elsewhere, gone, changed []string) {
	for _, t := range d.Elsewhere {
		elsewhere = append(elsewhere, t.ID)
	}
	for _, t := range d.Gone {
		gone = append(gone, t.TemplateID)
	}
	for _, c := range d.Changed {
		changed = append(changed, c.Live.ID+" was "+c.Known.Title)
	}
	return elsewhere, gone, changed
}

func TestDriftIsWhatWasDoneElsewhere(t *testing.T) {
	same, moved, reworded := listed("same", "购买成功通知", "购买地点"), listed("moved", "购买成功通知", "购买地点", "物品名称"), listed("reworded", "交易提醒", "金额：1元")
	deleted := remembered(listed("deleted", "退款通知", "金额"))
	deleted.DeletedAt = now.Add(-time.Minute)
	back := deleted
	back.TemplateID = "back"
	known := []Template{remembered(same), remembered(moved), remembered(reworded), deleted, back, remembered(listed("gone", "付款成功通知", "金额"))}

	moved = listed("moved", "购买成功通知", "物品名称", "购买地点")
	reworded.Example = "金额：2元\n" // no message depends on it
	live := []wechat.Template{listed("new", "交易提醒", "金额"), same, moved, reworded, listed("back", "退款通知", "金额")}
	d := DriftOf(List{live, now}, known)
	elsewhere, gone, changed := d.summary()
	equal(t, "elsewhere", elsewhere, []string{"new", "back"})
	equal(t, "gone", gone, []string{"gone"})
	equal(t, "changed", changed, []string{"moved was 购买成功通知"})
	if d.None() {
		t.Error("this is no drift?")
	}
	if none := DriftOf(List{live[1:4], now}, []Template{remembered(same), remembered(moved), remembered(reworded), deleted}); !none.None() {
		t.Errorf("drift where there is none: %+v", none)
	}
}

// The list may be older than what was done here: it is shown while WeChat does not answer.
func TestWhatWasDoneHereSinceTheListWasReadIsNoDrift(t *testing.T) {
	deleted, added := remembered(listed("deleted", "退款通知", "金额")), remembered(listed("added", "交易提醒", "金额"))
	deleted.DeletedAt, added.AddedAt = now.Add(time.Second), now.Add(time.Second)
	if d := DriftOf(List{[]wechat.Template{deleted.Live()}, now}, []Template{deleted, added}); !d.None() {
		t.Errorf("%+v", d)
	}
	if d := DriftOf(List{[]wechat.Template{deleted.Live()}, now.Add(time.Minute)}, []Template{deleted, added}); len(d.Elsewhere) != 1 || len(d.Gone) != 1 {
		t.Errorf("a later list: %+v", d)
	}
}

func TestWhatWasNeverKnownHasNotChanged(t *testing.T) {
	if d := DriftOf(List{[]wechat.Template{listed("old", "交易提醒", "金额")}, now}, []Template{{TemplateID: "old"}}); !d.None() {
		t.Errorf("%+v", d)
	}
}

func TestSixtyTemplatesAreComparedWithWhatIsKnownOfThem(t *testing.T) {
	c := account(t, sandbox.New(sandbox.Options{}), "wx00000000sandbox2")
	fill(t, c, func(_ int, title wechat.Title) []int { return []int{title.Keywords[0].ID} })
	live, err := c.AllTemplates(t.Context())
	noError(t, err)
	var known []Template
	for _, t := range live {
		known = append(known, remembered(t))
	}
	if d := DriftOf(List{live, now}, known); len(live) != 60 || !d.None() {
		t.Errorf("%d templates, %+v", len(live), d)
	}
	noError(t, c.DeleteTemplate(t.Context(), live[0].ID))
	noError(t, c.DeleteTemplate(t.Context(), live[59].ID))
	id, err := c.AddTemplate(t.Context(), "AT0002", []int{5})
	noError(t, err)
	now59, err := c.AllTemplates(t.Context())
	noError(t, err)
	elsewhere, gone, changed := DriftOf(List{now59, now}, known).summary()
	equal(t, "elsewhere", elsewhere, []string{id})
	equal(t, "gone", gone, []string{live[0].ID, live[59].ID})
	equal(t, "changed", changed, nil)
}
