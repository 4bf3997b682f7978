package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
)

// Pending is an addition or a deletion that WeChat was asked for. It is kept from before the call until it is known
// what became of it, so that neither a restart nor a second click asks for the same again.
type Pending struct {
	ID       int64
	What     string // Addition or Deletion
	Key      string // of the form that asked, which asks once; "" for none
	Template Template
	Keywords []wechat.Keyword // that an addition combines, as the title has them
	Before   []string         // the template_ids that the account had before an addition

	PersonID         int64
	PersonName, Addr string

	BeganAt time.Time
	Until   time.Time // WeChat may still carry it out before
	EndedAt time.Time // zero: it is not known yet
	Outcome string    // "" until EndedAt
}

// What a Pending is, and what became of it.
const (
	Addition = "addition"
	Deletion = "deletion"

	Done    = "done"
	Undone  = "undone"  // WeChat's deadline has passed, and the list does not show it
	Refused = "refused" // by WeChat; nothing is kept of it
)

// Changes keeps what is pending.
type Changes interface {
	// BeginChange records what WeChat is about to be asked for, and answers it with its ID. Where the form's key has
	// done it, that is answered instead. Where the same is not known yet it is answered with ErrUnderWay: of the same
	// key, the same combination or the same template.
	BeginChange(ctx context.Context, p Pending) (Pending, error)
	// EndChange records p.Outcome, and with Done what that makes of the account, both or neither. What has ended
	// before stays.
	EndChange(ctx context.Context, p Pending) error
	// Changes are the app's that are not known yet, and those that ended Undone at since or later, oldest first.
	Changes(ctx context.Context, app int64, since time.Time) ([]Pending, error)
}

// underWayWait is for how long a second click waits for the first: an answer takes a second at most.
const (
	underWayWait = 3 * time.Second
	underWayLook = 100 * time.Millisecond
)

// followUpTime bounds a look at all accounts: other chores wait for it.
const followUpTime = 10 * time.Second

// Add adds p.Template, which is a combination of title's p.Keywords, and remembers it as the person's. It answers the
// template_id, of an earlier call where p.Key has added one. A penalty in force is a *BannedError: WeChat would refuse
// it, and may punish harder (处罚说明). kind.ErrUnderWay is an earlier call for the same that is not known yet, and
// *kind.Lost says that this one is not: FollowUp finds out. Any other error says that nothing was added.
func (a *Account) Add(ctx context.Context, p Pending) (templateID string, err error) {
	if err := a.penaltyGate(ctx); err != nil {
		return "", err
	}
	l, err := a.List(ctx)
	if err != nil {
		return "", err
	}
	p.What, p.Template.App, p.Template.Kind = Addition, a.App.ID, a.Kind.Name()
	for _, t := range l.Templates {
		p.Before = append(p.Before, t.ID)
	}
	p.Template.Content, p.Template.Example = a.Kind.Compose(p.Keywords)
	if p, err = a.begin(ctx, p); err != nil || p.Outcome == Done {
		return p.Template.TemplateID, err
	}
	p.Template.TemplateID, err = a.Kind.Add(ctx, a.Client, p.Before, p.combination())
	return p.Template.TemplateID, a.end(ctx, p, err)
}

// Delete deletes p.Template, and notes it as the person's act. Its errors are those of Add.
func (a *Account) Delete(ctx context.Context, p Pending) error {
	p.What, p.Template.App, p.Template.Kind = Deletion, a.App.ID, a.Kind.Name()
	p, err := a.begin(ctx, p)
	if err != nil {
		return err
	}
	err = a.Kind.Delete(ctx, a.Client, p.Template.TemplateID)
	if errors.Is(err, wechat.ErrTemplateID) {
		err = nil // it is gone already, which is what was asked for
	}
	if err == nil {
		a.Unlist(p.Template.TemplateID)
	}
	return a.end(ctx, p, err)
}

// combination is what an addition adds, with as much of the library's title as tells it.
func (p Pending) combination() kind.Combination {
	return kind.Combination{
		Title:      wechat.Title{ID: p.Template.TitleID, Text: p.Template.Title, Keywords: p.Keywords},
		KeywordIDs: p.Template.KeywordIDs, Scene: p.Template.Scene,
	}
}

// begin waits a moment for an earlier call for the same: the second of two clicks gets what the first one did.
func (a *Account) begin(ctx context.Context, p Pending) (Pending, error) {
	p.BeganAt = a.now()
	p.Until = p.BeganAt.Add(kind.Deadline)
	for until := time.Now().Add(underWayWait); ; {
		begun, err := a.store.BeginChange(ctx, p)
		if !errors.Is(err, kind.ErrUnderWay) || time.Now().After(until) {
			return begun, err
		}
		select {
		case <-ctx.Done():
			return begun, err
		case <-time.After(underWayLook):
		}
	}
}

