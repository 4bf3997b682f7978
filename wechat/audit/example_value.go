package audit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// value is what an example shows when it is read for 审核说明 2.4: evidence of
// times, amounts, places and so on, and how much of it nothing explains.
type value struct {
	marks   [wordy + 1]int // how many words of each kind
	digits  int            // ASCII digits
	longest int            // the longest run of digits, signs within a number left out
	figures int            // numbers: runs of digits, or of numerals
	latin   int            // Latin letters that no table explains
	han     int            // Chinese characters that no table explains
	clock   bool           // 12:30
	date    bool           // 2016-06-06
	dayOnly bool           // 12-09 or 3/5: perhaps a date
	day     bool           // 15号
	decimal bool           // 54.9
	masked  bool           // 138****8000
	mail    bool           // @
	percent bool
	mobile  bool // eleven digits of a mobile number
}

// read reads an example. What a word means depends on what stands before it:
// 元 is money after a number, and nothing in 元宵.
func read(example string) value {
	var r value
	text := fold(example)
	afterNumber := false
	for len(text) > 0 {
		first, size := utf8.DecodeRuneInString(text)
		switch {
		case isDigit(first):
			n := r.figure(text)
			text, afterNumber = text[n:], true
			continue
		case isASCIIWord(first):
			n := r.latinWord(text, afterNumber)
			text, afterNumber = text[n:], false
			continue
		}
		piece, m, known := exampleWords().next(text)
		text = text[len(piece):]
		if known {
			afterNumber = r.word(m, afterNumber, size, len(piece))
			continue
		}
		r.sign(first)
		afterNumber = afterNumber && first == ' '
	}
	r.mobile = r.mobile || r.masked && r.digits >= 6 && r.longest <= 4
	return r
}

// word counts a word, and says whether a unit may follow it.
func (r *value) word(m mark, afterNumber bool, runeSize, size int) bool {
	unit := m == timeUnit || m == dayUnit || m == moneyUnit || m == thingUnit
	switch {
	case m == numeral:
		if !afterNumber {
			r.figures++
		}
		return true
	case m == dayUnit && afterNumber:
		r.day = true
		if r.marks[timeUnit] == 0 {
			return true
		}
		m = timeUnit
	case unit && !afterNumber, m == wordy:
		r.han += size / runeSize
		return false
	}
	r.marks[m]++
	return unit && m == timeUnit // 3小时半, 6月6
}

func (r *value) sign(c rune) {
	switch {
	case c == '*':
		r.masked = true
	case c == '%':
		r.percent = true
	case c == '@':
		r.mail = true
	case isHan(c) || unicode.IsLetter(c):
		r.han++
	}
}

// latinWord reads a run of Latin letters and returns its length in bytes.
func (r *value) latinWord(text string, afterNumber bool) int {
	n := 0
	for n < len(text) && isASCIIWord(rune(text[n])) && !isDigit(rune(text[n])) {
		n++
	}
	word := text[:n]
	m, known := exampleWords().senses[word]
	unit := m == timeUnit || m == moneyUnit || m == thingUnit
	switch {
	case strings.Trim(word, "x") == "" && (n > 1 || afterNumber):
		r.masked = true // 138xxxx8000
	case known && (afterNumber || !unit):
		r.marks[m]++
	default:
		r.latin += n
	}
	return n
}

// figure reads a number with the signs inside it and returns its length in
// bytes: 54.9, 1,000, 2016-06-06, 12:30, 020-81167888.
func (r *value) figure(text string) int {
	end, digits := 0, 0
	for i := 0; i < len(text); i++ {
		c := rune(text[i])
		switch {
		case isDigit(c):
			digits++
			end = i + 1
		case c == '*':
			r.masked = true
			end = i + 1
		case i+1 < len(text) && i == end && strings.ContainsRune(":-/.,", c) && (isDigit(rune(text[i+1])) || text[i+1] == '*'):
			// a sign between two digits belongs to the number
		default:
			i = len(text)
		}
	}
	r.figures++
	r.digits += digits
	r.longest = max(r.longest, digits)
	r.shape(text[:end])
	return end
}

