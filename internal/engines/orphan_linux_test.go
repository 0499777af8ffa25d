package engines_test

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
)

// A parent that is killed has no time to stop its servers; they must go alone.
func TestServersDieWithTheirParent(t *testing.T) {
	const childVariable = "ENGINES_TEST_CHILD"
	if os.Getenv(childVariable) != "" {
		fmt.Println(enginetest.PrivatePostgres(t).URL())
		fmt.Println(enginetest.PrivateRedis(t).URL())
		time.Sleep(time.Hour) // until killed
	}
	enginetest.PrivateRedis(t) // skips this test where there are no servers
	temp, err := os.MkdirTemp("", "engines-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(temp) })
	if err := os.Chmod(temp, 0o755); err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(os.Args[0], "-test.run=^TestServersDieWithTheirParent$")
	parent.Env = append(os.Environ(), childVariable+"=1", "TMPDIR="+temp)
	parent.Stderr = os.Stderr
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	var hosts []string
	for range 2 {
		lines.Scan()
		u, err := url.Parse(lines.Text())
		if err != nil || u.Host == "" {
			t.Fatalf("the parent said %q", lines.Text())
		}
		hosts = append(hosts, u.Host)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed, as wanted
	for _, host := range hosts {
		for {
			conn, err := net.Dial("tcp4", host)
			if err != nil {
				break // gone; should it stay, the test's own limit ends this loop
			}
			conn.Close()
			time.Sleep(10 * time.Millisecond)
		}
	}
}
