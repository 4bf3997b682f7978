package alert_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/alert"
)

const secret = "canary-signing-secret"

// world is a watch and a courier on a real store, and who receives.
type world struct {
	*alert.Watch
	courier  *alert.Courier
	store    *store.Store
	app      alert.App
	receiver *receiver
	hook     alert.Channel // to it

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Date(2018, 5, 4, 8, 0, 0, 0, time.UTC), receiver: &receiver{status: http.StatusNoContent, came: make(chan struct{}, 1)}}
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	app, err := st.AddApp(t.Context(), store.Actor{}, store.App{AppID: "wx1", Name: "商城"})
	if err != nil {
		t.Fatal(err)
	}
	w.store, w.app = st, alert.App{ID: app.ID, AppID: app.AppID, Name: app.Name}
	w.Watch = alert.NewWatch(st, w.clock, func(a alert.Alert, c alert.Change) (string, string) { return string(a.Cause) + " " + string(c), "" })
	server := httptest.NewServer(w.receiver)
	t.Cleanup(server.Close)
	w.hook = w.channel(t, alert.Channel{Make: alert.Webhook, URL: wechatSecret(server.URL + "/robot?key=canary-in-the-address"), Secret: secret})
	w.courier = alert.NewCourier(st, alert.CourierOptions{Now: w.clock, AllowPrivate: true})
	return w
}

// channel adds one that is told of everything.
func (w *world) channel(t *testing.T, c alert.Channel) alert.Channel {
	t.Helper()
	c.Name, c.Topics = "值班群", alert.Topics()
	added, err := w.store.AddChannel(t.Context(), store.Actor{}, c, "host")
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// newest is the delivery that was queued last.
func (w *world) newest(t *testing.T) alert.Delivery {
	t.Helper()
	all, _, err := w.store.Deliveries(t.Context(), 0, 1)
	if err != nil || len(all) == 0 {
		t.Fatalf("no delivery: %v", err)
	}
	return all[0]
}

// receiver takes deliveries whose signature is right.
type receiver struct {
	mu       sync.Mutex
	status   int
	location string
	got      []map[string]any
	ids      []string
	forged   int
	came     chan struct{} // has room for one signal that something came
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	mac := hmac.New(sha256.New, []byte(secret))
	io.WriteString(mac, req.Header.Get("Muban-Timestamp")+"."+string(body))
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Header.Get("Muban-Signature") != "v1="+hex.EncodeToString(mac.Sum(nil)) {
		r.forged++
	}
	var notice map[string]any
	json.Unmarshal(body, &notice)
	r.got, r.ids = append(r.got, notice), append(r.ids, req.Header.Get("Muban-Delivery"))
	if r.location != "" {
		w.Header().Set("Location", r.location)
	}
	w.WriteHeader(r.status)
	select {
	case r.came <- struct{}{}:
	default:
	}
}

func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}
