package sandbox_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"muban/wechat"
	"muban/wechat/sandbox"
)

// seeds are those that the library's tests look at.
var seeds = []uint64{sandbox.DefaultSeed, 1, 1 << 63}

func eachTitle(t *testing.T, test func(title wechat.Title)) {
	for _, seed := range seeds {
		for _, title := range sandbox.Library(seed) {
			test(title)
		}
	}
}

func TestTheLibraryHasAtLeast599TitlesWithIDsUpToAT2430(t *testing.T) {
	for _, seed := range seeds {
		titles, highest := sandbox.Library(seed), ""
		ids, texts := map[string]bool{}, map[string]bool{}
		for _, title := range titles {
			ids[title.ID], texts[title.Text] = true, true
			highest = max(highest, title.ID)
			if !regexp.MustCompile(`^AT\d{4}$`).MatchString(title.ID) {
				t.Error(title.ID)
			}
		}
		if len(titles) < 599 || len(ids) != len(titles) || len(texts) != len(titles) || highest < "AT2430" {
			t.Errorf("seed %d: %d titles, %d ids up to %s, %d texts", seed, len(titles), len(ids), highest, len(texts))
		}
	}
}

// knownTitles are the titles that public sources tell of, with the ids and keyword ids they tell.
func knownTitles(t *testing.T) (titles []wechat.Title) {
	raw, err := os.ReadFile("library.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var r struct {
			ID, Title string
			Keywords  []struct {
				ID            int `json:"keyword_id"`
				Name, Example string
			}
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		title := wechat.Title{ID: r.ID, Text: r.Title}
		for _, k := range r.Keywords {
			title.Keywords = append(title.Keywords, wechat.Keyword{ID: k.ID, Name: k.Name, Example: k.Example})
		}
		titles = append(titles, title)
	}
	return titles
}

func TestTheRealTitlesComeFirstAndKeepWhatIsKnown(t *testing.T) {
	for _, seed := range seeds {
		titles := sandbox.Library(seed)
		for i, want := range knownTitles(t) {
			got := titles[i]
			if got.ID != want.ID || got.Text != want.Text {
				t.Errorf("%d: %s %s, want %s %s", i, got.ID, got.Text, want.ID, want.Text)
			}
			byID := map[int]wechat.Keyword{}
			for _, k := range got.Keywords {
				byID[k.ID] = k
			}
			for _, k := range want.Keywords {
				if have := byID[k.ID]; have.Name != k.Name || k.Example != "" && have.Example != k.Example {
					t.Errorf("%s: %v, want %v", want.Text, have, k)
				}
			}
		}
	}
}

func TestSomeTitlesHaveLongKeywordLists(t *testing.T) {
	long := map[string]int{}
	for _, title := range sandbox.Library(sandbox.DefaultSeed) {
		if len(title.Keywords) >= 25 {
			long[title.Text] = len(title.Keywords)
		}
	}
	if long["交易提醒"] != 100 || long["订单支付成功通知"] < 100 || len(long) < 3 {
		t.Error(long)
	}
}

func TestTitlesKeepTheReviewRules(t *testing.T) { // 审核说明 1.3, 1.4
	eachTitle(t, func(title wechat.Title) {
		if !strings.HasSuffix(title.Text, "提醒") && !strings.HasSuffix(title.Text, "通知") {
			t.Error(title.Text)
		}
		if !regexp.MustCompile(`^\p{Han}{4,16}$`).MatchString(title.Text) {
			t.Error(title.Text)
		}
	})
}

func TestComposedTitlesAreNoMarketing(t *testing.T) { // 审核说明 1.6
	marketing := regexp.MustCompile(`优惠|返利|返现|折|促销|优惠券|代金券|卡券|红包|会员|积分(商城|兑换)|活动|抽奖|秒杀|上新|新品|特价|满减|推荐`)
	for _, title := range sandbox.Library(sandbox.DefaultSeed)[len(knownTitles(t)):] {
		if marketing.MatchString(title.Text) {
			t.Error(title.Text)
		}
	}
}

func TestKeywordsKeepTheReviewRules(t *testing.T) { // 审核说明 2.1, 2.3
	eachTitle(t, func(title wechat.Title) {
		ids, names := map[int]bool{}, map[string]bool{}
		for _, k := range title.Keywords {
			ids[k.ID], names[k.Name] = true, true
			if k.ID < 1 || !regexp.MustCompile(`^\p{Han}{2,10}$`).MatchString(k.Name) {
				t.Error(title.Text, k)
			}
			if k.Example == "" || len(k.Example) > 90 || strings.TrimSpace(k.Example) != k.Example || strings.ContainsAny(k.Example, "=|\n") {
				t.Errorf("%s: %+v", title.Text, k)
			}
		}
		if n := len(title.Keywords); n < 3 || n > 101 || len(ids) != n || len(names) != n {
			t.Errorf("%s: %d keywords, %d ids, %d names", title.Text, n, len(ids), len(names))
		}
	})
}

func TestComposedKeywordsAreNotTooBroad(t *testing.T) { // 审核说明 2.5
	broad := " 内容 备注 时间 地点 地址 金额 编号 单号 状态 类型 名称 姓名 电话 原因 结果 说明 详情 方式 日期 温馨提示 "
	for _, title := range sandbox.Library(sandbox.DefaultSeed)[len(knownTitles(t)):] {
		for _, k := range title.Keywords {
			if strings.Contains(broad, " "+k.Name+" ") {
				t.Error(title.Text, k.Name)
			}
		}
	}
}

func TestTheLibraryIsTheSameForTheSameSeed(t *testing.T) {
	if !reflect.DeepEqual(sandbox.Library(7), sandbox.Library(7)) {
		t.Error("one seed, two libraries")
	}
	if reflect.DeepEqual(sandbox.Library(7), sandbox.Library(8)) {
		t.Error("two seeds, one library")
	}
}

func TestTheLibraryIsWrittenAsJSONLines(t *testing.T) {
	var b strings.Builder
	titles := []wechat.Title{{ID: "AT0002", Text: "购买成功通知", Keywords: []wechat.Keyword{{ID: 3, Name: "购买地点", Example: "<TIT>"}}}, {ID: "AT0003", Text: "购买失败通知"}}
	if err := sandbox.WriteLibrary(&b, titles); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"AT0002","title":"购买成功通知","keywords":[{"keyword_id":3,"name":"购买地点","example":"<TIT>"}]}` + "\n" +
		`{"id":"AT0003","title":"购买失败通知","keywords":[]}` + "\n"
	if b.String() != want {
		t.Error(b.String())
	}
}
