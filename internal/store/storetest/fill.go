package storetest

import (
	"fmt"
	"reflect"
	"time"

	"stempel/internal/loyalty/loyaltytest"
)

// fill gives every field of a struct a value that no other field has, so that a
// column that is missing, or two that are swapped, cannot go unnoticed. A field
// added to the domain is filled too, and then found missing here.
func fill(row any) {
	n := int64(0)
	fillValue(reflect.ValueOf(row).Elem(), &n)
}

func fillValue(v reflect.Value, n *int64) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(loyaltytest.Now.Add(time.Duration(*n) * time.Microsecond)))
		return
	case []byte:
		v.SetBytes(fmt.Appendf(nil, "bytes %d", *n))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillValue(v.Field(i), n)
		}
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(*n + int64(i)))
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Uint8:
		v.SetUint(uint64(*n))
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(1_000 + *n)
	default:
		panic(fmt.Sprintf("storetest: cannot fill a %s", v.Type()))
	}
}
