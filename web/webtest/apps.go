package webtest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"muban/store"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/sandbox"
	"muban/wechat/token"
)

// FillApp types an app's settings.
func FillApp(base, secret string) func(form url.Values) {
	return func(form url.Values) {
		form.Set("name", "照本宣科")
		form.Set("appid", ScriptedApp)
		form.Set("secret", secret)
		form.Set("base", base)
	}
}

// Elsewhere is another program at work on an app's account: WeChat's own console, for one.
func (c *Console) Elsewhere(app store.App) *wechat.Client {
	c.T.Helper()
	const base = "http://sandbox.invalid"
	fetch := func(ctx context.Context, _ bool) (wechat.Token, error) {
		return wechat.FetchToken(ctx, wechat.Credentials{Base: base, AppID: app.AppID, Secret: app.Secret,
			Transport: c.Sandbox.Transport()})
	}
	client, err := wechat.NewClient(wechat.Config{
		Base: base, Transport: c.Sandbox.Transport(), Tokens: token.New(app.AppID, fetch, c.Store,
			token.Options{Now: c.Clock.Now}),
	})
	Must(c.T, err)
	return client
}

// App is the first mini program: the sandbox's.
func (c *Console) App() store.App {
	c.T.Helper()
	apps, err := c.Store.Apps(context.Background())
	if err != nil {
		c.T.Fatal(err)
	}
	return apps[0]
}

// AddApp adds a mini program on a simulated WeChat of its own, reached over HTTP.
func (c *Console) AddApp(appID string) store.App {
	c.T.Helper()
	other := sandbox.New(sandbox.Options{Now: c.Clock.Now})
	other.AddApp(appID, "secret-of-"+appID)
	return c.AddAppOn(other, appID, "secret-of-"+appID)
}

// AddAppOn adds a mini program of a simulated WeChat.
func (c *Console) AddAppOn(wechat *sandbox.Server, appID, secret string) store.App {
	c.T.Helper()
	server := httptest.NewServer(wechat)
	c.T.Cleanup(server.Close)
	return c.AddAppAt(appID, server.URL, secret)
}

// AddAppAt adds a mini program through the form.
func (c *Console) AddAppAt(appID, base, secret string) store.App {
	c.T.Helper()
	b := c.As(store.Administrator)
	b.Submit(b.Get("/settings/apps"), "button.primary", func(form url.Values) {
		form.Set("name", "另一个 "+appID)
		form.Set("appid", appID)
		form.Set("secret", secret)
		form.Set("base", base)
	}).Expect(http.StatusOK, "done.app_renamed")
	apps, err := c.Store.Apps(context.Background())
	Must(c.T, err)
	return apps[len(apps)-1]
}

// InApp is an address as somebody with several apps sees it.
func InApp(app store.App, path string) string { return ui.In(app.AppID, path) }

// Within is an address without the app that it names.
func Within(address string) string {
	if _, rest, named := strings.Cut(address, "/@"); named {
		_, rest, _ = strings.Cut(rest, "/")
		return "/" + rest
	}
	return address
}
