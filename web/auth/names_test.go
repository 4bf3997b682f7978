package auth_test

import (
	"errors"
	"strings"
	"testing"

	"muban/store"
	"muban/web/auth"
	"muban/web/webtest"
)

func TestFault53_NamesAreSeenAsTheyAreAndOfOneScript(t *testing.T) {
	t.Parallel()
	for name, why := range map[string]string{
		"аdmin": "script", "admіn": "script", "αlice": "script", "Anna Петрова": "script", "한글かな": "script", "ａdmіn": "script",
		"ad\u200bmin": "character", "ad\u00admin": "character", "admin\u202e": "character", "a\nb\tqa\tenabled": "character", "a\x1b[2J": "character", "\u2066admin": "character",
		"admin\ufe0f": "character", "\u3164": "character", "a\u034fb": "character", "a\u00a0b": "character", "a\u3000b": "character", "x\u2028y": "character", "\ue000": "character",
		"z̴̷̶a": "character", "\u0301a": "character", "admin\U000e0061": "character", "a\ufeff": "character",
		"": "blank", "   ": "blank", "...": "blank",
	} {
		var bad *auth.NameError
		if err := auth.CheckName(name); !errors.As(err, &bad) || bad.Why != why {
			t.Errorf("%+q: %v, want %q", name, err, why)
		}
	}
	for _, name := range []string{"admin", "小赵", "QA小李", "李四 (运营)", "José", "Zoe\u0308", "Nguyễn Văn", "Анна", "たなか タロウ", "O'Brien", "ops_1@shop", "김철수", "Smith, J.", "王2", "ฟ้า"} {
		if err := auth.CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestFault53_TheShellTakesNoSuchNameAndForgesNoRow(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for _, name := range []string{"аdministrator", "operat\u200bor", "x\tqa\tenabled\nmallory"} {
		err := auth.ManagePeople(t.Context(), c.Store, []string{"add", name, "qa"}, strings.NewReader(webtest.Password), nil)
		if err == nil {
			t.Errorf("%q is added", name)
		}
	}
	if err := auth.ManagePeople(t.Context(), c.Store, []string{"add", "wang", "qa"}, strings.NewReader("wang1234567890"), nil); !errors.Is(err, auth.ErrEasy) {
		t.Errorf("the own name as a password: %v", err)
	}
	// One that is there all the same, as from before the rule.
	_, err := c.Store.AddPerson(t.Context(), store.Actor{}, store.Person{Name: "x\tadministrator\tenabled\nm\u202eallory", Role: store.QA})
	webtest.Must(t, err)
	var out strings.Builder
	webtest.Must(t, auth.ManagePeople(t.Context(), c.Store, []string{"list"}, nil, &out))
	if rows := strings.Split(strings.TrimSpace(out.String()), "\n"); len(rows) != 5 || strings.ContainsAny(out.String(), "\u202e") || strings.Count(out.String(), "\tadministrator\t") != 1 {
		t.Errorf("%q", out.String())
	}
}
