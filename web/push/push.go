// Package push is the door for WeChat: its message push (消息推送), which tells of what users said to subscribe
// messages, what became of them, and penalties.
package push

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"muban/store"
	"muban/wechat/account"
)

// Push is the door. The zero value of an option has no default.
type Push struct {
	Options
	mux *http.ServeMux
}

// Options are what the door is built of.
type Options struct {
	Store    *store.Store
	Log      *slog.Logger
	Now      func() time.Time
	Accounts *account.Accounts
	// Settings are those of an app, of a sandbox in this process too; store.ErrNotFound where none are made.
	Settings func(ctx context.Context, app store.App) (store.Push, error)
}

// Prefix is what the door's addresses begin with.
const Prefix = "/push/"

// New makes the door.
func New(o Options) *Push {
	p := &Push{Options: o, mux: http.NewServeMux()}
	p.mux.HandleFunc("GET "+Prefix+"{appid}", p.answer(p.verify))
	p.mux.HandleFunc("POST "+Prefix+"{appid}", p.answer(p.receive))
	return p
}

// Patterns are the door's routes. Whoever asks has to sign.
func (p *Push) Patterns() []string {
	return []string{"GET " + Prefix + "{appid}", "POST " + Prefix + "{appid}"}
}

// Serves tells whether a request is for this door.
func (p *Push) Serves(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, Prefix) }

func (p *Push) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// CrossSite is never asked: no browser of a person comes here, and nobody without a signature.
func (p *Push) CrossSite(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "refused", http.StatusForbidden)
}

// Panicked answers a request whose handler panicked, which is logged already.
func (p *Push) Panicked(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "internal", http.StatusInternalServerError)
}

// within is how long a push may take: WeChat waits 5 seconds (消息推送, 接收消息).
const within = 4500 * time.Millisecond

// Why a push is not believed, or not taken.
var (
	errForged = errors.New("push: the signature does not fit, or is too old")
	errBody   = errors.New("push: the body cannot be read")
)

// handler answers what WeChat is told.
type handler func(ctx context.Context, r *http.Request, a *account.Account, s store.Push) (string, error)

func (p *Push) answer(handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), within)
		defer cancel()
		said, err := p.enter(ctx, r, handle)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		status := http.StatusOK
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			status, said = http.StatusRequestEntityTooLarge, "too large"
		} else if err != nil {
			status, said = p.refusal(r, err)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, said)
	}
}

// refusal is the answer to a push that nothing was made of. What was no push of WeChat's is told no more than that.
func (p *Push) refusal(r *http.Request, err error) (status int, said string) {
	switch {
	case errors.Is(err, errForged):
		return http.StatusForbidden, "refused"
	case errors.Is(err, errBody):
		return http.StatusBadRequest, "not understood"
	case errors.Is(err, store.ErrNotFound):
		return http.StatusNotFound, "not found"
	}
	p.Log.Error("a push was not taken; WeChat tries again", "path", r.URL.Path, "err", err)
	return http.StatusServiceUnavailable, "try again"
}

func (p *Push) enter(ctx context.Context, r *http.Request, handle handler) (string, error) {
	a, ok := p.Accounts.ByAppID(r.PathValue("appid"))
	if !ok {
		return "", store.ErrNotFound
	}
	s, err := p.Settings(ctx, a.App)
	if err != nil {
		return "", err
	}
	said, err := handle(ctx, r, a, s)
	switch {
	case errors.Is(err, errForged):
		p.note(ctx, s, "", store.PushForged)
	case errors.Is(err, errBody):
		p.note(ctx, s, "", store.PushUnread)
	}
	return said, err
}

// noteEvery bounds how often it is noted that something was pushed: strangers push too. The first that is refused after
// one that was taken is noted at once: it may be the first since the settings changed.
const noteEvery = time.Minute

// note keeps what was pushed last for the page of the settings.
func (p *Push) note(ctx context.Context, s store.Push, event, refused string) {
	last := s.HeardAt
	if refused != "" {
		last = s.RefusedAt
	}
	first := refused != "" && s.HeardAt.After(s.RefusedAt)
	if s.App == 0 || !first && p.Now().Sub(last) < noteEvery {
		return
	}
	if err := p.Store.NotePush(ctx, s.App, event, refused); err != nil {
		p.Log.Warn("what was pushed last was not noted", "app", s.App, "err", err)
	}
}

// verify answers the echo by which WeChat finds out, when the address is entered, that its owner knows the token. In
// the safe mode the echo is plain too (assumed).
func (p *Push) verify(ctx context.Context, r *http.Request, a *account.Account, s store.Push) (string, error) {
	q := r.URL.Query()
	if !p.fresh(q) || !fits(q.Get("signature"), s.Token, q.Get("timestamp"), q.Get("nonce")) {
		return "", errForged
	}
	echo := q.Get("echostr")
	if len(echo) > maxEcho || strings.Trim(echo, inEcho) != "" {
		return "", errBody
	}
	if a.App.Sandbox {
		return echo, nil
	}
	return echo, p.Store.PushVerified(ctx, a.App.ID)
}

// maxEcho and inEcho bound what is given back: assumed, those that were seen have up to 20 digits.
const (
	maxEcho = 128
	inEcho  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/=-_"
)

// receive takes an event. It is answered once what it tells is stored, so that WeChat repeats what was not.
func (p *Push) receive(ctx context.Context, r *http.Request, a *account.Account, s store.Push) (string, error) {
	plain, err := p.open(r, a.App.AppID, s)
	if err != nil {
		return "", err
	}
	m, err := parse(plain)
	if err != nil {
		return "", err
	}
	if m.text("MsgType") == "" && m.text("Encrypt") != "" {
		return "", errBody // the mode at WeChat is the safe one, and here it is plain: nothing would ever be heard
	}
	if err := p.take(ctx, a, m); err != nil {
		return "", err
	}
	if event := m.text("Event"); isID(event) {
		p.note(ctx, s, event, "")
	}
	return "success", nil
}
