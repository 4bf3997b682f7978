package pages

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/alert"
)

// notices puts what channels are told into words: in Chinese, the console's first language, as a receiver has no
// person whose language could be asked for.
type notices struct {
	*text.Text
	publicURL string // "" where nobody said what people call the console: then no notice has a link
	app       func(id int64) store.App
}

// Notices are the words of alerts and of news. app is the mini program with an id.
func Notices(texts *text.Texts, publicURL string, app func(id int64) store.App) (alert.Describe, func(store.News) []byte) {
	n := notices{texts.In(text.Languages[0]), strings.TrimSuffix(publicURL, "/"), app}
	return n.ofAlert, n.ofNews
}

func (n notices) ofAlert(a alert.Alert, c alert.Change) (words, address string) {
	words = n.T("notice."+string(c), "App", a.App.Name, "What", n.T("alert."+string(a.Cause)))
	return words, n.link(a.App.AppID, ui.AlarmURL(a))
}

func (n notices) ofNews(news store.News) []byte {
	app := n.app(news.App)
	notice := alert.Notice{Change: news.Change, Draft: news.Draft.ID, App: alert.NoticeOf(alert.App{AppID: app.AppID, Name: app.Name}),
		Detail: news.Reason}
	notice.Text = n.T("notice."+string(news.Change), "App", app.Name, "Person", news.By, "Title", news.Draft.Title,
		"Author", news.Draft.AuthorName, "Count", news.Count)
	page := ui.DraftURL(news.Draft.ID)
	if news.Change == alert.RightsEnding {
		page = "/rights"
	}
	notice.URL = n.link(app.AppID, page)
	return notice.Encode()
}

func (n notices) link(appID, page string) string {
	if n.publicURL == "" {
		return ""
	}
	return n.publicURL + ui.In(appID, page)
}

func (s *Site) alertsPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.AlertsPage{Form: views.ChannelForm{Topics: topicWords(alert.Topics())}}
	if id, err := strconv.ParseInt(r.URL.Query().Get("edit"), 10, 64); err == nil {
		c, err := s.Store.Channel(r.Context(), id)
		if err != nil {
			return err
		}
		p.Editing = id
		p.Form = views.ChannelForm{Make: string(c.Make), Name: c.Name, Apps: c.Apps, Topics: topicWords(c.Topics)}
	}
	return s.drawAlerts(w, r, v, http.StatusOK, p)
}

func topicWords(topics []alert.Topic) (words []string) {
	for _, topic := range topics {
		words = append(words, string(topic))
	}
	return words
}

func (s *Site) drawAlerts(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.AlertsPage) error {
	ctx := r.Context()
	channels, err := s.Store.Channels(ctx)
	if err != nil {
		return err
	}
	latest, err := s.Store.LatestDeliveries(ctx)
	if err != nil {
		return err
	}
	p.Page = s.page(r, v)
	past, _, err := s.Store.PastAlerts(ctx, 0, 0, timelineCount)
	if err != nil {
		return err
	}
	for _, a := range past {
		if v.sees(a.App.ID) && len(p.Past) < alertsShown {
			p.Past = append(p.Past, a)
		}
	}
	for _, c := range channels {
		line := views.ChannelLine{Channel: c, Host: hostOf(c.URL)}
		if d, ok := latest[c.ID]; ok {
			line.Latest = &d
		}
		p.Channels = append(p.Channels, line)
	}
	offset, count, problems := paging(r.URL.Query(), s.Texts.In(v.lang), timelineCount)
	list, total, err := s.Store.Deliveries(ctx, offset, count)
	if err != nil {
		return err
	}
	p.ListProblems, p.Deliveries = problems, list
	p.Form.URL, p.Form.Secret = "", "" // write-only
	p.Linked = s.PublicURL != ""
	p.Range = ui.Range{Path: "/settings/alerts", Offset: offset, Count: count, Shown: len(list), Total: total}
	if text := r.URL.Query().Get("tested"); text != "" {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errNotFound
		}
		tested, err := s.Store.Delivery(ctx, id)
		if err != nil {
			return err
		}
		p.Tested = &tested
	}
	return s.render(w, r, status, views.Alerts(p))
}

// alertsShown is how many of the latest alerts the page names.
const alertsShown = 5

// hostOf is what may be shown of a channel's address: many hold a key.
func hostOf(address wechat.Secret) string {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return ""
	}
	return u.Host
}

func (s *Site) addChannel(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.keepChannel(w, r, v, store.Channel{})
}

// saveChannel changes a channel, where what is left empty stays as it is, or removes it.
func (s *Site) saveChannel(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.channelOf(r)
	if err != nil {
		return err
	}
	if r.PostFormValue("do") != "remove" {
		return s.keepChannel(w, r, v, c)
	}
	if err := s.Store.RemoveChannel(r.Context(), v.actor(r), c.ID); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/alerts", "channel_removed")
}

func (s *Site) channelOf(r *http.Request) (store.Channel, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return store.Channel{}, errNotFound
	}
	return s.Store.Channel(r.Context(), id)
}

