package sandbox_test

import (
	"errors"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muban/wechat/sandbox"
)

func TestAUsedFormAnswers41029(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		m := message{ToUser: ming, Template: w.template(), FormID: w.form(ming)}
		w.works(w.send(m))
		w.refused(41029, w.send(m))
		m.ToUser = hong
		w.refused(41028, w.send(m))
	})
}

func TestAPaymentAllowsThreeMessages(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		m := message{ToUser: ming, Template: w.template(), FormID: w.payment(ming)}
		for range 3 {
			w.works(w.send(m))
		}
		w.refused(41029, w.send(m))
		m.FormID = "prepay_id=" + w.payment(ming)
		w.refused(41028, w.send(m))
	})
}

// Fault 20: the seven-day edge.
func TestARightEndsAfterSevenDays(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		form := message{ToUser: ming, Template: w.template(), FormID: w.form(ming)}
		payment := message{ToUser: ming, Template: form.Template, FormID: w.payment(ming)}
		w.Advance(7*24*time.Hour - time.Second)
		w.token = ""
		w.works(w.send(form))
		w.works(w.send(payment))
		w.Advance(time.Second)
		w.refused(41028, w.send(payment))
		w.Advance(time.Second)
		w.refused(41028, w.send(payment))
	})
}

func TestAPaymentIsGoodForSendingOnceItHasSettled(t *testing.T) {
	w := inProcess(t, sandbox.Options{Settle: 5 * time.Second})
	m := message{ToUser: ming, Template: w.template(), FormID: w.payment(ming)}
	w.refused(41028, w.send(m))
	w.Advance(5*time.Second - 1)
	w.refused(41028, w.send(m))
	w.Advance(1)
	w.works(w.send(m))
	m.FormID = w.form(ming) // a form needs none
	w.works(w.send(m))
}

func TestOfParallelSendsUnderOneFormExactlyOneWins(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		m := message{ToUser: ming, Template: w.template(), FormID: w.form(ming)}
		var sent, used atomic.Int32
		var senders sync.WaitGroup
		for range 50 {
			senders.Go(func() {
				switch w.send(m).ErrCode {
				case 0:
					sent.Add(1)
				case 41029:
					used.Add(1)
				}
			})
		}
		senders.Wait()
		if sent.Load() != 1 || used.Load() != 49 || len(w.Messages("", ming)) != 1 {
			t.Errorf("%d sent, %d refused as used, %d delivered", sent.Load(), used.Load(), len(w.Messages("", ming)))
		}
	})
}

func TestRightsLookLikeRealOnes(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	one, other, prepay := w.form(ming), w.form(ming), w.payment(ming)
	if one == other || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(one) {
		t.Error(one, other)
	}
	if !regexp.MustCompile(`^wx20180606103000[0-9a-f]{20}$`).MatchString(prepay) {
		t.Error(prepay)
	}
}

func TestRightsAreRefusedToUnknownAppsAndMalformedUsers(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	if _, err := s.SubmitForm("wx00000000sandbox9", ming); !errors.Is(err, sandbox.ErrUnknownApp) {
		t.Error(err)
	}
	if _, err := s.Pay(sandbox.DefaultAppID, "o123"); !errors.Is(err, sandbox.ErrOpenID) {
		t.Error(err)
	}
}

func TestAUserIsKnownByRightsAndMessages(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	w.works(w.send(message{ToUser: ming, Template: w.template(), FormID: w.form(ming)}))
	w.form(hong)
	want := []string{ming, hong}
	slices.Sort(want)
	if got := w.OpenIDs(sandbox.DefaultAppID); !slices.Equal(got, want) {
		t.Error(got)
	}
	w.Advance(8 * 24 * time.Hour)
	if got := w.OpenIDs(sandbox.DefaultAppID); !slices.Equal(got, []string{ming}) {
		t.Error(got)
	}
}

func TestAPersonsOpenIDIsAlwaysTheSame(t *testing.T) {
	other := sandbox.OpenIDFor("wx00000000sandbox2", "小明")
	if ming != sandbox.OpenIDFor(sandbox.DefaultAppID, "小明") || ming == hong || ming == other {
		t.Error(ming, hong, other)
	}
	if !regexp.MustCompile(`^o[A-Za-z0-9_-]{27}$`).MatchString(ming) || ming[:6] != hong[:6] {
		t.Error(ming, hong)
	}
}
