package pages_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/web/webtest"
)

// A file is read by people far from the page: its columns are named in the reader's language,
// and its times say their zone, which is that of the console's days.
func TestFault66_AFileIsInTheReadersLanguageAndItsTimesSayTheirZone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	p := openTemplate(c, b)
	b.SendTest(templateIDOn(p)).Expect(200, "outcome.sent")
	for path, column := range map[string]string{
		"/sends.csv": "at", "/rights.csv": "made_at", "/activity/export": "time", "/templates/export?format=csv": "added_at",
	} {
		for _, lang := range text.Languages {
			file, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.Speaking(lang).Get(path).Body, "\ufeff"))).ReadAll()
			if err != nil || len(file) < 2 {
				t.Fatalf("%s: %v (%v)", path, file, err)
			}
			at := -1
			for i, name := range file[0] {
				if name == text.LoadTexts().In(lang).T("export."+column) {
					at = i
				}
			}
			if at < 0 {
				t.Errorf("%s in %s: no column %q among %v", path, lang, column, file[0])
				continue
			}
			when, err := time.Parse(time.RFC3339, file[1][at])
			if _, offset := when.Zone(); err != nil || offset != 8*3600 {
				t.Errorf("%s: the time is %q", path, file[1][at])
			}
		}
	}
}
