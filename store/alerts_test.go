package store

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"muban/wechat/alert"
)

var (
	_ alert.Board  = (*Store)(nil)
	_ alert.Outbox = (*Store)(nil)
)

func body(a Alert) []byte {
	text, err := json.Marshal(a)
	if err != nil {
		panic(err)
	}
	return text
}

func (f *fixture) raise(t testing.TB) bool {
	t.Helper()
	raised, err := f.RaiseAlert(t.Context(), Alert{Cause: alert.TokenEnding, App: alert.App{ID: f.app.ID}, Detail: "why"}, body)
	noError(t, err)
	return raised
}

func (f *fixture) clear(t testing.TB) bool {
	t.Helper()
	cleared, err := f.ClearAlert(t.Context(), alert.TokenEnding, f.app.ID, body)
	noError(t, err)
	return cleared
}

// hook is a webhook that is told of every alert.
func (f *fixture) hook(t testing.TB) Channel {
	t.Helper()
	c, err := f.AddChannel(t.Context(), f.by, Channel{Make: alert.Webhook, Name: "duty", Topics: alert.Topics(),
		URL: "https://hooks.example/?key=" + canary, Secret: canary}, "hooks.example")
	noError(t, err)
	return c
}

func TestOneConditionIsOneAlertForAllProcesses(t *testing.T) {
	f := newFixture(t)
	f.hook(t)
	other := open(t, f.dir, f.clock)
	equal(t, "raised", f.raise(t), true)
	there, err := other.RaiseAlert(t.Context(), Alert{Cause: alert.TokenEnding, App: alert.App{ID: f.app.ID}}, body)
	noError(t, err)
	equal(t, "raised by the other process too", there, false)
	raised, err := other.RaisedAlerts(t.Context())
	noError(t, err)
	equal(t, "alerts", len(raised), 1)
	equal(t, "alert", raised[0], Alert{ID: 1, Cause: alert.TokenEnding, App: alert.App{ID: f.app.ID, AppID: f.app.AppID, Name: "Shop"},
		Detail: "why", RaisedAt: stored(f.clock.now())})

	f.clock.advance(time.Minute)
	equal(t, "cleared", f.clear(t), true)
	equal(t, "cleared again", f.clear(t), false)
	equal(t, "raised once more", f.raise(t), true)
	all, total, err := f.PastAlerts(t.Context(), f.app.ID, 0, 0)
	noError(t, err)
	equal(t, "alerts in all", total, 2)
	equal(t, "cleared at", all[1].ClearedAt, stored(f.clock.now()))

	sent, total, err := f.Deliveries(t.Context(), 0, 0)
	noError(t, err)
	equal(t, "deliveries", total, 3)
	equal(t, "the second", sent[1].Change, alert.Cleared)
	var told Alert
	noError(t, json.Unmarshal(sent[1].Body, &told))
	equal(t, "what it tells", told, all[1])
}

func TestWithoutAChannelNothingIsQueued(t *testing.T) {
	f := newFixture(t)
	f.raise(t)
	f.clear(t)
	_, total, err := f.Deliveries(t.Context(), 0, 0)
	noError(t, err)
	equal(t, "deliveries", total, 0)
}

func TestAWebhookIsSealed(t *testing.T) {
	f := newFixture(t)
	hook := f.hook(t)
	changed := hook
	changed.URL, changed.Secret = "https://other.example/"+canary, ""
	noError(t, f.SaveChannel(t.Context(), f.by, changed, "other.example"))
	noError(t, f.RotateKey(t.Context(), f.by))
	hook, err := f.Channel(t.Context(), hook.ID)
	noError(t, err)
	equal(t, "address", hook.URL.Reveal(), "https://other.example/"+canary)
	equal(t, "the secret stays", hook.Secret.Reveal(), canary)
	f.wantNoCanary(t)

	f.raise(t)
	noError(t, f.RemoveChannel(t.Context(), f.by, hook.ID))
	wantError(t, f.RemoveChannel(t.Context(), f.by, hook.ID), ErrNotFound)
	wantError(t, f.SaveChannel(t.Context(), f.by, hook, ""), ErrNotFound)
	d, err := f.Delivery(t.Context(), 1)
	noError(t, err)
	equal(t, "what waited", d.State()+" "+d.Problem, "given_up removed")
	gone, err := f.ChannelOf(t.Context(), d)
	noError(t, err)
	equal(t, "its channel", gone.URL, "")
}

func TestADeliveryIsTakenByOneProcessAtATime(t *testing.T) {
	f := newFixture(t)
	f.hook(t)
	f.raise(t)
	d, err := f.TakeDelivery(t.Context(), f.clock.now().Add(time.Minute))
	noError(t, err)
	equal(t, "kind", d.Cause, alert.TokenEnding)
	equal(t, "its body", bytes.Contains(d.Body, []byte("why")), true)
	_, err = open(t, f.dir, f.clock).TakeDelivery(t.Context(), f.clock.now().Add(time.Minute))
	wantError(t, err, alert.ErrNoneDue)
	f.clock.advance(time.Minute) // the taker was killed
	d, err = f.TakeDelivery(t.Context(), f.clock.now().Add(time.Minute))
	noError(t, err)
	d.Attempts, d.Status, d.NextAt, d.DeliveredAt = 1, 200, time.Time{}, f.clock.now()
	noError(t, f.Delivered(t.Context(), d))
	f.clock.advance(time.Hour)
	_, err = f.TakeDelivery(t.Context(), f.clock.now())
	wantError(t, err, alert.ErrNoneDue)
}

func TestPastAlertsAndDeliveriesArePruned(t *testing.T) {
	f := newFixture(t)
	hook := f.hook(t)
	f.raise(t)
	f.clear(t)
	f.raise(t)
	noError(t, f.RemoveChannel(t.Context(), f.by, hook.ID))
	f.clock.advance(time.Hour)
	noError(t, f.PruneAlerts(t.Context(), f.clock.now()))
	_, alerts, err := f.PastAlerts(t.Context(), 0, 0, 0)
	noError(t, err)
	equal(t, "alerts left", alerts, 1)
	_, deliveries, err := f.Deliveries(t.Context(), 0, 0)
	noError(t, err)
	equal(t, "deliveries left", deliveries, 0)
}
