package pages

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"muban/static"
	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/dispatch"
	"muban/wechat/kind"

	"github.com/a-h/templ"
)

// render draws the whole page before a byte of it is sent, so that a page that
// fails half way is never seen.
func (s *Site) render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := page.Render(r.Context(), b); err != nil {
		return err
	}
	if encoding := packedFor(r); encoding != "" {
		packed := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(packed)
		packed.Reset()
		static.Pack(packed, encoding, b.Bytes())
		w.Header().Set("Content-Encoding", encoding)
		b = packed
	}
	s.write(w, status, b.Bytes())
	return nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// packedFor is the coding that a page is sent in, "" for none. On the same machine nothing is gained by it. Another
// site's link gets none, so that nobody finds out by the lengths what a page says beside words of theirs (BREACH).
func packedFor(r *http.Request) string {
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	if err == nil && client.Addr().IsLoopback() || r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return ""
	}
	return static.Encoding(r.Header.Get("Accept-Encoding"))
}

func (s *Site) write(w http.ResponseWriter, status int, page []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	w.Header().Set("Vary", "Accept-Encoding")
	w.WriteHeader(status)
	if _, err := w.Write(page); err != nil {
		s.Log.Debug("the page was not read to its end", "err", err)
	}
}

// seeOther redirects after a post, with done naming the message to show.
func (v *visit) seeOther(w http.ResponseWriter, r *http.Request, path, done string) error {
	if done != "" {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		path += sep + "done=" + done
	}
	http.Redirect(w, r, v.below().At(path), http.StatusSeeOther)
	return nil
}

// fragment tells whether the page's script asks for parts, not for a page.
func fragment(r *http.Request) bool { return r.Header.Get("X-Fragment") != "" }

// local makes sure that a place to return to is on this site.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return "/"
	}
	return next
}

// What a handler answers when it cannot make its page; fail draws them.
var (
	errNotFound   = errors.New("pages: not found")
	errForbidden  = errors.New("pages: forbidden")
	errCrossSite  = errors.New("pages: cross-site request")
	errBadRequest = errors.New("pages: bad request")
	errNotAllowed = errors.New("pages: method not allowed")
	errPanicked   = errors.New("pages: panic")
	errNoApp      = errors.New("pages: no app is there for this person")
	errOtherApp   = fmt.Errorf("%w: the address names an app that is not there for this person", errNotFound)
)

var errNoMirror = errors.New("pages: the library is not mirrored yet")

// failures say which page and status an error becomes; the first match wins.
var failures = []struct {
	err    error
	id     string
	status int
}{
	{errOtherApp, "other_app", http.StatusNotFound},
	{errNotFound, "not_found", http.StatusNotFound},
	{account.ErrNoTitle, "not_found", http.StatusNotFound},
	{store.ErrNotFound, "not_found", http.StatusNotFound},
	{account.ErrNoTemplate, "template_gone", http.StatusNotFound},
	{errForbidden, "forbidden", http.StatusForbidden},
	{errNoApp, "no_app", http.StatusForbidden},
	{errCrossSite, "cross_site", http.StatusForbidden},
	{errBadRequest, "bad_request", http.StatusBadRequest},
	{errNotAllowed, "not_allowed", http.StatusMethodNotAllowed},
	{errNoMirror, "no_mirror", http.StatusConflict},
	{store.ErrKeyReused, "form_reused", http.StatusConflict},
}

// retryStorage is when it is worth asking again after trouble of the storage, in seconds.
const retryStorage = "10"

// fail makes a page of err, after buffering, with the status that fits.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	if v == nil {
		v = s.stranger(r)
	}
	id := w.Header().Get("X-Request-Id")
	if errors.Is(err, errForbidden) && v.person != nil {
		s.Events.Warn(auth.EventRefused, r, "person", v.person.ID, "role", v.role, "request", id)
	}
	p := s.page(r, v)
	f, status := views.Failure{ID: "internal", RequestID: id}, http.StatusInternalServerError
	for _, known := range failures {
		if errors.Is(err, known.err) {
			f, status = views.Failure{ID: known.id}, known.status
			break
		}
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok && tooLarge != nil {
		f, status = views.Failure{ID: "too_large"}, http.StatusRequestEntityTooLarge
	}
	if ban, ok := errors.AsType[*account.BannedError](err); ok {
		f, status = views.Failure{ID: "banned"}, http.StatusConflict
		p.Ban = &ban.Violation
	}
	if wechat.IsFailure(err) {
		f, status = views.Failure{ID: "wechat", Outcome: failedRead(err)}, http.StatusBadGateway
		s.Log.Info("WeChat gave no usable answer", "request", id, "path", r.URL.Path, "err", err)
	}
	if store.Unavailable(err) {
		f, status = views.Failure{ID: "storage"}, http.StatusServiceUnavailable
		w.Header().Set("Retry-After", retryStorage)
		s.Log.Error("the storage does not take or give what it should", "request", id, "path", r.URL.Path, "err", err)
	}
	if r.Method == http.MethodGet && status >= http.StatusInternalServerError {
		f.Retry = r.URL.RequestURI()
	}
	if f.ID == "internal" && !errors.Is(err, errPanicked) {
		s.Log.Error("request failed", "request", id, "path", r.URL.Path, "err", err)
	}
	if err := s.render(w, r, status, views.ErrorPage(p, f)); err != nil {
		http.Error(w, http.StatusText(status), status)
	}
}

