package account

import (
	"testing"
	"time"

	"muban/wechat"
)

// Two pages read the list at the same time; the answer that was asked for later counts.
func TestAnOlderListThatComesLastIsDropped(t *testing.T) {
	var a Account
	at := time.Date(2018, 6, 6, 10, 30, 0, 0, time.UTC)
	a.noteList(&List{ReadAt: at.Add(time.Second), Templates: []wechat.Template{{ID: "new"}}})
	a.noteList(&List{ReadAt: at})
	if l := a.listed.Load(); len(l.Templates) != 1 {
		t.Errorf("%+v", l)
	}
}

func TestADeletedTemplateIsOffTheLastListAtOnce(t *testing.T) {
	var a Account
	a.Unlist("none was read yet")
	whole := List{Templates: []wechat.Template{{ID: "a"}, {ID: "b"}, {ID: "c"}}}
	a.noteList(&whole)
	a.Unlist("b")
	if l := a.listed.Load(); len(l.Templates) != 2 || l.Templates[1].ID != "c" {
		t.Errorf("%+v", l)
	}
	if whole.Templates[1].ID != "b" { // a page may be drawing it
		t.Errorf("%+v", whole)
	}
}
