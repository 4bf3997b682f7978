package library

// spoken knows the texts that are searched by sound and for near misses, those of titles
// and keyword names, by their characters.
type spoken struct {
	*sounds
	numbers map[rune]int32
	runes   []rune  // by number: every different character
	texts   []int32 // in the order of relevance
	own     lists   // by place in texts: the numbers of its characters
	titles  int     // the first so many of texts are titles
	one     [26]heard
	two     [26 * 26]heard
}

// heard are the places in texts of those with a character, or two neighbours, whose readings begin so.
type heard []int32

func newSpoken(texts []string, passages []passage) *spoken {
	s := &spoken{sounds: readSounds(), numbers: map[rune]int32{}}
	met := newSet(len(texts))
	var sizes []int32
	for _, p := range passages {
		if p.spoken() && !met.has(p.text) {
			met.add(p.text)
			s.texts = append(s.texts, p.text)
			sizes = append(sizes, int32(len(texts[p.text])))
		}
		if places[p.where] == InTitle {
			s.titles = len(s.texts)
		}
	}
	s.own = newLists(sizes)
	for i, n := range s.texts {
		for _, r := range texts[n] {
			s.own.add(int32(i), s.number(r))
		}
		s.hear(int32(i))
	}
	return s
}

func (s *spoken) number(r rune) int32 {
	n, known := s.numbers[r]
	if !known {
		n = int32(len(s.runes))
		s.numbers[r] = n
		s.runes = append(s.runes, r)
	}
	return n
}

// hear notes with which letters the characters of a text begin.
func (s *spoken) hear(text int32) {
	add := func(list *heard) {
		if l := *list; len(l) == 0 || l[len(l)-1] != text {
			*list = append(l, text)
		}
	}
	var before letters
	for _, n := range s.own.of(text) {
		now := s.initials(s.runes[n])
		for b := range now.each {
			add(&s.one[b])
			for a := range before.each {
				add(&s.two[a*26+b])
			}
		}
		before = now
	}
}

// known are the numbers of a text's characters.
func (s *spoken) known(text string) []int32 {
	var all []int32
	for _, r := range text {
		all = append(all, s.numbers[r])
	}
	return all
}
