package views

import (
	"encoding/json"
	"muban/views/text"
	"muban/views/ui"
	"net/url"
	"slices"
	"strings"
)

// Asking is what a page of the mini program asks its users for, and where their answers are reported.
type Asking struct {
	Muban, AppID string // the address without a slash at its end
	Moment       string // one of ledger.Moments
	Templates    []AskedTemplate
}

// AskedTemplate is a subscribe template that a page asks for.
type AskedTemplate struct{ ID, Title string }

// AskCodes are the ways a page of a mini program is written, in the order of their tabs.
func AskCodes() []Snippet {
	return []Snippet{
		{Lang: "native", Name: "原生", File: "ask.native.js"},
		{Lang: "uni", Name: "uni-app", File: "ask.uni.vue"},
		{Lang: "taro", Name: "Taro", File: "ask.taro.jsx"},
	}
}

// ReportCodes are the programs that report the answers to the console.
func ReportCodes() []Snippet {
	return []Snippet{
		{Lang: "curl", Name: "curl", File: "consents.sh"},
		{Lang: "node", Name: "Node.js", File: "consents.mjs"},
	}
}

// CodeIn is the page's code as lang writes it, the first way's where lang is unknown.
func (a Asking) CodeIn(lang string) Snippet { return a.write(AskCodes(), lang) }

// ReportIn is the server's code in lang, the first one's where lang is unknown.
func (a Asking) ReportIn(lang string) Snippet { return a.write(ReportCodes(), lang) }

func (a Asking) write(all []Snippet, lang string) Snippet {
	s := all[0]
	for _, known := range all {
		if known.Lang == lang {
			s = known
		}
	}
	s.Code = filled(s.File, a)
	return s
}

// consentBody is an answer as the server reports it.
func consentBody(a Asking) (string, error) {
	results := map[string]string{}
	for _, t := range a.Templates {
		results[t.ID] = "accept"
	}
	body, err := json.Marshal(struct {
		AppID   string            `json:"appid"`
		OpenID  string            `json:"openid"`
		Results map[string]string `json:"results"`
		ID      string            `json:"id"`
		Moment  string            `json:"moment"`
	}{a.AppID, "OPENID", results, "ID", a.Moment})
	return string(body), err
}

// query is the page's address without one part: what is picked, the moment, and the ways the code is written.
func (p AskPage) query() url.Values {
	q := url.Values{"when": {p.Moment}, "code": {p.Code.Lang}, "server": {p.Report.Lang}}
	for _, t := range p.Templates {
		q.Add("t", t.ID)
	}
	return q
}

func (p AskPage) longTerm() bool {
	return slices.ContainsFunc(p.Choices, func(c AskChoice) bool { return c.Picked && c.LongTerm })
}

// popupText is what the popup says, for those who cannot see it.
func (p AskPage) popupText() string {
	titles := make([]string, len(p.Templates))
	for i, t := range p.Templates {
		titles[i] = text.Short(t.Title)
	}
	return p.T("ask.popup", "App", text.Short(p.App.Name), "Titles", strings.Join(titles, p.T("ask.between")))
}

// termOf says how often one consent lets messages through.
func termOf(p *ui.Page, longTerm bool) string {
	if longTerm {
		return p.T("consent_term.long")
	}
	return p.T("consent_term.once")
}
