package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"muban/web/auth"
	"muban/wechat/token"
)

// metrics is what GET /metrics tells of this process. Labels are the AppID, the
// prefix of an API key, the pattern of a route: nothing that a stranger can make
// up, and nothing secret.
type metrics struct {
	registry *prometheus.Registry
	handler  func() http.Handler // made when it is first asked for

	refreshes, failures, handouts *prometheus.CounterVec
	requests                      *prometheus.CounterVec
	upstream, took                *prometheus.HistogramVec
}

func newMetrics(s *Server) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(h)
		return h
	}
	m.refreshes = counter("muban_token_refreshes_total", "Access tokens fetched from WeChat, by why.", "appid", "reason")
	m.failures = counter("muban_token_refresh_failures_total",
		"Fetches that brought no token, by the errcode or by what went wrong.", "appid", "kind")
	m.handouts = counter("muban_token_handouts_total",
		"Access tokens handed to business servers, by the prefix of their API key.", "appid", "key")
	m.requests = counter("muban_http_requests_total", "Requests answered, by route and status.", "route", "status")
	m.upstream = histogram("muban_wechat_seconds", "How long WeChat took to answer, by call and by whether it answered.", "appid", "call", "answered")
	m.took = histogram("muban_http_seconds", "How long requests took, by route.", "route")
	m.handler = sync.OnceValue(func() http.Handler { // not at the start: most are never asked
		m.registry.MustRegister(collectors.NewGoCollector(),
			collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), scraped{s})
		return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true})
	})
	return m
}

// ServeHTTP answers GET /metrics in Prometheus' text form.
func (m *metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler().ServeHTTP(w, r) }

// buckets are in seconds: from an answer out of memory to WeChat's timeout.
var buckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// refreshed counts a fetch that ended.
func (m *metrics) refreshed(e token.Event) {
	m.upstream.WithLabelValues(e.AppID, "token", strconv.FormatBool(e.Err == nil)).Observe(e.Took.Seconds())
	if e.Err == nil {
		m.refreshes.WithLabelValues(e.AppID, string(e.Reason)).Inc()
		return
	}
	kind := token.FailureOf(e.Err).Kind
	if code := token.FailureOf(e.Err).Code; code != 0 {
		kind = strconv.Itoa(code)
	}
	m.failures.WithLabelValues(e.AppID, kind).Inc()
}

func (m *metrics) handOut(prefix, appID string) { m.handouts.WithLabelValues(appID, prefix).Inc() }

// answered counts a request. What no route answered counts as "none", so that
// made-up addresses make no series.
func (m *metrics) answered(route string, status int, took time.Duration) {
	if route == "" || route == "/" {
		route = "none"
	}
	m.requests.WithLabelValues(route, statusText(status)).Inc()
	m.took.WithLabelValues(route).Observe(took.Seconds())
}

func statusText(status int) string {
	if status == http.StatusOK {
		return "200" // nearly always, and without an allocation
	}
	return strconv.Itoa(status)
}

// clocked measures the calls that go through a transport.
type clocked struct {
	next  http.RoundTripper
	took  *prometheus.HistogramVec
	appID string
}

func (c clocked) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	res, err := c.next.RoundTrip(r)
	c.took.WithLabelValues(c.appID, r.URL.Path, strconv.FormatBool(err == nil)).Observe(time.Since(start).Seconds())
	return res, err
}

// scraped is what is looked up when somebody asks, not counted as it happens.
type scraped struct{ s *Server }

var (
	tokenLeft = prometheus.NewDesc("muban_token_seconds_left",
		"For how long the access token that is served is valid.", []string{"appid"}, nil)
	sendsDesc = prometheus.NewDesc("muban_sends", "Sends in the database, of all processes, by kind of message and outcome.",
		[]string{"appid", "kind", "outcome"}, nil)
	rightDesc = prometheus.NewDesc("muban_rights_usable",
		"Messages that may still be sent under rights in the ledger.", []string{"appid"}, nil)
	consentDesc = prometheus.NewDesc("muban_consents_usable",
		"Messages that one-time consents in the ledger still allow, and users with a long-term one, summed over templates.",
		[]string{"appid", "term"}, nil)
	templateDesc = prometheus.NewDesc("muban_templates",
		"Templates of the account as WeChat listed them at last, by kind of message.", []string{"appid", "kind"}, nil)
)

// Describe says nothing: which series there are depends on the apps.
func (c scraped) Describe(chan<- *prometheus.Desc) {}

// Collect reads the database; a failure leaves its series out and is logged.
func (c scraped) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	sends, err := c.s.Store.SendTotals(ctx)
	if err != nil {
		c.s.Log.Warn("sends were not counted for /metrics", "err", err)
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	for _, acct := range c.s.accounts.Each() {
		appID := acct.App.AppID
		left := acct.Keeper.State().ExpiresAt.Sub(c.s.Now())
		gauge(tokenLeft, max(0, left).Seconds(), appID)
		for _, x := range sends {
			if x.App == acct.App.ID {
				gauge(sendsDesc, float64(x.Sends), appID, x.Kind, x.Outcome)
			}
		}
		for _, of := range acct.Kinds() {
			if l, err := of.LastList(ctx); err == nil {
				gauge(templateDesc, float64(len(l.Templates)), appID, of.Kind.Name())
			}
		}
		if n, err := c.s.Store.UsableSends(ctx, acct.App.ID); err != nil {
			c.s.Log.Warn("rights were not counted for /metrics", "err", err)
		} else {
			gauge(rightDesc, float64(n), appID)
		}
		if once, long, err := c.s.Store.UsableConsents(ctx, acct.App.ID); err != nil {
			c.s.Log.Warn("consents were not counted for /metrics", "err", err)
		} else {
			gauge(consentDesc, float64(once), appID, "once")
			gauge(consentDesc, float64(long), appID, "long")
		}
	}
}

// fromThisMachine lets a program on this machine read the metrics without a key. It is
// careful: behind a proxy every request comes from this machine.
// So it is one only where no public address is set, nothing says that the request
// was passed on, and it asked for this machine by its address or as localhost,
// which a page of another site in a browser here could not.
func (s *Server) fromThisMachine(r *http.Request) bool {
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	at, err := netip.ParseAddr(auth.Address(r))
	return err == nil && at.Unmap().IsLoopback() && s.PublicURL == "" && localName(r.Host)
}

// localName tells whether a Host header names this machine, whatever the port.
func localName(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	at, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return name == "localhost" || err == nil && at.IsLoopback()
}
