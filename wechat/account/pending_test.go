package account_test

import (
	"errors"
	"testing"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/kind"
	"muban/wechat/sandbox"
)

const (
	addPath = "/cgi-bin/wxopen/template/add"
	delPath = "/cgi-bin/wxopen/template/del"
)

// title is one of the library's; its first two keywords are what the tests combine.
var title = sandbox.Library(sandbox.DefaultSeed)[1]

// addition is what a form with this key asks for.
func addition(key string) account.Pending {
	keywords := title.Keywords[:2]
	return account.Pending{
		Key: key, Keywords: keywords, PersonID: 1, PersonName: "operator",
		Template: account.Template{TitleID: title.ID, Title: title.Text, KeywordIDs: []int{keywords[0].ID, keywords[1].ID}},
	}
}

// arrives is WeChat carrying out an addition long after it was asked.
func (w *world) arrives() string {
	w.t.Helper()
	p := addition("")
	id, err := w.elsewhere().AddTemplate(w.t.Context(), p.Template.TitleID, p.Template.KeywordIDs)
	must(w.t, err)
	return id
}

// open is how many changes are not known yet, undone how many were not carried out.
func (w *world) changes() (open, undone int) {
	w.t.Helper()
	all, err := w.account().Changes(w.t.Context())
	must(w.t, err)
	for _, p := range all {
		if p.Outcome == "" {
			open++
		} else {
			undone++
		}
	}
	return open, undone
}

// drift is how many templates seem to be added, and how many deleted, elsewhere.
func (w *world) drift() (elsewhere, gone int) {
	w.t.Helper()
	l, err := w.account().List(w.t.Context())
	must(w.t, err)
	known, err := w.store.Templates(w.t.Context(), w.app.ID)
	must(w.t, err)
	d, err := w.account().Drift(w.t.Context(), l, known)
	must(w.t, err)
	return len(d.Elsewhere), len(d.Gone)
}

func (w *world) known(id string) account.Template {
	w.t.Helper()
	x, err := w.store.Template(w.t.Context(), w.app.ID, id)
	must(w.t, err)
	return x
}

// The ways to lose the answer of a call.
var lost = map[string]sandbox.Fault{
	"dropped":     {Drop: "before"},
	"a gateway":   {Status: 504},
	"no JSON":     {Body: "<html>"},
	"system busy": {ErrCode: new(int)},
}

func init() { *lost["system busy"].ErrCode = -1 }

func newPerson(w *world) {
	w.t.Helper()
	_, err := w.store.AddPerson(w.t.Context(), store.Actor{}, store.Person{Name: "operator", Role: store.Operator, Lang: "zh", Theme: "light"})
	must(w.t, err)
}

func TestFault57_AnAdditionThatWeChatCarriesOutLateIsAdopted(t *testing.T) {
	for name, f := range lost {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			newPerson(w)
			w.fill(1)
			f.Path = addPath
			w.fault(f)
			_, err := w.account().Add(t.Context(), addition("first"))
			if _, ok := errors.AsType[*kind.Lost](err); !ok {
				t.Fatalf("got %v", err)
			}
			w.restart() // what is pending is not forgotten
			must(t, w.FollowUp(t.Context()))
			if open, undone := w.changes(); open != 1 || undone != 0 {
				t.Fatalf("%d open, %d undone", open, undone)
			}
			id := w.arrives()
			if elsewhere, _ := w.drift(); elsewhere != 1 { // fill's
				t.Errorf("%d are listed as added elsewhere", elsewhere)
			}
			must(t, w.FollowUp(t.Context()))
			if x := w.known(id); x.Adopted || x.AddedByName != "operator" || len(x.KeywordIDs) != 2 || x.TitleID != title.ID {
				t.Errorf("%+v", x)
			}
			if open, undone := w.changes(); open+undone != 0 {
				t.Errorf("%d open, %d undone", open, undone)
			}
			if again, err := w.account().Add(t.Context(), addition("first")); err != nil || again != id {
				t.Errorf("the same form again: %q, %v; added %q", again, err, id)
			}
			if calls := w.sandbox.Stats()[addPath]; calls != 3 { // fill's, the lost one, and WeChat's own
				t.Errorf("%d calls", calls)
			}
		})
	}
}

