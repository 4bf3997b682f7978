package sandbox_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"muban/wechat/sandbox"
)

// control makes a call under /sandbox/ and reads its answer into v.
func (w *world) control(method, path, body string, v any) {
	w.Helper()
	status, raw, kind := w.request(method, path, body)
	if status != http.StatusOK || kind != "application/json" {
		w.Fatalf("%s %s: HTTP %d, %s, %s", method, path, status, kind, raw)
	}
	if err := json.Unmarshal([]byte(raw), v); err != nil {
		w.Fatalf("%s: %v", raw, err)
	}
}

func who(openID string) string {
	return `{"appid":"` + sandbox.DefaultAppID + `","openid":"` + openID + `"}`
}

func TestAStoryToldThroughTheControlsAlone(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		var right struct {
			FormID   string `json:"form_id"`
			PrepayID string `json:"prepay_id"`
		}
		w.control("POST", "/sandbox/forms", who(ming), &right)
		w.control("POST", "/sandbox/payments", who(ming), &right)
		m := message{ToUser: ming, Template: w.template(), FormID: right.FormID, Page: "index"}
		m.Data = map[string]any{"keyword1": map[string]string{"value": "TIT造舰厂"}}
		w.works(w.send(m))
		m.FormID = right.PrepayID
		w.works(w.send(m))

		var got []struct {
			ID     int    `json:"id"`
			OpenID string `json:"openid"`
			FormID string `json:"form_id"`
			Fields []struct{ Name, Value string }
		}
		w.control("GET", "/sandbox/messages?appid="+sandbox.DefaultAppID+"&openid="+ming, "", &got)
		if len(got) != 2 || got[0].FormID != right.PrepayID || got[1].FormID != right.FormID || got[0].Fields[0].Value != "TIT造舰厂" {
			t.Errorf("%+v", got)
		}
		w.control("GET", "/sandbox/messages?openid="+hong, "", &got)
		if len(got) != 0 {
			t.Errorf("%+v", got)
		}

		var stats map[string]int
		w.control("GET", "/sandbox/stats", "", &stats)
		if stats[sendPath] != 2 || stats[tokenPath] != 1 {
			t.Error(stats)
		}
	})
}

func TestTheClockIsMovedAndRead(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		var clock struct{ Now string }
		w.control("POST", "/sandbox/clock", `{"advance":"168h"}`, &clock)
		if clock.Now != "2018-06-13T10:30:00+08:00" {
			t.Error(clock.Now)
		}
		w.control("POST", "/sandbox/clock", `{"advance":"-24h"}`, &clock)
		w.control("GET", "/sandbox/clock", "", &clock)
		if clock.Now != "2018-06-12T10:30:00+08:00" || w.Ahead().Hours() != 144 {
			t.Error(clock.Now, w.Ahead())
		}
	})
}

func TestFaultsAreSetListedAndCleared(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		var faults []map[string]any
		w.control("POST", "/sandbox/faults", `{"path":"/cgi-bin/token","times":3,"errcode":-1}`, &faults)
		w.control("POST", "/sandbox/faults", `{"path":"/cgi-bin/token","times":1,"delay":"2s"}`, &faults)
		w.refused(-1, w.fetchToken())
		_, raw, _ := w.request("GET", "/sandbox/faults", "")
		if want := `[{"path":"/cgi-bin/token","times":2,"errcode":-1},{"path":"/cgi-bin/token","times":1,"delay":"2s"}]`; raw != want {
			t.Errorf("%s, want %s", raw, want)
		}
		w.control("DELETE", "/sandbox/faults", "", &faults)
		if len(faults) != 0 {
			t.Error(faults)
		}
		w.works(w.fetchToken())
	})
}

func TestAPaymentCanBeMadeToSettleLater(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	var right map[string]string
	w.control("POST", "/sandbox/payments", `{"settle":"5s",`+who(ming)[1:], &right)
	m := message{ToUser: ming, Template: w.template(), FormID: right["prepay_id"]}
	w.refused(41028, w.send(m))
	w.Advance(5e9)
	w.works(w.send(m))
}

