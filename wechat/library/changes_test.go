package library_test

import (
	"reflect"
	"slices"
	"testing"

	"muban/wechat/library"
	"muban/wechat/sandbox"
)

func TestChangesSinceTheLastSyncAreListed(t *testing.T) {
	t.Parallel()
	inTime(t, 25, func(t *testing.T, r *rig) {
		r.wantComplete(r.sync())
		r.edit(`{"remove":["AT0003"],"rename":{"AT0004":"交易新提醒"},"add":[
			{"id":"AT9001","title":"洗车完成提醒","keywords":[{"keyword_id":1,"name":"车牌","example":"粤A12345"}]},
			{"id":"AT0002","title":"购买成功通知","keywords":[{"keyword_id":3,"name":"购买门店","example":"TIT造舰厂"},
				{"keyword_id":4,"name":"购买时间","example":"2018年6月6日"},
				{"keyword_id":77,"name":"取货码","example":"8848"}]}]}`)
		s := r.sync()
		r.wantComplete(s)
		changes, err := r.store.SyncChanges(t.Context(), r.app, s.ID)
		must(t, err)
		var ours []library.Change // keyword 5 and others of AT0002 are gone too
		for _, c := range changes {
			if c.What != library.KeywordGone {
				ours = append(ours, c)
			}
		}
		const own = "购买成功通知"
		want := []library.Change{
			{What: library.KeywordRenamed, TitleID: "AT0002", Title: own, Keyword: 3, Name: "购买门店",
				Before: "购买地点", After: "购买门店"},
			{What: library.KeywordExample, TitleID: "AT0002", Title: own, Keyword: 4, Name: "购买时间",
				Before: "2016年6月6日", After: "2018年6月6日"},
			{What: library.KeywordNew, TitleID: "AT0002", Title: own, Keyword: 77, Name: "取货码"},
			{What: library.TitleRenamed, TitleID: "AT0004", Title: "交易新提醒", Before: "交易提醒", After: "交易新提醒"},
			{What: library.TitleNew, TitleID: "AT9001", Title: "洗车完成提醒"},
			{What: library.TitleGone, TitleID: "AT0003", Title: "购买失败通知"},
		}
		if !slices.Equal(ours, want) {
			t.Errorf(" got %+v\nwant %+v", ours, want)
		}
		if s.Counts[library.TitleNew] != 1 || s.Counts[library.KeywordGone] != len(changes)-len(ours) ||
			s.Counts[library.KeywordGone] == 0 {
			t.Errorf("%v", s.Counts)
		}
		if s = r.sync(); len(s.Counts) != 0 {
			t.Errorf("nothing changed, and yet %v", s.Counts)
		}
	})
}

// Before the k-th thing that the mirror does the library changes. The sync ends with the
// library as it is then. Only a change behind the back of the last look at the list comes
// too late for it: then it ends with the library as it was, and never with a mixture.
func TestALibraryThatChangesUnderWayIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	const titles = 45
	const lists, gets = 2 * 3, 2 * titles // a question and a write each
	for name, edit := range map[string]string{
		"a title goes":           `{"remove":["AT0002"]}`,
		"two titles go":          `{"remove":["AT0003","AT0027"]}`,
		"a title comes":          `{"add":[{"id":"AT9001","title":"洗车完成提醒","keywords":[]}]}`,
		"a title comes in front": `{"first":true,"add":[{"id":"AT9001","title":"洗车完成提醒","keywords":[]}]}`,
		"one goes and one comes": `{"remove":["AT0004"],"add":[{"id":"AT9001","title":"洗车完成提醒","keywords":[]}]}`,
		"one comes, another goes": `{"remove":["AT0005"],"first":true,
			"add":[{"id":"AT9001","title":"洗车完成提醒","keywords":[]}]}`,
		"a title gets another text": `{"rename":{"AT0002":"购物成功通知"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, k := range []int{2, 3, 5, 8, 40, lists + gets + 1, lists + gets + 3, lists + gets + 5} {
				inTime(t, titles, func(t *testing.T, r *rig) {
					before := r.library()
					r.between = func(event int) {
						if event == k {
							r.edit(edit)
						}
					}
					s := r.sync()
					if k > lists+gets && reflect.DeepEqual(r.mirror.Titles(), before) {
						return
					}
					r.wantComplete(s)
				})
				if t.Failed() {
					t.Fatalf("changed before event %d", k)
				}
			}
		})
	}
}

// One answer that is empty or short, in any pass and at any page, is asked for again: no
// title is lost, and no title's keywords are read twice.
func TestFault58_OneListThatShrinksIsNotBelieved(t *testing.T) {
	t.Parallel()
	const titles, pages = 45, 3
	for name, body := range map[string]string{
		"empty":          `{"errcode":0,"list":[],"total_count":0}`,
		"empty, counted": `{"errcode":0,"list":[],"total_count":45}`,
		"one title":      `{"errcode":0,"list":[{"id":"AT0002","title":"购买成功通知"}],"total_count":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at := range 2 * pages {
				inTime(t, titles, func(t *testing.T, r *rig) {
					r.wantComplete(r.sync())
					gets, lists := r.calls(getPath), 0
					r.list = func() {
						if lists++; lists == at+1 {
							r.fault(sandbox.Fault{Path: listPath, Body: body, Times: 1})
						}
					}
					s := r.sync()
					r.list = nil
					if n := r.calls(getPath) - gets; len(s.Counts) > 0 || n != titles {
						t.Errorf("answer %d: %v, %d titles were opened", at, s.Counts, n)
					}
					r.wantComplete(s)
				})
			}
		})
	}
}

// What is short again when it is asked for again is believed.
func TestFault58_ALibraryThatTrulyShrankIsBelieved(t *testing.T) {
	t.Parallel()
	inTime(t, 45, func(t *testing.T, r *rig) {
		r.wantComplete(r.sync())
		r.remove(ids(r.library()[3:])...)
		s := r.sync()
		r.wantComplete(s)
		if s.Counts[library.TitleGone] != 42 {
			t.Errorf("%v", s.Counts)
		}
	})
}

func TestALibraryThatNeverHoldsStillSaysSo(t *testing.T) {
	t.Parallel()
	inTime(t, 45, func(t *testing.T, r *rig) {
		r.between = func(event int) {
			switch event % 4 { // a question and a write each
			case 0:
				r.edit(`{"first":true,"add":[{"id":"AT9001","title":"洗车完成提醒","keywords":[]}]}`)
			case 2:
				if event == 2 {
					return
				}
				r.edit(`{"remove":["AT9001"]}`)
			}
		}
		s := r.sync()
		if s.Outcome != library.Complete || !s.Unsettled || s.Titles < 45 {
			t.Errorf("%+v", s)
		}
	})
}
