package account

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/library"
	"muban/wechat/token"
)

// App is one mini program. ID is ours, AppID is WeChat's.
type App struct {
	ID                   int64
	AppID, Name, Base    string
	Secret               wechat.Secret // the AppSecret; sealed in the database
	Sandbox              bool
	TokenMode            TokenMode
	Color                string // one of Colors, or "" for none
	CreatedAt, UpdatedAt time.Time
	ArchivedAt           time.Time // zero: at work
}

// Colors tell apps apart in the switcher and in lists. The names are the style sheet's; each has a
// contrast of 3:1 at least to both themes' backgrounds.
func Colors() []string { return []string{"blue", "teal", "purple", "pink", "red", "orange"} }

// TokenMode is the call that an app's access token comes from; "" is PlainToken.
type TokenMode string

// The modes. The two tokens are isolated: fetching one leaves the other alone.
const (
	PlainToken  TokenMode = "token"        // cgi-bin/token: every fetch ends the last token, another program's too
	StableToken TokenMode = "stable_token" // cgi-bin/stable_token: who asks gets the same one, in other programs too
)

// Account is one app at work with one kind of message: its client, the keeper of its token, its library.
type Account struct {
	App     App
	Kind    kind.Kind
	Client  *wechat.Client
	Keeper  *token.Keeper
	Library *library.Direct // asks WeChat directly
	Mirror  *library.Mirror // the whole of it, once it was synced

	kinds    []*Account // the app's accounts of all kinds, this one among them
	store    Store
	now      func() time.Time
	findings findings
	listed   atomic.Pointer[List]
	listKept *List // of KeepLists alone: the one of listed that the store has

	// stop ends the keeper's refreshing and the mirror's syncs; nil before Start.
	stop context.CancelFunc
}

// open makes an account of an app.
func (o *Options) open(app App) (*Account, error) {
	var client *wechat.Client
	keeper := token.New(app.AppID, o.fetch(app), o.Store, token.Options{
		Now: o.Now, Log: o.Log, Shared: o.Store, Process: ProcessName(), OnRefresh: o.OnFetch,
		Probe: func(ctx context.Context) error {
			_, err := client.ListTemplates(ctx, 0, 1)
			return err
		},
	})
	var err error
	client, err = wechat.NewClient(wechat.Config{
		Base: app.Base, Tokens: keeper, Transport: o.observed(app), Timeout: o.Timeout,
	})
	if err != nil {
		return nil, err
	}
	var kinds []*Account
	pace := library.NewPace(o.pause(app))
	for _, k := range kind.All() {
		titles := k.Library(client)
		kinds = append(kinds, &Account{
			App: app, Kind: k, Client: client, Keeper: keeper, store: o.Store, now: o.Now,
			Library: library.NewDirect(titles, o.Now, pace),
			Mirror: library.NewMirror(app.ID, titles, o.Store, library.Options{
				Kind: k.Name(), Page: k.Limits().Page, Now: o.Now, Pace: pace, Log: o.Log,
				Unasked: app.Sandbox, // a real WeChat is not asked 1,000 times by itself
			}),
		})
	}
	for _, a := range kinds {
		a.kinds = kinds
	}
	return kinds[0], nil
}

// Kinds are the app's accounts of all kinds of message.
func (a *Account) Kinds() []*Account { return a.kinds }

// Of is the app's account of another kind of message.
func (a *Account) Of(k kind.Kind) *Account {
	return a.kinds[slices.IndexFunc(a.kinds, func(b *Account) bool { return b.Kind == k })]
}

// ask asks WeChat for the list of templates once. Each template knows its kind from then on.
func (a *Account) ask(ctx context.Context) ([]wechat.Template, error) {
	all, err := a.Kind.List(ctx, a.Client)
	return a.ofKind(all), err
}

func (a *Account) ofKind(all []wechat.Template) []wechat.Template {
	for i := range all {
		all[i].Kind = a.Kind.Name()
	}
	return all
}

// DefaultKind is the kind that pages show where none is named: what live mini programs send, and in the sandbox and on
// hosts beside WeChat's own the template messages that those speak.
func (a App) DefaultKind() kind.Kind {
	if !a.Sandbox && strings.TrimSuffix(a.Base, "/") == wechat.DefaultBase {
		return kind.Subscribe
	}
	return kind.Template
}

// observed is the transport of an app's calls but its token's: that one's keep-alives have to be
// turned off, and the keeper measures itself.
func (o *Options) observed(app App) http.RoundTripper {
	next := o.transport(app)
	if o.Observe == nil {
		return next
	}
	if next == nil {
		next = wechat.DefaultTransport()
	}
	return o.Observe(app, next)
}

func (o *Options) transport(app App) http.RoundTripper {
	if o.Transport == nil {
		return nil
	}
	return o.Transport(app)
}

// pause is how long a sync waits between two questions: WeChat is asked politely, the simulation in
// this process has nobody to disturb.
func (o *Options) pause(app App) time.Duration {
	if o.LibraryPause == 0 && app.Sandbox {
		return 2 * time.Millisecond
	}
	return o.LibraryPause
}

func (o *Options) fetch(app App) token.Ask {
	c := wechat.Credentials{
		Base: app.Base, AppID: app.AppID, Secret: app.Secret, Transport: o.transport(app), Timeout: o.Timeout,
	}
	if app.TokenMode == StableToken {
		return func(ctx context.Context, force bool) (wechat.Token, error) {
			return wechat.FetchStableToken(ctx, c, force)
		}
	}
	return func(ctx context.Context, _ bool) (wechat.Token, error) { return wechat.FetchToken(ctx, c) }
}

// ErrNoTitle is a title_id that WeChat does not know.
var ErrNoTitle = errors.New("account: no such title in the library")

// Title is a title of the library; ErrNoTitle where WeChat has none with this id. Where WeChat gives no
// usable answer the mirror's title serves, and unread says why.
func (a *Account) Title(ctx context.Context, id string) (title wechat.Title, unread, err error) {
	title, err = a.Library.Get(ctx, id)
	if errors.Is(err, wechat.ErrArgs) {
		return title, nil, ErrNoTitle
	}
	known, mirrored := a.Mirror.Title(id)
	switch {
	case mirrored && wechat.IsFailure(err):
		return known, err, nil
	case err != nil || title.Text != "":
		return title, nil, err
	case mirrored: // WeChat answered the keywords alone
		known.Keywords = title.Keywords
		return known, nil, nil
	}
	return a.fromList(ctx, title)
}

// fromList looks up in the whole list what WeChat does not tell of one title: its text, type and categories.
func (a *Account) fromList(ctx context.Context, title wechat.Title) (_ wechat.Title, unread, err error) {
	all, err := a.Library.All(ctx)
	if err != nil {
		return title, nil, err
	}
	at := slices.IndexFunc(all, func(t wechat.Title) bool { return t.ID == title.ID })
	if at < 0 {
		return title, nil, ErrNoTitle
	}
	all[at].Keywords = title.Keywords
	return all[at], nil, nil
}

// MirrorState is how the mirror stands now, also where another process is at it.
// Once it says that a sync has ended, searches find the titles of that sync.
func (a *Account) MirrorState(ctx context.Context) (library.State, error) {
	if err := a.Mirror.Load(ctx); err != nil {
		return library.State{}, err
	}
	state := a.Mirror.State()
	if state.Running() {
		return state, nil
	}
	return state, a.Mirror.Load(ctx)
}
