package store

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/wechat/account"
	"muban/wechat/alert"
	"muban/wechat/ledger"
)

// acts has every method that a person's act causes.
func acts(f *fixture, t testing.TB) map[string]func(context.Context) error {
	draft, deleted, x := f.draft(t, "title"), f.draft(t, "deleted"), f.send(t, "pending", "tpl")
	noError(t, f.DeleteDraft(t.Context(), f.by, f.app.ID, deleted.ID))
	x.Outcome = "sent"
	review, approved, submitted, rejected := f.in(t, "review"), f.in(t, "approved"), f.in(t, "submitted"), f.in(t, "review")
	atWeChat, answered := f.in(t, "submitted"), f.in(t, "accepted")
	channel, removed := f.hook(t), f.hook(t)
	noError(t, f.SetSetting(t.Context(), f.by, SelfApproval, "on"))
	qa := f.person(t, "qa", QA)
	f.template(t, "named", "order-paid")
	f.template(t, "other", "")
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, Kind: "subscribe", TemplateID: "subscribe"}))
	noError(t, f.Carry(t.Context(), f.by, f.app.ID, account.Carried{TemplateID: "other", Successor: "subscribe"}))
	noError(t, f.StartSync(t.Context(), f.by, f.app.ID, "template"))
	idle, err := f.AddApp(t.Context(), f.by, App{AppID: "wx-idle", Secret: canary})
	noError(t, err)
	unknown := f.unknown(t, "unknown")
	noError(t, f.KeepPenaltyNotice(t.Context(), f.by, PenaltyNotice{App: f.app.ID, PunishID: "seen"}))
	key, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Prefix: "first"})
	noError(t, err)
	held, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Prefix: "held"})
	noError(t, err)
	noError(t, f.write(t.Context(), func(x *tx) error { return x.exec("UPDATE api_keys SET held = 1 WHERE id = ?", held.ID) }))
	violation, err := f.AddViolation(t.Context(), f.by, Violation{App: f.app.ID, Rule: "market", Step: 1, From: f.clock.now()})
	noError(t, err)
	tester, err := f.AddTester(t.Context(), f.by, Tester{App: f.app.ID, Name: "小李", OpenID: "o1"})
	noError(t, err)
	example, err := f.SaveExample(t.Context(), f.by, Example{App: f.app.ID, TemplateID: "tpl", Name: "e", Message: []byte("{}")})
	noError(t, err)
	noError(t, f.SetBindingCode(t.Context(), f.by, f.app.ID, [32]byte{1}, f.clock.now().Add(time.Hour)))
	invitation, link := f.invite(t, 1), [32]byte{2}
	withFactor := f.person(t, "with factor", QA)
	f.factor(t, withFactor, "3")
	noError(t, f.StartSecondFactor(t.Context(), f.by, canary))
	noError(t, f.write(t.Context(), func(t *tx) error { return t.setRecovery(f.admin.ID, []string{"4"}) }))
	f.session(t, 1, qa.ID)
	archived, err := f.AddApp(t.Context(), f.by, App{AppID: "wx-archived", Secret: canary})
	noError(t, err)
	noError(t, f.ArchiveApp(t.Context(), f.by, archived.ID))
	return map[string]func(context.Context) error{
		"SetRoles": func(ctx context.Context) error {
			return f.SetRoles(ctx, f.by, qa.ID, "", Operator, AppRoles{f.app.ID: QA})
		},
		"SetOwnPassword":      func(ctx context.Context) error { return f.SetOwnPassword(ctx, f.by, "h", [32]byte{1}) },
		"RequireSecondFactor": func(ctx context.Context) error { return f.RequireSecondFactor(ctx, f.by, []Role{QA}) },
		"AddInvitation": func(ctx context.Context) error {
			_, err := f.AddInvitation(ctx, f.by, Invitation{Hash: link, Invitee: "小李", Role: QA, ExpiresAt: f.clock.now().Add(time.Hour)})
			return err
		},
		"WithdrawInvitation": func(ctx context.Context) error { return f.WithdrawInvitation(ctx, f.by, invitation.ID) },
		"ResetPassword": func(ctx context.Context) error {
			return f.ResetPassword(ctx, f.by, qa.ID, link, f.clock.now().Add(time.Hour))
		},
		"EndSessionOf":      func(ctx context.Context) error { return f.EndSessionOf(ctx, f.by, qa.ID, [32]byte{1}) },
		"EndSessions":       func(ctx context.Context) error { return f.EndSessions(ctx, f.by, qa.ID, [32]byte{}) },
		"StartSecondFactor": func(ctx context.Context) error { return f.StartSecondFactor(ctx, f.by, canary) },
		"ConfirmSecondFactor": func(ctx context.Context) error {
			return f.ConfirmSecondFactor(ctx, f.by, 7, []string{"8", "9"})
		},
		"RenewRecovery":   nil, // has a test of its own: it needs what ConfirmSecondFactor must not have
		"UseRecovery":     func(ctx context.Context) error { return f.UseRecovery(ctx, f.by, "4") },
		"EndSecondFactor": func(ctx context.Context) error { return f.EndSecondFactor(ctx, f.by, withFactor.ID) },
		"AddPerson": func(ctx context.Context) error {
			_, err := f.AddPerson(ctx, f.by, Person{Name: "new", Role: QA})
			return err
		},
		"AddFirstAdministrator": nil, // has a test of its own: there is somebody already
		"SetPassword":           func(ctx context.Context) error { return f.SetPassword(ctx, f.by, qa.ID, "h") },
		"SetRole":               func(ctx context.Context) error { return f.SetRole(ctx, f.by, qa.ID, Operator) },
		"SetDisabled":           func(ctx context.Context) error { return f.SetDisabled(ctx, f.by, qa.ID, true) },
		"SetPreferences":        func(ctx context.Context) error { return f.SetPreferences(ctx, f.admin.ID, "en", "dark") },
		"SetOpenID":             func(ctx context.Context) error { return f.SetOpenID(ctx, f.by, qa.ID, f.app.ID, "o") },
		"AtWork":                nil, // it does something once, before there is a mini program
		"Unlock":                func(ctx context.Context) error { return f.Unlock(ctx, f.by, qa.ID) },
		"Note":                  func(ctx context.Context) error { return f.Note(ctx, f.by, 0, ActExport, "page:/sends.csv", nil) },
		"SignedIn":              func(ctx context.Context) error { return f.SignedIn(ctx, f.by, f.clock.now()) },
		"SignedOut":             func(ctx context.Context) error { return f.SignedOut(ctx, f.by, [32]byte{1}) },
		"AddApp": func(ctx context.Context) error {
			_, err := f.AddApp(ctx, f.by, App{AppID: "wx9", Secret: canary})
			return err
		},
		"UpdateApp": func(ctx context.Context) error { return f.UpdateApp(ctx, f.by, "", f.app) },
		"AddTemplate": func(ctx context.Context) error {
			return f.AddTemplate(ctx, f.by, Template{App: f.app.ID, TemplateID: "tpl"})
		},
		"TemplateDeleted": func(ctx context.Context) error { return f.TemplateDeleted(ctx, f.by, f.app.ID, "tpl") },
		"AddDraft": func(ctx context.Context) error {
			_, err := f.AddDraft(ctx, f.by, Draft{App: f.app.ID, Proposed: true})
			return err
		},
		"SaveDraft": func(ctx context.Context) error {
			_, err := f.SaveDraft(ctx, f.by, draft)
			return err
		},
		"DeleteDraft":  func(ctx context.Context) error { return f.DeleteDraft(ctx, f.by, f.app.ID, draft.ID) },
		"RestoreDraft": func(ctx context.Context) error { return f.RestoreDraft(ctx, f.by, f.app.ID, deleted.ID) },
		"DraftAdded":   func(ctx context.Context) error { return f.DraftAdded(ctx, f.by, f.app.ID, draft.ID, "tpl") },
		"CloneDraft": func(ctx context.Context) error {
			_, err := f.CloneDraft(ctx, f.by, f.app.ID, draft.ID)
			return err
		},
		"SendToReview":  func(ctx context.Context) error { return f.SendToReview(ctx, f.by, f.app.ID, draft.ID, 1) },
		"WithdrawDraft": func(ctx context.Context) error { return f.WithdrawDraft(ctx, f.by, f.app.ID, review.ID, 1) },
		"HideSteps":     func(ctx context.Context) error { return f.HideSteps(ctx, f.by) },
		"SetPush": func(ctx context.Context) error {
			return f.SetPush(ctx, f.by, Push{App: f.app.ID, Mode: "plain", Token: canary})
		},
		"KeepPenaltyNotice": func(ctx context.Context) error {
			return f.KeepPenaltyNotice(ctx, f.by, PenaltyNotice{App: f.app.ID, PunishID: "new"})
		},
		"PutAwayNotice": func(ctx context.Context) error { return f.PutAwayNotice(ctx, f.by, f.app.ID, "seen") },
		"ReportAnswers": func(ctx context.Context) error {
			_, err := f.ReportAnswers(ctx, f.by, f.app.ID, []ledger.Answer{{OpenID: openID, TemplateID: onceTemplate, What: ledger.Accept,
				Source: ledger.FromEvent, Ref: "1"}})
			return err
		},
		"Backup":        f.backs(t),
		"ConfirmAPIKey": func(ctx context.Context) error { return f.ConfirmAPIKey(ctx, f.by, f.app.ID, held.ID) },
		"AddDraftOnce": func(ctx context.Context) error {
			_, err := f.AddDraftOnce(ctx, f.by, formOf("once", ""), f.proposed("once"))
			return err
		},
		"AddDraftsOnce": func(ctx context.Context) error {
			_, err := f.AddDraftsOnce(ctx, f.by, []DraftOfForm{{formOf("lines/1", ""), f.proposed("line")}})
			return err
		},
		"ReviewDraft": func(ctx context.Context) error {
			return f.ReviewDraft(ctx, f.by, f.app.ID, verdict(review, "approved"))
		},
		"ReviewDraft, rejected": func(ctx context.Context) error {
			return f.ReviewDraft(ctx, f.by, f.app.ID, verdict(rejected, "rejected", Reason{"title", "1.3"}, Reason{"", "no"}))
		},
		"ReviewDraft, a letter": func(ctx context.Context) error {
			return f.ReviewDraft(ctx, f.by, f.app.ID, verdict(submitted, "letter", Reason{"", "标题不规范"}))
		},
		"DraftSubmitted": func(ctx context.Context) error {
			return f.DraftSubmitted(ctx, f.by, f.app.ID, approved.ID, f.clock.now())
		},
		"DraftAccepted": func(ctx context.Context) error {
			return f.DraftAccepted(ctx, f.by, f.app.ID, atWeChat.ID, atWeChat.Version)
		},
		"DraftUnanswered": func(ctx context.Context) error {
			return f.DraftUnanswered(ctx, f.by, f.app.ID, answered.ID, answered.Version)
		},
		"AddComment": func(ctx context.Context) error {
			_, err := f.AddComment(ctx, f.by, f.app.ID, draft.ID, "why?")
			return err
		},
		"SetSetting": func(ctx context.Context) error { return f.SetSetting(ctx, f.by, "own_review", "on") },
		"BeginSend": func(ctx context.Context) error {
			_, _, err := f.BeginSend(ctx, f.by, attempt(f.app.ID, "another"))
			return err
		},
		"FinishSend": func(ctx context.Context) error { return f.FinishSend(ctx, f.by, x) },
		"DecideSend": func(ctx context.Context) error { return f.DecideSend(ctx, f.by, f.app.ID, unknown.ID, true) },
		"ReportRights": func(ctx context.Context) error {
			_, err := f.ReportRights(ctx, f.by, f.app.ID, []ledger.Report{{OpenID: openID, ID: "f1"}, {OpenID: openID, ID: "f2"}, {}})
			return err
		},
		"AddAPIKey": func(ctx context.Context) error {
			_, err := f.AddAPIKey(ctx, f.by, APIKey{App: f.app.ID, Name: "orders", Prefix: "second"})
			return err
		},
		"RotateAPIKey": func(ctx context.Context) error {
			_, err := f.RotateAPIKey(ctx, f.by, f.app.ID, key.ID, APIKey{Prefix: "third"}, f.clock.now().Add(time.Hour))
			return err
		},
		"AddChannel": func(ctx context.Context) error {
			_, err := f.AddChannel(ctx, f.by, Channel{Make: alert.Webhook, Name: "n", URL: "https://hooks.example/" + canary, Secret: canary}, "hooks.example")
			return err
		},
		"SaveChannel": func(ctx context.Context) error {
			return f.SaveChannel(ctx, f.by, Channel{ID: channel.ID, Make: alert.Webhook, Name: "m"}, "hooks.example")
		},
		"RemoveChannel": func(ctx context.Context) error { return f.RemoveChannel(ctx, f.by, removed.ID) },
		"AddTestDelivery": func(ctx context.Context) error {
			_, err := f.AddTestDelivery(ctx, f.by, Channel{ID: 1, Name: "n"}, []byte("{}"))
			return err
		},
		"RevokeAPIKey": func(ctx context.Context) error { return f.RevokeAPIKey(ctx, f.by, f.app.ID, key.ID) },
		"AddViolation": func(ctx context.Context) error {
			_, err := f.AddViolation(ctx, f.by, Violation{App: f.app.ID, Rule: "market", Step: 1, From: f.clock.now()})
			return err
		},
		"NoteViolation": func(ctx context.Context) error {
			return f.NoteViolation(ctx, f.by, f.app.ID, violation.ID, "appealed", "why")
		},
		"AddTester": func(ctx context.Context) error {
			_, err := f.AddTester(ctx, f.by, Tester{App: f.app.ID, Name: "小王", OpenID: "o2"})
			return err
		},
		"RemoveTester": func(ctx context.Context) error { return f.RemoveTester(ctx, f.by, f.app.ID, tester.ID) },
		"SetBindingCode": func(ctx context.Context) error {
			return f.SetBindingCode(ctx, f.by, f.app.ID, [32]byte{7}, f.clock.now().Add(time.Minute))
		},
		"BindByCode": func(ctx context.Context) error {
			_, err := f.BindByCode(ctx, f.by, f.app.ID, [32]byte{1}, "o3")
			return err
		},
		"SaveExample": func(ctx context.Context) error {
			_, err := f.SaveExample(ctx, f.by, Example{App: f.app.ID, TemplateID: "tpl", Name: "n", Message: []byte("{}")})
			return err
		},
		"DeleteExample": func(ctx context.Context) error { return f.DeleteExample(ctx, f.by, f.app.ID, example.ID) },
		"RotateKey":     func(ctx context.Context) error { return f.RotateKey(ctx, f.by) },
		"Record":        func(ctx context.Context) error { return f.Record(ctx, f.by, f.app.ID, "token.force", "", `{"n":1}`) },

		"AdoptTemplates": func(ctx context.Context) error {
			return f.AdoptTemplates(ctx, f.by, f.app.ID, []Template{{TemplateID: "elsewhere"}}, nil)
		},
		"AdoptTemplates, gone": func(ctx context.Context) error {
			return f.AdoptTemplates(ctx, f.by, f.app.ID, nil, []string{"named"})
		},
		"AddTemplate, restored": func(ctx context.Context) error {
			return f.AddTemplate(ctx, f.by, Template{App: f.app.ID, TemplateID: "again", Replaces: "named"})
		},
		"SetAlias":  func(ctx context.Context) error { return f.SetAlias(ctx, f.by, f.app.ID, "named", "order-sent") },
		"MoveAlias": func(ctx context.Context) error { return f.MoveAlias(ctx, f.by, f.app.ID, "order-paid", "other") },
		"Carry": func(ctx context.Context) error {
			return f.Carry(ctx, f.by, f.app.ID, account.Carried{TemplateID: "named", Successor: "subscribe"})
		},
		"EndCarry":     func(ctx context.Context) error { return f.EndCarry(ctx, f.by, f.app.ID, "other") },
		"RemoveAlias":  func(ctx context.Context) error { return f.RemoveAlias(ctx, f.by, f.app.ID, "order-paid") },
		"StartSync":    func(ctx context.Context) error { return f.StartSync(ctx, f.by, idle.ID, "template") },
		"CancelSync":   func(ctx context.Context) error { return f.CancelSync(ctx, f.by, f.app.ID, "template") },
		"RotateSecret": func(ctx context.Context) error { return f.RotateSecret(ctx, f.by, f.app.ID, canary) },
		"ArchiveApp":   func(ctx context.Context) error { return f.ArchiveApp(ctx, f.by, f.app.ID) },
		"RestoreApp":   func(ctx context.Context) error { return f.RestoreApp(ctx, f.by, archived.ID) },
		"SetDailySync": func(ctx context.Context) error { return f.SetDailySync(ctx, f.by, f.app.ID, "template", true) },
	}
}

