package web

import (
	"slices"
	"strings"

	"muban/store"
)

// Permission is what a route needs. Every route names one.
type Permission string

const (
	Anyone     Permission = "anyone"     // no sign-in: the sign-in itself, the static files, health
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

	SyncLibrary Permission = "sync_library" // reading the whole library, and its daily switch

	// What business servers need: a key of the app with this scope, or any key.
	KeyToken  Permission = "key:token"
	KeyRights Permission = "key:rights"
	KeySend   Permission = "key:send"
	KeyAny    Permission = "key:"

	// ReadMetrics is a key with the scope metrics, or a program on this machine.
	ReadMetrics Permission = "metrics"
)

// scope is what a key has to be for, where the permission is a key's: "" for any.
func (p Permission) scope() (scope string, key bool) { return strings.CutPrefix(string(p), "key:") }

// granted is the whole table: what each role may do beyond SignedIn. What is
// not listed is refused.
var granted = map[store.Role][]Permission{
	store.Administrator:  {Browse, SeeDrafts, WriteDraft, Approve, Add, Delete, SendSelf, SendAny, SeeSends, UseSandbox, SyncLibrary, SeeRights, SeeTokens, Penalties, Testers, SeeLog, ManageApps, ManageKeys},
	store.Operator:       {Browse, SeeDrafts, WriteDraft, Approve, Add, Delete, SendSelf, SendAny, SeeSends, UseSandbox, SyncLibrary, SeeRights, SeeTokens, Penalties, Testers},
	store.ProductManager: {Browse, SeeDrafts, WriteDraft, UseSandbox},
	store.QA:             {Browse, SeeDrafts, SendSelf, SeeSends, UseSandbox},
}

// may tells whether the role has the permission.
func may(role store.Role, p Permission) bool {
	return p == Anyone || p == SignedIn || slices.Contains(granted[role], p)
}
