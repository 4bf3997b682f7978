// Package alert tells people that an app is about to stop working: it decides when an
// alert is raised and cleared, and delivers both to a webhook.
package alert

import (
	"context"
	"errors"
	"net/url"
	"time"

	"muban/wechat"
)

// Cause is the condition that an alert is about.
type Cause string

// The conditions. Of each there is at most one alert raised in an app at a time.
const (
	TokenEnding   Cause = "token_ending"   // no new access token can be had, and the last ends within ten minutes
	SecretRefused Cause = "secret_refused" // WeChat refuses the AppID or AppSecret, or has frozen it
	Penalty       Cause = "penalty"        // a penalty of WeChat's is in force
)

// Causes lists them all, so that a catalogue of texts can be proved complete.
func Causes() []Cause { return []Cause{TokenEnding, SecretRefused, Penalty} }

// Alert is one condition while it lasts, and afterwards.
type Alert struct {
	ID        int64
	Cause     Cause
	App       App
	Detail    string // what exactly, such as WeChat's errmsg; holds no secret
	RaisedAt  time.Time
	ClearedAt time.Time // zero while it lasts
}

// App is the mini program that an alert is about. ID is ours, AppID is WeChat's.
type App struct {
	ID          int64
	AppID, Name string
}

// Board keeps the alerts. Both methods put a notice for the webhook, if there is one,
// into the transaction of the change, so that no alert is told twice or never.
type Board interface {
	// RaiseAlert changes nothing, and answers false, while one of the cause is raised in
	// the app.
	RaiseAlert(ctx context.Context, a Alert, notice func(Alert) []byte) (raised bool, err error)
	// ClearAlert answers false when none is raised.
	ClearAlert(ctx context.Context, cause Cause, app int64, notice func(Alert) []byte) (cleared bool, err error)
	// RaisedAlerts answers those that are not cleared, oldest first.
	RaisedAlerts(ctx context.Context) ([]Alert, error)
}

// CheckAddress says why address must not be a webhook's, or nil: the rules are those of
// an API base, but a query is allowed.
func CheckAddress(address string, allowPrivate bool) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("alert: the webhook's address is not a URL")
	}
	u.RawQuery, u.ForceQuery = "", false
	return wechat.CheckBase(u.String(), allowPrivate)
}
