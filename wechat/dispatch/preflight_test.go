package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

var actor = store.Actor{Name: "tester"}

// listed asks WeChat for the template each time.
type listed struct{ *wechat.Client }

func (l listed) Template(ctx context.Context, id string) (wechat.Template, error) {
	all, err := l.AllTemplates(ctx)
	if at := slices.IndexFunc(all, func(t wechat.Template) bool { return t.ID == id }); err == nil && at >= 0 {
		return all[at], nil
	}
	if err == nil {
		err = dispatch.ErrNoTemplate
	}
	return wechat.Template{}, err
}

// penalties is what is in force.
type penalties struct {
	ban     dispatch.Ban
	inForce bool
	err     error
}

func (p penalties) InForce(context.Context, int64) (dispatch.Ban, bool, error) {
	return p.ban, p.inForce, p.err
}

func (w *world) preflight() dispatch.Preflight {
	return dispatch.Preflight{Kind: kind.Template, Templates: listed{w.client}, Allowances: w.store, Tokens: w.keeper, Now: w.clock.now}
}

// seen are the checks that are not simply in order, as "id state why place".
func seen(checks []dispatch.Check) (got []string) {
	for _, c := range checks {
		if c.State != dispatch.OK || c.Why != "" {
			got = append(got, strings.TrimSpace(fmt.Sprint(c.ID, " ", c.State, " ", c.Why, " ", c.Place)))
		}
	}
	return got
}

func TestThePreflightSaysWhatIsWrongBeforeARightIsSpent(t *testing.T) {
	w := newWorld(t)
	_, err := w.store.ReportRights(t.Context(), actor, w.app, []ledger.Report{{OpenID: openID, ID: "known1"}, {OpenID: openID, ID: "held1"},
		{OpenID: openID, ID: "ending1", When: w.clock.now().Add(-wechat.RightLifetime + 30*time.Second)}})
	must(t, err)
	_, _, err = w.store.BeginSend(t.Context(), actor, dispatch.Send{App: w.app, Key: "k", OpenID: openID, FormID: "held1"})
	must(t, err)
	datum := func(key, value, color string) wechat.Datum { return wechat.Datum{Key: key, Value: value, Color: color} }
	for name, c := range map[string]struct {
		change func(*wechat.Message)
		want   []string
	}{
		"nothing":              {func(m *wechat.Message) {}, nil},
		"picked":               {func(m *wechat.Message) { m.FormID = "" }, nil},
		"a page with a query":  {func(m *wechat.Message) { m.Page = "pages/order/detail?id=1&name=咖啡" }, nil},
		"an unknown template":  {func(m *wechat.Message) { m.TemplateID = "x" }, []string{"template failed gone template_id", "keywords skipped  data"}},
		"no data":              {func(m *wechat.Message) { m.Data = nil }, []string{"keywords warning none data"}},
		"a keyword too many":   {func(m *wechat.Message) { m.Data = append(m.Data, datum("keyword9", "x", "")) }, []string{"keywords failed unknown data.keyword9"}},
		"a keyword missing":    {func(m *wechat.Message) { m.Data = m.Data[:2] }, []string{"keywords failed missing data.keyword3"}},
		"a keyword twice":      {func(m *wechat.Message) { m.Data = append(m.Data, m.Data[0]) }, []string{"keywords failed twice data.keyword1"}},
		"an empty value":       {func(m *wechat.Message) { m.Data[1].Value = " " }, []string{"keywords warning empty data.keyword2"}},
		"a leading slash":      {func(m *wechat.Message) { m.Page = "/pages/order" }, []string{"page failed slash page"}},
		"a web page":           {func(m *wechat.Message) { m.Page = "https://example.com" }, []string{"page failed form page"}},
		"a blank in the query": {func(m *wechat.Message) { m.Page = "pages/order?name=a b" }, []string{"page failed form page"}},
		"a very long page":     {func(m *wechat.Message) { m.Page = "pages/order?" + strings.Repeat("x", 1024) }, []string{"page failed long page"}},
		"a colour by name":     {func(m *wechat.Message) { m.Data[0].Color = "red" }, []string{"color failed form data.keyword1"}},
		"emphasis on nothing":  {func(m *wechat.Message) { m.Emphasis = "keyword4" }, []string{"emphasis failed unknown emphasis_keyword"}},
		"emphasis":             {func(m *wechat.Message) { m.Emphasis = "keyword3" }, nil},
		"no recipient":         {func(m *wechat.Message) { m.ToUser = "" }, []string{"openid failed empty touser", "right skipped  form_id"}},
		"a bad recipient":      {func(m *wechat.Message) { m.ToUser = "me" }, []string{"openid failed form touser", "right skipped  form_id"}},
		"a right of another":   {func(m *wechat.Message) { m.ToUser = strings.ToUpper(openID) }, []string{"right failed foreign form_id"}},
		"nobody's right":       {func(m *wechat.Message) { m.ToUser, m.FormID = strings.ToUpper(openID), "" }, []string{"right failed none form_id"}},
		"a held right":         {func(m *wechat.Message) { m.FormID = "held1" }, []string{"right failed held form_id"}},
		"a mock":               {func(m *wechat.Message) { m.FormID = "the formId is a mock one" }, []string{"right failed mock form_id"}},
		"a right never seen":   {func(m *wechat.Message) { m.FormID = "typed1" }, []string{"right warning new form_id"}},
		"a right in its last":  {func(m *wechat.Message) { m.FormID = "ending1" }, []string{"right warning ending form_id"}},
		"an advertisement":     {func(m *wechat.Message) { m.Data[0].Value = "全场五折，限时抢购" }, []string{"values warning finding data.keyword1"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := w.under("known1", "a")
			c.change(&m)
			checks := w.preflight().Check(t.Context(), dispatch.Send{App: w.app}, m)
			if got := seen(checks); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			var ids []string
			for _, c := range checks {
				if !slices.Contains(ids, c.ID) {
					ids = append(ids, c.ID)
				}
				if c.Why != "" && !slices.Contains(dispatch.Whys[c.ID], c.Why) {
					t.Errorf("%s %q is not among Whys", c.ID, c.Why)
				}
			}
			if !slices.Equal(ids, dispatch.CheckIDs(kind.Template)) {
				t.Errorf("checked %v", ids)
			}
		})
	}
}

