// Command celgo writes what cel-go says to conditions, as vectors that package cel
// is held to: some by hand, others made up at random, the same each time.
//
//	go run . >../testdata/vectors.json
package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
)

//go:embed conditions.txt
var conditions string

type line struct {
	Category string `cel:"category"`
	Quantity int64  `cel:"quantity"`
}

type sale struct {
	Lines   []line   `cel:"lines"`
	Numbers []int64  `cel:"numbers"`
	Words   []string `cel:"words"`
	Name    string   `cel:"name"`
	Count   int64    `cel:"count"`
	Paid    bool     `cel:"paid"`
}

// shown is what cel_test.go shows to its conditions, too.
var shown = sale{
	Lines:   []line{{"fruit", 2000}, {"bread", 1000}, {"", -500}},
	Numbers: []int64{3, 1, 4, 1, 5},
	Words:   []string{"a", "b", "żółć"},
	Name:    "Łódź", Count: 7, Paid: true,
}

type vector struct {
	Condition string `json:"condition"`
	Want      string `json:"want"` // true, false, error or refused
	ByHand    bool   `json:"by_hand,omitempty"`
}

func main() {
	env, err := cel.NewEnv(
		ext.NativeTypes(reflect.TypeFor[sale](), ext.ParseStructTags(true)),
		cel.Variable("sale", cel.ObjectType("main.sale")),
	)
	if err != nil {
		log.Fatal(err)
	}
	var vectors []vector
	for text := range strings.Lines(conditions) {
		if text = strings.TrimSuffix(text, "\n"); text != "" {
			vectors = append(vectors, vector{text, ask(env, text), true})
		}
	}
	random := maker{rand.New(rand.NewPCG(1, 2))}
	for range 800 {
		text := random.bool(4)
		vectors = append(vectors, vector{text, ask(env, text), false})
	}
	out := bufio.NewWriter(os.Stdout)
	for i, v := range vectors {
		one, err := json.Marshal(v)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprint(out, [...]string{"[\n", ",\n"}[min(i, 1)], string(one))
	}
	fmt.Fprintln(out, "\n]")
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

func ask(env *cel.Env, text string) string {
	ast, issues := env.Compile(text)
	if issues.Err() != nil || ast.OutputType() != cel.BoolType {
		return "refused"
	}
	program, err := env.Program(ast)
	if err != nil {
		log.Fatal(text, ": ", err)
	}
	said, _, err := program.Eval(map[string]any{"sale": shown})
	if err != nil {
		return "error"
	}
	return fmt.Sprint(said.Value())
}

// maker makes conditions up. Depth is how much more may stand within.
type maker struct{ *rand.Rand }

func (m maker) one(of ...string) string { return of[m.IntN(len(of))] }

func (m maker) bool(depth int) string {
	if depth == 0 {
		return m.one("true", "false", "sale.paid", "1 / 0 == 1", "sale.count > 5")
	}
	d := depth - 1
	switch m.IntN(9) {
	case 0:
		return m.bool(d) + m.one(" && ", " || ", "&&", "||") + m.bool(d)
	case 1:
		return "!(" + m.bool(d) + ")"
	case 2:
		return m.int(d) + m.one(" < ", " <= ", " > ", " >= ", " == ", " != ") + m.int(d)
	case 3:
		return m.string(d) + m.one(" < ", " <= ", " > ", " >= ", " == ", " != ") + m.string(d)
	case 4:
		return m.int(d) + " in " + m.ints(d)
	case 5:
		return m.string(d) + "." + m.one("contains", "startsWith", "endsWith") + "(" + m.string(d) + ")"
	case 6:
		return "(" + m.bool(d) + " ? " + m.bool(d) + " : " + m.bool(d) + ")"
	case 7:
		return m.ints(d) + "." + m.one("exists", "all", "exists_one") + "(n, " + m.one("n > 2", "10 / (n - 1) > 3", "n == 4 || "+m.bool(d)) + ")"
	}
	return "sale.lines." + m.one("exists", "all", "exists_one") + "(l, " + m.one("l.quantity > 0", `l.category == "bread"`, m.bool(d)) + ")"
}

func (m maker) int(depth int) string {
	if depth == 0 {
		return m.one("0", "1", "-1", "7", "0x10", "sale.count", "9223372036854775807", "-9223372036854775808")
	}
	d := depth - 1
	switch m.IntN(7) {
	case 0, 1:
		return "(" + m.int(d) + m.one(" + ", " - ", " * ", " / ", " % ") + m.int(d) + ")"
	case 2:
		return "-" + m.int(d)
	case 3:
		return "size(" + m.ints(d) + ")"
	case 4:
		return m.string(d) + ".size()"
	case 5:
		return m.ints(d) + "[" + m.int(0) + "]"
	}
	return m.int(d) + m.one("+", "-", "*", "/", "%") + m.int(d)
}

func (m maker) ints(depth int) string {
	if depth == 0 {
		return m.one("sale.numbers", "[1, 2, 3]", "[sale.count, 0]", "[5,]")
	}
	d := depth - 1
	switch m.IntN(3) {
	case 0:
		return m.ints(d) + ".filter(n, " + m.one("n > 1", "n % 2 == 0", m.bool(d)) + ")"
	case 1:
		return m.ints(d) + ".map(n, " + m.one("n * n", "10 / n", m.int(d)) + ")"
	}
	return m.ints(d)
}

func (m maker) string(depth int) string {
	if depth == 0 {
		return m.one("sale.name", `"a"`, "'Ł'", `"\u017c\x41\n\101"`, `r"\n"`, `""`, "sale.words[2]", "'''a'b'''")
	}
	if d := depth - 1; m.IntN(2) == 0 {
		return "(" + m.string(d) + " + " + m.string(d) + ")"
	}
	return m.string(depth - 1)
}
