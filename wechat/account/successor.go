package account

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/wechat"
	"muban/wechat/audit"
	"muban/wechat/kind"
	"muban/wechat/values"
)

// Successor is a title of subscribe messages that can take the place of a template of template messages.
type Successor struct {
	Title wechat.Title
	// Keywords tell where each keyword of the template goes, in its order.
	Keywords []Succession
	Likeness int // of both in all, in thousandths
}

// Succession is where one keyword of a template goes.
type Succession struct {
	From wechat.Field
	To   *wechat.Keyword // nil where the title has none of its meaning, or five were taken before it
	// Sent is how many different values of it were looked at, Refused how many of them the type of To does not take.
	// First is the first of those, and Why what is wrong with it.
	Sent, Refused int
	First         string
	Why           values.Verdict
}

// Carried is the subscribe template that goes out in the place of one of template messages, where that is asked for by
// its alias and the person has a consent.
type Carried struct {
	TemplateID, Successor string
	From                  map[string]string // by each key of the successor, the template's key whose value it shows
	SetAt                 time.Time
	SetBy                 string // the name of a person
}

// Message is m, a message of the template t, as one of its successor's. What m gives under the successor's own names and
// keys goes first; a value of t's that the successor has no place for is left out; what neither of the two knows stays,
// for a check to name it. said tells of each key of the message under which key of m its value stood.
func (c Carried) Message(m wechat.Message, t, successor wechat.Template) (to wechat.Message, said map[string]string) {
	to, said = m, map[string]string{}
	to.TemplateID, to.FormID, to.Emphasis, to.Data = successor.ID, "", "", nil
	given, known := map[string][]string{}, map[string]bool{} // several values where m gives one twice
	for _, d := range m.Data {
		given[d.Key] = append(given[d.Key], d.Value)
	}
	for _, f := range kind.Template.Fields(t) {
		known[f.Key] = true
	}
	for _, f := range kind.Subscribe.Fields(successor) {
		for _, key := range []string{f.Key, f.Name, c.From[f.Key]} {
			if said[f.Key] != "" || given[key] == nil {
				continue
			}
			said[f.Key], known[key] = key, true
			for _, value := range given[key] {
				to.Data = append(to.Data, wechat.Datum{Key: f.Key, Value: value})
			}
		}
	}
	for _, d := range m.Data {
		if !known[d.Key] {
			to.Data = append(to.Data, d)
		}
	}
	return to, said
}

// Used is what the sends of a template have used, as far as they are kept.
type Used struct {
	Values   map[string][]string // by the field's key, each different value once
	Color    bool                // some value had a colour
	Emphasis bool                // some message enlarged a keyword
}

// The least likeness of a title, of a keyword's name, and the most titles that Successors names. A keyword at 600
// shares its words of substance: 下单时间 and 订单时间.
const (
	nearTitle      = 400
	nearKeyword    = 600
	mostSuccessors = 5
)

// Successors finds the titles of the subscribe library that are nearest to a template, best first. Titles are compared
// as reviewers do, keywords by what they name; of keywords alike the one comes first whose type takes the values that
// were sent.
func Successors(t wechat.Template, used Used, library []wechat.Title) []Successor {
	fields := kind.Template.Fields(t)
	var found []Successor
	for _, title := range library {
		s := succeed(fields, used, title)
		likeness := audit.TitleLikeness(t.Title, title.Text)
		if s.Likeness == 0 || likeness < nearTitle && s.kept() < max(2, len(fields)-1) {
			continue
		}
		s.Likeness = (3*likeness + 2*s.Likeness) / 5
		found = append(found, s)
	}
	slices.SortStableFunc(found, func(a, b Successor) int {
		return cmp.Or(cmp.Compare(b.Likeness, a.Likeness), cmp.Compare(a.refused(), b.refused()))
	})
	return found[:min(len(found), mostSuccessors)]
}

// succeed maps the fields onto the keywords of a title, the likest pair first. Its Likeness is that of the keywords.
func succeed(fields []wechat.Field, used Used, title wechat.Title) Successor {
	type pair struct{ from, to, likeness, refused int }
	var pairs []pair
	for i, f := range fields {
		for j, k := range title.Keywords {
			if likeness := audit.KeywordLikeness(f.Name, k.Name); likeness >= nearKeyword {
				pairs = append(pairs, pair{i, j, likeness, try(f, k, used).Refused})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.likeness, a.likeness), cmp.Compare(a.refused, b.refused))
	})
	s := Successor{Title: title, Keywords: make([]Succession, len(fields))}
	for i, f := range fields {
		s.Keywords[i].From = f
	}
	taken := map[int]bool{}
	for _, p := range pairs {
		if s.Keywords[p.from].To != nil || taken[p.to] || len(taken) == wechat.MaxSubscribeKeywords {
			continue
		}
		taken[p.to] = true
		s.Keywords[p.from] = try(fields[p.from], title.Keywords[p.to], used)
		s.Likeness += p.likeness
	}
	s.Likeness /= max(1, len(fields))
	return s
}

// Fit maps the fields of a template onto the keywords of a subscribe template, as Successors does with those of a title.
func Fit(t wechat.Template, used Used, successor wechat.Template) Successor {
	title := wechat.Title{Text: successor.Title, Type: successor.Type}
	for _, f := range kind.Subscribe.Fields(successor) {
		rule := values.TypeOf(f.Key)
		id, _ := strconv.Atoi(strings.TrimPrefix(f.Key, rule)) // 0 for an odd key, which the page asks for all the same
		title.Keywords = append(title.Keywords, wechat.Keyword{ID: id, Name: f.Name, Example: f.Example, Rule: rule})
	}
	return succeed(kind.Template.Fields(t), used, title)
}

// Try checks the values that were sent for a field against the type that a key of a subscribe message names.
func Try(f wechat.Field, key string, used Used) Succession {
	return try(f, wechat.Keyword{Rule: values.TypeOf(key)}, used)
}

// try checks the values that were sent for a field, and its example where there were none, against the type of a keyword.
func try(f wechat.Field, k wechat.Keyword, used Used) Succession {
	s := Succession{From: f, To: &k}
	sent := used.Values[f.Key]
	if len(sent) == 0 && f.Example != "" {
		sent = []string{f.Example}
	}
	s.Sent = len(sent)
	for _, value := range sent {
		v := values.Check(k.Rule, value, nil)
		if v.OK() {
			continue
		}
		if s.Refused == 0 {
			s.First, s.Why = value, v
		}
		s.Refused++
	}
	return s
}

// From is the key of the template whose value goes to a key of the subscribe message; "" for none.
func (s Successor) From(key string) string {
	for _, k := range s.Keywords {
		if k.To != nil && k.To.Rule+strconv.Itoa(k.To.ID) == key {
			return k.From.Key
		}
	}
	return ""
}

// KeywordIDs are the kids of the combination that the successor makes, in the template's order.
func (s Successor) KeywordIDs() []int {
	var ids []int
	for _, k := range s.Keywords {
		if k.To != nil {
			ids = append(ids, k.To.ID)
		}
	}
	return ids
}

func (s Successor) kept() int { return len(s.KeywordIDs()) }

func (s Successor) refused() int {
	n := 0
	for _, k := range s.Keywords {
		n += k.Refused
	}
	return n
}
