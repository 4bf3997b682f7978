package token_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/sandbox"
	"muban/wechat/token"
)

const (
	tokenPath = "/cgi-bin/token"
	probePath = "/cgi-bin/wxopen/template/list"
)

// lender gives a token, which it keeps on the simulated WeChat, to programs that cannot say
// that it is rejected.
type lender struct {
	*token.Keeper
	wechat *sandbox.Server
}

func newLender(t *testing.T) *lender {
	l := &lender{wechat: sandbox.New(sandbox.Options{})}
	l.Keeper = token.New(sandbox.DefaultAppID, func(ctx context.Context, _ bool) (wechat.Token, error) {
		return l.fetch(ctx)
	}, &memory{}, token.Options{Probe: func(ctx context.Context) error { return l.use(ctx, l.Keeper) }})
	return l
}

func (l *lender) fetch(ctx context.Context) (wechat.Token, error) {
	return wechat.FetchToken(ctx, wechat.Credentials{
		AppID: sandbox.DefaultAppID, Secret: sandbox.DefaultSecret, Transport: l.wechat.Transport(),
	})
}

// use makes a call with a token of the source.
func (l *lender) use(ctx context.Context, source wechat.TokenSource) error {
	client, err := wechat.NewClient(wechat.Config{Tokens: source, Transport: l.wechat.Transport()})
	if err != nil {
		return err
	}
	_, err = client.ListTemplates(ctx, 0, 1)
	return err
}

// ask is a program that asks for its token as an SDK does.
func (l *lender) ask(t *testing.T, who string) wechat.Secret {
	t.Helper()
	l.Suspect(t.Context(), who)
	value, err := l.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// only is a source of one token.
type only wechat.Secret

func (o only) Token(context.Context) (wechat.Secret, error) { return wechat.Secret(o), nil }
func (o only) Refresh(context.Context, wechat.Secret) (wechat.Secret, error) {
	return wechat.Secret(o), nil
}

func (l *lender) works(t *testing.T, value wechat.Secret) bool {
	return l.use(t.Context(), only(value)) == nil
}

func TestFault62_AProgramThatOnlyAsksAgainIsGivenATokenThatWorks(t *testing.T) {
	for _, apart := range []time.Duration{time.Second, 20 * time.Second, 4 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			l := newLender(t)
			l.ask(t, "key:a")
			time.Sleep(20 * time.Minute)
			if _, err := l.fetch(t.Context()); err != nil { // another program takes the token
				t.Fatal(err)
			}
			time.Sleep(6 * time.Minute)
			if l.works(t, l.ask(t, "key:a")) {
				t.Fatal("the token was not displaced")
			}
			time.Sleep(apart)
			if !l.works(t, l.ask(t, "key:a")) || !l.works(t, l.ask(t, "key:b")) {
				t.Errorf("%s later it is given the dead token", apart)
			}
			if n := l.wechat.Stats()[tokenPath]; n != 3 {
				t.Errorf("%d tokens were fetched", n)
			}
		})
	}
}

// A program that keeps no token, or a hundred that share a key, do not make WeChat be asked
// as often as they ask.
func TestFault62_ATokenThatIsGoodIsProbedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLender(t)
		for range 6000 {
			l.ask(t, "key:a")
			time.Sleep(time.Second)
		}
		if probes, tokens := l.wechat.Stats()[probePath], l.wechat.Stats()[tokenPath]; probes > 20 || tokens != 1 {
			t.Errorf("%d probes, %d tokens", probes, tokens)
		}
	})
}

func TestFault62_WhoAsksOnceInATokensLifeOrForTheFirstTimeCausesNoProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLender(t)
		for range 5 {
			for _, who := range []string{"key:a", "key:b", "key:c"} {
				l.ask(t, who)
				time.Sleep(time.Second)
			}
			time.Sleep(115 * time.Minute)
		}
		if n := l.wechat.Stats()[probePath]; n != 0 {
			t.Errorf("%d probes", n)
		}
	})
}

// Where WeChat rejects whatever it gives, a day of asking stays far below the 2,000 tokens
// that it gives in a day.
func TestFault62_ADayOfRejectedTokensStaysWithinTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLender(t)
		rejected := 40001
		if err := l.wechat.AddFault(sandbox.Fault{Path: probePath, ErrCode: &rejected, Times: 1_000_000}); err != nil {
			t.Fatal(err)
		}
		for range 24 * 60 * 12 {
			l.ask(t, "key:a")
			time.Sleep(5 * time.Second)
		}
		if n := l.wechat.Stats()[tokenPath]; n > 200 {
			t.Errorf("%d tokens in a day", n)
		}
		if n := l.wechat.Stats()[probePath]; n > 300 {
			t.Errorf("%d calls to probe in a day", n)
		}
	})
}

func TestFault62_AProbeWithoutAnAnswerChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLender(t)
		first := l.ask(t, "key:a")
		if err := l.wechat.AddFault(sandbox.Fault{Path: probePath, Delay: sandbox.Duration(time.Minute),
			Times: 10}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if again := l.ask(t, "key:a"); again != first || time.Since(began) > 5*time.Second {
			t.Errorf("after %s, another token: %t", time.Since(began), again != first)
		}
	})
}
