package web_test

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// faults.md 34, 37: what WeChat says stays text on the pages that show the mirror.
func TestHostileTextInTheMirrorIsInert(t *testing.T) {
	t.Parallel()
	for i, h := range hostile {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			c, s := newConsoleWith(t, hasty), newScript(t)
			c.running()
			b := c.connect(s)
			b.sync().expect(http.StatusOK, "Complete")
			s.poison(t, "="+h, "AT "+h, scriptedID)
			b.sync().expect(http.StatusOK, "Complete")
			seen := 0
			for _, path := range []string{"/library", search("q", "hostile"), "/library/sync", "/find?q=hostile"} {
				p := b.get(path)
				p.inert()
				seen += strings.Count(p.doc.Find("main").Text(), "hostile")
			}
			if p := fragmentOf(b, "/find?q=hostile"); p.status != http.StatusOK || !p.has("[role=option]") {
				t.Errorf("%s", p.body)
			}
			if seen < 4 {
				t.Errorf("it shows %d times", seen)
			}
			rows, err := csv.NewReader(strings.NewReader(b.get("/library/export?format=csv").body)).ReadAll()
			must(t, err)
			if !strings.HasPrefix(rows[1][1], "'=") {
				t.Errorf("a formula: %q", rows[1])
			}
		})
	}
}
