package words_test

import (
	"fmt"
	"testing"

	words "${{ values.module }}"
)

func ExampleTitle() {
	fmt.Println(words.Title("golden paths"))
	// Output: Golden Paths
}

func TestTitle(t *testing.T) {
	for text, expect := range map[string]string{"": "", " a\t b ": "A B", "élan": "Élan", "ABC": "ABC"} {
		if got := words.Title(text); got != expect {
			t.Errorf("Title(%q) = %q, want %q", text, got, expect)
		}
	}
}
