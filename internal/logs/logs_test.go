package logs

import (
	"errors"
	"testing"
)

func TestPanic(t *testing.T) {
	t.Parallel()
	const secret = "Marta"
	for name, tt := range map[string]struct {
		cause func()
		want  string
	}{
		"text":  {func() { panic("no card of " + secret) }, "a string"},
		"error": {func() { panic(errors.New("no card of " + secret)) }, "a *errors.errorString"},
		"value": {func() { panic(map[string]string{"name": secret}) }, "a map[string]string"},
		"index": {func() { _ = []byte(secret)[len(secret)] }, "runtime error: index out of range [5] with length 5"},
		"type":  {func() { _ = any(secret).(int) }, "interface conversion: interface {} is string, not int"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got := Panic(recover()).Value.String(); got != tt.want {
					t.Errorf("%q, want %q", got, tt.want)
				}
			}()
			tt.cause()
		})
	}
}
