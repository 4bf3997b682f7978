package audit

import (
	"slices"
	"strings"
	"testing"

	"muban/wechat"
)

// asked is a request for a title of subscribe messages that no rule minds.
func asked() Proposal {
	return Proposal{
		Kind: Subscribe, Title: "疫苗接种安排通知",
		Keywords:     []Keyword{{"接种时间", "2026年12月1日", "date"}, {"接种地点", "朝阳区卫生院", "thing"}},
		Subscription: Subscription{Scene: "用户预约后告知时间地点", Category: "医院", Type: wechat.OneTime},
	}
}

// said are the rule, the level and the place of every finding.
func said(p Proposal, o Options) (all []string) {
	o.Count = true
	for _, f := range Check(p, o) {
		all = append(all, f.Rule+" "+string(f.Level)+" "+f.Where)
	}
	return all
}

// alone changes one thing of a request that no rule minds, and that is what is said.
func alone(t *testing.T, name string, change func(p *Proposal), want ...string) {
	t.Helper()
	p := asked()
	change(&p)
	if got := said(p, Options{}); !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", name, got, want)
	}
}

func TestASoundRequestForASubscribeTitleIsLeftAlone(t *testing.T) {
	alone(t, "as it is", func(*Proposal) {})
	for _, title := range []string{"取餐提醒", "课程预约成功通知", "水电费缴纳结果通知"} {
		alone(t, title, func(p *Proposal) { p.Title = title })
	}
	alone(t, "five keywords in any order", func(p *Proposal) {
		p.Keywords = append(p.Keywords, Keyword{"就诊人", "张三", "name"}, Keyword{"接种费用", "¥120元", "amount"}, Keyword{"预约单号", "YY202601", "character_string"})
		slices.Reverse(p.Keywords)
	})
}

func TestTheTitleOfASubscribeMessage(t *testing.T) {
	for title, want := range map[string][]string{
		"接提醒":          {"sub-length error title"},
		"社区医院儿童疫苗接种通知": {"sub-length error title"},
		" 疫苗接种安排通知":    {"sub-signs warning title"},
		"疫苗接种安排":       {"sub-ending error title"},
		"疫苗接种安排推送":     {"sub-ending error title"},
		"疫苗🎉接种安排通知":    {"sub-signs error title"},
		"疫苗接种★安排通知":    {"sub-signs error title"},
		"业务状态通知":       {"sub-scenario warning title"},
		"":             {"sub-ending error title"},
	} {
		alone(t, title, func(p *Proposal) { p.Title = title }, want...)
	}
}

// What WeChat says of template messages alone is not held against a subscribe message: marketing, reports, company names.
func TestRulesOfTemplateMessagesAreNotAppliedToSubscribeMessages(t *testing.T) {
	for _, title := range []string{"限时秒杀开始提醒", "优惠券到期提醒", "每日健康报告提醒", "京东订单发货通知"} {
		template := Check(Proposal{Title: title}, Options{})
		for _, f := range Check(Proposal{Kind: Subscribe, Title: title}, Options{}) {
			if !OfSubscribe(f.Rule) {
				t.Errorf("%s: %s", title, f.Rule)
			}
		}
		if slices.ContainsFunc(template, func(f Finding) bool { return OfSubscribe(f.Rule) }) {
			t.Errorf("%s: a template message is judged by the other's rules", title)
		}
	}
	p := asked()
	p.Kind = ""
	p.Title = "社区医院儿童疫苗接种安排通知"
	p.Keywords = []Keyword{{"接种安排时间说明", "2026年12月1日", ""}}
	if found := said(p, Options{}); slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, "sub-") }) {
		t.Errorf("a template message: %q", found)
	}
}

