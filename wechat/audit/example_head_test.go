package audit

import "testing"

func TestAValueIsWhatTheHeadOfItsKeywordSays(t *testing.T) {
	for _, k := range [][2]string{
		{"带看阶段", "带看即将到期"}, {"办理阶段", "已完成"}, {"审核结果", "待审核"}, {"面试结果", "等待通知"}, {"处理结果", "处理中"}, {"退回原因", "已退回"}, {"取消原因", "取消成功"}, {"订单状态", "资料不全"}, {"支付方式", "支付成功"},
	} {
		if level := onExample(k[0], k[1]); level != Warning {
			t.Errorf("%s ← %s: %q, want warning", k[0], k[1], level)
		}
	}
	for _, k := range [][2]string{
		{"带看阶段", "带看保护超时阶段"}, {"办理阶段", "初审"}, {"孕期阶段", "孕中期"}, {"审核结果", "审核未通过"}, {"审核结果", "合格"}, {"退回原因", "影像件缺失"}, {"取消原因", "超时未支付"}, {"返现原因", "报名费返现"}, {"停水原因", "管道检修"}, {"故障原因", "门机异常"},
		{"订单状态", "待付款"}, {"设备状态", "离线"}, {"支付方式", "微信支付"}, {"取货方式", "到店自提"}, {"处理结果", "已更换水管"},
	} {
		if level := onExample(k[0], k[1]); level != "" {
			t.Errorf("%s ← %s: %s", k[0], k[1], level)
		}
	}
}

// Shelf, row and number of a parcel look like a day, and are a code all the same; a day with a time is none.
func TestACodeMayLookLikeADay(t *testing.T) {
	for example, want := range map[string]Level{"8-3-2014": "", "2-3-18": "", "2014-08-03": Error, "8/3/2014": Error, "8-3-2014 12:30": Error} {
		if level := onExample("取件码", example); level != want {
			t.Errorf("%s: %q, want %q", example, level, want)
		}
	}
}

func TestAnExampleIsWhole(t *testing.T) {
	for _, example := range []string{"张三、", "订单包括：", "例如：北京", "如：2件", "周一、周二等等", "详情请见…"} {
		if f := find(t, Check(underTitle(Keyword{Name: "服务说明文字", Example: example}), Options{}), RuleExample, "keywords[0].example"); f.Key != "example.partial" {
			t.Errorf("%s: %s", example, f.Key)
		}
	}
	if level := onExample("等级", "如意卡会员"); level != "" {
		t.Errorf("a word that begins like an example: %s", level)
	}
}
