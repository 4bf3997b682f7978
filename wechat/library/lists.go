package library

import "math/bits"

// lists are many lists of numbers in one piece of memory.
type lists struct {
	ends []int32 // by list: where it ends so far
	from []int32 // by list: where it begins
	all  []int32
}

// newLists has room for as many numbers in each list as counts say.
func newLists(counts []int32) lists {
	l := lists{ends: make([]int32, len(counts)), from: make([]int32, len(counts))}
	sum := int32(0)
	for i, n := range counts {
		l.from[i], l.ends[i] = sum, sum
		sum += n
	}
	l.all = make([]int32, sum)
	return l
}

func (l *lists) add(list, n int32) {
	l.all[l.ends[list]] = n
	l.ends[list]++
}

func (l *lists) of(list int32) []int32 { return l.all[l.from[list]:l.ends[list]] }

// set is a set of small numbers.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) has(n int32) bool { return s[n>>6]&(1<<(n&63)) != 0 }
func (s set) add(n int32)      { s[n>>6] |= 1 << (n & 63) }

func (s set) addAll(numbers []int32) {
	for _, n := range numbers {
		s.add(n)
	}
}

// each goes through the set, the smallest first.
func (s set) each(yield func(int32) bool) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			if !yield(int32(i<<6 + bits.TrailingZeros64(word))) {
				return
			}
		}
	}
}
