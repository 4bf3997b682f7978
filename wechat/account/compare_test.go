package account

import (
	"slices"
	"strings"
	"testing"

	"muban/wechat"
	"muban/wechat/sandbox"
)

func (p Pair) String() string {
	id := func(t *wechat.Template) string {
		if t == nil {
			return "-"
		}
		return t.ID
	}
	text := id(p.Here) + " " + string(p.Relation) + " " + id(p.There)
	if p.HereAlone != nil || p.ThereAlone != nil {
		text += " +" + strings.Join(p.HereAlone, ",") + " -" + strings.Join(p.ThereAlone, ",")
	}
	return text
}

func summary(pairs []Pair) string {
	var lines []string
	for _, p := range pairs {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

func TestTwoAccountsAreComparedByTitleAndKeywords(t *testing.T) {
	for name, c := range map[string]struct {
		here, there []wechat.Template
		want        string
	}{
		"nothing with nothing": {nil, nil, ""},
		"the same": {
			[]wechat.Template{listed("a", "交易提醒", "金额", "时间")}, []wechat.Template{listed("x", "交易提醒", "金额", "时间")}, "a same x",
		},
		"another order": {
			[]wechat.Template{listed("a", "交易提醒", "金额", "时间")}, []wechat.Template{listed("x", "交易提醒", "时间", "金额")}, "a reordered x",
		},
		"other keywords": {
			[]wechat.Template{listed("a", "交易提醒", "金额", "时间", "商户")}, []wechat.Template{listed("x", "交易提醒", "金额", "备注")}, "a differs x +时间,商户 -备注",
		},
		"a keyword twice": {
			[]wechat.Template{listed("a", "交易提醒", "金额", "金额")}, []wechat.Template{listed("x", "交易提醒", "金额")}, "a differs x +金额 -",
		},
		"a similar title": {
			[]wechat.Template{listed("a", "订单支付成功通知", "金额")}, []wechat.Template{listed("x", "订单支付成功提醒", "金额")}, "a differs x",
		},
		"only here, only there": {
			[]wechat.Template{listed("a", "交易提醒", "金额"), listed("b", "航班延误提醒", "航班")},
			[]wechat.Template{listed("x", "课程表更新通知", "课程"), listed("y", "交易提醒", "金额")},
			"a same y\nb only_here -\n- only_there x",
		},
		"what is equal comes before what is alike": {
			[]wechat.Template{listed("a", "交易提醒", "金额", "备注"), listed("b", "交易提醒", "金额")},
			[]wechat.Template{listed("x", "交易提醒", "金额"), listed("y", "交易提醒", "备注", "金额")},
			"a reordered y\nb same x",
		},
		"the most alike of several": {
			[]wechat.Template{listed("a", "交易提醒", "金额", "时间", "商户")},
			[]wechat.Template{listed("x", "交易提醒", "备注"), listed("y", "交易提醒", "时间", "商户")},
			"a differs y +金额 -\n- only_there x",
		},
		"twice here, once there": {
			[]wechat.Template{listed("a", "交易提醒", "金额"), listed("b", "交易提醒", "金额")}, []wechat.Template{listed("x", "交易提醒", "金额")},
			"a same x\nb only_here -",
		},
	} {
		t.Run(name, func(t *testing.T) {
			pairs := Compare(c.here, c.there)
			equal(t, "pairs", summary(pairs), c.want)
			for _, p := range pairs {
				if !slices.Contains(Relations(), p.Relation) {
					t.Errorf("%q is not among Relations", p.Relation)
				}
			}
		})
	}
}

// The issue's own case: 60 templates in two apps. Every fourth is the same there, in another order,
// with other keywords, or of another title.
func TestSixtyTemplatesInTwoApps(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	one, other := account(t, s, "wx00000000sandbox2"), account(t, s, "wx00000000sandbox3")
	fill(t, one, func(_ int, title wechat.Title) []int { return []int{title.Keywords[0].ID, title.Keywords[1].ID} })
	fill(t, other, func(i int, title wechat.Title) []int {
		first, second, third := title.Keywords[0].ID, title.Keywords[1].ID, title.Keywords[2].ID
		return [][]int{{first, second}, {second, first}, {first, third}, {first}}[i%4]
	})
	here, err := one.AllTemplates(t.Context())
	noError(t, err)
	there, err := other.AllTemplates(t.Context())
	noError(t, err)
	pairs := Compare(here, there)
	equal(t, "templates", []int{len(here), len(there), len(pairs)}, []int{60, 60, 60})
	for i, p := range pairs {
		if want := []Relation{Same, Reordered, Differs, Differs}[i%4]; p.Relation != want || p.Here.Title != p.There.Title || p.Here.ID != here[i].ID || p.There.ID != there[i].ID {
			t.Errorf("%d: %s, want %s", i, p, want)
		}
	}
}

// Each template is in one pair, whatever the accounts hold.
func TestNoTemplateIsLostInAComparison(t *testing.T) {
	titles := []string{"交易提醒", "交易成功提醒", "交易成功通知", "支付成功通知", "付款成功通知", ""}
	names := []string{"金额", "时间", "商户"}
	var all []wechat.Template
	for i := range 200 {
		all = append(all, listed(string(rune('A'+i)), titles[i%len(titles)], names[i%3], names[i/7%3]))
	}
	here, there := all[:90], all[70:]
	seen := map[*wechat.Template]bool{}
	n := 0
	for _, p := range Compare(here, there) {
		for _, side := range []*wechat.Template{p.Here, p.There} {
			if side != nil {
				n++
				seen[side] = true
			}
		}
		if (p.Here == nil) != (p.Relation == OnlyThere) || (p.There == nil) != (p.Relation == OnlyHere) {
			t.Errorf("%s", p)
		}
	}
	equal(t, "templates", []int{n, len(seen)}, []int{len(here) + len(there), len(here) + len(there)})
}
