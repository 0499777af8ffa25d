package api

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/programfile"
	earnrules "stempel/internal/rules"
)

// ProgramFile is a program as a file has it: the contract's rules, with a key for
// itself and for each reward, where the contract has ids, and with what is in
// stock at the beginning.
type ProgramFile struct {
	Key string

	document *programfile.Document
	stock    map[string]int64 // by the keys of rewards
}

// RewardIDs finds the reward that a key names; false for a new one.
type RewardIDs = func(key string) (loyalty.RewardID, bool)

// newRewards is for a program that is new.
func newRewards(string) (id loyalty.RewardID, known bool) { return id, false }

// ReadPrograms reads a file of programs, and checks them as far as that can be done
// without knowing what is there already. The name is for errors alone. Errors: a
// *programfile.Error for each mistake in each program, joined in the order of the file.
func ReadPrograms(name string, text []byte) ([]*ProgramFile, error) {
	documents, err := programfile.Read(name, text)
	if err != nil {
		return nil, err
	}
	var files []*ProgramFile
	var wrong []error
	keys := map[string]bool{}
	for _, document := range documents {
		file := &ProgramFile{document: document, stock: map[string]int64{}}
		err := file.read()
		if err == nil && keys[file.Key] {
			err = document.Wrong("key", "is the key of another program in this file")
		}
		wrong = append(wrong, err)
		keys[file.Key] = true
		files = append(files, file)
	}
	return files, errors.Join(wrong...)
}

func (f *ProgramFile) read() error {
	f.Key, _ = f.document.Fields["key"].(string)
	wrong := f.takeStock()
	if len(wrong) == 0 && len(f.document.Unread) == 0 && f.Key != "" {
		rules, err := f.Rules(newRewards)
		if err == nil {
			err = f.Explain(earnrules.Check(&rules))
		}
		var first *programfile.Error
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &first):
			return err
		}
		wrong = append(wrong, programfile.Mistake{Field: first.Field, Problem: first.Problem})
	}
	return f.tell(wrong)
}

// tell puts everything that is wrong with the file where it is, given what was found so
// far.
func (f *ProgramFile) tell(found []programfile.Mistake) error {
	all := slices.Clone(f.document.Unread)
	unread := make([]programfile.Mistake, len(all))
	for i, m := range all {
		if unread[i] = (programfile.Mistake{Field: m.Field}); m.Field == "" {
			return f.document.Told(all) // there are no fields
		}
	}
	for _, m := range mistakesIn(fileSchema(), f.document.Fields, unread, found) {
		all = append(all, f.document.Wrong(m.Field, m.Problem))
	}
	return f.document.Told(all)
}

// takeStock takes out of rewards what the contract does not have there.
func (f *ProgramFile) takeStock() (wrong []programfile.Mistake) {
	bad := func(field, problem string) {
		wrong = append(wrong, programfile.Mistake{Field: field, Problem: problem})
	}
	if _, has := f.document.Fields["key"]; !has {
		bad("key", "is missing: a word that names the program, as in corner-cafe")
	}
	rewards, _ := f.document.Fields["rewards"].([]any) // of another type: the schema tells
	if len(rewards) > loyalty.MaxRewards {
		return wrong // likewise
	}
	for i := range rewards {
		reward, ok := rewards[i].(map[string]any)
		if !ok {
			continue
		}
		within := "rewards[" + strconv.Itoa(i) + "]."
		if _, has := reward["key"]; !has {
			bad(within+"key", "is missing: a word that names the reward, as in free-coffee")
		}
		if _, has := reward["id"]; has {
			bad(within+"id", "has no place in a file: the key names the reward")
			delete(reward, "id")
		}
		stock, has := reward["stock"]
		if !has {
			continue
		}
		left, err := strconv.ParseInt(programfile.Show(stock), 10, 64)
		switch {
		case err != nil || left < 0 || left > loyalty.MaxUnits:
			bad(within+"stock", "must be a whole number of at least 0, here it is "+programfile.Found(stock))
		case reward["limited"] != true:
			bad(within+"stock", "is only for rewards that are limited")
		}
		key, _ := reward["key"].(string)
		f.stock[key] = left
		delete(reward, "stock")
	}
	return wrong
}