// shape notes what a figure is by the signs inside it.
func (r *value) shape(figure string) {
	lengths, signs := parts(figure)
	switch {
	case strings.Contains(signs, ":"):
		r.clock = true
	case lengths[0] == 4 && lengths[1] >= 1 && lengths[1] <= 2 && (figure[0] == '1' || figure[0] == '2') && strings.ContainsAny(signs, "-/.") && (signs[0] != '.' || len(signs) > 1):
		r.date = true
	case (signs == "--" || signs == "//") && lengths[0] <= 2 && lengths[1] <= 2 && isYear(figure, lengths[2]):
		r.date = true
	case len(signs) == 1 && lengths[0] <= 2 && lengths[1] <= 2 && strings.ContainsAny(signs, "-/"):
		r.dayOnly = true
	case signs == ".":
		r.decimal = true
	case isMobile(figure):
		r.mobile = true
	}
}

// isYear says whether a figure ends in a year of so many digits: 18 or 2018.
func isYear(figure string, digits int) bool {
	last := figure[len(figure)-digits:]
	return digits == 2 || digits == 4 && (last[:2] == "19" || last[:2] == "20")
}

// parts returns the lengths of the first digit runs of a figure and its signs.
func parts(figure string) (lengths [3]int, signs string) {
	part := 0
	from, to := 0, 0
	for i := 0; i < len(figure); i++ {
		if isDigit(rune(figure[i])) || figure[i] == '*' {
			if part < len(lengths) {
				lengths[part]++
			}
			continue
		}
		if part == 0 {
			from = i
		}
		to = i + 1
		part++
	}
	if part == 0 {
		return lengths, ""
	}
	return lengths, onlySigns(figure[from:to])
}

// onlySigns returns up to three signs of a figure.
func onlySigns(s string) string {
	var buf [3]byte
	n := 0
	for i := 0; i < len(s) && n < len(buf); i++ {
		if !isDigit(rune(s[i])) && s[i] != '*' {
			buf[n] = s[i]
			n++
		}
	}
	return string(buf[:n])
}

// isMobile recognises the telephone numbers of mainland China: 13800138000,
// 138****8000, 020-81167888, 400-123-4567.
func isMobile(figure string) bool {
	digits := 0
	for i := range len(figure) {
		if isDigit(rune(figure[i])) || figure[i] == '*' {
			digits++
		}
	}
	switch {
	case digits == 11 && figure[0] == '1' && len(figure) > 1 && figure[1] >= '3':
		return true
	case (digits == 11 || digits == 12 || digits == 10) && figure[0] == '0' && strings.Contains(figure, "-"):
		return true
	}
	return digits == 10 && (strings.HasPrefix(figure, "400") || strings.HasPrefix(figure, "800")) && strings.Contains(figure, "-")
}

// mark is what a word of an example shows it to be (审核说明 2.4).
type mark uint8

const (
	neutral    mark = iota // joins the rest: 至, 约
	numeral                // 三, 十, 半
	timeUnit               // after a number: 年, 月, 小时
	dayUnit                // after a number: 号, which says a day after a month and a number elsewhere
	timeWord               // by itself: 明天, 上午, 周一
	moneyUnit              // after a number: 元, 块
	moneyWord              // by itself: ¥, 人民币, 免费
	thingUnit              // after a number: 件, 人, 公斤
	placeWord              // 大厦, 北京
	streetWord             // 区, 路: two of them, or one with a number, are an address
	personal               // 先生, 张三
	absent                 // 无, 暂无, 待定
	wordy                  // listed to shield a shorter word inside it
)

