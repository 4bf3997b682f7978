package sandbox

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"muban/wechat"
)

// shelf is the library as the calls need it.
type shelf struct {
	titles []wechat.Title
	byID   map[string]int
}

func newShelf(titles []wechat.Title) *shelf {
	s := &shelf{titles: titles, byID: make(map[string]int, len(titles))}
	for i, t := range titles {
		s.byID[t.ID] = i
	}
	return s
}

func (s *shelf) find(id string) (wechat.Title, bool) {
	i, found := s.byID[id]
	if !found {
		return wechat.Title{}, false
	}
	return s.titles[i], true
}

// template is one of an account's templates.
type template struct {
	ID, Title, Content, Example string
	Names                       []string // of its keywords, in order
}

type pageRequest struct{ Offset, Count integer }

func (q *pageRequest) UnmarshalJSON(raw []byte) error {
	return exact(raw, field{"offset", &q.Offset}, field{"count", &q.Count})
}

// bounds says what part of n records is asked for. Nothing is refused past the end: the
// list is empty there (assumed). A count that is absent or not 1 to 20 is refused (assumed).
func (q pageRequest) bounds(n int) (from, to int, fits bool) {
	if !q.Offset.ok || !q.Count.ok || q.Offset.n < 0 || q.Count.n < 1 || q.Count.n > maxPage {
		return 0, 0, false
	}
	from = min(q.Offset.n, n)
	return from, min(from+q.Count.n, n), true
}

type titleLine struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// libraryList is 获取小程序模板库标题列表.
func (s *Server) libraryList(q pageRequest) any {
	titles := s.shelf().titles
	from, to, fits := q.bounds(len(titles))
	if !fits {
		return s.refuse(codeArgs)
	}
	lines := make([]titleLine, 0, to-from)
	for _, t := range titles[from:to] {
		lines = append(lines, titleLine{t.ID, t.Text})
	}
	return struct {
		status
		List  []titleLine `json:"list"`
		Total int         `json:"total_count"`
	}{ok(), lines, len(titles)}
}

type getRequest struct{ ID text }

func (q *getRequest) UnmarshalJSON(raw []byte) error { return exact(raw, field{"id", &q.ID}) }

type keywordLine struct {
	ID      int    `json:"keyword_id"`
	Name    string `json:"name"`
	Example string `json:"example"`
	Rule    string `json:"rule,omitempty"` // of a subscribe message
}

// libraryGet is 获取模板库某个模板标题下关键词库. An unknown id is a bad argument (assumed).
func (s *Server) libraryGet(q getRequest) any {
	title, found := s.shelf().find(string(q.ID))
	if !found {
		return s.refuse(codeArgs)
	}
	return struct {
		status
		ID       string        `json:"id"`
		Title    string        `json:"title"`
		Keywords []keywordLine `json:"keyword_list"`
	}{ok(), title.ID, title.Text, keywordLines(title.Keywords)}
}

func keywordLines(keywords []wechat.Keyword) []keywordLine {
	lines := make([]keywordLine, 0, len(keywords))
	for _, k := range keywords {
		lines = append(lines, keywordLine{k.ID, k.Name, k.Example, k.Rule})
	}
	return lines
}

type addRequest struct {
	ID       text
	Keywords integers
}

func (q *addRequest) UnmarshalJSON(raw []byte) error {
	return exact(raw, field{"id", &q.ID}, field{"keyword_id_list", &q.Keywords})
}

// add is 组合模板并添加至帐号下的个人模板库. The same combination may be added again, and
// is then another template.
func (s *Server) add(app *app, q addRequest) any {
	title, found := s.shelf().find(string(q.ID))
	if !found {
		return s.refuse(codeArgs)
	}
	chosen, fits := combine(title, q.Keywords)
	switch {
	case !fits:
		return s.refuse(codeArgs)
	case len(app.Templates) >= s.templateLimit(app):
		return s.refuse(codeTemplateLimit)
	}
	t := combined(title, chosen)
	t.ID = s.mintTemplateID()
	app.Templates = append(app.Templates, t)
	s.changes++
	return struct {
		status
		ID string `json:"template_id"`
	}{ok(), t.ID}
}

