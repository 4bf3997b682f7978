package pages_test

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"muban/web/webtest"
)

// What WeChat says stays text on the pages that show the mirror.
func TestHostileTextInTheMirrorIsInert(t *testing.T) {
	t.Parallel()
	for i, h := range webtest.Hostile {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			c, s := webtest.NewConsoleWith(t, webtest.Hasty), webtest.NewScript(t)
			c.Running()
			b := c.Connect(s)
			b.Sync().Expect(http.StatusOK, "sync.outcome_complete")
			s.Poison(t, "="+h, "AT "+h, webtest.ScriptedID)
			b.Sync().Expect(http.StatusOK, "sync.outcome_complete")
			seen := 0
			for _, path := range []string{"/library", webtest.Search("q", "hostile"), "/library/sync", "/find?q=hostile"} {
				p := b.Get(path)
				p.Inert()
				seen += strings.Count(p.Doc.Find("main").Text(), "hostile")
			}
			if p := fragmentOf(b, "/find?q=hostile"); p.Status != http.StatusOK || !p.Has("[role=option]") {
				t.Errorf("%s", p.Body)
			}
			if seen < 4 {
				t.Errorf("it shows %d times", seen)
			}
			rows, err := csv.NewReader(strings.NewReader(b.Get("/library/export?format=csv").Body)).ReadAll()
			webtest.Must(t, err)
			if !strings.HasPrefix(rows[1][1], "'=") {
				t.Errorf("a formula: %q", rows[1])
			}
		})
	}
}
