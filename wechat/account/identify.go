package account

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
)

// Identity is what a template was combined from: the library's title and keywords. A template tells
// neither; they are found by their texts. Where Doubt is set, TitleID and KeywordIDs are empty.
type Identity struct {
	TitleID    string
	KeywordIDs []int
	Doubt      Doubt
	Titles     []string // ids of the titles that are in doubt
	Keyword    string   // the name that is in doubt
}

// Doubt says why a template cannot be told to be a certain combination; "" where it can.
type Doubt string

const (
	NoTitle         Doubt = "no_title"         // no title of the library has this text
	NoKeyword       Doubt = "no_keyword"       // none of Titles has all the keywords; the first lacks Keyword
	SeveralTitles   Doubt = "several_titles"   // each of Titles has this text and all the keywords
	SeveralKeywords Doubt = "several_keywords" // the title has Keyword more than once
	NoFields        Doubt = "no_fields"        // the content cannot be read
)

// Doubts lists them all, so that a catalogue of texts can be proved complete.
func Doubts() []Doubt {
	return []Doubt{NoTitle, NoKeyword, SeveralTitles, SeveralKeywords, NoFields}
}

// Titled are the titles that have this text: a title can stand under more than one id.
// The library's list tells no keywords, so read each of them whole before Identify.
func Titled(library []wechat.Title, text string) []wechat.Title {
	var found []wechat.Title
	for _, t := range library {
		if strings.TrimSpace(t.Text) == strings.TrimSpace(text) {
			found = append(found, t)
		}
	}
	return found
}

// Identify finds the combination that t is, among titles with their keywords. Where texts are equal the
// examples decide; what is ambiguous then is said, never guessed.
func Identify(t wechat.Template, titles []wechat.Title) Identity {
	fields := kind.Of(t).Fields(t)
	if len(fields) == 0 {
		return Identity{Doubt: NoFields}
	}
	titles = Titled(titles, t.Title)
	if len(titles) == 0 {
		return Identity{Doubt: NoTitle}
	}
	var holding []match
	var missed string
	for _, title := range titles {
		if name := lacking(fields, title); name == "" {
			holding = append(holding, read(fields, title))
		} else if missed == "" {
			missed = name
		}
	}
	switch {
	case len(holding) == 0:
		return Identity{Doubt: NoKeyword, Keyword: missed, Titles: idsOf(titles)}
	case len(holding) > 1:
		return decide(holding)
	}
	return holding[0].Identity
}

// lacking is the name of the first field that the title has no keyword for; "" when it has all.
func lacking(fields []wechat.Field, title wechat.Title) string {
	for _, f := range fields {
		if len(named(title, f)) == 0 {
			return f.Name
		}
	}
	return ""
}

// named are the keywords of a title that a field may be. The key of a subscribe message tells which.
func named(title wechat.Title, f wechat.Field) []wechat.Keyword {
	return among(title.Keywords, func(k wechat.Keyword) bool {
		if k.Rule != "" {
			return k.Rule+strconv.Itoa(k.ID) == f.Key
		}
		return strings.TrimSpace(k.Name) == f.Name
	})
}

// match is a template taken for a combination of one title.
type match struct {
	Identity
	title string // its id, in doubt or not
	exact bool   // the examples are the title's too
}

// read takes the fields for keywords of a title that has all of their names.
func read(fields []wechat.Field, title wechat.Title) match {
	r := match{Identity: Identity{TitleID: title.ID}, title: title.ID, exact: true}
	for _, f := range fields {
		found := named(title, f)
		alike := among(found, func(k wechat.Keyword) bool { return strings.TrimSpace(k.Example) == f.Example })
		r.exact = r.exact && len(alike) > 0
		if len(found) > 1 {
			found = alike
		}
		if len(found) != 1 {
			r.Identity = Identity{Doubt: SeveralKeywords, Keyword: f.Name, Titles: []string{title.ID}}
			return r
		}
		r.KeywordIDs = append(r.KeywordIDs, found[0].ID)
	}
	return r
}

