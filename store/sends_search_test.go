package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// sendOf begins and ends a send with these values.
func (f *fixture) sendOf(t testing.TB, key, outcome string, code int, values ...string) Send {
	t.Helper()
	data := ""
	for i, v := range values {
		if i > 0 {
			data += ","
		}
		data += fmt.Sprintf(`"keyword%d":{"value":%q}`, i+1, v)
	}
	x := attempt(f.app.ID, key)
	x.TemplateID, x.Request = "tpl-"+key[:1], []byte(`{"touser":"`+openID+`","data":{`+data+`}}`)
	x, _, err := f.BeginSend(t.Context(), f.by, x)
	noError(t, err)
	x.Outcome, x.ErrCode, x.Attempts = outcome, code, 1
	noError(t, f.FinishSend(t.Context(), f.by, x))
	return x
}

func TestSendsAreFoundByTheirValues(t *testing.T) {
	f := newFixture(t)
	day := f.clock.now()
	f.sendOf(t, "a1", dispatch.Sent, 0, "TIT造舰厂", "12.00元")
	f.sendOf(t, "b2", dispatch.Unknown, 0, "拿铁", "100%_off")
	f.clock.advance(24 * time.Hour)
	f.by.Name = "api_key:abcdefgh"
	f.sendOf(t, "a3", dispatch.Refused, 41028, "单号：1", `"quoted" <b>&`)
	for name, c := range map[string]struct {
		filter SendFilter
		want   []string
	}{
		"one character":             {SendFilter{Text: "铁"}, []string{"b2"}},
		"two, in the middle":        {SendFilter{Text: "造舰"}, []string{"a1"}},
		"letters in either case":    {SendFilter{Text: "tit"}, []string{"a1"}},
		"digits":                    {SendFilter{Text: "1"}, []string{"a3", "b2", "a1"}},
		"a sign that SQL knows":     {SendFilter{Text: "%_"}, []string{"b2"}},
		"a sign that JSON escapes":  {SendFilter{Text: `"quoted" <b>&`}, []string{"a3"}},
		"not over two values":       {SendFilter{Text: "厂12"}, nil},
		"not a key of the request":  {SendFilter{Text: "keyword"}, nil},
		"not the recipient":         {SendFilter{Text: "openid"}, nil},
		"with another filter":       {SendFilter{Text: "1", TemplateID: "tpl-a"}, []string{"a3", "a1"}},
		"on a day":                  {SendFilter{From: day, To: day.Add(24 * time.Hour)}, []string{"b2", "a1"}},
		"since a day":               {SendFilter{From: day.Add(24 * time.Hour)}, []string{"a3"}},
		"before a day, by text":     {SendFilter{To: day.Add(24 * time.Hour), Text: "1"}, []string{"b2", "a1"}},
		"by who sent, also a key":   {SendFilter{Person: "api_key:abcdefgh"}, []string{"a3"}},
		"by the right":              {SendFilter{Right: attempt(0, "b2").FormID}, []string{"b2"}},
		"waiting for a decision":    {SendFilter{Undecided: true}, []string{"b2"}},
		"by outcome":                {SendFilter{Outcome: dispatch.Refused}, []string{"a3"}},
		"by an outcome that is few": {SendFilter{Outcome: dispatch.Pending}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c.filter.App = f.app.ID
			sends, total, err := f.Sends(t.Context(), c.filter)
			noError(t, err)
			var got, each []string
			for _, x := range sends {
				got = append(got, x.Key)
			}
			if !slices.Equal(got, c.want) || total != len(c.want) {
				t.Fatalf("got %q of %d, want %q", got, total, c.want)
			}
			for x, err := range f.EachSend(t.Context(), c.filter) {
				noError(t, err)
				each = append(each, x.Key)
			}
			if !slices.Equal(each, got) {
				t.Fatalf("each: %q, want %q", each, got)
			}
		})
	}
}

func TestEachSendOfManyComesOnceAndInOrder(t *testing.T) {
	f := newFixture(t)
	const many = 2*chunk + 7
	noError(t, f.write(t.Context(), func(t *tx) error {
		for i := range many {
			if _, _, err := t.beginSend(f.by, ask(attempt(f.app.ID, fmt.Sprint(i))), f.process.ID()); err != nil {
				return err
			}
		}
		return nil
	}))
	next := many
	for x, err := range f.EachSend(t.Context(), SendFilter{App: f.app.ID}) {
		noError(t, err)
		next--
		equal(t, "key", x.Key, fmt.Sprint(next))
	}
	equal(t, "left", next, 0)
	for range f.EachSend(t.Context(), SendFilter{App: f.app.ID}) {
		break // a reader who leaves is no error
	}
}

func TestSendsAreCountedByTemplateOutcomeAndDay(t *testing.T) {
	f := newFixture(t) // 16:30 in China
	f.sendOf(t, "a1", dispatch.Sent, 0)
	f.sendOf(t, "a2", dispatch.Sent, 0)
	f.sendOf(t, "b1", dispatch.Refused, 41029)
	lost := f.sendOf(t, "a3", dispatch.Unknown, 0)
	calls, err := f.CallsToday(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "calls", calls, 4)
	f.clock.advance(8 * time.Hour) // the next day there
	noError(t, f.DecideSend(t.Context(), f.by, f.app.ID, lost.ID, true))
	f.sendOf(t, "a4", dispatch.Sent, 0)
	today := ledger.DayOf(f.clock.now())
	counts, err := f.SendCounts(t.Context(), f.app.ID, "", f.clock.now().Add(-48*time.Hour))
	noError(t, err)
	want := []SendCount{
		{today - 1, "tpl-a", dispatch.Sent, 0, 2, 2}, {today - 1, "tpl-a", dispatch.Unknown, 0, 1, 1},
		{today - 1, "tpl-b", dispatch.Refused, 41029, 1, 1}, {today, "tpl-a", dispatch.Sent, 0, 1, 1},
	}
	if !slices.Equal(counts, want) {
		t.Fatalf("got %v, want %v", counts, want)
	}
	calls, err = f.CallsToday(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "calls of the next day", calls, 1)
	days, err := f.RightDays(t.Context(), f.app.ID, f.clock.now())
	noError(t, err)
	equal(t, "used", days[0].Used, 2) // one was sent, one had arrived
}
