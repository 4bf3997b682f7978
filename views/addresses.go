package views

import (
	"net/url"
	"strconv"

	"muban/store"
)

// The addresses of the console's own pages, in one place. What WeChat or a person
// chose the name of is escaped.

// TitleURL is the builder of a library title.
func TitleURL(id string) string { return "/library/" + url.PathEscape(id) }

// TemplateURL is the page of a template of the account.
func TemplateURL(id string) string { return "/templates/" + url.PathEscape(id) }

// DraftURL is the page of a draft.
func DraftURL(id int64) string { return "/drafts/" + strconv.FormatInt(id, 10) }

// SendURL is the page of a send.
func SendURL(id int64) string { return "/sends/" + strconv.FormatInt(id, 10) }

// PhoneURL is the sandbox phone of an openid.
func PhoneURL(openID string) string { return "/sandbox?openid=" + url.QueryEscape(openID) }

// URL is the state of the builder of a title as an address.
func (f Combination) URL(titleID string) string {
	q := url.Values{}
	for _, id := range f.Keywords {
		q.Add("k", strconv.Itoa(id))
	}
	if f.Emphasis != 0 {
		q.Set("e", strconv.Itoa(f.Emphasis))
	}
	if f.Draft != 0 {
		q.Set("draft", strconv.FormatInt(f.Draft, 10))
		q.Set("version", strconv.Itoa(f.Version))
	}
	if f.Filter != "" {
		q.Set("q", f.Filter)
	}
	if len(q) == 0 {
		return TitleURL(titleID)
	}
	return TitleURL(titleID) + "?" + q.Encode()
}

// combinationURL opens the builder on keywords of a title.
func combinationURL(titleID string, keywordIDs []int) string {
	return Combination{Keywords: keywordIDs}.URL(titleID)
}

// builderURL reopens a combination in the builder.
func builderURL(d store.Draft) string {
	f := Combination{Draft: d.ID, Version: d.Version}
	for _, k := range d.Keywords {
		f.Keywords = append(f.Keywords, k.ID)
	}
	return f.URL(d.TitleID)
}
