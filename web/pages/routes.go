// Package pages is the door for people. A file is called as the address of its page,
// without /settings; routes, visit, page, respond, forms, paging and csv serve
// all of them, and a page uses these and its own family alone.
package pages

import (
	"cmp"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"muban/static"
	"muban/store"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat/account"
	"muban/wechat/alert"
	"muban/wechat/dispatch"
	"muban/wechat/sandbox"
)

// Site is the door for people: every page of the console, and what they post to it.
// A handler decodes a form, calls the domain, and draws a page; it holds no SQL.
type Site struct {
	Options
	forms     *forms
	usages    usages
	finds     sync.Map    // of *appFinds by app
	pageFinds sync.Map    // of *search.Index by sidebar
	noRestore atomic.Bool // no restore waits to be confirmed
	table     []route
	mux       *http.ServeMux
}

// Options are what the door is built of.
type Options struct {
	Store   *store.Store
	Sandbox *sandbox.Server
	Log     *slog.Logger
	Now     func() time.Time
	// PublicURL is the address that people use, "" where it is as they ask for it; Base
	// is its path, "" for none.
	PublicURL, Base string
	AllowPrivateAPI bool // an app's API base may be a private address
	Static          *static.Tree
	Texts           *text.Texts
	Sessions        *auth.Sessions
	Passwords       *auth.Passwords
	Throttle        *auth.Throttle
	Factor          *auth.SecondFactor
	Events          *auth.Events
	Keys            *auth.Keys
	Accounts        *account.Accounts
	Alarms          *account.Alarms
	Courier         *alert.Courier
	Sender          *dispatch.Deliveries
	SendWait        time.Duration // how long a page is kept back for the outcome of a send; 5 s when it is zero
}

// New makes the door.
func New(o Options) *Site {
	o.SendWait = cmp.Or(o.SendWait, sendWait)
	s := &Site{Options: o, forms: newForms(), mux: http.NewServeMux()}
	s.usages.store, s.usages.now = o.Store, o.Now
	s.table = s.routes()
	for _, rt := range s.table {
		s.mux.Handle(rt.pattern, s.guard(rt))
	}
	s.mux.Handle("/", s.guard(route{"", auth.Anyone, nowhere}))
	return s
}

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Routes are the patterns that are served, each with what it needs.
func (s *Site) Routes() iter.Seq2[string, auth.Permission] {
	return func(yield func(string, auth.Permission) bool) {
		for _, rt := range s.table {
			if !yield(rt.pattern, rt.needs) {
				return
			}
		}
	}
}

// CrossSite refuses a request that a page of another site made.
func (s *Site) CrossSite(w http.ResponseWriter, r *http.Request) {
	s.Events.Warn(auth.EventCrossSite, r)
	s.fail(w, r, nil, errCrossSite)
}

// Panicked answers a request whose handler panicked, which is logged already.
func (s *Site) Panicked(w http.ResponseWriter, r *http.Request) { s.fail(w, r, nil, errPanicked) }

// route is one address, the permission it needs, and its handler.
type route struct {
	pattern string
	needs   auth.Permission
	handle  handler
}

