package web

import (
	"cmp"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"muban/static"
	"muban/store"
	"muban/views/text"
	"muban/wechat/account"
	"muban/wechat/alert"
	"muban/wechat/dispatch"
	"muban/wechat/sandbox"
)

// Site is the door for people: every page of the console, and what they post to it.
// A handler decodes a form, calls the domain, and draws a page; it holds no SQL.
type Site struct {
	SiteOptions
	forms  *forms
	usages usages
	table  []route
	mux    *http.ServeMux
}

// SiteOptions are what the door is built of.
type SiteOptions struct {
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
	Sessions        *Sessions
	Passwords       *Passwords
	Throttle        *Throttle
	Factor          *SecondFactor
	Keys            *Keys
	Accounts        *account.Accounts
	Alarms          *account.Alarms
	Courier         *alert.Courier
	Sender          *dispatch.Deliveries
	SendWait        time.Duration // how long a page is kept back for the outcome of a send; 5 s when it is zero
}

// NewSite makes the door.
func NewSite(o SiteOptions) *Site {
	o.SendWait = cmp.Or(o.SendWait, sendWait)
	s := &Site{SiteOptions: o, forms: newForms(), mux: http.NewServeMux()}
	s.usages.store, s.usages.now = o.Store, o.Now
	s.table = s.routes()
	for _, rt := range s.table {
		s.mux.Handle(rt.pattern, s.guard(rt))
	}
	s.mux.Handle("/", s.guard(route{"", Anyone, s.nowhere}))
	return s
}

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Routes are the patterns that are served, each with what it needs.
func (s *Site) Routes() iter.Seq2[string, Permission] {
	return func(yield func(string, Permission) bool) {
		for _, rt := range s.table {
			if !yield(rt.pattern, rt.needs) {
				return
			}
		}
	}
}

// CrossSite refuses a request that a page of another site made.
func (s *Site) CrossSite(w http.ResponseWriter, r *http.Request) { s.fail(w, r, nil, errCrossSite) }

// Panicked answers a request whose handler panicked, which is logged already.
func (s *Site) Panicked(w http.ResponseWriter, r *http.Request) { s.fail(w, r, nil, errPanicked) }

// route is one address, the permission it needs, and its handler.
type route struct {
	pattern string
	needs   Permission
	handle  func(w http.ResponseWriter, r *http.Request, v *visit) error
}

