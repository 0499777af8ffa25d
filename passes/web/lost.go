package web

// Lost is the page for those who have lost their card: it asks for the address to
// which a letter goes.
type Lost struct {
	Page
	Title string // of the program
	Wrong bool   // what was filled in is no address
}

// RenderLost renders the page that asks for an address.
func RenderLost(p *Lost) ([]byte, error) { return execute("lost.html", p) }