func TestFault43_EveryActAddsExactlyOneActivity(t *testing.T) {
	eachAct(t, func(t *testing.T, f *fixture, name string, act func(context.Context) error) {
		before := f.activities(t)
		noError(t, act(t.Context()))
		after := f.activities(t)
		equal(t, "new activities", len(after)-len(before), 1)
		equal(t, "person", after[0].PersonID, f.admin.ID)
		equal(t, "name", after[0].PersonName, "admin")
		equal(t, "time", after[0].At, stored(f.clock.now()))
		if name != "Record" {
			known(t, after[0])
		}
		if strings.Contains(after[0].Detail, canary) {
			t.Fatalf("the log holds the secret: %s", after[0].Detail)
		}
	})
}

// known checks that nothing of the line is without its words on the page of the log.
func known(t *testing.T, a Activity) {
	t.Helper()
	if !slices.Contains(Acts(), a.Act) {
		t.Errorf("%q is not among Acts", a.Act)
	}
	if kind, _, _ := strings.Cut(a.Object, ":"); kind != "" && !slices.Contains(Objects(), kind) {
		t.Errorf("%q is not among Objects", a.Object)
	}
	var detail map[string]any
	if a.Detail != "" {
		noError(t, json.Unmarshal([]byte(a.Detail), &detail))
	}
	for name := range detail {
		if !slices.Contains(Details(), name) {
			t.Errorf("%q is not among Details", name)
		}
	}
}