// decide chooses between titles that all have the text and the keywords: by the examples, or not at all.
func decide(holding []match) Identity {
	exact := among(holding, func(r match) bool { return r.exact })
	if len(exact) == 1 {
		return exact[0].Identity
	}
	doubt := Identity{Doubt: SeveralTitles}
	for _, r := range holding {
		doubt.Titles = append(doubt.Titles, r.title)
	}
	return doubt
}

func among[T any](all []T, wanted func(T) bool) []T {
	var found []T
	for _, v := range all {
		if wanted(v) {
			found = append(found, v)
		}
	}
	return found
}

func idsOf(titles []wechat.Title) []string {
	ids := make([]string, len(titles))
	for i, t := range titles {
		ids[i] = t.ID
	}
	return ids
}

// Unread is the doubt where the library could not be read at all; Identify never answers it.
const Unread Doubt = "unread"

// adoptPatience is how long adopting waits for the library. Without it the templates are adopted all
// the same; restoring looks again.
const adoptPatience = 10 * time.Second

// Identified are templates as they will be remembered, with the ids that their texts lead to.
func (a *Account) Identified(ctx context.Context, found []wechat.Template) []Template {
	ctx, cancel := context.WithTimeout(ctx, adoptPatience)
	defer cancel()
	all := make([]Template, 0, len(found))
	for _, t := range found {
		x := Template{
			App: a.App.ID, Kind: kind.Of(t).Name(), TemplateID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example,
			Type: t.Type, Enums: t.Enums,
		}
		if id, err := a.Identify(ctx, t); err == nil {
			x.TitleID, x.KeywordIDs = id.TitleID, id.KeywordIDs
		}
		all = append(all, x)
	}
	return all
}

// Identify finds the combination that a template is in the account's library. Its title is looked for
// in the mirror first: to read the whole list takes a while.
func (a *Account) Identify(ctx context.Context, t wechat.Template) (Identity, error) {
	titles := Titled(a.Mirror.Titles(), t.Title)
	if len(titles) == 0 {
		all, err := a.Library.All(ctx)
		if err != nil {
			return Identity{Doubt: Unread}, err
		}
		titles = Titled(all, t.Title)
	}
	var opened []wechat.Title
	for _, title := range titles {
		title, err := a.Library.Get(ctx, title.ID)
		if errors.Is(err, wechat.ErrArgs) { // it has gone since the list was read
			continue
		}
		if err != nil {
			return Identity{Doubt: Unread}, err
		}
		opened = append(opened, title)
	}
	return Identify(t, opened), nil
}

// Restoration is what a template would be added again as: the remembered ids where the library still
// has them, else what its texts lead to. Only what is no answer of WeChat's is an error.
func (a *Account) Restoration(ctx context.Context, known Template) (Identity, error) {
	if known.Restorable() {
		title, err := a.Library.Get(ctx, known.TitleID)
		if err == nil && len(KeywordsIn(title, known.KeywordIDs)) == len(known.KeywordIDs) {
			return Identity{TitleID: known.TitleID, KeywordIDs: known.KeywordIDs}, nil
		}
		if err != nil && !errors.Is(err, wechat.ErrArgs) {
			return unreadable(err)
		}
	}
	id, err := a.Identify(ctx, known.Live())
	if err != nil {
		return unreadable(err)
	}
	return id, nil
}

func unreadable(err error) (Identity, error) {
	if wechat.IsFailure(err) {
		err = nil
	}
	return Identity{Doubt: Unread}, err
}

// KeywordsIn are the title's keywords with these ids, in order, without those that it does not have.
func KeywordsIn(title wechat.Title, ids []int) []wechat.Keyword {
	var found []wechat.Keyword
	for _, id := range ids {
		if at := slices.IndexFunc(title.Keywords, func(k wechat.Keyword) bool { return k.ID == id }); at >= 0 {
			found = append(found, title.Keywords[at])
		}
	}
	return found
}