func TestTheKeywordsOfASubscribeMessage(t *testing.T) {
	for name, c := range map[string]struct {
		k    Keyword
		want []string
	}{
		"one character":              {Keyword{"人", "张三", "name"}, []string{"sub-name error keywords[1].name"}},
		"six characters":             {Keyword{"接种人的姓名", "张三", "name"}, []string{"sub-name error keywords[1].name"}},
		"a sign":                     {Keyword{"接种★人", "张三", "name"}, []string{"sub-name error keywords[1].name"}},
		"a sentence":                 {Keyword{"请您签到", "三号窗口", "thing"}, []string{"sub-name warning keywords[1].name"}},
		"vague":                      {Keyword{"内容", "带上接种本", "thing"}, []string{"sub-vague error keywords[1].name"}},
		"without a name":             {Keyword{"", "张三", "name"}, []string{"sub-vague error keywords[1].name"}},
		"the same":                   {Keyword{"接种时间", "2026年12月2日", "date"}, []string{"sub-unique error keywords[1].name"}},
		"the same in other letters":  {Keyword{"接种时间 ", "2026年12月2日", "date"}, []string{"sub-unique error keywords[1].name", "sub-name warning keywords[1].name"}},
		"of one meaning":             {Keyword{"接种日期", "2026年12月2日", "date"}, []string{"sub-alike warning keywords[1].name"}},
		"without a type":             {Keyword{"就诊人", "张三", ""}, []string{"sub-type error keywords[1].type"}},
		"of a service account":       {Keyword{"审核结果", "审核通过", "const"}, []string{"sub-type error keywords[1].type"}},
		"of an invented type":        {Keyword{"就诊人", "张三", "person"}, []string{"sub-type error keywords[1].type"}},
		"without an example":         {Keyword{"就诊人", " ", "name"}, []string{"sub-example warning keywords[1].example"}},
		"a digit in a name":          {Keyword{"就诊人", "用户25", "name"}, []string{"sub-example error keywords[1].example"}},
		"letters in a number":        {Keyword{"排队号", "A032", "number"}, []string{"sub-example error keywords[1].example"}},
		"letters in a string":        {Keyword{"排队号", "A032", "character_string"}, nil},
		"a date without its day":     {Keyword{"签到时间", "14:05", "date"}, []string{"sub-example error keywords[1].example"}},
		"that day's time":            {Keyword{"签到时间", "14:05", "time"}, nil},
		"a range with a wide sign":   {Keyword{"签到时间", "08:00～12:00", "time"}, []string{"sub-example error keywords[1].example"}},
		"a thing of 21":              {Keyword{"注意事项", strings.Repeat("请", 21), "thing"}, []string{"sub-example error keywords[1].example"}},
		"a phrase of six":            {Keyword{"接种状态", "等待医生叫号", "phrase"}, []string{"sub-example error keywords[1].example"}},
		"what its name does not ask": {Keyword{"接种费用", "张三", "thing"}, []string{"sub-example error keywords[1].example"}},
	} {
		alone(t, name, func(p *Proposal) { p.Keywords[1] = c.k }, c.want...)
	}
	alone(t, "one", func(p *Proposal) { p.Keywords = p.Keywords[:1] }, "sub-count error keywords")
	alone(t, "none", func(p *Proposal) { p.Keywords = nil }, "sub-count error keywords")
	alone(t, "six", func(p *Proposal) {
		for _, name := range []string{"就诊人", "接种科室", "接种医生", "疫苗名称"} {
			p.Keywords = append(p.Keywords, Keyword{name, "三号诊室", "thing"})
		}
		p.Keywords[2], p.Keywords[4] = Keyword{"就诊人", "张三", "name"}, Keyword{"接种医生", "李四", "name"}
	}, "sub-count error keywords")
}

func TestWhatASubscribeMessageSaysOfItself(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *Subscription)
		want   []string
	}{
		"no scene":                     {func(s *Subscription) { s.Scene = " \u3000" }, []string{"sub-scene error scenario"}},
		"fifteen characters":           {func(s *Subscription) { s.Scene = strings.Repeat("接", 15) }, nil},
		"sixteen":                      {func(s *Subscription) { s.Scene = strings.Repeat("接", 16) }, []string{"sub-scene error scenario"}},
		"two lines":                    {func(s *Subscription) { s.Scene = "预约后\n告知" }, []string{"sub-scene error scenario"}},
		"no category":                  {func(s *Subscription) { s.Category = "" }, []string{"sub-category warning category"}},
		"no type":                      {func(s *Subscription) { s.Type = 0 }, []string{"sub-term warning type"}},
		"another type":                 {func(s *Subscription) { s.Type = 7 }, []string{"sub-term warning type"}},
		"long-term of a hospital":      {func(s *Subscription) { s.Type = wechat.LongTerm }, nil},
		"long-term of a shop":          {func(s *Subscription) { s.Type, s.Category = wechat.LongTerm, "美妆护肤" }, []string{"sub-term warning type"}},
		"long-term without a category": {func(s *Subscription) { s.Type, s.Category = wechat.LongTerm, "" }, []string{"sub-category warning category", "sub-term note type"}},
	} {
		alone(t, name, func(p *Proposal) { c.change(&p.Subscription) }, c.want...)
	}
	if found := Check(Proposal{Kind: Subscribe, Title: "疫苗接种安排通知"}, Options{}); len(found) > 0 {
		t.Errorf("a bare title: %+v", found)
	}
}

