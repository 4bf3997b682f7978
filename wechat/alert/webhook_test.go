package alert_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/alert"
)

func wechatSecret(s string) wechat.Secret { return wechat.Secret(s) }

func (w *world) raise(t *testing.T) {
	t.Helper()
	if err := w.Raise(t.Context(), alert.Penalty, w.app, "7 days"); err != nil {
		t.Fatal(err)
	}
}

func (w *world) deliver(t *testing.T) {
	t.Helper()
	if err := w.courier.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAnAlertArrivesSignedAndOnce(t *testing.T) {
	w := newWorld(t)
	w.raise(t)
	w.deliver(t)
	if err := w.courier.Deliver(t.Context()); !errors.Is(err, alert.ErrNoneDue) {
		t.Errorf("a second time: %v", err)
	}
	want := map[string]any{
		"change": "raised", "alert": 1.0, "kind": "penalty", "app": map[string]any{"appid": "wx1", "name": "商城"},
		"text": "penalty raised", "detail": "7 days", "raised_at": "2018-05-04T08:00:00Z",
	}
	if r := w.receiver; r.forged != 0 || r.count() != 1 || !reflect.DeepEqual(r.got[0], want) {
		t.Errorf("got %v, %d of them with a wrong signature", r.got, r.forged)
	}
	if d := w.newest(t); d.State() != "delivered" || d.Attempts != 1 || d.Status != http.StatusNoContent {
		t.Errorf("%+v", d)
	}
}

func TestWhatIsNotTakenIsTriedAgainForADay(t *testing.T) {
	w := newWorld(t)
	w.receiver.answers(http.StatusBadGateway)
	w.raise(t)
	made := w.clock()
	for w.newest(t).State() != "given_up" {
		w.courier.Deliver(t.Context())
		w.pass(time.Minute)
		if w.clock().Sub(made) > 25*time.Hour {
			t.Fatal("tried for more than a day")
		}
	}
	d := w.newest(t)
	if d.Attempts < 24 || d.Attempts > 40 || d.Status != http.StatusBadGateway || d.Problem != "status" || d.TriedAt.Sub(made) < 22*time.Hour {
		t.Errorf("%+v", d)
	}
	if r := w.receiver; r.ids[0] != r.ids[len(r.ids)-1] || r.forged != 0 {
		t.Errorf("the attempts are deliveries %v, %d with a wrong signature", r.ids, r.forged)
	}
}

func TestADeliverySurvivesARestart(t *testing.T) {
	w := newWorld(t)
	w.receiver.answers(http.StatusServiceUnavailable)
	w.raise(t)
	w.deliver(t)
	w.receiver.answers(http.StatusOK)
	w.pass(11 * time.Second)
	w.courier = alert.NewCourier(w.store, alert.CourierOptions{Now: w.clock, AllowPrivate: true})
	w.deliver(t)
	if d := w.newest(t); d.State() != "delivered" || d.Attempts != 2 || d.Problem != "" {
		t.Errorf("%+v", d)
	}
}

func TestADeliveryWhoseProcessDiedOverItIsMadeAgain(t *testing.T) {
	w := newWorld(t)
	w.raise(t)
	if _, err := w.store.TakeDelivery(t.Context(), w.clock().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := w.courier.Deliver(t.Context()); !errors.Is(err, alert.ErrNoneDue) {
		t.Errorf("taken twice: %v", err)
	}
	w.pass(time.Minute)
	w.deliver(t)
	if w.newest(t).State() != "delivered" {
		t.Errorf("%+v", w.newest(t))
	}
}

func TestARedirectIsNotFollowed(t *testing.T) { // fault 36
	w := newWorld(t)
	w.receiver.location = "https://elsewhere.example/"
	w.receiver.answers(http.StatusTemporaryRedirect)
	w.raise(t)
	w.deliver(t)
	if d := w.newest(t); d.Problem != "redirect" || w.receiver.count() != 1 {
		t.Errorf("%+v, %d requests", d, w.receiver.count())
	}
}

func TestATestIsTriedOnce(t *testing.T) {
	w := newWorld(t)
	w.receiver.answers(http.StatusNotFound)
	if _, err := w.store.AddTestDelivery(t.Context(), store.Actor{}, w.hook, alert.Notice{Change: alert.Tested, Text: "hello"}.Encode()); err != nil {
		t.Fatal(err)
	}
	w.deliver(t)
	if d := w.newest(t); d.State() != "given_up" || d.Status != http.StatusNotFound || w.receiver.got[0]["text"] != "hello" {
		t.Errorf("%+v, %v", d, w.receiver.got)
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) { // fault 36
	for address, ok := range map[string]bool{
		"https://hooks.example.com/a?key=b": true,
		"https://8.8.8.8/":                  true,
		"http://hooks.example.com/":         false,
		"https://localhost/":                false,
		"https://127.0.0.1:8443/?x=1":       false,
		"https://169.254.169.254/latest":    false,
		"https://user:pw@hooks.example.com": false,
		"https://hooks.example.com/#part":   false,
		"ftp://hooks.example.com/":          false,
		"":                                  false,
		"https://":                          false,
		"%":                                 false,
	} {
		if err := alert.CheckAddress(address, false); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
	w := newWorld(t)
	w.courier = alert.NewCourier(w.store, alert.CourierOptions{Now: w.clock})
	w.raise(t)
	w.deliver(t)
	if d := w.newest(t); d.Problem != "address" || w.receiver.count() != 0 {
		t.Errorf("%+v, %d requests", d, w.receiver.count())
	}
}

func TestFault55_AWebhookIsHeldToTheRuleOfAnAPIBase(t *testing.T) {
	for _, address := range []string{
		"https://[::10.0.0.8]/robot?key=1", "https://[64:ff9b:1::a9fe:a9fe]/", "https://[2002:c0a8:101::]/?x", "https://[2001:0:5ef5:79fd::80ff:fefe]/",
		"https://[::ffff:0:7f00:1]/", "https://0x0a000001/", "https://127.0.0.1../", "https://１０.0.0.1/",
	} {
		if err := alert.CheckAddress(address, false); err == nil {
			t.Errorf("%s passes", address)
		}
	}
}

func TestFault35_ADeliveryShowsNeitherAddressNorSecret(t *testing.T) {
	w := newWorld(t)
	var log bytes.Buffer
	w.courier = alert.NewCourier(w.store, alert.CourierOptions{
		Now: w.clock, AllowPrivate: true, Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	w.hook.URL = "http://127.0.0.1:1/?key=canary-in-the-address" // nobody is there
	if err := w.store.SaveChannel(t.Context(), store.Actor{}, w.hook, "host"); err != nil {
		t.Fatal(err)
	}
	w.raise(t)
	w.deliver(t)
	d := w.newest(t)
	if d.Problem != "unreachable" || !strings.Contains(log.String(), "unreachable") {
		t.Errorf("%+v, log %s", d, &log)
	}
	if strings.Contains(log.String(), "canary") || bytes.Contains(d.Body, []byte("canary")) {
		t.Errorf("the log shows a secret: %s", &log)
	}
}

func TestRunDeliversWhatComesAndEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.courier.Run(ctx) }()
	w.raise(t)
	w.courier.Nudge()
	select {
	case <-w.receiver.came:
	case <-time.After(10 * time.Second):
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) || w.receiver.count() != 1 {
		t.Errorf("%v, %d received", err, w.receiver.count())
	}
}
