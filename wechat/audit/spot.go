package audit

import "strconv"

// spot is where a finding lies. It costs an allocation only once it is written.
type spot struct {
	list string
	i    int // the place in the list, or one of the below
	part string
}

const whole = -1 // the list itself

// theTitle is where all findings on the title lie.
var theTitle = spot{list: "title", i: whole}

func (s spot) String() string {
	if s.i == whole {
		return s.list
	}
	return s.list + "[" + strconv.Itoa(s.i) + "]" + s.part
}
