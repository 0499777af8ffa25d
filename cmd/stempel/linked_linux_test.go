package main

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The linker drops methods that nothing calls, unless something that is called
// finds methods by a name that is not constant, by reflect or as text/template
// does. Then it keeps every exported method of every type: a quarter of the
// program, and more with each dependency. Whoever brings that back is named, with
// who calls it.
func TestTheLinkerDropsWhatIsNotCalled(t *testing.T) {
	build := strings.ReplaceAll(readDockerfile(t).build, "/out/", t.TempDir()+"/")
	const flags = `-ldflags="`
	if !strings.Contains(build, flags) {
		t.Fatalf("the Dockerfile builds by %s, without %s", build, flags)
	}
	link := exec.Command("sh", "-c", strings.Replace(build, flags, flags+"-dumpdep ", 1))
	link.Dir = "../.."
	var told bytes.Buffer
	link.Stderr = &told
	if err := link.Run(); err != nil {
		t.Fatalf("%s: %v", build, err)
	}
	found := readLinked(told.String())
	if len(found.caller) < 10_000 || found.caller["main.main"] == "" {
		t.Fatalf("the linker tells of %d symbols only, or no more as it did", len(found.caller))
	}
	for i, name := range found.reflecting {
		if i > 0 && strings.Contains(name, ".Method") {
			continue // reflect.Value's own, and of what embeds one: kept by the first, as is everything
		}
		t.Errorf("%s looks for methods by a name that the linker does not know. It is called so:\n\t%s",
			name, strings.Join(found.path(name), "\n\t"))
	}
}

func TestReadLinked(t *testing.T) {
	found := readLinked("# stempel/cmd/stempel\n" +
		"_ -> main.main\n" +
		"main.main -> type:main.guide <UsedInIface>\n" +
		"main.main -> gob.Send\n" +
		"type:main.guide <UsedInIface> -> main.guide.print <ReflectMethod>\n" +
		"main.guide.print <ReflectMethod> -> gob.Send\n" +
		"gob.Send -> main.main\n" +
		"gob.Send -> reflect.(*Value).Method <UsedInIface,ReflectMethod>\n")
	if want := []string{"main.guide.print", "reflect.(*Value).Method"}; !slices.Equal(found.reflecting, want) {
		t.Errorf("%q reflect, want %q", found.reflecting, want)
	}
	if got, want := found.path("main.guide.print"), []string{"main.main", "type:main.guide", "main.guide.print"}; !slices.Equal(got, want) {
		t.Errorf("reached by %q, want %q", got, want)
	}
}

// linked is what the linker tells with -dumpdep: a line for each symbol that keeps
// another one, as in
//
//	text/template.(*state).evalFieldChain -> text/template.(*state).evalField <ReflectMethod>
type linked struct {
	caller     map[string]string // by what it calls: the first who did
	reflecting []string          // in the linker's order
}

func readLinked(text string) linked {
	found := linked{caller: map[string]string{}}
	for line := range strings.Lines(text) {
		from, to, ok := strings.Cut(strings.TrimSpace(line), " -> ")
		if !ok {
			continue // of go build
		}
		from, _, _ = strings.Cut(from, " <")
		to, marks, _ := strings.Cut(to, " <")
		if _, known := found.caller[to]; known {
			continue
		}
		found.caller[to] = from
		if strings.Contains(marks, "ReflectMethod") {
			found.reflecting = append(found.reflecting, to)
		}
	}
	return found
}

// path leads from main, or from what packages do before it.
func (l linked) path(to string) (names []string) {
	for to != "_" && !slices.Contains(names, to) && !slices.Contains(names, "main.main") {
		names = append(names, to)
		to = l.caller[to]
	}
	slices.Reverse(names)
	return names
}
