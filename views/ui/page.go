package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"muban/store"
	"muban/views/text"
	"muban/wechat/alert"
)

// Page is what every page needs: who looks, in which language, at which app.
type Page struct {
	*text.Text
	Theme  string        // "light", "dark", or "" for the system's
	Person *store.Person // nil before sign-in
	Role   store.Role    // the person's in the current app
	App    store.App     // the current app; zero before sign-in
	Apps   []store.App   // what the switcher offers
	Nav    []NavItem
	Below  Below
	Here   string // path and query of this page: where the switches in the top bar return to
	Static string // address of the embedded files, with their content hash
	Done   string // id of the message that an act before a redirect left in the URL, or ""
	Now    time.Time
	Alarms []alert.Alert // what is raised, for those who may see it
	// Ban closes the API to the current app: the page says so on top, in the alarm's place.
	Ban *store.Violation
	// RestoreHeld: messages wait for a restore to be confirmed, and the person may do that.
	RestoreHeld bool
	// Unsaved: the page answers a post that kept nothing, so what its form holds is nowhere else.
	Unsaved bool
}

// NavItem is one entry of the sidebar.
type NavItem struct {
	Group   string // message id below "nav_group.", "" for none
	Name    string // message id below "nav."
	Href    string
	Current bool
	Waiting int // how much of it waits for the person
}

// IsSandbox tells whether the current app lives on the simulated WeChat.
func (p *Page) IsSandbox() bool { return p.App.Sandbox }

// Offers tells whether the sidebar leads to this page: then the person may see it.
func (p *Page) Offers(href string) bool {
	return slices.ContainsFunc(p.Nav, func(n NavItem) bool { return n.Href == href })
}

// At is the address of one of the console's pages as a browser asks for it.
func (p *Page) At(address string) templ.SafeURL {
	if !strings.HasPrefix(address, "/") {
		return templ.URL(address)
	}
	return templ.SafeURL(p.Below.At(address))
}

// InApp is an address in the mini program of appID, as it stands where that is the
// current one.
func (p *Page) InApp(appID, address string) string {
	if appID == p.App.AppID {
		return address
	}
	return In(appID, address)
}
