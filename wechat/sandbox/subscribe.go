package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const maxTitlesPage = 30 // (获取小程序类目下的公共模板标题)

// actSubscribe carries out a call about subscribe messages.
func (s *Server) actSubscribe(app *app, c call) any {
	switch c.path {
	case pathCategories:
		return s.categories(app)
	case pathSubscribeTitles:
		return s.subscribeTitles(app, c)
	case pathSubscribeKeywords:
		return s.subscribeKeywords(c)
	case pathSubscribeAdd:
		return s.addSubscribe(app, c)
	case pathSubscribeList:
		return s.subscribeList(app)
	case pathSubscribeDelete:
		return decoded(s, c.body, func(q subscribeDelete) any { return s.deleteSubscribe(app, q) })
	}
	return s.sendSubscribe(app, c.body)
}

// categoriesOf are the ids of the app's categories: all but CategoryMany, unless SetCategories said otherwise.
func (s *Server) categoriesOf(app *app) []string {
	if app.Categories != nil {
		return app.Categories
	}
	var ids []string
	for _, c := range s.titles().categories {
		if c.ID != CategoryMany {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// SetCategories gives an app the categories of these ids alone, as its owner could in WeChat's console. None at
// all stands for the usual ones.
func (s *Server) SetCategories(appID string, ids []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.state.Apps[appID]
	if app == nil {
		return ErrUnknownApp
	}
	for _, id := range ids {
		if _, found := s.titles().category(id); !found {
			return fmt.Errorf("there is no category %q", id)
		}
	}
	app.Categories = append([]string(nil), ids...)
	s.changes++
	return nil
}

// categories is 获取小程序账号的类目.
func (s *Server) categories(app *app) any {
	type line struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
	}
	lines := []line{}
	for _, id := range s.categoriesOf(app) {
		c, _ := s.titles().category(id)
		n, _ := strconv.Atoi(id)
		lines = append(lines, line{n, c.Name})
	}
	return struct {
		status
		Data []line `json:"data"`
	}{ok(), lines}
}

type subscribeTitleLine struct {
	ID         any    `json:"tid"`
	Title      string `json:"title"`
	Type       int    `json:"type"`
	CategoryID any    `json:"categoryId"` // a string in the samples, a number in the table
}

// subscribeTitles is 获取小程序类目下的公共模板标题. Ids in quotes, as the official sample has them, are 200019. The
// order in which the parameters are looked at is assumed.
func (s *Server) subscribeTitles(app *app, c call) any {
	ids, start, limit := c.param("ids"), c.param("start"), c.param("limit")
	if s.state.Other {
		ids = strings.Trim(ids, `"`)
	}
	asked := strings.Split(ids, ",")
	from, badStart := strconv.Atoi(start)
	count, badLimit := strconv.Atoi(limit)
	code := 0
	switch own := s.categoriesOf(app); {
	case ids == "":
		code = codeCategoryMissing
	case slices.ContainsFunc(asked, func(id string) bool { return !slices.Contains(own, id) }):
		code = codeCategory
	case badStart != nil || from < 0:
		code = codeStart
	case badLimit != nil || count < 1 || count > maxTitlesPage:
		code = codeLimit
	}
	lines, total := []subscribeTitleLine{}, 0
	if code == 0 {
		titles := s.titles().in(asked)
		total = len(titles)
		for _, t := range titles[min(from, total):min(from+count, total)] {
			lines = append(lines, t.line(asked, s.state.Other))
		}
	}
	return struct {
		status
		Count int                  `json:"count"`
		Data  []subscribeTitleLine `json:"data"`
	}{s.refuse(code), total, lines}
}

// line is the title with the first of its categories that was asked for.
func (t subscribeTitle) line(asked []string, other bool) subscribeTitleLine {
	at := slices.IndexFunc(t.Categories, func(id string) bool { return slices.Contains(asked, id) })
	if other {
		return subscribeTitleLine{t.ID, t.Text, t.Type, json.Number(t.Categories[at])}
	}
	return subscribeTitleLine{json.Number(t.ID), t.Text, t.Type, t.Categories[at]}
}

type kidLine struct {
	ID      int    `json:"kid"`
	Name    string `json:"name"`
	Example string `json:"example"`
	Rule    string `json:"rule"`
}

// subscribeKeywords is 获取模板标题下的关键词列表. A title of other categories is told as well (assumed).
func (s *Server) subscribeKeywords(c call) any {
	tid := c.param("tid")
	title, found := s.titles().find(tid)
	switch _, err := strconv.Atoi(tid); {
	case tid == "":
		return s.refuse(codeTID)
	case err != nil:
		return s.refuse(s.badTID())
	case !found:
		return s.refuseWith(codeTID, "invalid parameter tid")
	}
	lines := []kidLine{}
	for _, k := range title.Keywords {
		lines = append(lines, kidLine{k.ID, k.Name, k.Example, s.ruleOf(k)})
	}
	count := len(lines)
	if s.state.Other {
		count = 0
	}
	return struct {
		status
		Count int       `json:"count,omitempty"`
		Data  []kidLine `json:"data"`
	}{ok(), count, lines}
}
