package audit

import (
	"path"
	"strings"
	"testing"
)

// What reviewers really said is foreseen, and what they approved is left alone.
func TestRealVerdictsAreForeseen(t *testing.T) {
	flagged, fitting, titled := 0, 0, 0
	for _, c := range Refused() {
		onTitle, onKeyword := judgedCase("", c)
		found := append(onTitle, onKeyword...)
		right := false
		for _, f := range found {
			right = right || c.names(f.Rule)
		}
		titled++
		if len(found) > 0 {
			flagged++
		}
		if right {
			fitting++
		}
	}
	if flagged*100 < titled*70 || fitting*100 < titled*60 {
		t.Errorf("of %d refusals %d are flagged and %d for their reason", titled, flagged, fitting)
	}
	titles, errors, warnings, keywords, keywordErrors := 0, 0, 0, 0, 0
	for _, c := range Approved() {
		onTitle, onKeyword := judgedCase("", c)
		if endingOf(c.Title) != "" {
			titles++
			switch worst(onTitle, "", "title") {
			case Error:
				errors++
			case Warning:
				warnings++
			}
		}
		keywords += len(c.Keywords)
		for _, f := range onKeyword {
			if f.Level == Error {
				keywordErrors++
			}
		}
	}
	if errors*100 > titles*3 || warnings*100 > titles*6 {
		t.Errorf("of %d approved titles %d draw an error and %d a warning", titles, errors, warnings)
	}
	if keywordErrors*1000 > keywords*15 {
		t.Errorf("of %d approved keywords %d draw an error", keywords, keywordErrors)
	}
}

func TestNamesOfHousesMayBeAddresses(t *testing.T) {
	for _, k := range [][2]string{{"物业名称", "英煌新座5座一单元202"}, {"房间名称", "桃园西村7巷502"}, {"小区名称", "朝阳区望京西园四区"}, {"楼盘名称", "浦东新区金科路88弄"}} {
		if level := onExample(k[0], k[1]); level != "" {
			t.Errorf("%s ← %s: %s", k[0], k[1], level)
		}
	}
}

func TestEveryCaseAndEveryTableOfWordsHasASource(t *testing.T) {
	for _, cases := range [][]Case{Refused(), Approved(), standing()} {
		for _, c := range cases {
			if c.Source == "" || c.Title == "" && len(c.Keywords) == 0 {
				t.Errorf("%+v", c)
			}
		}
	}
	for _, c := range Refused() {
		for _, rule := range c.Rules {
			if Clause(rule, "zh") == "" {
				t.Errorf("%s: %q is no rule", c.Title, rule)
			}
		}
		if c.Reason == "" || c.Year < 2017 {
			t.Errorf("%+v", c)
		}
	}
	tables, err := wordFiles.ReadDir("words")
	if err != nil || len(tables) == 0 {
		t.Fatal(err)
	}
	for _, table := range tables {
		for _, s := range sections(strings.TrimSuffix(path.Base(table.Name()), ".txt")) {
			if s.source == "" || len(s.lines) == 0 {
				t.Errorf("%s: section %s without source or words", table.Name(), s.sense)
			}
		}
	}
}
