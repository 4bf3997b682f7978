package web

import (
	"context"
	"net/http"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/token"
)

// transport is how an app's API is reached: the simulation in this process, or
// the network. nil is the network with public addresses alone.
func (a *accounts) transport(app store.App) http.RoundTripper {
	switch {
	case app.Sandbox:
		return a.s.Sandbox.Transport()
	case a.s.AllowPrivateAPI:
		return wechat.PrivateTransport()
	}
	return nil
}

// libraryPause is how long a sync waits between two questions: WeChat is asked
// politely, the simulation in this process has nobody to disturb.
func (a *accounts) libraryPause(app store.App) time.Duration {
	if a.s.LibraryPause == 0 && app.Sandbox {
		return 2 * time.Millisecond
	}
	return a.s.LibraryPause
}

// clocked is the transport of an app's calls, measured. Not of its token's: that
// one's keep-alives have to be turned off, and the keeper measures itself.
func (a *accounts) clocked(app store.App) http.RoundTripper {
	next := a.transport(app)
	if next == nil {
		next = wechat.DefaultTransport()
	}
	return clocked{next, a.s.metrics.upstream, app.AppID}
}

func (a *accounts) fetch(app store.App) token.Fetch {
	c := wechat.Credentials{Base: app.Base, AppID: app.AppID, Secret: app.Secret, Transport: a.transport(app), Timeout: a.s.Timeout}
	if app.TokenMode == store.StableToken {
		return func(ctx context.Context, force bool) (wechat.Token, error) {
			return wechat.FetchStableToken(ctx, c, force)
		}
	}
	return func(ctx context.Context, _ bool) (wechat.Token, error) { return wechat.FetchToken(ctx, c) }
}
