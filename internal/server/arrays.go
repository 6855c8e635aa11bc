package server

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// withoutNil gives a value in which every nil slice and map is an empty one, so that no list is null in an answer.
// It copies what it changes: an answer may share its parts with a cache.
func withoutNil(v any) any {
	if v == nil {
		return nil
	}
	in := reflect.ValueOf(v)
	if out, changed := filled(in); changed {
		return out.Interface()
	}
	return v
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	holdsSlice    sync.Map // reflect.Type → bool
)

// mayHoldNil says whether a value of the type can hold a nil slice or map that is written as null.
func mayHoldNil(t reflect.Type, above map[reflect.Type]bool) bool {
	if known, ok := holdsSlice.Load(t); ok {
		return known.(bool)
	}
	if above[t] {
		return true // a type within itself: look at the value
	}
	above[t] = true
	defer delete(above, t)
	may := false
	switch {
	case t.Implements(jsonMarshaler) || t.Implements(textMarshaler) || reflect.PointerTo(t).Implements(jsonMarshaler):
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Map, t.Kind() == reflect.Interface:
		may = true
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Array:
		may = mayHoldNil(t.Elem(), above)
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && f.Tag.Get("json") != "-" && mayHoldNil(f.Type, above) {
				may = true
				break
			}
		}
	}
	if len(above) == 1 { // the outermost type: nothing was assumed on the way
		holdsSlice.Store(t, may)
	}
	return may
}

// filled is the value without nil slices and maps, and whether it differs from what was given.
func filled(v reflect.Value) (reflect.Value, bool) {
	if !v.IsValid() || !mayHoldNil(v.Type(), map[reflect.Type]bool{}) {
		return v, false
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v, false
		}
		inner, changed := filled(v.Elem())
		if !changed {
			return v, false
		}
		if v.Kind() == reflect.Interface {
			out := reflect.New(v.Type()).Elem()
			out.Set(inner)
			return out, true
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(inner)
		return out, true
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v, false // bytes are written as text
		}
		if v.IsNil() {
			return reflect.MakeSlice(v.Type(), 0, 0), true
		}
		out, changed := v, false
		for i := range v.Len() {
			if inner, c := filled(v.Index(i)); c {
				if !changed {
					out, changed = reflect.MakeSlice(v.Type(), v.Len(), v.Len()), true
					reflect.Copy(out, v)
				}
				out.Index(i).Set(inner)
			}
		}
		return out, changed
	case reflect.Map:
		if v.IsNil() {
			return reflect.MakeMap(v.Type()), true
		}
		out, changed := v, false
		for it := v.MapRange(); it.Next(); {
			if inner, c := filled(it.Value()); c {
				if !changed {
					out, changed = reflect.MakeMapWithSize(v.Type(), v.Len()), true
					for copied := v.MapRange(); copied.Next(); {
						out.SetMapIndex(copied.Key(), copied.Value())
					}
				}
				out.SetMapIndex(it.Key(), inner)
			}
		}
		return out, changed
	case reflect.Struct:
		out, changed := v, false
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || v.Field(i).IsZero() && strings.Contains(f.Tag.Get("json"), ",omit") {
				continue
			}
			if inner, c := filled(v.Field(i)); c {
				if !changed {
					out, changed = reflect.New(v.Type()).Elem(), true
					out.Set(v)
				}
				out.Field(i).Set(inner)
			}
		}
		return out, changed
	}
	return v, false
}
