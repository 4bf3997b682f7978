package pages_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/audit"
)

func TestThePageOfRulesHoldsEveryRuleWithItsFiguresAndExamples(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for _, of := range []struct{ lang, kind string }{{"zh", ""}, {"en", ""}, {"zh", "subscribe"}, {"en", "subscribe"}} {
		lang := of.lang
		p := c.As(store.QA).Speaking(lang).Get("/rules?kind=" + of.kind).Answers(http.StatusOK)
		if danglingOn(p) != nil {
			t.Errorf("%s: these lead nowhere: %v", lang, danglingOn(p))
		}
		for _, rule := range audit.Catalogue(of.kind, lang) {
			section := p.Doc.Find(`section[id="` + rule.ID + `"]`)
			quote := section.Find("blockquote").Text()
			if !strings.Contains(quote, rule.Clause) || !strings.Contains(quote, audit.Clause(rule.ID, "zh")) || !strings.Contains(section.Text(), rule.Judges) {
				t.Errorf("%s: %s lacks its clause or what it judges", lang, rule.ID)
			}
			levels := section.Find(".level")
			if levels.Length() != len(rule.Levels) {
				t.Errorf("%s: %s has %d levels, want %d", lang, rule.ID, levels.Length(), len(rule.Levels))
			}
			for i, l := range rule.Levels {
				line := levels.Eq(i)
				if line.Find(".sure."+string(l.Confidence)).Text() != l.Confidence.Text(lang) || !holdsNumbers(line.Text(), figuresOf(rule, l)...) {
					t.Errorf("%s: %s %s: %s", lang, rule.ID, l.Level, line.Text())
				}
			}
			shown := append(slices.Clone(rule.Bad), rule.Good...)
			for i, el := range section.Find(".shown li").EachIter() {
				if text := el.Find(`[lang="zh-CN"]`).Text(); text != shown[i].Text {
					t.Errorf("%s: %s shows %q, want %q", lang, rule.ID, text, shown[i].Text)
				}
				if link := el.Find("a").AttrOr("href", shown[i].Source); link != shown[i].Source {
					t.Errorf("%s: %s: %q is from %s", lang, rule.ID, shown[i].Text, link)
				}
			}
			if section.Find(".bad-examples li").Length() != len(rule.Bad) || section.Find(".good-examples li").Length() != len(rule.Good) {
				t.Errorf("%s: %s has other examples", lang, rule.ID)
			}
		}
	}
}

func figuresOf(rule audit.RuleInfo, l audit.LevelInfo) []int {
	if rule.Refused == 0 {
		return []int{l.Approved, rule.Approved}
	}
	return []int{l.Refused, rule.Refused, l.Approved, rule.Approved}
}

func holdsNumbers(line string, numbers ...int) bool {
	fields := strings.FieldsFunc(line, func(r rune) bool { return r < '0' || r > '9' })
	return !slices.ContainsFunc(numbers, func(n int) bool { return !slices.Contains(fields, strconv.Itoa(n)) })
}

// Who proposes a title is told how sure each finding is, which rule it goes back to, what could stand there
// instead, what was approved, and how the review goes.
func TestAFindingLeadsToItsRuleAndOffersWhatWouldPass(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	open := url.Values{"title": {"顾客预约提醒"}, "name": {"预约时间"}, "example": {"2018年1月1日 10:00"}}
	p := b.Submit(b.Get("/drafts/new"), "button[value=check]", typed(open))
	finding := p.Doc.Find(".findings .finding").First()
	if href := finding.Find("a.rule").AttrOr("href", ""); href != "#rule-1-5" || !p.Has(`#rule-1-5 a[href="/rules#1.5"]`) || !b.Get("/rules").Has(`[id="1.5"]`) {
		t.Fatalf("the finding leads to %q", href)
	}
	if finding.Find(".sure.likely, .sure.possible, .sure.guidance").Length() != 1 || finding.Find(`a.there[href="#place-title"]`).Length() != 1 {
		t.Errorf("no confidence or no place: %s", finding.Text())
	}
	rewrites := finding.Find("button.apply")
	if rewrites.Length() < 2 || finding.Find(`.approved a[href^="/library?q="]`).Length() == 0 {
		t.Fatalf("%d rewrites; %s", rewrites.Length(), finding.Text())
	}
	for _, button := range rewrites.EachIter() {
		value := button.AttrOr("value", "")
		taken := b.Submit(p, `button.apply[value="`+value+`"]`, nil).Answers(http.StatusOK)
		if got := taken.Doc.Find("#title").AttrOr("value", ""); "apply:title:"+got != value || taken.Has(`.finding a[href="#rule-1-5"]`) {
			t.Errorf("%s made %q: %v", value, got, findingsOn(taken))
		}
	}
	saved := propose(b, open)
	for name, page := range map[string]*webtest.Page{"its author": saved, "QA": c.As(store.QA).Get(pathOnly(saved))} {
		if page.Doc.Find(".process li").Length() != len(audit.Process()) {
			t.Errorf("%s is not told how the review goes", name)
		}
	}
	if read := c.As(store.QA).Get(pathOnly(saved)); read.Has("button.apply") || read.Doc.Find(".rewrites li").Length() != rewrites.Length() {
		t.Error("who may only read is not shown what could stand there, or gets buttons")
	}
}
