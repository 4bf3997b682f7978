// Package account is one mini program at work: its client, the keeper of its token, its library,
// and its templates as WeChat lists them and as we remember them.
package account

import (
	"strings"
	"time"

	"muban/wechat"
)

// Template is what we remember of one of an account's templates, also after it is deleted.
// WeChat's own list is the truth.
type Template struct {
	App                        int64
	TemplateID, TitleID, Title string
	KeywordIDs                 []int // in order; none where they are not known: see Identify
	Content, Example           string

	Adopted     bool // it was added elsewhere, and AddedBy took it over at AddedAt
	AddedBy     int64
	AddedByName string
	DraftID     int64 // 0: added without a draft
	AddedAt     time.Time

	DeletedAt        time.Time
	DeletedByName    string
	DeletedElsewhere bool // DeletedByName only noted it

	Alias                string // now; "" without one
	Replaces, ReplacedBy string // template_ids: what it was restored from, and what was restored from it
}

// Live is the template as template/list gave it.
func (t Template) Live() wechat.Template {
	return wechat.Template{ID: t.TemplateID, Title: t.Title, Content: t.Content, Example: t.Example}
}

// Deleted tells whether the template is gone from the account, as far as we know.
func (t Template) Deleted() bool { return !t.DeletedAt.IsZero() }

// Restorable tells whether the ids to add it again are remembered.
func (t Template) Restorable() bool { return t.TitleID != "" && len(t.KeywordIDs) > 0 }

// Listed is t with the content of now, which is the same template as it is listed. What it was combined
// from stays known only while its title and keywords stay; else it is what now tells.
func (t Template) Listed(now Template) Template {
	if changed(now.Live(), t.Live()) {
		t.TitleID, t.KeywordIDs = now.TitleID, now.KeywordIDs
	}
	t.Title, t.Content, t.Example = now.Title, now.Content, now.Example
	t.DeletedAt, t.DeletedByName, t.DeletedElsewhere = time.Time{}, "", false
	return t
}

// List is what template/list answered at last, and when it was asked.
type List struct {
	Templates []wechat.Template // in WeChat's order
	ReadAt    time.Time
}

// MaxAlias is how long an alias may be, in characters.
const MaxAlias = 64

// ValidAlias tells whether s can name a template: small letters and digits, with - _ . between them.
// Such a name needs no escaping in an address, a shell or a program.
func ValidAlias(s string) bool {
	return s != "" && len(s) <= MaxAlias && strings.Trim(s, "-_.") == s && strings.Trim(s, inAlias) == ""
}

const inAlias = "abcdefghijklmnopqrstuvwxyz0123456789-_."

// Span is a time in which an alias named a template.
type Span struct {
	Alias, TemplateID string
	From, Until       time.Time // Until is zero while it still does
	SetBy, EndedBy    string    // names of people
}