// outcomeOf describes a failed call for a page; refused names the kind where
// the call certainly had no effect.
func outcomeOf(err error, refused string) *ui.Outcome {
	kind, code, msg, reason := dispatch.Judge(err)
	if kind == dispatch.Refused {
		kind = refused
	}
	o := &ui.Outcome{Kind: kind, Code: code, Msg: msg, Reason: reason}
	if said, ok := errors.AsType[*wechat.Error](err); ok {
		o.Template = said.TemplateID
	}
	return o
}

// changeOutcome describes an addition or a deletion that failed or is not known yet, and says which status its page has.
func (s *Site) changeOutcome(r *http.Request, err error) (*ui.Outcome, int) {
	if errors.Is(err, kind.ErrUnderWay) {
		return outcomeOf(err, "failed"), http.StatusConflict
	}
	if !wechat.IsFailure(err) {
		s.Log.Error("a template was not added or deleted", "path", r.URL.Path, "err", err)
	}
	return outcomeOf(err, "failed"), http.StatusBadGateway
}

// failedRead describes a failed call that only asked: whatever came of it, nothing
// was changed.
func failedRead(err error) *ui.Outcome {
	o := outcomeOf(err, "failed")
	o.Kind = "failed"
	return o
}

// proceed signs in the person who proved the first factor, or asks for the second.
func (s *Site) proceed(w http.ResponseWriter, r *http.Request, v *visit, person store.Person, next, kept string) error {
	factor, err := s.Store.SecondFactor(r.Context(), person.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if factor.ConfirmedAt.IsZero() {
		return s.enterAs(w, r, v, person, next, kept, "")
	}
	s.Factor.AskFor(w, person)
	if kept != "" {
		return s.render(w, r, http.StatusOK, views.SignInCode(s.page(r, v), views.CodeForm{Next: next, Kept: kept}, nil))
	}
	return v.seeOther(w, r, withNext("/sign-in/code", next), "")
}

// enterAs forgets the failures on the way in, begins the session, and leads on: to the
// form that was kept, where one was.
func (s *Site) enterAs(w http.ResponseWriter, r *http.Request, v *visit, person store.Person,
	next, kept, done string) error {
	if err := s.Throttle.Forgive(r, person.Name); err != nil {
		return err
	}
	if err := s.Sessions.Begin(w, r, person); err != nil {
		return err
	}
	if k, ok := unpack(kept, person); ok {
		return s.render(w, r, http.StatusOK, views.Resume(s.page(r, v), k, local(next)))
	}
	return v.seeOther(w, r, local(next), done)
}

// refusal is how a guess that failed, or came too often, is answered; "" for one
// that did neither. wrong is what is said of the first.
func refusal(w http.ResponseWriter, t *text.Text, wait time.Duration, err error, wrong string) (status int,
	problem string) {
	switch {
	case wait > 0:
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		if wait < time.Minute {
			return http.StatusTooManyRequests, t.T("signin.busy", "Count", int(wait.Seconds()))
		}
		return http.StatusTooManyRequests, t.T("signin.throttled", "Count", int(wait.Minutes()))
	case errors.Is(err, auth.ErrWrong):
		return http.StatusUnprocessableEntity, wrong
	}
	return 0, ""
}

// ownPassword tells what is wrong with the password that the visitor typed again, "" for nothing.
func (s *Site) ownPassword(w http.ResponseWriter, r *http.Request, v *visit, typed string) (status int,
	problem string, err error) {
	t := s.Texts.In(v.lang)
	_, wait, err := s.Throttle.CheckPassword(r, v.person.Name, typed)
	if status, problem = refusal(w, t, wait, err, t.T("me.current_wrong")); problem != "" {
		return status, problem, nil
	}
	return 0, "", err
}

// passwordAgain is ownPassword for a form whose field is called current: a session that was left open or stolen is not
// enough for what keeps others out.
func (s *Site) passwordAgain(w http.ResponseWriter, r *http.Request, v *visit) (status int, problem string, err error) {
	form := views.OwnPasswordForm{}
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return 0, "", err
	}
	if problem = problems["current"]; problem != "" {
		return http.StatusUnprocessableEntity, problem, nil
	}
	return s.ownPassword(w, r, v, form.Current)
}

// below is what goes before the addresses of the visit's pages: the mini program too,
// for somebody who has several.
func (v *visit) below() ui.Below {
	b := ui.Below{Base: v.base}
	if v.account != nil && len(v.apps) > 1 {
		b.App = ui.In(v.account.App.AppID, "")
	}
	return b
}

// SplitApp is the AppID that an address begins with, "" for none, and what follows.
func SplitApp(address string) (appID, rest string) {
	name, ok := strings.CutPrefix(address, "/@")
	if !ok {
		return "", address
	}
	if end := strings.IndexAny(name, "/?"); end >= 0 {
		return name[:end], name[end:]
	}
	return name, ""
}

// publicBase is the address that people and servers use, without a slash at its
// end: as it was configured, or as this request has it.
func (s *Site) publicBase(r *http.Request) string {
	switch {
	case s.PublicURL != "":
		return strings.TrimRight(s.PublicURL, "/")
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// linkLife is how long an invitation, or a link for a new password, works.
const linkLife = 72 * time.Hour

func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// newLink is an address on this console that works once, and what is kept of it.
func (s *Site) newLink(r *http.Request, path string) (link string, hash [32]byte) {
	token := rand.Text()
	return s.publicBase(r) + path + "?token=" + url.QueryEscape(token), [32]byte(digest(token))
}

func digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
