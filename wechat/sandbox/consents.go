package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"muban/wechat"
)

const (
	maxConsents = 100_000 // openids and templates of one app
	maxTimes    = 1000    // taps at once
	maxAsked    = 5       // templates in one popup (wx.requestSubscribeMessage; older pages say 3)
)

// What a user answers to wx.requestSubscribeMessage, or does in the settings.
const (
	Accept = "accept"
	Reject = "reject"
)

// ErrNoTemplate is the answer for a template that the account lacks.
var ErrNoTemplate = errors.New("sandbox: the account has no such template")

// consentKey is an openid and a template.
type consentKey string

func keyOf(openID, templateID string) consentKey { return consentKey(openID + " " + templateID) }

func (k consentKey) openID() string { before, _, _ := strings.Cut(string(k), " "); return before }

func (k consentKey) templateID() string { _, after, _ := strings.Cut(string(k), " "); return after }

// consent is what one user has allowed for one template.
type consent struct {
	Left    int   // sends that one-time accepts still allow
	Long    bool  `json:",omitempty"` // a long-term accept is in force
	Refused bool  `json:",omitempty"` // switched off in the settings
	Kept    bool  `json:",omitempty"` // "always keep": the popup is not shown any more
	Last    int64 // when the last event was, in seconds since 1970
}

// Consent is what a user has allowed for a template, as a page may show it.
type Consent struct {
	OpenID     string `json:"openid"`
	TemplateID string `json:"template_id"`
	Title      string `json:"title"`
	Left       int    `json:"left"` // one-time sends; they add up and have no end
	Long       bool   `json:"long"` // as many as wanted, until refused
	Refused    bool   `json:"refused"`
	Kept       bool   `json:"always_keep"`
}

// Allow lets a user accept in the popup: one send each of one-time templates, any number of long-term ones until
// they are refused. With keep the user chose to have it always so: the popup is not shown again, later Allows add a
// consent each without an event (assumed: no source says that one is pushed).
func (s *Server) Allow(appID, openID string, keep bool, templateIDs ...string) error {
	return s.tap(appID, openID, templateIDs, func(c *consent, long bool) (told string) {
		silent := c.Kept
		c.Refused, c.Kept = false, c.Kept || keep
		if long {
			c.Long = true
		} else {
			c.Left++
		}
		if silent {
			return ""
		}
		return Accept
	}, popupEvent)
}

// Decline lets a user say no in the popup. It takes nothing of what was allowed before (assumed).
func (s *Server) Decline(appID, openID string, templateIDs ...string) error {
	return s.tap(appID, openID, templateIDs, func(*consent, bool) string { return Reject }, popupEvent)
}

// Refuse lets a user switch the templates off in the mini program's settings: what was allowed ends (assumed of
// one-time consents that were left).
func (s *Server) Refuse(appID, openID string, templateIDs ...string) error {
	return s.tap(appID, openID, templateIDs, func(c *consent, _ bool) string {
		*c = consent{Refused: true, Last: c.Last}
		return Reject
	}, changeEvent)
}

// tap changes the consents of a user and pushes one event of them all. Events of one user and template are a second
// apart at least, as taps are: nothing else would tell them from a push that is repeated.
func (s *Server) tap(
	appID, openID string, templateIDs []string, answer func(c *consent, long bool) string, event string,
) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	app, err := s.asked(appID, openID, templateIDs)
	if err != nil {
		return err
	}
	at := s.now().Unix()
	for _, id := range templateIDs {
		if c := app.Consents[keyOf(openID, id)]; c != nil {
			at = max(at, c.Last+1)
		}
	}
	var items []item
	for _, id := range templateIDs {
		c := app.consent(openID, id)
		long := app.SubscribeTemplates[app.subscribeTemplate(id)].Type == wechat.LongTerm
		c.Last = at
		if told := answer(c, long); told != "" {
			items = append(items, item{TemplateID: id, Status: told, Scene: s.popupScene()})
		}
	}
	s.changes++
	if len(items) > 0 {
		s.push(app, openID, event, time.Unix(at, 0), items)
	}
	return nil
}

