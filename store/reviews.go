package store

import (
	"context"
	"encoding/json"
	"time"

	"muban/wechat"
)

// Review is what a reviewer, or WeChat in a letter, said of a draft.
type Review struct {
	ID, Draft  int64
	Kind       string // "approved", "rejected", or "letter": WeChat's own rejection
	Reasons    []Reason
	Version    int // of the draft; Title, Keywords and Scenario are what it held then
	Title      string
	Keywords   []wechat.Keyword
	Scenario   string
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

const reviewColumns = `reviews.id, draft, reviews.kind, reviews.version, reviews.title, reviews.keywords, reviews.scenario,
	coalesce(person_id, 0), person_name, at, (SELECT json_group_array(json_object('where', place, 'text', text) ORDER BY n)
	FROM review_reasons WHERE review = reviews.id)`

// Reviews answers every review of a draft, the newest first.
func (s *Store) Reviews(ctx context.Context, app, draft int64) ([]Review, error) {
	return many(ctx, s.readers, scanReview, "SELECT "+reviewColumns+` FROM reviews JOIN drafts ON drafts.id = draft
		WHERE app = ? AND draft = ? ORDER BY reviews.id DESC`, app, draft)
}

func scanReview(r row) (x Review, err error) {
	var keywords, reasons []byte
	err = r.Scan(&x.ID, &x.Draft, &x.Kind, &x.Version, &x.Title, &keywords, &x.Scenario,
		&x.PersonID, &x.PersonName, instant{&x.At}, &reasons)
	if err != nil {
		return Review{}, err
	}
	if x.Keywords, err = decodeKeywords(keywords); err != nil {
		return Review{}, err
	}
	return x, json.Unmarshal(reasons, &x.Reasons)
}
