package sandbox

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"muban/wechat"
	"muban/wechat/values"
)

// realSubscribeTitles are the titles of WeChat's library that public sources tell of, a line each. What stands in
// "assumed", of a title or of a keyword, no source tells: it is ours.
//
//go:embed subscribe_library.jsonl
var realSubscribeTitles string

// subscribeCategories are the categories, a line each: id, name, and the headings of scenes that titles are composed
// from. The ids 307, 616 and 670 are real, 616's name too; all else is ours. In those where "long" is true, some
// titles are long-term: they are for public services only.
//
//go:embed subscribe_categories.jsonl
var subscribeCategories string

// CategoryMany is the id of a category of 2,000 titles. Accounts have it only when SetCategories says so.
const CategoryMany = "900"

const manyTitles = 2000

// category is a category of the library.
type category struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Headings []string `json:"headings"`
	Long     bool     `json:"long"`
}

// subscribeTitle is a line of realSubscribeTitles, or one that was composed.
type subscribeTitle struct {
	ID         string             `json:"tid"`
	Text       string             `json:"title"`
	Type       int                `json:"type"` // wechat.OneTime when 0
	Categories []string           `json:"categories"`
	Keywords   []subscribeKeyword `json:"keywords"`
}

type subscribeKeyword struct {
	ID      int      `json:"kid"`
	Name    string   `json:"name"`
	Example string   `json:"example"`
	Rule    string   `json:"rule"`
	Values  []string `json:"values"` // that an enum takes
}

// isCard tells the new one-time cards (新版一次性订阅消息), which have no keywords and are in no category.
func (t subscribeTitle) isCard() bool { return len(t.ID) == 8 && strings.HasPrefix(t.ID, "100000") }

// subscribeShelf is the library of subscribe messages as the calls need it.
type subscribeShelf struct {
	categories []category
	titles     []subscribeTitle // the real ones first
	byID       map[string]int
}

func (s *subscribeShelf) find(id string) (subscribeTitle, bool) {
	i, found := s.byID[id]
	if !found {
		return subscribeTitle{}, false
	}
	return s.titles[i], true
}

// in are the titles of one of the categories, each once.
func (s *subscribeShelf) in(categories []string) []subscribeTitle {
	var found []subscribeTitle
	for _, t := range s.titles {
		if slices.ContainsFunc(t.Categories, func(id string) bool { return slices.Contains(categories, id) }) {
			found = append(found, t)
		}
	}
	return found
}

func (s *subscribeShelf) category(id string) (category, bool) {
	at := slices.IndexFunc(s.categories, func(c category) bool { return c.ID == id })
	if at < 0 {
		return category{}, false
	}
	return s.categories[at], true
}

// newSubscribeShelf is the same for the same seed.
func newSubscribeShelf(seed uint64) *subscribeShelf {
	known := newGlossary(words, rand.New(rand.NewPCG(seed, 3)))
	random := rand.New(rand.NewPCG(seed, 4))
	s := &subscribeShelf{byID: map[string]int{}}
	for line := range strings.Lines(subscribeCategories) {
		s.categories = append(s.categories, decodeLine[category](line))
	}
	taken := map[int]bool{}
	for line := range strings.Lines(realSubscribeTitles) {
		t := decodeLine[subscribeTitle](line)
		for i, k := range t.Keywords {
			if !values.Check(k.Rule, k.Example, k.Values).OK() {
				t.Keywords[i].Example = fitting(known, k.Name, k.Rule, k.Values)
			}
		}
		number, _ := strconv.Atoi(t.ID)
		taken[number] = true
		s.add(t)
	}
	composed := s.composed(known, random)
	free := freeNumbers(taken, 100, 39_000)
	for i, n := range scatter(len(composed), free, random) {
		composed[i].ID = strconv.Itoa(n)
		s.add(composed[i])
	}
	for i, t := range manyComposed(known, random) {
		t.ID = strconv.Itoa(40_000 + 3*i)
		s.add(t)
	}
	return s
}

// SubscribeLibrary is the title library of subscribe messages, of all categories: the titles known from WeChat first.
// It is the same for the same seed.
func SubscribeLibrary(seed uint64) []wechat.Title {
	shelf := newSubscribeShelf(seed)
	titles := make([]wechat.Title, len(shelf.titles))
	for i, t := range shelf.titles {
		titles[i] = wechat.Title{ID: t.ID, Text: t.Text, Type: t.Type, Categories: t.Categories}
		for _, k := range t.Keywords {
			titles[i].Keywords = append(titles[i].Keywords, wechat.Keyword{ID: k.ID, Name: k.Name, Example: k.Example, Rule: k.Rule})
		}
	}
	return titles
}

func (s *subscribeShelf) add(t subscribeTitle) {
	if t.Type == 0 {
		t.Type = wechat.OneTime
	}
	s.byID[t.ID] = len(s.titles)
	s.titles = append(s.titles, t)
}

func decodeLine[T any](line string) (v T) {
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		panic("sandbox: embedded library: " + err.Error()) // a test reads it
	}
	return v
}

