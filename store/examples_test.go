package store

import (
	"fmt"
	"testing"
)

func (f *fixture) exampleNames(t *testing.T, template string) (names []string) {
	t.Helper()
	all, err := f.Examples(t.Context(), f.app.ID, template)
	noError(t, err)
	for _, x := range all {
		names = append(names, x.Name+"="+string(x.Message))
	}
	return names
}

func TestAnExampleIsReplacedByItsIDAlone(t *testing.T) {
	f := newFixture(t)
	x := Example{App: f.app.ID, TemplateID: "tpl", Name: "e", Message: []byte("1")}
	first, err := f.SaveExample(t.Context(), f.by, x)
	noError(t, err)
	x.Message = []byte("2")
	_, err = f.SaveExample(t.Context(), f.by, x)
	wantError(t, err, ErrTaken)
	before := len(f.activities(t))
	x.ID = first.ID + 1
	_, err = f.SaveExample(t.Context(), f.by, x)
	wantError(t, err, ErrTaken)
	equal(t, "acts of a refusal", len(f.activities(t))-before, 0)
	equal(t, "kept", fmt.Sprint(f.exampleNames(t, "tpl")), fmt.Sprint([]string{"e=1"}))
	x.ID = first.ID
	again, err := f.SaveExample(t.Context(), f.by, x)
	noError(t, err)
	equal(t, "id", again.ID, first.ID)
	equal(t, "replaced", fmt.Sprint(f.exampleNames(t, "tpl")), fmt.Sprint([]string{"e=2"}))
}

func TestAnExampleIsOfItsAppAlone(t *testing.T) {
	f := newFixture(t)
	x, err := f.SaveExample(t.Context(), f.by, Example{App: f.app.ID, TemplateID: "tpl", Name: "长订单号", Message: []byte("{}")})
	noError(t, err)
	_, err = f.Example(t.Context(), f.app.ID+1, x.ID)
	wantError(t, err, ErrNotFound)
	wantError(t, f.DeleteExample(t.Context(), f.by, f.app.ID+1, x.ID), ErrNotFound)
	noError(t, f.DeleteExample(t.Context(), f.by, f.app.ID, x.ID))
	_, err = f.Example(t.Context(), f.app.ID, x.ID)
	wantError(t, err, ErrNotFound)
}

// One transaction: a template is never there without what was saved of the one it replaces.
func TestExamplesFollowWhatIsRestored(t *testing.T) {
	f := newFixture(t)
	f.template(t, "old", "")
	for _, x := range []Example{{TemplateID: "old", Name: "a"}, {TemplateID: "old", Name: "b"}, {TemplateID: "other", Name: "a"}, {TemplateID: "new", Name: "b"}} {
		x.App, x.Message = f.app.ID, []byte(x.TemplateID)
		_, err := f.SaveExample(t.Context(), f.by, x)
		noError(t, err)
	}
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "new", Replaces: "old"}))
	equal(t, "of the new one", fmt.Sprint(f.exampleNames(t, "new")), fmt.Sprint([]string{"a=old", "b=new"}))
	equal(t, "of the old one", fmt.Sprint(f.exampleNames(t, "old")), fmt.Sprint([]string{"b=old"}))
	equal(t, "of another", fmt.Sprint(f.exampleNames(t, "other")), fmt.Sprint([]string{"a=other"}))
}

func TestRecipientsAreTestersAndPeopleByName(t *testing.T) {
	f := newFixture(t)
	qa, gone := f.person(t, "qa", QA), f.person(t, "gone", QA)
	noError(t, f.SetOpenID(t.Context(), f.by, qa.ID, f.app.ID, "o-qa"))
	noError(t, f.SetOpenID(t.Context(), f.by, gone.ID, f.app.ID, "o-gone"))
	noError(t, f.write(t.Context(), func(t *tx) error { return t.exec("UPDATE people SET disabled = 1 WHERE id = ?", gone.ID) }))
	other, err := f.AddApp(t.Context(), f.by, App{AppID: "wx-other", Secret: "s"})
	noError(t, err)
	for _, x := range []Tester{{App: f.app.ID, Name: "li", OpenID: "o-li"}, {App: other.ID, Name: "wu", OpenID: "o-wu"}} {
		_, err := f.AddTester(t.Context(), f.by, x)
		noError(t, err)
	}
	got, err := f.Recipients(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "recipients", fmt.Sprint(got), fmt.Sprint([]Recipient{{"li", "o-li"}, {"qa", "o-qa"}}))
}