var exampleWords = newLexicon(
	group[mark]{numeral, `零 〇 一 二 三 四 五 六 七 八 九 十 百 千 万 亿 两 半 几 数 壹 贰 叁 肆 伍 陆 柒 捌 玖 拾 佰 仟 萬 第 多`},
	group[mark]{timeUnit, `年 月 月份 日 时 点 点钟 点半 分钟 秒钟 小时 钟头 个小时 个半小时 刻钟 天 周 星期 礼拜 个月 季度 日内 天内 天后 天前 日后 日前 小时内 小时后 小时前 分钟内 分钟后 分钟前 年内 月内 周内 个工作日 工作日 个工作日内 工作日内 个自然日 晚上 晚间 早上 世纪 h min am pm`},
	group[mark]{dayUnit, `号`},
	group[mark]{timeWord, `今天 今日 今早 今晚 明天 明日 明早 明晚 后天 大后天 昨天 昨日 昨晚 前天 当天 当日 次日 即日 即日起 每天 每日 每周 每月 每年 每晚 饭前 饭后 餐前 餐后 睡前 课前 课后 上午 下午 中午 晚上 早上 早晨 凌晨 傍晚 夜间 清晨 午后 白天 全天 全年 周一 周二 周三 周四 周五 周六 周日 周天 周末
		星期一 星期二 星期三 星期四 星期五 星期六 星期日 星期天 本周 下周 上周 这周 本月 下月 上月 下个月 上个月 月底 月初 月末 年底 年初 今年 明年 去年 本年 本季度 立即 立刻 马上 随时 刚刚 现在 稍后 近期 尽快 即时 实时 长期 长期有效 永久 永久有效 终身 不限时
		春节 国庆 国庆节 元旦 中秋 端午 清明 五一 十一 圣诞 寒假 暑假 节假日 农历 公历 北京时间 jan feb mar apr jun jul aug sep oct nov dec mon tue wed thu fri sat sun today tomorrow monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december`},
	group[mark]{moneyUnit, `元 块 块钱 元整 圆 角 毛 万元 千元 亿元 美元 欧元 日元 港元 港币 英镑 元起 rmb cny usd 元/人 元/天 元/月 元/小时 k w`},
	group[mark]{moneyWord, `¥ $ € £ 人民币 免费 免 免收 包邮 面议 全额 全款 全免 rmb cny usd hkd`},
	group[mark]{thingUnit, `个 件 份 张 人 次 台 箱 位 页 节 课时 间 晚 套 只 条 支 瓶 包 盒 袋 双 本 辆 部 名 票 杯 斤 公斤 千克 克 吨 kg g 米 公里 千米 厘米 cm km mm 平米 平方米 平方 ㎡ 升 毫升 ml 度 ℃ °c 度电 积分 岁 周岁 步 kwh 立方 立方米 mb gb tb m 层 楼 道 种 款 把 根 桶 盆 株 对 批 卷 排 名额 人次 桌 例 首 颗 粒 组 笔 项 期 户 家 手 班 组人 个人 人份 倍`},
	// Places: what streets, buildings and regions are called by, and the large cities.
	group[mark]{placeWord, `道 楼 大楼 大厦 广场 中心 花园 公园 园 园区 城 苑 厂 店 分店 门店 馆 院 医院 校 学校 大学 中学 小学 幼儿园 站 车站 地铁站 机场 码头 港 桥 口 门 座 层 厅 大厅 教室 会议室 办公室 场 体育场 操场 前台 柜台 窗口 驿站 自提点
		酒店 宾馆 银行 超市 商场 食堂 餐厅 家 山 湖 海 河 岛 湾 寺 塔 庄 屯 庙 坊 里 北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 广州 深圳 杭州 南京 苏州 武汉
		成都 西安 郑州 长沙 合肥 济南 青岛 厦门 福州 南昌 昆明 贵阳 南宁 沈阳 大连 哈尔滨 长春 石家庄 太原 兰州 银川 西宁 乌鲁木齐 拉萨 海口 三亚 无锡 宁波 温州 佛山 东莞 珠海 中山 东 南 西 北 楼下 附近 线上 线下 网上`},
	group[mark]{streetWord, `省 市 区 县 镇 乡 村 街 街道 路 大道 巷 弄 胡同 小区 栋 幢 单元 室 号楼 号院`},
	group[mark]{personal, `先生 女士 小姐 太太 同学 老师 师傅 医生 大夫 教授 经理 主任 教练 张三 李四 王五 赵六 孙七 小明 小红 小王 小张 小李 老王 老张 某某 张某 李某 王某 某`},
	group[mark]{absent, `无 暂无 全部 无限 无限次 不限次 不限量 少量 待确认 待通知 待定 未定 未知 空 没有 不详 待填 待填写 略 不限 若干 满员 充足 详见 见详情 点击查看 另行通知 以实际为准 na n/a none null`},
	group[mark]{neutral, `分 秒 至 到 起 止 前 后 内 约 大约 预计 共 共计 总计 合计 每 之前 之后 以前 以后 以内 以上 以下 左右 后可 截止 截至 的 和 或 及 请 在 于 从 为 请在 请于 完成 支付 实付 应付 已付`},
	group[mark]{wordy, `一次性 免疫 免税店 免洗 免漆 一卡通 一体机 一键 一起 一般 一直 一定 第三方 三明治 三文鱼 三星 五金 八宝粥 七喜 九阳 十全 百度 百货 百合 千层 千岛 万家 万达 万科 半成品 双人 数码 数据 零食 多功能 多肉 几何
		时尚 时代 点心 点餐 分享 分类 日用品 日化 年糕 年货 年卡 月卡 月饼 月嫂 周卡 周大福 天河 天猫 号码 元宝 元宵 角色 毛巾 毛衣 块菌 今天不营业 晚餐 晚礼服 早餐 早教 夜宵 节目 件套 人参 人员 名片 名牌 本科 条件 包装 包子 位置 张贴 口红 口罩 口味 口腔 门禁 门票 城堡 园艺 店长 山药 山楂 海鲜 海苔 海鲜粥 河粉 湖蟹 桥架 区块 路由器 道具 家具 家电 家政 家居 家长 街舞 场次 站内 市场价 校服 座椅 楼盘 层板 东西 南瓜 西瓜 西装 西服 北极 东坡
		咖啡厅 港式 里脊 塔吊 空调 空气 空间 无线 无糖 无人机 略有`},
)

