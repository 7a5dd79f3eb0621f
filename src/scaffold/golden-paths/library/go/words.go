// Package words is the beginning of ${{ values.name }}.
package words

import "strings"

// Title gives a text with every word's first letter in upper case; runs of white space become one space.
func Title(text string) string {
	words := strings.Fields(text)
	for index, word := range words {
		letters := []rune(word)
		words[index] = strings.ToUpper(string(letters[0])) + string(letters[1:])
	}
	return strings.Join(words, " ")
}
