package audit

import (
	"fmt"
	"testing"
	"time"
)

// manyTitles makes n different titles of the kind that the library holds.
func manyTitles(n int) []Existing {
	owners := []string{"", "会员", "门店", "医院", "学校", "酒店", "停车", "物业", "快递", "保险", "课程", "驾校", "健身", "洗衣", "餐饮", "图书", "设备", "宠物", "家政", "租车", "影院", "展会", "社区", "银行", "基金"}
	things := []string{"订单", "账单", "预约", "报名", "押金", "尾款", "发票", "合同", "维修", "体检", "挂号", "充值", "续费", "取件", "配送", "排队", "考试", "面试", "签到", "评价", "投诉", "咨询", "申请", "认证", "积分"}
	events := []string{"成功", "失败", "取消", "到期", "审核", "变更", "完成", "退款", "开始", "结束", "受理", "进度", "结果", "到账", "确认", "关闭", "逾期", "支付成功"}
	var titles []Existing
	for _, o := range owners {
		for _, t := range things {
			for _, e := range events {
				if len(titles) == n {
					return titles
				}
				titles = append(titles, Existing{ID: fmt.Sprintf("AT%04d", len(titles)), Title: o + t + e + [...]string{"通知", "提醒"}[len(titles)%2], Source: SourceLibrary})
			}
		}
	}
	return titles
}

// draftUnderWork is what a product manager has typed: ten keywords, and a
// title that resembles some of the library.
func draftUnderWork() Proposal {
	return Proposal{Title: "门店订单缴费成功提醒", Keywords: []Keyword{
		{Name: "订单编号", Example: "20161031162645020777"}, {Name: "商品名称", Example: "咖啡"}, {Name: "支付金额", Example: "30.00元"}, {Name: "支付时间", Example: "2016年6月6日 12:30"}, {Name: "支付方式", Example: "微信支付"},
		{Name: "门店地址", Example: "广州市天河区天河路208号"}, {Name: "联系电话", Example: "020-81167888"}, {Name: "取货人", Example: "张三"}, {Name: "订单状态", Example: "已支付"}, {Name: "订单备注", Example: "少糖"},
	}}
}

// BenchmarkCheckADraft is the whole live check of a draft against 10,000
// titles. Its baseline compares the one title with all others by the bigrams
// they share, as a plain program would.
func BenchmarkCheckADraft(b *testing.B) {
	titles := manyTitles(10_000)
	x := NewIndex(titles)
	draft := draftUnderWork()
	started := time.Now()
	const rounds = 5
	for range rounds {
		naiveNearest(draft.Title, titles)
	}
	baseline := time.Since(started) / rounds
	b.ReportAllocs()
	for b.Loop() {
		if found := Check(draft, Options{Index: x, Count: true}); len(found) == 0 {
			b.Fatal("the draft resembles a title of the library")
		}
	}
	b.ReportMetric(float64(baseline)/(float64(b.Elapsed())/float64(b.N)), "ratio")
}

func BenchmarkNewIndex(b *testing.B) {
	titles := manyTitles(10_000)
	for b.Loop() {
		NewIndex(titles)
	}
}

// naiveNearest is the baseline: Dice over the sets of bigrams, one title after another.
func naiveNearest(title string, titles []Existing) (best Existing) {
	most := 0.0
	own := bigrams(title)
	for _, e := range titles {
		other, shared := bigrams(e.Title), 0
		for g := range own {
			if other[g] {
				shared++
			}
		}
		if score := 2 * float64(shared) / float64(len(own)+len(other)); score > most {
			most, best = score, e
		}
	}
	return best
}

func bigrams(s string) map[[2]rune]bool {
	runes := []rune(s)
	grams := make(map[[2]rune]bool, len(runes))
	for i := range len(runes) - 1 {
		grams[[2]rune{runes[i], runes[i+1]}] = true
	}
	return grams
}
