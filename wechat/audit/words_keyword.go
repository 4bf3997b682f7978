package audit

// breadth is how little a word of a keyword limits what may stand there
// (审核说明 2.5).
type breadth uint8

const (
	limited    breadth = iota // listed to shield a shorter word inside it
	broad                     // 内容 and its like: no limit at all
	qualifier                 // limits nothing: 其他, 相关
	messaging                 // belongs to the message, not to the service: 通知内容
	accustomed                // as broad, but the approved library holds it: 备注
)

var breadthWords = newLexicon(
	group[breadth]{broad, `内容 信息 数据 其他 其它 消息 资料 资讯 事情 东西 情况 详细 文本 文字 字段 参数 变量 数值 值 关键词 关键字 字符串 正文 描述信息 keyword key value
		text content data info message msg other test demo name field 测试 样例 例子 示例 未命名 默认 无 空`},
	group[breadth]{qualifier, `相关 有关 更多 全部 所有 主要 主体 具体 一般 各种 各类 某 某些 部分 基本 其余 剩下的 额外 的 和 与 您的 你的 我的 一些 以上 以下 自定义 通用 任意 新`},
	group[breadth]{messaging, `通知 提醒 推送 模板 模版 系统 平台 小程序 消息内容 消息正文 消息标题`},
	// 备注 and its like stand in the library (data/library.jsonl), so they are no ground for refusal.
	group[breadth]{accustomed, `备注 备注信息 备注说明 附言 说明 补充说明 详情 描述 提示 提示说明 温馨提示 温馨提醒 友情提示 注意事项 事项 项目 类型 名称 标题 主题 状态 结果 原因 理由 时间 日期 地址 地点 方式 金额 数量
		单号 编号 号码 姓名 电话 账号 服务 商品 产品 物品 进度 操作 动态 问题 记录 明细`},
	group[breadth]{limited, `信息技术 数据线 数据流量 参数设置 系统版本 平台名称 小程序名称 通知单号 通知人 通知时间 提醒时间 提醒人 模板名称 推送时间 系统时间 系统单号 新房 新车 新生 无线 空调 空间 空气 空房 无人 值班 值守`},
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
