package resource_test

import (
	"reflect"
	"strings"
	"testing"

	api "google.golang.org/api/walletobjects/v1"

	"stempel/passes/google/resource"
)

// Every field is one of Google's own client, of the same name and the same kind.
func TestFieldsAreGoogles(t *testing.T) {
	t.Parallel()
	holds(t, reflect.TypeFor[resource.LoyaltyClass](), reflect.TypeFor[api.LoyaltyClass]())
	holds(t, reflect.TypeFor[resource.LoyaltyObject](), reflect.TypeFor[api.LoyaltyObject]())
	holds(t, reflect.TypeFor[resource.AddMessageRequest](), reflect.TypeFor[api.AddMessageRequest]())
}

func holds(t *testing.T, ours, googles reflect.Type) {
	t.Helper()
	ours, googles = element(ours), element(googles)
	if ours.Kind() != googles.Kind() {
		t.Errorf("%s is %s, and Google's is %s", ours, ours.Kind(), googles.Kind())
		return
	}
	if ours.Kind() != reflect.Struct {
		return
	}
	names := map[string]reflect.StructField{}
	for i := range googles.NumField() {
		field := googles.Field(i)
		names[form(field)] = field
	}
	for i := range ours.NumField() {
		field := ours.Field(i)
		if form(field) == "-" {
			continue
		}
		google, ok := names[form(field)]
		if !ok {
			t.Errorf("%s.%s: Google has no %s", ours, field.Name, form(field))
			continue
		}
		holds(t, field.Type, google.Type)
	}
}

// form is a field's name in JSON, and whether it is a number in quotes.
func form(field reflect.StructField) string {
	return strings.ReplaceAll(field.Tag.Get("json"), ",omitempty", "")
}

// element is what a type points to or lists.
func element(of reflect.Type) reflect.Type {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	return of
}
