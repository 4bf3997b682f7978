package api

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"muban/views/text"
	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// reportConsents is POST /api/v1/consents: what wx.requestSubscribeMessage answered to one tap, as it is. Where no
// result of it can be taken it is an error (422); else each template has its own result.
func (a *API) reportConsents(w http.ResponseWriter, r *http.Request, c *caller) error {
	var body consentReport
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if err := c.ofApp(body.AppID); err != nil {
		return err
	}
	if err := body.check(a.Now()); err != nil {
		return err
	}
	ids := slices.Sorted(maps.Keys(body.Results))
	known, err := c.account.Of(kind.Subscribe).Among(r.Context(), ids)
	if err != nil {
		return err
	}
	results := make([]consentResult, len(ids))
	var answers []ledger.Answer
	var refused error
	for i, id := range ids {
		results[i] = consentResult{TemplateID: id, Answer: body.Results[id]}
		t, has := known[id]
		answer, ok := answerOf[body.Results[id]]
		switch {
		case !ok:
			refused = refuse(http.StatusUnprocessableEntity, "consent_answer", "Answer", text.Excerpt(body.Results[id]))
			results[i].refuse(a.Texts.In(c.lang), refused)
		case !has:
			refused = refuse(http.StatusUnprocessableEntity, "consent_template", "Template", text.Excerpt(id))
			results[i].refuse(a.Texts.In(c.lang), refused)
		case answer != "":
			results[i].at = len(answers) + 1
			answers = append(answers, ledger.Answer{
				OpenID: body.OpenID, TemplateID: id, What: answer, Source: ledger.FromPage, Ref: body.ref(),
				When: body.When.Time, Long: t.Type == wechat.LongTerm, Moment: body.Moment,
			})
		}
	}
	if refused != nil && len(answers) == 0 {
		return refused
	}
	receipts, err := a.Store.ReportAnswers(r.Context(), c.actor(r), c.account.App.ID, answers)
	if err != nil {
		return err
	}
	for i := range results {
		if n := results[i].at; n > 0 {
			results[i].Known, results[i].Counted = receipts[n-1].Known, receipts[n-1].Counted
			results[i].Left = &receipts[n-1].Consents.Left
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"openid": body.OpenID, "results": results})
	return nil
}

// answerOf are the results that WeChat documents; "" changes nothing. The two with a sound or an alert are yeses.
var answerOf = map[string]string{
	"accept": ledger.Accept, "acceptWithAudio": ledger.Accept, "acceptWithAlert": ledger.Accept,
	"reject": ledger.Reject, "ban": ledger.Ban, "filter": "",
}

// resultsAtMost is how many templates one popup can ask for, and more.
const resultsAtMost = 20

// consentReport is the body of POST /api/v1/consents.
type consentReport struct {
	AppID   string      `json:"appid"`
	OpenID  string      `json:"openid"`
	Results popupAnswer `json:"results"`
	ID      string      `json:"id"`
	When    moment      `json:"when"`
	Moment  string      `json:"moment"` // at which the page asked, one of ledger.Moments; "" where it does not say
}

// popupAnswer is what wx.requestSubscribeMessage answered: a word for each template. Beside these it holds errMsg, and
// errCode, a number, where the request failed or the client always writes one.
type popupAnswer map[string]string

func (a *popupAnswer) fromJSON(n node) error {
	all, ok := n.value.([]member)
	if !ok {
		return n.bad("want_object")
	}
	*a = popupAnswer{}
	for _, m := range all {
		if m.name == "errMsg" || m.name == "errCode" {
			continue
		}
		answer, ok := m.value.(string)
		if !ok {
			return m.bad("want_string")
		}
		(*a)[m.name] = answer
	}
	return nil
}

func (b *consentReport) check(now time.Time) error {
	switch {
	case !ledger.IsOpenID(b.OpenID):
		return refuse(http.StatusUnprocessableEntity, "openid_form", "OpenID", text.Excerpt(b.OpenID))
	case len(b.Results) == 0:
		return refuse(http.StatusUnprocessableEntity, "consents_empty")
	case len(b.Results) > resultsAtMost:
		return refuse(http.StatusRequestEntityTooLarge, "consents_many", "Most", resultsAtMost)
	case len(b.ID) > longestKey:
		return refuse(http.StatusUnprocessableEntity, "consents_id", "Most", longestKey)
	case b.Moment != "" && !slices.Contains(ledger.Moments, b.Moment):
		return refuse(http.StatusUnprocessableEntity, "consents_moment", "Moment", text.Excerpt(b.Moment))
	case b.When.After(now.Add(ledger.Skew)):
		return refuse(http.StatusUnprocessableEntity, "consent_future")
	}
	return nil
}

// ref is the same for each report of one tap.
func (b *consentReport) ref() string {
	switch {
	case b.ID != "":
		return "page:" + b.ID
	case !b.When.IsZero():
		return "page at:" + strconv.FormatInt(b.When.UnixMilli(), 10)
	}
	return ""
}

// consentResult is what became of the result for one template.
type consentResult struct {
	TemplateID string            `json:"template_id"`
	Answer     string            `json:"answer"` // as it was reported
	Counted    bool              `json:"counted"`
	Known      bool              `json:"known,omitempty"`
	Left       *int              `json:"left,omitempty"`
	Error      map[string]string `json:"error,omitempty"`

	at int // among the answers, from 1
}

func (r *consentResult) refuse(t *text.Text, err error) {
	f := err.(*failure)
	r.Error = map[string]string{"code": f.code, "message": f.message(t)}
}

// consentsOf is GET /api/v1/consents: what one user allows, template by template.
func (a *API) consentsOf(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	if err := c.ofApp(q.Get("appid")); err != nil {
		return err
	}
	openID := q.Get("openid")
	if !ledger.IsOpenID(openID) {
		return refuse(http.StatusUnprocessableEntity, "openid_form", "OpenID", text.Excerpt(openID))
	}
	all, err := a.Store.ConsentsOf(r.Context(), c.account.App.ID, openID)
	if err != nil {
		return err
	}
	aliases, err := a.aliases(r, c)
	if err != nil {
		return err
	}
	templates := make([]consentView, len(all))
	for i, x := range all {
		templates[i] = consentView{x.TemplateID, aliases[x.TemplateID], termOf(x.Long), x.Left, x.Refused, x.UpdatedAt.UTC()}
	}
	writeJSON(w, http.StatusOK, map[string]any{"openid": openID, "templates": templates})
	return nil
}

// aliases are those of the app's templates, by template_id; an alias that carries two is that of both.
func (a *API) aliases(r *http.Request, c *caller) (map[string]string, error) {
	all, err := a.Store.Templates(r.Context(), c.account.App.ID)
	aliases := make(map[string]string, len(all))
	for _, t := range all {
		if t.Carries != "" && aliases[t.Carries] == "" {
			aliases[t.Carries] = t.Alias
		}
		if t.Alias != "" {
			aliases[t.TemplateID] = t.Alias
		}
	}
	return aliases, err
}

// consentView is what a user's answers to one template come to, as the API answers it.
type consentView struct {
	TemplateID string    `json:"template_id"`
	Alias      string    `json:"alias"`
	Kind       string    `json:"kind"` // once or long
	Left       int       `json:"left"` // sends; 1 where there is no end to them
	Refused    bool      `json:"refused"`
	UpdatedAt  time.Time `json:"updated_at"`
}

func termOf(long bool) string {
	if long {
		return "long"
	}
	return "once"
}