// routes is every route of the pages.
func (s *Site) routes() []route {
	return []route{
		{"GET /sign-in", auth.Anyone, s.signInPage},
		{"POST /sign-in", auth.Anyone, s.signIn},
		{"POST /sign-out", auth.Entering, s.signOut},
		{"GET /set-up", auth.Anyone, s.setUpPage},
		{"POST /set-up", auth.Anyone, s.setUp},
		{"POST /preferences", auth.Anyone, s.setPreferences},
		{"POST /app", auth.SignedIn, s.chooseApp},

		{"GET /{$}", auth.SignedIn, s.overview},
		{"POST /steps", auth.SignedIn, s.hideSteps},

		{"GET /find", auth.SignedIn, s.find},

		{"GET /library", auth.Browse, s.library},
		{"GET /library/export", auth.Browse, s.exportLibrary},
		{"GET /library/sync", auth.Browse, s.syncPage},
		{"POST /library/sync", auth.SyncLibrary, s.steerSync},
		{"GET /library/{title}", auth.Browse, s.builder},
		{"POST /library/{title}", auth.Browse, s.buildCombination},

		{"GET /rules", auth.Browse, s.rules},

		{"GET /drafts", auth.SeeDrafts, s.drafts},
		{"GET /drafts/new", auth.WriteDraft, s.newProposal},
		{"POST /drafts/new", auth.WriteDraft, s.addProposal},
		{"GET /drafts/{id}", auth.SeeDrafts, s.draft},
		{"GET /drafts/{id}/edit", auth.WriteDraft, s.editProposal},
		{"POST /drafts/{id}", auth.WriteDraft, s.saveProposal},
		{"POST /drafts/{id}/step", auth.WriteDraft, s.stepDraft},
		{"POST /drafts/{id}/verdict", auth.Approve, s.judgeDraft},
		{"POST /drafts/{id}/answer", auth.Approve, s.recordAnswer},
		{"POST /drafts/{id}/comments", auth.SeeDrafts, s.commentDraft},
		{"GET /drafts/{id}/sheet", auth.SeeDrafts, s.draftSheet},

		{"GET /templates", auth.Browse, s.templates},
		{"GET /templates/{id}", auth.Browse, s.ofTemplate(s.template)},
		{"POST /templates/{id}/preview", auth.Browse, s.ofTemplate(s.previewMessage)},
		{"POST /templates/{id}/send", auth.SendSelf, s.ofTemplate(s.testSend)},
		{"GET /templates/{id}/delete", auth.Delete, s.ofTemplate(s.deletePage)},
		{"POST /templates/{id}/delete", auth.Delete, s.ofTemplate(s.deleteTemplate)},

		{"POST /templates/{id}/examples", auth.SaveExample, s.ofTemplate(s.saveExample)},
		{"POST /templates/{id}/examples/{example}/send", auth.SendSelf, s.ofTemplate(s.sendExample)},
		{"POST /templates/{id}/examples/{example}/delete", auth.SaveExample, s.ofTemplate(s.deleteExample)},

		{"POST /templates/adopt", auth.Add, s.adopt},
		{"POST /templates/{id}/alias", auth.Add, s.ofTemplate(s.nameTemplate)},
		{"POST /templates/{id}/restore", auth.Add, s.ofTemplate(s.restoreTemplate)},
		{"GET /templates/{id}/code", auth.Browse, s.ofTemplate(s.templateCode)},
		{"GET /templates/{id}/code/file", auth.Browse, s.ofTemplate(s.templateCodeFile)},
		{"GET /templates/{id}/story", auth.Browse, s.ofTemplate(s.templateStory)},
		{"GET /templates/export", auth.Browse, s.exportTemplates},
		{"GET /templates/ask", auth.Browse, s.ask},
		{"GET /templates/{id}/successor", auth.Browse, s.successors},
		{"POST /templates/{id}/successor", auth.Add, s.carrySuccessor},
		{"GET /templates/compare", auth.Browse, s.compare},
		{"GET /templates/copy", auth.WriteDraft, s.copyPage},
		{"POST /templates/copy", auth.WriteDraft, s.copyTemplate},
		{"GET /templates/import", auth.WriteDraft, s.importPage},
		{"POST /templates/import", auth.WriteDraft, s.importCombinations},
		{"GET /templates/import/sample", auth.WriteDraft, s.importSample},

		{"GET /sends", auth.SeeSends, s.sends},
		{"GET /sends.csv", auth.SeeSends, s.sendsCSV},
		{"GET /sends/{id}", auth.SeeSends, s.send},
		{"GET /sends/rids/{rid}", auth.SeeSends, s.rid},
		{"POST /sends/{id}/decide", auth.SendSelf, s.decideSend},

		{"GET /rights", auth.SeeRights, s.rights},
		{"GET /rights.csv", auth.SeeRights, s.rightsCSV},
		{"POST /rights/consents", auth.SendAny, s.noteConsent},
		{"POST /rights/kept", auth.ManageApps, s.keepRightsFor},
		{"GET /rights/leaving.csv", auth.SeeRights, s.leavingCSV},
		{"GET /rights/reporting", auth.SeeRights, s.reporting},

		{"GET /sandbox", auth.UseSandbox, s.sandboxPage},
		{"POST /sandbox/right", auth.UseSandbox, s.sandboxRight},
		{"POST /sandbox/consent", auth.UseSandbox, s.sandboxConsent},
		{"POST /sandbox/clock", auth.UseSandbox, s.sandboxClock},
		{"POST /sandbox/fault", auth.UseSandbox, s.sandboxFault},
		{"POST /sandbox/faults/clear", auth.UseSandbox, s.sandboxClearFaults},
		{"POST /sandbox/reset", auth.Delete, s.sandboxReset},

		{"POST /settings/desk", auth.ManageApps, s.setDesk},
		{"POST /settings/restore", auth.ManageApps, s.confirmRestore},
		{"GET /settings/apps", auth.ManageApps, s.apps},
		{"POST /settings/apps", auth.ManageApps, s.addApp},
		{"GET /settings/apps/{id}", auth.ManageApps, s.editApp},
		{"POST /settings/apps/{id}", auth.ManageApps, s.saveApp},
		{"GET /settings/apps/{id}/secret", auth.ManageApps, s.secretPage},
		{"POST /settings/apps/{id}/secret", auth.ManageApps, s.rotateSecret},
		{"GET /settings/apps/{id}/archive", auth.ManageApps, s.archivePage},
		{"POST /settings/apps/{id}/archive", auth.ManageApps, s.archiveApp},
		{"POST /settings/apps/{id}/restore", auth.ManageApps, s.restoreApp},

		{"GET /activity", auth.SeeLog, s.activity},
		{"GET /activity/export", auth.SeeLog, s.exportActivity},
		{"GET /compliance", auth.Penalties, s.compliance},
		{"POST /compliance", auth.Penalties, s.recordViolation},
		{"POST /compliance/{id}", auth.Penalties, s.noteViolation},
		{"GET /settings/testers", auth.Testers, s.testers},
		{"POST /settings/testers", auth.Testers, s.addTester},
		{"POST /settings/testers/{id}/remove", auth.Testers, s.removeTester},
		{"POST /settings/openids/{id}", auth.Testers, s.bindPerson},
		{"GET /settings/me", auth.SignedIn, s.me},
		{"POST /settings/me/code", auth.SignedIn, s.makeBindingCode},
		{"GET /token", auth.SeeTokens, s.tokens},
		{"POST /token/refresh", auth.SeeTokens, s.forceToken},
		{"GET /settings/alerts", auth.ManageApps, s.alertsPage},
		{"POST /settings/alerts", auth.ManageApps, s.addChannel},
		{"POST /settings/alerts/{id}", auth.ManageApps, s.saveChannel},
		{"POST /settings/alerts/{id}/test", auth.ManageApps, s.testChannel},
		{"GET /settings/keys", auth.ManageKeys, s.keysPage},
		{"POST /settings/keys", auth.ManageKeys, s.addKey},
		{"GET /settings/keys/{id}", auth.ManageKeys, s.keyPage},
		{"POST /settings/keys/{id}/rotate", auth.ManageKeys, s.rotateKey},
		{"POST /settings/keys/{id}/revoke", auth.ManageKeys, s.revokeKey},
		{"POST /settings/keys/{id}/confirm", auth.ManageKeys, s.confirmKey},

		{"GET /sign-in/code", auth.Anyone, s.codePage},
		{"POST /sign-in/code", auth.Anyone, s.checkCode},
		{"GET /join", auth.Anyone, s.joinPage},
		{"POST /join", auth.Anyone, s.join},
		{"GET /reset", auth.Anyone, s.newPasswordPage},
		{"POST /reset", auth.Anyone, s.newPassword},
		{"GET /settings/people", auth.People, s.people},
		{"POST /settings/people", auth.People, s.invite},
		{"POST /settings/people/factor", auth.People, s.requireFactor},
		{"POST /settings/invitations/{id}/withdraw", auth.People, s.withdrawInvitation},
		{"GET /settings/people/{id}", auth.People, s.person},
		{"POST /settings/people/{id}", auth.People, s.saveRoles},
		{"POST /settings/people/{id}/state", auth.People, s.disablePerson},
		{"POST /settings/people/{id}/password", auth.People, s.resetPassword},
		{"POST /settings/people/{id}/factor", auth.People, s.resetFactor},
		{"POST /settings/people/{id}/sessions", auth.People, s.endSessions},
		{"GET /settings/permissions", auth.People, s.permissionsPage},
		{"POST /settings/me/password", auth.SignedIn, s.changePassword},
		{"POST /settings/me/sessions", auth.SignedIn, s.endOwnSessions},
		{"GET /settings/me/factor", auth.Entering, s.factorPage},
		{"POST /settings/me/factor", auth.Entering, s.startFactor},
		{"POST /settings/me/factor/confirm", auth.Entering, s.confirmFactor},
		{"POST /settings/me/factor/recovery", auth.SignedIn, s.renewRecovery},
		{"POST /settings/me/factor/off", auth.SignedIn, s.endFactor},
	}
}

