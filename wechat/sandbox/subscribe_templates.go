package sandbox

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"muban/wechat"
)

const (
	minKids  = 2
	maxKids  = 5
	maxScene = 15 // characters

	// maxSubscribeTemplates is of one account. Older documents say 25; a script of 2026 counts on 50 (assumed).
	maxSubscribeTemplates = 50
)

// subscribeTemplate is one of an account's templates of subscribe messages.
type subscribeTemplate struct {
	ID, TID, Title string
	Type           int
	Keywords       []subscribeKeyword
}

type subscribeAdd struct {
	TID, Scene text
	Kids       integers
}

func (q *subscribeAdd) UnmarshalJSON(raw []byte) error {
	return exact(raw, field{"tid", &q.TID}, field{"kidList", &q.Kids}, field{"sceneDesc", &q.Scene})
}

// readAdd takes JSON with its Content-Type, and a form; both are documented, and both were seen to work. JSON
// without the header is read as a form, in which nothing is found.
func readAdd(c call) (q subscribeAdd, err error) {
	if c.contentType == "application/json" {
		if !utf8.Valid(c.body) {
			return q, errors.New("not UTF-8")
		}
		return q, q.UnmarshalJSON(c.body)
	}
	form := call{query: string(c.body)}
	q.TID, q.Scene = text(form.param("tid")), text(form.param("sceneDesc"))
	for pair := range strings.SplitSeq(form.query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "kidList" || name == "kidList[]" || name == "kidList%5B%5D" {
			n, err := strconv.Atoi(value)
			q.Kids = append(q.Kids, integer{n, err == nil})
		}
	}
	return q, nil
}

// addSubscribe is 组合模板并添加至帐号下的个人模板库. The order of its checks is assumed.
func (s *Server) addSubscribe(app *app, c call) any {
	q, err := readAdd(c)
	if err != nil {
		return s.refuse(codeFormat)
	}
	title, found := s.titles().find(string(q.TID))
	kids, fit := title.pick(q.Kids)
	same := app.sameSubscribe(title, kids)
	switch {
	case q.TID == "":
		return s.refuse(codeTID)
	case !found:
		return s.refuseWith(codeTID, "invalid parameter tid")
	case !fit:
		return s.refuse(codeKeywords)
	case !plausibleScene(string(q.Scene)), q.Scene == "" && s.state.Other:
		return s.refuse(codeScene)
	case same >= 0 && !s.state.Other:
		return struct {
			status
			ID string `json:"priTmplId"`
		}{s.refuse(codeSame), app.SubscribeTemplates[same].ID}
	case len(app.SubscribeTemplates) >= cmp.Or(app.SubscribeLimit, maxSubscribeTemplates):
		return s.refuse(codeSubscribeLimit)
	}
	t := subscribeTemplate{ID: s.mintTemplateID(), TID: title.ID, Title: title.Text, Type: title.Type, Keywords: kids}
	if s.state.Other {
		t.ID = s.lasting(app, title, kids)
	}
	app.SubscribeTemplates = append(app.SubscribeTemplates, t)
	s.changes++
	return struct {
		status
		ID string `json:"priTmplId"`
	}{ok(), t.ID}
}

// pick gives 2 to 5 keywords of the title in the order asked for; a card takes none.
func (t subscribeTitle) pick(ids []integer) (kids []subscribeKeyword, fit bool) {
	if t.isCard() {
		return nil, len(ids) == 0
	}
	if len(ids) < minKids || len(ids) > maxKids {
		return nil, false
	}
	for _, id := range ids {
		same := func(k subscribeKeyword) bool { return id.ok && k.ID == id.n }
		at := slices.IndexFunc(t.Keywords, same)
		if at < 0 || slices.ContainsFunc(kids, same) {
			return nil, false
		}
		kids = append(kids, t.Keywords[at])
	}
	return kids, true
}

