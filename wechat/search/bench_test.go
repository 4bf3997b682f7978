package search_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"muban/wechat"
	"muban/wechat/search"
)

// largeLibrary has 10,000 titles with 10 keywords each, many times WeChat's own.
func largeLibrary() []wechat.Title {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(words string) string {
		all := strings.Fields(words)
		return all[random.IntN(len(all))]
	}
	titles := make([]wechat.Title, 10_000)
	for i := range titles {
		t := &titles[i]
		t.ID = fmt.Sprintf("AT%04d", i+2)
		t.Text = pick("会员 门店 医院 学校 酒店 停车 物业 快递 保险 课程 驾校 健身 洗衣 餐饮 图书 设备 宠物 家政 租车 影院 展会 社区 银行 基金") +
			pick("订单 账单 预约 报名 押金 尾款 发票 合同 维修 体检 挂号 充值 续费 取件 配送 排队 考试 面试 签到 评价 投诉 咨询 申请 认证 积分 重置") +
			pick("成功 失败 取消 到期 审核 变更 完成 退款 开始 结束 受理 进度 结果 到账 确认 关闭 逾期 支付成功") + pick("通知 提醒")
		for k := range 10 {
			name := pick("订单 商品 支付 退款 预约 会员 门店 活动 审核 快递 发货 收货 取件 服务 课程 车辆 房间 设备 账户 卡券") +
				pick("编号 名称 时间 金额 地点 状态 方式 备注 电话 人 类型 数量 原因 结果 说明 期限 地址 单号 内容 进度")
			example := pick("已受理 咖啡 微信支付 请准时到场 张三 广州市天河区 审核通过 周末休息 两室一厅 顺丰速运") + fmt.Sprint(random.IntN(1_000_000))
			t.Keywords = append(t.Keywords, wechat.Keyword{ID: k + 1, Name: name, Example: example})
		}
	}
	return titles
}

// pieces are queries of 1 to 4 characters, cut from all texts alike.
func pieces(titles []wechat.Title, n int) []string {
	random := rand.New(rand.NewPCG(3, 4))
	queries := make([]string, n)
	for i := range queries {
		t := titles[random.IntN(len(titles))]
		k := t.Keywords[random.IntN(len(t.Keywords))]
		text := []rune([]string{t.Text, t.Text, k.Name, k.Example, t.ID}[random.IntN(5)])
		length := min(1+i%4, len(text))
		from := random.IntN(len(text) - length + 1)
		queries[i] = string(text[from : from+length])
	}
	return queries
}

// like is what the index is measured against: one row a title with all its text.
func like(b *testing.B, titles []wechat.Title) *sql.Stmt {
	b.Helper()
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "like.db"))
	must(b, err)
	b.Cleanup(func() { db.Close() })
	_, err = db.Exec("CREATE TABLE titles (id TEXT, text TEXT)")
	must(b, err)
	tx, err := db.Begin()
	must(b, err)
	for _, t := range titles {
		text := t.Text + " " + t.ID
		for _, k := range t.Keywords {
			text += " " + k.Name + " " + k.Example
		}
		_, err := tx.Exec("INSERT INTO titles VALUES (?, ?)", t.ID, text)
		must(b, err)
	}
	must(b, tx.Commit())
	count, err := db.Prepare("SELECT count(*) FROM titles WHERE text LIKE '%' || ? || '%'")
	must(b, err)
	return count
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkSearch answers the first page and the total, against LIKE, which counts and no
// more (a goal of ours: 200 times as fast). Queries with a letter are looked for by
// pinyin too, which LIKE cannot.
func BenchmarkSearch(b *testing.B) {
	titles := largeLibrary()
	x, count, queries := search.NewIndex(titles), like(b, titles), pieces(titles, 200)
	for name, lettered := range map[string]bool{"literal": false, "pinyin too": true} {
		b.Run(name, func(b *testing.B) {
			var base, ours, worst time.Duration
			n := 0
			for b.Loop() {
				for _, q := range queries {
					if strings.ContainsAny(q, "AT") != lettered {
						continue
					}
					n++
					slow, quick := compare(b, x, count, q)
					base, ours, worst = base+slow, ours+quick, max(worst, quick)
				}
			}
			b.ReportMetric(float64(base)/float64(ours), "ratio")
			b.ReportMetric(float64(ours.Nanoseconds())/1e3/float64(n), "µs/search")
			b.ReportMetric(float64(worst.Nanoseconds())/1e3, "µs/worst")
			b.ReportMetric(float64(base.Nanoseconds())/1e3/float64(n), "µs/LIKE")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// compare answers medians: others may be at work on the machine.
func compare(b *testing.B, x *search.Index, count *sql.Stmt, query string) (slow, quick time.Duration) {
	var n int
	var r search.Result
	slow = median(3, func() { must(b, count.QueryRow(query).Scan(&n)) })
	quick = median(21, func() { r = x.Search(search.Query{Text: query, Count: 20}) })
	if r.Total < n {
		b.Fatalf("%q: %d of %d", query, r.Total, n)
	}
	return slow, quick
}

func median(rounds int, do func()) time.Duration {
	took := make([]time.Duration, rounds)
	for i := range took {
		start := time.Now()
		do()
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[rounds/2]
}

// BenchmarkFind is one search each, first page and total (a goal of ours: 1 ms by pinyin).
func BenchmarkFind(b *testing.B) {
	x := search.NewIndex(largeLibrary())
	for _, q := range []search.Query{
		{Text: "通"}, {Text: "通知"}, {Text: "成功通知"}, {Text: "订单编号"}, {Text: "tz"}, {Text: "ddzf"},
		{Text: "chongzhi"}, {Text: "yinhang"}, {Text: "z"},
		{Text: "订丹编号"}, {Text: "银航"}, {Text: "银行订单支付成攻"}, {Text: "银行行订单"}, {Text: "chogzhi"},
		{Text: "通知", Filter: search.Filter{Suffix: "通知", MinKeywords: 2}, Sort: search.ByTitle}, {Sort: search.ByID},
	} {
		q.Count = 20
		b.Run(q.Text+q.Sort, func(b *testing.B) {
			var took time.Duration
			for b.Loop() {
				took = median(21, func() { x.Search(q) })
			}
			b.ReportMetric(float64(took.Nanoseconds())/1e3, "µs/search")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkNewIndex tells what an index costs: time, and memory beside that of its titles.
func BenchmarkNewIndex(b *testing.B) {
	titles := largeLibrary()
	var x *search.Index
	before := heap()
	for b.Loop() {
		x = search.NewIndex(titles)
	}
	b.ReportMetric(float64(heap()-before)/(1<<20), "MiB")
	runtime.KeepAlive(x)
	runtime.KeepAlive(titles)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
