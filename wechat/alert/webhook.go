package alert

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"

	"muban/wechat"
)

// The headers of a delivery to a webhook. A receiver computes Sign over the timestamp and the body as
// it came, compares in constant time, refuses a timestamp of minutes ago, and takes a
// delivery it has seen before for a repetition.
const (
	HeaderDelivery  = "Muban-Delivery"  // the same in every attempt
	HeaderTimestamp = "Muban-Timestamp" // of this attempt, seconds since 1970
	HeaderSignature = "Muban-Signature" // Sign
)

// Sign is "v1=" and the HMAC-SHA256, in hex, of timestamp, a full stop and body.
func Sign(secret wechat.Secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	io.WriteString(mac, timestamp+".")
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// webhook is a program of one's own: it gets the notice as it is kept.
type webhook struct{}

func (webhook) pack(c Channel, d Delivery, _ Notice) parcel {
	timestamp := strconv.FormatInt(d.TriedAt.Unix(), 10)
	return parcel{c.URL.Reveal(), http.Header{
		HeaderDelivery:  {strconv.FormatInt(d.ID, 10)},
		HeaderTimestamp: {timestamp},
		HeaderSignature: {Sign(c.Secret, timestamp, d.Body)},
	}, d.Body}
}

func (webhook) read(status int, _ []byte) (code int, problem string) {
	if status/100 != 2 {
		return 0, "status"
	}
	return 0, ""
}
