package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"muban/wechat/sandbox"
)

// library asks for the titles from an offset on.
func (w *world) library(offset int) answer {
	return w.works(w.call(libraryListPath, fmt.Sprintf(`{"offset":%d,"count":20}`, offset)))
}

func TestTheLibraryIsEditedUntilAReset(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		total := w.library(0).TotalCount
		var got struct{ Titles int }
		w.control("POST", "/sandbox/library", `{"remove":["AT0003"],"rename":{"AT0004":"交易新提醒"},"add":[
			{"id":"AT9001","title":"洗车完成提醒","keywords":[{"keyword_id":7,"name":"车牌","example":"粤A12345"}]}]}`, &got)
		if got.Titles != total || w.library(0).TotalCount != total {
			t.Errorf("%d titles, want %d", got.Titles, total)
		}
		w.refused(40097, w.call(libraryGetPath, `{"id":"AT0003"}`))
		if a := w.library(0); a.List[1].Title != "交易新提醒" {
			t.Errorf("%+v", a.List[:3])
		}
		if _, raw := w.ask("POST", libraryGetPath+"?access_token="+w.token, `{"id":"AT9001"}`); !strings.Contains(raw, `"title":"洗车完成提醒","keyword_list":[{"keyword_id":7,"name":"车牌","example":"粤A12345"}]`) {
			t.Error(raw)
		}
		w.control("POST", "/sandbox/library", `{"first":true,"add":[{"id":"AT9002","title":"洗衣完成提醒"},{"id":"AT9001","title":"洗车结束提醒"}]}`, &got)
		if first, last := w.library(0).List[0], w.library(total).List[0]; got.Titles != total+1 || first.ID != "AT9002" || last.Title != "洗车结束提醒" {
			t.Errorf("%d titles from %+v to %+v", got.Titles, first, last)
		}
		w.control("POST", "/sandbox/reset", "", &struct{}{})
		w.token = ""
		if a := w.library(0); a.TotalCount != total || a.List[1].ID != "AT0003" {
			t.Errorf("%d titles after a reset, want %d", a.TotalCount, total)
		}
	})
}

func TestAnEditOfTheLibrarySurvivesASnapshot(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	if err := w.EditLibrary(sandbox.LibraryEdit{Remove: []string{"AT0002"}}); err != nil {
		t.Fatal(err)
	}
	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	later := inProcess(t, sandbox.Options{})
	if err := later.Restore(raw); err != nil {
		t.Fatal(err)
	}
	later.refused(40097, later.call(libraryGetPath, `{"id":"AT0002"}`))
}

func TestAnEditThatMeansNothingIsRefused(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	for _, bad := range []string{`{}`, `{"first":true}`, `{"remove":["AT0001"]}`, `{"rename":{"AT0001":"x"}}`, `{"add":[{"id":"AT9001"}]}`, `{"add":[{"title":"x"}]}`, `{"removed":[]}`} {
		if status, raw, _ := w.request("POST", "/sandbox/library", bad); status != 400 || !strings.Contains(raw, "bad_request") {
			t.Errorf("%s: HTTP %d, %s", bad, status, raw)
		}
	}
}