func TestAppsAreAddedAndTheAPIRetired(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	var added, retired map[string]any
	w.control("POST", "/sandbox/apps", `{"appid":"wx00000000sandbox2","secret":"s3cret"}`, &added)
	a, _ := w.ask("GET", tokenPath+"?grant_type=client_credential&appid=wx00000000sandbox2&secret=s3cret", "")
	w.works(w.callWith(a.AccessToken, listPath, `{"offset":0,"count":1}`))
	w.control("POST", "/sandbox/retire", `{"retired":true}`, &retired)
	w.refused(48009, w.callWith(a.AccessToken, listPath, `{"offset":0,"count":1}`))
	if !w.Retired() || retired["retired"] != true {
		t.Error(retired)
	}
}

func TestBadControlsAreRefusedWithAReason(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		for _, c := range []struct {
			method, path, body string
			status             int
		}{
			{"POST", "/sandbox/forms", "", 400},
			{"POST", "/sandbox/forms", "{", 400},
			{"POST", "/sandbox/forms", "{}{}", 400},
			{"POST", "/sandbox/forms", who("o123"), 400},
			{"POST", "/sandbox/forms", `{"appid":"wx","openid":"` + ming + `"}`, 404},
			{"POST", "/sandbox/payments", `{"settle":"-5s",` + who(ming)[1:], 400},
			{"POST", "/sandbox/payments", `{"settle":5,` + who(ming)[1:], 400},
			{"POST", "/sandbox/clock", `{}`, 400},
			{"POST", "/sandbox/clock", `{"advance":"soon"}`, 400},
			{"POST", "/sandbox/clock", `{"advance":"2540400h"}`, 400},
			{"POST", "/sandbox/faults", `{"path":"/cgi-bin/token"}`, 400},
			{"POST", "/sandbox/faults", `{"path":"/cgi-bin/token","error_code":-1}`, 400},
			{"POST", "/sandbox/apps", `{"appid":"x","secret":"y"}`, 400},
			{"POST", "/sandbox/apps", `{"appid":"wx00000000sandbox2"}`, 400},
			{"POST", "/sandbox/limits", `{"appid":"` + sandbox.DefaultAppID + `"}`, 400},
			{"POST", "/sandbox/limits", `{"appid":"` + sandbox.DefaultAppID + `","templates":1001}`, 400},
			{"POST", "/sandbox/limits", `{"appid":"` + sandbox.DefaultAppID + `","templates":-1}`, 400},
			{"POST", "/sandbox/limits", `{"appid":"wx","templates":60}`, 404},
			{"POST", "/sandbox/retire", `{}`, 400},
			{"GET", "/sandbox/messages?appid=wx", "", 404},
			{"GET", "/sandbox/reset", "", 405},
			{"PUT", "/sandbox/clock", "{}", 405},
			{"GET", "/sandbox/nothing", "", 404},
			{"GET", "/sandbox/", "", 404},
			{"POST", "/sandbox/forms", `"` + strings.Repeat("x", 5<<20) + `"`, 413},
		} {
			status, raw, kind := w.request(c.method, c.path, c.body)
			reason := regexp.MustCompile(`^\{"error":\{"code":"[a-z_]+","message":".+"\}\}$`)
			if status != c.status || kind != "application/json" || !reason.MatchString(raw) {
				t.Errorf("%s %s %.80s: HTTP %d, %s, %s; want %d", c.method, c.path, c.body, status, kind, raw, c.status)
			}
		}
	})
}

func TestPagesOfOtherSitesCannotUseTheControls(t *testing.T) {
	w := overHTTP(t, sandbox.Options{})
	for header, value := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
		r, err := http.NewRequest("POST", w.base+"/sandbox/reset", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(header, value)
		res, err := w.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: HTTP %d", header, res.StatusCode)
		}
	}
}
