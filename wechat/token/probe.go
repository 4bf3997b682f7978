package token

import (
	"context"
	"maps"
	"time"

	"muban/wechat"
)

const (
	// askedAgain is for how long after a token was given the same asker is not expected
	// again: a program keeps its token for the two hours that it lives.
	askedAgain = 10 * time.Minute
	probePause = 30 * time.Second // after a probe, doubled every time
	probeSlow  = 10 * time.Minute // the longest of these pauses
	askersKept = 1000

	probeTimeout = 5 * time.Second // the program waits for its token meanwhile
)

// probes are for programs that know cgi-bin/token alone. Such a program cannot say that
// WeChat rejected its token: it asks for another, and again, and would be given the same
// one until its end.
type probes struct {
	given map[string]gift // by asker
	made  int             // probes in a row, with the pauses between them alone
	next  time.Time       // no other probe before
}

// gift is the token that an asker was given last.
type gift struct {
	token wechat.Secret
	at    time.Time
}

// Suspect is called before a program that knows cgi-bin/token alone is given the token; who
// names it. Where it was given the same token a moment ago, the token is probed: one small
// call to WeChat, which has it replaced where WeChat rejects it, within the limits of
// Refresh. Probes that follow one another have growing pauses between them, whatever they
// find, so that a program that never keeps its token, or tokens that are all rejected, cost
// some 150 probes and as many tokens a day at the most.
func (k *Keeper) Suspect(ctx context.Context, who string) {
	if k.options.Probe == nil {
		return
	}
	if k.mustProbe(who) {
		ctx, cancel := context.WithTimeout(AskedBy(ctx, who), probeTimeout)
		defer cancel()
		if err := k.options.Probe(ctx); err != nil {
			k.options.Log.Info("access token probed", "app", k.appID, "by", who, "err", err)
		}
	}
	k.noteGift(who)
}

// mustProbe tells whether the token that who is about to be given has to be probed first,
// and notes that it is.
func (k *Keeper) mustProbe(who string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, c, p := k.options.Now(), k.current.Load(), &k.probes
	if !c.valid(now) {
		return false
	}
	if last := p.given[who]; last.token != c.Value || now.Sub(last.at) >= askedAgain {
		return false
	}
	switch quiet := now.Sub(p.next); {
	case quiet < 0:
		return false
	case quiet >= probeSlow:
		p.made = 0
	}
	p.next = now.Add(doubled(probePause, p.made, probeSlow))
	p.made++
	return true
}

// noteGift remembers what who is given. Of very many askers, those are forgotten whose
// gift says nothing any more, or else all.
func (k *Keeper) noteGift(who string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, c, p := k.options.Now(), k.current.Load(), &k.probes
	if c == nil {
		return
	}
	if len(p.given) >= askersKept {
		maps.DeleteFunc(p.given, func(_ string, g gift) bool { return now.Sub(g.at) >= askedAgain })
	}
	if p.given == nil || len(p.given) >= askersKept {
		p.given = map[string]gift{}
	}
	p.given[who] = gift{c.Value, now}
}
