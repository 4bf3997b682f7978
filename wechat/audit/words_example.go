package audit

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