// kind is what a keyword asks its example to be (审核说明 2.4).
type kind uint8

const (
	free    kind = iota // anything may stand there
	moment              // a date or a time
	lasting             // a length of time
	money               // an amount
	count               // a number of things
	ratio               // a share or a rate
	phone               // a telephone number
	contact             // a telephone number, or another way to reach somebody
	code                // an order, tracking or other number
	handle              // an account, a user, a seat: a number or a name
	mailbox             // an e-mail address
	place               // an address or a place
	person              // somebody's name
	label               // the name of a thing: a figure may belong to it
	phrase              // a state, a reason, a way: words, and no figure alone
	company             // the name of a firm
)

// keywordKinds is read by the longest word that a keyword ends with: Chinese
// puts the head of a name last, so 支付时间 and 预计到账时间 both ask for a time.
var keywordKinds = newLexicon(
	group[kind]{moment, `时间 日期 时刻 时段 时间段 时间点 期限 有效期 有效期至 有效期限 截止日 截止期 生日 出生年月 年月 月份 年份 日子 到期日 还款日 账单日 工作日 起止日 入住日 离店日 上课日 发车日 日`},
	group[kind]{lasting, `时长 用时 耗时 剩余时间 倒计时 等待时间 等候时间 预计时间 预计等待 停车时间 使用时间 停留时间 服务时间 营业时间 周期 工期 租期 保质期 天数 小时数 分钟数`},
	group[kind]{money, `金额 价格 单价 总价 原价 现价 售价 底价 拼团价 团购价 优惠价 会员价 成交价 砍后价 市场价 门市价 房价 票价 油价 车价 报价 出价 起拍价 价 价钱 费用 总费用 运费 邮费 学费 电费 水费 水电费 燃气费 物业费 停车费
		手续费 服务费 医药费 挂号费 会费 话费 报名费 管理费 违约金 滞纳金 押金 保证金 定金 订金 尾款 货款 余款 欠款 应付款 实付款 待付款项 货款额 余额 总额 面额 额 额度 佣金 提成 奖金 工资 薪资 薪水 薪酬 收入 支出 收益 本金
		利息 租金 房租 税费 税额 罚款 罚金 赔款 实付 应付 待付 实收 应收 合计 总计 共计 小计 实际到账 到账金额 补贴 红包 保费 保额 车费 餐费 快递费 配送费 打车费`},
	group[kind]{count, `数量 人数 次数 件数 份数 张数 个数 台数 票数 箱数 位数 页数 课时 课时数 课次 房间数 晚数 间数 套数 数目 数 名额 库存 积分 积分值 获得积分 累计积分 积分余额 课时余额 分数 得分 年龄 名次 排名 步数 重量 体重 身高 体积 面积 里程 距离
		温度 体温 室温 湿度 电量 用电量 用水量 用气量 剩余流量 人次 楼层数 库存量 销量 使用量 余量`},
	group[kind]{ratio, `年化收益 预期年化 比例 费率 利率 税率 折扣 概率 百分比 完成率 正确率 出勤率 命中率 年化收益率 收益率 佣金比例`},
	group[kind]{phone, `电话 手机号 手机号码 电话号码 热线 座机 固话 联系电话 客服电话 传真 联系手机`},
	group[kind]{contact, `联系方式 联系方法 手机`},
	group[kind]{code, `单号 编号 号 号码 流水号 序列号 序号 码 条码 条形码 券码 兑换码 验证码 取货码 提货码 取件码 核销码 消费码 取票码 邀请码 取餐号 排号 排队号 卡号 车牌 车牌号 车牌号码 航班号 车次 
		批次号 合同号 发票号 学号 工号 证号 身份证 身份证号 身份证号码 凭证号 税号 邮编 邮政编码`},
	group[kind]{handle, `客服 桌号 房号 房间号 包间号 座位号 座号 车位号 铺位号 账号 账户 用户账号 微信号 用户id 客户 顾客 用户 买家 卖家 昵称 用户名 用户昵称 会员昵称 提现账户 到账账户 收款账户 入账账户 qq qq号`},
	group[kind]{mailbox, `邮箱 电子邮箱 邮箱地址 电子邮件 email 邮件地址`},
	group[kind]{place, `地址 地点 位置 所在地 目的地 出发地 始发地 到达地 归属地 籍贯 场地 场所 起点 终点 始发站 终点站 出发站 到达站 上车点 下车点 自提点 取货点 提货点 站点 收货地`},
	group[kind]{person, `姓名 名字 人 联系人 收货人 收件人 寄件人 负责人 经办人 申请人 预约人 报名人 审核人 发布人 推荐人 邀请人 团长 司机 医生 老师 教师 讲师 教练 骑手 员 人员 店员 专员 配送员 快递员 业务员 维修员 审核人员 配送人员 师傅
		护士 医师 技师 技工 设计师 理发师 发型师 咨询师 律师 顾问 管家 店长 经理 学生 家长 学员 会员姓名 候选人 嘉宾 患者 病人 乘客 作者 读者 好友 成员 称呼`},
	group[kind]{company, `公司 快递公司 物流公司 公司名称 企业名称 商家名称 商户名称 店铺名称 门店名称 商家 商户 门店 店铺 机构 机构名称 单位名称 医院 医院名称 学校 学校名称 银行 开户行 酒店 酒店名称 快递 物流 承运商 供应商 品牌`},
	group[kind]{label, `名称 商品 商品名 商品名称 物品 产品 项目 课程 套餐 标题 主题 规格 型号 颜色 尺码 尺寸 款式 房型 车型 科室 班级 部门 类型 类别 种类 分类 等级 级别 版本 设备 车辆 课题 物料 菜品 书名 片名 影片 剧目 赛事 活动 品名 商品详情 商品信息 结果`},
	group[kind]{phrase, `状态 原因 理由 方式 渠道 建议 意见 评价 回复 症状 诊断 描述 用途 去向 来源 职位 岗位 性别 职务`},
	// Words that only end like one of the above.
	group[kind]{free, `评价 评价内容 付款 退款 消费 缴费 付费 充值 收费 免费 说明 代码 源码 二维码 密码 参数 函数 符号 称号 信号 口号 挂号 公众号 节日 假日 今日 次日 昨日 明日 往日 每日 生日祝福 砍价 竞价 议价 询价 计价 特价 小号 大号 会员 人人 成人 本人 家人 行人
		机器人 机器 人气 投资人 个人 他人 新人 客人 动员 复员 满员 全员 减员 演员 球员 党员 议员 学员信息 订单信息 质量 容量 剂量 能量 流量 数据 多数 少数 活动详情 卡券 优惠券 门票 车票 快递信息 物流信息 单位 户号名 户名 银行卡类型 卡类型 评分 成绩 日程 日报`},
)
