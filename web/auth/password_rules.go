package auth

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const passwordLeast, passwordMost = 10, 128 // characters

// ErrEasy refuses a password that a guesser tries among the first.
var ErrEasy = errors.New("the password is too easy to guess: it is made of common passwords, the person's name, words of this product, " +
	"dates, sequences or repetitions; use several unrelated words, or more random characters")

// CheckPasswordRules tells whether somebody called name may choose the password: ErrEasy where it is guessed easily,
// another error where it is too short or too long. It asks for no kinds of characters, which people add at the end.
func CheckPasswordRules(name, password string) error {
	if n := utf8.RuneCountInString(password); n < passwordLeast || n > passwordMost {
		return fmt.Errorf("a password has %d to %d characters, not %d", passwordLeast, passwordMost, n)
	}
	if pieces(name, password) < piecesLeast {
		return ErrEasy
	}
	return nil
}

// piecesLeast is of how many pieces a password consists at least: a character that nothing explains is one, and so is
// a whole word that guessers know.
const piecesLeast = 5

// pieces is the smallest number of pieces that the password can be put together from.
func pieces(name, password string) int {
	text := []rune(strings.ToLower(norm.NFKC.String(password)))
	text = slices.DeleteFunc(text, unicode.IsSpace)
	text = text[:period(text)]
	plain := slices.Clone(text)
	for i, r := range text {
		if letter, ok := insteadOf[r]; ok {
			plain[i] = letter
		}
	}
	words := append(nameWords(name), commonPasswords()...)
	least := make([]int, len(text)+1)
	for end := 1; end <= len(text); end++ {
		least[end] = least[end-1] + 1
		for begin := range end {
			if least[begin]+1 < least[end] && (guessed(text[begin:end]) || among(words, text[begin:end], plain[begin:end])) {
				least[end] = least[begin] + 1
			}
		}
	}
	return least[len(text)]
}

// insteadOf are the characters that people put for letters.
var insteadOf = map[rune]rune{'0': 'o', '1': 'i', '!': 'i', '3': 'e', '4': 'a', '@': 'a', '5': 's', '$': 's', '7': 't'}

//go:embed common_passwords.txt
var commonText string

var commonPasswords = sync.OnceValue(func() (words []string) {
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			words = append(words, line)
		}
	}
	return words
})

// nameWords are the name and its parts, as far as they are longer than two letters; of Chinese names one is enough.
func nameWords(name string) (words []string) {
	name = strings.ToLower(norm.NFKC.String(name))
	parts := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) })
	for _, word := range append(parts, strings.Join(strings.Fields(name), "")) {
		if n := utf8.RuneCountInString(word); n > 2 || n == 2 && len(word) > 2 {
			words = append(words, word)
		}
	}
	return words
}

func among(words []string, texts ...[]rune) bool {
	for _, text := range texts {
		if len(text) > 1 && slices.Contains(words, string(text)) {
			return true
		}
	}
	return false
}

// rows are how keys lie beside each other.
var rows = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "!@#$%^&*()",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp"}

// numbers are what digits mean in Chinese, and others that everybody knows.
var numbers = []string{"520", "521", "1314", "5201314", "168", "668", "688", "666", "888", "999", "007", "110",
	"123", "321", "2580", "1024", "911"}

// guessed tells whether three or more characters are one that is repeated, a sequence, a part of a row of keys, a year,
// a date, or a number that everybody knows.
func guessed(text []rune) bool {
	if len(text) < 3 {
		return false
	}
	step, even := text[1]-text[0], true
	for i := 2; i < len(text); i++ {
		even = even && text[i]-text[i-1] == step
	}
	if even && step >= -1 && step <= 1 {
		return true
	}
	s := string(text)
	for _, row := range rows {
		if strings.Contains(row, s) || strings.Contains(row, backwards(text)) {
			return true
		}
	}
	return slices.Contains(numbers, s) || isDate(s)
}

func backwards(text []rune) string {
	text = slices.Clone(text)
	slices.Reverse(text)
	return string(text)
}

// isDate tells whether s is a year, a year and a month, or a day, with the year in front and with four digits.
func isDate(s string) bool {
	if len(s) != 4 && len(s) != 6 && len(s) != 8 || strings.Trim(s, "0123456789") != "" || s < "1900" || s >= "2100" {
		return false
	}
	rest := s[4:]
	return (len(rest) < 2 || rest[:2] >= "01" && rest[:2] <= "12") && (len(rest) < 4 || rest[2:] >= "01" && rest[2:] <= "31")
}

// period is the length of the shortest beginning that the text repeats, its own length for none.
func period(text []rune) int {
	for n := 1; n <= len(text)/2; n++ {
		if slices.Equal(text[n:], text[:len(text)-n]) {
			return n
		}
	}
	return len(text)
}