// routes is every route of the pages.
func (s *Site) routes() []route {
	return []route{
		{"GET /sign-in", Anyone, s.signInPage},
		{"POST /sign-in", Anyone, s.signIn},
		{"POST /sign-out", Entering, s.signOut},
		{"GET /set-up", Anyone, s.setUpPage},
		{"POST /set-up", Anyone, s.setUp},
		{"POST /preferences", Anyone, s.setPreferences},
		{"POST /app", SignedIn, s.chooseApp},

		{"GET /{$}", SignedIn, s.overview},

		{"GET /find", SignedIn, s.find},

		{"GET /library", Browse, s.library},
		{"GET /library/export", Browse, s.exportLibrary},
		{"GET /library/sync", Browse, s.syncPage},
		{"POST /library/sync", SyncLibrary, s.steerSync},
		{"GET /library/{title}", Browse, s.builder},
		{"POST /library/{title}", Browse, s.buildCombination},

		{"GET /drafts", SeeDrafts, s.drafts},
		{"GET /drafts/new", WriteDraft, s.newProposal},
		{"POST /drafts/new", WriteDraft, s.addProposal},
		{"GET /drafts/{id}", SeeDrafts, s.draft},
		{"POST /drafts/{id}", WriteDraft, s.saveProposal},
		{"POST /drafts/{id}/step", WriteDraft, s.stepDraft},
		{"POST /drafts/{id}/verdict", Approve, s.judgeDraft},
		{"POST /drafts/{id}/comments", SeeDrafts, s.commentDraft},
		{"GET /drafts/{id}/sheet", SeeDrafts, s.draftSheet},

		{"GET /templates", Browse, s.templates},
		{"GET /templates/{id}", Browse, s.template},
		{"POST /templates/{id}/preview", Browse, s.previewMessage},
		{"POST /templates/{id}/right", UseSandbox, s.makeRight},
		{"POST /templates/{id}/send", SendSelf, s.testSend},
		{"GET /templates/{id}/delete", Delete, s.deletePage},
		{"POST /templates/{id}/delete", Delete, s.deleteTemplate},

		{"POST /templates/{id}/examples", SaveExample, s.saveExample},
		{"POST /templates/{id}/examples/{example}/send", SendSelf, s.sendExample},
		{"POST /templates/{id}/examples/{example}/delete", SaveExample, s.deleteExample},

		{"POST /templates/adopt", Add, s.adopt},
		{"POST /templates/{id}/alias", Add, s.nameTemplate},
		{"POST /templates/{id}/restore", Add, s.restoreTemplate},
		{"GET /templates/{id}/use", Browse, s.useTemplate},
		{"GET /templates/export", Browse, s.exportTemplates},
		{"GET /templates/compare", Browse, s.compare},
		{"GET /templates/copy", WriteDraft, s.copyPage},
		{"POST /templates/copy", WriteDraft, s.copyTemplate},
		{"GET /templates/import", WriteDraft, s.importPage},
		{"POST /templates/import", WriteDraft, s.importCombinations},
		{"GET /templates/import/sample", WriteDraft, s.importSample},

		{"GET /sends", SeeSends, s.sends},
		{"GET /sends.csv", SeeSends, s.sendsCSV},
		{"GET /sends/{id}", SeeSends, s.send},
		{"POST /sends/{id}/decide", SendSelf, s.decideSend},

		{"GET /rights", SeeRights, s.rights},
		{"GET /rights.csv", SeeRights, s.rightsCSV},
		{"POST /rights/kept", ManageApps, s.keepRightsFor},
		{"GET /rights/leaving.csv", SeeRights, s.leavingCSV},
		{"GET /rights/reporting", SeeRights, s.reporting},

		{"GET /sandbox", UseSandbox, s.sandboxPage},
		{"POST /sandbox/right", UseSandbox, s.sandboxRight},
		{"POST /sandbox/clock", UseSandbox, s.sandboxClock},
		{"POST /sandbox/fault", UseSandbox, s.sandboxFault},
		{"POST /sandbox/faults/clear", UseSandbox, s.sandboxClearFaults},
		{"POST /sandbox/reset", UseSandbox, s.sandboxReset},

		{"POST /settings/desk", ManageApps, s.setDesk},
		{"GET /settings/apps", ManageApps, s.apps},
		{"POST /settings/apps", ManageApps, s.addApp},
		{"GET /settings/apps/{id}", ManageApps, s.editApp},
		{"POST /settings/apps/{id}", ManageApps, s.saveApp},
		{"GET /settings/apps/{id}/secret", ManageApps, s.secretPage},
		{"POST /settings/apps/{id}/secret", ManageApps, s.rotateSecret},
		{"GET /settings/apps/{id}/archive", ManageApps, s.archivePage},
		{"POST /settings/apps/{id}/archive", ManageApps, s.archiveApp},
		{"POST /settings/apps/{id}/restore", ManageApps, s.restoreApp},

		{"GET /activity", SeeLog, s.activity},
		{"GET /activity/export", SeeLog, s.exportActivity},
		{"GET /compliance", Penalties, s.compliance},
		{"POST /compliance", Penalties, s.recordViolation},
		{"POST /compliance/{id}", Penalties, s.noteViolation},
		{"GET /settings/testers", Testers, s.testers},
		{"POST /settings/testers", Testers, s.addTester},
		{"POST /settings/testers/{id}/remove", Testers, s.removeTester},
		{"POST /settings/openids/{id}", Testers, s.bindPerson},
		{"GET /settings/me", SignedIn, s.me},
		{"POST /settings/me/code", SignedIn, s.makeBindingCode},
		{"GET /token", SeeTokens, s.tokens},
		{"POST /token/refresh", SeeTokens, s.forceToken},
		{"GET /settings/alerts", ManageApps, s.alertsPage},
		{"POST /settings/alerts", ManageApps, s.saveHook},
		{"POST /settings/alerts/test", ManageApps, s.testHook},
		{"GET /settings/keys", ManageKeys, s.keysPage},
		{"POST /settings/keys", ManageKeys, s.addKey},
		{"GET /settings/keys/{id}", ManageKeys, s.keyPage},
		{"POST /settings/keys/{id}/rotate", ManageKeys, s.rotateKey},
		{"POST /settings/keys/{id}/revoke", ManageKeys, s.revokeKey},

		{"GET /sign-in/code", Anyone, s.codePage},
		{"POST /sign-in/code", Anyone, s.checkCode},
		{"GET /join", Anyone, s.joinPage},
		{"POST /join", Anyone, s.join},
		{"GET /reset", Anyone, s.newPasswordPage},
		{"POST /reset", Anyone, s.newPassword},
		{"GET /settings/people", People, s.people},
		{"POST /settings/people", People, s.invite},
		{"POST /settings/people/factor", People, s.requireFactor},
		{"POST /settings/invitations/{id}/withdraw", People, s.withdrawInvitation},
		{"GET /settings/people/{id}", People, s.person},
		{"POST /settings/people/{id}", People, s.saveRoles},
		{"POST /settings/people/{id}/state", People, s.disablePerson},
		{"POST /settings/people/{id}/password", People, s.resetPassword},
		{"POST /settings/people/{id}/factor", People, s.resetFactor},
		{"POST /settings/people/{id}/sessions", People, s.endSessions},
		{"GET /settings/permissions", People, s.permissionsPage},
		{"POST /settings/me/password", SignedIn, s.changePassword},
		{"POST /settings/me/sessions", SignedIn, s.endOwnSessions},
		{"GET /settings/me/factor", Entering, s.factorPage},
		{"POST /settings/me/factor", Entering, s.startFactor},
		{"POST /settings/me/factor/confirm", Entering, s.confirmFactor},
		{"POST /settings/me/factor/recovery", SignedIn, s.renewRecovery},
		{"POST /settings/me/factor/off", SignedIn, s.endFactor},
	}
}
