package wechat_test

import (
	"encoding/json"
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
