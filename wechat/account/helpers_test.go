package account

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/sandbox"
	"muban/wechat/token"
)

// listed is a template as WeChat lists it; keywords are names, or "name：example".
func listed(id, title string, keywords ...string) wechat.Template {
	var all []wechat.Keyword
	for _, k := range keywords {
		name, example, _ := strings.Cut(k, "：")
		all = append(all, wechat.Keyword{Name: name, Example: example})
	}
	t := wechat.Template{ID: id, Title: title}
	t.Content, t.Example = kind.Template.Compose(all)
	return t
}

// titled is a library title; keywords are numbered from 1.
func titled(id, text string, keywords ...string) wechat.Title {
	t := wechat.Title{ID: id, Text: text}
	for i, k := range keywords {
		name, example, _ := strings.Cut(k, "：")
		t.Keywords = append(t.Keywords, wechat.Keyword{ID: i + 1, Name: name, Example: example})
	}
	return t
}

// account is an app of the simulator's, which allows it more templates than WeChat does.
func account(t testing.TB, s *sandbox.Server, appID string) *wechat.Client {
	t.Helper()
	s.AddApp(appID, "secret")
	noError(t, s.SetTemplateLimit(appID, 100))
	const base = "http://sandbox.invalid"
	fetch := func(ctx context.Context, _ bool) (wechat.Token, error) {
		return wechat.FetchToken(ctx, wechat.Credentials{Base: base, AppID: appID, Secret: "secret", Transport: s.Transport()})
	}
	c, err := wechat.NewClient(wechat.Config{Base: base, Transport: s.Transport(), Tokens: token.New(appID, fetch, forgetful{}, token.Options{})})
	noError(t, err)
	return c
}

// forgetful keeps no token.
type forgetful struct{}

func (forgetful) LoadToken(context.Context, string) (token.Record, error) {
	return token.Record{}, token.ErrNone
}
func (forgetful) SaveToken(context.Context, string, token.Record) error { return nil }

// fill adds 60 combinations of the library's, the i-th under its own title.
func fill(t testing.TB, c *wechat.Client, keywords func(i int, title wechat.Title) []int) {
	t.Helper()
	for i, title := range sandbox.Library(sandbox.DefaultSeed)[:60] {
		_, err := c.AddTemplate(t.Context(), title.ID, keywords(i, title))
		noError(t, err)
	}
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}