// mintTemplateID makes 43 characters.
func (s *Server) mintTemplateID() string { return templateID(s.mint("template")) }

func templateID(random [32]byte) string { return base64.RawURLEncoding.EncodeToString(random[:]) }

// combine picks 1 to 10 keywords of a title. That an unknown one, a repeated one and none
// at all are bad arguments is assumed.
func combine(title wechat.Title, ids []integer) ([]wechat.Keyword, bool) {
	if len(ids) == 0 || len(ids) > maxCombination {
		return nil, false
	}
	var chosen []wechat.Keyword
	for _, id := range ids {
		at := slices.IndexFunc(title.Keywords, func(k wechat.Keyword) bool { return id.ok && k.ID == id.n })
		if at < 0 || slices.Contains(chosen, title.Keywords[at]) {
			return nil, false
		}
		chosen = append(chosen, title.Keywords[at])
	}
	return chosen, true
}

// combined writes content and example as template/list shows them: each line ends in \n,
// the colon of the example is full-width.
func combined(title wechat.Title, keywords []wechat.Keyword) template {
	t := template{Title: title.Text}
	var content, example strings.Builder
	for i, k := range keywords {
		fmt.Fprintf(&content, "%s{{keyword%d.DATA}}\n", k.Name, i+1)
		fmt.Fprintf(&example, "%s：%s\n", k.Name, k.Example)
		t.Names = append(t.Names, k.Name)
	}
	t.Content, t.Example = content.String(), example.String()
	return t
}

type templateLine struct {
	ID      string `json:"template_id"`
	Title   string `json:"title"`
	Content string `json:"content"`
	Example string `json:"example"`
}

// list is 获取帐号下已存在的模板列表, in the order of addition. It tells no total.
func (s *Server) list(app *app, q pageRequest) any {
	from, to, fits := q.bounds(len(app.Templates))
	if !fits {
		return s.refuse(codeArgs)
	}
	lines := make([]templateLine, 0, to-from)
	for _, t := range app.Templates[from:to] {
		lines = append(lines, templateLine{t.ID, t.Title, t.Content, t.Example})
	}
	return struct {
		status
		List []templateLine `json:"list"`
	}{ok(), lines}
}

type deleteRequest struct{ ID text }

func (q *deleteRequest) UnmarshalJSON(raw []byte) error {
	return exact(raw, field{"template_id", &q.ID})
}

// delete is 删除帐号下的某个模板. One that the account does not have is 40037 (assumed).
func (s *Server) delete(app *app, q deleteRequest) any {
	at := app.template(string(q.ID))
	if at < 0 {
		return s.refuse(codeTemplateID)
	}
	app.Templates = slices.Delete(app.Templates, at, at+1)
	s.changes++
	return ok()
}

func (a *app) template(id string) int {
	return slices.IndexFunc(a.Templates, func(t template) bool { return t.ID == id })
}

// maxTemplateLimit is what SetTemplateLimit can allow at most.
const maxTemplateLimit = 1000

// SetTemplateLimit allows an app n templates, 1 to 1,000, instead of Options.MaxTemplates, to try what
// becomes of a long list. What is there already stays. 0 is the usual number again, as after a reset.
func (s *Server) SetTemplateLimit(appID string, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.state.Apps[appID]
	switch {
	case app == nil:
		return ErrUnknownApp
	case n < 0 || n > maxTemplateLimit:
		return fmt.Errorf(`"templates" is 1 to %d, or 0 for the usual number`, maxTemplateLimit)
	}
	app.TemplateLimit = n
	s.changes++
	return nil
}

// templateLimit is how many templates the app may have.
func (s *Server) templateLimit(app *app) int { return cmp.Or(app.TemplateLimit, s.o.MaxTemplates) }

// SetSubscribeLimit is SetTemplateLimit for subscribe messages.
func (s *Server) SetSubscribeLimit(appID string, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.state.Apps[appID]
	switch {
	case app == nil:
		return ErrUnknownApp
	case n < 0 || n > maxTemplateLimit:
		return fmt.Errorf(`"subscribe_templates" is 1 to %d, or 0 for the usual number`, maxTemplateLimit)
	}
	app.SubscribeLimit = n
	s.changes++
	return nil
}
