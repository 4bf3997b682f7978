package audit

// fitness says how an example fits its keyword.
type fitness uint8

const (
	fitting fitness = iota
	doubtful
	mismatched
)

// fit compares what a keyword asks for with what its example shows. It
// convicts only on evidence, since examples are as various as what people sell.
func fit(asked kind, r reading) fitness {
	if asked == free {
		return fitting
	}
	if r.marks[absent] > 0 && r.digits == 0 && r.han == 0 {
		return doubtful
	}
	switch asked {
	case moment:
		return fitMoment(r)
	case lasting:
		return fitLasting(r)
	case money:
		return fitMoney(r)
	case count:
		return fitCount(r)
	case ratio:
		return unless(r.figures > 0 || r.percent || r.marks[moneyWord] > 0, r.dated() || r.mobile)
	case phone:
		return fitPhone(r)
	case contact:
		return unless(r.digits > 0 || r.latin > 0 || r.mail, r.dated() || r.marks[moneyUnit] > 0)
	case code:
		return fitCode(r)
	case handle:
		return unless(true, r.wholly(r.dated()) || r.wholly(r.priced()))
	case mailbox:
		return unless(r.mail, false)
	case place:
		return fitPlace(r)
	case person:
		return fitPerson(r)
	}
	return fitWords(asked, r)
}

// unless turns what an example must show, and what it must not, into a fitness.
func unless(must, mustNot bool) fitness {
	if must && !mustNot {
		return fitting
	}
	return mismatched
}

func fitLasting(r reading) fitness {
	switch {
	case r.priced(), r.mobile, r.figures == 0 && r.marks[timeWord] == 0:
		return mismatched
	case r.dated(), r.marks[timeUnit] > 0, r.marks[thingUnit] > 0, r.latin+r.han == 0:
		return fitting
	}
	return doubtful
}

func fitMoment(r reading) fitness {
	switch {
	case r.dated(), r.dayOnly, r.day, r.marks[timeUnit] > 0:
		return fitting
	case r.bareNumber() && (r.longest == 4 || r.longest == 6 || r.longest == 8 || r.longest == 10 || r.longest >= 12 && r.longest <= 14) && !r.decimal:
		return fitting // 2016, 201606, 20160606, and what clocks of programs write
	case r.figures > 0 && r.marks[moneyUnit] == 0 && r.places() == 0 && r.longest < 9:
		return doubtful
	}
	return mismatched
}

func fitMoney(r reading) fitness {
	switch {
	case r.priced():
		return fitting
	case r.figures == 0, r.mobile, r.codeLike(), r.wholly(r.dated()), r.marks[thingUnit] > 0, r.marks[streetWord] > 0:
		return mismatched
	case r.longest >= 9 && !r.decimal, r.percent:
		return mismatched
	case r.han > 6, r.marks[timeUnit] > 0:
		return doubtful
	}
	return fitting
}

func fitCount(r reading) fitness {
	switch {
	case r.figures == 0, r.mobile, r.codeLike(), r.marks[moneyUnit] > 0, r.dated(), r.mail, r.marks[streetWord] > 0:
		return mismatched
	case r.longest >= 9 && !r.decimal:
		return mismatched
	case r.han > 6:
		return doubtful
	}
	return fitting
}

func fitPhone(r reading) fitness {
	switch {
	case r.mobile:
		return fitting
	case r.digits < 3 && !r.masked, r.longest > 15, r.decimal, r.dated(), r.mail:
		return mismatched
	case r.marks[moneyUnit] > 0, r.marks[thingUnit] > 0, r.marks[timeUnit] > 0, r.codeLike(), r.marks[streetWord] > 0, r.percent:
		return mismatched
	case r.digits < 5 && r.digits != 3:
		return doubtful
	}
	return fitting
}

func fitCode(r reading) fitness {
	switch {
	case r.date, r.clock, r.marks[timeUnit] > 0, r.marks[timeWord] > 0, r.marks[moneyUnit] > 0, r.marks[moneyWord] > 0, r.percent, r.mail:
		return mismatched
	case r.marks[streetWord] > 1 && r.longest < 6:
		return mismatched
	case r.digits+r.latin > 0 || r.masked:
		return fitting
	case r.figures > 0 && r.han <= 2:
		return fitting // 十二号
	}
	return mismatched
}

func fitPlace(r reading) fitness {
	switch {
	case r.wholly(r.dated()), r.wholly(r.priced()), r.mobile, r.codeLike(), r.mail, r.percent:
		return mismatched
	case r.marks[personal] > 0 && r.places() == 0:
		return mismatched
	case r.bareNumber():
		return mismatched
	case r.wholly(r.marks[thingUnit]+r.marks[timeUnit] > 0):
		return doubtful
	case r.places() == 0 && r.latin == 0 && r.han <= 3:
		return doubtful // 咖啡: no word that streets, buildings or towns are called by
	}
	return fitting
}

func fitPerson(r reading) fitness {
	switch {
	case r.wholly(r.dated()), r.wholly(r.priced()), r.wholly(r.mobile), r.bareNumber(), r.percent:
		return mismatched
	case r.wholly(r.marks[thingUnit] > 0), r.address():
		return mismatched
	case r.mail, r.codeLike():
		return mismatched
	}
	return fitting
}

// fitWords is for labels, firms, states and reasons: words are asked for, and a
// time, an amount or a telephone number is none.
func fitWords(asked kind, r reading) fitness {
	figuresOnly := r.bareNumber() && !r.percent && (asked != label || r.digits >= 8)
	switch {
	case r.wholly(r.dated()), r.wholly(r.priced()), r.mobile && r.han < 4, figuresOnly:
		return mismatched
	case asked != label && (r.codeLike() || r.mail), asked == phrase && r.address():
		return mismatched
	case r.bareNumber() && r.digits >= 5, asked == label && r.address(), asked == company && r.marks[personal] > 0 && r.han+r.places() == 0:
		return doubtful
	}
	return fitting
}