// When the row cannot be written, nothing is: here because the table is gone.
func TestFault43_WithoutItsActivityNothingIsDone(t *testing.T) {
	eachAct(t, func(t *testing.T, f *fixture, _ string, act func(context.Context) error) {
		f.renames(t, "ALTER TABLE activities RENAME TO gone")
		before := f.dump(t)
		if act(t.Context()) == nil {
			t.Fatal("done without its activity")
		}
		equal(t, "the database", f.dump(t), before)
	})
}

// What begins once the console is at work is an act of the person who brought it there.
func TestFault43_AConsoleThatBeginsItsWorkSaysSoOnceOrDoesNothing(t *testing.T) {
	f := &fixture{clock: newClock()}
	f.Store = open(t, t.TempDir(), f.clock)
	_, err := f.AddFirstAdministrator(t.Context(), Actor{}, Person{Name: "admin"})
	noError(t, err)
	f.renames(t, "ALTER TABLE activities RENAME TO gone")
	before := f.dump(t)
	if f.AtWork(t.Context(), f.by) == nil {
		t.Error("done without its activity")
	}
	equal(t, "the database", f.dump(t), before)
	f.renames(t, "ALTER TABLE gone RENAME TO activities")
	was := len(f.activities(t))
	for range 2 {
		noError(t, f.AtWork(t.Context(), f.by))
	}
	equal(t, "new activities", len(f.activities(t))-was, 1)
}

