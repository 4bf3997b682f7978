package alert

import (
	"errors"
	"net/url"

	"muban/wechat"
)

// CheckAddress says why address must not be a webhook's, or nil: the rules are those of
// an API base (faults.md 36), but a query is allowed.
func CheckAddress(address string, allowPrivate bool) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("alert: the webhook's address is not a URL")
	}
	u.RawQuery, u.ForceQuery = "", false
	return wechat.CheckBase(u.String(), allowPrivate)
}
