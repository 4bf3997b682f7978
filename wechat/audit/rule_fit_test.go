package audit

import "testing"

func TestKeywordsFitTheirTitle(t *testing.T) {
	of := func(title string, names ...string) Proposal {
		p := Proposal{Title: title}
		for _, n := range names {
			p.Keywords = append(p.Keywords, Keyword{Name: n})
		}
		return p
	}
	for name, c := range map[string]struct {
		p     Proposal
		where string
		want  Level
	}{
		"of another trade":    {of("挂号成功通知", "就诊科室", "快递单号", "就诊时间"), "keywords[1].name", Note},
		"most of another":     {of("挂号成功通知", "快递单号", "收货地址", "就诊时间"), "keywords[0].name", Warning},
		"failing of success":  {of("报名成功通知", "课程名称", "失败原因"), "keywords[1].name", Warning},
		"refusing of passing": {of("退款申请通过通知", "驳回理由"), "keywords[0].name", Warning},
		"a result of none":    {of("面试结果通知", "面试时间", "面试地点"), "keywords", Note},
		"progress of none":    {of("维修进度提醒", "设备编号"), "keywords", Note},
		"its own trade":       {of("住院缴费成功通知", "床位号", "缴费金额", "患者姓名"), "keywords[0].name", ""},
		"a result kept":       {of("面试结果通知", "面试结果", "面试时间"), "keywords", ""},
		"when it is done":     {of("维修失败通知", "预计完成时间", "失败原因"), "keywords[0].name", ""},
		"parking on estates":  {of("停车缴费成功通知", "小区名称", "车牌号"), "keywords[0].name", ""},
	} {
		if level := worst(Check(c.p, Options{}), RuleFit, c.where); level != c.want {
			t.Errorf("%s: %q, want %q", name, level, c.want)
		}
	}
}
