package store

import (
	"context"
	"encoding/json"
	"time"

	"muban/wechat"
	"muban/wechat/alert"
)

// Review is what a reviewer, or WeChat in a letter, said of a draft.
type Review struct {
	ID, Draft  int64
	Verdict    string // "approved", "rejected", or "letter": WeChat's own rejection
	Reasons    []Reason
	Version    int // of the draft; Title to Category are what it held then
	Title      string
	Keywords   []wechat.Keyword
	Scenario   string
	Type       int
	Category   string
	Letter     string // the whole of it; "" for a colleague's review. Up to 4,000 characters
	PersonID   int64
	PersonName string
	At         time.Time
}

// Reason is one objection. Where is a place as package audit names it: "title", "keywords[2].name",
// "keywords[2].example", "scenario", or "" for the draft as a whole. Text has 4,000 characters at the most.
type Reason struct {
	Where string `json:"where"`
	Text  string `json:"text"`
}

const reviewColumns = `reviews.id, draft, reviews.verdict, reviews.version, reviews.title, reviews.keywords, reviews.scenario,
	reviews.type, reviews.category, letter, coalesce(person_id, 0), person_name, at, coalesce((SELECT json_group_array(json_object('where', place, 'text', text)
	ORDER BY n) FROM review_reasons WHERE review = reviews.id), '[]')`

// Reviews answers every review of a draft, the newest first.
func (s *Store) Reviews(ctx context.Context, app, draft int64) ([]Review, error) {
	return many(ctx, s.readers, scanReview, "SELECT "+reviewColumns+` FROM reviews JOIN drafts ON drafts.id = draft
		WHERE app = ? AND draft = ? ORDER BY reviews.id DESC`, app, draft)
}

func scanReview(r row) (x Review, err error) {
	var keywords, reasons []byte
	err = r.Scan(&x.ID, &x.Draft, &x.Verdict, &x.Version, &x.Title, &keywords, &x.Scenario,
		&x.Type, &x.Category, &x.Letter, &x.PersonID, &x.PersonName, instant{&x.At}, &reasons)
	if err != nil {
		return Review{}, err
	}
	if x.Keywords, err = decodeKeywords(keywords); err != nil {
		return Review{}, err
	}
	return x, json.Unmarshal(reasons, &x.Reasons)
}

// SendToReview hands a draft, or one that was sent back, to the reviewers. ErrConflict when it is no longer the
// version that the caller saw, ErrState when somebody else moved it. Content alone counts versions.
func (s *Store) SendToReview(ctx context.Context, by Actor, app, id int64, version int) error {
	return s.write(ctx, func(t *tx) error {
		d, err := t.draftIn(app, id, version, "draft", "rejected", "refused")
		if err != nil {
			return err
		}
		d.TemplateID, d.Submitted = "", time.Time{} // of the round that WeChat rejected
		if err := t.move(by, ActDraftReview, d, "review"); err != nil {
			return err
		}
		return t.news(News{Change: alert.ReviewAsked, App: app, Draft: d, By: by.Name})
	})
}

// WithdrawDraft takes a draft back from the reviewers, from what they approved, or from WeChat: it counts among the
// submissions of its month no more. Errors as SendToReview.
func (s *Store) WithdrawDraft(ctx context.Context, by Actor, app, id int64, version int) error {
	return s.write(ctx, func(t *tx) error {
		d, err := t.draftIn(app, id, version, "review", "approved", "submitted")
		if err != nil {
			return err
		}
		if err := t.takeBack(&d); err != nil {
			return err
		}
		return t.move(by, ActDraftWithdraw, d, "draft")
	})
}

// verdicts has, for each verdict, the states it can be given in, where it leads, and its act.
func verdicts(verdict string) (from []string, to, act string) {
	switch verdict {
	case "approved":
		return []string{"review"}, "approved", ActDraftApprove
	case "rejected":
		return []string{"review"}, "rejected", ActDraftReject
	case "letter":
		return []string{"submitted"}, "refused", ActDraftLetter
	}
	return nil, "", ""
}

// changeOf is what the channels are told of a verdict.
func changeOf(verdict string) alert.Change {
	switch verdict {
	case "approved":
		return alert.Approved
	case "rejected":
		return alert.Rejected
	}
	return alert.Refused
}

