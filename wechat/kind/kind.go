// Package kind holds what differs between the kinds of message that a mini program can
// send, Template and Subscribe. Everything else works with a Kind and asks it.
package kind

import (
	"context"
	"slices"

	"muban/wechat"
	"muban/wechat/values"
)

// Kind is one kind of message. Its methods take the client of the app they act for.
type Kind interface {
	// Name is the word for the kind in addresses and in the database.
	Name() string
	Limits() Limits

	// Titled tells whether an id of the library, such as AT0002 or 99, is that of a title of the kind.
	Titled(id string) bool
	// Library is where the titles of the kind are read.
	Library(c *wechat.Client) Library
	// List gets every template of the kind that the account has.
	List(ctx context.Context, c *wechat.Client) ([]wechat.Template, error)
	// Add adds a combination to an account that has the templates of the ids before. Where the answer is lost, the new
	// template is looked for; *Lost says that it may still appear, or that several did. Any other error says that it
	// was not added.
	Add(ctx context.Context, c *wechat.Client, before []string, x Combination) (templateID string, err error)
	// New are the ids of the templates now that were not there before and are this combination.
	New(now []wechat.Template, before []string, x Combination) []string
	// Delete takes a template off the account. Where the answer is lost, it is looked for; *Lost says that it is
	// still there and may yet go.
	Delete(ctx context.Context, c *wechat.Client, templateID string) error

	// Compose is the content and the example that WeChat makes of a combination.
	Compose(keywords []wechat.Keyword) (content, example string)
	// Fields are the keys under which a message of t carries its values, with the names
	// and examples that t gives them, in t's order.
	Fields(t wechat.Template) []wechat.Field
	// Lines are what a message of t shows, from top to bottom.
	Lines(t wechat.Template) []Line
	// Check says what is wrong with m as a message of t, in the order of Checks. t is nil
	// where the template is not known.
	Check(m wechat.Message, t *wechat.Template) []Flaw
	// Unlike says why an account has no template of this id: "title_id" where it is the id of a title, else "gone".
	Unlike(templateID string) string
	// Checks are the ids of what Check looks at.
	Checks() []string

	// Send sends m. The msgID is WeChat's number of the message, "" where it tells none.
	Send(ctx context.Context, c *wechat.Client, m wechat.Message) (msgID string, err error)
	// SendPath is where a program sends one.
	SendPath() string
	// Body is the JSON of m as Send sends it.
	Body(m wechat.Message) []byte
	// Pretty is Body for a person.
	Pretty(m wechat.Message) string
	// Foreign names a member of m that messages of the kind do not have, or "".
	Foreign(m wechat.Message) string

	// Allowance is the word for what lets one send go out: Right or Consent. The ledger knows the
	// rules of it.
	Allowance() string
}

// The allowances.
const (
	Right   = "right"   // of a form that was submitted or a payment that was made
	Consent = "consent" // of a user's yes to one template
)

// All are the kinds there are.
func All() []Kind { return []Kind{Template, Subscribe} }

// Named is the kind of this name; Template for none.
func Named(name string) Kind {
	all := All()
	return all[max(0, slices.IndexFunc(all, func(k Kind) bool { return k.Name() == name }))]
}

// OfTitle is the kind of a title of the library, by its id; Template for an id that is of none.
func OfTitle(id string) Kind {
	all := All()
	return all[max(0, slices.IndexFunc(all, func(k Kind) bool { return k.Titled(id) }))]
}

// OfPenalty is the kind that an errcode of a penalty is of: 41031 to 41035 are of template messages.
func OfPenalty(code int) Kind {
	if code/10 == 4103 {
		return Template
	}
	return Subscribe
}

// Known tells whether there is a kind of this name.
func Known(name string) bool {
	return slices.ContainsFunc(All(), func(k Kind) bool { return k.Name() == name })
}

// Of is the kind of a template. Where it does not say, those of subscribe messages are told by their type.
func Of(t wechat.Template) Kind {
	if t.Kind == "" && t.Type != 0 {
		return Subscribe
	}
	return Named(t.Kind)
}

// Combination is what can be added to an account: keywords of a title, in the order in which they are shown.
type Combination struct {
	Title      wechat.Title
	KeywordIDs []int
	Scene      string // what a subscribe message is for; at most wechat.MaxScene characters
}

// Limits are how much of something there may be.
type Limits struct {
	FewestKeywords, Keywords int   // in one combination
	Templates                int   // in one account
	Scene                    int   // characters; 0: the kind has none
	Page                     int   // titles of the library that WeChat gives at a time
	Sends                    int   // of an account in a day before 45009
	Types                    []int // of its titles: wechat.OneTime, wechat.LongTerm; nil where they have none
}

// Library reads titles, a page or one with its keywords.
type Library interface {
	LibraryList(ctx context.Context, offset, count int) (wechat.TitlePage, error)
	LibraryGet(ctx context.Context, id string) (wechat.Title, error)
}

// Line is one line of a message: a field, or text that is the same in every message of the template.
type Line struct {
	Key  string // the field's; "" for text
	Text string // the field's name, or the text
}

// The states of a Flaw.
const (
	Warning = "warning" // it may be sent; somebody should look first
	Failed  = "failed"  // WeChat would refuse it, or show something else than what was meant
	Skipped = "skipped" // cannot be told, because the template is not known
)

// Flaw is something about a message that a check found.
type Flaw struct {
	Check string            // its id, one of the kind's Checks
	State string            // Warning, Failed or Skipped
	Why   string            // "" when Skipped
	Place string            // what it is about: "page", "emphasis_keyword", "data", "data.keyword2"
	Args  map[string]string // names and values for its text

	Verdict *values.Verdict // of "types": the text is that of package values
}