func freeNumbers(taken map[int]bool, from, to int) []int {
	var numbers []int
	for n := from; n < to; n++ {
		if !taken[n] {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// composed makes titles of the scenes, those of a category from the parts of the table under its headings.
func (s *subscribeShelf) composed(known *glossary, random *rand.Rand) []subscribeTitle {
	headings := map[string][]string{}
	for _, c := range s.categories {
		for _, h := range c.Headings {
			headings[h] = append(headings[h], c.ID)
		}
	}
	var all []subscribeTitle
	for heading, table := range parts(scenes) {
		for _, t := range composeTitles(common(scenes)+table, known) {
			made, fits := retyped(t, known, random)
			if !fits {
				continue
			}
			made.Categories = headings[heading]
			if c, _ := s.category(made.Categories[0]); c.Long && random.IntN(6) == 0 {
				made.Type = wechat.LongTerm
			}
			all = append(all, made)
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// manyComposed crosses every object of the scenes with every event, which makes a title out of almost anything.
func manyComposed(known *glossary, random *rand.Rand) []subscribeTitle {
	var objects, happenings []string
	for line := range entries(scenes) {
		head, tail, _ := strings.Cut(line, "：")
		if events, _, isObject := strings.Cut(tail, "|"); isObject {
			objects = append(objects, head)
			happenings = append(happenings, strings.Fields(events)...)
		}
	}
	seen := map[string]bool{}
	var all []subscribeTitle
	for len(all) < manyTitles {
		text := objects[random.IntN(len(objects))] + happenings[random.IntN(len(happenings))]
		if seen[text] || utf8.RuneCountInString(text) > maxTitle {
			continue
		}
		seen[text] = true
		names := []string{"订单编号", "商品名称", "办理时间", "应付金额", "联系电话", "办理结果", "经办人", "备注"}
		t, _ := retyped(wechat.Title{Text: text, Keywords: known.keywords(names)}, known, random)
		t.Categories = []string{CategoryMany}
		all = append(all, t)
	}
	return all
}

// The lengths that WeChat's reviewers ask of new titles and keywords.
const (
	maxTitle       = 10
	maxKeywordName = 5
	minKeywordName = 2
)

// retyped is a title of the scenes as a title of subscribe messages: short, with typed keywords.
func retyped(t wechat.Title, known *glossary, random *rand.Rand) (made subscribeTitle, fits bool) {
	made = subscribeTitle{Text: t.Text, Type: wechat.OneTime}
	id := 0
	for _, k := range t.Keywords {
		if n := utf8.RuneCountInString(k.Name); n < minKeywordName || n > maxKeywordName {
			continue
		}
		id++
		if random.IntN(5) == 0 {
			id += 1 + random.IntN(6)
		}
		rule, example := typed(known, k)
		made.Keywords = append(made.Keywords, subscribeKeyword{ID: id, Name: k.Name, Rule: rule, Example: example})
	}
	return made, utf8.RuneCountInString(t.Text) <= maxTitle && len(made.Keywords) >= wechat.MinSubscribeKeywords
}

// ruleEndings say which type a keyword has by how its name ends; the first that fits counts.
var ruleEndings = []struct{ rule, endings string }{
	{"time", "时间 时刻"},
	{"date", "日期 日 有效期"},
	{"phone_number", "电话 手机"},
	{"car_number", "车牌 车牌号 车牌号码"},
	{"character_string", "编号 单号 号码 卡号 取件码 验证码 序号 号 码"},
	{"amount", "金额 费用 费 余额 运费 租金 价格 单价 税费 罚款 保费"},
	{"number", "数量 人数 天数 次数 件数 份数 积分 分数"},
	{"phrase", "状态 结果 级别 等级"},
	{"name", "人 姓名 医生 师傅 司机 老师 教练 经办人 联系人 员 律师"},
}

func ruleOf(name string) string {
	for _, r := range ruleEndings {
		for ending := range strings.FieldsSeq(r.endings) {
			if strings.HasSuffix(name, ending) {
				return r.rule
			}
		}
	}
	return "thing"
}

// typed is the type that the name of a keyword tells, where its example or another one of the glossary fits; else
// thing, which takes any.
func typed(known *glossary, k wechat.Keyword) (rule, example string) {
	rule = ruleOf(k.Name)
	if rule == "number" {
		return rule, cmp.Or(leadingDigits(k.Example), "3")
	}
	for _, example := range append([]string{k.Example}, known.byName[k.Name]...) {
		if rule == "car_number" {
			example = strings.ReplaceAll(example, "·", "")
		}
		if values.Check(rule, example, nil).OK() {
			return rule, example
		}
	}
	return "thing", values.Shorten(k.Example, values.MaxThing)
}

func leadingDigits(text string) string {
	return text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
}

// fitting is an example that a type takes: one of the glossary's for the name, else the type's own.
func fitting(known *glossary, name, rule string, listed []string) string {
	first := known.example(name) // finds those of the ending
	for _, example := range append(known.byName[name], leadingDigits(first)) {
		if values.Check(rule, example, listed).OK() {
			return example
		}
	}
	if len(listed) > 0 {
		return listed[0]
	}
	r, _ := values.RuleOf(rule)
	return r.Example
}

// parts are the headings of the table of scenes with the lines below each, in its order.
func parts(table string) func(yield func(heading, lines string) bool) {
	return func(yield func(heading, lines string) bool) {
		for part := range strings.SplitSeq(table, "\n# ") {
			heading, lines, found := strings.Cut(part, "\n")
			if strings.HasPrefix(heading, "//") || !found {
				continue // what is common to all
			}
			if !yield(strings.TrimSpace(heading), lines) {
				return
			}
		}
	}
}

// common is the table before its first heading: the events that bring keywords with them.
func common(table string) string {
	head, _, _ := strings.Cut(table, "\n# ")
	return head + "\n"
}