// asked says why the popup cannot be shown, as wx.requestSubscribeMessage does.
func (s *Server) asked(appID, openID string, templateIDs []string) (*app, error) {
	app := s.state.Apps[appID]
	switch {
	case app == nil:
		return nil, ErrUnknownApp
	case !validOpenID(openID):
		return nil, ErrOpenID
	case len(templateIDs) == 0 || len(templateIDs) > maxAsked:
		return nil, fmt.Errorf("a popup asks for 1 to %d templates", maxAsked)
	case len(app.Consents) > maxConsents:
		return nil, fmt.Errorf("there are %d consents already", maxConsents)
	}
	types := map[int]bool{}
	for _, id := range templateIDs {
		at := app.subscribeTemplate(id)
		if at < 0 {
			return nil, ErrNoTemplate
		}
		types[app.SubscribeTemplates[at].Type] = true
	}
	if len(types) > 1 {
		return nil, errors.New("one-time and long-term templates are not asked for together")
	}
	return app, nil
}

func (a *app) consent(openID, templateID string) *consent {
	if a.Consents == nil {
		a.Consents = map[consentKey]*consent{}
	}
	key := keyOf(openID, templateID)
	if a.Consents[key] == nil {
		a.Consents[key] = &consent{}
	}
	return a.Consents[key]
}

// allows tells whether a message may go to the user. WeChat says the same, 43101, whatever the reason is.
func (c *consent) allows() bool { return c != nil && (c.Long || c.Left > 0) }

func (c *consent) use() {
	if !c.Long {
		c.Left--
	}
}

// Consents are what a user of an app has answered, of all users where openID is empty, by openid and template.
func (s *Server) Consents(appID, openID string) []Consent {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Consent{}
	app := s.state.Apps[appID]
	if app == nil {
		return all
	}
	for key, c := range app.Consents {
		if openID != "" && key.openID() != openID {
			continue
		}
		title := ""
		if at := app.subscribeTemplate(key.templateID()); at >= 0 {
			title = app.SubscribeTemplates[at].Title
		}
		all = append(all, Consent{key.openID(), key.templateID(), title, c.Left, c.Long, c.Refused, c.Kept})
	}
	slices.SortFunc(all, func(a, b Consent) int {
		return strings.Compare(a.OpenID+a.TemplateID, b.OpenID+b.TemplateID)
	})
	return all
}

// postConsents makes a user answer "times" times. A reject is made in the settings and ends what is left, unless
// "where" is "popup". "always_keep" goes with an accept.
func (s *Server) postConsents(c call) (any, error) {
	q, err := understand[struct {
		user
		TemplateID  string   `json:"template_id"`
		TemplateIDs []string `json:"template_ids"`
		Answer      string   `json:"answer"`
		Times       *int     `json:"times"`
		Where       string   `json:"where"`
		Keep        bool     `json:"always_keep"`
	}](c)
	if err != nil {
		return nil, err
	}
	ids, times := q.TemplateIDs, 1
	if q.TemplateID != "" {
		ids = append([]string{q.TemplateID}, ids...)
	}
	if q.Times != nil {
		times = *q.Times
	}
	switch {
	case times < 1 || times > maxTimes:
		return nil, fmt.Errorf("times is 1 to %d", maxTimes)
	case q.Answer != Accept && q.Answer != Reject:
		return nil, errors.New(`answer is "accept" or "reject"`)
	case q.Where != "" && q.Where != "popup" && q.Where != "settings":
		return nil, errors.New(`where is "popup" or "settings"`)
	}
	for range times {
		switch {
		case q.Answer == Accept:
			err = s.Allow(q.AppID, q.OpenID, q.Keep, ids...)
		case q.Where == "popup":
			err = s.Decline(q.AppID, q.OpenID, ids...)
		default:
			err = s.Refuse(q.AppID, q.OpenID, ids...)
		}
		if err != nil {
			return nil, err
		}
	}
	return s.Consents(q.AppID, q.OpenID), nil
}
