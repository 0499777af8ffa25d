package passes

import (
	"strings"
	"time"

	"stempel/internal/loyalty"
)

// mostReady is how many rewards a line names before it only counts.
const mostReady = 3

func textsOf(s *speaker, f *Face, of *Subject, zone *time.Location) Texts {
	kind := string(f.Kind)
	count := s.units(f)
	t := Texts{
		Language:      s.language,
		Description:   s.tell("about", words{"Title": f.Title, "Brand": f.Brand.Name, "Now": count}),
		ProgressLabel: s.say("progress.label." + kind),
		Progress:      s.number(f.Progress.Have),
		Count:         count,
		NextLabel:     s.say("next.label"),
		Next:          s.next(f, of),
		ReadyLabel:    s.say("ready.label"),
		Ready:         s.ready(f.Ready),
		ReadyLines:    s.readyLines(f.Ready, zone),
		ChangeLabel:   s.say("change.label"),
		Change:        s.news(f, of, count, zone),
		NoticeLabel:   s.say("notice.label"),
		ExpiryLabel:   s.say("expiry.label"),
		HolderLabel:   s.say("holder.label"),
		ShopsLabel:    s.say("shops.label"),
	}
	if f.Kind == loyalty.Stamps {
		t.Progress = s.tell("progress.stamps", words{"Have": s.number(f.Progress.Have), "Of": s.number(f.Progress.Of)})
	}
	s.standing(&t, f, of, zone)
	if f.State != Active {
		t.Notice = s.say("notice." + string(f.State))
		t.Next, t.Change = t.Notice, t.Notice
	}
	switch {
	case f.Expiring.Units > 0:
		t.Soon = s.count("expiry.soon", f.Expiring.Units, words{"Date": s.date(f.Expiring.Expires, zone)})
		t.Expiry = s.tell("expiry.points", words{"Date": s.date(f.Expiring.Expires, zone), "Points": s.count("count.points", f.Expiring.Units, nil)})
	case !f.Lapses.IsZero():
		t.Expiry = s.date(f.Lapses, zone)
	case !f.Ends.IsZero():
		t.Expiry = s.date(f.Ends, zone)
	}
	t.Nearby = s.tell("nearby", words{"Title": f.Title, "Next": t.Next})
	return t
}

// units is what the card holds: "7 of 10 stamps".
func (s *speaker) units(f *Face) string {
	if f.Kind == loyalty.Stamps {
		return s.count("count.stamps", f.Progress.Of, words{"Have": s.number(f.Progress.Have)})
	}
	if f.Kind == loyalty.Discount {
		return s.tell("count.discount", words{"Percent": s.percent(f.Standing.Rate)})
	}
	return s.count("count.points", f.Progress.Have, nil)
}

// next says what is missing to the next reward.
func (s *speaker) next(f *Face, of *Subject) string {
	next := f.Progress.Next
	switch {
	case of.Program.Archived || !f.Ends.IsZero() && !of.Now.Before(f.Ends):
		return s.say("next.over")
	case of.Excluded:
		return s.say("next.excluded")
	case next.Missing > 0:
		return s.count("next."+string(f.Kind), next.Missing, words{"Reward": next.Name})
	case len(f.Ready) > 0:
		return s.say("next.all")
	}
	return s.say("next.collect")
}

// ready names the rewards that can be had, in one line.
func (s *speaker) ready(list []Ready) string {
	if len(list) == 0 {
		return s.say("ready.none")
	}
	var names []string
	for _, r := range list[:min(len(list), mostReady)] {
		names = append(names, s.several(r))
	}
	line := strings.Join(names, ", ")
	if more := len(list) - mostReady; more > 0 {
		line += " " + s.tell("ready.more", words{"Count": s.number(int64(more))})
	}
	return line
}

// readyLines names each of them, with what it costs and until when it is good.
func (s *speaker) readyLines(list []Ready, zone *time.Location) []string {
	var lines []string
	for _, r := range list {
		line := s.several(r)
		if r.Cost > 0 {
			line = s.count("ready.cost", r.Cost, words{"Reward": line})
		}
		if !r.Expires.IsZero() {
			line = s.tell("ready.until", words{"Reward": line, "Date": s.date(r.Expires, zone)})
		}
		lines = append(lines, line)
	}
	return lines
}

func (s *speaker) several(r Ready) string {
	line := r.Name
	if r.Count > 1 {
		line = s.tell("ready.several", words{"Count": s.number(int64(r.Count)), "Reward": r.Name})
	}
	if r.Left > 0 && r.Currency != "" {
		line = s.tell("ready.left", words{"Reward": line, "Left": Money(s.language, r.Left, r.Currency)})
	}
	return line
}