func TestFault57_WhileItIsNotKnownTheSameIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	newPerson(w)
	w.fault(sandbox.Fault{Path: addPath, Drop: "before"})
	_, err := w.account().Add(t.Context(), addition("first"))
	if _, ok := errors.AsType[*kind.Lost](err); !ok {
		t.Fatalf("got %v", err)
	}
	for _, key := range []string{"first", "another page", ""} {
		if _, err := w.account().Add(t.Context(), addition(key)); !errors.Is(err, kind.ErrUnderWay) {
			t.Errorf("%q: got %v", key, err)
		}
	}
	if calls := w.sandbox.Stats()[addPath]; calls != 1 {
		t.Errorf("%d calls", calls)
	}
	other := addition("other")
	other.Keywords, other.Template.KeywordIDs = other.Keywords[:1], other.Template.KeywordIDs[:1]
	if _, err := w.account().Add(t.Context(), other); err != nil {
		t.Errorf("another combination: %v", err)
	}
}

func TestFault57_AfterWeChatsOwnDeadlineWhatIsNotThereMayBeAddedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	newPerson(w)
	w.fault(sandbox.Fault{Path: addPath, Drop: "before"})
	_, err := w.account().Add(t.Context(), addition("first"))
	if _, ok := errors.AsType[*kind.Lost](err); !ok {
		t.Fatalf("got %v", err)
	}
	w.ahead.Add(int64(kind.Deadline - 30*time.Second))
	must(t, w.FollowUp(t.Context()))
	if open, _ := w.changes(); open != 1 {
		t.Fatal("given up before the deadline")
	}
	w.ahead.Add(int64(time.Minute))
	must(t, w.FollowUp(t.Context()))
	if open, undone := w.changes(); open != 0 || undone != 1 {
		t.Fatalf("%d open, %d undone", open, undone)
	}
	id, err := w.account().Add(t.Context(), addition("first"))
	must(t, err)
	if x := w.known(id); x.AddedByName != "operator" {
		t.Errorf("%+v", x)
	}
}

func TestFault57_ADeletionWithoutAnAnswerIsLookedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	newPerson(w)
	ids := w.fill(3)
	w.list()
	gone := account.Pending{PersonID: 1, PersonName: "operator", Template: account.Template{TemplateID: ids[1], Title: "a title"}}
	w.fault(sandbox.Fault{Path: delPath, Drop: "before"})
	if _, ok := errors.AsType[*kind.Lost](w.account().Delete(t.Context(), gone)); !ok {
		t.Fatal("the deletion seems to be known")
	}
	if err := w.account().Delete(t.Context(), gone); !errors.Is(err, kind.ErrUnderWay) {
		t.Errorf("a second time: %v", err)
	}
	must(t, w.elsewhere().DeleteTemplate(t.Context(), ids[1])) // WeChat carries it out late
	if _, gone := w.drift(); gone != 0 {
		t.Errorf("%d are listed as deleted elsewhere", gone)
	}
	must(t, w.FollowUp(t.Context()))
	if x := w.known(ids[1]); !x.Deleted() || x.DeletedElsewhere || x.DeletedByName != "operator" {
		t.Errorf("%+v", x)
	}

	w.fault(sandbox.Fault{Path: delPath, Drop: "after"}) // it took effect, and only the answer is lost
	gone.Template.TemplateID = ids[0]
	must(t, w.account().Delete(t.Context(), gone))
	if x := w.known(ids[0]); !x.Deleted() || w.list() != 1 {
		t.Errorf("%+v", x)
	}
}

// What WeChat refused is not pending, and leaves nothing behind.
func TestARefusedAdditionIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	newPerson(w)
	full := 45026
	w.fault(sandbox.Fault{Path: addPath, ErrCode: &full})
	if _, err := w.account().Add(t.Context(), addition("first")); !errors.Is(err, wechat.ErrTemplateLimit) {
		t.Fatal(err)
	}
	if open, undone := w.changes(); open+undone != 0 {
		t.Errorf("%d open, %d undone", open, undone)
	}
	if _, err := w.account().Add(t.Context(), addition("first")); err != nil {
		t.Error(err)
	}
}

// A process that is killed while WeChat works has noted before what it asked for.
func TestFault57_AnAdditionOutlivesTheProcessThatAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	newPerson(w)
	p := addition("first")
	p.What, p.Template.App, p.BeganAt, p.Until = account.Addition, w.app.ID, w.now(), w.now().Add(kind.Deadline)
	_, err := w.store.BeginChange(t.Context(), p)
	must(t, err)
	id := w.arrives()
	w.restart()
	must(t, w.FollowUp(t.Context()))
	if x := w.known(id); x.AddedByName != "operator" || x.Adopted {
		t.Errorf("%+v", x)
	}
}
