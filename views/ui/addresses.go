package ui

import (
	"net/url"
	"strconv"
	"strings"

	"muban/store"
	"muban/views/text"
	"muban/wechat/audit"
	"muban/wechat/kind"
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

// Address is a path with a query, where there is any.
func Address(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Query is a query of names and values in turn, without what is empty.
func Query(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

// Below is what goes before the console's addresses. They are written as if it had its
// host to itself and its people had one mini program.
type Below struct {
	Base string // path of the public URL that everything is below, "" for none
	App  string // the mini program, as In writes it, for somebody who has several; "" otherwise
}

// At is address with that before it. The files of every page, and what names a mini
// program itself, have the base path alone.
func (b Below) At(address string) string {
	if strings.HasPrefix(address, "/static/") || strings.HasPrefix(address, "/@") || strings.HasPrefix(address, "//") {
		return b.Base + address
	}
	return b.Base + b.App + address
}

// OfKind is an address about a kind of message, which needs no name where it is the mini program's own.
func OfKind(address string, k, own kind.Kind) string {
	switch {
	case k == nil || k == own:
		return address
	}
	return withKind(address, k.Name())
}

// EveryKind stands in the address of a list for all kinds of message.
const EveryKind = "all"

// OfEveryKind is the address of a list of all kinds of message.
func OfEveryKind(address string) string { return withKind(address, EveryKind) }

func withKind(address, name string) string {
	if strings.Contains(address, "?") {
		return address + "&kind=" + name
	}
	return address + "?kind=" + name
}

// TitleURL is the builder of a library title.
func TitleURL(id string) string { return "/library/" + url.PathEscape(id) }

// LibraryURL lists the library's titles that are like a text.
func LibraryURL(text string) string { return Address("/library", url.Values{"q": {text}}) }

// RuleURL is where the page of rules tells of one, for a mini program whose own kind of message is known.
func RuleURL(rule string, own kind.Kind) string {
	k := kind.Template
	if audit.OfSubscribe(rule) {
		k = kind.Subscribe
	}
	return OfKind("/rules", k, own) + "#" + rule
}

// TemplateURL is the page of a template of the account.
func TemplateURL(id string) string { return "/templates/" + url.PathEscape(id) }

// KnownURL is where a title is found that a proposal resembles.
func KnownURL(e audit.Existing) string {
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

// DraftsURL is the list of drafts, of every kind of message, that hold a text.
func DraftsURL(text string) string {
	return Address("/drafts", url.Values{"kind": {EveryKind}, "q": {text}})
}

// SendURL is the page of a send.
func SendURL(id int64) string { return "/sends/" + strconv.FormatInt(id, 10) }

// RidURL is the page of what WeChat saw of a call, with the send that it was for; 0 for none.
func RidURL(rid string, send int64) string {
	if send == 0 {
		return "/sends/rids/" + rid
	}
	return "/sends/rids/" + rid + "?send=" + strconv.FormatInt(send, 10)
}

// ShortOpenID is enough of an openid to tell it from others.
func ShortOpenID(id string) string { return text.Ends(id, 4, 4) }

// PhoneURL is the sandbox phone of an openid.
func PhoneURL(openID string) string { return "/sandbox?openid=" + url.QueryEscape(openID) }

// RightsOfURL is the ledger of one openid, right by right.
func RightsOfURL(openID string) string {
	return Address("/rights", url.Values{"by": {"right"}, "q": {openID}, "kind": {"template"}})
}

// ConsentsOfURL is what one openid said to each subscribe template.
func ConsentsOfURL(openID string) string {
	return Address("/rights", url.Values{"q": {openID}, "kind": {"subscribe"}})
}

// SendsUnderURL lists the sends that went out under a right.
func SendsUnderURL(rightID string) string {
	return OfEveryKind(Address("/sends", url.Values{"right": {rightID}}))
}

// SendsOfURL lists the sends of a template.
func SendsOfURL(templateID string) string {
	return OfEveryKind(Address("/sends", url.Values{"template": {templateID}}))
}

// ReportedURL is the page of a send's template, filled in as it was sent and saying how it ended.
func ReportedURL(s store.Send) string {
	return TemplateURL(s.TemplateID) + "?send=" + strconv.FormatInt(s.ID, 10)
}

// PersonURL is the page of one person.
func PersonURL(id int64) string { return "/settings/people/" + strconv.FormatInt(id, 10) }

// ActivityURL is who did act to one thing, such as the person with an id, in any app.
func ActivityURL(act, kind string, id int64) string {
	q := url.Values{"act": {act}, "object": {kind + ":" + strconv.FormatInt(id, 10)}, "all": {"true"}}
	return "/activity?" + q.Encode()
}

// BuilderURL reopens a combination in the builder.
func BuilderURL(d store.Draft) string {
	f := Combination{Draft: d.ID, Version: d.Version}
	if !d.Proposed || d.Typed() {
		f.Scene = d.Scenario
	}
	for _, k := range d.Keywords {
		f.Keywords = append(f.Keywords, k.ID)
	}
	return f.URL(d.TitleID)
}
