package sandbox_test

import (
	"fmt"
	"testing"

	"muban/wechat/sandbox"
)

func TestAnAppIsAllowedMoreTemplatesThanUsual(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		limit := func(n int) {
			var got map[string]any
			w.control("POST", "/sandbox/limits", fmt.Sprintf(`{"appid":"%s","templates":%d}`, sandbox.DefaultAppID, n), &got)
			if got["templates"] != float64(n) {
				t.Error(got)
			}
		}
		limit(60)
		for range 60 {
			w.template()
		}
		w.refused(45026, w.call(addPath, `{"id":"AT0002","keyword_id_list":[3]}`))
		listed := 0
		for offset := 0; offset < 80; offset += 20 {
			listed += len(w.works(w.call(listPath, fmt.Sprintf(`{"offset":%d,"count":20}`, offset))).List)
		}
		if listed != 60 {
			t.Errorf("%d templates are listed", listed)
		}
		limit(0) // what is there stays
		w.refused(45026, w.call(addPath, `{"id":"AT0002","keyword_id_list":[3]}`))
		if list := w.works(w.call(listPath, `{"offset":40,"count":20}`)).List; len(list) != 20 {
			t.Errorf("%d templates are left on the last page", len(list))
		}
		limit(60)
		w.Reset()
		w.token = ""
		for range 25 {
			w.template()
		}
		w.refused(45026, w.call(addPath, `{"id":"AT0002","keyword_id_list":[3]}`))
	})
}

func TestTheLimitIsOfOneAppAndSurvivesARestart(t *testing.T) {
	w := inProcess(t, sandbox.Options{MaxTemplates: 1})
	w.AddApp("wx00000000sandbox2", "another")
	if err := w.SetTemplateLimit("wx00000000sandbox2", 2); err != nil {
		t.Fatal(err)
	}
	w.template()
	w.refused(45026, w.call(addPath, `{"id":"AT0002","keyword_id_list":[3]}`))

	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	later := inProcess(t, sandbox.Options{MaxTemplates: 1})
	if err := later.Restore(raw); err != nil {
		t.Fatal(err)
	}
	a, _ := later.ask("GET", tokenPath+"?grant_type=client_credential&appid=wx00000000sandbox2&secret=another", "")
	for _, code := range []int{0, 0, 45026} {
		later.refused(code, later.callWith(a.AccessToken, addPath, `{"id":"AT0002","keyword_id_list":[3]}`))
	}
}
