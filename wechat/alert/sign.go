package alert

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"muban/wechat"
)

// The headers of a delivery. A receiver computes Sign over the timestamp and the body as
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
