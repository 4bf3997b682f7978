package sandbox

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"muban/wechat"
)

const (
	keptCalls    = 200                // refused calls of an app that a rid finds; older ones are forgotten
	maxSeen      = 8 << 10            // bytes of a body that are kept
	ridLifetime  = 7 * 24 * time.Hour // (查询 rid 信息)
	subscribeDay = 10_000_000         // sends a day of an account without WeChat Pay (订阅消息, 下发限制)
)

// seen is a refused call, as openapi/rid/get tells it.
type seen struct {
	Rid, Query, Body, Answer, IP string
	At                           time.Time
	Took                         time.Duration
}

// remember keeps what a call was and how it was refused, for the app whose token it came with.
func (s *Server) remember(c call, answer []byte, began time.Time) {
	if bytes.Contains(answer, []byte(`"errcode":0`)) {
		return
	}
	_, rid, found := strings.Cut(string(answer), " rid: ")
	if !found {
		return
	}
	rid, _, _ = strings.Cut(rid, `"`)
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.owners[c.param("access_token")]
	if app == nil {
		return // nobody could ask for it
	}
	app.Refused = append(app.Refused, seen{
		Rid: rid, Query: c.query, Body: cut(c.body, maxSeen), Answer: cut(answer, maxSeen), IP: c.ip,
		At: s.now(), Took: time.Since(began),
	})
	if len(app.Refused) > keptCalls {
		app.Refused = app.Refused[1:]
	}
}

func cut(text []byte, n int) string { return strings.ToValidUTF8(string(text[:min(n, len(text))]), "") }

type ridRequest struct{ Rid text }

func (q *ridRequest) UnmarshalJSON(raw []byte) error { return exact(raw, field{"rid", &q.Rid}) }

// lookUp is 查询 rid 信息. That a rid which is another account's is answered like one that never was is assumed.
func (s *Server) lookUp(app *app, q ridRequest) any {
	at := slices.IndexFunc(app.Refused, func(x seen) bool { return x.Rid == string(q.Rid) })
	switch {
	case at < 0:
		return s.refuse(codeNoRid)
	case !s.now().Before(app.Refused[at].At.Add(ridLifetime)):
		return s.refuse(codeOldRid)
	}
	x := app.Refused[at]
	type request struct {
		At     int64  `json:"invoke_time"`
		Took   int64  `json:"cost_in_ms"`
		URL    string `json:"request_url"`
		Body   string `json:"request_body"`
		Answer string `json:"response_body"`
		IP     string `json:"client_ip"`
	}
	return struct {
		status
		Request request `json:"request"`
	}{ok(), request{x.At.Unix(), x.Took.Milliseconds(), x.Query, x.Body, x.Answer, x.IP}}
}

// count adds a call of the app to the day's, or answers 45009.
func (s *Server) count(app *app, path string) int {
	now := s.now()
	if app.Calls == nil {
		app.Calls = map[string]daily{}
	}
	today := app.Calls[path]
	if today.on(now) >= s.dailyLimit(app, path) {
		return codeQuota
	}
	today.add(now)
	app.Calls[path] = today
	if path == pathSend || path == pathSubscribeSend {
		s.changes++ // a sync alone need not be kept
	}
	return 0
}

// dailyLimit is how many calls of a path an app has a day. Only those of the sends are documented. Few calls a
// day of getcategory and gettemplate have been reported: SetDailyLimit makes them few.
func (s *Server) dailyLimit(app *app, path string) int {
	switch path {
	case pathSend:
		return cmp.Or(app.DailyLimits[path], s.o.DailyQuota)
	case pathSubscribeSend:
		return cmp.Or(app.DailyLimits[path], subscribeDay)
	}
	return cmp.Or(app.DailyLimits[path], wechat.DailyQuota)
}

// SetDailyLimit allows an app n calls a day of a path, at least one; 0 is the usual number again.
func (s *Server) SetDailyLimit(appID, path string, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.state.Apps[appID]
	switch {
	case app == nil:
		return ErrUnknownApp
	case !known(path) || path == pathToken || path == pathStableToken:
		return fmt.Errorf("no call of an account has the path %q", path)
	case n < 0:
		return fmt.Errorf("a day has 1 call or more, or 0 for the usual number")
	}
	if app.DailyLimits == nil {
		app.DailyLimits = map[string]int{}
	}
	app.DailyLimits[path] = n
	s.changes++
	return nil
}

type quotaRequest struct{ Path text }

func (q *quotaRequest) UnmarshalJSON(raw []byte) error { return exact(raw, field{"cgi_path", &q.Path}) }

// quota is 查询 API 调用额度. A path may come with a query or without its first slash (assumed).
func (s *Server) quota(app *app, q quotaRequest) any {
	path := "/" + strings.TrimPrefix(string(q.Path), "/")
	if u, err := url.Parse(path); err == nil {
		path = u.Path
	}
	if !known(path) {
		return s.refuse(codeNoPath)
	}
	limit := s.dailyLimit(app, path)
	used := app.Calls[path].on(s.now())
	type quota struct {
		Daily int `json:"daily_limit"`
		Used  int `json:"used"`
		Left  int `json:"remain"`
	}
	return struct {
		status
		Quota quota `json:"quota"`
	}{ok(), quota{limit, used, max(0, limit-used)}}
}
