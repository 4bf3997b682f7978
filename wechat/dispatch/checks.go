package dispatch

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"muban/wechat"
	"muban/wechat/audit"
	"muban/wechat/ledger"
)

// Check answers every check of CheckIDs at least once, in their order. It changes nothing. Where the
// template is not known, or the openid is none, the checks that build on it are Skipped.
func (p Preflight) Check(ctx context.Context, app int64, m wechat.Message) []Check {
	c := &checking{Preflight: p, app: app, m: m}
	for _, one := range []struct {
		id   string
		look func(context.Context)
	}{
		{"template", c.template}, {"keywords", c.keywords}, {"page", c.page}, {"color", c.colors}, {"emphasis", c.emphasis},
		{"openid", c.openID}, {"penalty", c.penalty}, {"right", c.right}, {"token", c.token}, {"values", c.values},
	} {
		c.id, c.said = one.id, false
		if one.look(ctx); !c.said {
			c.say(OK, "", "", nil)
		}
	}
	return c.found
}

// checking gathers the checks of one message.
type checking struct {
	Preflight
	app   int64
	m     wechat.Message
	names map[string]string // the keywords of the template by their keys; nil where it is not known
	keys  []string          // in the template's order

	id    string // of the check that looks now
	said  bool
	found []Check
}

func (c *checking) say(state, why, place string, args map[string]string) *Check {
	c.found, c.said = append(c.found, Check{ID: c.id, State: state, Why: why, Place: place, Args: args}), true
	return &c.found[len(c.found)-1]
}

func (c *checking) template(ctx context.Context) {
	t, err := c.Templates.Template(ctx, c.m.TemplateID)
	switch {
	case errors.Is(err, ErrNoTemplate):
		c.say(Failed, "gone", "template_id", map[string]string{"Template": c.m.TemplateID})
		return
	case err != nil: // WeChat will say so when it is asked; the send itself may still go through
		c.say(Skipped, "unasked", "template_id", nil)
		return
	}
	c.names = map[string]string{}
	for _, f := range t.Fields() {
		c.names[f.Key], c.keys = f.Name, append(c.keys, f.Key)
	}
}

// keywords finds what does not fit the template. Assumed: WeChat drops a keyword that the template does not
// have and leaves a missing one empty; either way the message is not the one that was meant.
func (c *checking) keywords(context.Context) {
	if c.names == nil {
		c.say(Skipped, "", "data", nil)
		return
	}
	if len(c.m.Data) == 0 {
		if len(c.keys) > 0 { // 空模板: allowed (发送模板消息, data), and seldom meant
			c.say(Warning, "none", "data", nil)
		}
		return
	}
	given := map[string]bool{}
	for _, d := range c.m.Data {
		name, known := c.names[d.Key]
		switch {
		case given[d.Key]:
			c.keyword(Failed, "twice", d.Key, name)
		case !known:
			c.keyword(Failed, "unknown", d.Key, "")
		case strings.TrimSpace(d.Value) == "":
			c.keyword(Warning, "empty", d.Key, name)
		}
		given[d.Key] = true
	}
	for _, key := range c.keys {
		if !given[key] {
			c.keyword(Failed, "missing", key, c.names[key])
		}
	}
}

func (c *checking) keyword(state, why, key, name string) {
	c.say(state, why, "data."+key, map[string]string{"Key": key, "Name": name})
}

// pagePath is a path as mini programs have them: pages/order/detail.
var pagePath = regexp.MustCompile(`^[0-9A-Za-z_-]+(/[0-9A-Za-z_-]+)*$`)

// maxPage is assumed: longer ones were not seen.
const maxPage = 1024

func (c *checking) page(context.Context) {
	path, query, _ := strings.Cut(c.m.Page, "?")
	switch {
	case c.m.Page == "":
	case strings.HasPrefix(path, "/"): // has answered 41030 (spec/README)
		c.say(Failed, "slash", "page", nil)
	case len(c.m.Page) > maxPage:
		c.say(Failed, "long", "page", nil)
	case !pagePath.MatchString(path) || !utf8.ValidString(query) || strings.ContainsFunc(query, blank):
		c.say(Failed, "form", "page", nil)
	}
}

