package webtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"muban/wechat"
	"muban/wechat/alert"
)

// Receiver is where a webhook leads.
type Receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	Forged int
	Status int
}

const HookSecret = "a-secret-of-the-receiver"

func NewReceiver(t *testing.T) *Receiver {
	r := &Receiver{Status: http.StatusNoContent}
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.Close)
	return r
}

func (r *Receiver) take(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Header.Get(alert.HeaderSignature) != alert.Sign(wechat.Secret(HookSecret), req.Header.Get(alert.HeaderTimestamp), body) {
		r.Forged++
	}
	r.bodies = append(r.bodies, string(body))
	w.WriteHeader(r.Status)
}

func (r *Receiver) Got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.bodies...)
}

// SetHook adds a webhook that is told of everything, through the form.
func (b *Browser) SetHook(address, secret string) *Page {
	b.T.Helper()
	return b.SetChannel(alert.Webhook, address, secret)
}

// SetChannel adds a webhook or a robot that is told of everything, through the form.
func (b *Browser) SetChannel(make alert.Make, address, secret string) *Page {
	b.T.Helper()
	return b.Submit(b.Get("/settings/alerts"), `button[value="save"]`, func(f url.Values) {
		f.Set("make", string(make))
		f.Set("name", "值班群")
		f.Set("url", address)
		f.Set("hook_secret", secret)
		f["topic"] = nil
		for _, topic := range alert.Topics() {
			f.Add("topic", string(topic))
		}
	})
}
