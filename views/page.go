// Package views draws the console's pages: templ components, the text
// catalogues, and the forms that pages and handlers share. A view gets finished
// data and calls nothing.
package views

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"muban/store"
	"muban/wechat/alert"
)

// Page is what every page needs: who looks, in which language, at which app.
type Page struct {
	*Text
	Theme  string        // "light", "dark", or "" for the system's
	Person *store.Person // nil before sign-in
	Role   store.Role    // the person's in the current app
	App    store.App     // the current app; zero before sign-in
	Apps   []store.App   // what the switcher offers
	Nav    []NavItem
	Here   string // path and query of this page: where the switches in the top bar return to
	Static string // path prefix of the embedded files, with their content hash
	Done   string // id of the message that an act before a redirect left in the URL, or ""
	Now    time.Time
	Alarms []alert.Alert // what is raised, for those who may see it
}

// NavItem is one entry of the sidebar.
type NavItem struct {
	Group   string // message id below "nav_group.", "" for none
	Name    string // message id below "nav."
	Href    string
	Current bool
}

// IsSandbox tells whether the current app lives on the simulated WeChat.
func (p *Page) IsSandbox() bool { return p.App.Sandbox }

// Offers tells whether the sidebar leads to this page: then the person may see it.
func (p *Page) Offers(href string) bool {
	return slices.ContainsFunc(p.Nav, func(n NavItem) bool { return n.Href == href })
}

// in is an address in the mini program of appID, as it stands where that is the
// current one.
func (p *Page) in(appID, address string) string {
	if appID == p.App.AppID {
		return address
	}
	return In(appID, address)
}

// Range is one page of a list: WeChat's offset and count, and the total where
// it is known (-1 where it is not, as for template/list).
type Range struct {
	Path   string
	Query  url.Values // the filters to keep
	Offset int
	Count  int
	Shown  int // rows on this page
	Total  int
	// AtLeast is where counting stopped, 0 where it did not: Total is -1 then.
	AtLeast int
}

// Counted sets the total of rows, which were counted up to atMost.
func (r *Range) Counted(total, atMost int) {
	if r.Total = total; total >= atMost {
		r.Total, r.AtLeast = -1, atMost
	}
}

// From and To are the 1-based numbers of the first and the last row shown.
func (r Range) From() int { return r.Offset + 1 }

// To is the number of the last row shown.
func (r Range) To() int { return r.Offset + r.Shown }

// HasNext tells whether a later page can hold rows.
func (r Range) HasNext() bool {
	if r.Total < 0 {
		return r.Shown == r.Count
	}
	return r.Offset < r.Total-r.Count // the sum could overflow: the offset is whatever the URL says
}

// Last is the offset of the last page, counted from the start of the list.
func (r Range) Last() int {
	if r.Total <= 0 {
		return 0
	}
	return (r.Total - 1) / r.Count * r.Count
}

// Previous is the offset one page earlier.
func (r Range) Previous() int { return max(0, r.Offset-r.Count) }

// Next is the offset one page later.
func (r Range) Next() int { return r.Offset + r.Count }

// URL is the address of the page that starts at offset.
func (r Range) URL(offset int) string {
	to := r.Path + "?count=" + strconv.Itoa(r.Count) + "&offset=" + strconv.Itoa(offset)
	if len(r.Query) > 0 {
		to += "&" + r.Query.Encode()
	}
	return to
}

// Problems are what is wrong with a form, by field name; the message is ready
// to show.
type Problems map[string]string

// Outcome is how a call to WeChat ended, as a page shows it.
type Outcome struct {
	Kind   string // "sent", "refused", "unknown", "pending"
	Code   int    // errcode, 0 where WeChat gave none
	Msg    string // errmsg, whole: support asks for its rid
	Reason string // what went wrong before or instead of an answer: "timeout", "unreachable", …

	Unrecorded bool // it is known, and not stored yet
}
