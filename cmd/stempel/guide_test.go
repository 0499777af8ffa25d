package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"stempel/internal/engines/enginetest"
	"stempel/internal/templates"
)

// A newcomer pastes the guide into a terminal, line by line. So does this test,
// in a folder with a name that a shell would take apart.
func TestGuideWorksWhenPasted(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"bash", "curl", "sed", "date"} {
		enginetest.Program(t, program)
	}
	folder := filepath.Join(t.TempDir(), "it's a demo")
	guide := demo(t, folder)
	if at := strings.Index(guide, "{{"); at >= 0 {
		t.Errorf("the guide has a gap: %.20s", guide[at:])
	}
	pasted := paste(t, guide)

	const entry = `"id":"entry_[0-9a-z]{26}"`
	for i, want := range [][]string{
		{}, // who is who: prints nothing
		{`"balance":1\b`, `"kind":"earn"`, entry, `"receipt":"ey`},
		{`"code":"credential_already_used"`, `"status":409`, `"at":"20..-..-..T..:..:[^}]*"till_name":"Counter"`},
		{`"balance":0\b`, `"kind":"complete"`, `"state":"issued"`, `One free cone`},
		{`"kind":"redeem"`, entry},
		{`"kind":"void"`, `"state":"issued"`},
		{`"device":"device_[0-9a-z]{26}","secret":"[A-Z2-7]{32}","prefix":"STR\.`},
		{`"apple_url":"/v1/cards/card_[0-9a-z]{26}/pass\.pkpass\?`},
		{`"kind":"void".*"kind":"redeem".*"kind":"complete".*"kind":"earn"`, fmt.Sprintf(`(?m)^The ledger holds: %d cards, `, len(templates.Names())), `"program_name":"Old Town card".*"balance":12\b`},
	} {
		if i >= len(pasted) {
			t.Fatalf("the guide has %d steps", len(pasted)-1)
		}
		for _, pattern := range want {
			if !regexp.MustCompile(pattern).MatchString(pasted[i]) {
				t.Errorf("step %d does not say %s:\n%s", i, pattern, pasted[i])
			}
		}
		if len(want) == 0 && strings.TrimSpace(pasted[i]) != "" {
			t.Errorf("step %d says %s", i, pasted[i])
		}
	}
}

// heading begins a step of the guide.
var heading = regexp.MustCompile(`^[1-9]\. `)

// paste runs all indented lines of a guide in one shell, and returns what each
// step has printed; what comes before the first is step 0.
func paste(t *testing.T, guide string) (steps []string) {
	t.Helper()
	const mark = "=== next step ==="
	var script strings.Builder
	for line := range strings.Lines(guide) {
		switch command, indented := strings.CutPrefix(line, "  "); {
		case indented:
			script.WriteString(command)
		case heading.MatchString(line):
			script.WriteString("echo '" + mark + "'\n")
		}
	}
	bash := exec.Command("bash")
	bash.Stdin = strings.NewReader(script.String()) // as typed, not as a file that is read ahead
	bash.Dir = t.TempDir()
	printed, err := bash.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	return strings.Split(string(printed), mark)
}