func TestAPenaltyInForceForbidsSendingAndSaysUntilWhen(t *testing.T) {
	w := newWorld(t)
	until := w.clock.now().Add(time.Hour)
	for want, p := range map[string]penalties{
		"[penalty failed until]":    {dispatch.Ban{Until: until}, true, nil},
		"[penalty failed forever]":  {dispatch.Ban{Forever: true}, true, nil},
		"[penalty skipped unasked]": {err: errors.New("odd")},
		"[]":                        {ban: dispatch.Ban{Until: until}},
	} {
		pre := w.preflight()
		pre.Penalties = p
		checks := pre.Check(t.Context(), dispatch.Send{App: w.app}, w.known(t))
		if got := fmt.Sprint(seen(checks)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		for _, c := range checks {
			if c.Why == "until" && !c.Until.Equal(until) {
				t.Errorf("until %v", c.Until)
			}
		}
	}
}

// known is a message under a right that the ledger knows.
func (w *world) known(t *testing.T) wechat.Message {
	t.Helper()
	m := w.message(t, "a")
	_, err := w.store.ReportRights(t.Context(), actor, w.app, []ledger.Report{{OpenID: openID, ID: m.FormID}})
	must(t, err)
	return m
}

func TestWithoutATokenNothingIsSentAndNoRightIsTouched(t *testing.T) {
	w := newWorld(t)
	m := w.known(t)
	w.clock.advance(3 * time.Hour) // the token is over
	must(t, w.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Times: 100, ErrCode: new(40125)}))
	pre, sender := w.preflight(), w.sender()
	sender.Preflight = &pre
	_, err := w.deliveries.Send(t.Context(), sender, dispatch.Send{App: w.app, Key: "one"}, m)
	blocked, ok := errors.AsType[*dispatch.Blocked](err)
	if !ok || !slices.Contains(seen(blocked.Checks), "token failed unasked") {
		t.Fatalf("%v", err)
	}
	if r := w.right(t, m.FormID); r.Held+r.Used != 0 || w.calls() != 0 {
		t.Errorf("%+v, %d calls", r, w.calls())
	}
	if _, err := w.store.SendByKey(t.Context(), w.app, "one"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("recorded: %v", err)
	}
}

// The right of a send that is over is spent: that must not keep its repetition from its answer.
func TestARepetitionIsAnsweredBeforeAnythingIsChecked(t *testing.T) {
	w := newWorld(t)
	m, pre, sender := w.known(t), w.preflight(), w.sender()
	sender.Preflight = &pre
	for replayed := range 2 {
		s, err := w.deliveries.Send(t.Context(), sender, dispatch.Send{App: w.app, Key: "one"}, m)
		if err != nil || s.Outcome != dispatch.Sent || s.Replayed != (replayed == 1) {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	if w.calls() != 1 {
		t.Errorf("%d calls", w.calls())
	}
}

func TestFault17_WhoComesSecondIsToldWhoHoldsTheRight(t *testing.T) {
	w := newWorld(t)
	m := w.known(t)
	must(t, w.sandbox.AddFault(sandbox.Fault{Path: sendPath, Times: 1, Drop: "after"}))
	first, err := w.send(t.Context(), "one", m)
	if err != nil || first.Outcome != dispatch.Unknown {
		t.Fatal(first, err)
	}
	_, err = w.send(t.Context(), "two", m)
	refusal, ok := errors.AsType[*ledger.Refusal](err)
	if !ok || refusal.Reason != ledger.InUse || refusal.Holder != (ledger.Holder{Send: first.ID, Person: "tester", Outcome: dispatch.Unknown}) {
		t.Fatalf("%+v, %v", refusal, err)
	}
	if w.calls() != 1 || w.delivered() != 1 {
		t.Errorf("%d calls, %d delivered", w.calls(), w.delivered())
	}
}
