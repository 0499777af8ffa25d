package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jessevdk/go-flags"
)

// command is what the program can be told to do. Its fields are its flags, and
// those of Args what follows them. Flags that name a variable in their env tag can
// also be given in the environment, as environment does it.
type command interface {
	Run(ctx context.Context, to streams) error
}

// configured is a command whose configuration can be wrong. It is checked before
// the command runs.
type configured interface{ check(wrong *problems) }

// allCommands are what the command line has.
func allCommands() *commandLine {
	line := newCommandLine("stempel", "A self-hosted loyalty backend: stamps and points that are credited once, provably.")
	all := line.menu()
	all.add("serve", "Run the API server.", &serveCommand{})
	all.add("demo", "Run a server with a seeded merchant, and show how it is used.", &demoCommand{})
	all.add("migrate", "Bring the database to this version's tables, and stop.", &migrateCommand{})

	merchant := all.sub("merchant", "Make merchants, and list them.")
	merchant.add("add", "Make a merchant and its first admin key, which is shown once.", &addMerchant{})
	merchant.add("list", "List all merchants.", &listMerchants{})
	merchant.add("key", "Make one more admin key of a merchant that has lost its own.", &merchantKey{})

	all.add("apply", "Make a merchant's programs what files say, after showing the difference.", &applyCommand{})
	program := all.sub("program", "Write programs as files for stempel apply.")
	program.add("export", "Write programs as YAML.", &exportPrograms{})
	program.add("replay", "Say what other rules would have meant for a program's cards, and change nothing.", &replayProgram{})
	program.add("template", "Write a ready-made program as YAML.", &showTemplate{})
	program.add("schema", "Write the JSON Schema of such files, with which editors check and complete them.", &programSchema{})

	all.add("poster", "Draw the poster that leads people to a program, as PDF, PNG or SVG.", &posterCommand{})
	all.add("import", "Move cards with their balances, and members, in from a CSV file.", &importCommand{})
	codes := all.sub("codes", "Fill the pools of rewards that are codes of a partner.")
	codes.add("import", "Import codes of a partner from a CSV file.", &importCodes{})
	all.add("export", "Write all data of a merchant as CSV or NDJSON.", &exportCommand{})

	keys := all.sub("keys", "List, rotate and retire signing keys.")
	keys.add("list", "List all keys with purpose, state and age.", &listKeys{})
	keys.add("rotate", "Add a key that is published now and signs later; older ones go on verifying.", &rotateKeys{})
	keys.add("retire", "End a key: what it signed is refused from now on. What it sealed is sealed anew first.", &retireKeys{})
	keys.add("reseal", "Bring what is known of members, the secrets of webhooks and codes of partners under the keys in use.", &resealKeys{})
	keys.add("new-master", "Print a fresh master key for STEMPEL_MASTER_KEY.", &newMaster{})

	tags := all.sub("tags", "Register NFC chips for cards and counters, list and revoke them.")
	tags.add("register", "Register an NFC chip for a card or a counter, and print what to write to it.", &registerTag{})
	tags.add("renew", "Give a registered chip other keys, and print what to write to it.", &renewTag{})
	tags.add("revoke", "End an NFC tag that was lost or taken away, at once.", &revokeTag{})
	tags.add("list", "List the NFC tags of a merchant.", &listTags{})

	jobs := all.sub("jobs", "Show updates of wallets, letters and reminders that failed for good, and have them tried again.")
	jobs.add("dead", "List the dead letters: jobs that failed for good, with what they failed at.", &deadJobs{})
	jobs.add("replay", "Have dead letters tried again.", &replayJobs{})

	all.add("backup", "Write everything into one file while tills go on.", &backupCommand{})
	all.add("restore", "Put a backup into an empty database, of either kind, and audit it.", &restoreCommand{})
	all.add("audit", "Recompute every chain and balance; exit 0 only when all holds.", &auditCommand{})
	all.add("health", "Ask the server on this machine whether it is ready; exit 0 when it is.", &healthCommand{})
	all.add("version", "Print the version.", &versionCommand{})
	return line
}

// commandLine knows what may be typed, and whom it is for.
type commandLine struct {
	parser *flags.Parser
	runs   map[*flags.Command]command
}

func newCommandLine(name, about string) *commandLine {
	parser := flags.NewNamedParser(name, flags.HelpFlag|flags.PassDoubleDash)
	parser.LongDescription = about
	line := &commandLine{parser: parser, runs: map[*flags.Command]command{}}
	parser.UnknownOptionHandler = line.unknown
	return line
}

// parse reads what was typed. Errors: one that flags.WroteHelp knows is the help
// that was asked for.
func (l *commandLine) parse(args []string) (*flags.Command, error) {
	rest, err := l.parser.ParseArgs(args)
	var number *strconv.NumError
	switch {
	case errors.As(err, &number):
		err = fmt.Errorf("%q is not a whole number", number.Num)
	case err == nil && len(rest) > 0:
		err = fmt.Errorf("unexpected argument %s", rest[0])
	}
	return l.active(), err
}

// active is the command that was typed, as far as it was.
func (l *commandLine) active() *flags.Command {
	active := l.parser.Command
	for active.Active != nil {
		active = active.Active
	}
	return active
}

// unknown says which flag may have been meant.
func (l *commandLine) unknown(name string, _ flags.SplitArgument, _ []string) ([]string, error) {
	nearest, least := "", 0
	for _, option := range l.active().Options() {
		if n := edits(name, option.LongName); nearest == "" || n < least {
			nearest, least = option.LongName, n
		}
	}
	if least >= (len(nearest)+1)/2 { // another word altogether
		return nil, fmt.Errorf("unknown flag --%s", name)
	}
	return nil, fmt.Errorf("unknown flag --%s, did you mean --%s?", name, nearest)
}

// edits is how many letters have to be added, removed or changed to make one word
// of the other: the Levenshtein distance.
func edits(from, to string) int {
	above := make([]int, len(to)+1)
	for j := range above {
		above[j] = j
	}
	for i := range len(from) {
		left, corner := i+1, i
		for j := range len(to) {
			here := min(left, above[j+1]) + 1
			if from[i] == to[j] {
				here = min(here, corner)
			} else {
				here = min(here, corner+1)
			}
			corner, above[j], left = above[j+1], left, here
		}
		above[len(to)] = left
	}
	return above[len(to)]
}

// menu is a place on the command line where a command is chosen.
type menu struct {
	line *commandLine
	at   *flags.Command
}

func (l *commandLine) menu() menu { return menu{l, l.parser.Command} }

func (m menu) add(name, help string, c command) { m.line.runs[m.command(name, help, c)] = c }

func (m menu) sub(name, help string) menu { return menu{m.line, m.command(name, help, &struct{}{})} }

func (m menu) command(name, help string, fields any) *flags.Command {
	made, err := m.at.AddCommand(name, help, help, fields)
	if err != nil {
		panic("the command " + name + ": " + err.Error()) // its tags are wrong: every start would tell
	}
	return made
}
