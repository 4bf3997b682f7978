package account

import (
	"context"
	"slices"
	"sync"
	"time"

	"muban/wechat"
	"muban/wechat/audit"
	"muban/wechat/kind"
)

// findings holds what an app's proposals are compared with: the titles of the
// library, the account and the other proposals.
type findings struct {
	mu     sync.Mutex
	index  *audit.Index // nil: to be built
	mirror uint64       // the version of the mirror that index was built of
	// Before the first mirror, the titles alone are read in the background: 30
	// calls at 599 titles.
	titles  []wechat.Title
	loading chan struct{} // closed when the reading ends; nil while none is under way
	failed  error         // of the last reading
	next    time.Time     // when it may be read again
}

const (
	libraryPatience = 300 * time.Millisecond // how long a check waits for the library
	libraryReading  = 5 * time.Minute        // how long reading it may take
	libraryKept     = 12 * time.Hour
	libraryRetry    = time.Minute // after a reading that failed
)

// library is every title of the mirror, and its version; before the first mirror,
// what was read directly.
func (c *findings) library(ctx context.Context, acct *Account) ([]wechat.Title, uint64) {
	if acct.Mirror.Version() == 0 {
		return c.direct(ctx, acct), 0
	}
	return c.known(acct)
}

// known is library without asking WeChat: nil where nothing was read yet.
func (c *findings) known(acct *Account) ([]wechat.Title, uint64) {
	version := acct.Mirror.Version() // before its titles: a newer mirror is noticed the next time
	if titles := acct.Mirror.Titles(); titles != nil {
		return titles, version
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.titles, 0
}

// direct is every title as WeChat lists them, or those of an earlier reading, or
// none yet: a page does not wait for the whole of it.
func (c *findings) direct(ctx context.Context, acct *Account) []wechat.Title {
	c.mu.Lock()
	if c.loading == nil && acct.now().After(c.next) {
		c.loading = make(chan struct{})
		go c.load(context.WithoutCancel(ctx), acct, c.loading)
	}
	loading, titles := c.loading, c.titles
	c.mu.Unlock()
	if loading == nil || titles != nil {
		return titles
	}
	select {
	case <-loading:
	case <-time.After(libraryPatience):
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.titles
}

func (c *findings) load(ctx context.Context, acct *Account, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, libraryReading)
	defer cancel()
	titles, err := acct.Library.All(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loading, c.failed, c.next = nil, err, acct.now().Add(libraryKept)
	if err != nil {
		c.next = acct.now().Add(libraryRetry)
	} else {
		c.titles, c.index = titles, nil
	}
	close(done)
}

// trouble is why there are no titles yet; nil while they are being read.
func (c *findings) trouble() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loading != nil {
		return nil
	}
	return c.failed
}

// TitlesChanged makes the next check build its index anew: a template or a proposal came or went.
func (a *Account) TitlesChanged() {
	a.findings.mu.Lock()
	a.findings.index = nil
	a.findings.mu.Unlock()
}

// Index is what combinations and proposals are compared with, built when it is first needed and after
// titles came or went. own are the library titles under which combinations are checked: they are some
// also where the library could not be read yet, or was read before WeChat had them. The list of all
// titles is read for a proposal alone: what a combination under a title of the library is told does not
// depend on the others.
func (a *Account) Index(ctx context.Context, own ...audit.Existing) (*audit.Index, error) {
	c := &a.findings
	titles, version := c.known(a)
	if slices.ContainsFunc(own, func(o audit.Existing) bool { return o.ID == "" }) {
		titles, version = c.library(ctx, a)
	}
	missing := slices.DeleteFunc(slices.Clone(own), func(o audit.Existing) bool {
		return o.ID == "" || slices.ContainsFunc(titles, func(t wechat.Title) bool { return t.ID == o.ID })
	})
	keep := titles != nil && len(missing) == 0
	c.mu.Lock()
	defer c.mu.Unlock()
	if keep && c.index != nil && c.mirror == version {
		return c.index, nil
	}
	var existing []audit.Existing
	for _, t := range titles {
		known := audit.Existing{ID: t.ID, Title: t.Text, Source: audit.SourceLibrary}
		for _, k := range t.Keywords {
			known.Keywords = append(known.Keywords, k.Name)
		}
		existing = append(existing, known)
	}
	existing = append(existing, missing...)
	ours, err := a.store.KnownTitles(ctx, a.App.ID, a.Kind.Name())
	if err != nil {
		return nil, err
	}
	index := audit.NewIndex(append(existing, ours...))
	if keep {
		c.index, c.mirror = index, version
	}
	return index, nil
}

// Findings checks a combination or a proposal. own names what it is itself in the index, its library
// title or its draft, so that it is not told of itself.
func (a *Account) Findings(ctx context.Context, own audit.Options, p audit.Proposal) ([]audit.Finding, error) {
	index, err := a.Index(ctx, audit.Existing{ID: own.SourceID, Title: p.Title, Source: audit.SourceLibrary})
	if err != nil {
		return nil, err
	}
	return Findings(index, own, p), nil
}

// Findings are those of a combination or a proposal against an index.
func Findings(index *audit.Index, own audit.Options, p audit.Proposal) []audit.Finding {
	own.Index, own.Count = index, true
	return audit.Check(p, own)
}

// Proposal is what reviewers get to see of a title and its keywords, of a kind of message.
func Proposal(k kind.Kind, title string, keywords []wechat.Keyword) audit.Proposal {
	p := audit.Proposal{Kind: k.Name(), Title: title}
	for _, x := range keywords {
		p.Keywords = append(p.Keywords, audit.Keyword{Name: x.Name, Example: x.Example, Type: x.Rule})
	}
	return p
}