// Rules are what the file says, with the ids that rewards have, and new ones for
// the others. Errors: a *programfile.Error.
func (f *ProgramFile) Rules(known RewardIDs) (loyalty.Rules, error) {
	had := map[loyalty.RewardID]bool{}
	rewards, _ := f.document.Fields["rewards"].([]any)
	for i := range rewards {
		reward, _ := rewards[i].(map[string]any)
		key, _ := reward["key"].(string)
		if id, ok := known(key); ok {
			reward["id"], had[id] = id.String(), true
			defer delete(reward, "id")
		}
	}
	text, err := json.Marshal(map[string]any{"rules": f.document.Fields}, json.Deterministic(true)) // so is the mistake that is told
	if err != nil {
		return loyalty.Rules{}, err
	}
	var body struct {
		Rules gen.Rules `json:"rules"`
	}
	if err := decodeJSON(text, &body); err != nil {
		return loyalty.Rules{}, f.Explain(err)
	}
	rules, err := rulesOf(&body.Rules, func(id loyalty.RewardID) bool { return had[id] })
	return rules, f.Explain(err)
}

// Stock is what rewards begin with that were not counted before.
func (f *ProgramFile) Stock(before, after *loyalty.Rules) (begin []loyalty.Stock) {
	for i := range after.Rewards {
		reward := &after.Rewards[i]
		left, has := f.stock[reward.Key]
		if was, ok := before.Reward(reward.ID); has && (!ok || !was.Limited) {
			begin = append(begin, loyalty.Stock{Reward: reward.ID, Left: left})
		}
	}
	return begin
}

// Explain turns an error about the file's rules into one that says where in the
// file that is, or several of them, and leaves any other as it is.
func (f *ProgramFile) Explain(err error) error {
	var field *badField
	switch {
	case errors.As(err, &field) && field.code == unknownField:
		return f.document.Wrong(inFile(field.field), "is not a field of a program")
	case errors.As(err, &field):
		return f.document.Wrong(inFile(field.field), field.problem)
	}
	rules := loyalty.FieldErrors(inRules(err))
	if len(rules) == 0 {
		return err
	}
	told := make([]*programfile.Error, len(rules))
	for i, rule := range rules {
		told[i] = f.document.Wrong(inFile(rule.Field), rule.Problem)
	}
	return f.document.Told(told)
}

// inFile is what the file calls a field of a body.
func inFile(field string) string {
	return strings.TrimPrefix(strings.TrimPrefix(field, "rules"), ".")
}

// ProgramText writes rules down as ReadPrograms reads them, under the key that names
// their program among the merchant's.
func ProgramText(key string, rules *loyalty.Rules) ([]byte, error) {
	fields, err := fileView(key, rules)
	if err != nil {
		return nil, err
	}
	return programfile.Write(fields), nil
}

// ProgramChanges is how rules differ from those of the same program before, in the
// words of files; nil before there were any. That a program without a key gets the
// one that names it in files is no change.
func ProgramChanges(before, after *loyalty.Rules) ([]programfile.Change, error) {
	is, err := fileView(after.FileKey(), after)
	if err != nil || before == nil {
		return programfile.Diff(nil, is), err
	}
	key := before.Key
	if key == "" {
		key = after.FileKey()
	}
	was, err := fileView(key, before)
	return programfile.Diff(was, is), err
}

// fileView is rulesView with keys in place of ids.
func fileView(key string, rules *loyalty.Rules) (map[string]any, error) {
	text, err := json.Marshal(rulesView(rules))
	if err != nil {
		return nil, err
	}
	fields, err := programfile.FromJSON(text)
	if err != nil {
		return nil, err
	}
	keys := map[string]string{}
	for id, key := range rules.RewardKeys() {
		keys[id.String()] = key
	}
	rewards, _ := fields["rewards"].([]any)
	for i := range rewards {
		reward := rewards[i].(map[string]any)
		reward["key"] = reward["id"]
		delete(reward, "id")
	}
	fields["key"] = key
	return withKeys(fields, keys).(map[string]any), nil
}

// withKeys puts keys where the ids of rewards are.
func withKeys(value any, keys map[string]string) any {
	switch value := value.(type) {
	case string:
		if key, ok := keys[value]; ok {
			return key
		}
	case []any:
		for i := range value {
			value[i] = withKeys(value[i], keys)
		}
	case map[string]any:
		for name := range value {
			value[name] = withKeys(value[name], keys)
		}
	}
	return value
}
