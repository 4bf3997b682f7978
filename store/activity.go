package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"muban/store/db"
)

// Activity is one line of the log: who did what, when. Lines are only ever added.
type Activity struct {
	ID               int64
	At               time.Time
	PersonID         int64 // 0: the system
	PersonName, Addr string
	App              int64  // 0: not about one app
	Act, Object      string // "draft.add", "draft:12"
	Detail           string // "" or short JSON; never a secret
}

// What the store itself records. Others may Record acts of their own.
const (
	ActPersonAdd         = "person.add"
	ActPersonPassword    = "person.password"
	ActPersonRole        = "person.role"
	ActPersonDisabled    = "person.disabled"
	ActPersonPreferences = "person.preferences"
	ActPersonOpenID      = "person.openid"
	ActSignIn            = "person.sign_in"
	ActSignOut           = "person.sign_out"
	ActAppAdd            = "app.add"
	ActAppUpdate         = "app.update"
	ActTemplateAdd       = "template.add"
	ActTemplateDelete    = "template.delete"
	ActDraftAdd          = "draft.add"
	ActDraftSave         = "draft.save"
	ActDraftDelete       = "draft.delete"
	ActDraftRestore      = "draft.restore"
	ActDraftAdded        = "draft.added"
	ActDraftClone        = "draft.clone"
	ActDraftReview       = "draft.review"
	ActDraftWithdraw     = "draft.withdraw"
	ActDraftApprove      = "draft.approve"
	ActDraftReject       = "draft.reject"
	ActDraftLetter       = "draft.letter"
	ActDraftSubmitted    = "draft.submitted"
	ActDraftAccepted     = "draft.accepted"
	ActDraftLinked       = "draft.linked"
	ActDraftUnanswered   = "draft.unanswered"
	ActDraftComment      = "draft.comment"
	ActSetting           = "setting.set"
	ActSendBegin         = "send.begin"
	ActSendFinish        = "send.finish"
	ActSendInterrupted   = "send.interrupted"
	ActKeyRotate         = "key.rotate"
	ActKeyAdd            = "api_key.add"
	ActKeyRevoke         = "api_key.revoke"
	ActViolationAdd      = "violation.add"
	ActViolationNote     = "violation.note"
	ActPersonCode        = "person.code"
	ActTesterAdd         = "tester.add"
	ActTesterRemove      = "tester.remove"
	ActExampleSave       = "example.save"
	ActExampleDelete     = "example.delete"

	ActTemplateAdopt   = "template.adopt"
	ActTemplateGone    = "template.gone"
	ActTemplateRestore = "template.restore"
	ActAliasSet        = "alias.set"
	ActAliasMove       = "alias.move"
	ActAliasRemove     = "alias.remove"
	ActAliasCarry      = "alias.carry"
	ActAliasCarryEnd   = "alias.carry_end"

	ActLibrarySync    = "library.sync"
	ActLibraryCancel  = "library.cancel"
	ActLibraryDaily   = "library.daily"
	ActRightReport    = "right.report"
	ActConsentReport  = "consent.report"
	ActSendDecide     = "send.decide"
	ActChannelAdd     = "channel.add"
	ActChannelSave    = "channel.save"
	ActChannelRemove  = "channel.remove"
	ActChannelTest    = "channel.test"
	ActAPIKeyRotate   = "api_key.rotate"
	ActTokenRefresh   = "token.refresh"
	ActInvite         = "person.invite"
	ActInviteWithdraw = "person.invite_withdraw"
	ActPersonJoin     = "person.join"
	ActPersonReset    = "person.reset"
	ActSessionEnd     = "person.session_end"
	ActFactorStart    = "person.factor_start"
	ActFactorOn       = "person.factor_on"
	ActFactorOff      = "person.factor_off"
	ActRecoveryMade   = "person.recovery_made"
	ActRecoveryUsed   = "person.recovery_used"

	ActBackup         = "console.backup"
	ActRestore        = "console.restore"
	ActRestoreConfirm = "console.restore_confirm"
	ActExport         = "console.export"
	ActKeyConfirm     = "api_key.confirm"
	ActLock           = "person.lock"
	ActUnlock         = "person.unlock"
	ActMuted          = "console.muted"

	ActLibraryRetry       = "library.retry"
	ActSendRefused        = "send.refused"
	ActSandboxClock       = "sandbox.clock"
	ActSandboxFault       = "sandbox.fault"
	ActSandboxFaultsClear = "sandbox.faults_clear"
	ActSandboxReset       = "sandbox.reset"

	ActAppSecret = "app.secret"
	ActAppPush   = "app.push"

	ActPenaltyNotice = "violation.notice"
	ActPenaltySeen   = "violation.notice_seen"

	ActAppArchive = "app.archive"
	ActAppRestore = "app.restore"
)