// eachAct tries every act on a copy of one database: to make it anew for each would take most of a minute.
func eachAct(t *testing.T, try func(t *testing.T, f *fixture, name string, act func(context.Context) error)) {
	f := newFixture(t)
	all, put := acts(f, t), f.copies(t)
	for name, act := range all {
		t.Run(name, func(t *testing.T) {
			switch {
			case act == nil: // it has a test of its own
			case name == "FinishSend": // what was pending in the copy is of a run that it takes for dead
				own := newFixture(t)
				try(t, own, name, acts(own, t)[name])
			default:
				dir := t.TempDir()
				put(t, dir)
				f.Store = open(t, dir, f.clock)
				try(t, f, name, act)
			}
		})
	}
}

// A method that takes an Actor and is in no table here would escape the two tests above.
func TestEveryMethodWithAnActorIsTested(t *testing.T) {
	known := acts(newFixture(t), t)
	typ := reflect.TypeFor[*Store]()
	for i := range typ.NumMethod() {
		m := typ.Method(i)
		for p := range m.Type.NumIn() {
			if m.Name == "JournalOf" || // nothing has happened yet
				m.Name == "ConfirmRestore" { // after a restore most acts are refused: it has a test of its own
				continue
			}
			if _, ok := known[m.Name]; m.Type.In(p) == reflect.TypeFor[Actor]() && !ok {
				t.Errorf("%s takes an Actor and is not in acts", m.Name)
			}
		}
	}
}
