package auth

import (
	"slices"
	"strings"

	"muban/store"
)

// Permission is what a route needs. Every route names one.
type Permission string

const (
	Anyone     Permission = "anyone"     // no sign-in: the sign-in itself, the static files, health
	Entering   Permission = "entering"   // any role, and before a second factor that the role needs is set up
	SignedIn   Permission = "signed_in"  // any role
	Browse     Permission = "browse"     // library, account templates, preview
	SeeDrafts  Permission = "see_drafts" // read drafts
	WriteDraft Permission = "draft"      // write drafts
	Approve    Permission = "approve"    // approve and reject drafts
	Add        Permission = "add"        // template/add
	Delete     Permission = "delete"     // template/del
	SendSelf   Permission = "send_self"  // test-send to one's own openid
	SendAny    Permission = "send_any"   // test-send to any openid
	SeeSends   Permission = "see_sends"  // the send history
	UseSandbox Permission = "sandbox"    // the simulated WeChat's phone, clock and faults
	ManageApps Permission = "apps"       // mini programs and their secrets
	SeeRights  Permission = "rights"     // the ledger of form_ids and prepay_ids
	SeeTokens  Permission = "tokens"     // the state of the access tokens, and refreshing them
	Penalties  Permission = "penalties"  // WeChat's penalties and the appeals against them
	Testers    Permission = "testers"    // whom tests may be sent to, and which openid is whose
	SeeLog     Permission = "activity"   // who did what, when
	ManageKeys Permission = "keys"       // the API keys of business servers
	People     Permission = "people"     // who may sign in, with which roles

	SaveExample Permission = "examples" // messages kept under a name, for everybody in the app

	SyncLibrary Permission = "sync_library" // reading the whole library, and its daily switch

	// What business servers need: a key of the app with this scope, or any key.
	KeyToken  Permission = "key:token"
	KeyRights Permission = "key:rights"
	KeySend   Permission = "key:send"
	KeyAny    Permission = "key:"

	// ReadMetrics is a key with the scope metrics, or a program on this machine.
	ReadMetrics Permission = "metrics"
)

// Scope is what a key has to be for, where the permission is a key's: "" for any.
func (p Permission) Scope() (scope string, key bool) { return strings.CutPrefix(string(p), "key:") }

// ForAllApps tells whether the permission goes by the role for all apps, whatever
// the role in the current one: what it opens belongs to no single app.
func (p Permission) ForAllApps() bool {
	return p == SeeLog || p == ManageApps || p == ManageKeys || p == People
}

// granted is the whole table: what each role may do beyond SignedIn. What is
// not listed is refused. An administrator may do everything, so their line is the
// order in which /settings/permissions shows them.
var granted = map[store.Role][]Permission{
	store.Administrator: {Browse, SeeDrafts, WriteDraft, Approve, Add, Delete, SaveExample, SendSelf, SendAny, SeeSends, UseSandbox, SyncLibrary, SeeRights, SeeTokens, Penalties, Testers, SeeLog, ManageApps, ManageKeys, People},
	store.Operator: {Browse, SeeDrafts, WriteDraft, Approve, Add, Delete, SaveExample, SendSelf, SendAny,
		SeeSends, UseSandbox, SyncLibrary, SeeRights, SeeTokens, Penalties, Testers},
	store.ProductManager: {Browse, SeeDrafts, WriteDraft, SaveExample, UseSandbox},
	store.QA:             {Browse, SeeDrafts, SaveExample, SendSelf, SeeSends, UseSandbox},
}

// Granted is what the role may do beyond SignedIn.
func Granted(role store.Role) []Permission { return granted[role] }

// May tells whether the role has the permission.
func May(role store.Role, p Permission) bool {
	return p == Anyone || p == Entering || p == SignedIn || slices.Contains(granted[role], p)
}
