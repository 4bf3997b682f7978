package sandbox

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"
)

const (
	tokenLifetime = 7200 * time.Second
	tokenOverlap  = 5 * time.Minute // for how long a superseded token stays good
	tokenMemory   = 64              // tokens remembered of each kind and app; older ones are strangers: 40001

	// stable_token's own rules
	forcedADay  = 20
	forcedApart = 30 * time.Second
)

// issued is an access token that was handed out.
type issued struct {
	Value        string
	ExpiresAt    time.Time
	SupersededAt time.Time // zero for the latest
}

// purse holds the tokens of one kind, oldest first. cgi-bin/token and stable_token have
// one each and do not disturb one another.
type purse struct{ Issued []issued }

func (p *purse) latest() *issued {
	if len(p.Issued) == 0 {
		return nil
	}
	return &p.Issued[len(p.Issued)-1]
}

type tokenAnswer struct {
	Token     string `json:"access_token"`
	ExpiresIn int    `json:"expires_in"`
}

// token answers GET /cgi-bin/token: every call supersedes the token before it.
func (s *Server) token(c call) any {
	if c.method != http.MethodGet {
		return s.refuse(codeGetNeeded) // assumed: no source tells the code
	}
	app, code := s.identify(c.param("grant_type"), c.param("appid"), c.param("secret"))
	if code != 0 {
		return s.refuse(code)
	}
	return s.issue(app, &app.Classic)
}

type stableRequest struct {
	GrantType, AppID, Secret text
	Force                    flag
}

func (q *stableRequest) UnmarshalJSON(raw []byte) error {
	return exact(raw,
		field{"grant_type", &q.GrantType}, field{"appid", &q.AppID},
		field{"secret", &q.Secret}, field{"force_refresh", &q.Force})
}

// stableToken answers POST /cgi-bin/stable_token.
func (s *Server) stableToken(c call) any {
	if code := badPost(c); code != 0 {
		return s.refuse(code)
	}
	return decoded(s, c.body, func(q stableRequest) any {
		app, code := s.identify(string(q.GrantType), string(q.AppID), string(q.Secret))
		if code != 0 {
			return s.refuse(code)
		}
		if q.Force {
			return s.force(app)
		}
		return s.steady(app)
	})
}

// steady gives the same token until five minutes before its end.
func (s *Server) steady(app *app) any {
	now, latest := s.now(), app.Stable.latest()
	if latest == nil || !now.Before(latest.ExpiresAt.Add(-tokenOverlap)) {
		return s.issue(app, &app.Stable)
	}
	return tokenAnswer{latest.Value, int(latest.ExpiresAt.Sub(now) / time.Second)}
}

// force replaces the stable token. Less than 30 s after the last time WeChat's
// documentation of stable_token says "不会刷新": the same token is given again. That the
// replaced one keeps its five minutes here too is assumed.
func (s *Server) force(app *app) any {
	now := s.now()
	if apart := now.Sub(app.ForcedAt); apart >= 0 && apart < forcedApart {
		return s.steady(app)
	}
	if app.Forced.on(now) >= forcedADay {
		return s.refuse(codeQuota)
	}
	app.Forced.add(now)
	app.ForcedAt = now
	return s.issue(app, &app.Stable)
}

// identify finds the app, or says what is wrong with its credentials.
func (s *Server) identify(grant, appID, secret string) (*app, int) {
	found := s.state.Apps[appID]
	switch {
	case grant != "client_credential":
		return nil, codeGrantType
	case appID == "":
		return nil, codeAppIDMissing
	case found == nil:
		return nil, codeAppID
	case secret == "":
		return nil, codeSecretMissing
	case secret != found.Secret:
		return nil, codeSecret
	}
	return found, 0
}

// issue mints a token, which supersedes the latest of its purse.
func (s *Server) issue(app *app, p *purse) tokenAnswer {
	now := s.now()
	if latest := p.latest(); latest != nil {
		latest.SupersededAt = now
	}
	fresh := issued{Value: s.mintToken(), ExpiresAt: now.Add(tokenLifetime)}
	p.Issued = append(p.Issued, fresh)
	if len(p.Issued) > tokenMemory {
		delete(s.owners, p.Issued[0].Value)
		p.Issued = p.Issued[1:]
	}
	s.owners[fresh.Value] = app
	s.changes++
	return tokenAnswer{fresh.Value, int(tokenLifetime / time.Second)}
}

// mintToken makes 149 characters, within the 138 to 157 that were seen.
func (s *Server) mintToken() string {
	seed := s.mint("token")
	head, rest := sha512.Sum512(seed[:]), sha512.Sum512(seed[1:])
	letters := base64.RawURLEncoding.EncodeToString(append(head[:], rest[:]...))
	return fmt.Sprintf("%02d_%s", 10+seed[0]%90, letters[:146])
}

// authorize finds the app that a token speaks for, or says why there is none.
func (s *Server) authorize(token string) (*app, int) {
	switch app := s.owners[token]; {
	case token == "":
		return nil, codeTokenMissing
	case app != nil:
		return app, app.judge(token, s.now())
	case len(token) < 100 || len(token) > 512 || !isBase64URL(token):
		return nil, codeTokenMalformed
	}
	return nil, codeTokenRejected
}

func (a *app) judge(token string, now time.Time) int {
	for _, p := range []*purse{&a.Classic, &a.Stable} {
		for i := len(p.Issued) - 1; i >= 0; i-- {
			if p.Issued[i].Value == token {
				return p.Issued[i].judge(now)
			}
		}
	}
	return codeTokenRejected
}

// judge tells a token that aged out, 42001, from one that a later one ousted, 40001.
func (t issued) judge(now time.Time) int {
	ousted := !t.SupersededAt.IsZero() && !now.Before(t.SupersededAt.Add(tokenOverlap))
	aged := !now.Before(t.ExpiresAt)
	switch {
	case aged && (!ousted || !t.SupersededAt.Before(t.ExpiresAt)):
		return codeTokenExpired
	case ousted:
		return codeTokenRejected
	}
	return 0
}

// flag reads true, "true", 1 and their opposites.
type flag bool

func (f *flag) UnmarshalJSON(raw []byte) error {
	word := string(bytes.Trim(raw, `"`))
	*f = word == "true" || word == "1"
	return nil
}

func isBase64URL(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
