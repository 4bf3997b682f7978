package audit

import "strconv"

// repeated applies 2.1 and 2.2: the later of two keywords is the one named.
func (c *checker) repeated(all []Keyword, at spot, name string, met *metKeywords) {
	var buf [24]token
	f := formOf(keywordMeanings(), name, buf[:0])
	finding := Finding{Rule: RuleSimilarKeyword}
	first, level := met.meet(name, f, at.i)
	switch level {
	case sameName:
		finding.Rule, finding.Level, finding.Key = RuleSameKeyword, Error, "keyword.same"
	case sameMeaning:
		finding.Level, finding.Key = Error, "keyword.similar"
	case nearMeaning:
		finding.Level, finding.Key = Warning, "keyword.near"
	default:
		return
	}
	if c.combination && level != sameName {
		finding.Level, finding.Key = Note, "keyword.alike"
	}
	finding.Args = map[string]string{"name": all[at.i].Name, "other": all[first].Name, "position": strconv.Itoa(first + 1)}
	c.add(at, finding)
}

// metKeywords remembers the keywords of a proposal that were met so far.
type metKeywords struct {
	names, meanings, nears earlier
}

// likeness is how much a keyword is like an earlier one.
type likeness uint8

const (
	unlike      likeness = iota
	sameName             // 2.1
	sameMeaning          // 2.2: 购买时间 and 购买日期
	nearMeaning          // 2.2, but for a word that a reader hardly notices: 单号 and 订单号
)

// meet returns how keyword i is like an earlier one, and which. It is
// remembered in either case.
func (m *metKeywords) meet(name string, f form, i int) (first int, l likeness) {
	inName, again := m.names.meet(hashText(name), i)
	if len(f.tokens) == 0 {
		if again {
			return inName, sameName
		}
		return i, unlike
	}
	inMeaning, alike := m.meanings.meet(hashOf(f.tokens), i)
	inNear, near := 0, false
	if f.tokens[0] < weakMeaning { // sorted: some token is not weak
		inNear, near = m.nears.meet(f.withoutWeak(), i)
	}
	switch {
	case again:
		return inName, sameName
	case alike:
		return inMeaning, sameMeaning
	case near:
		return inNear, nearMeaning
	}
	return i, unlike
}

// earlier remembers hashes and which keyword had them first. The keywords of a
// real template fit into the array; only a longer list costs a map.
type earlier struct {
	few  [16]firstSeen
	n    int
	more map[uint64]int
}

type firstSeen struct {
	hash uint64
	at   int
}

func (e *earlier) meet(hash uint64, at int) (first int, again bool) {
	for _, s := range e.few[:e.n] {
		if s.hash == hash {
			return s.at, true
		}
	}
	if first, again = e.more[hash]; again {
		return first, true
	}
	switch {
	case e.n < len(e.few):
		e.few[e.n] = firstSeen{hash, at}
		e.n++
	case e.more == nil:
		e.more = map[uint64]int{hash: at}
	default:
		e.more[hash] = at
	}
	return at, false
}

// hashText is FNV-1a, as hashOf is.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// keywordMeanings: the same for keywords under one title (审核说明 2.2).
// Here it is the name of a thing that is compared, so there are no deeds:
// 购买时间 and 购买日期 are one, 下单时间 and 支付时间 are two.
var keywordMeanings = thesaurus(
	group[part]{silent, `的 您 您的 你的 本次 此次 当前 具体 名称`},
	group[part]{weak, `订单 交易`},
	group[part]{subject, `时间 日期 时刻 日`},
	group[part]{subject, `号 编号 号码 单号 单编号 id 编码`},
	group[part]{subject, `金额 价格 价钱 款项 费用 钱数 数额`},
	group[part]{subject, `总金额 总价 总额 合计 总计 共计 总费用`},
	group[part]{subject, `商品 物品 产品 货品 货物 宝贝 商品名称 物品名称 产品名称 品名`},
	group[part]{subject, `购买 下单 订购 选购`},
	group[part]{subject, `支付 付款 缴费 付费 缴款 缴纳`},
	group[part]{subject, `快递 物流 运单 运送 货运`},
	group[part]{subject, `发货 出货 寄出`},
	group[part]{subject, `收货 收件 签收`},
	group[part]{subject, `提货 取货 自提`},
	group[part]{subject, `姓名 名字 称呼 人姓名 人名字 人名称 人 者 员`},
	group[part]{subject, `电话 手机 手机号 手机号码 电话号码 联系电话 热线 联系方式 联系手机`},
	group[part]{subject, `地址 地点 位置 所在地 所在位置`},
	group[part]{subject, `备注 备注说明 备注信息 附言 附注`},
	group[part]{subject, `温馨提示 温馨提醒 友情提示 友情提醒 小提示`},
	group[part]{subject, `原因 理由 缘由 缘故`},
	group[part]{subject, `人数`},
	group[part]{subject, `数量 个数 件数 数目`},
	group[part]{subject, `状态 情况 状况`},
	group[part]{subject, `进度 进展`},
	group[part]{subject, `方式 方法 渠道 途径`},
	group[part]{subject, `用户 客户 顾客 买家`},
	group[part]{subject, `商家 商户 卖家`},
	group[part]{subject, `门店 店铺 店家 商铺`},
	group[part]{subject, `审核 审批 审查`},
	group[part]{subject, `内容 详情 明细 详细 详细内容`},
	group[part]{subject, `账号 账户`},
	group[part]{subject, `类型 类别 种类 分类 类`},
	group[part]{subject, `标题 主题 题目`},
	group[part]{subject, `截止 截至 结束 终止`},
	group[part]{subject, `开始 起始`},
	group[part]{subject, `到期 过期 失效 有效期 有效 有效期至 有效日期 有效时间 到期时间 过期时间 失效时间 截止有效期`},
	group[part]{subject, `活动`},
	group[part]{subject, `预约 预订 预定`},
	group[part]{subject, `退款 退费`},
	group[part]{subject, `到账 入账`},
	group[part]{subject, `申请 申办`},
	group[part]{subject, `变更 变动 变化 更改`},
	group[part]{subject, `公司 企业`},
	group[part]{subject, `失败 未成功`},
	group[part]{subject, `剩余 余下`},
)
