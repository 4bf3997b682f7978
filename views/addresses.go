package views

import (
	"net/url"
	"strconv"
	"strings"

	"muban/store"
	"muban/wechat/audit"
)

// The addresses of the console's own pages, in one place. What WeChat or a person
// chose the name of is escaped.

// In is an address in the mini program of appID, whichever is the current one; the
// address itself where appID is "".
func In(appID, address string) string {
	if appID == "" {
		return address
	}
	return "/@" + url.PathEscape(appID) + address
}

// TitleURL is the builder of a library title.
func TitleURL(id string) string { return "/library/" + url.PathEscape(id) }

// TemplateURL is the page of a template of the account.
func TemplateURL(id string) string { return "/templates/" + url.PathEscape(id) }

// knownURL is where a title is found that a proposal resembles.
func knownURL(e audit.Existing) string {
	switch e.Source {
	case audit.SourceTemplate:
		return TemplateURL(e.ID)
	case audit.SourceDraft:
		return "/drafts/" + strings.TrimPrefix(e.ID, "draft:")
	}
	return TitleURL(e.ID)
}

// DraftURL is the page of a draft.
func DraftURL(id int64) string { return "/drafts/" + strconv.FormatInt(id, 10) }

// DraftsURL is the list of drafts that hold a text.
func DraftsURL(text string) string { return addressOf("/drafts", url.Values{"q": {text}}) }

// SendURL is the page of a send.
func SendURL(id int64) string { return "/sends/" + strconv.FormatInt(id, 10) }

// PhoneURL is the sandbox phone of an openid.
func PhoneURL(openID string) string { return "/sandbox?openid=" + url.QueryEscape(openID) }

// ActivityURL is who did act to one thing, such as the person with an id, in any app.
func ActivityURL(act, kind string, id int64) string {
	q := url.Values{"act": {act}, "object": {kind + ":" + strconv.FormatInt(id, 10)}, "all": {"true"}}
	return "/activity?" + q.Encode()
}

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

// RightsURL is the ledger as a filter shows it.
func RightsURL(f RightsFilter) string { return addressOf("/rights", f.Values()) }

// CSV is the file of what the filter shows.
func (f RightsFilter) CSV() string { return addressOf("/rights.csv", f.Values()) }

// Values is the filter as a query; by openid is how the ledger opens.
func (f RightsFilter) Values() url.Values {
	q := set(map[string]string{"by": f.By, "q": f.Query, "kind": f.Kind, "state": f.State})
	if f.By == "openid" {
		q.Del("by")
	}
	return q
}

// RightsOfURL is the ledger of one openid, right by right.
func RightsOfURL(openID string) string { return RightsURL(RightsFilter{By: "right", Query: openID}) }

// SendsUnderURL lists the sends that went out under a right.
func SendsUnderURL(rightID string) string { return SendsURL(SendsFilter{Right: rightID}) }

func addressOf(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// ReportedURL is the page of a send's template, filled in as it was sent and saying how it ended.
func ReportedURL(s store.Send) string {
	return TemplateURL(s.TemplateID) + "?send=" + strconv.FormatInt(s.ID, 10)
}

// SendsURL is the history as a filter shows it.
func SendsURL(f SendsFilter) string { return addressOf("/sends", f.Values()) }

// CSV is the file of what the filter shows.
func (f SendsFilter) CSV() string { return addressOf("/sends.csv", f.Values()) }

// Values is the filter as a query.
func (f SendsFilter) Values() url.Values {
	return set(map[string]string{
		"q": f.Text, "outcome": f.Outcome, "errcode": f.ErrCode, "template": f.Template, "openid": f.OpenID,
		"right": f.Right, "person": f.Person, "from": f.From, "to": f.To,
	})
}

// set is a query of what is not empty.
func set(named map[string]string) url.Values {
	q := url.Values{}
	for name, value := range named {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}