// Acts lists them all, so that a catalogue of texts can be proved complete.
func Acts() []string {
	return []string{
		ActPersonAdd, ActPersonPassword, ActPersonRole, ActPersonDisabled, ActPersonPreferences, ActPersonOpenID,
		ActSignIn, ActSignOut, ActAppAdd, ActAppUpdate, ActTemplateAdd, ActTemplateDelete,
		ActDraftAdd, ActDraftSave, ActDraftDelete, ActDraftRestore, ActDraftAdded,
		ActDraftClone, ActDraftReview, ActDraftWithdraw, ActDraftApprove, ActDraftReject, ActDraftLetter,
		ActDraftSubmitted, ActDraftAccepted, ActDraftLinked, ActDraftUnanswered, ActDraftComment, ActSetting,
		ActSendBegin, ActSendFinish, ActSendInterrupted, ActKeyRotate,
		ActKeyAdd, ActKeyRevoke,
		ActViolationAdd, ActViolationNote, ActPersonCode, ActTesterAdd, ActTesterRemove, ActExampleSave, ActExampleDelete,
		ActTemplateAdopt, ActTemplateGone, ActTemplateRestore, ActAliasSet, ActAliasMove, ActAliasRemove, ActAliasCarry, ActAliasCarryEnd,
		ActLibrarySync, ActLibraryCancel, ActLibraryDaily,
		ActRightReport, ActConsentReport, ActSendDecide,
		ActChannelAdd, ActChannelSave, ActChannelRemove, ActChannelTest,
		ActAPIKeyRotate, ActTokenRefresh,
		ActInvite, ActInviteWithdraw, ActPersonJoin, ActPersonReset, ActSessionEnd,
		ActFactorStart, ActFactorOn, ActFactorOff, ActRecoveryMade, ActRecoveryUsed,
		ActBackup, ActRestore, ActRestoreConfirm, ActExport, ActKeyConfirm, ActLock, ActUnlock, ActMuted,
		ActAppSecret, ActAppPush, ActAppArchive, ActAppRestore, ActPenaltyNotice, ActPenaltySeen,
		ActLibraryRetry, ActSendRefused, ActSandboxClock, ActSandboxFault, ActSandboxFaultsClear, ActSandboxReset,
	}
}

// Details lists the names of what a line's detail may tell.
func Details() []string {
	return []string{
		"advance", "alias", "appid", "apps", "apps_from", "apps_to", "backup", "base", "before", "by_link", "comment",
		"decision", "errcode", "file", "from", "guesses", "host", "invited_by", "invitee", "keys_held",
		"keys_revoked", "kind", "known", "known_place", "lang", "left", "message_kind", "name", "new", "next", "of", "on", "openid", "outcome",
		"people_locked", "query", "reason", "refreshed", "refused", "replaces", "role", "rule", "scopes", "secret_changed",
		"sessions_ended", "since", "step", "template", "text", "theme", "title", "title_id", "to", "token_mode", "until",
	}
}

// Objects lists the kinds of what an act is done to, before the colon of a line's object.
func Objects() []string {
	return []string{
		"act", "api_key", "app", "channel", "draft", "invitation", "openid", "page", "person", "sandbox", "send", "setting",
		"template", "tester", "violation",
	}
}

// ActivityFilter picks activities; a nil or zero field does not filter. Count 0 means 20.
type ActivityFilter struct {
	App           *int64
	Act           string
	PersonID      int64
	People        bool      // only what people did, and neither a program with a key nor the console itself
	Object        string    // part of it
	From, Until   time.Time // Until itself is not in it
	Offset, Count int
}

const activityColumns = "id, at, person_id, person_name, addr, app, act, object, detail"

// Activities answers one page, the newest first, and how many there are in all, up to CountedAtMost.
func (s *Store) Activities(ctx context.Context, f ActivityFilter) ([]Activity, int, error) {
	return f.list().read(ctx, s.readers)
}

// EachActivity answers every line that Activities lists on all its pages, the newest first.
func (s *Store) EachActivity(ctx context.Context, f ActivityFilter) iter.Seq2[Activity, error] {
	return f.list().each(ctx, s.readers)
}