// end records what a call came to.
func (a *Account) end(ctx context.Context, p Pending, err error) error {
	if _, lost := errors.AsType[*kind.Lost](err); lost {
		return err
	}
	p.Outcome = Done
	if err != nil {
		p.Outcome = Refused
	}
	a.TitlesChanged()
	return errors.Join(err, a.store.EndChange(ctx, p))
}

// Changes are the account's additions and deletions that are not known yet, and those of the last hour that WeChat
// has not carried out.
func (a *Account) Changes(ctx context.Context) ([]Pending, error) {
	return a.changes(ctx, a.now().Add(-time.Hour))
}

// changes are those of the account's kind.
func (a *Account) changes(ctx context.Context, since time.Time) ([]Pending, error) {
	all, err := a.store.Changes(ctx, a.App.ID, since)
	return slices.DeleteFunc(all, func(p Pending) bool { return kind.Named(p.Template.Kind) != a.Kind }), err
}

// Open are the changes for the same as p that are not known yet.
func (a *Account) Open(ctx context.Context, p Pending) ([]Pending, error) {
	all, err := a.Changes(ctx)
	return slices.DeleteFunc(all, func(c Pending) bool { return c.Outcome != "" || !p.same(c) }), err
}

// same tells whether p and o ask for the same.
func (p Pending) same(o Pending) bool {
	if p.What == Deletion {
		return o.What == Deletion && p.Template.TemplateID == o.Template.TemplateID
	}
	x, y := p.Template, o.Template
	return o.What == Addition && x.TitleID == y.TitleID && slices.Equal(x.KeywordIDs, y.KeywordIDs)
}

// FollowUp finds out what became of the additions and deletions that are not known yet. Call it every few seconds.
func (a *Accounts) FollowUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, followUpTime)
	defer cancel()
	var failed []error
	for _, acct := range a.Each() {
		for _, of := range acct.kinds {
			if err := of.followUp(ctx); err != nil {
				failed = append(failed, fmt.Errorf("%s: %w", acct.App.AppID, err))
			}
		}
	}
	return errors.Join(failed...)
}

func (a *Account) followUp(ctx context.Context) error {
	open, err := a.changes(ctx, a.now())
	open = slices.DeleteFunc(open, func(p Pending) bool { return p.Outcome != "" })
	if err != nil || len(open) == 0 {
		return err
	}
	l, err := a.List(ctx)
	if wechat.IsFailure(err) || ctx.Err() != nil {
		return nil // the next look may tell
	}
	if err != nil {
		return err
	}
	known, err := a.Known(ctx)
	if err != nil {
		return err
	}
	for _, p := range open {
		ids := p.shows(l, known)
		switch {
		case len(ids) > 0:
			p.Outcome, p.Template.TemplateID = Done, ids[0]
		case l.ReadAt.After(p.Until):
			p.Outcome = Undone
		default:
			continue
		}
		if err := a.store.EndChange(ctx, p); err != nil {
			return err
		}
		a.TitlesChanged()
	}
	return nil
}

// shows are the template_ids by which a list shows that p took effect. What we know to have been added here was added
// by something else.
func (p Pending) shows(l List, known []Template) []string {
	if p.What == Deletion {
		if _, gone := l.Find(p.Template.TemplateID); gone != nil {
			return []string{p.Template.TemplateID}
		}
		return nil
	}
	ids := kind.Named(p.Template.Kind).New(l.Templates, p.Before, p.combination())
	return slices.DeleteFunc(ids, func(id string) bool {
		return slices.ContainsFunc(known, func(t Template) bool { return t.TemplateID == id && !t.Adopted })
	})
}

// Drift is how a list of the account differs from what is known of it, templates of other kinds apart. What is about to be recorded as done here is
// no drift.
func (a *Account) Drift(ctx context.Context, l List, known []Template) (Drift, error) {
	known = slices.DeleteFunc(slices.Clone(known), func(t Template) bool { return kind.Named(t.Kind) != a.Kind })
	d := DriftOf(l, known)
	if d.None() {
		return d, nil
	}
	changes, err := a.changes(ctx, a.now())
	for _, p := range changes {
		if p.Outcome != "" {
			continue
		}
		ours := p.shows(l, known)
		d.Elsewhere = slices.DeleteFunc(d.Elsewhere, func(t wechat.Template) bool { return slices.Contains(ours, t.ID) })
		d.Gone = slices.DeleteFunc(d.Gone, func(t Template) bool { return slices.Contains(ours, t.TemplateID) })
	}
	return d, err
}
