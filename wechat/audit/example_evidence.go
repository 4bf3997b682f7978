package audit

// dated: a date or a time of day, beyond doubt.
func (r *value) dated() bool {
	return r.clock || r.date || r.marks[timeWord] > 0 || r.marks[timeUnit] > 1
}

func (r *value) priced() bool { return r.marks[moneyUnit]+r.marks[moneyWord] > 0 }

func (r *value) places() int { return r.marks[placeWord] + r.marks[streetWord] }

// address: two words of streets and regions, or one with a number.
func (r *value) address() bool {
	return r.marks[streetWord] > 1 || r.marks[streetWord] == 1 && r.digits > 0
}

// wholly says whether the evidence is all there is.
func (r *value) wholly(evidence bool) bool {
	return evidence && r.han == 0 && r.latin == 0 && r.places() == 0 && r.marks[personal] == 0
}

// bareNumber: digits and signs alone.
func (r *value) bareNumber() bool {
	words := 0
	for m, n := range r.marks {
		if mark(m) != neutral {
			words += n
		}
	}
	return r.digits > 0 && words == 0 && r.han == 0 && r.latin == 0 && !r.day && !r.clock && !r.date && !r.mail
}

// clockLength: as many digits in a row as a date or a clock of programs has.
func (r *value) clockLength() bool {
	switch r.longest {
	case 4, 6, 8, 10, 12, 13, 14:
		return true
	}
	return false
}

// codeLike: letters and digits as in SF1234567, and nothing else.
func (r *value) codeLike() bool {
	return r.latin > 0 && r.digits >= 5 && r.han == 0 && r.places() == 0 && !r.date && !r.priced()
}

// looks names what the example is taken for.
func (r *value) looks() noun {
	switch {
	case r.mail:
		return "mail"
	case r.dated():
		return "time"
	case r.mobile:
		return "phone"
	case r.priced() && r.figures > 0:
		return "money"
	case r.address():
		return "address"
	case r.marks[personal] > 0:
		return "person"
	case r.marks[thingUnit] > 0 && r.figures > 0:
		return "count"
	case r.codeLike(), r.bareNumber() && r.digits >= 8:
		return "code"
	case r.bareNumber():
		return "number"
	}
	return "words"
}
