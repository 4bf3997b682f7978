package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"muban/wechat/sandbox"
)

// Whatever body comes to whatever path, the answer is JSON and nothing panics.
func FuzzAnyBodyIsAnsweredWithJSON(f *testing.F) {
	for _, body := range []string{
		``, "\uFEFF{}", "{\"id\":\"\xff\"}", "{ \"a\" : [ {\"}\":\"\\\"\"} ] , \"\\u0069d\"\t:\n1e1 }", `null`, `[]`, `{}`, `{"offset":"0","count":"5"}`, `{"offset":1e9,"count":-1}`, `{"id":"AT0002","keyword_id_list":["3",4.0,null]}`,
		`{"touser":1,"template_id":2,"form_id":3,"data":[],"page":null,"emphasis_keyword":"keyword1.DATA"}`,
		`{"touser":"` + ming + `","data":{"keyword1":{"value":"x","color":null},"keyword2":null}}`,
		`{"path":"/cgi-bin/token","times":1,"delay":"1ns"}`, `{"advance":"-1h"}`, `{"grant_type":"client_credential","force_refresh":"true"}`, who(ming),
	} {
		for path := range uint8(20) {
			f.Add(path, body)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		w := inProcess(t, sandbox.Options{})
		paths := append(sandbox.Paths(), "/sandbox/forms", "/sandbox/payments", "/sandbox/clock", "/sandbox/faults", "/sandbox/apps", "/sandbox/retire", "/")
		path := paths[int(which)%len(paths)] + "?access_token=" + w.fetchToken().AccessToken
		recorder := httptest.NewRecorder()
		w.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
		if !json.Valid(recorder.Body.Bytes()) {
			t.Errorf("%s %q: %s", path, body, recorder.Body)
		}
	})
}
