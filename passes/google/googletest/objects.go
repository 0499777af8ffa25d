package googletest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"time"

	api "google.golang.org/api/walletobjects/v1"
)

// mostNotified is how often phones are notified of an object in a day.
const mostNotified = 3

func (g *Google) insertClass(w http.ResponseWriter, r *http.Request) {
	var class api.LoyaltyClass
	if err := read(r, &class, nil); err != nil {
		refuse(w, http.StatusBadRequest, "%s", err)
		return
	}
	if err := checkClass(&class); err != nil {
		refuse(w, http.StatusBadRequest, "%s", err)
		return
	}
	if g.classes[class.Id] != nil {
		refuse(w, http.StatusConflict, "class %s exists", class.Id)
		return
	}
	g.classes[class.Id] = &class
	tell(w, http.StatusOK, &class)
}

func (g *Google) getClass(w http.ResponseWriter, r *http.Request) {
	if class := g.classes[r.PathValue("id")]; class != nil {
		tell(w, http.StatusOK, class)
		return
	}
	refuse(w, http.StatusNotFound, "no class %s", r.PathValue("id"))
}

func (g *Google) patchClass(w http.ResponseWriter, r *http.Request) {
	old := g.classes[r.PathValue("id")]
	if old == nil {
		refuse(w, http.StatusNotFound, "no class %s", r.PathValue("id"))
		return
	}
	var class api.LoyaltyClass
	err := read(r, &class, old)
	if err == nil && class.Id != old.Id {
		err = errors.New("an id cannot change")
	}
	if err == nil {
		err = checkClass(&class)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "%s", err)
		return
	}
	g.classes[class.Id] = &class
	tell(w, http.StatusOK, &class)
}

func (g *Google) insertObject(w http.ResponseWriter, r *http.Request) {
	var made object
	err := read(r, &made.LoyaltyObject, nil)
	if err == nil {
		err = checkObject(&made.LoyaltyObject)
	}
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest, "%s", err)
	case g.classes[made.ClassId] == nil:
		refuse(w, http.StatusNotFound, "no class %s", made.ClassId)
	case g.objects[made.Id] != nil:
		refuse(w, http.StatusConflict, "object %s exists", made.Id)
	default:
		made.NotifyPreference = ""
		made.writes = 1
		g.objects[made.Id] = &made
		tell(w, http.StatusOK, &made.LoyaltyObject)
	}
}

func (g *Google) getObject(w http.ResponseWriter, r *http.Request) {
	if o := g.objects[r.PathValue("id")]; o != nil {
		tell(w, http.StatusOK, &o.LoyaltyObject)
		return
	}
	refuse(w, http.StatusNotFound, "no object %s", r.PathValue("id"))
}

func (g *Google) patchObject(w http.ResponseWriter, r *http.Request) {
	old := g.objects[r.PathValue("id")]
	if old == nil {
		refuse(w, http.StatusNotFound, "no object %s", r.PathValue("id"))
		return
	}
	changed := *old
	err := read(r, &changed.LoyaltyObject, &old.LoyaltyObject)
	if err == nil && (changed.Id != old.Id || changed.ClassId != old.ClassId) {
		err = errors.New("an id cannot change")
	}
	if err == nil {
		err = checkObject(&changed.LoyaltyObject)
	}
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest, "%s", err)
	case changed.NotifyPreference != "" && changed.holders > 0 && !changed.notify(g.now()):
		refuse(w, http.StatusTooManyRequests, "more than %d notifications of %s in 24 hours", mostNotified, changed.Id)
	default:
		changed.NotifyPreference = "" // it is the request's
		changed.writes++
		g.objects[changed.Id] = &changed
		tell(w, http.StatusOK, &changed.LoyaltyObject)
	}
}

// addMessage adds a message, also one whose id is there already: the reference says
// that ids may repeat.
func (g *Google) addMessage(w http.ResponseWriter, r *http.Request) {
	old := g.objects[r.PathValue("id")]
	if old == nil {
		refuse(w, http.StatusNotFound, "no object %s", r.PathValue("id"))
		return
	}
	var added api.AddMessageRequest
	err := read(r, &added, nil)
	if err == nil && added.Message == nil {
		err = errors.New("message is required")
	}
	changed := *old
	if err == nil {
		changed.Messages = append(slices.Clone(old.Messages), added.Message)
		err = checkObject(&changed.LoyaltyObject)
	}
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest, "%s", err)
	case added.Message.MessageType == "TEXT_AND_NOTIFY" && changed.holders > 0 && !changed.notify(g.now()):
		refuse(w, http.StatusTooManyRequests, "more than %d notifications of %s in 24 hours", mostNotified, changed.Id)
	default:
		g.objects[changed.Id] = &changed
		tell(w, http.StatusOK, &api.LoyaltyObjectAddMessageResponse{Resource: &changed.LoyaltyObject})
	}
}

// notify notes a notification, if one more is allowed.
func (o *object) notify(now time.Time) bool {
	recent := 0
	for _, at := range o.notifications {
		if now.Sub(at) < 24*time.Hour {
			recent++
		}
	}
	if recent >= mostNotified {
		return false
	}
	o.notifications = append(o.notifications[:len(o.notifications):len(o.notifications)], now)
	return true
}

// maxBody in bytes.
const maxBody = 1 << 20

// read reads a body into a value of the API's types: whole, or over what stood
// before. A list takes the place of the former.
func read[T any](r *http.Request, into, before *T) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return err
	}
	if err := shaped(body, reflect.TypeFor[T](), before != nil); err != nil {
		return err
	}
	if before == nil {
		return json.Unmarshal(body, into)
	}
	merged, err := merge(before, body)
	if err != nil {
		return err
	}
	*into = *new(T)
	return json.Unmarshal(merged, into)
}

// merge is a JSON merge patch (RFC 7396).
func merge(before any, patch []byte) ([]byte, error) {
	text, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	var target, change map[string]any
	if err := errors.Join(json.Unmarshal(text, &target), json.Unmarshal(patch, &change)); err != nil {
		return nil, err
	}
	return json.Marshal(mergeInto(target, change))
}

func mergeInto(target, change map[string]any) map[string]any {
	if target == nil {
		target = map[string]any{}
	}
	for name, value := range change {
		if inner, isObject := value.(map[string]any); isObject {
			before, _ := target[name].(map[string]any)
			target[name] = mergeInto(before, inner)
			continue
		}
		if value == nil {
			delete(target, name)
			continue
		}
		target[name] = value
	}
	return target
}
