package wechat

import (
	"context"
	"regexp"
	"time"
)

var (
	ridGet   = endpoint{"openapi/rid/get", "/cgi-bin/openapi/rid/get"}
	quotaGet = endpoint{"openapi/quota/get", "/cgi-bin/openapi/quota/get"}
)

var ridInText = regexp.MustCompile(`\brid: ?([0-9a-f]{1,8}-[0-9a-f]{1,8}-[0-9a-f]{1,8})\b`)

// Rid is the id of the call that an errmsg ends in, for LookUpRid, or "": before 2020 errmsgs had a hint instead.
func Rid(errmsg string) string {
	if m := ridInText.FindStringSubmatch(errmsg); m != nil {
		return m[1]
	}
	return ""
}

// SeenCall is a call as WeChat saw it. Tokens and secrets are taken out of its texts.
type SeenCall struct {
	At           time.Time
	Took         time.Duration
	Query        string // of its URL
	Body, Answer string
	ClientIP     string
}

// LookUpRid gets the call that a rid stands for (openapi/rid/get): of the last seven days and of this account
// only, else ErrRid.
func (c *Client) LookUpRid(ctx context.Context, rid string) (SeenCall, error) {
	question := struct {
		Rid string `json:"rid"`
	}{rid}
	var a seenAnswer
	if err := c.post(ctx, ridGet, question, &a); err != nil {
		return SeenCall{}, err
	}
	r := a.Request
	return SeenCall{
		At: time.Unix(int64(r.At), 0), Took: time.Duration(r.Took) * time.Millisecond,
		Query: veiled(r.URL), Body: veiled(r.Body), Answer: veiled(r.Answer), ClientIP: r.ClientIP,
	}, nil
}

type seenAnswer struct {
	answer
	Request *struct {
		At       number `json:"invoke_time"`
		Took     number `json:"cost_in_ms"`
		URL      string `json:"request_url"`
		Body     string `json:"request_body"`
		Answer   string `json:"response_body"`
		ClientIP string `json:"client_ip"`
	} `json:"request"`
}

func (a *seenAnswer) missing() string {
	if a.Request == nil {
		return "request"
	}
	return ""
}

var secretParts = regexp.MustCompile(
	`((?:access_token|secret)=)[^&\s"]*` + `|("(?:access_token|secret|refresh_token)"\s*:\s*)"(?:[^"\\]|\\.)*"?`)

// veiled hides what a call carried as its token or AppSecret, whichever it was at the time.
func veiled(text string) string {
	return secretParts.ReplaceAllString(text, "${1}${2}"+redacted)
}

// Quota is how often a path of the API may be called.
type Quota struct {
	Daily, Used, Left int           // of calls today
	Calls             int           // within Every; 0 where WeChat names no rate
	Every             time.Duration // for which Calls are allowed
}

// QuotaOf asks how much of today's quota of a path, such as "/cgi-bin/message/subscribe/send", is left
// (openapi/quota/get).
func (c *Client) QuotaOf(ctx context.Context, path string) (Quota, error) {
	question := struct {
		Path string `json:"cgi_path"`
	}{path}
	var a quotaAnswer
	if err := c.post(ctx, quotaGet, question, &a); err != nil {
		return Quota{}, err
	}
	return Quota{
		Daily: int(a.Quota.Daily), Used: int(a.Quota.Used), Left: int(a.Quota.Left),
		Calls: int(a.Rate.Calls), Every: time.Duration(a.Rate.Seconds) * time.Second,
	}, nil
}

type quotaAnswer struct {
	answer
	Quota *struct {
		Daily number `json:"daily_limit"`
		Used  number `json:"used"`
		Left  number `json:"remain"`
	} `json:"quota"`
	Rate struct {
		Calls   number `json:"call_count"`
		Seconds number `json:"refresh_second"`
	} `json:"rate_limit"`
}

func (a *quotaAnswer) missing() string {
	if a.Quota == nil {
		return "quota"
	}
	return ""
}