// The library has titles of one name in several categories, so what it has already is no error.
func TestASubscribeTitleThatIsKnownIsOfferedForUse(t *testing.T) {
	x := NewIndex([]Existing{
		{ID: "980", Title: "拼团成功通知", Keywords: []string{"拼团价格"}, Source: SourceLibrary},
		{ID: "tpl", Title: "上课时间提醒", Source: SourceTemplate}, {ID: "draft:7", Title: "作业批改完成通知", Source: SourceDraft},
	})
	for title, want := range map[string]string{
		"拼团成功通知": "sub-known warning title", "上课时间提醒": "sub-known warning title", "作业批改完成通知": "sub-known warning title",
		"拼团成功提醒": "sub-known note title", "作业批改完成提醒": "sub-known note title",
	} {
		p := asked()
		p.Title = title
		if got := said(p, Options{Index: x}); !slices.Contains(got, want) {
			t.Errorf("%s: %q", title, got)
		}
		for _, f := range Check(p, Options{Index: x}) {
			for _, lang := range []string{"zh", "en"} {
				if f.Rule == RuleKnownTitle && (!strings.Contains(f.Message(lang), f.Nearest[0].Title) || strings.Contains(f.Message(lang), "draft:")) {
					t.Errorf("%s", f.Message(lang))
				}
			}
		}
	}
	p := asked()
	p.Title, p.Keywords[1] = "拼团成功通知", Keyword{"拼团价格", "39元", "number"}
	if got := said(p, Options{Index: x}); !slices.Contains(got, "sub-type warning keywords[1].name") {
		t.Errorf("its type is the library's: %q", got)
	}
}

// Under a title of the library only what the combination adds is judged.
func TestACombinationOfASubscribeTitle(t *testing.T) {
	x := NewIndex([]Existing{{ID: "250", Title: "取餐提醒", Source: SourceLibrary}})
	p := Proposal{Kind: Subscribe, Title: "取餐提醒", Keywords: []Keyword{
		{"取餐时间", "A032", "number"}, {"取餐日期", "032", "number"}, {"内容", "", "thing"},
	}}
	want := []string{"sub-alike note keywords[1].name", "sub-scene error scenario"}
	if got := said(p, Options{Index: x, SourceID: "250"}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	p.Keywords, p.Scene = p.Keywords[:1], "门店出餐后通知用户取餐"
	if got := said(p, Options{Index: x, SourceID: "250"}); !slices.Equal(got, []string{"sub-count error keywords"}) {
		t.Errorf("%q", got)
	}
}

func TestAnExampleThatItsTypeRefusesIsToldWhyInBothLanguages(t *testing.T) {
	p := asked()
	p.Keywords[0] = Keyword{"接种时间", "2026年12月1日 08:00～12:00", "date"}
	f := find(t, Check(p, Options{Count: true}), RuleSubExample, "keywords[0].example")
	if f.Suggestion != "2026年12月1日 08:00~12:00" {
		t.Errorf("suggests %q", f.Suggestion)
	}
	p.Keywords[0].Example = "14:05"
	if f := find(t, Check(p, Options{Count: true}), RuleSubExample, "keywords[0].example"); f.Suggestion != "" {
		t.Errorf("suggests %q, which is no date either", f.Suggestion)
	}
	p.Keywords[0].Example = "2026年12月1日 08:00～12:00"
	if zh, en := f.Message("zh"), f.Message("en"); !strings.Contains(zh, f.Verdict.Message("zh")) || !strings.Contains(en, f.Verdict.Message("en")) {
		t.Errorf("%s\n%s", zh, en)
	}
}

// Titles and keywords of WeChat's own library are no reason for an error.
func TestTheSubscribeLibraryDrawsNoError(t *testing.T) {
	if len(standing()) < 70 {
		t.Fatalf("only %d titles", len(standing()))
	}
	for _, c := range standing() {
		onTitle, onKeyword := judgedCase(Subscribe, c)
		for _, f := range append(onTitle, onKeyword...) {
			if f.Level == Error {
				t.Errorf("%s: %s", c.Title, f.Message("zh"))
			}
		}
	}
}

func TestALineOfJSONSaysThatItIsASubscribeMessage(t *testing.T) {
	rules := func(line string) (all []string) {
		t.Helper()
		_, lines, err := lintText(t, line, LintOptions{})
		if err != nil || len(lines) != 1 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		for _, f := range lines[0].Findings {
			all = append(all, f.Rule)
		}
		return all
	}
	got := rules(`{"kind":"subscribe","title":"社区医院儿童疫苗接种通知","type":3,"category":"美妆","keywords":[{"name":"接种时间","example":"14:05","rule":"date"}]}`)
	if want := []string{RuleLength, RuleSubCount, RuleSubExample, RuleScene, RuleTerm}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	got = rules(`{"type":"subscribe","title":"社区医院儿童疫苗接种通知","keywords":[{"name":"接种时间","example":"2018年1月1日"}]}`)
	if slices.ContainsFunc(got, OfSubscribe) {
		t.Errorf("of no kind: %q", got)
	}
}
