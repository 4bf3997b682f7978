package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"muban/wechat/sandbox"
)

const credentials = "appid=" + sandbox.DefaultAppID + "&secret=" + sandbox.DefaultSecret

func TestATokenLooksAndLivesAsWeChatsDo(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		a, raw := w.ask("GET", tokenPath+"?"+credentials+"&grant_type=client_credential", "") // any order of parameters
		if a.ExpiresIn != 7200 || len(a.AccessToken) < 138 || len(a.AccessToken) > 157 {
			t.Errorf("%d characters for %d s", len(a.AccessToken), a.ExpiresIn)
		}
		if want := `{"access_token":"` + a.AccessToken + `","expires_in":7200}`; raw != want {
			t.Errorf("%s, want %s", raw, want)
		}
		if again := w.fetchToken().AccessToken; again == a.AccessToken {
			t.Error("the second token is the first")
		}
	})
}

func TestTheTokenCallNamesWhatIsWrongWithTheCredentials(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		for query, code := range map[string]int{
			"": 40002,
			"grant_type=authorization_code&" + credentials:                                40002,
			"grant_type=client_credential":                                                41002,
			"grant_type=client_credential&appid=wx00000000sandbox2&secret=x":              40013,
			"grant_type=client_credential&appid=" + sandbox.DefaultAppID:                  41004,
			"grant_type=client_credential&appid=" + sandbox.DefaultAppID + "&secret=oops": 40125,
		} {
			a, _ := w.ask("GET", tokenPath+"?"+query, "")
			w.refused(code, a)
		}
		a, _ := w.ask("POST", tokenPath+"?grant_type=client_credential&"+credentials, "{}")
		w.refused(43001, a)
	})
}

func TestEachBadTokenHasItsErrcode(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		token := w.fetchToken().AccessToken
		stranger := strings.Repeat("x", len(token))
		for bad, code := range map[string]int{"": 41001, "short": 40014, token + "!": 40014, stranger: 40001, token: 0} {
			w.refused(code, w.callWith(bad, listPath, `{"offset":0,"count":1}`))
		}
		a, _ := w.ask("POST", listPath, `{"offset":0,"count":1}`)
		w.refused(41001, a)
	})
}

func TestASupersededTokenStaysGoodForFiveMinutes(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		old := w.fetchToken().AccessToken
		latest := w.fetchToken().AccessToken
		works := func(token string, code int) {
			t.Helper()
			w.refused(code, w.callWith(token, listPath, `{"offset":0,"count":1}`))
		}
		works(old, 0)
		w.Advance(5*time.Minute - time.Second)
		works(old, 0)
		w.Advance(time.Second)
		works(old, 40001)
		works(latest, 0)
		w.Advance(4 * time.Hour)
		works(old, 40001)
	})
}

func TestATokenAgesOutAfterTwoHours(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		token := w.fetchToken().AccessToken
		w.Advance(7200*time.Second - time.Second)
		w.refused(0, w.callWith(token, listPath, `{"offset":0,"count":1}`))
		w.Advance(time.Second)
		w.refused(42001, w.callWith(token, listPath, `{"offset":0,"count":1}`))
		w.fetchToken()
		w.refused(42001, w.callWith(token, listPath, `{"offset":0,"count":1}`))
	})
}

func TestATokenSpeaksForItsOwnAppOnly(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	w.template()
	w.AddApp("wx00000000sandbox2", "another")
	a, _ := w.ask("GET", tokenPath+"?grant_type=client_credential&appid=wx00000000sandbox2&secret=another", "")
	if list := w.works(w.callWith(a.AccessToken, listPath, `{"offset":0,"count":20}`)).List; len(list) != 0 {
		t.Errorf("the other app sees %v", list)
	}
}

func (w *world) stableToken(force bool) answer {
	w.Helper()
	a, _ := w.ask("POST", stableTokenPath, asJSON(map[string]any{
		"grant_type": "client_credential", "appid": sandbox.DefaultAppID, "secret": sandbox.DefaultSecret, "force_refresh": force,
	}))
	return a
}

func TestTheStableTokenStaysTheSameUntilFiveMinutesBeforeItsEnd(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		first := w.stableToken(false)
		w.Advance(7200*time.Second - 5*time.Minute - time.Second)
		again := w.stableToken(false)
		if again.AccessToken != first.AccessToken || again.ExpiresIn != 301 {
			t.Errorf("another token, or %d s left of the same", again.ExpiresIn)
		}
		w.Advance(time.Second)
		next := w.stableToken(false)
		if next.AccessToken == first.AccessToken || next.ExpiresIn != 7200 {
			t.Errorf("no new token five minutes before the end, or one for %d s", next.ExpiresIn)
		}
		w.works(w.callWith(first.AccessToken, listPath, `{"offset":0,"count":1}`))
	})
}

func TestTheTwoKindsOfTokenDoNotDisturbEachOther(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	stable, classic := w.stableToken(false).AccessToken, w.fetchToken().AccessToken
	w.fetchToken()
	w.stableToken(true)
	w.Advance(10 * time.Minute)
	for _, token := range []string{stable, classic} {
		w.refused(40001, w.callWith(token, listPath, `{"offset":0,"count":1}`))
	}
	steady := w.stableToken(false).AccessToken
	w.fetchToken()
	w.Advance(10 * time.Minute)
	w.works(w.callWith(steady, listPath, `{"offset":0,"count":1}`))
}

func TestForcedRefreshesAreThirtySecondsApartAndTwentyADay(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	last := w.stableToken(true).AccessToken
	w.Advance(29 * time.Second)
	if w.stableToken(true).AccessToken != last {
		t.Error("a token was replaced after 29 s")
	}
	w.Advance(time.Second)
	for range 19 {
		fresh := w.works(w.stableToken(true)).AccessToken
		if fresh == last {
			t.Fatal("the token was not replaced after 30 s")
		}
		last = fresh
		w.Advance(30 * time.Second)
	}
	w.refused(45009, w.stableToken(true))
	w.works(w.stableToken(false))
	w.Advance(24 * time.Hour)
	w.works(w.stableToken(true))
}

func TestTheStableTokenIsAskedForByPOST(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	get, _ := w.ask("GET", stableTokenPath+"?grant_type=client_credential&"+credentials, "")
	w.refused(43002, get)
	empty, _ := w.ask("POST", stableTokenPath, "")
	w.refused(44002, empty)
	broken, _ := w.ask("POST", stableTokenPath, "grant_type=client_credential")
	w.refused(47001, broken)
	wrong, _ := w.ask("POST", stableTokenPath, `{"grant_type":"client_credential","appid":"wx00000000sandbox1","secret":"x"}`)
	w.refused(40125, wrong)
}
