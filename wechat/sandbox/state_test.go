package sandbox_test

import (
	"bytes"
	"testing"
	"time"

	"muban/wechat/sandbox"
)

func TestASnapshotKeepsEverything(t *testing.T) {
	w := inProcess(t, sandbox.Options{DailyQuota: 3})
	m := message{ToUser: ming, Template: w.template(), FormID: w.payment(ming)}
	w.works(w.send(m))
	w.stableToken(true)
	w.Advance(time.Hour)
	w.works(w.send(m))
	w.fault(sandbox.Fault{Path: listPath, Times: 2, Delay: 1, ErrCode: code(0)})
	w.AddApp("wx00000000sandbox2", "another")

	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	later := inProcess(t, sandbox.Options{DailyQuota: 3})
	if err := later.Restore(raw); err != nil {
		t.Fatal(err)
	}
	if again, err := later.Snapshot(); err != nil || !bytes.Equal(raw, again) {
		t.Errorf("%s\nthen %s, %v", raw, again, err)
	}
	later.token = w.token
	later.works(later.send(m)) // the third of the payment, and of the quota
	later.refused(45009, later.send(m))
	if !later.Now().Equal(someday.Add(time.Hour)) || len(later.Messages("", ming)) != 3 || len(later.Faults()) != 1 {
		t.Error(later.Now(), later.Messages("", ming), later.Faults())
	}
	if fresh, old := later.fetchToken().AccessToken, w.fetchToken().AccessToken; fresh != old {
		t.Error("ids went another way after the snapshot")
	}
}

func TestWhatIsNoSnapshotChangesNothing(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	w.form(ming)
	before, _ := w.Snapshot()
	for _, bad := range []string{
		``, `{`, `[]`, `{}`, `{"Version":2,"State":{"Apps":{}}}`, `{"Version":1}`, `{"Version":1,"State":{"Apps":{"wx1":null}}}`,
		`{"Version":1,"State":{"Apps":{"wx1":{"ID":"wx2"}}}}`, `{"Version":1,"State":{"Apps":{"wx1":{"ID":"wx1","Rights":[null]}}}}`,
		`{"Version":1,"State":{"Apps":{"wx1":{"ID":"wx1","Consents":{"a b":null}}}}}`,
		`{"Version":1,"State":{"Apps":{"wx1":{"ID":"wx1","Push":{"URL":"http://x","Token":"x","Mode":"safe","Format":"xml","AESKey":"short"}}}}}`,
	} {
		if w.Restore([]byte(bad)) == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if after, _ := w.Snapshot(); !bytes.Equal(before, after) {
		t.Error("the state changed")
	}
}

func TestEveryChangeIsCountedAndNothingElse(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	changes := func(what string, want bool, do func()) {
		t.Helper()
		before := w.Changes()
		if do(); (w.Changes() != before) != want {
			t.Errorf("%s: %d changes", what, w.Changes()-before)
		}
	}
	m := message{ToUser: ming}
	changes("a token", true, func() { w.token = w.fetchToken().AccessToken })
	changes("a template", true, func() { m.Template = w.template() })
	changes("a form", true, func() { m.FormID = w.form(ming) })
	changes("a send", true, func() { w.send(m) })
	changes("the clock", true, func() { w.Advance(1) })
	changes("a fault", true, func() { w.fault(sandbox.Fault{Path: listPath, Times: 2, ErrCode: code(0)}) })
	changes("a fault met", true, func() { w.call(listPath, `{}`) })
	changes("faults cleared", true, func() { w.ClearFaults() })
	changes("a list", false, func() { w.call(listPath, `{"offset":0,"count":20}`) })
	changes("a title", false, func() { w.call(libraryGetPath, `{"id":"AT0002"}`) })
	changes("a refusal", false, func() { w.call(deletePath, `{}`) })
	changes("a deletion", true, func() { w.call(deletePath, `{"template_id":"`+m.Template+`"}`) })
	changes("an edit of the library", true, func() { w.EditLibrary(sandbox.LibraryEdit{Remove: []string{"AT0002"}}) })
	changes("a reset", true, func() { w.Reset() })
}

func TestAResetRestoresTheInitialState(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		m := message{ToUser: ming, Template: w.template(), FormID: w.form(ming)}
		w.works(w.send(m))
		w.AddApp("wx00000000sandbox2", "another")
		w.fault(sandbox.Fault{Path: listPath, ErrCode: code(-1)})
		w.Retire(true)
		w.Advance(time.Hour)
		var clock struct{ Now time.Time }
		w.control("POST", "/sandbox/reset", "", &clock)

		if !clock.Now.Equal(someday) || w.Retired() || len(w.Faults()) != 0 || len(w.Stats()) != 0 || len(w.Messages("", "")) != 0 {
			t.Error(clock.Now, w.Retired(), w.Faults(), w.Stats(), w.Messages("", ""))
		}
		w.refused(40001, w.callWith(w.token, listPath, `{"offset":0,"count":1}`))
		old := w.token
		w.token = ""
		if w.refused(40037, w.send(m)); w.token == old {
			t.Error("a token from before the reset was issued again")
		}
		a, _ := w.ask("GET", tokenPath+"?grant_type=client_credential&appid=wx00000000sandbox2&secret=another", "")
		w.refused(40013, a)
	})
}

func TestTheSameSeedGivesTheSameIDs(t *testing.T) {
	ids := func(seed uint64) [4]string {
		w := inProcess(t, sandbox.Options{Seed: seed})
		return [4]string{w.fetchToken().AccessToken, w.template(), w.form(ming), w.payment(ming)}
	}
	if one, again := ids(1), ids(1); one != again {
		t.Error("one seed, two answers")
	}
	if ids(0) != ids(sandbox.DefaultSeed) {
		t.Error("no seed is not the default")
	}
	if one, other := ids(1), ids(2); one[0] == other[0] || one[1] == other[1] || one[2] == other[2] || one[3] == other[3] {
		t.Error("two seeds, one answer")
	}
}
