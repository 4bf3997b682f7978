package alert_test

import (
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/alert"
	"muban/wechat/token"
)

// look shows the watch a keeper whose last fetch answered err, and whose token has left to live.
func (w *world) look(t *testing.T, err error, left time.Duration) {
	t.Helper()
	now := w.clock()
	s := token.State{Healthy: err == nil, LastErr: err, ExpiresAt: now.Add(left), FetchedAt: now.Add(left - 2*time.Hour)}
	if err := w.Look(t.Context(), []alert.Keeper{{App: w.app, State: s}}); err != nil {
		t.Fatal(err)
	}
	w.pass(5 * time.Second)
}

func (w *world) raised(t *testing.T) (causes []alert.Cause) {
	t.Helper()
	all, err := w.store.RaisedAlerts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		causes = append(causes, a.Cause)
	}
	return causes
}

func TestAnAlertIsRaisedForATokenThatEndsSoonAndCannotBeRefreshed(t *testing.T) {
	secretRefused := &wechat.Error{Op: "token", Code: 40125, Msg: "invalid appsecret"}
	unreachable := &wechat.CallError{Op: "token", Err: wechat.ErrUnreachable}
	for name, c := range map[string]struct {
		err  error
		left time.Duration
		want []alert.Cause
	}{
		"all is well":                  {nil, time.Hour, nil},
		"near its end, and all well":   {nil, time.Minute, nil},
		"unreachable, but time enough": {unreachable, 10 * time.Minute, nil},
		"unreachable, and near":        {unreachable, 10*time.Minute - 6*time.Second, []alert.Cause{alert.TokenEnding}},
		"unreachable, and none at all": {unreachable, -time.Hour, []alert.Cause{alert.TokenEnding}},
		"refused, time enough":         {secretRefused, time.Hour, []alert.Cause{alert.SecretRefused}},
		"refused, and near":            {secretRefused, time.Minute, []alert.Cause{alert.TokenEnding, alert.SecretRefused}},
		"the wrong AppID":              {&wechat.Error{Code: 40013}, time.Hour, []alert.Cause{alert.SecretRefused}},
		"frozen":                       {&wechat.Error{Code: 40243}, time.Hour, []alert.Cause{alert.SecretRefused}},
		"the address is not allowed":   {&wechat.Error{Code: 40164}, time.Hour, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for range 5 {
				w.look(t, c.err, c.left)
			}
			if got := w.raised(t); len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
				t.Errorf("raised %v, want %v", got, c.want)
			}
		})
	}
}

func TestATroubleOfAMomentIsNobodysConcern(t *testing.T) {
	w := newWorld(t)
	for range 10 {
		w.look(t, &wechat.Error{Code: -1}, time.Minute)
		w.look(t, &wechat.Error{Code: -1}, time.Minute)
		w.look(t, nil, time.Minute)
	}
	if got := w.raised(t); got != nil {
		t.Errorf("raised %v", got)
	}
}

func TestAnAlertEndsWithANewTokenAndNotWithAProcessThatHeardNothing(t *testing.T) {
	w := newWorld(t)
	for range 10 {
		w.look(t, &wechat.Error{Code: -1}, time.Minute)
	}
	for range 10 {
		w.look(t, nil, time.Minute) // the old token, said to be well
	}
	if got := w.raised(t); len(got) != 1 {
		t.Fatalf("raised %v", got)
	}
	w.look(t, nil, 2*time.Hour)
	if got := w.raised(t); len(got) != 0 {
		t.Errorf("still raised: %v", got)
	}
	all, total, err := w.store.Deliveries(t.Context(), 0, 0)
	if err != nil || total != 2 || all[0].Change != alert.Cleared || all[1].Change != alert.Raised {
		t.Errorf("%d deliveries: %+v, %v", total, all, err)
	}
}

func TestAPenaltyIsRaisedOnceAndCleared(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		if err := w.Raise(t.Context(), alert.Penalty, w.app, "7 days"); err != nil {
			t.Fatal(err)
		}
	}
	w.look(t, nil, time.Hour) // tokens have nothing to say about it
	if got := w.raised(t); len(got) != 1 || got[0] != alert.Penalty {
		t.Errorf("raised %v", got)
	}
	for range 2 {
		if err := w.Clear(t.Context(), alert.Penalty, w.app); err != nil {
			t.Fatal(err)
		}
	}
	if _, total, _ := w.store.Deliveries(t.Context(), 0, 0); total != 2 || w.raised(t) != nil {
		t.Errorf("%d deliveries", total)
	}
}