func (f ActivityFilter) list() list[Activity] {
	l := list[Activity]{
		columns: activityColumns,
		table:   "activities", order: "id DESC", scan: scanActivity,
		offset: f.Offset, count: f.Count, countAtMost: CountedAtMost,
	}
	if f.People {
		l.where.and("person_id > 0")
	}
	if f.App != nil {
		l.where.and("app = ?", *f.App)
	}
	andSet(&l.where, "act", f.Act)
	andSet(&l.where, "person_id", f.PersonID)
	if f.Object != "" {
		l.where.and(`object LIKE ? ESCAPE '\'`, likePattern(f.Object))
	}
	if !f.From.IsZero() {
		l.where.and("at >= ?", millis(f.From))
	}
	if !f.Until.IsZero() {
		l.where.and("at < ?", millis(f.Until))
	}
	return l
}

// Record adds a line for an act that changes nothing here, such as a refusal. detail is "" or JSON.
func (s *Store) Record(ctx context.Context, by Actor, app int64, act, object, detail string) error {
	return s.write(ctx, func(t *tx) error { return t.insertActivity(by, app, act, object, detail) })
}

// record adds the line to the transaction of the act that it tells of.
func (t *tx) record(by Actor, app int64, act, object string, detail any) error {
	if detail == nil {
		return t.insertActivity(by, app, act, object, "")
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	return t.insertActivity(by, app, act, object, string(text))
}

// notedMost is how many lines of one act note writes in an hour: nobody fills the disk with them.
const notedMost = 200

// Note is record for what changes nothing and can come in floods: exports, locks. After notedMost of an act within
// an hour one line says that there are more, and they are left out.
func (s *Store) Note(ctx context.Context, by Actor, app int64, act, object string, detail any) error {
	return s.write(ctx, func(t *tx) error { return t.note(by, app, act, object, detail) })
}

func (t *tx) note(by Actor, app int64, act, what string, detail any) error {
	since := millis(t.now.Add(-time.Hour))
	n, err := one(t.ctx, t, scan[int],
		"SELECT count(*) FROM (SELECT at FROM activities WHERE act = ? ORDER BY id DESC LIMIT ?) AS latest WHERE at > ?", act, notedMost, since)
	if err != nil {
		return err
	}
	if n < notedMost {
		return t.record(by, app, act, what, detail)
	}
	muted, err := one(t.ctx, t, scan[int], "SELECT count(*) FROM activities WHERE act = ? AND object = ? AND at > ?",
		ActMuted, object("act", act), since)
	if err != nil || muted > 0 {
		return err
	}
	return t.record(Actor{}, 0, ActMuted, object("act", act), nil)
}

func (t *tx) insertActivity(by Actor, app int64, act, object, detail string) error {
	k := t.kept()
	if !k.known {
		var err error
		if k.last, err = t.lastLink(); err != nil {
			return err
		}
	}
	last := k.last
	a := Activity{ // the hash is of what is kept
		ID: last.ID + 1, At: t.now, PersonID: by.PersonID, PersonName: db.Text(by.Name), Addr: db.Text(by.Addr),
		App: app, Act: act, Object: db.Text(object), Detail: db.Text(detail),
	}
	t.Tell()
	hash := a.after(last.hash)
	k.last, k.known = link{Activity{ID: a.ID}, hash}, true
	t.Keep(k)
	t.Later(activityLines, []any{a.ID, millis(a.At), a.PersonID, a.PersonName, a.Addr, a.App, a.Act, a.Object, a.Detail, hash[:]})
	return nil
}

var activityLines = &db.Rows{Table: "activities", Once: strings.Split(activityColumns+", hash", ", ")}

// Latest are the ids of an app's latest activity and send, 0 where there is none. While they stay, so do
// the app's drafts, templates and aliases, and its sends but for those that are pending.
type Latest struct{ Activity, Send int64 }

// Latest is a look at two indexes: it is asked for at every key that is pressed in the palette.
func (s *Store) Latest(ctx context.Context, app int64) (Latest, error) {
	scan := func(r row) (l Latest, err error) {
		err = r.Scan(&l.Activity, &l.Send)
		return l, err
	}
	return one(ctx, s.readers, scan, `SELECT coalesce((SELECT max(id) FROM activities WHERE app = ?), 0),
		coalesce((SELECT max(id) FROM sends WHERE app = ?), 0)`, app, app)
}

// object names what an act was done to: "draft:12".
func object(kind string, id any) string { return fmt.Sprintf("%s:%v", kind, id) }

func scanActivity(r row) (a Activity, err error) {
	err = r.Scan(&a.ID, instant{&a.At}, &a.PersonID, &a.PersonName, &a.Addr, &a.App, &a.Act, &a.Object, &a.Detail)
	return a, err
}
