package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"muban/wechat"
	"muban/wechat/audit"
	"muban/wechat/ledger"
)

// Check answers every check of the kind at least once, in the order of CheckIDs, for m as the message of s. It changes
// nothing. Where the template is not known, or the openid is none, the checks that build on it are Skipped.
func (p Preflight) Check(ctx context.Context, s Send, m wechat.Message) []Check {
	s.Kind = p.Kind.Name()
	c := &checking{Preflight: p, send: s.Of(m), m: m}
	c.look(ctx, "template", c.template)
	flaws := p.Kind.Check(m, c.known)
	for _, id := range p.Kind.Checks() {
		c.look(ctx, id, func(context.Context) {
			for _, f := range flaws {
				if f.Check == id {
					c.say(f.State, f.Why, f.Place, f.Args).Verdict = f.Verdict
				}
			}
		})
	}
	c.look(ctx, "openid", c.openID)
	c.look(ctx, "penalty", c.penalty)
	c.look(ctx, p.Kind.Allowance(), c.allowance)
	c.look(ctx, "token", c.token)
	c.look(ctx, "values", c.values)
	return c.found
}

// look makes one check, which is in order unless it says something.
func (c *checking) look(ctx context.Context, id string, check func(context.Context)) {
	c.id, c.said = id, false
	if check(ctx); !c.said {
		c.say(OK, "", "", nil)
	}
}

// checking gathers the checks of one message.
type checking struct {
	Preflight
	send  Send
	m     wechat.Message
	known *wechat.Template // nil where the template is not known

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
		c.say(Failed, c.Kind.Unlike(c.m.TemplateID), "template_id", map[string]string{"Template": c.m.TemplateID})
	case err != nil: // WeChat will say so when it is asked; the send itself may still go through
		c.say(Skipped, "unasked", "template_id", nil)
	default:
		c.known = &t
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
	ban, inForce, err := c.Penalties.InForce(ctx, c.send.App)
	switch {
	case err != nil:
		c.say(Skipped, "unasked", "", nil)
	case inForce && ban.Forever:
		c.say(Failed, "forever", "", nil)
	case inForce:
		c.say(Failed, "until", "", nil).Until = ban.Until
	}
}

func (c *checking) allowance(ctx context.Context) {
	place := "form_id"
	if c.id == ledger.OfConsent {
		place = "touser"
	}
	if !ledger.IsOpenID(c.m.ToUser) {
		c.say(Skipped, "", place, nil)
		return
	}
	a, known, err := c.Allowances.PeekAllowance(ctx, c.send)
	refusal, refused := errors.AsType[*ledger.Refusal](err)
	switch {
	case refused:
		c.under(Failed, refusal.Reason, place, refusal.Right, refusal.Holder)
	case err != nil:
		c.say(Skipped, "unasked", place, nil)
	case !known:
		c.under(Warning, "new", place, a, ledger.Holder{})
	case !a.ExpiresAt.IsZero() && a.ExpiresAt.Sub(c.Now()) < ledger.Patience:
		c.under(Warning, "ending", place, a, ledger.Holder{})
	default:
		c.under(OK, "", place, a, ledger.Holder{})
	}
}

func (c *checking) under(state, why, place string, r ledger.Allowance, h ledger.Holder) {
	c.say(state, why, place, map[string]string{
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
