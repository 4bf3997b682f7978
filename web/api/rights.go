package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/wechat/ledger"
)

// reportRights is POST /api/v1/rights. One right that is refused is an error
// (422, "right_…"); of a list the good ones are kept, and each has its result.
func (a *API) reportRights(w http.ResponseWriter, r *http.Request, c *caller) error {
	var body rightsReport
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if err := c.ofApp(body.AppID); err != nil {
		return err
	}
	single := body.Rights == nil
	switch {
	case single:
		body.Rights = []rightReport{body.rightReport}
	case body.rightReport != rightReport{}:
		return refuse(http.StatusBadRequest, "rights_both")
	case len(body.Rights) > reportsAtMost:
		return refuse(http.StatusRequestEntityTooLarge, "rights_many", "Most", reportsAtMost)
	}
	receipts, err := a.Store.ReportRights(r.Context(), c.actor(r), c.account.App.ID, reportsOf(body.Rights))
	if err != nil {
		return err
	}
	results, refused := a.results(a.Texts.In(c.lang), body.Rights, receipts)
	if !single {
		writeJSON(w, http.StatusOK, map[string]any{"kept": len(results) - refused, "refused": refused, "results": results})
		return nil
	}
	if refused > 0 {
		return refuseAllowance(http.StatusUnprocessableEntity, receipts[0].Refused)
	}
	writeJSON(w, http.StatusOK, results[0])
	return nil
}

// reportsAtMost is how many rights one call reports.
const reportsAtMost = 1000

// rightsReport is the body of POST /api/v1/rights: one right, or a list of them.
type rightsReport struct {
	AppID string `json:"appid"`
	rightReport
	Rights []rightReport `json:"rights"`
}

// rightReport is one right as a business server reports it.
type rightReport struct {
	OpenID string `json:"openid"`
	Kind   string `json:"kind"`
	ID     string `json:"id"`
	When   moment `json:"when"`
}

// moment reads RFC 3339 and, as WeChat's own answers have it, seconds since 1970.
type moment struct{ time.Time }

// The years that a time may lie in: seconds that were counted as milliseconds lie far beyond.
const (
	firstYear = 2000
	lastYear  = 2300
)

func (t *moment) fromJSON(n node) (err error) {
	switch v := n.value.(type) {
	case json.Number:
		seconds, wrong := strconv.ParseInt(v.String(), 10, 64)
		t.Time, err = time.Unix(seconds, 0), wrong
	case string:
		t.Time, err = time.Parse(time.RFC3339, v)
	default:
		return n.bad("want_time")
	}
	if year := t.UTC().Year(); err != nil || year < firstYear || year >= lastYear {
		return n.bad("time", "First", firstYear, "Last", lastYear-1)
	}
	return nil
}

// rightView is a right as the API answers it.
type rightView struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	OpenID    string    `json:"openid"`
	State     string    `json:"state"`
	Left      int       `json:"left"` // sends
	ExpiresAt time.Time `json:"expires_at"`
}

func (a *API) rightView(r ledger.Right) *rightView {
	return &rightView{r.ID, r.Source, r.OpenID, r.State(a.Now()), r.Left(), r.ExpiresAt.UTC()}
}

// reportResult is what became of one right of a report.
type reportResult struct {
	ID      string            `json:"id"` // as it was reported
	Known   bool              `json:"known,omitempty"`
	Cleaned string            `json:"cleaned,omitempty"` // what was taken off the id
	Right   *rightView        `json:"right,omitempty"`
	Error   map[string]string `json:"error,omitempty"`
}

func reportsOf(rights []rightReport) []ledger.Report {
	reports := make([]ledger.Report, len(rights))
	for i, r := range rights {
		reports[i] = ledger.Report{OpenID: r.OpenID, Source: r.Kind, ID: r.ID, When: r.When.Time}
	}
	return reports
}

func (a *API) results(t *text.Text, asked []rightReport, receipts []store.Receipt) (results []reportResult,
	refused int) {
	results = make([]reportResult, len(receipts))
	for i, receipt := range receipts {
		results[i] = reportResult{ID: asked[i].ID, Known: receipt.Known}
		if receipt.Cleaned {
			results[i].Cleaned = "prepay_id="
		}
		if receipt.Refused != nil {
			refused++
			results[i].Error = map[string]string{"code": "right_" + receipt.Refused.Reason,
				"message": text.RefusalText(t, receipt.Refused)}
			continue
		}
		results[i].Right = a.rightView(receipt.Right)
	}
	return results, refused
}
