package pages

import (
	"encoding/csv"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestFault37_ACellIsNeverAFormulaAndANumberStaysOne(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "购买成功通知": "购买成功通知", "a=b": "a=b", "-5": "-5", "+8.25": "+8.25", "12": "12",
		"=1+1": "'=1+1", "+A1": "'+A1", "-": "'-", "--5": "'--5", "-1+2": "'-1+2", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "＝1": "'＝1", "+1.2.3": "'+1.2.3", "-.": "'-.",
	} {
		if got := inert(cell); got != want {
			t.Errorf("%q: %q, want %q", cell, got, want)
		}
	}
}

func TestACSVFileIsReadBackAsItWas(t *testing.T) {
	w := httptest.NewRecorder()
	if err := writeCSV(w, "标题 1.csv", []string{"id", "title"}, rowsOf([]string{"AT0002", "a \"b\", c\nd"}, nil)); err != nil {
		t.Fatal(err)
	}
	body, marked := strings.CutPrefix(w.Body.String(), "\ufeff")
	lines, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || !marked || !slices.Equal(lines[1], []string{"AT0002", "a \"b\", c\nd"}) {
		t.Fatalf("%q (%v)", w.Body, err)
	}
	if got := w.Header().Get("Content-Disposition"); !strings.Contains(got, "attachment; filename*=utf-8''%E6%A0%87%E9%A2%98%201.csv") {
		t.Error(got)
	}
}

func TestACSVFileThatFailsIsAnErrorPageOrIsCutButNeverHalf(t *testing.T) {
	broken := errors.New("broken")
	seen := &answering{ResponseRecorder: httptest.NewRecorder()}
	if err := writeCSV(seen, "a.csv", []string{"id"}, rowsOf([]string{"1"}, broken)); !errors.Is(err, broken) || seen.Header().Get("Content-Disposition") != "" {
		t.Errorf("nothing was sent yet, but: %v", err)
	}
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("a file that was begun was not cut")
		}
	}()
	_ = writeCSV(seen, "a.csv", []string{"id"}, rowsOf([]string{strings.Repeat("long", 20_000)}, broken))
}

// answering tells whether the answer has begun.
type answering struct {
	*httptest.ResponseRecorder
	begun bool
}

func (w *answering) Begun() bool { return w.begun }

func (w *answering) Write(b []byte) (int, error) {
	w.begun = true
	return w.ResponseRecorder.Write(b)
}

// rowsOf is one row and then the error, if there is one.
func rowsOf(row []string, err error) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		if yield(row, nil) && err != nil {
			yield(nil, err)
		}
	}
}