// ReviewDraft takes Draft, Verdict, Version, Reasons and Letter of r; the rest is set here. An approval may have reasons
// too, as advice. Of two who review at
// once the second gets ErrState. ErrConflict when r.Version is not what the draft holds now, ErrOwnDraft when the
// actor wrote the draft and SelfApproval does not allow it; a letter of WeChat's anybody may enter.
func (s *Store) ReviewDraft(ctx context.Context, by Actor, app int64, r Review) error {
	from, to, act := verdicts(r.Verdict)
	return s.write(ctx, func(t *tx) error {
		d, err := t.draftIn(app, r.Draft, r.Version, from...)
		if err != nil {
			return err
		}
		if err := t.fourEyes(by, d, r.Verdict); err != nil {
			return err
		}
		if err := t.addReview(by, d, r); err != nil {
			return err
		}
		if err := t.move(by, act, d, to); err != nil {
			return err
		}
		news := News{Change: changeOf(r.Verdict), App: app, Draft: d, By: by.Name}
		if len(r.Reasons) > 0 {
			news.Reason = r.Reasons[0].Text
		}
		return t.news(news)
	})
}

// SelfApproval is the setting by which people may review what they wrote themselves, when it is "on".
const SelfApproval = "self_approval"

// fourEyes refuses a verdict on one's own draft, where the console does not allow that.
func (t *tx) fourEyes(by Actor, d Draft, verdict string) error {
	if d.Author == 0 || d.Author != by.PersonID || verdict == "letter" {
		return nil
	}
	allowed, err := setting(t.ctx, t, SelfApproval)
	if err == nil && allowed != "on" {
		return ErrOwnDraft
	}
	return err
}

func (t *tx) addReview(by Actor, d Draft, r Review) error {
	keywords, err := encodeKeywords(d.Keywords)
	if err != nil {
		return err
	}
	id, err := t.insert(`INSERT INTO reviews (draft, verdict, version, title, keywords, scenario, type, category, letter,
			person_id, person_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		d.ID, r.Verdict, d.Version, d.Title, keywords, d.Scenario, d.Type, d.Category, r.Letter,
		reference(by.PersonID), by.Name, millis(t.now))
	if err != nil {
		return err
	}
	for n, reason := range r.Reasons {
		err := t.exec("INSERT INTO review_reasons (review, n, place, text) VALUES (?, ?, ?, ?)", id, n, reason.Where,
			reason.Text)
		if err != nil {
			return err
		}
	}
	return nil
}

// Comment is what somebody said beside a draft. Comments are only ever added.
type Comment struct {
	ID, Draft, PersonID int64
	PersonName, Text    string
	At                  time.Time
}

// AddComment leaves the draft itself as it is. text has 1 to 4,000 characters.
func (s *Store) AddComment(ctx context.Context, by Actor, app, draft int64, text string) (Comment, error) {
	c := Comment{Draft: draft, PersonID: by.PersonID, PersonName: by.Name, Text: text}
	err := s.write(ctx, func(t *tx) error {
		if _, err := t.draft(app, draft); err != nil {
			return err
		}
		var err error
		c.At = stored(t.now)
		c.ID, err = t.insert("INSERT INTO comments (draft, person_id, person_name, text, at) VALUES (?, ?, ?, ?, ?) RETURNING id",
			draft, reference(by.PersonID), by.Name, text, millis(t.now))
		if err != nil {
			return err
		}
		return t.record(by, app, ActDraftComment, object("draft", draft), map[string]int64{"comment": c.ID})
	})
	if err != nil {
		return Comment{}, err
	}
	return c, nil
}

// Comments answers every comment on a draft, the oldest first.
func (s *Store) Comments(ctx context.Context, app, draft int64) ([]Comment, error) {
	return many(ctx, s.readers, scanComment, `SELECT comments.id, draft, coalesce(person_id, 0), person_name, text, at
		FROM comments JOIN drafts ON drafts.id = draft WHERE app = ? AND draft = ? ORDER BY comments.id`, app, draft)
}

func scanComment(r row) (c Comment, err error) {
	err = r.Scan(&c.ID, &c.Draft, &c.PersonID, &c.PersonName, &c.Text, instant{&c.At})
	return c, err
}
