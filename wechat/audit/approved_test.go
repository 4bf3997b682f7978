package audit

import "testing"

// testdata/approved-titles.txt are titles that WeChat has approved (data/approved-titles.txt).
func TestApprovedTitlesDrawNoError(t *testing.T) {
	titles := linesOf(t, "testdata/approved-titles.txt")
	if len(titles) < 50 {
		t.Fatalf("only %d titles", len(titles))
	}
	for _, title := range titles {
		for _, f := range Check(Proposal{Title: title}, Options{}) {
			if f.Level != Note {
				t.Errorf("%s: %s %s %s", title, f.Rule, f.Level, f.Message("zh"))
			}
		}
	}
}

// testdata/usual-titles.txt are titles as mini programs of many trades use
// them; some are known from public code, the others are built alike. They were
// gathered after the word tables were written, which they then helped to mend.
func TestUsualTitlesDrawNoError(t *testing.T) {
	for _, title := range linesOf(t, "testdata/usual-titles.txt") {
		for _, f := range Check(Proposal{Title: title}, Options{}) {
			if f.Level == Error {
				t.Errorf("%s: %s %s", title, f.Rule, f.Message("zh"))
			}
		}
	}
}

// testdata/usual-keywords.tsv holds keywords with examples as mini programs use
// them; those of data/library.jsonl that have an example are the first.
func TestUsualKeywordsDrawHardlyAnError(t *testing.T) {
	rows := linesOf(t, "testdata/usual-keywords.tsv")
	wrong := 0
	for _, row := range rows {
		k := keywordOf(row)
		for _, f := range Check(underTitle(k), Options{}) {
			if f.Level == Error {
				wrong++
				t.Logf("%s ← %s: %s %s", k.Name, k.Example, f.Rule, f.Message("zh"))
			}
		}
	}
	if wrong*50 > len(rows) {
		t.Errorf("%d errors on %d keywords: more than 2 %%", wrong, len(rows))
	}
}