// keepChannel checks the form of a channel, a new one where before is zero, and stores it.
func (s *Site) keepChannel(w http.ResponseWriter, r *http.Request, v *visit, before store.Channel) error {
	t := s.Texts.In(v.lang)
	p := views.AlertsPage{Editing: before.ID}
	var err error
	if p.Problems, err = s.forms.read(r, t, &p.Form); err != nil {
		return err
	}
	c := store.Channel{
		ID: before.ID, Name: strings.TrimSpace(p.Form.Name), URL: wechat.Secret(strings.TrimSpace(p.Form.URL)),
		Secret: wechat.Secret(strings.TrimSpace(p.Form.Secret)),
	}
	if slices.ContainsFunc(p.Form.Apps, func(app int64) bool { return !v.sees(app) }) {
		return errBadRequest
	}
	hidden := slices.DeleteFunc(slices.Clone(before.Apps), v.sees) // archived ones stay
	c.Apps = append(hidden, p.Form.Apps...)
	for _, topic := range p.Form.Topics {
		c.Topics = append(c.Topics, alert.Topic(topic))
	}
	c.Make = alert.Make(cmp.Or(p.Form.Make, string(alert.MakeOf(cmp.Or(c.URL, before.URL).Reveal()))))
	s.checkChannel(t, p.Problems, c, before)
	if len(p.Problems) > 0 {
		return s.drawAlerts(w, r, v, http.StatusUnprocessableEntity, p)
	}
	if can, _ := c.Make.Signs(); !can {
		c.Secret = ""
	}
	host := hostOf(cmp.Or(c.URL, before.URL))
	if c.ID == 0 {
		_, err = s.Store.AddChannel(r.Context(), v.actor(r), c, host)
	} else {
		err = s.Store.SaveChannel(r.Context(), v.actor(r), c, host)
	}
	if err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/alerts", "channel_saved")
}

// checkChannel adds what is wrong with where a channel leads to, and with how it is signed.
func (s *Site) checkChannel(t *text.Text, problems ui.Problems, c, before store.Channel) {
	address := cmp.Or(c.URL, before.URL).Reveal()
	switch home := alert.MakeOf(address); {
	case problems["url"] != "":
	case address == "":
		problems["url"] = t.T("problem.required", "Field", t.T("fieldname.url"))
	case alert.CheckAddress(address, s.AllowPrivateAPI) != nil:
		problems["url"] = t.T("alerts.address_refused")
	case home != alert.Webhook && home != c.Make:
		problems["make"] = t.T("alerts.other_make", "Make", t.T("make."+string(home)))
	case !c.Make.HasKey(address):
		problems["url"] = t.T("alerts.no_key", "Make", t.T("make."+string(c.Make)))
	}
	kept := before.Secret != "" && before.Make == c.Make
	switch _, must := c.Make.Signs(); {
	case problems["hook_secret"] != "" || !must:
	case c.Secret == "" && !kept:
		problems["hook_secret"] = t.T("problem.required", "Field", t.T("fieldname.hook_secret"))
	case c.Secret != "" && len(c.Secret) < 16:
		problems["hook_secret"] = t.T("problem.min", "Field", t.T("fieldname.hook_secret"), "Param", "16", "Value", "")
	}
	if len(c.Topics) == 0 && !slices.Contains(problems.Names(), "topic") {
		problems["topic"] = t.T("alerts.no_topic")
	}
}

// testChannel sends a test and shows what came of it.
func (s *Site) testChannel(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.channelOf(r)
	if err != nil {
		return err
	}
	notice := alert.Notice{Change: alert.Tested, Text: s.Texts.In(text.Languages[0]).T("notice.test", "Person", v.person.Name)}
	if s.PublicURL != "" {
		notice.URL = strings.TrimSuffix(s.PublicURL, "/") + "/settings/alerts"
	}
	d, err := s.Store.AddTestDelivery(r.Context(), v.actor(r), c, notice.Encode())
	if err != nil {
		return err
	}
	s.awaitDelivery(r.Context(), d.ID)
	return v.seeOther(w, r, "/settings/alerts?tested="+strconv.FormatInt(d.ID, 10), "")
}

const (
	testPatience = 15 * time.Second       // how long somebody waits for a test to be delivered
	testPause    = 100 * time.Millisecond // between looks at one that another goroutine or process delivers
)

// awaitDelivery delivers what is due until this one was tried. Where it is not in
// time, the page says that it still waits.
func (s *Site) awaitDelivery(ctx context.Context, id int64) {
	ctx, cancel := context.WithTimeout(ctx, testPatience)
	defer cancel()
	for ctx.Err() == nil {
		idle := s.Courier.Deliver(ctx) != nil
		d, err := s.Store.Delivery(ctx, id)
		if err != nil || d.Attempts > 0 {
			return
		}
		if idle {
			select {
			case <-ctx.Done():
			case <-time.After(testPause):
			}
		}
	}
}
