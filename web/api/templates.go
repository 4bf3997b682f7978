package api

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/wechat/kind"
)

// resolveTemplate is GET /api/v1/templates/{alias}?appid=: a template by its alias or its template_id,
// for any key of the app. Who asks for what is counted, also for what was deleted, so that people know
// what is in use.
func (a *API) resolveTemplate(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := c.ofApp(r.URL.Query().Get("appid")); err != nil {
		return err
	}
	t, err := a.lookUp(r.Context(), c, r.PathValue("alias"))
	if err != nil {
		return err
	}
	answer, err := a.templateAnswer(r.Context(), t)
	if err != nil {
		return err
	}
	if answer.deleted {
		return templateDeleted(r.PathValue("alias"), t)
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// namedTemplates is GET /api/v1/templates?appid=: every template of the app that has an alias. Nobody is counted for it.
func (a *API) namedTemplates(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := c.ofApp(r.URL.Query().Get("appid")); err != nil {
		return err
	}
	known, err := a.Store.Templates(r.Context(), c.account.App.ID)
	if err != nil {
		return err
	}
	all := []templateAnswer{}
	for _, t := range known {
		if t.Alias == "" {
			continue
		}
		answer, err := a.templateAnswer(r.Context(), t)
		if err != nil {
			return err
		}
		if !answer.deleted {
			all = append(all, answer)
		}
	}
	slices.SortFunc(all, func(x, y templateAnswer) int { return cmp.Compare(x.Alias, y.Alias) })
	writeJSON(w, http.StatusOK, map[string]any{"templates": all})
	return nil
}

// resolve is the template that an alias or a template_id stands for now, counted
// for the key.
func (a *API) resolve(ctx context.Context, c *caller, name string) (store.Template, error) {
	t, err := a.lookUp(ctx, c, name)
	if err == nil && t.Deleted() {
		err = templateDeleted(name, t)
	}
	return t, err
}

func templateDeleted(name string, t store.Template) error {
	return refuse(http.StatusGone, "template_deleted", "Name", text.Excerpt(name), "TemplateID", t.TemplateID)
}

// lookUp is resolve for a template that may be deleted.
func (a *API) lookUp(ctx context.Context, c *caller, name string) (store.Template, error) {
	app := c.account.App.ID
	t, err := a.Store.ResolveTemplate(ctx, app, name)
	if errors.Is(err, store.ErrNotFound) {
		return t, refuse(http.StatusNotFound, "alias_unknown", "Name", text.Excerpt(name))
	}
	if err != nil {
		return t, err
	}
	asked := store.Lookup{App: app, Key: c.key.ID, TemplateID: t.TemplateID}
	if name != t.TemplateID {
		asked.Alias = name
	}
	a.lookups.note(asked, a.Now())
	return t, nil
}

// templateAnswer is what a business server needs to fill in a template.
type templateAnswer struct {
	Alias      string            `json:"alias"` // "" while it has none
	TemplateID string            `json:"template_id"`
	Kind       string            `json:"kind"` // of message: template or subscribe
	Title      string            `json:"title"`
	Keywords   []keywordAnswer   `json:"keywords"`    // in order
	KeywordMap map[string]string `json:"keyword_map"` // name → key; a name that stands twice is left out

	// Successor is the subscribe template that an alias carries beside one of template messages. Its map has the names
	// of that one's keywords too.
	Successor *templateAnswer `json:"successor,omitempty"`
	deleted   bool
}

type keywordAnswer struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// templateAnswer is a template with what its alias carries. Once a template of template messages is deleted, the alias
// stands for the subscribe template alone.
func (a *API) templateAnswer(ctx context.Context, t store.Template) (templateAnswer, error) {
	answer := templateAnswerOf(t)
	if t.Alias == "" || t.Carries == "" {
		return answer, nil
	}
	carried, err := a.Store.Carried(ctx, t.App, t.TemplateID)
	if err != nil {
		return answer, ignoreUnknown(err)
	}
	to, err := a.Store.Template(ctx, t.App, carried.Successor)
	if err != nil || to.Deleted() {
		return answer, err
	}
	successor := templateAnswerOf(to)
	successor.Alias = t.Alias
	for name, key := range answer.KeywordMap {
		for own, from := range carried.From {
			if from == key {
				successor.KeywordMap[name] = own
			}
		}
	}
	if answer.deleted {
		return successor, nil
	}
	answer.Successor = &successor
	return answer, nil
}

func templateAnswerOf(t store.Template) templateAnswer {
	a := templateAnswer{deleted: t.Deleted(), Alias: t.Alias, TemplateID: t.TemplateID, Kind: t.Kind, Title: t.Title, Keywords: []keywordAnswer{},
		KeywordMap: map[string]string{}}
	times := map[string]int{}
	for _, f := range kind.Named(t.Kind).Fields(t.Live()) {
		a.Keywords = append(a.Keywords, keywordAnswer{f.Key, f.Name})
		a.KeywordMap[f.Name] = f.Key
		times[f.Name]++
	}
	for name, n := range times {
		if n > 1 {
			delete(a.KeywordMap, name)
		}
	}
	return a
}

// lookups counts who asked for which template since the counts were last written: a write for each
// question would cost more than the answer. The zero value is ready.
type lookups struct {
	mu      sync.Mutex
	counted map[store.Lookup]store.Lookup // by what was asked for, without Count and LastAt
}

func (l *lookups) note(asked store.Lookup, at time.Time) {
	asked.Count, asked.LastAt = 1, at
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(asked)
}

// add needs the lock.
func (l *lookups) add(x store.Lookup) {
	key := x
	key.Count, key.LastAt = 0, time.Time{}
	sum := l.counted[key]
	x.Count += sum.Count
	if x.LastAt.Before(sum.LastAt) {
		x.LastAt = sum.LastAt
	}
	if l.counted == nil {
		l.counted = map[store.Lookup]store.Lookup{}
	}
	l.counted[key] = x
}

// flush writes the counts. What cannot be written waits for the next time.
func (l *lookups) flush(ctx context.Context, st *store.Store) error {
	l.mu.Lock()
	counted := slices.Collect(maps.Values(l.counted))
	l.counted = nil
	l.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	err := st.NoteLookups(ctx, counted)
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, x := range counted {
			l.add(x)
		}
	}
	return err
}
