package api

import (
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
	t, err := a.resolve(r.Context(), c, r.PathValue("alias"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, templateAnswerOf(t))
	return nil
}

// resolve is the template that an alias or a template_id stands for now, counted
// for the key.
func (a *API) resolve(ctx context.Context, c *caller, name string) (store.Template, error) {
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
	if t.Deleted() {
		return t, refuse(http.StatusGone, "template_deleted", "Name", text.Excerpt(name), "TemplateID", t.TemplateID)
	}
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
}

type keywordAnswer struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

func templateAnswerOf(t store.Template) templateAnswer {
	a := templateAnswer{Alias: t.Alias, TemplateID: t.TemplateID, Kind: t.Kind, Title: t.Title, Keywords: []keywordAnswer{},
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