// handler answers a visit. What it answers as an error becomes a page.
type handler func(w http.ResponseWriter, r *http.Request, v *visit) error

// guard is the one adapter between handlers and HTTP: it finds the visitor,
// refuses what their role may not do, and makes a page of an error.
func (s *Site) guard(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := s.visitor(r)
		if err == nil {
			err = v.admit(rt.needs)
		}
		switch err {
		case errSignInFirst:
			s.signInFirst(w, r, v)
			return
		case errSetUpFirst:
			v.sendTo(w, r, "/settings/me/factor")
			return
		}
		if err == nil {
			if rt.needs == auth.Anyone {
				auth.FromStranger(w, r)
			}
			err = rt.handle(w, r, v)
		}
		if err != nil {
			s.fail(w, r, v, err)
		}
	})
}

// What has to be done before a page is shown.
var (
	errSignInFirst = errors.New("pages: not signed in")
	errSetUpFirst  = errors.New("pages: the role needs a second factor")
)

// admit tells what keeps the visitor from what needs the permission; nil for nothing.
func (v *visit) admit(needs auth.Permission) error {
	switch {
	case needs == auth.Anyone:
		return nil
	case v.person == nil:
		return errSignInFirst
	case needs == auth.Entering:
		return nil
	case v.mustSetUp:
		return errSetUpFirst
	case v.account == nil:
		return errNoApp
	case !v.may(needs):
		return errForbidden
	}
	return nil
}

// sendTo leads to the page where that is done, and back. A fragment of a live check
// has no use for a page, so it gets the bare status.
func (v *visit) sendTo(w http.ResponseWriter, r *http.Request, target string) {
	if fragment(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	// here is the page itself, or the one that a post came from: its address
	// holds what was being built.
	if back := here(r, v.base); back != "/" {
		target += "?next=" + url.QueryEscape(ui.In(auth.NamedApp(r), back))
	}
	http.Redirect(w, r, v.below().At(target), http.StatusSeeOther)
}

func nowhere(_ http.ResponseWriter, r *http.Request, _ *visit) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return errNotAllowed
	}
	return errNotFound
}
