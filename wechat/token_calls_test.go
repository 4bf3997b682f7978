package wechat_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"muban/wechat"
)

// POST, and the same answer as cgi-bin/token's.
func TestAStableTokenIsFetchedAsDocumented(t *testing.T) {
	for _, force := range []bool{false, true} {
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			var asked map[string]any
			json.NewDecoder(r.Body).Decode(&asked)
			if r.Method != "POST" || r.URL.Path != "/cgi-bin/stable_token" || r.URL.RawQuery != "" || !r.Close ||
				asked["grant_type"] != "client_credential" || asked["appid"] != "wx1" || asked["secret"] != "s3&+" || asked["force_refresh"] != force {
				t.Errorf("asked %s %s, %v, connection to be closed: %v", r.Method, r.URL, asked, r.Close)
			}
			saying(`{"access_token":"`+canary+`","expires_in":345}`)(w, r)
		})
		c := wechat.Credentials{Base: base, AppID: "wx1", Secret: "s3&+", Transport: newTransport(t)}
		got, err := wechat.FetchStableToken(t.Context(), c, force)
		if err != nil || got.Value.Reveal() != canary || got.ExpiresIn != 345*time.Second {
			t.Errorf("got %q for %v, %v", got.Value.Reveal(), got.ExpiresIn, err)
		}
	}
}

// In the answer to a request for a token there is nothing but the AppSecret that 40001 can be about. It
// stays the token's everywhere else.
func TestFault63_40001ForARequestForATokenIsAWrongAppSecret(t *testing.T) {
	const msg = "invalid credential, access_token is invalid or not latest rid: 63-1"
	base := serve(t, saying(`{"errcode":40001,"errmsg":"`+msg+`"}`))
	c := wechat.Credentials{Base: base, AppID: "wx1", Secret: canary, Transport: newTransport(t)}
	_, plain := wechat.FetchToken(t.Context(), c)
	_, stable := wechat.FetchStableToken(t.Context(), c, false)
	for _, err := range []error{plain, stable, &wechat.Error{Op: "token", Code: 40001}} {
		if !errors.Is(err, wechat.ErrAppSecret) || errors.Is(err, wechat.ErrToken) {
			t.Errorf("%v", err)
		}
	}
	for _, err := range []error{plain, stable} {
		if answer, ok := errors.AsType[*wechat.Error](err); !ok || answer.Code != 40125 ||
			!strings.Contains(answer.Msg, "40001") || !strings.HasSuffix(answer.Msg, msg) {
			t.Errorf("%+v", answer)
		}
	}
	if err := error(&wechat.Error{Op: "template/list", Code: 40001}); !errors.Is(err, wechat.ErrToken) {
		t.Errorf("%v", err)
	}
}

func TestFault35_NoErrorOfAStableTokenShowsTheSecret(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			echo := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if strings.Contains(string(body), canary) {
					way(w, r)
				}
			})
			_, err := wechat.FetchStableToken(t.Context(), wechat.Credentials{
				Base: echo, AppID: "wx", Secret: canary, Transport: newTransport(t), Timeout: 50 * time.Millisecond,
			}, false)
			if err == nil && name != "no life" {
				t.Fatal("no error")
			}
			mustNotShow(t, err)
		})
	}
}
