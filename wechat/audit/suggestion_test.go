package audit

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// checkSuggestions applies every suggestion and every rewrite to its place, and
// asks the rules again.
func checkSuggestions(t *testing.T, p Proposal, o Options) (tried int) {
	t.Helper()
	for _, f := range Check(p, o) {
		for _, text := range f.Rewrites {
			tried++
			for _, again := range Check(Proposal{Title: text}, o) {
				if again.Where == "title" && (again.Level != Note || again.Rule == f.Rule) && !known(again.Rule) {
					t.Errorf("%s: the rewrite %s draws %s %s", p.Title, text, again.Level, again.Key)
				}
			}
		}
		if f.Suggestion == "" {
			continue
		}
		tried++
		q := p
		q.Keywords = append([]Keyword(nil), p.Keywords...)
		switch {
		case f.Where == "title":
			q.Title = f.Suggestion
		case f.at.part == ".name":
			q.Keywords[f.at.i].Name = f.Suggestion
		default:
			q.Keywords[f.at.i].Example = f.Suggestion
		}
		for _, again := range Check(q, o) {
			refused := again.Level != Note && !known(again.Rule) || again.Rule == f.Rule && again.Level == Error
			if again.Where == f.Where && refused {
				t.Errorf("%+v: the suggestion %q for %s (%s) draws %s %s", p, f.Suggestion, f.Where, f.Key, again.Level, again.Key)
			}
		}
	}
	return tried
}

// known says whether a rule compares with other titles: a suggestion may well
// be a title that the library has.
func known(rule string) bool { return rule == RuleSameTitle || rule == RuleSimilarTitle }

func TestFault65_WhatIsSuggestedPassesTheCheckThatMadeIt(t *testing.T) {
	library := Options{Index: NewIndex(smallLibrary())}
	tried := 0
	for _, cases := range [][]Case{Refused(), Approved()} {
		for _, c := range cases {
			tried += checkSuggestions(t, Proposal{Title: c.Title, Keywords: c.Keywords}, Options{})
			tried += checkSuggestions(t, Proposal{Title: c.Title, Keywords: c.Keywords}, library)
			tried += checkSuggestions(t, Proposal{Title: strings.TrimSuffix(strings.TrimSuffix(c.Title, "通知"), "提醒") + "推送", Keywords: c.Keywords}, library)
		}
	}
	if tried < 100 {
		t.Errorf("only %d suggestions were tried", tried)
	}
}

// Titles composed at random of the words that the rules know, and of what stands
// between them.
func TestFault65_SuggestionsForComposedTitlesPass(t *testing.T) {
	random := rand.New(rand.NewPCG(65, 15))
	var pieces []string
	for _, words := range [][]string{
		mapKeys(partWords()), mapKeys(partWords()), mapKeys(substanceWords()), mapKeys(tradeWords()), mapKeys(personalWords()), mapKeys(userEventWords()), mapKeys(nearEndings()),
	} {
		pieces = append(pieces, words...)
	}
	signs := []string{"！", "🎉", " ", "（自提）", "~", "<b>", "您的", "提醒", "通知", "消息", "推送"}
	mixture := func(most int) string {
		var b strings.Builder
		for range 1 + random.IntN(most) {
			if random.IntN(6) == 0 {
				b.WriteString(signs[random.IntN(len(signs))])
			} else {
				b.WriteString(pieces[random.IntN(len(pieces))])
			}
		}
		return b.String()
	}
	tried := 0
	for range 5_000 {
		title := mixture(4) + [...]string{"提醒", "通知", "推送", "消息", ""}[random.IntN(5)]
		name := mixture(2)
		tried += checkSuggestions(t, Proposal{Title: title, Keywords: []Keyword{{Name: name, Example: mixture(2)}, {Name: mixture(1) + "内容"}, {Name: "内容", Example: "无"}}}, Options{})
		if t.Failed() {
			return
		}
	}
	if tried < 2_000 {
		t.Errorf("only %d suggestions were tried", tried)
	}
}

// A reviewer turned 顾客预约提醒 into 预约成功提醒, and 账号登录提醒 into 账户登录失败通知.
func TestATitleThatLacksAPartGetsRewritesAndApprovedTitles(t *testing.T) {
	for title, want := range map[string]string{
		"顾客预约提醒": "预约成功提醒", "账号登录提醒": "登录失败通知", "健身房报名通知": "健身房报名成功提醒", "空调维修提醒": "空调维修受理通知", "停水订单通知": "", "附近报警提醒": "报警受理通知", "到期提醒": "会员服务到期提醒",
	} {
		for _, f := range Check(Proposal{Title: title}, Options{}) {
			if f.Rule == RuleScenario && !strings.Contains(strings.Join(f.Rewrites, " "), want) {
				t.Errorf("%s: %v, want %s among them", title, f.Rewrites, want)
			}
		}
	}
	f := find(t, Check(Proposal{Title: "顾客预约提醒"}, Options{}), RuleScenario, "title")
	if f.Level != Warning || f.Confidence != Likely || len(f.Approved) == 0 || f.Approved[0] != "预约成功提醒" {
		t.Errorf("%s, %s, approved %v", f.Level, f.Confidence, f.Approved)
	}
}