// sameSubscribe is where the account has the title with the same keywords, or -1. That their order does not matter
// is assumed.
func (a *app) sameSubscribe(title subscribeTitle, kids []subscribeKeyword) int {
	return slices.IndexFunc(a.SubscribeTemplates, func(t subscribeTemplate) bool {
		missing := func(k subscribeKeyword) bool {
			return !slices.ContainsFunc(t.Keywords, func(o subscribeKeyword) bool { return o.ID == k.ID })
		}
		return t.TID == title.ID && len(t.Keywords) == len(kids) && !slices.ContainsFunc(kids, missing)
	})
}

// plausibleScene takes a scene that is not there: the newer documents require it, the older ones do not.
func plausibleScene(scene string) bool {
	return utf8.RuneCountInString(scene) <= maxScene && !strings.ContainsFunc(scene, unicode.IsControl)
}

type enumLine struct {
	Key    string   `json:"keywordCode"`
	Values []string `json:"enumValueList"`
}

type subscribeTemplateLine struct {
	ID      string     `json:"priTmplId"`
	Title   string     `json:"title"`
	Content string     `json:"content"`
	Example string     `json:"example"`
	Type    int        `json:"type"`
	Enums   []enumLine `json:"keywordEnumValueList,omitempty"`
}

// subscribeList is 获取当前帐号下的个人模板列表, in the order of addition.
func (s *Server) subscribeList(app *app) any {
	lines := []subscribeTemplateLine{}
	for _, t := range app.SubscribeTemplates {
		lines = append(lines, s.line(t))
	}
	return struct {
		status
		Data []subscribeTemplateLine `json:"data"`
	}{ok(), lines}
}

// line writes content and example as the samples have them: with a half-width colon, each line ends in \n.
func (s *Server) line(t subscribeTemplate) subscribeTemplateLine {
	l := subscribeTemplateLine{ID: t.ID, Title: t.Title, Type: t.Type}
	colon := ":"
	if s.state.Other {
		colon = "："
	}
	for _, k := range t.Keywords {
		l.Content += k.Name + colon + "{{" + s.key(k) + ".DATA}}\n"
		l.Example += k.Name + colon + k.Example + "\n"
		if k.Values != nil {
			l.Enums = append(l.Enums, enumLine{s.key(k) + ".DATA", k.Values})
		}
	}
	return l
}

type subscribeDelete struct{ ID text }

func (q *subscribeDelete) UnmarshalJSON(raw []byte) error {
	return exact(raw, field{"priTmplId", &q.ID})
}

// deleteSubscribe is 删除帐号下的个人模板. That one which the account lacks is 20002, and that the consents to it end
// with it, is assumed.
func (s *Server) deleteSubscribe(app *app, q subscribeDelete) any {
	at := app.subscribeTemplate(string(q.ID))
	if at < 0 {
		return s.refuse(s.badID())
	}
	app.SubscribeTemplates = slices.Delete(app.SubscribeTemplates, at, at+1)
	for key := range app.Consents {
		if key.templateID() == string(q.ID) {
			delete(app.Consents, key)
		}
	}
	s.changes++
	return ok()
}

func (a *app) subscribeTemplate(id string) int {
	return slices.IndexFunc(a.SubscribeTemplates, func(t subscribeTemplate) bool { return t.ID == id })
}

// SubscribeTemplate is one of an account's templates, for a page that shows what a user is asked for.
type SubscribeTemplate struct {
	ID, Title string
	Long      bool
}

// SubscribeTemplates are those of an app, in the order of addition.
func (s *Server) SubscribeTemplates(appID string) []SubscribeTemplate {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.state.Apps[appID]
	if app == nil {
		return nil
	}
	var all []SubscribeTemplate
	for _, t := range app.SubscribeTemplates {
		all = append(all, SubscribeTemplate{t.ID, t.Title, t.Type == wechat.LongTerm})
	}
	return all
}