func blank(r rune) bool { return r <= ' ' || r == 0x7f || r == '\u3000' }

var colorForm = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

func (c *checking) colors(context.Context) {
	for _, d := range c.m.Data {
		if d.Color != "" && !colorForm.MatchString(d.Color) {
			c.say(Failed, "form", "data."+d.Key, map[string]string{"Key": d.Key, "Name": c.names[d.Key], "Color": d.Color})
		}
	}
}

func (c *checking) emphasis(context.Context) {
	if c.m.Emphasis == "" {
		return
	}
	if c.names == nil {
		c.say(Skipped, "", "emphasis_keyword", nil)
		return
	}
	if _, known := c.names[strings.TrimSuffix(c.m.Emphasis, ".DATA")]; !known {
		c.say(Failed, "unknown", "emphasis_keyword", map[string]string{"Key": c.m.Emphasis})
	}
}

func (c *checking) openID(context.Context) {
	switch {
	case c.m.ToUser == "":
		c.say(Failed, "empty", "touser", nil)
	case !ledger.IsOpenID(c.m.ToUser):
		c.say(Failed, "form", "touser", nil)
	}
}

func (c *checking) penalty(ctx context.Context) {
	if c.Penalties == nil {
		return
	}
	ban, inForce, err := c.Penalties.InForce(ctx, c.app)
	switch {
	case err != nil:
		c.say(Skipped, "unasked", "", nil)
	case inForce && ban.Forever:
		c.say(Failed, "forever", "", nil)
	case inForce:
		c.say(Failed, "until", "", nil).Until = ban.Until
	}
}

func (c *checking) right(ctx context.Context) {
	if !ledger.IsOpenID(c.m.ToUser) {
		c.say(Skipped, "", "form_id", nil)
		return
	}
	r, known, err := c.Rights.PeekRight(ctx, c.app, c.m.ToUser, c.m.FormID)
	refusal, refused := errors.AsType[*ledger.Refusal](err)
	switch {
	case refused:
		c.under(Failed, refusal.Reason, refusal.Right, refusal.Holder)
	case err != nil:
		c.say(Skipped, "unasked", "form_id", nil)
	case !known:
		c.under(Warning, "new", r, ledger.Holder{})
	case r.ExpiresAt.Sub(c.Now()) < ledger.Patience:
		c.under(Warning, "ending", r, ledger.Holder{})
	default:
		c.under(OK, "", r, ledger.Holder{})
	}
}

func (c *checking) under(state, why string, r ledger.Right, h ledger.Holder) {
	c.say(state, why, "form_id", map[string]string{
		"ID": r.ID, "Kind": r.Source, "Closed": r.Closed, "Left": strconv.Itoa(r.Left()), "Total": strconv.Itoa(r.Total),
		"Holder": h.Person, "Outcome": h.Outcome,
	}).Until = r.ExpiresAt
}

func (c *checking) token(ctx context.Context) {
	if _, err := c.Tokens.Token(ctx); err != nil {
		_, code, msg, reason := Judge(err)
		c.say(Failed, "unasked", "", map[string]string{"Code": strconv.Itoa(code), "Msg": msg, "Reason": reason})
	}
}

// values warns of what 违规说明 punishes: the penalty falls on the account.
func (c *checking) values(context.Context) {
	values := make([]string, len(c.m.Data))
	for i, d := range c.m.Data {
		values[i] = d.Value
	}
	for _, f := range audit.CheckValues(values) {
		c.say(Warning, "finding", placeOf(f, c.m), f.Args).Finding = &f
	}
}

// placeOf is the keyword whose value a finding is about: audit counts values, and a check names keys.
func placeOf(f audit.Finding, m wechat.Message) string {
	for i, d := range m.Data {
		if f.Where == fmt.Sprintf("values[%d]", i) {
			return "data." + d.Key
		}
	}
	return "data"
}
